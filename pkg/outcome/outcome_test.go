package outcome

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestDocumentation compares the tables of docs/schema.md with the words and their meanings.
func TestDocumentation(t *testing.T) {
	data, err := os.ReadFile("../../docs/schema.md")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, o := range Outcomes() {
		want = append(want, fmt.Sprintf("| `%s` | %s |", o, o.Meaning()))
	}
	compare(t, "outcome", table(string(data), "| outcome | meaning |"), want)
	want = nil
	for _, r := range Reasons() {
		want = append(want, fmt.Sprintf("| `%s` | %s |", r, r.Meaning()))
	}
	want = append(want, "| `http_NNN` | "+HTTP(503).Meaning()+" |")
	compare(t, "reason", table(string(data), "| reason | meaning |"), want)
}

// table gives the rows of the table of a document that begins with that line.
func table(doc, head string) []string {
	_, rest, ok := strings.Cut(doc, head+"\n| --- | --- |\n")
	if !ok {
		return nil
	}
	rest, _, _ = strings.Cut(rest, "\n\n")
	return strings.Split(strings.TrimSpace(rest), "\n")
}

func compare(t *testing.T, what string, got, want []string) {
	t.Helper()
	if slices.Equal(got, want) {
		return
	}
	t.Errorf("docs/schema.md does not list the %ss as they are; this is its table:\n%s", what, strings.Join(want, "\n"))
}

// TestWords: each word once, in one form, with one sentence.
func TestWords(t *testing.T) {
	form := regexp.MustCompile(`^[a-z]+(_[a-z]+)*$`)
	seen := map[string]bool{}
	check := func(kind, word, meaning string) {
		if !form.MatchString(word) || seen[kind+word] {
			t.Errorf("%s %q: not of the form, or twice", kind, word)
		}
		seen[kind+word] = true
		if !strings.HasSuffix(meaning, ".") || strings.Count(meaning, ". ") > 0 || strings.ToUpper(meaning[:1]) != meaning[:1] {
			t.Errorf("%s %q: %q is not one sentence", kind, word, meaning)
		}
	}
	for _, o := range Outcomes() {
		check("outcome", string(o), o.Meaning())
	}
	for _, r := range Reasons() {
		check("reason", string(r), r.Meaning())
	}
}

func TestHTTP(t *testing.T) {
	for status, want := range map[int]Reason{404: "http_404", 599: "http_599", 100: "http_100", 0: "http_other", 799: "http_other", -1: "http_other"} {
		if got := HTTP(status); got != want || got.Meaning() == "" {
			t.Errorf("HTTP(%d) = %q (%q), want %q", status, got, got.Meaning(), want)
		}
	}
	for _, odd := range []Reason{"http_4x4", "http_999", "http_", "http_40", "gone: http 404"} {
		if m := odd.Meaning(); m != "" {
			t.Errorf("%q means %q", odd, m)
		}
	}
}

func TestText(t *testing.T) {
	for _, c := range []struct {
		o    Outcome
		r    Reason
		want string
	}{
		{Retry, ReasonTimeout, "retry: timeout"},
		{TooLarge, ReasonTooLarge, "too_large"},
		{OK, "", "ok"},
	} {
		if got := Text(c.o, c.r); got != c.want {
			t.Errorf("Text(%q, %q) = %q, want %q", c.o, c.r, got, c.want)
		}
	}
}
