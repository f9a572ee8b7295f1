package frontier

import (
	"context"
	"errors"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/khabar-crawler/khabar/pkg/embedded/disktest"
)

// TestStuck: a server whose disk was full goes on refusing messages when there is room again. That is noticed, told in
// the log with what to do, and over when the server is started again.
func TestStuck(t *testing.T) {
	for _, stream := range []string{"FRONTIER", "TURNS", "KV_hosts"} {
		t.Run(stream, func(t *testing.T) { // not in parallel: descriptors are the process's
			ts := startServer(t)
			lines := make(chan string, 100)
			log := zap.New(zapcore.NewCore(zapcore.NewConsoleEncoder(zapcore.EncoderConfig{MessageKey: "msg"}), zapcore.AddSync(lineWriter(lines)), zap.InfoLevel))
			f, err := Open(t.Context(), ts.connect(t), Config{watchEvery: 20 * time.Millisecond}, log)
			must(t, err)
			defer f.Close()
			mustPut(t, f, page("a.example", 1))
			turn := mustTake(t, f)
			task, err := turn.Next(soon(t))
			must(t, err)
			must(t, turn.Begin(soon(t), task, 0, false))
			must(t, f.Check(soon(t)))

			room := disktest.Fill(t, filepath.Join(ts.opts.StoreDir, "jetstream", "$G", "streams", stream), ".blk")
			ctx, cancel := context.WithCancel(soon(t))
			failed := make(chan struct{})
			go func() { // what a fleet does, until the trouble is told
				defer close(failed)
				for n := 2; ctx.Err() == nil; n++ {
					for _, write := range []func(context.Context){
						func(ctx context.Context) { _, _ = f.Put(ctx, []Task{page("b.example", n)}) },
						func(ctx context.Context) { _, _ = f.note(ctx, "c_example") },
					} {
						short, done := context.WithTimeout(ctx, 100*time.Millisecond)
						write(short) // it may fail: that is what is tested
						done()
					}
				}
			}()
			awaitLine(t, lines, "the frontier stands still", "no space left on device", "restart")
			cancel()
			<-failed
			if err := f.Check(soon(t)); !errors.Is(err, ErrStuck) || !strings.Contains(err.Error(), "no space left on device") {
				t.Errorf("on a full disk: %v", err)
			}
			room()
			if err := f.Check(soon(t)); !errors.Is(err, ErrStuck) {
				t.Errorf("nats-server recovers by itself now: %v", err)
			}
			ts.stop()
			ts.start(t)
			awaitLine(t, lines, "the NATS server stores again")
			must(t, f.Check(soon(t)))
			if r := mustPut(t, f, page("a.example", 1), page("b.example", 1)); !reflect.DeepEqual(r, PutReport{Queued: 1, AlreadyPending: 1}) {
				t.Errorf("after the restart: %+v", r)
			}
		})
	}
}

type lineWriter chan string

func (w lineWriter) Write(b []byte) (int, error) {
	w <- string(b)
	return len(b), nil
}

// awaitLine waits for a line with all of the texts.
func awaitLine(t *testing.T, lines <-chan string, texts ...string) {
	t.Helper()
	ctx := soon(t)
	for {
		select {
		case line := <-lines:
			missing := false
			for _, text := range texts {
				missing = missing || !strings.Contains(line, text)
			}
			if !missing {
				return
			}
		case <-ctx.Done():
			t.Fatalf("the log never said %q", texts)
		}
	}
}
