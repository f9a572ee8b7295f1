package deployments_test

import (
	"bytes"
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// The production processes do not carry the servers that one machine embeds.
func TestProductionLinksNoServers(t *testing.T) {
	for _, name := range own {
		list := exec.CommandContext(t.Context(), "go", "list", "-deps", "./cmd/"+name)
		list.Dir, list.Stderr = root, os.Stderr
		out, err := list.Output()
		if err != nil {
			t.Fatal(err)
		}
		for dep := range strings.Lines(string(out)) {
			for _, server := range []string{
				"github.com/nats-io/nats-server/", "github.com/FerretDB/", "modernc.org/sqlite",
				"github.com/khabar-crawler/khabar/pkg/embedded", "github.com/khabar-crawler/khabar/pkg/demosite",
			} {
				if strings.HasPrefix(dep, server) {
					t.Errorf("%s links %s", name, strings.TrimSpace(dep))
				}
			}
		}
	}
}

// The images' binaries need nothing that the images lack, no libc and no loader, and carry their version: told by what
// the go command would do for the Dockerfile's own commands.
func TestImageBinaries(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the Dockerfile's commands are for a POSIX shell")
	}
	for _, target := range targets {
		command, env := buildCommand(t, target)
		if !slices.Contains(env, "CGO_ENABLED=0") {
			t.Errorf("%s: may be linked with C: %v", target, env)
		}
		for _, arch := range []string{"amd64", "arm64"} {
			build := exec.CommandContext(t.Context(), "sh", "-ec", strings.Replace(command, "go build", "go build -n", 1))
			build.Dir = root
			build.Env = append(os.Environ(), "TARGETOS=linux", "TARGETARCH="+arch, "VERSION=v1.2.3-test")
			build.Env = append(build.Env, env...)
			plan, err := build.CombinedOutput()
			if err != nil {
				t.Fatalf("%s: %s: %v\n%s", target, command, err, plan)
			}
			var link string
			for line := range strings.Lines(string(plan)) {
				if strings.Contains(line, "/link -o ") {
					link = line
				}
			}
			// An executable of mode pie names a loader even without C.
			for _, want := range []string{"-buildmode=exe", "-X main.version=v1.2.3-test"} {
				if !strings.Contains(link, want) {
					t.Errorf("%s for %s: is linked without %s: %s", target, arch, want, link)
				}
			}
			if !strings.Contains(string(plan), " /out/"+target+"\n") {
				t.Errorf("%s for %s: the image takes /out/%s, which is not made", target, arch, target)
			}
		}
	}
}

// imagesVariable says that the images' binaries are to be built.
const imagesVariable = "KHABAR_TEST_IMAGES"

// The images' binaries, built by the Dockerfile's own commands, are static and run.
func TestImageBinariesRun(t *testing.T) {
	if os.Getenv(imagesVariable) == "" {
		t.Skipf("builds three binaries with all that they import, which takes minutes, where %s is set", imagesVariable)
	}
	dir := t.TempDir()
	for _, target := range targets {
		command, env := buildCommand(t, target)
		build := exec.CommandContext(t.Context(), "sh", "-ec", strings.ReplaceAll(command, "/out/", dir+"/"))
		build.Dir = root
		build.Env = append(os.Environ(), "TARGETOS=linux", "TARGETARCH="+runtime.GOARCH, "VERSION=v1.2.3-test")
		build.Env = append(build.Env, env...)
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("%s: %s: %v\n%s", target, command, err, out)
		}

		path := filepath.Join(dir, target)
		file, err := elf.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range file.Progs {
			if p.Type == elf.PT_INTERP || p.Type == elf.PT_DYNAMIC {
				t.Errorf("%s is not static: it has %v", target, p.Type)
			}
		}
		if err := file.Close(); err != nil {
			t.Error(err)
		}
		if runtime.GOOS != "linux" {
			continue
		}
		out, err := exec.CommandContext(t.Context(), path, "--version").CombinedOutput()
		if err != nil || !strings.Contains(string(out), "v1.2.3-test") {
			t.Errorf("%s --version: %v: %s", target, err, out)
		}
	}
	if runtime.GOOS != "linux" {
		return
	}
	for _, target := range probed {
		// Nobody listens on port 1: the health check of a process that is not there fails, and says why.
		probe := exec.CommandContext(t.Context(), filepath.Join(dir, target), "health")
		probe.Env = []string{"KHABAR_HEALTH_ADDR=127.0.0.1:1"}
		var stderr bytes.Buffer
		probe.Stderr = &stderr
		if err := probe.Run(); err == nil || !strings.Contains(stderr.String(), "health") {
			t.Errorf("%s health: %v: %s", target, err, stderr.Bytes())
		}
	}
}
