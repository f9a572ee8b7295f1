// Package edit tells what an edit changed in an article, sentence by sentence, and what is no edit at all.
//
// A text is cut into sentences by Unicode's rules (UAX #29), with the abbreviations of its language, which are data
// (words.yaml). Sentences are compared by what a reader takes in: quotation marks, dashes, white space, invisible characters
// and the encodings of one letter are evened out, and lines that count (views, comments, "5 minutes ago") are left out. So
// none of these is an edit, nor that paragraphs are cut in another way.
//
// Both lists of sentences are laid beside each other by patience diff (Cohen): the sentences that stand once in each are
// the fixed points, and between them the longest common subsequence is sought. What is left is paired where two sentences
// have more in common than not.
//
// Invariants: all functions are pure; no work grows with the square of a text's length; a list of changes is within
// MaxChanges and MaxBytes; between equal texts there is no change. Failure modes: what changed so much that it does not fit
// the list, or takes more work than is given to it, is called rewritten.
package edit

import (
	"slices"
	"strings"
	"time"

	"github.com/khabar-crawler/khabar/pkg/article"
)

// Edit is what replaces one version of an article by another.
type Edit struct {
	Fields    []string         // those of a revision that have changed, text among them
	Changes   []article.Change // of the text, in its order
	Rewritten bool             // the text has changed in more than can be listed
}

// The fields of a revision.
const (
	fieldTitle     = "title"
	fieldSubtitle  = "subtitle"
	fieldText      = "text"
	fieldAuthors   = "authors"
	fieldPublished = "published_at"
	fieldModified  = "modified_at"
)

// None says that nothing was edited. A time of modification is no edit by itself: many systems renew it for all.
func (e Edit) None() bool {
	return !slices.ContainsFunc(e.Fields, func(f string) bool { return f != fieldModified })
}

// Between says what the site changed from one version of an article to the next. text is that of the old version as it would
// be read today: without what is known by now to be its site's template.
func Between(old, next *article.Article, text string) Edit {
	var e Edit
	was, is, above := apart(text, next.Text)
	if isSameText(old, next, was, is) {
		e.metadata(old, next)
		return e
	}
	if evened(old.Title) != evened(next.Title) {
		e.Fields = append(e.Fields, fieldTitle)
	}
	// What stands in one version alone may be of another design of the page, and was not read in the other.
	if before, after := evened(old.Subtitle), evened(next.Subtitle); before != after && before != "" && after != "" {
		e.Fields = append(e.Fields, fieldSubtitle)
	}
	if e.Rewritten = len(was)+len(is) > maxCompared; !e.Rewritten {
		e.Changes, e.Rewritten = diff(sentences(was, old.Language), sentences(is, next.Language))
	}
	for i := range e.Changes {
		e.Changes[i].Paragraph += above
	}
	if len(e.Changes) > 0 || e.Rewritten {
		e.Fields = append(e.Fields, fieldText)
	}
	e.metadata(old, next)
	return e
}

// maxCompared bounds what is cut into sentences of both texts, in bytes: it takes half a second, in which others may wait for the
// store, and is twenty times what the longest reports have.
const maxCompared = 4 << 20

// isSameText says whether title, subtitle and what is apart in the texts say the same together: a deck that was read as the
// text's first paragraph, and is read as a deck now, is no edit.
func isSameText(old, next *article.Article, was, is string) bool {
	return Mark(old.Title, old.Subtitle, was) == Mark(next.Title, next.Subtitle, is)
}

// apart leaves out the paragraphs that both texts begin with, and counts them, and those that both end with: as a rule all but
// one, which saves what comparing all would cost.
func apart(a, b string) (was, is string, above int) {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	if n = strings.LastIndex(a[:n], gap) + len(gap); n >= len(gap) {
		above = strings.Count(a[:n], gap)
		a, b = a[n:], b[n:]
	}
	n = 0
	for n < len(a) && n < len(b) && a[len(a)-1-n] == b[len(b)-1-n] {
		n++
	}
	if i := strings.Index(a[len(a)-n:], gap); i >= 0 {
		a, b = a[:len(a)-n+i], b[:len(b)-n+i]
	}
	return a, b, above
}

// gap parts paragraphs.
const gap = "\n\n"

// metadata compares what is not text. What is unknown in one version is no change, and neither is a publication after the
// article was seen already, as a site claims that publishes its archive anew.
func (e *Edit) metadata(old, next *article.Article) {
	if len(old.Authors) > 0 && len(next.Authors) > 0 && !sameNames(old.Authors, next.Authors) {
		e.Fields = append(e.Fields, fieldAuthors)
	}
	if isCorrected(old, next) {
		e.Fields = append(e.Fields, fieldPublished)
	}
	if old.ModifiedAt != nil && next.ModifiedAt != nil && !old.ModifiedAt.Equal(*next.ModifiedAt) {
		e.Fields = append(e.Fields, fieldModified)
	}
}

// isCorrected says whether the page gives another publication than before, in the same place of its markup. Times that are
// printed for readers may count from now.
func isCorrected(old, next *article.Article) bool {
	if old.PublishedAt == nil || next.PublishedAt == nil || old.Published == nil || next.Published == nil {
		return false
	}
	was, is := old.Published, next.Published
	if was.Source != is.Source || was.Precision != is.Precision || !strings.HasPrefix(is.Source, "json-ld") && !strings.HasPrefix(is.Source, "meta ") {
		return false
	}
	return !old.PublishedAt.Truncate(time.Second).Equal(next.PublishedAt.Truncate(time.Second)) && !next.PublishedAt.After(old.FetchedAt)
}

// sameNames compares lists of names whatever their order.
func sameNames(a, b []string) bool {
	sorted := func(names []string) []string {
		out := make([]string, len(names))
		for i, n := range names {
			out[i] = evened(n)
		}
		slices.Sort(out)
		return slices.Compact(out)
	}
	return slices.Equal(sorted(a), sorted(b))
}
