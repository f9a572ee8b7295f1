package article

import (
	"strings"
	"unicode/utf8"
)

// The measure of Alike: how many of the runs of shingle characters two texts share. Runs of characters serve scripts that
// part no words as well as others. The idea and the two measures, resemblance and containment, are those of Broder, "On the
// resemblance and containment of documents" (1997).
const (
	shingle = 8
	// maxCompared bounds the work, in characters of each text: two texts that are one begin alike.
	maxCompared = 20_000
	// contained is the share of the shorter text that the longer one has: a print or AMP form lacks a box or two, an edit
	// changes a paragraph. resembling is the share of the longer one: a brief is not the report that quotes it.
	contained  = 0.8
	resembling = 0.5
	// Without a title in common, nearly all of a long text must be shared: pages that differ in a line or two above what a
	// template prints on all of them share less.
	nearlyAll = 0.95
	longText  = 600 // characters, some hundred words
)

// Alike says whether two articles are two forms or versions of one text, as far as titles and texts tell.
func Alike(a, b *Article) bool {
	if a.ContentHash == b.ContentHash {
		return true
	}
	small, large := shingles(a.Text), shingles(b.Text)
	if len(small) > len(large) {
		small, large = large, small
	}
	if len(small) == 0 {
		return false
	}
	n := 0
	for s := range small {
		if large[s] {
			n++
		}
	}
	shared := float64(n)
	if sameTitle(a.Title, b.Title) {
		return shared >= contained*float64(len(small)) && shared >= resembling*float64(len(large))
	}
	return len(small) >= longText && shared >= nearlyAll*float64(len(large))
}

// shingles are the runs of characters of a text with its white space evened out; one that is shorter than a run is one.
func shingles(text string) map[string]bool {
	s := strings.Join(strings.Fields(text), " ")
	if s == "" {
		return nil
	}
	set := make(map[string]bool, min(len(s), maxCompared))
	var starts [shingle]int // where the last characters begin
	n := 0
	for i := range s {
		if n >= shingle {
			set[s[starts[n%shingle]:i]] = true
		}
		if n == maxCompared {
			return set
		}
		starts[n%shingle] = i
		n++
	}
	set[s[starts[max(n-shingle, 0)%shingle]:]] = true
	return set
}

// sameTitle compares titles but for white space and what one page adds to it, as the site's name.
func sameTitle(a, b string) bool {
	a, b = strings.Join(strings.Fields(a), " "), strings.Join(strings.Fields(b), " ")
	if len(a) > len(b) {
		a, b = b, a
	}
	return a != "" && (a == b || utf8.RuneCountInString(a) >= leastTitle && strings.Contains(b, a))
}

// leastTitle is in characters: a shorter title may well be a part of another one.
const leastTitle = 15
