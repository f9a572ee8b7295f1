package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/khabar-crawler/khabar/cmd/internal/terminal"
	"github.com/khabar-crawler/khabar/pkg/coverage"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/store"
)

func sectionsCommand() *cobra.Command {
	var flags serverFlags
	var sites []string
	var asJSON, sitemaps bool
	cmd := &cobra.Command{
		Use:   "sections",
		Short: "List the sections of sites: when each is visited, why then, and what its visits prove",
		Long: "Lists each known section: its last visit and the next one, with why it is then; how many articles a day it was the first to\n" +
			"show, and how late these were found in the mean, as far as its rhythm tells; how many new articles a visit brings; and its\n" +
			"gaps. A visit proves that nothing was missed where what was newest at the one before is still listed. Where it is not there\n" +
			"is a gap, which is closed by reading further pages back to what was known, or told where that cannot be done.",
		Example: "  khabar sections --site news.example\n  khabar sections --json | jq 'select(.gaps.told > 0)'",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withStore(cmd, flags, func(ctx context.Context, st *store.Store) error {
				all, err := readSections(ctx, cmd.ErrOrStderr(), st, sites, sitemaps)
				if err != nil {
					return err
				}
				return printSections(cmd.OutOrStdout(), all, sites, asJSON)
			})
		},
	}
	flags.add(cmd)
	cmd.Flags().StringSliceVar(&sites, "site", nil, "only these sites (ids)")
	cmd.Flags().BoolVar(&sitemaps, "sitemaps", false, "list the sitemaps below an index, too, which the index has visited")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a line")
	return cmd
}

// sectionRecord is a section as sections shows it.
type sectionRecord struct {
	ID        string      `json:"id"`
	Site      string      `json:"site"`
	Section   string      `json:"section,omitempty"`
	Kind      string      `json:"kind"`
	URL       string      `json:"url"`
	Status    string      `json:"status"`
	Outcome   string      `json:"outcome,omitempty"`
	Reason    string      `json:"reason,omitempty"`
	LastVisit *time.Time  `json:"last_visit,omitempty"`
	NextVisit *time.Time  `json:"next_visit,omitempty"`
	NextWhy   string      `json:"next_why,omitempty"`
	Why       string      `json:"why"`             // the next visit is then, in words
	Index     string      `json:"index,omitempty"` // the id of the sitemap that lists this one and has it visited
	PerDay    *float64    `json:"articles_per_day,omitempty"`
	Delay     *float64    `json:"delay_minutes,omitempty"`
	Yield     float64     `json:"yield"`
	Listed    int         `json:"listed,omitempty"` // articles, at the last visit that found any
	Proof     string      `json:"proof,omitempty"`
	Gaps      gapsRecord  `json:"gaps"`
	Cost      *float64    `json:"bytes_per_visit,omitempty"`
	Shares    *sharedWith `json:"shared,omitempty"`
}

// gapsRecord is what became of a section's gaps.
type gapsRecord struct {
	Found  int        `json:"found"`
	Closed int        `json:"closed"`
	Told   int        `json:"told"`
	Open   int        `json:"open"`
	Since  *time.Time `json:"since,omitempty"`
	Why    string     `json:"why,omitempty"` // the last one was told
	ToldAt *time.Time `json:"told_at,omitempty"`
}

// sharedWith is how many articles a day came into a section's list, and of these, how many it showed when others long did.
type sharedWith struct {
	Listed float64 `json:"listed_per_day"`
	Late   float64 `json:"late_per_day"`
}

func newSectionRecord(p store.Page, now time.Time) sectionRecord {
	r := sectionRecord{
		ID: p.ID, Site: p.Site, Section: p.Section, Kind: string(p.Kind), URL: p.URL, Status: string(p.Status),
		Outcome: string(p.Outcome), Reason: string(p.Reason), LastVisit: p.FetchedAt, NextVisit: p.NextAt, NextWhy: string(p.NextWhy),
		Why: whyThen(p, now), Yield: p.Yield,
	}
	if isBelowIndex(p) {
		r.Index = p.DiscoveredFrom
	}
	if p.Listed != nil {
		r.Listed, r.Proof = p.Listed.Size, string(p.Listed.Proof)
	}
	if g := p.Gaps; g != nil {
		r.Gaps = gapsRecord{Found: g.Found, Closed: g.Closed, Told: g.Told, Open: g.Open, Since: g.Since, Why: string(g.Why), ToldAt: g.ToldAt}
	}
	if s := p.Rhythm; s != nil && s.Valid() && s.Days > 0 {
		rate, delay := s.Rate(), s.Delay().Minutes()
		r.PerDay, r.Cost = &rate, &s.Cost
		if s.Count > 0 {
			r.Delay = &delay
		}
		r.Shares = &sharedWith{Listed: s.Moved / s.Days, Late: s.Late / s.Days}
	}
	return r
}

