package main

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/khabar-crawler/khabar/cmd/internal/terminal"
)

// Marks that keep a piece of text in its own direction (UAX #9), so that an Arabic title does not turn the line around it.
const (
	firstStrongIsolate = "\u2068"
	popIsolate         = "\u2069"
)

// isolate prepares foreign text for a terminal: its direction stays its own, and characters that steer are left out.
func isolate(s string) string {
	if s == "" {
		return ""
	}
	var b strings.Builder
	b.WriteString(firstStrongIsolate)
	for _, r := range s {
		switch {
		case r >= 0x2066 && r <= 0x2069: // the marks around it are its only isolate
		case terminal.Steers(r):
			b.WriteByte(' ')
		default:
			b.WriteRune(r)
		}
	}
	b.WriteString(popIsolate)
	return b.String()
}

// foreign is isolate where there is something to isolate: plain ASCII stays as it is, to be copied.
func foreign(s string) string {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return isolate(s)
		}
	}
	return s
}

// firstWords cuts text to about n characters at a word's end.
func firstWords(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	r := []rune(s)[:n]
	cut := string(r)
	if i := strings.LastIndexByte(cut, ' '); i > 0 {
		cut = cut[:i]
	}
	return cut + " …"
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// flushed gives the error of a command that has written to out, or else that of writing what is still in it.
func flushed(out *bufio.Writer, err error) error {
	if werr := out.Flush(); err == nil && werr != nil {
		return fmt.Errorf("write: %w", bare(werr))
	}
	return err
}

// bare is err without the operation and the file's name, which the message around it gives in its own words.
func bare(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// clock is a time as people are shown it.
func clock(t time.Time) string { return t.Local().Format(time.RFC3339) }
