package yamlfile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Problem is one thing wrong with a file, at the place where it is written.
type Problem struct {
	File    string
	Line    int // from 1; 0 where the problem is with the file as a whole
	Column  int // from 1, in characters
	Key     string
	Message string // what is wrong and what is allowed
}

// String gives "file:line:column: key: message", the form that editors and terminals make a link of.
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", p.Line, p.Column)
	}
	for _, s := range []string{p.Key, p.Message} {
		if s != "" {
			b.WriteString(": ")
			b.WriteString(s)
		}
	}
	return b.String()
}

// Error is String.
func (p Problem) Error() string { return p.String() }

// Problems is every problem found, in the order of the file. As an error it prints one to a line.
type Problems []Problem

// Error gives the problems, one to a line.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives each Problem, for errors.As.
func (ps Problems) Unwrap() []error {
	errs := make([]error, len(ps))
	for i, p := range ps {
		errs[i] = p
	}
	return errs
}

// Err is nil where there is no problem.
func (ps Problems) Err() error {
	if len(ps) == 0 {
		return nil
	}
	return ps
}

func (ps Problems) sort() {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}

// Closest gives the allowed word nearest to a mistyped one, or "" where none is near: at most two edits away, and less
// than half of the word, so that "id" does not answer for "url".
func Closest(word string, allowed []string) string {
	best, near := "", 3
	for _, a := range allowed {
		if d := distance(strings.ToLower(word), a); d < near && d*2 < len(a) {
			best, near = a, d
		}
	}
	return best
}

// distance is the number of letters to insert, delete, replace or swap with their neighbour that turn a into b (Damerau's
// edit distance, restricted).
func distance(a, b string) int {
	if len(a) > 64 { // no key is near that long
		return len(a)
	}
	var before []int
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		next := make([]int, len(b)+1)
		next[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			next[j] = min(row[j]+1, next[j-1]+1, row[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				next[j] = min(next[j], before[j-2]+1)
			}
		}
		before, row = row, next
	}
	return row[len(b)]
}

// Brief writes a duration as people do, for messages: 5m and not 5m0s.
func Brief(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
