package proctest

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Patience bounds each wait, so that a test that hangs says where. It is no expectation: the slowest wait is a crawl
// under the race detector on a busy machine.
const Patience = 5 * time.Minute

// Process is a running command.
type Process struct {
	name   string
	cmd    *exec.Cmd
	stdout bytes.Buffer // whole once done is closed
	done   chan struct{}

	mu      sync.Mutex
	lines   []string // of standard error
	changed chan struct{}
}

// Environment is the caller's, without khabar's variables and with an empty home directory, and what is added.
func Environment(t testing.TB, add ...string) []string {
	home := t.TempDir()
	var env []string
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "KHABAR_") {
			env = append(env, v)
		}
	}
	return append(append(env, "HOME="+home, "XDG_DATA_HOME="+filepath.Join(home, "data")), add...)
}

// Start starts a command that ends with the test at the latest.
func Start(t testing.TB, env []string, path string, args ...string) *Process {
	t.Helper()
	return StartInput(t, nil, env, path, args...)
}

// StartInput is Start with something on standard input.
func StartInput(t testing.TB, stdin io.Reader, env []string, path string, args ...string) *Process {
	t.Helper()
	p := &Process{name: filepath.Base(path), cmd: exec.Command(path, args...), done: make(chan struct{}), changed: make(chan struct{})}
	p.cmd.Env, p.cmd.Stdin, p.cmd.Stdout = env, stdin, &p.stdout
	p.cmd.Dir = t.TempDir()
	stderr, err := p.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.done)
		r := bufio.NewReader(stderr)
		for {
			line, err := r.ReadString('\n')
			p.add(line)
			if err != nil {
				break
			}
		}
		_ = p.cmd.Wait() // the state says how it ended
	}()
	t.Cleanup(func() {
		p.Kill()
		if log := p.Log(); strings.Contains(log, "DATA RACE") || strings.Contains(log, "\ngoroutine ") {
			t.Errorf("%s %v wrote\n%s", p.name, args, log)
		}
	})
	return p
}

// Run starts a command and waits until it has ended.
func Run(t testing.TB, env []string, path string, args ...string) *Process {
	t.Helper()
	p := Start(t, env, path, args...)
	p.Exit(t)
	return p
}

func (p *Process) add(line string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if line != "" {
		p.lines = append(p.lines, strings.TrimRight(line, "\r\n"))
	}
	close(p.changed)
	p.changed = make(chan struct{})
}

// after gives the lines from the nth on, and a channel that is closed when there are more.
func (p *Process) after(n int) ([]string, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lines[n:], p.changed
}

// Await waits for a line of the log that contains text and returns it. The process's end is a failure.
func (p *Process) Await(t testing.TB, text string) string {
	t.Helper()
	return p.AwaitSince(t, 0, text)
}

// Mark is the place in the log that AwaitSince begins from.
func (p *Process) Mark() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.lines)
}

// AwaitSince waits for a line after the mark that contains text.
func (p *Process) AwaitSince(t testing.TB, mark int, text string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), Patience)
	defer cancel()
	for n, ended := mark, false; ; {
		lines, changed := p.after(n)
		for _, l := range lines {
			if strings.Contains(l, text) {
				return l
			}
		}
		if ended {
			t.Fatalf("%s ended (%s) and never wrote %q:\n%s", p.name, p.cmd.ProcessState, text, p.Log())
		}
		n += len(lines)
		select {
		case <-changed:
		case <-p.done:
			ended = true // there may be lines that were not looked at
		case <-ctx.Done():
			t.Fatalf("%s did not write %q in %v:\n%s", p.name, text, Patience, p.Log())
		}
	}
}

// Exit waits for the end and gives the exit status, -1 for an end by a signal.
func (p *Process) Exit(t testing.TB) int {
	t.Helper()
	timer := time.NewTimer(Patience)
	defer timer.Stop()
	select {
	case <-p.done:
		return p.cmd.ProcessState.ExitCode()
	case <-timer.C:
		t.Fatalf("%s did not end in %v:\n%s", p.name, Patience, p.Log())
		return -1
	}
}

// ID is the process's number.
func (p *Process) ID() int { return p.cmd.Process.Pid }

// Signal sends a signal; a process that has ended already is left alone.
func (p *Process) Signal(t testing.TB, s os.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatal(err)
	}
}

// Kill ends the process with SIGKILL and waits until it is gone. Twice is harmless.
func (p *Process) Kill() {
	_ = p.cmd.Process.Signal(syscall.SIGKILL) // it may have ended already
	<-p.done
}

// Log is what the process has written to standard error so far.
func (p *Process) Log() string { return p.LogSince(0) }

// LogSince is what the process has written to standard error since the mark.
func (p *Process) LogSince(mark int) string {
	lines, _ := p.after(mark)
	return strings.Join(lines, "\n")
}

// Output is what the process wrote to standard output; it must have ended.
func (p *Process) Output() string {
	<-p.done
	return p.stdout.String()
}

// lookEvery is how often a condition is looked at again: the cheap ones take a round trip of a millisecond. Where a look
// takes long, four times as long is waited, so that looking does not keep the others from their work.
const lookEvery = 50 * time.Millisecond

// Until waits until a condition holds. The error of the last look is shown when it never does.
func Until(t testing.TB, what string, holds func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), Patience)
	defer cancel()
	var last error
	for {
		began := time.Now()
		err := holds(ctx)
		if err == nil {
			return
		}
		if ctx.Err() == nil {
			last = err // not the end of patience itself
		}
		again := time.NewTimer(max(lookEvery, 4*time.Since(began)))
		select {
		case <-again.C:
		case <-ctx.Done():
			again.Stop()
			t.Fatalf("%s: %v", what, last)
		}
	}
}
