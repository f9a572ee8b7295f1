package yamlfile

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

type shout string

func (s *shout) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		return errors.New("is empty")
	}
	*s = shout(strings.ToUpper(string(b)))
	return nil
}

type inner struct {
	Delay time.Duration `yaml:"delay"`
	Count int8          `yaml:"count"`
}

type outer struct {
	Name   string   `yaml:"name"`
	On     bool     `yaml:"on"`
	Loud   shout    `yaml:"loud"`
	Inner  inner    `yaml:"inner"`
	Items  []inner  `yaml:"items"`
	Words  []string `yaml:"words"`
	Hidden string   `yaml:"-"`
}

func TestDecode(t *testing.T) {
	got := outer{Name: "default", Inner: inner{Count: 7}}
	d := Decode("x.yaml", []byte(`# a comment
name: المسلة
on: true
loud: quiet # after
inner: {delay: 1h30m}
items:
  - delay: 5s
    count: -3
  - count: 0x10
words: [a, "b", NO, '3']
`), &got)
	if err := d.Problems().Err(); err != nil {
		t.Fatal(err)
	}
	if got.Name != "المسلة" || !got.On || got.Loud != "QUIET" || got.Inner != (inner{90 * time.Minute, 7}) ||
		len(got.Items) != 2 || got.Items[0] != (inner{5 * time.Second, -3}) || got.Items[1].Count != 16 ||
		strings.Join(got.Words, " ") != "a b NO 3" {
		t.Errorf("decoded %+v", got)
	}
	if !d.Has("items[1].count") || d.Has("items[1].delay") || !d.Readable() {
		t.Error("the paths that the file gives are not known")
	}
}

// TestCommentedOut: a key whose whole content is commented out says nothing.
func TestCommentedOut(t *testing.T) {
	got := outer{Inner: inner{Count: 7}, Words: []string{"default"}}
	if err := Decode("x.yaml", []byte("inner:\n  # count: 3\nwords:\n  # - a\n"), &got).Problems().Err(); err != nil {
		t.Fatal(err)
	}
	if got.Inner.Count != 7 || len(got.Words) != 1 {
		t.Errorf("decoded %+v", got)
	}
}

func TestProblems(t *testing.T) {
	for _, tc := range []struct{ name, yaml, want string }{
		{"empty", "", "x.yaml: is empty"},
		{"only a comment", "# nothing\n", "x.yaml: is empty"},
		{"unknown key", "nmae: x", "x.yaml:1:1: nmae: unknown key, did you mean name?; allowed here: name, on, loud, inner, items, words"},
		{"nothing like it", "inner:\n  quantity: 1", "x.yaml:2:3: inner.quantity: unknown key; allowed here: delay, count"},
		{"a field that is no key", "hidden: x", "x.yaml:1:1: hidden: unknown key; allowed here: name, on, loud, inner, items, words"},
		{"twice", "name: a\non: true\nname: b", "x.yaml:3:1: name: a second time; the first is in line 1"},
		{"number for text", "name: 12", "x.yaml:1:7: name: want text, got the number 12 (put it in quotes)"},
		{"list for text", "name: [a]", "x.yaml:1:7: name: want text, got a list"},
		{"text for list", "words: a", "x.yaml:1:8: words: want a list, got text"},
		{"text for keys", "inner: a", "x.yaml:1:8: inner: want keys: delay, count, got text"},
		{"list for keys", "- a", "x.yaml:1:1: want keys: name, on, loud, inner, items, words, got a list"},
		{"yes is no boolean", "on: yes", "x.yaml:1:5: on: want true or false, got text"},
		{"number for duration", "inner:\n  delay: 5", "x.yaml:2:10: inner.delay: want a duration such as 5s, 30m or 1h, got the number 5"},
		{"bad duration", "inner: {delay: 5 s}", `x.yaml:1:16: inner.delay: "5 s" is no duration; want one such as 500ms, 5s, 30m or 1h30m`},
		{"negative duration", "inner: {delay: -5s}", `x.yaml:1:16: inner.delay: "-5s" is no duration; want one such as 500ms, 5s, 30m or 1h30m`},
		{"fraction", "inner: {count: 1.5}", "x.yaml:1:16: inner.count: want a whole number, got the number 1.5"},
		{"too large", "inner: {count: 128}", "x.yaml:1:16: inner.count: 128 is too large a number"},
		{"no value", "name:\non: true", "x.yaml:1:6: name: has no value; want text"},
		{"own type", "loud: ''", "x.yaml:1:7: loud: is empty"},
		{"anchor", "name: &n x", "x.yaml:1:7: name: anchors and aliases are not allowed; write the value out"},
		{"merge key", "<<: {name: x}", "x.yaml:1:1: <<: unknown key; allowed here: name, on, loud, inner, items, words"},
		{"tag", "name: !!str 3", "x.yaml:1:7: name: tags are not allowed; write the plain value"},
		{"second document", "name: a\n---\nname: b", "x.yaml:3:1: a second document; one file holds one"},
		{"in lists", "items:\n  - count: 1\n  - cuont: 2", "x.yaml:3:5: items[1].cuont: unknown key, did you mean count?; allowed here: delay, count"},
		{"all at once, in order", "on: 1\ninner:\n  a: 1\nname: 2", "x.yaml:1:5: on: want true or false, got the number 1\n" +
			"x.yaml:3:3: inner.a: unknown key; allowed here: delay, count\n" +
			"x.yaml:4:7: name: want text, got the number 2 (put it in quotes)"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var o outer
			if err := Decode("x.yaml", []byte(tc.yaml), &o).Problems().Err(); err == nil || err.Error() != tc.want {
				t.Errorf("got\n%v\nwant\n%s", err, tc.want)
			}
		})
	}
}

