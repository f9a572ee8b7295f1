package article

import (
	"strings"
	"testing"
)

func TestAlike(t *testing.T) {
	words := strings.Fields("the people of town bridge council river said that on Monday repair cost more than was thought and none were hurt when it gave way in a storm last winter")
	paragraph := func(n int) string {
		var b strings.Builder
		for i := range 20 {
			n = (n*1103515245 + 12345 + i) & 0x7fffffff
			b.WriteString(words[n/65536%len(words)] + " ")
		}
		return b.String() + "."
	}
	var ps []string
	for n := range 8 {
		ps = append(ps, paragraph(n))
	}
	whole := strings.Join(ps, "\n\n")
	tail := strings.Repeat("All rights of what is printed here are with the paper, which is not bound by what its readers write below. ", 6)
	of := func(title, text string) *Article {
		return &Article{Title: title, Text: text, ContentHash: HashContent(title, "", text)}
	}
	const title = "The bridge of the town is open again"
	for _, tc := range []struct {
		about string
		a, b  *Article
		want  bool
	}{
		{"itself", of(title, whole), of(title, whole), true},
		{"short, itself", of("Live", "Watch."), of("Live", "Watch."), true},
		{"other white space", of(title, whole), of(title, strings.Join(ps, "\n")), true},
		{"a paragraph less", of(title, whole), of(title, strings.Join(ps[1:], "\n\n")), true},
		{"a paragraph edited", of(title, whole), of(title, strings.Replace(whole, paragraph(3), paragraph(30), 1)), true},
		{"the site's name behind the title", of(title, whole), of(title+" | News", strings.Join(ps[1:], "\n\n")), true},
		{"another title of the same text", of(title, whole), of("No one was hurt", whole), true},
		{"another title of most of the text", of(title, whole), of("No one was hurt", strings.Join(ps[1:], "\n\n")), false},
		{"a brief of it", of(title, whole), of(title, ps[0]), false},
		{"another text", of(title, whole), of(title, paragraph(101)+paragraph(102)+paragraph(103)+paragraph(104)), false},
		{"one line above a long disclaimer", of("Gold is up", "Gold is up by a tenth.\n\n"+tail), of("Silver is down", "Silver is down by a fifth.\n\n"+tail), false},
		{"the same few words under other titles", of("Live from the north", "Watch it here."), of("Live from the south", "Watch it here."), false},
		{"no text", of(title, ""), of(title, whole), false},
		{"no texts, other titles", of("a", ""), of("b", ""), false},
		{"no spaces", of("橋が開通", strings.Repeat("町の橋が月曜日に再び開通した。", 3)+strings.Repeat("住民は喜んでいる。", 2)), of("橋が開通", strings.Repeat("町の橋が月曜日に再び開通した。", 3)), true},
	} {
		if got := Alike(tc.a, tc.b); got != tc.want {
			t.Errorf("%s: %v", tc.about, got)
		}
		if Alike(tc.a, tc.b) != Alike(tc.b, tc.a) {
			t.Errorf("%s: it depends on the order", tc.about)
		}
	}
}

func TestShingles(t *testing.T) {
	for text, want := range map[string]int{"": 0, " \n": 0, "a": 1, "abcdefgh": 1, "abcdefghi": 2, "خبر عاجل": 1, "aaaaaaaaaaaaaa": 1, strings.Repeat("0123456789", 5000): 10} {
		if got := shingles(text); len(got) != want {
			t.Errorf("%.20q: %d shingles, want %d: %v", text, len(got), want, got)
		}
	}
	for s := range shingles("the bridge of the town") {
		if len(s) != shingle {
			t.Errorf("shingle %q", s)
		}
	}
}
