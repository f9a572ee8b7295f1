package config

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Secret is text that may hold a password or a token: a connection string, a proxy. It prints, logs and marshals without
// it. Convert it to a string for its value.
type Secret string

// String gives the secret without user, password and parameters: "mongodb://***@db.example:27017/?***".
func (s Secret) String() string {
	text := string(s)
	if text == "" {
		return ""
	}
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok || strings.ContainsAny(scheme, ":@/?#") { // no scheme: the text is broken before it
		return "***"
	}
	at, query := strings.LastIndexByte(rest, '@'), strings.IndexByte(rest, '?')
	switch {
	case query >= 0 && query < at:
		return scheme + "://***" // of a password with a ?, or a parameter with an @: nobody can tell
	case query >= 0:
		rest = rest[:query] + "?***"
	}
	if at >= 0 { // the last one, as a password may hold an unescaped @
		rest = "***@" + rest[at+1:]
	}
	return scheme + "://" + rest
}

// GoString is String, for %#v.
func (s Secret) GoString() string { return strconv.Quote(s.String()) }

// MarshalText is String, for JSON and logs.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Set takes the value of a flag; with String and Type it makes *Secret a pflag.Value whose help shows no password.
func (s *Secret) Set(value string) error {
	*s = Secret(value)
	return nil
}

// Type names the flag's value in the help.
func (s *Secret) Type() string { return "url" }

// Size is a number of bytes, written as 512KiB, 10MiB, 2GiB or a plain number of bytes.
type Size int64

var errSize = errors.New("want a size such as 512KiB, 10MiB or 2GiB")

// UnmarshalText reads a size.
func (s *Size) UnmarshalText(b []byte) error {
	text, unit := strings.TrimSpace(string(b)), int64(1)
	for suffix, n := range map[string]int64{"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30} {
		if t, ok := strings.CutSuffix(text, suffix); ok {
			text, unit = strings.TrimSpace(t), n
			break
		}
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 || n > math.MaxInt64/unit {
		return fmt.Errorf("%.40q is no size; %w", b, errSize)
	}
	*s = Size(n * unit)
	return nil
}

// String writes the size in its largest whole unit.
func (s Size) String() string {
	for _, u := range []struct {
		n    Size
		name string
	}{{1 << 30, "GiB"}, {1 << 20, "MiB"}, {1 << 10, "KiB"}} {
		if s >= u.n && s%u.n == 0 {
			return strconv.FormatInt(int64(s/u.n), 10) + u.name
		}
	}
	return strconv.FormatInt(int64(s), 10)
}
