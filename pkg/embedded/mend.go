package embedded

import (
	"context"
	"os"
	"strings"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"go.uber.org/zap"
)

// mendEvery is how often the mender looks at JetStream: a look takes microseconds, and so long is the crawl held up by a
// stream that is stuck for no reason any more.
const mendEvery = time.Second

// mendRoom is how much the disk must take before JetStream is started again, in bytes: a few hundred tasks, so that it does
// not stick again at the first of them.
const mendRoom = 1 << 20

// mend starts JetStream again after a write has failed. nats-server keeps the error of the first write that fails, as on a
// full disk, and refuses all later ones to that stream, also when there is room again. Connections live through it, and a
// JetStream that starts reads back all that it has acknowledged.
func (n *NATS) mend(ctx context.Context) {
	tick := time.NewTicker(mendEvery)
	defer tick.Stop()
	told := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		why := n.stuck()
		if why == "" {
			told = false
			continue
		}
		if !told {
			n.log.log.Warn("JetStream takes no messages; it is started again when its disk takes writes", zap.String("why", why))
			told = true
		}
		if writable(n.lock.dir) != nil {
			continue
		}
		if err := n.restartJetStream(); err != nil {
			n.log.log.Warn("JetStream does not start; trying again", zap.Error(err))
			continue
		}
		n.log.log.Warn("JetStream was started again and takes messages")
	}
}

// stuck says what is wrong with JetStream, or "". It sees a stream whose write failed, once a message was refused for it.
func (n *NATS) stuck() string {
	var why []string
	for _, e := range n.srv.Healthz(&server.HealthzOptions{Details: true}).Errors {
		// A stream can be reported as unreadable while it is made.
		if e.Type == server.HealthzErrorJetStream || e.Type == server.HealthzErrorStream && strings.Contains(e.Error, "write error") {
			why = append(why, e.Error)
		}
	}
	return strings.Join(why, "; ")
}

func (n *NATS) restartJetStream() error {
	if err := n.srv.ShutdownJetStream(); err != nil {
		return err
	}
	// Starting JetStream writes fields of the server that connections read without a lock when they hand on a request. To list
	// them takes the lock of each, behind whatever it has handed on.
	if _, err := n.srv.Connz(nil); err != nil {
		return err
	}
	// As the server itself does at its start.
	err := n.srv.EnableJetStream(&server.JetStreamConfig{
		StoreDir: n.opts.StoreDir, SyncInterval: n.opts.SyncInterval, Strict: !n.opts.NoJetStreamStrict,
		MaxMemory: n.opts.JetStreamMaxMemory, MaxStore: n.opts.JetStreamMaxStore, CompressOK: true,
	})
	if err != nil {
		_ = n.srv.ShutdownJetStream() // what of it did start
	}
	return err
}

// writable reports whether the disk under dir takes mendRoom bytes.
func writable(dir string) error {
	f, err := os.CreateTemp(dir, "room-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // nothing is in it that anybody misses
	_, err = f.Write(make([]byte, mendRoom))
	if serr := f.Sync(); err == nil { // some file systems find out only here
		err = serr
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}
