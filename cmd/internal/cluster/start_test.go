package cluster

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/khabar-crawler/khabar/cmd/internal/proctest"
	"github.com/khabar-crawler/khabar/pkg/demosite"
)

// nowhere is an address that refuses connections: nothing listens below port 1024 for these tests.
const nowhere = "127.0.0.1:9"

// TestRefusesToStart: what is wrong with a process's surroundings ends it with a message that says what and where, and
// without the passwords that it was given.
func TestRefusesToStart(t *testing.T) {
	m := bin.StartMongo(t)
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	site := write("site.yaml", "id: a\nhome: http://a.example/\n")
	badSite := write("bad.yaml", "id: a\nhome: http://a.example/\ncolour: red\n")
	badConfig := write("khabar.yaml", "sites: [site.yaml]\nworker:\n  slots: many\n")
	nats, mongo := "KHABAR_NATS_URL=nats://"+nowhere, "KHABAR_MONGO_URI="+m.URI
	sites, database := "KHABAR_SITES="+site, "KHABAR_MONGO_DATABASE="+m.Database
	for _, tc := range []struct {
		name string
		env  []string
		args []string
		want []string
	}{
		{"no NATS server named", []string{sites, mongo}, nil, []string{"nats.url", "KHABAR_NATS_URL", "--nats"}},
		{"no MongoDB named", []string{sites, nats}, nil, []string{"mongo.uri", "KHABAR_MONGO_URI", "--mongo"}},
		{"site file missing", []string{nats, mongo, "KHABAR_SITES=" + dir + "/none.yaml"}, nil, []string{dir + "/none.yaml", "no such file"}},
		{"bad site file", []string{nats, mongo, "KHABAR_SITES=" + badSite}, nil, []string{badSite + ":3:1", "colour"}},
		{"bad configuration", []string{nats, mongo}, []string{"--config", badConfig}, []string{badConfig + ":3:10", "worker.slots"}},
		{"configuration missing", nil, []string{"--config", dir + "/none.yaml"}, []string{dir + "/none.yaml", "no such file"}},
		{"bad variable", []string{sites, nats, mongo, "KHABAR_WORKER_SLOTS=0"}, nil, []string{"KHABAR_WORKER_SLOTS", "from 1"}},
		{"no MongoDB URI", []string{sites, nats, "KHABAR_MONGO_URI=http://user:secret@localhost/"}, nil, []string{"KHABAR_MONGO_URI", "mongodb://"}},
		{"password that needs escapes", []string{sites, mongo, "KHABAR_NATS_URL=nats://user:%secret/@" + nowhere}, nil,
			[]string{"KHABAR_NATS_URL", "%25"}},
		{"the same by flag", []string{sites, mongo}, []string{"--nats", "nats://user:%secret/@" + nowhere}, []string{"nats.url", "%25"}},
		{"no credentials", []string{sites, mongo, database, nats, "KHABAR_NATS_CREDENTIALS_FILE=" + dir + "/none.creds"}, nil,
			[]string{dir + "/none.creds", "no such file"}},
		{"no NATS URL", []string{sites, mongo, "KHABAR_NATS_URL=localhost:4222"}, nil, []string{"KHABAR_NATS_URL", "nats://"}},
		{"wrong option in the URI", []string{sites, nats, "KHABAR_MONGO_URI=mongodb://user:secret@localhost/?w=majority&tls=maybe"}, nil, []string{"tls"}},
		{"unknown flag", nil, []string{"--slots", "3"}, []string{"--slots", "--help"}},
		{"argument", nil, []string{"now"}, []string{"now"}},
		{"log level", []string{sites, nats, mongo}, []string{"--log-level", "loud"}, []string{"loud", "debug"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for _, command := range []string{"scheduler", "worker"} {
				p := proctest.Run(t, proctest.Environment(t, tc.env...), bin.Path(command), tc.args...)
				if code := p.Exit(t); code != 1 {
					t.Errorf("%s ended with status %d", command, code)
				}
				log := p.Log()
				for _, w := range tc.want {
					if !strings.Contains(log, w) {
						t.Errorf("%s does not say %q:\n%s", command, w, log)
					}
				}
				if strings.Contains(log, "secret") {
					t.Errorf("%s tells a password:\n%s", command, log)
				}
				t.Logf("%s", log)
			}
		})
	}
}

// TestWaitsForMongoDB: the processes start in any order, say what they wait for, and begin when it is there.
func TestWaitsForMongoDB(t *testing.T) {
	f := newFleet(t, demosite.Config{Sites: 1, PerSection: 1})
	port := proctest.FreePort(t)
	settings := []string{"KHABAR_MONGO_URI=mongodb://127.0.0.1:" + port + "/", "KHABAR_MONGO_CONNECT_TIMEOUT=500ms"}
	worker := f.startWorker("worker", settings...)
	worker.Await(t, "waiting for MongoDB")
	worker.Await(t, "connection refused") // why, as soon as one attempt has failed
	scheduler := proctest.Start(t, append(f.env[:len(f.env):len(f.env)], settings...), bin.Path("scheduler"))
	scheduler.Await(t, "waiting for MongoDB")

	bin.StartMongoIn(t, t.TempDir(), port)
	scheduler.Await(t, "MongoDB is there")
	scheduler.Await(t, `"scheduler runs"`)
	worker.Await(t, `"worker runs"`)
	for _, p := range []*proctest.Process{scheduler, worker} {
		p.Signal(t, syscall.SIGTERM)
		if code := p.Exit(t); code != 0 {
			t.Errorf("ended with status %d:\n%s", code, p.Log())
		}
	}
}

