package yield

import (
	"net/url"
	"slices"
	"strings"
	"unicode"
)

const (
	// maxKey bounds a form in bytes, and maxSegments and maxNames what is told apart in it.
	maxKey, maxSegments, maxNames = 200, 6, 6
	// maxWord is the longest segment that may name a part of the site.
	maxWord = 24
)

// FormOf gives the form of a canonical address: the host, the first segment of the path where it is a word, what kind of thing
// each further one is (n a number, w a word, p two words, s a slug, m what has digits in it), and the names of the query's
// parameters. Two words alone are a page, as one is a section. A path that repeats itself is a form of its own. "" for what is no
// URL.
func FormOf(canonical string) string {
	u, err := url.Parse(canonical)
	if err != nil || u.Host == "" {
		return ""
	}
	segments := strings.FieldsFunc(u.Path, func(r rune) bool { return r == '/' })
	var b strings.Builder
	b.WriteString(strings.TrimPrefix(u.Host, "www."))
	if repeats(segments) {
		b.WriteString("/(repeats)")
		return cut(b.String())
	}
	for i, s := range segments {
		if i == maxSegments {
			b.WriteString("/…")
			break
		}
		b.WriteByte('/')
		if kind := kindOf(s); i == 0 && (kind == "w" || kind == "p" && len(segments) > 1) {
			b.WriteString(strings.ToLower(s))
		} else {
			b.WriteString(kind)
		}
	}
	if keys := keysOf(u.RawQuery); len(keys) > 0 {
		b.WriteByte('?')
		b.WriteString(strings.Join(keys, "&"))
	}
	return cut(b.String())
}

// repeats says whether a path has a segment three times: links that are relative where they should not be make it grow.
func repeats(segments []string) bool {
	count := map[string]int{}
	for _, s := range segments {
		if count[s]++; count[s] >= 3 && kindOf(s) != "n" {
			return true
		}
	}
	return false
}

func kindOf(segment string) string {
	digits, letters, breaks := 0, 0, 0
	for _, r := range segment {
		switch {
		case unicode.IsDigit(r):
			digits++
		case r == '-' || r == '_' || r == '+' || r == ' ':
			breaks++
		default:
			letters++
		}
	}
	switch {
	case digits > 0 && letters == 0:
		return "n"
	case breaks >= 2 || len(segment) > maxWord:
		return "s"
	case digits > 0:
		return "m"
	case breaks == 1:
		return "p"
	}
	return "w"
}

// isWord says whether the name of a parameter stands for itself.
func isWord(name string) bool { return kindOf(name) == "w" || kindOf(name) == "p" }

// keysOf gives the names of a query's parameters, sorted, each once.
func keysOf(query string) []string {
	var keys []string
	for pair := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(pair, "=")
		if name, _, _ = strings.Cut(strings.ToLower(name), "["); name != "" && isWord(name) && !slices.Contains(keys, name) {
			keys = append(keys, name)
		} else if name != "" && !isWord(name) && !slices.Contains(keys, "*") {
			keys = append(keys, "*")
		}
		if len(keys) > maxNames {
			keys[maxNames] = "…"
			break
		}
	}
	slices.Sort(keys)
	return keys
}

func cut(form string) string {
	if len(form) > maxKey {
		form = strings.ToValidUTF8(form[:maxKey], "")
	}
	return form
}
