package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sort"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/khabar-crawler/khabar/cmd/internal/terminal"
	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/look"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/store"
	"github.com/khabar-crawler/khabar/pkg/weburl"
)

func pagesCommand() *cobra.Command {
	var flags serverFlags
	var sites []string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "pages [URL|ID]",
		Short: "Count the known pages by what became of them, or tell all about one",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withStore(cmd, flags, func(ctx context.Context, st *store.Store) error {
				if len(args) == 1 {
					return showPage(ctx, cmd.OutOrStdout(), st, args[0], asJSON)
				}
				return countPages(ctx, cmd.OutOrStdout(), st, sites, asJSON)
			})
		},
	}
	flags.add(cmd)
	cmd.Flags().StringSliceVar(&sites, "site", nil, "count only these sites (ids)")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.AddCommand(pagesListCommand(), pagesWhyCommand(), pagesAgainCommand())
	return cmd
}

// pageCount is one line of the count, sites added up.
type pageCount struct {
	Kind    string `json:"kind"`
	Status  string `json:"status"`
	Outcome string `json:"outcome,omitempty"`
	Reason  string `json:"reason,omitempty"`
	Pages   int64  `json:"pages"`
}

func countPages(ctx context.Context, w io.Writer, st *store.Store, sites []string, asJSON bool) (err error) {
	counts, err := st.Counts(ctx, store.CountQuery{Sites: sites})
	if err != nil {
		return err
	}
	sums := map[pageCount]int64{}
	var total int64
	for _, c := range counts {
		sums[pageCount{Kind: string(c.Kind), Status: string(c.Status), Outcome: string(c.Outcome), Reason: string(c.Reason)}] += c.Count
		total += c.Count
	}
	lines := make([]pageCount, 0, len(sums))
	for l, n := range sums {
		l.Pages = n
		lines = append(lines, l)
	}
	sort.Slice(lines, func(i, j int) bool {
		a, b := lines[i], lines[j]
		if a.Kind != b.Kind {
			return a.Kind < b.Kind
		}
		if a.Pages != b.Pages {
			return a.Pages > b.Pages
		}
		return a.Status+a.Outcome+a.Reason < b.Status+b.Outcome+b.Reason
	})
	if asJSON {
		return json.NewEncoder(w).Encode(lines)
	}
	out := bufio.NewWriter(w)
	defer func() { err = flushed(out, err) }()
	fmt.Fprintf(out, "%7s  %-8s %-9s %-14s %s\n", "pages", "kind", "status", "outcome", "reason")
	for _, l := range lines {
		fmt.Fprintf(out, "%7d  %-8s %-9s %-14s %s\n", l.Pages, l.Kind, l.Status, orDash(l.Outcome), l.Reason)
	}
	fmt.Fprintf(out, "%7d  in all\n", total)
	return nil
}

// pageRecord is a page as pages shows it: every field of its document under the document's own name.
type pageRecord struct {
	ID             string        `json:"id"`
	URL            string        `json:"url"`
	Site           string        `json:"site"`
	Section        string        `json:"section,omitempty"`
	Kind           string        `json:"kind"`
	Status         string        `json:"status"`
	NextAt         *time.Time    `json:"next_at,omitempty"`
	Next           string        `json:"next"` // what comes next, in words
	Outcome        string        `json:"outcome,omitempty"`
	Reason         string        `json:"reason,omitempty"`
	Meaning        string        `json:"meaning,omitempty"` // of outcome and reason, in sentences; of a page that is shown alone
	LastError      string        `json:"last_error,omitempty"`
	Attempts       int           `json:"attempts"`
	RobotsRule     string        `json:"robots_rule,omitempty"`
	RedirectTo     string        `json:"redirect_to,omitempty"`
	HTTP           *httpRecord   `json:"http,omitempty"`
	FetchedAt      *time.Time    `json:"fetched_at,omitempty"`
	ArticleID      string        `json:"article_id,omitempty"`
	ContentHash    string        `json:"content_hash,omitempty"`
	Guess          string        `json:"guess,omitempty"`
	Interval       string        `json:"interval,omitempty"`
	Yield          float64       `json:"yield,omitempty"`
	Lane           string        `json:"lane"`
	Held           string        `json:"held,omitempty"`
	Priority       int           `json:"priority"`
	Depth          int           `json:"depth"`
	DatedAt        *time.Time    `json:"dated_at,omitempty"`
	Told           *article.Told `json:"told,omitempty"`
	DiscoveredAt   time.Time     `json:"discovered_at"`
	DiscoveredFrom string        `json:"discovered_from,omitempty"`
	Run            string        `json:"run,omitempty"`
	Backfill       string        `json:"backfill,omitempty"`
	Way            string        `json:"way,omitempty"` // of a page that a backfill goes back by
}

// httpRecord is what the server answered last.
type httpRecord struct {
	Status       int    `json:"status,omitempty"`
	ETag         string `json:"etag,omitempty"`
	LastModified string `json:"last_modified,omitempty"`
	ContentType  string `json:"content_type,omitempty"`
	Bytes        int64  `json:"bytes,omitempty"`
	Unchanged    int    `json:"unchanged,omitempty"`
	Fixed        bool   `json:"fixed,omitempty"`
}

