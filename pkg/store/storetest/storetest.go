// Package storetest has MongoDB-protocol servers for tests: FerretDB as a process of its own (Start), which they do not
// share memory with, and a server that answers as MongoDB can on its bad days (StartProxy).
//
// A Proxy stands before any such server. It has single commands, or single operations of a bulk, go wrong as a test says:
// errors of every code, write concern errors, answers that never come, connections that end before the command was done
// or after. Before FerretDB it can also pass for MongoDB, so that what is written for MongoDB is run at all.
//
// FerretDB's command is built from the module that go.mod names. Its build wants a file that the module does not have
// (build/version/version.txt), so a copy of the module with that file stands in for it; nothing is downloaded that the
// module cache has already. The binary is kept in the user's cache directory, for linking it takes seconds.
package storetest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
)

const modulePath = "github.com/FerretDB/FerretDB"

// Process is a running FerretDB.
type Process struct {
	// URI is its address, as mongodb://127.0.0.1:40123/.
	URI string

	cmd     *exec.Cmd
	drained chan struct{} // closed at the end of its log
}

// Start builds FerretDB if need be and runs it over SQLite files in dir, on a free loopback port. Its telemetry is off.
func Start(dir string) (*Process, error) {
	binary, err := Build()
	if err != nil {
		return nil, fmt.Errorf("build FerretDB: %w", err)
	}
	cmd := exec.Command(binary,
		"--handler=sqlite", "--sqlite-url=file:"+filepath.ToSlash(dir)+"/",
		"--listen-addr=127.0.0.1:0", "--debug-addr=-", "--state-dir="+dir,
		"--telemetry=disable", "--log-level=info")
	cmd.Env = append(os.Environ(), "DO_NOT_TRACK=1")
	log, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start FerretDB: %w", err)
	}
	p := &Process{cmd: cmd, drained: make(chan struct{})}
	lines := bufio.NewScanner(log)
	listening := regexp.MustCompile(`Listening on TCP ([0-9.]+:[0-9]+)`)
	var said []string
	for lines.Scan() {
		if m := listening.FindStringSubmatch(lines.Text()); m != nil {
			p.URI = "mongodb://" + m[1] + "/"
			break
		}
		said = append(said, lines.Text())
	}
	if p.URI == "" {
		_ = cmd.Wait()
		return nil, fmt.Errorf("start FerretDB: it ended: %s", strings.Join(said, "\n"))
	}
	// The rest of its log is read until Stop ends it, so that it never waits for us.
	go func() {
		defer close(p.drained)
		_, _ = io.Copy(io.Discard, log)
	}()
	return p, nil
}

// Stop kills the process and waits for its end.
func (p *Process) Stop() error {
	if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	<-p.drained
	_ = p.cmd.Wait() // says that it was killed
	return nil
}

// Build makes FerretDB's binary, or finds the one that was made before, and returns its path.
func Build() (string, error) {
	module, err := output("go", "list", "-m", "-f", "{{.Version}} {{.Dir}}", modulePath)
	if err != nil {
		return "", err
	}
	version, source, ok := strings.Cut(module, " ")
	if !ok || source == "" {
		return "", fmt.Errorf("module %s is not in the module cache: %q", modulePath, module)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	cache = filepath.Join(cache, "khabar-test")
	binary := filepath.Join(cache, fmt.Sprintf("ferretdb-%s-%s", version, runtime.Version()))
	if _, err := os.Stat(binary); err == nil {
		return binary, nil
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", err
	}
	work, err := os.MkdirTemp(cache, "build-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(work)
	made := filepath.Join(work, "ferretdb")
	if err := build(work, source, version, made); err != nil {
		return "", err
	}
	// In one step, for tests of several packages may be at it.
	return binary, os.Rename(made, binary)
}

func build(work, source, version, binary string) error {
	copied := filepath.Join(work, "src")
	if err := os.CopyFS(copied, os.DirFS(source)); err != nil {
		return err
	}
	versionFile := filepath.Join(copied, "build", "version", "version.txt")
	if err := os.WriteFile(versionFile, []byte(version+"\n"), 0o600); err != nil {
		return err
	}
	gomod, err := output("go", "env", "GOMOD")
	if err != nil {
		return err
	}
	modfile := filepath.Join(work, "go.mod")
	for from, to := range map[string]string{
		gomod: modfile,
		filepath.Join(filepath.Dir(gomod), "go.sum"): filepath.Join(work, "go.sum"),
	} {
		b, err := os.ReadFile(from)
		if err != nil {
			return err
		}
		if err := os.WriteFile(to, b, 0o600); err != nil {
			return err
		}
	}
	if _, err := output("go", "mod", "edit", "-replace", modulePath+"="+copied, modfile); err != nil {
		return err
	}
	// The flags leave what FerretDB imports as the tests compile it anyway: with -trimpath all of it is compiled anew.
	_, err = output("go", "build", "-modfile", modfile, "-mod=mod", "-buildvcs=false",
		"-tags", "ferretdb_no_postgresql", "-ldflags", "-s -w", "-o", binary, modulePath+"/cmd/ferretdb")
	return err
}

func output(name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, stderr.String())
	}
	return strings.TrimSpace(string(out)), nil
}
