// Package export writes stored articles in the forms that others read.
//
// Invariants: one article is one line of JSON, with the field names of the articles collection, absent where unknown,
// plus published and modified in the zone they were read in; text stays as it is, so right-to-left scripts are not
// escaped. Failure modes: an error ends the export with all complete lines written, and says after how many.
package export

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"iter"

	"github.com/khabar-crawler/khabar/pkg/article"
)

// line is an article as it is exported.
type line struct {
	Token string `json:"token,omitempty"` // of a feed
	article.Article
	Published     string              `json:"published,omitempty"`
	PublishedFrom *article.Provenance `json:"published_from,omitempty"`
	Modified      string              `json:"modified,omitempty"`
	ModifiedFrom  *article.Provenance `json:"modified_from,omitempty"`
}

// Lines writes articles one by one. What it was given is written at the latest by Flush.
type Lines struct {
	out *bufio.Writer
	enc *json.Encoder
}

// NewLines makes one that writes to w.
func NewLines(w io.Writer) *Lines {
	out := bufio.NewWriterSize(w, 1<<16)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	return &Lines{out, enc}
}

// Write adds an article as one line, with the token of a feed after it; "" for none.
func (l *Lines) Write(a article.Article, token string) error {
	return l.enc.Encode(line{token, a, a.Published.Format(a.PublishedAt), a.Published, a.Modified.Format(a.ModifiedAt), a.Modified})
}

// WriteErased adds a line that says that an article was erased.
func (l *Lines) WriteErased(id string, seq int64, token string) error {
	return l.enc.Encode(struct {
		Token  string `json:"token"`
		ID     string `json:"id"`
		Seq    int64  `json:"seq"`
		Erased bool   `json:"erased"`
	}{token, id, seq, true})
}

// Flush writes what is held.
func (l *Lines) Flush() error { return l.out.Flush() }

// JSONL writes the articles to w, one JSON object a line, and gives their number.
func JSONL(w io.Writer, articles iter.Seq2[article.Article, error]) (int, error) {
	lines := NewLines(w)
	n := 0
	for a, err := range articles {
		if err == nil {
			err = lines.Write(a, "")
		}
		if err != nil {
			_ = lines.Flush() // the first error is the one to tell
			return n, fmt.Errorf("export after %d articles: %w", n, err)
		}
		n++
	}
	if err := lines.Flush(); err != nil {
		return n, fmt.Errorf("export of %d articles: %w", n, err)
	}
	return n, nil
}
