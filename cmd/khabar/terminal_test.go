package main

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/creack/pty"

	"github.com/khabar-crawler/khabar/cmd/internal/proctest"
)

// TestTerminal: what steers a terminal is escaped on one, and left as it is in a pipe, on standard output and in errors.
func TestTerminal(t *testing.T) {
	const name = "a\u202eb\u009b2J"
	file := filepath.Join(t.TempDir(), name+".html")
	if err := os.WriteFile(file, []byte("<p>Text"), 0o600); err != nil {
		t.Skip("no such name on this file system:", err)
	}
	args := []string{"extract", file, filepath.Join(t.TempDir(), name)}
	piped := command(t, args...)
	if !strings.Contains(piped.Output(), name) || !strings.Contains(piped.Log(), name) {
		t.Errorf("a pipe got %q and %q", piped.Output(), piped.Log())
	}
	cmd := exec.CommandContext(t.Context(), bin.Path("khabar"), args...)
	cmd.Env = proctest.Environment(t)
	screen, err := pty.Start(cmd)
	if errors.Is(err, pty.ErrUnsupported) || errors.Is(err, os.ErrNotExist) {
		t.Skip("no terminal to test with:", err)
	} else if err != nil {
		t.Fatal(err)
	}
	defer screen.Close()
	shown, _ := io.ReadAll(screen)                           // its end is an error on Linux
	if err := cmd.Wait(); cmd.ProcessState.ExitCode() != 1 { // one file is not there
		t.Error(err)
	}
	if n := strings.Count(string(shown), `a\u202eb\u009b2J`); n != 2 || strings.ContainsAny(string(shown), "\u202e\u009b") {
		t.Errorf("the terminal got %q", shown)
	}
}

func TestIsolate(t *testing.T) {
	for in, want := range map[string]string{
		"":                      "",
		"خبر می\u200cآید":       "\u2068خبر می\u200cآید\u2069",
		"a\u2069b\u202ec\u2067": "\u2068ab c\u2069",
		"\x1b[2J\u009bx\n":      "\u2068 [2J x\n\u2069",
	} {
		if got := isolate(in); got != want {
			t.Errorf("%q becomes %q, should be %q", in, got, want)
		}
	}
}
