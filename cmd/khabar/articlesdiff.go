package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/khabar-crawler/khabar/cmd/internal/terminal"
	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/store"
)

func diffCommand() *cobra.Command {
	var flags serverFlags
	var revision int
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "diff ID|URL",
		Short: "Tell what its site's edits changed in an article, sentence by sentence",
		Long: "Tells of each edit which fields it changed and, of the text, which sentences it added (+), removed (-) and changed\n" +
			"(- and + together), with the paragraph that they stand in. Typography, counters, related links and the site's template\n" +
			"are no edit. What was changed in more than two hundred sentences is told as rewritten.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withStore(cmd, flags, func(ctx context.Context, st *store.Store) error {
				a, err := findArticle(ctx, st, args[0])
				if err != nil {
					return err
				}
				revisions, unreadable := st.Revisions(ctx, a.ID)
				if unreadable != nil && len(revisions) == 0 {
					return unreadable
				}
				edits := editsOf(a, revisions)
				if cmd.Flags().Changed("rev") {
					if edits = slices.DeleteFunc(edits, func(e oneEdit) bool { return e.Revision != revision }); len(edits) == 0 {
						return noRevision(a, revision)
					}
				}
				if asJSON {
					enc := json.NewEncoder(terminal.JSON(cmd.OutOrStdout()))
					enc.SetEscapeHTML(false)
					enc.SetIndent("", "  ")
					return cmp.Or(enc.Encode(edits), unreadable)
				}
				d := &differ{w: cmd.OutOrStdout()}
				d.article(a, edits)
				return cmp.Or(d.err, unreadable)
			})
		},
	}
	flags.add(cmd)
	cmd.Flags().IntVar(&revision, "rev", 0, "only the edit that replaced this revision")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a list of objects")
	return cmd
}

func noRevision(a article.Article, revision int) error {
	if a.Revision <= 1 {
		return fmt.Errorf("--rev %d: %s is at its first revision, which no edit has replaced", revision, a.ID)
	}
	return fmt.Errorf("--rev %d: %s is at revision %d; edits replaced 1 to %d", revision, a.ID, a.Revision, a.Revision-1)
}

// oneEdit is an edit as it is told.
type oneEdit struct {
	ArticleID  string            `json:"article_id"`
	Revision   int               `json:"revision"` // that it replaced
	ReplacedAt time.Time         `json:"replaced_at"`
	Fields     []string          `json:"fields"`
	Values     map[string][2]any `json:"values,omitempty"` // before and after, of the fields but the text
	Changes    []article.Change  `json:"changes,omitempty"`
	Rewritten  bool              `json:"rewritten,omitempty"`
}

// editsOf joins each revision with the version that came after it, as far as that can be read.
func editsOf(a article.Article, revisions []article.Revision) []oneEdit {
	edits := make([]oneEdit, len(revisions))
	for i, r := range revisions {
		after := article.Revision{Revision: a.Revision, Title: a.Title, Subtitle: a.Subtitle, Authors: a.Authors, PublishedAt: a.PublishedAt, ModifiedAt: a.ModifiedAt}
		if i+1 < len(revisions) {
			after = revisions[i+1]
		}
		e := oneEdit{ArticleID: a.ID, Revision: r.Revision, ReplacedAt: r.ReplacedAt, Fields: r.Fields, Changes: r.Changes, Rewritten: r.Rewritten, Values: map[string][2]any{}}
		was, is := valuesOf(r), valuesOf(after)
		for _, f := range r.Fields {
			if before, ok := was[f]; ok && after.Revision == r.Revision+1 {
				e.Values[f] = [2]any{before, is[f]}
			}
		}
		edits[i] = e
	}
	return edits
}

// valuesOf are a version's fields that an edit may change, but its text.
func valuesOf(r article.Revision) map[string]any {
	return map[string]any{"title": r.Title, "subtitle": r.Subtitle, "authors": r.Authors, "published_at": r.PublishedAt, "modified_at": r.ModifiedAt}
}

// differ prints edits: in colour, and each text in its own direction, on a terminal, and plainly elsewhere.
type differ struct {
	w   io.Writer
	err error // the first of writing
}

func (d *differ) line(c terminal.Colour, format string, args ...any) {
	if d.err != nil {
		return
	}
	text := fmt.Sprintf(format, args...)
	if s, ok := d.w.(*terminal.Screen); ok && c != "" {
		d.err = s.Paint(c, text)
		text = ""
	}
	if d.err == nil {
		_, d.err = fmt.Fprintln(d.w, text)
	}
}

// text is a site's own, as it goes there.
func (d *differ) text(s string) string {
	if _, ok := d.w.(*terminal.Screen); ok {
		return isolate(s)
	}
	return s
}

func (d *differ) article(a article.Article, edits []oneEdit) {
	d.line("", "%s\n%s  %s", d.text(a.Title), a.ID, a.CanonicalURL)
	if a.Gone != nil {
		d.line("", "gone since %s: %s", a.Gone.At.Format(time.RFC3339), a.Gone.Reason)
	}
	if len(edits) == 0 {
		d.line("", "\nNever edited: it is as it was first stored, on %s.", a.FirstSeenAt.Format(time.RFC3339))
	}
	for _, e := range edits {
		d.edit(e)
	}
}

func (d *differ) edit(e oneEdit) {
	fields := strings.Join(e.Fields, ", ")
	if len(e.Fields) == 0 {
		fields = "what changed was not noted"
	}
	d.line("", "\nRevision %d, replaced %s: %s", e.Revision, e.ReplacedAt.Format(time.RFC3339), fields)
	for _, f := range e.Fields {
		if v, ok := e.Values[f]; ok {
			d.line("", "  %s", f)
			d.sentence(terminal.Red, "-", shownValue(v[0]))
			d.sentence(terminal.Green, "+", shownValue(v[1]))
		}
	}
	paragraph := 0
	for _, c := range e.Changes {
		if c.Paragraph != paragraph {
			paragraph = c.Paragraph
			d.line("", "  paragraph %d", paragraph)
		}
		d.sentence(terminal.Red, "-", c.Before)
		d.sentence(terminal.Green, "+", c.After)
	}
	if e.Rewritten {
		d.line("", "  The text was rewritten: more of it has changed than is listed.")
	}
}

func (d *differ) sentence(c terminal.Colour, sign, text string) {
	if text != "" {
		d.line(c, "  %s %s", sign, d.text(text))
	}
}

// shownValue is a field's value for people.
func shownValue(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case []string:
		return strings.Join(v, "، ")
	case *time.Time:
		if v != nil {
			return v.Format(time.RFC3339)
		}
	}
	return ""
}