// whyThen says why a section's next visit is when it is.
func whyThen(p store.Page, now time.Time) string {
	if why := p.NextWhy.Meaning(); why != "" && p.Status == store.StatusDone {
		return why
	}
	if isBelowIndex(p) && p.NextAt == nil && p.Status == store.StatusDone {
		return "when that says that it changed, or what it brought before lets expect something"
	}
	switch {
	case p.Status == store.StatusQueued, p.Held != "":
		return next(p, now)
	case p.FetchedAt == nil:
		return "it was not visited yet"
	case p.Outcome != outcome.OK && p.Outcome != outcome.NotModified:
		return "the last visit came to nothing: " + outcome.Text(p.Outcome, p.Reason)
	}
	return next(p, now)
}

// isBelowIndex is true for a sitemap that an index lists, which is visited when the index says so.
func isBelowIndex(p store.Page) bool {
	return p.Kind == store.KindSitemap && p.Depth > 0 && p.Walk == nil && !p.IsSection()
}

// readSections reads them in the order of their sites and addresses, on demand with the sitemaps below an index.
func readSections(ctx context.Context, progress io.Writer, st *store.Store, sites []string, sitemaps bool) (all []store.Page, err error) {
	left := 0
	read := func(pages iter.Seq2[store.Page, error], is func(store.Page) bool) error {
		for p, err := range pages {
			switch {
			case errors.Is(err, store.ErrNewer), errors.Is(err, store.ErrUnreadable):
				left++
			case err != nil:
				return err
			case is(p):
				all = append(all, p)
			}
		}
		return nil
	}
	if err := read(st.Sections(ctx, sites), store.Page.IsSection); err != nil {
		return nil, err
	}
	if sitemaps {
		below := st.FindPages(ctx, store.PageFilter{Sites: sites, Kinds: []store.Kind{store.KindSitemap}})
		if err := read(below, isBelowIndex); err != nil {
			return nil, err
		}
	}
	if left > 0 {
		fmt.Fprintf(progress, "%d pages cannot be read, or were written by a newer khabar\n", left)
	}
	slices.SortFunc(all, func(a, b store.Page) int { return cmp.Or(cmp.Compare(a.Site, b.Site), cmp.Compare(a.URL, b.URL)) })
	return all, nil
}

func printSections(w io.Writer, all []store.Page, sites []string, asJSON bool) (err error) {
	if asJSON {
		w = terminal.JSON(w)
	}
	out := bufio.NewWriter(w)
	defer func() { err = flushed(out, err) }()
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	now, site := time.Now(), ""
	for _, p := range all {
		r := newSectionRecord(p, now)
		if asJSON {
			if err := enc.Encode(r); err != nil {
				return fmt.Errorf("section %s: %w", p.ID, err)
			}
			continue
		}
		if p.Site != site {
			site = p.Site
			fmt.Fprintf(out, "%s\n", foreign(site))
		}
		r.print(out, p.Gaps)
	}
	switch {
	case asJSON:
	case len(all) == 0 && len(sites) > 0:
		fmt.Fprintf(out, "no section of %s is known\n", foreign(strings.Join(sites, ", ")))
	default:
		fmt.Fprintf(out, "%d sections\n", len(all))
	}
	return nil
}

// print shows a section to people.
func (r sectionRecord) print(out io.Writer, g *coverage.Gaps) {
	fmt.Fprintf(out, "  %-8s %s\n", r.Kind, foreign(r.URL))
	at := func(t *time.Time) string {
		if t == nil {
			return "never"
		}
		return clock(*t)
	}
	next := at(r.NextVisit)
	if r.Index != "" && r.NextVisit == nil {
		next = "by its index"
	}
	fmt.Fprintf(out, "    visited  %s, next %s: %s\n", at(r.LastVisit), next, foreign(r.Why))
	if r.Index != "" {
		fmt.Fprintf(out, "    shows    %.1f articles a visit first lately\n", r.Yield)
		return
	}
	if r.PerDay != nil {
		delay := ""
		if r.Delay != nil {
			delay = fmt.Sprintf(", found after %.0f min in the mean", *r.Delay)
		}
		fmt.Fprintf(out, "    shows    %.1f articles a day first%s; %.1f a visit lately\n", *r.PerDay, delay, r.Yield)
	}
	fmt.Fprintf(out, "    gaps     %s\n", r.Gaps.text(g, r.Proof))
}

// text says in words what became of the gaps.
func (g gapsRecord) text(stored *coverage.Gaps, proof string) string {
	var parts []string
	for _, part := range []struct {
		n    int
		what string
	}{{g.Closed, "closed"}, {g.Told, "told"}, {g.Open, "open"}} {
		if part.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", part.n, part.what))
		}
	}
	text := cmp.Or(strings.Join(parts, ", "), "none")
	if g.Since != nil {
		text += " since " + clock(*g.Since)
	}
	if g.ToldAt != nil && stored != nil {
		text += fmt.Sprintf("; the last told at %s, for %s", clock(*g.ToldAt), stored.Why.Meaning())
	}
	switch coverage.Proof(proof) {
	case coverage.NoOrder:
		text += "; it lists in no order, from which nothing can be told"
	case coverage.First, "":
		text += "; nothing to compare with yet"
	}
	return text
}
