// Package terminal keeps what sites wrote from steering the terminal that shows it: an escape sequence in a headline may
// retitle the window, clear the screen or answer in the user's place, and a direction override turns what stands around it.
//
// Invariants: a Screen passes line breaks, tabs and printable text as they are; every other control character, every
// character that overrides a direction, and every byte that is no UTF-8 comes out as something to read. What is written to
// a file or a pipe is not touched: whoever reads it wants the text as it is. Failure modes: a write fails as the terminal's
// does.
package terminal

import (
	"fmt"
	"io"
	"os"
	"sync"
	"unicode/utf8"

	"golang.org/x/term"
)

// Writer gives a Screen on f where f is a terminal, and else f itself.
func Writer(f *os.File) io.Writer {
	if !term.IsTerminal(int(f.Fd())) {
		return f
	}
	s := NewScreen(f)
	s.colours = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" // no-color.org
	if columns, _, err := term.GetSize(int(f.Fd())); err == nil {
		s.columns = columns
	}
	return s
}

// Screen is a writer to a terminal. Its methods may be called concurrently.
type Screen struct {
	columns int
	colours bool

	mu   sync.Mutex
	w    io.Writer
	rest []byte // of a character that a write ended in
}

// NewScreen is a Screen on w, of a width that is not known.
func NewScreen(w io.Writer) *Screen { return &Screen{w: w} }

// Columns is the terminal's width when it was opened, 0 where it is not known.
func (s *Screen) Columns() int { return s.columns }

// Write shows text, which may have direction isolates (U+2068, U+2069) of the program's own.
func (s *Screen) Write(p []byte) (int, error) { return s.show(p, Steers) }

// Redraw puts a text in the place of the line that the cursor is in.
func (s *Screen) Redraw(line string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.w.Write(append(readable([]byte("\r"), []byte(line), steersAnything), "\x1b[K"...))
	return err
}

// Colour is one of a terminal's own.
type Colour string

// The colours, as their owner has set them.
const (
	Red   Colour = "31"
	Green Colour = "32"
)

// Paint shows text in a colour, where the terminal has any, with direction isolates as Write does.
func (s *Screen) Paint(c Colour, text string) error {
	if !s.colours {
		_, err := s.Write([]byte(text))
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	out := fmt.Appendf(nil, "\x1b[%sm", c)
	_, err := s.w.Write(append(readable(out, []byte(text), Steers), "\x1b[0m"...))
	return err
}

// Clear empties the screen, for what is written next to stand at its top.
func (s *Screen) Clear() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := io.WriteString(s.w, "\x1b[H\x1b[2J")
	return err
}

func (s *Screen) show(p []byte, steers func(rune) bool) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	text := append(s.rest, p...)
	whole := len(text) - partial(text)
	s.rest = append([]byte(nil), text[whole:]...)
	if _, err := s.w.Write(readable(nil, text[:whole], steers)); err != nil {
		return 0, err
	}
	return len(p), nil
}

// partial is how many bytes at the end may be the beginning of a character.
func partial(text []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(text); n++ {
		if tail := text[len(text)-n:]; utf8.RuneStart(tail[0]) {
			if utf8.FullRune(tail) {
				return 0
			}
			return n
		}
	}
	return 0
}

// readable appends text to out, with an escape as in JSON for each character that steers.
func readable(out, text []byte, steers func(rune) bool) []byte {
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		switch {
		case r == utf8.RuneError && n == 1:
			out = utf8.AppendRune(out, r)
		case steers(r):
			out = fmt.Appendf(out, `\u%04x`, r)
		default:
			out = append(out, text[:n]...)
		}
		text = text[n:]
	}
	return out
}

// JSON gives the writer for JSON on w. On a Screen all direction marks of strings are escaped, isolates among them, which
// the same JSON is with; elsewhere it is w.
func JSON(w io.Writer) io.Writer {
	if s, ok := w.(*Screen); ok {
		return jsonScreen{s}
	}
	return w
}

type jsonScreen struct{ *Screen }

// Write shows JSON.
func (s jsonScreen) Write(p []byte) (int, error) { return s.show(p, steersAnything) }

// Steers says whether a character moves the cursor, is part of a command to the terminal, or turns text outside its own
// line's isolates.
func Steers(r rune) bool {
	return r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r <= 0x9f || r >= 0x202A && r <= 0x202E || r == 0x2066 || r == 0x2067
}

func steersAnything(r rune) bool { return Steers(r) || r == 0x2068 || r == 0x2069 }
