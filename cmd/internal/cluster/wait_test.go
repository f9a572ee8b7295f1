package cluster

import (
	"strings"
	"syscall"
	"testing"

	"github.com/khabar-crawler/khabar/cmd/internal/proctest"
	"github.com/khabar-crawler/khabar/pkg/demosite"
)

// TestServersLast: processes that are there before their NATS server wait for it, say so in log and health, and crawl when it
// comes, whatever the order.
func TestServersLast(t *testing.T) {
	f := newFleet(t, demosite.Config{Sites: 2, PerSection: 2})
	if !f.nats.Ours() {
		t.Skip("KHABAR_TEST_NATS_URL names a server that must not be stopped")
	}
	f.nats.Kill()
	addr := "127.0.0.1:" + proctest.FreePort(t)
	w := f.startWorker("worker", "KHABAR_HEALTH_ADDR="+addr)
	w.Await(t, "waiting for the schema") // which no scheduler has made
	if code, log := f.health("worker", addr); code != 1 || !strings.Contains(log, "mongodb: waiting for the schema") {
		t.Errorf("health of a worker without a schema: status %d, %s", code, log)
	}
	s := f.startScheduler()
	s.Await(t, `"waiting for NATS`)
	line := w.Await(t, `"waiting for NATS at nats://127.0.0.1:`)
	if !strings.Contains(line, `"since"`) || !strings.Contains(line, "no servers available") {
		t.Errorf("does not say since when and why: %s", line)
	}
	if code, log := f.health("worker", addr); code != 1 || !strings.Contains(log, "nats: waiting for NATS at nats://") {
		t.Errorf("health of a worker that waits: status %d, %s", code, log)
	}
	f.nats.Restart()
	w.Await(t, `"worker runs"`)
	s.Await(t, `"scheduler runs"`)
	if code, log := f.health("worker", addr); code != 0 {
		t.Errorf("health of a worker that runs: status %d, %s", code, log)
	}
	f.drained()
	f.stored()
	for _, p := range []*proctest.Process{w, s} {
		stops(t, p)
	}
}

// stops asks the process to stop, which is no failure.
func stops(t *testing.T, p *proctest.Process) {
	t.Helper()
	p.Signal(t, syscall.SIGTERM)
	if code := p.Exit(t); code != 0 {
		t.Errorf("ended with status %d:\n%s", code, p.Log())
	}
}

// TestStopWhileWaiting: a process that waits for its server says so in log and health, without a password, and ends when it is
// asked to, which is no failure.
func TestStopWhileWaiting(t *testing.T) {
	f := newFleet(t, demosite.Config{Sites: 1, PerSection: 1})
	stops(t, f.scheduler())        // which makes the schema
	without := bin.StartOwnNATS(t) // JetStream
	for what, url := range map[string]string{"no servers available": "nats://user:secret@" + nowhere, "no JetStream": without.URL} {
		for _, command := range []string{"scheduler", "worker"} {
			addr := "127.0.0.1:" + proctest.FreePort(t)
			p := proctest.Start(t, append(f.env[:len(f.env):len(f.env)], "KHABAR_NATS_URL="+url, "KHABAR_HEALTH_ADDR="+addr), bin.Path(command))
			if line := p.Await(t, "waiting for NATS"); !strings.Contains(line, what) {
				t.Errorf("%s does not say %q: %s", command, what, line)
			}
			if code, said := f.health(command, addr); code != 1 || !strings.Contains(said, what) || strings.Contains(said+p.Log(), "secret") {
				t.Errorf("%s: health ends with %d and says %s\n%s", command, code, said, p.Log())
			}
			stops(t, p)
		}
	}
}

