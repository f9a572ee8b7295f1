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
	article.Article
	Published     string              `json:"published,omitempty"`
	PublishedFrom *article.Provenance `json:"published_from,omitempty"`
	Modified      string              `json:"modified,omitempty"`
	ModifiedFrom  *article.Provenance `json:"modified_from,omitempty"`
}

// JSONL writes the articles to w, one JSON object a line, and gives their number.
func JSONL(w io.Writer, articles iter.Seq2[article.Article, error]) (int, error) {
	out := bufio.NewWriterSize(w, 1<<16)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	n := 0
	for a, err := range articles {
		if err == nil {
			err = enc.Encode(line{a, a.Published.Format(a.PublishedAt), a.Published, a.Modified.Format(a.ModifiedAt), a.Modified})
		}
		if err != nil {
			_ = out.Flush() // the first error is the one to tell
			return n, fmt.Errorf("export after %d articles: %w", n, err)
		}
		n++
	}
	if err := out.Flush(); err != nil {
		return n, fmt.Errorf("export of %d articles: %w", n, err)
	}
	return n, nil
}
