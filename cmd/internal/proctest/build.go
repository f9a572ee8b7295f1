// Package proctest runs khabar's commands, and the servers that they need, as processes of the operating system for the
// tests of cmd.
//
// Invariants: what is started is ended with the test that started it; no process sees the caller's KHABAR_ variables or
// home directory; a data race or a panic in any process fails its test; nothing waits by sleeping, but for a line of a
// process's log, for its end, or for a condition that is looked at again and again. Failure modes: a wait that takes
// longer than Patience fails the test and shows what the process wrote.
package proctest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

const (
	natsServer = "github.com/nats-io/nats-server/v2"
	module     = "github.com/khabar-crawler/khabar"
)

// Version is what the commands say that they are.
const Version = "v0.0.0-test"

// Binaries are the executables of one test run.
type Binaries struct{ dir string }

// Main is the TestMain of a package that starts processes: it builds khabar's commands of the given names, with the race
// detector where the tests run with it, and runs the tests. What it builds goes when they have run.
func Main(m *testing.M, bin *Binaries, commands ...string) {
	os.Exit(run(m, bin, commands))
}

func run(m *testing.M, bin *Binaries, commands []string) int {
	dir, err := os.MkdirTemp("", "khabar-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, "directory for the binaries:", err)
		return 1
	}
	defer os.RemoveAll(dir) // it is in the system's own temporary directory
	bin.dir = dir
	args := []string{"build", "-ldflags", "-X main.version=" + Version, "-o", dir + string(filepath.Separator)}
	if RaceDetector {
		args = append(args, "-race")
	}
	for _, c := range commands {
		args = append(args, module+"/cmd/"+c)
	}
	if err := golang(args...); err != nil {
		fmt.Fprintln(os.Stderr, "build the commands:", err)
		return 1
	}
	code := m.Run()
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// Path is the executable of a command.
func (b *Binaries) Path(command string) string { return filepath.Join(b.dir, command) }

// buildNATS builds nats-server as its own command, without the race detector: it is not what is tested.
func (b *Binaries) buildNATS() (string, error) {
	path := b.Path("nats-server")
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	return path, golang("build", "-o", path, natsServer)
}

// golang runs the go command, and shows what it said only when it fails.
func golang(args ...string) error {
	cmd := exec.Command("go", args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, out.Bytes())
	}
	return nil
}