// TestRefusedByNATS: waiting mends no wrong password and no missing permission: they end the process at once, with a message
// that names the key and holds no password.
func TestRefusedByNATS(t *testing.T) {
	f := newFleet(t, demosite.Config{Sites: 1, PerSection: 1})
	stops(t, f.scheduler()) // which makes the schema
	n := bin.StartOwnNATS(t, "-js", "--user", "user", "--pass", "right%/?#@:secret")
	address := strings.TrimPrefix(n.URL, "nats://")
	for _, tc := range []struct {
		name string
		env  []string
		args []string
		want []string
	}{
		{"wrong password", []string{"KHABAR_NATS_URL=nats://user:wrongsecret@" + address}, nil, []string{"Authorization Violation", "nats.url", address}},
		{"no password", []string{"KHABAR_NATS_URL=nats://" + address}, nil, []string{"Authorization Violation", "nats.url"}},
		{"wrong token", []string{"KHABAR_NATS_URL=nats://wrongsecret@" + address}, nil, []string{"Authorization Violation"}},
		{"wrong password by flag", nil, []string{"--nats", "nats://user:wrongsecret@" + address}, []string{"Authorization Violation", "process list"}},
		{"TLS where there is none", []string{"KHABAR_NATS_URL=tls://user:wrongsecret@" + address}, nil, []string{"TLS", "tls://"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for _, command := range []string{"scheduler", "worker"} {
				p := proctest.Run(t, append(f.env[:len(f.env):len(f.env)], tc.env...), bin.Path(command), tc.args...)
				if code := p.Exit(t); code != 1 {
					t.Errorf("%s ended with status %d", command, code)
				}
				for _, w := range tc.want {
					if !strings.Contains(p.Log(), w) {
						t.Errorf("%s does not say %q:\n%s", command, w, p.Log())
					}
				}
				if strings.Contains(p.Log(), "secret") {
					t.Errorf("%s tells a password:\n%s", command, p.Log())
				}
			}
		})
	}
	t.Run("the right one", func(t *testing.T) {
		p := proctest.Start(t, append(f.env, "KHABAR_NATS_URL=nats://user:right%25%2F%3F%23%40%3Asecret@"+address), bin.Path("worker"))
		p.Await(t, `"worker runs"`)
		stops(t, p)
		if strings.Contains(p.Log(), "secret") {
			t.Errorf("tells a password:\n%s", p.Log())
		}
	})
}

// TestFullDisk: a nats-server whose disk was full stays stuck when there is room again. Log and health of who needs it say so,
// and what to do; when it is done, the crawl goes on and has lost nothing.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	f := newFleet(t, demosite.Config{Sites: 2, PerSection: 2}, "KHABAR_SCHEDULER_LEASE=1s")
	if !f.nats.Ours() {
		t.Skip("KHABAR_TEST_NATS_URL names a server whose disk must not be filled")
	}
	addr := "127.0.0.1:" + proctest.FreePort(t)
	slow := f.holdBack()
	s, w := f.scheduler(), f.worker("worker", "KHABAR_HEALTH_ADDR="+addr)
	<-slow.asked
	room := f.nats.FillDisk(t)
	late := f.startWorker("late")
	late.Await(t, "waiting for NATS")
	slow.release()
	told := w.Await(t, "the frontier stands still")
	room()
	mark := w.Mark()
	for _, what := range []string{told, w.AwaitSince(t, mark, "the frontier stands still")} {
		if !strings.Contains(what, "a write failed") || !strings.Contains(what, "restart it") || !strings.Contains(what, `"since"`) {
			t.Errorf("does not say what to do: %s", what)
		}
	}
	if code, log := f.health("worker", addr); code != 1 || !strings.Contains(log, "nats: ") || !strings.Contains(log, "restart it") {
		t.Errorf("health: status %d, %s", code, log)
	}
	f.nats.Kill()
	f.nats.Restart()
	w.Await(t, "the NATS server stores again")
	late.Await(t, `"worker runs"`)
	f.drained()
	f.stored()
	f.polite()
	for _, p := range []*proctest.Process{w, s, late} {
		stops(t, p)
	}
}
