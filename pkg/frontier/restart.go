package frontier

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
)

// othersMeet is how long after this process the others may meet a server that was started anew: nats.go waits 2 s between
// two attempts to connect, and up to 100 ms more.
const othersMeet = 3 * time.Second

// restarts notices that the server was started anew, for then it may know less than it had answered for: it syncs its files
// every two minutes, so a power cut costs what came after, as does a copy of its files that is put in their place. A lane's
// record may so be of before the lane's last requests. Where the bucket has replicas, a majority of them knows better.
//
// A process that is itself started after that cannot tell, and takes the records as they are. To rest every lane at every start
// would cost a fleet more, at each of its deployments, than it saves: between a lane's last request and the first of a new
// process lie a restart of the server and that of the process, which as a rule is longer than the delay.
type restarts struct {
	nc *nats.Conn

	mu   sync.Mutex
	id   string        // of the server
	at   time.Time     // when it was first met; zero for the one that was there when the frontier was opened
	next chan struct{} // closed when another is met
}

func newRestarts(nc *nats.Conn) *restarts {
	return &restarts{nc: nc, id: nc.ConnectedServerId(), next: make(chan struct{})}
}

// look gives when the server was met, the zero time if it never was another, and what is closed when it is another. A nil
// *restarts notices nothing.
func (r *restarts) look() (at time.Time, next <-chan struct{}) {
	if r == nil {
		return time.Time{}, nil
	}
	id := r.nc.ConnectedServerId() // "" while there is no connection
	r.mu.Lock()
	defer r.mu.Unlock()
	if id != "" && id != r.id {
		if r.id != "" {
			r.at = time.Now()
			close(r.next)
			r.next = make(chan struct{})
		}
		r.id = id
	}
	return r.at, r.next
}

// doubt is when the server was met that gave rec, if rec was written before: then others may have asked the lane since, up
// to that time or until they met the server too. Otherwise it is the zero time.
func (f *Frontier) doubt(rec record) time.Time {
	at, _ := f.restarts.look()
	if at.IsZero() || rec.written.After(at.Add(f.cfg.margin())) {
		return time.Time{}
	}
	return at
}

// lookAround notes which streams one server has alone, and begins to look for restarts where that one forgets what the lanes'
// records said. Replicas that are added while the frontier is open cost nothing but a late wake-up: records are written by
// compare-and-set, and the walk through the tasks finds what a read from a replica that lags missed.
func (f *Frontier) lookAround(ctx context.Context) error {
	f.alone = make(map[string]bool)
	streams := []string{f.cfg.bucketStream()}
	for i := range f.cfg.Shards {
		streams = append(streams, f.cfg.taskStream(i))
	}
	for _, name := range streams {
		s, err := f.stream(ctx, name)
		if err != nil {
			return fmt.Errorf("look at stream %s: %w", name, f.explain(err))
		}
		cfg := s.CachedInfo().Config
		f.alone[name] = cfg.Replicas <= 1 && cfg.AllowDirect
		if name == f.cfg.bucketStream() && cfg.Replicas <= 1 {
			f.restarts = newRestarts(f.nc)
		}
	}
	return nil
}

// meet looks for restarts whenever a connection stands, until the frontier closes, so that who holds a turn hears of them.
func (f *Frontier) meet() {
	connected := f.nc.StatusChanged(nats.CONNECTED)
	defer f.nc.RemoveStatusListener(connected)
	for {
		select {
		case <-f.ctx.Done():
			return
		case _, ok := <-connected:
			if !ok { // the connection is closed
				return
			}
			f.restarts.look()
		}
	}
}
