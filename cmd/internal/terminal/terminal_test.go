package terminal

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestScreen(t *testing.T) {
	for _, tc := range []struct{ in, want string }{
		{"plain\ttext\n", "plain\ttext\n"},
		{"خبر می\u200cآید\u200f 日本 \U0001f642", "خبر می\u200cآید\u200f 日本 \U0001f642"},
		{"\u2068own\u2069 isolate", "\u2068own\u2069 isolate"},
		{"\x1b]0;title\x07\x1b[2J\r", `\u001b]0;title\u0007\u001b[2J\u000d`},
		{"a\u009b2J\u0085\x7f\x00", `a\u009b2J\u0085\u007f\u0000`},
		{"a\u202eb\u202a\u2066c\u2067", `a\u202eb\u202a\u2066c\u2067`},
		{"\x9b2J \xc3(", "\ufffd2J \ufffd("},
	} {
		var whole, bytewise bytes.Buffer
		if n, err := NewScreen(&whole).Write([]byte(tc.in)); n != len(tc.in) || err != nil || whole.String() != tc.want {
			t.Errorf("%q comes out as %q (%d, %v), should be %q", tc.in, whole.String(), n, err, tc.want)
		}
		s := NewScreen(&bytewise)
		for i := range len(tc.in) {
			if n, err := s.Write([]byte(tc.in)[i : i+1]); n != 1 || err != nil {
				t.Fatal(n, err)
			}
		}
		if bytewise.String() != tc.want {
			t.Errorf("%q comes out byte by byte as %q, should be %q", tc.in, bytewise.String(), tc.want)
		}
	}
}

// TestJSON: what a terminal shows is the same JSON.
func TestJSON(t *testing.T) {
	const title = "a\u2068b\u2069\u202e\u009b2J\x1b خبر"
	var out bytes.Buffer
	if err := json.NewEncoder(JSON(NewScreen(&out))).Encode(title); err != nil {
		t.Fatal(err)
	}
	if bytes.ContainsFunc(bytes.TrimSpace(out.Bytes()), steersAnything) {
		t.Errorf("%q", out.Bytes())
	}
	var back string
	if err := json.Unmarshal(out.Bytes(), &back); err != nil || back != title {
		t.Errorf("%q, %v", back, err)
	}
	if w := JSON(&out); w != &out {
		t.Error("what is no terminal is not written to as it is")
	}
}

func TestRedraw(t *testing.T) {
	var out bytes.Buffer
	s := NewScreen(&out)
	if err := s.Redraw("5 pages \x1b[2J"); err != nil || out.String() != "\r5 pages \\u001b[2J\x1b[K" {
		t.Errorf("%q, %v", out.String(), err)
	}
}

func TestWriterOfAFile(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "export"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if w := Writer(f); w != f {
		t.Errorf("a file is written to by %T", w)
	}
}

// TestPaint: a colour is the program's own, and nothing of the text steers.
func TestPaint(t *testing.T) {
	for colours, want := range map[bool]string{true: "\x1b[31m- a\\u001b[2J\x1b[0m", false: "- a\\u001b[2J"} {
		var b strings.Builder
		s := NewScreen(&b)
		s.colours = colours
		if err := s.Paint(Red, "- a\x1b[2J"); err != nil || b.String() != want {
			t.Errorf("%q, %v", b.String(), err)
		}
	}
}
