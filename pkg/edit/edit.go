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
	if isSameText(old, next, text) {
		e.metadata(old, next)
		return e
	}
	if evened(old.Title) != evened(next.Title) {
		e.Fields = append(e.Fields, fieldTitle)
	}
	// What stands in one version alone may be of another design of the page, and was not read in the other.
	if was, is := evened(old.Subtitle), evened(next.Subtitle); was != is && was != "" && is != "" {
		e.Fields = append(e.Fields, fieldSubtitle)
	}
	e.Changes, e.Rewritten = diff(sentences(text, old.Language), sentences(next.Text, next.Language))
	if len(e.Changes) > 0 || e.Rewritten {
		e.Fields = append(e.Fields, fieldText)
	}
	e.metadata(old, next)
	return e
}

// isSameText says whether title, subtitle and text say the same together: a deck that was read as the text's first
// paragraph, and is read as a deck now, is no edit.
func isSameText(old, next *article.Article, text string) bool {
	return Mark(old.Title, old.Subtitle, text) == Mark(next.Title, next.Subtitle, next.Text)
}

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
