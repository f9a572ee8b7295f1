package deployments_test

import (
	"bytes"
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
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

// The images' binaries, built by the Dockerfile's own commands, need nothing that the images lack: no libc and no loader.
func TestImageBinaries(t *testing.T) {
	if testing.Short() {
		t.Skip("builds three binaries")
	}
	if runtime.GOOS == "windows" {
		t.Skip("the Dockerfile's commands are for a POSIX shell")
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
