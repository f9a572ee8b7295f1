package frontier

import (
	"sync"
	"testing"

	"github.com/nats-io/nats.go"
	"go.uber.org/goleak"
)

// A frontier that is closed right after its first put leaves nothing running on a connection that stays open. What leaked
// did so once in a few hundred times.
func TestCloseAtOnce(t *testing.T) {
	ts := startServer(t)
	js := ts.connect(t)
	p := page("a.example", 1)
	f, err := Open(t.Context(), js, hour, nil)
	must(t, err)
	mustPut(t, f, p)
	f.Close()
	before := goleak.IgnoreCurrent()
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			for range 20 {
				f, err := Open(t.Context(), js, hour, nil)
				if err == nil {
					_, err = f.publish(t.Context(), "put", []*nats.Msg{f.turnMsg("a_example", 0)})
					f.Close()
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if err := goleak.Find(before); err != nil {
		t.Error(err)
	}
}