// TestWaitsForSchema: a worker does not store anything before the schema is there, and a process that waits ends at once
// when it is asked to.
func TestWaitsForSchema(t *testing.T) {
	f := newFleet(t, demosite.Config{Sites: 1, PerSection: 1})
	waiting := f.startWorker("first")
	waiting.Await(t, "waiting for the schema")
	away := f.startWorker("second", "KHABAR_MONGO_URI=mongodb://user:secret@"+nowhere+"/", "KHABAR_MONGO_CONNECT_TIMEOUT=100ms")
	away.Await(t, "waiting for MongoDB")
	for _, p := range []*proctest.Process{waiting, away} {
		p.Signal(t, syscall.SIGTERM)
		if code := p.Exit(t); code != 0 || !strings.Contains(p.Log(), "stopped as asked") || strings.Contains(p.Log(), "secret") {
			t.Errorf("ended with status %d:\n%s", code, p.Log())
		}
	}
	if empty, err := f.store.IsEmpty(t.Context()); err != nil || !empty {
		t.Errorf("a worker left something: %v", err)
	}
	worker := f.startWorker("third")
	worker.Await(t, "waiting for the schema")
	f.scheduler()
	worker.Await(t, `"worker runs"`)
}

// TestWarns: a variable that looks like khabar's and is none is a typing error that would otherwise go unseen.
func TestWarns(t *testing.T) {
	f := newFleet(t, demosite.Config{Sites: 1, PerSection: 1}, "KHABAR_WORKER_SLOT=5")
	for _, p := range []*proctest.Process{f.scheduler(), f.worker("worker")} {
		if log := p.Log(); !strings.Contains(log, "KHABAR_WORKER_SLOT is set") {
			t.Errorf("no warning:\n%s", log)
		}
	}
}

// TestVersion: the version that a build is given is the one that the processes tell.
func TestVersion(t *testing.T) {
	for _, command := range []string{"scheduler", "worker"} {
		p := proctest.Run(t, proctest.Environment(t), bin.Path(command), "--version")
		if out := p.Output(); p.Exit(t) != 0 || !strings.Contains(out, proctest.Version) {
			t.Errorf("%s: %q, %s", command, out, p.Log())
		}
	}
}

// TestHealth: the health command says whether the process beside it is ready, and follows it through a loss of NATS.
func TestHealth(t *testing.T) {
	f := newFleet(t, demosite.Config{Sites: 1, PerSection: 1})
	if !f.nats.Ours() {
		t.Skip("KHABAR_TEST_NATS_URL names a server that must not be stopped")
	}
	type subject struct {
		command, addr string
		process       *proctest.Process
	}
	var all []subject
	for _, command := range []string{"scheduler", "worker"} {
		addr := "127.0.0.1:" + proctest.FreePort(t)
		setting := "KHABAR_HEALTH_ADDR=" + addr
		if code, log := f.health(command, addr); code != 1 || !strings.Contains(log, addr) {
			t.Errorf("%s health before the start: status %d, %s", command, code, log)
		}
		p := map[string]func() *proctest.Process{
			"scheduler": func() *proctest.Process { return f.scheduler(setting) },
			"worker":    func() *proctest.Process { return f.worker("worker", setting) },
		}[command]()
		if code, log := f.health(command, addr); code != 0 || log != "" {
			t.Errorf("%s health: status %d, %s", command, code, log)
		}
		all = append(all, subject{command, addr, p})
	}
	f.nats.Kill()
	for _, s := range all {
		s.process.Await(t, "NATS connection lost")
		if code, log := f.health(s.command, s.addr); code != 1 || !strings.Contains(log, "nats") {
			t.Errorf("%s health without NATS: status %d, %s", s.command, code, log)
		}
	}
	f.nats.Restart()
	for _, s := range all {
		s.process.Await(t, "NATS connection is back")
		if code, log := f.health(s.command, s.addr); code != 0 {
			t.Errorf("%s health with NATS again: status %d, %s", s.command, code, log)
		}
	}
	f.drained()
	for _, s := range all {
		s.process.Signal(t, syscall.SIGTERM)
		if code := s.process.Exit(t); code != 0 {
			t.Errorf("%s ended with status %d:\n%s", s.command, code, s.process.Log())
		}
	}
}

func (f *fleet) health(command, addr string) (int, string) {
	f.t.Helper()
	p := proctest.Run(f.t, append(f.env, "KHABAR_HEALTH_ADDR="+addr), bin.Path(command), "health")
	return p.Exit(f.t), p.Log()
}