// TestSyntax leaves the wording to the parser and checks the place.
func TestSyntax(t *testing.T) {
	for _, tc := range []struct{ yaml, place string }{
		{"name: [a\n", "x.yaml:1:7: "},
		{"name: a\n on: true", "x.yaml:1:7: "},
		{"name: 'a", "x.yaml:1:7: "},
		{"\tname: a", "x.yaml:1:"},
	} {
		var o outer
		d := Decode("x.yaml", []byte(tc.yaml), &o)
		if err := d.Problems().Err(); err == nil || !strings.HasPrefix(err.Error(), tc.place) || d.Readable() {
			t.Errorf("%q: %v; want it at %s", tc.yaml, err, tc.place)
		}
	}
}

func TestAdd(t *testing.T) {
	var o outer
	d := Decode("x.yaml", []byte("name: x\nitems:\n  - delay: no\n    count: 3\n"), &o)
	d.Add("items[0].delay", "is said already")
	d.Add("items[0].count", "is %d", 3)
	d.Add("items[0].missing", "is missing")
	d.Add("top", "is missing")
	want := `x.yaml:1:1: top: is missing
x.yaml:3:5: items[0].missing: is missing
x.yaml:3:12: items[0].delay: "no" is no duration; want one such as 500ms, 5s, 30m or 1h30m
x.yaml:4:12: items[0].count: is 3`
	if got := d.Problems().Error(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	var p Problem
	if !errors.As(d.Problems().Err(), &p) || p.Line != 1 {
		t.Errorf("errors.As found %+v", p)
	}
}

func TestRead(t *testing.T) {
	dir := t.TempDir()
	big := filepath.Join(dir, "big.yaml")
	if err := os.WriteFile(big, make([]byte, maxSize+1), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		dir:                        "cannot be read: is a directory",
		filepath.Join(dir, "none"): "cannot be read: no such file or directory",
		big:                        "262145 bytes; at most 262144 are read",
	} {
		var o outer
		if err := Read(path, &o).Problems().Err(); err == nil || err.Error() != path+": "+want {
			t.Errorf("got %v; want %s", err, want)
		}
	}
}

// TestDeepNesting feeds the parser the deepest documents that the size allows.
func TestDeepNesting(t *testing.T) {
	for _, s := range []string{"[", "{a: ", "- ", "a:\n ", "? ", "&a ", "!!a "} {
		var o outer
		Decode("x.yaml", []byte("name: "+strings.Repeat(s, 2000)), &o)
		Decode("x.yaml", []byte(strings.Repeat(s, 2000)), &o)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("name: x\non: true\ninner: {delay: 5s, count: 1}\nitems:\n  - count: 2\nwords: [a, b]\n"))
	f.Add([]byte("name: |\n  a\n  b\nloud: >-\n  c\n"))
	f.Add([]byte("a: &x [*x]\n<<: *x\n--- !t\n? b\n: c\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var o outer
		d := Decode("x.yaml", data, &o)
		for _, p := range d.Problems() {
			if p.Message == "" || p.Line < 0 {
				t.Errorf("a problem without message or place: %+v", p)
			}
		}
	})
}
