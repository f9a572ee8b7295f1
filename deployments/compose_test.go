package deployments_test

import (
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/nats-io/nats-server/v2/server"

	"github.com/khabar-crawler/khabar/pkg/config"
	"github.com/khabar-crawler/khabar/pkg/site"
)

const root = ".."

// own are the services that run khabar's images.
var own = []string{"scheduler", "worker"}

// compose loads the compose file, with others laid over it.
func compose(t *testing.T, overlays ...string) *types.Project {
	t.Helper()
	dir, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	files := []types.ConfigFile{{Filename: filepath.Join(dir, "docker-compose.yml")}}
	for _, name := range overlays {
		files = append(files, types.ConfigFile{Filename: filepath.Join(dir, name)})
	}
	// The loader validates against the specification's schema and refuses unknown keys.
	p, err := loader.LoadWithContext(t.Context(), types.ConfigDetails{
		WorkingDir:  dir,
		ConfigFiles: files,
		Environment: types.Mapping{},
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestComposeServices(t *testing.T) {
	p := compose(t)
	if got, want := p.ServiceNames(), []string{"mongo", "nats", "scheduler", "worker"}; !slices.Equal(got, want) {
		t.Fatalf("services %v, want %v", got, want)
	}
	for name, s := range p.Services {
		if !s.ReadOnly || !slices.Equal(s.CapDrop, []string{"ALL"}) || len(s.CapAdd) > 0 || s.Privileged {
			t.Errorf("%s: read_only %v, cap_drop %v, cap_add %v, privileged %v", name, s.ReadOnly, s.CapDrop, s.CapAdd, s.Privileged)
		}
		if !slices.Contains(s.SecurityOpt, "no-new-privileges:true") {
			t.Errorf("%s: may gain privileges", name)
		}
		if s.Restart != "unless-stopped" {
			t.Errorf("%s: restart %q", name, s.Restart)
		}
		if s.ContainerName != "" {
			t.Errorf("%s: a container name keeps it from being scaled", name)
		}
		if s.StopGracePeriod == nil {
			t.Errorf("%s: no stop_grace_period", name)
		}
		if s.Logging == nil || s.Logging.Options["max-size"] == "" || s.Logging.Options["max-file"] == "" {
			t.Errorf("%s: logs grow without end", name)
		}
		if s.Deploy == nil || s.Deploy.Resources.Limits == nil {
			t.Errorf("%s: no limits", name)
			continue
		}
		limits := s.Deploy.Resources.Limits
		if limits.MemoryBytes == 0 || limits.NanoCPUs == 0 || limits.Pids == 0 {
			t.Errorf("%s: limits %+v", name, limits)
		}
		if soft := s.Environment["GOMEMLIMIT"]; soft != nil {
			var n config.Size
			if err := n.UnmarshalText([]byte(*soft)); err != nil {
				t.Errorf("%s: GOMEMLIMIT %q: %v", name, *soft, err)
			} else if int64(n) >= int64(limits.MemoryBytes) {
				t.Errorf("%s: GOMEMLIMIT %d, but it is killed at %d", name, n, limits.MemoryBytes)
			}
		}
		for _, port := range s.Ports {
			if ip := net.ParseIP(port.HostIP); !ip.IsLoopback() {
				t.Errorf("%s: port %d is published on %q, not on loopback", name, port.Target, port.HostIP)
			}
		}
		for _, v := range s.Volumes {
			switch v.Type {
			case types.VolumeTypeBind:
				if !v.ReadOnly {
					t.Errorf("%s: %s is mounted writable", name, v.Source)
				}
				if _, err := os.Stat(v.Source); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			case types.VolumeTypeVolume:
				if _, ok := p.Volumes[v.Source]; !ok {
					t.Errorf("%s: volume %q of %s is not declared", name, v.Source, v.Target)
				}
			}
		}
		if s.Build == nil {
			if _, tag, _ := strings.Cut(s.Image, ":"); tag == "" || tag == "latest" {
				t.Errorf("%s: image %q is not pinned", name, s.Image)
			}
			if s.HealthCheck == nil {
				t.Errorf("%s: no health check", name)
			}
		}
		for dep, d := range s.DependsOn {
			if d.Condition != types.ServiceConditionHealthy {
				t.Errorf("%s: waits for %s until %q", name, dep, d.Condition)
			}
		}
	}
}

// khabar's own services get a configuration that khabar accepts, and it names the other services where they are.
func TestComposeConfiguration(t *testing.T) {
	p := compose(t)
	for _, name := range own {
		s := p.Services[name]
		environ := []string{}
		for k, v := range s.Environment {
			environ = append(environ, k+"="+*v)
		}
		file := mounted(t, s, flag(t, s.Command, "--config"))
		cfg, err := config.Load(file, environ)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, w := range cfg.Warnings {
			t.Errorf("%s: %s", name, w)
		}

		nats, err := url.Parse(string(cfg.NATS.URL))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		mongo, err := url.Parse(string(cfg.Mongo.URI))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, u := range []*url.URL{nats, mongo} {
			if _, ok := p.Services[u.Hostname()]; !ok {
				t.Errorf("%s: no service %q", name, u.Hostname())
			}
			if _, ok := s.DependsOn[u.Hostname()]; !ok {
				t.Errorf("%s: starts without waiting for %s", name, u.Hostname())
			}
		}
		set := mongo.Query().Get("replicaSet")
		if got := flag(t, p.Services["mongo"].Command, "--replSet"); got != set {
			t.Errorf("%s: replica set %q, but mongod runs %q", name, set, got)
		}
		test := p.Services["mongo"].HealthCheck.Test
		script, err := os.ReadFile(mounted(t, p.Services["mongo"], flag(t, test, "--file")))
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{`_id: "` + set + `"`, `host: "` + mongo.Host + `"`} {
			if !strings.Contains(string(script), want) {
				t.Errorf("%s: mongo's health check makes a replica set without %s", name, want)
			}
		}

		if cfg.Health.Addr == "" {
			t.Errorf("%s: the image's health check has nobody to ask", name)
		}
		if len(s.Ports) > 0 {
			t.Errorf("%s: a host port keeps it from being scaled", name)
		}
		if grace := cfg.Worker.Grace; name == "worker" && time.Duration(*s.StopGracePeriod) <= grace {
			t.Errorf("%s: killed after %v, inside its own grace period of %v", name, time.Duration(*s.StopGracePeriod), grace)
		}
		if uid, _, _ := strings.Cut(s.User, ":"); uid == "" || uid == "0" || uid == "root" {
			t.Errorf("%s: runs as %q", name, s.User)
		}
	}
}

// The NATS server's own reader takes its configuration, and it is the one that the compose file and its health check
// speak of.
func TestNATSConfiguration(t *testing.T) {
	s := compose(t).Services["nats"]
	opts, err := server.ProcessConfigFile(mounted(t, s, flag(t, s.Command, "--config")))
	if err != nil {
		t.Fatal(err)
	}
	if !opts.JetStream {
		t.Error("JetStream is off")
	}
	if !slices.ContainsFunc(s.Volumes, func(v types.ServiceVolumeConfig) bool {
		return v.Type == types.VolumeTypeVolume && v.Target == opts.StoreDir
	}) {
		t.Errorf("JetStream's data at %s is on no volume", opts.StoreDir)
	}
	for _, port := range []int{opts.Port, opts.HTTPPort} {
		if !slices.ContainsFunc(s.Ports, func(p types.ServicePortConfig) bool { return int(p.Target) == port }) {
			t.Errorf("port %d is not published", port)
		}
	}
	probe, err := url.Parse(s.HealthCheck.Test[len(s.HealthCheck.Test)-1])
	if err != nil {
		t.Fatal(err)
	}
	if probe.Port() != strconv.Itoa(opts.HTTPPort) {
		t.Errorf("the health check asks port %s, the server answers on %d", probe.Port(), opts.HTTPPort)
	}
}

// flag gives the word after name in a command.
func flag(t *testing.T, command []string, name string) string {
	t.Helper()
	i := slices.Index(command, name)
	if i < 0 || i+1 == len(command) {
		t.Fatalf("no %s in %v", name, command)
	}
	return command[i+1]
}

// mounted gives the file of the repository that a service sees at a path.
func mounted(t *testing.T, s types.ServiceConfig, path string) string {
	t.Helper()
	for _, v := range s.Volumes {
		if rest, ok := strings.CutPrefix(path, v.Target); ok && v.Type == types.VolumeTypeBind {
			return filepath.Join(v.Source, rest)
		}
	}
	t.Fatalf("%s: nothing is mounted at %s", s.Name, path)
	return ""
}

// The check that brings the compose file up crawls a site that khabar accepts, with as many articles as it waits for.
func TestSmokeSite(t *testing.T) {
	p := compose(t, filepath.Join("deployments", "docker", "smoke", "compose.yml"))
	if p.Services["web"].Networks["default"] == nil {
		t.Fatal("the web server is on no network of the workers")
	}
	for _, name := range own {
		s := p.Services[name]
		path := s.Environment["KHABAR_SITES"]
		if path == nil {
			t.Fatalf("%s: would crawl the sites in configs", name)
		}
		smoke, err := site.Load(mounted(t, s, *path))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		home, err := url.Parse(smoke.Home)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if aliases := p.Services["web"].Networks["default"].Aliases; !slices.Contains(aliases, home.Host) {
			t.Errorf("%s: crawls %s, but the web server is %v", name, home.Host, aliases)
		}
	}
	dir := filepath.Join(root, "deployments", "docker", "smoke")
	articles, err := filepath.Glob(filepath.Join(dir, "www", "2026", "*.html"))
	if err != nil {
		t.Fatal(err)
	}
	script, err := os.ReadFile(filepath.Join(dir, "run"))
	if err != nil {
		t.Fatal(err)
	}
	if want := "\narticles=" + strconv.Itoa(len(articles)) + " "; !strings.Contains(string(script), want) {
		t.Errorf("the check does not wait for the %d articles of its site", len(articles))
	}
}
