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
	ferretDB   = "github.com/FerretDB/FerretDB"
	module     = "github.com/khabar-crawler/khabar"
)

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
	args := []string{"build", "-o", dir + string(filepath.Separator)}
	if raceDetector {
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

// buildFerretDB builds FerretDB's own command. Its source lacks a generated file that says its version, without which the
// command panics, and Go does not let files of the module cache be overlaid: so a copy is built that has the file.
func (b *Binaries) buildFerretDB() (string, error) {
	path := b.Path("ferretdb")
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}\n{{.Version}}", ferretDB).Output()
	if err != nil {
		return "", fmt.Errorf("find %s: %w", ferretDB, err)
	}
	source, version, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	copied := filepath.Join(b.dir, "ferretdb-source")
	if err := os.CopyFS(copied, os.DirFS(source)); err != nil {
		return "", fmt.Errorf("copy %s: %w", source, err)
	}
	if err := os.WriteFile(filepath.Join(copied, "build", "version", "version.txt"), []byte(version+"\n"), 0o600); err != nil {
		return "", err
	}
	gomod, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("find go.mod: %w", err)
	}
	root := filepath.Dir(strings.TrimSpace(string(gomod)))
	alternative := filepath.Join(b.dir, "ferretdb.mod")
	for from, to := range map[string]string{"go.mod": alternative, "go.sum": filepath.Join(b.dir, "ferretdb.sum")} {
		data, err := os.ReadFile(filepath.Join(root, from))
		if err != nil {
			return "", err
		}
		if err := os.WriteFile(to, data, 0o600); err != nil {
			return "", err
		}
	}
	if err := golang("mod", "edit", "-replace", ferretDB+"="+copied, alternative); err != nil {
		return "", err
	}
	return path, golang("build", "-modfile", alternative, "-o", path, ferretDB+"/cmd/ferretdb")
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