func newPageRecord(p store.Page, now time.Time) pageRecord {
	r := pageRecord{
		ID: p.ID, URL: p.URL, Site: p.Site, Section: p.Section, Kind: string(p.Kind), Status: string(p.Status), NextAt: p.NextAt,
		Next: next(p, now), Outcome: string(p.Outcome), Reason: string(p.Reason), LastError: p.LastError, Attempts: p.Attempts,
		RobotsRule: p.RobotsRule, RedirectTo: p.RedirectTo, HTTP: (*httpRecord)(p.HTTP), FetchedAt: p.FetchedAt,
		ArticleID: p.ArticleID, ContentHash: p.ContentHash, Guess: p.Guess, Yield: p.Yield, Lane: p.Lane, Held: p.Held, Priority: p.Priority, Depth: p.Depth,
		DatedAt: p.DatedAt, Told: p.Told, DiscoveredAt: p.DiscoveredAt, DiscoveredFrom: p.DiscoveredFrom, Run: p.Run,
	}
	if r.Backfill = p.Backfill; p.Walk != nil {
		r.Way = p.Walk.Way
	}
	if p.Interval > 0 {
		r.Interval = (time.Duration(p.Interval) * time.Second).String()
	}
	return r
}

// pageID is the id of a page that is named by its address or by its id.
func pageID(key string) (string, error) {
	if !strings.Contains(key, "/") {
		return key, nil
	}
	canonical, err := weburl.Canonical(key)
	return weburl.ID(canonical), err
}

func showPage(ctx context.Context, w io.Writer, st *store.Store, key string, asJSON bool) (err error) {
	id, err := pageID(key)
	if err != nil {
		return err
	}
	p, err := st.Page(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("%s is not known: no section listed it and nobody asked for it", key)
	}
	if err != nil {
		return err
	}
	r := newPageRecord(p, time.Now())
	r.Meaning = strings.TrimSpace(p.Outcome.Meaning() + " " + p.Reason.Meaning())
	if p.DiscoveredFrom != "" {
		if from, err := st.Page(ctx, p.DiscoveredFrom); err == nil {
			r.DiscoveredFrom = from.URL
		}
	}
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("page %s: %w", id, err)
	}
	if asJSON {
		_, err = fmt.Fprintf(terminal.JSON(w), "%s\n", data)
		return err
	}
	// The same fields, a line each, for people.
	out := bufio.NewWriter(w)
	defer func() { err = flushed(out, err) }()
	for _, line := range strings.Split(strings.Trim(string(data), "{}\n"), "\n") {
		name, value, ok := strings.Cut(strings.TrimSpace(line), `": `)
		if !ok {
			continue
		}
		value = strings.TrimSuffix(value, ",")
		if value == "{" {
			value = ""
		}
		var text string
		if json.Unmarshal([]byte(value), &text) == nil {
			value = text
		}
		fmt.Fprintf(out, "%s%-16s %s\n", strings.Repeat(" ", strings.Index(line, `"`)-2), strings.TrimPrefix(name, `"`), foreign(value))
	}
	return nil
}

// next says what comes next for a page, and when.
func next(p store.Page, now time.Time) string {
	if isNewer(p) {
		return "nothing by this khabar: a newer one wrote it, and it is left to that"
	}
	if p.Status == store.StatusQueued {
		if p.NextAt == nil {
			return "under way"
		}
		return "under way; tried again at " + clock(*p.NextAt) + " should it get lost"
	}
	if p.Outcome == outcome.Erased {
		return "nothing, ever: khabar erase list tells who asked for that"
	}
	if p.Held != "" {
		return "fetched when its lane, " + p.Held + ", has room for it"
	}
	if p.NextAt == nil && p.URL == "" {
		return fmt.Sprintf("nothing: it cannot be read; once it is mended, khabar pages again %s has it fetched", p.ID)
	}
	if meaning := look.Why(p.NextWhy).Meaning(); p.NextAt == nil && meaning != "" {
		return fmt.Sprintf("nothing: %s; khabar pages again %s has it fetched once more", meaning, p.URL)
	}
	if p.NextAt == nil {
		return fmt.Sprintf("nothing: %s; khabar pages again %s has it fetched once more", p.Status, p.URL)
	}
	what := "fetched"
	switch {
	case p.Status == store.StatusDue && p.Attempts > 0:
		what = "tried again"
	case p.Status == store.StatusDone && p.ArticleID != "":
		what = "looked at for edits"
	case p.Status == store.StatusDone && p.Kind != store.KindArticle:
		what = "visited again"
	case p.Status != store.StatusDue:
		what = "looked at once more"
	}
	if p.NextAt.After(now) {
		what += " at " + clock(*p.NextAt)
	} else {
		what += " by the next crawl of its site: due since " + clock(*p.NextAt)
	}
	if meaning := look.Why(p.NextWhy).Meaning(); p.Kind == store.KindArticle && meaning != "" {
		what += ": " + meaning
	}
	if p.Status == store.StatusDue && p.Attempts > 0 {
		what += fmt.Sprintf(", attempt %d", p.Attempts+1)
	}
	return what
}
