package cluster

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/khabar-crawler/khabar/cmd/internal/proctest"
	"github.com/khabar-crawler/khabar/pkg/demosite"
)

// TestKilled: workers, the scheduler and the NATS server are killed at random moments of the crawl, each being the answer
// to one of its requests, and started again. Nothing is lost, doubled or revised, and no host is asked twice at once.
func TestKilled(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	f := newFleet(t, demosite.Config{PerSection: 4},
		// Short, so that what a dead worker held is soon taken over; long enough for a heartbeat on a busy machine.
		"KHABAR_NATS_ACK_WAIT=3s", "KHABAR_NATS_REQUEST_TIMEOUT=500ms", "KHABAR_SCHEDULER_LEASE=5s",
		"KHABAR_WORKER_MAX_STRIKES=100", // giving up a page that takes workers down is not what is tested
	)
	started := 0
	start := func() *proctest.Process {
		started++
		return f.startWorker(fmt.Sprintf("worker-%d", started))
	}
	workers := []*proctest.Process{start(), start(), start()} // they wait for the scheduler
	scheduler := f.scheduler()
	for k := range 6 {
		f.awaitAnswers(1 + random.IntN(25)) // of about 200
		victim := random.IntN(len(workers))
		workers[victim].Kill()
		switch {
		case k == 1:
			scheduler.Kill()
			scheduler = f.scheduler()
		case k == 3 && f.nats.Ours():
			left := workers[(victim+1)%len(workers)]
			mark := left.Mark()
			f.nats.Kill()
			left.AwaitSince(t, mark, "NATS connection lost")
			f.nats.Restart()
		}
		workers[victim] = start()
	}
	f.drained()
	f.stored()
	f.polite()
}
