package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/khabar-crawler/khabar/cmd/internal/terminal"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/store"
)

// pageFlags choose pages.
type pageFlags struct {
	sites, statuses, outcomes, reasons, kinds []string
	since, older                              string
	limit                                     int
}

func (f *pageFlags) add(cmd *cobra.Command, limit int) {
	cmd.Flags().StringSliceVar(&f.sites, "site", nil, "only these sites (ids)")
	cmd.Flags().StringSliceVar(&f.statuses, "status", nil, "only these statuses: "+listed(store.Statuses()))
	cmd.Flags().StringSliceVar(&f.outcomes, "outcome", nil, "only pages of which the last attempt came to this: "+listed(outcome.Outcomes()))
	cmd.Flags().StringSliceVar(&f.reasons, "reason", nil, "only pages with these reasons, as http_503 or timeout; docs/schema.md lists all")
	cmd.Flags().StringSliceVar(&f.kinds, "kind", nil, "only these kinds: "+listed(store.Kinds()))
	cmd.Flags().StringVar(&f.since, "since", "", "fetched last, or found where never fetched, at or after this date, time or age (24h, 7d)")
	cmd.Flags().StringVar(&f.older, "older", "", "fetched last, or found where never fetched, before this date, time or age")
	cmd.Flags().IntVar(&f.limit, "limit", limit, "at most so many (0: all)")
}

// filter checks every word: one that is misspelt would choose nothing, without a word.
func (f pageFlags) filter() (q store.PageFilter, err error) {
	now := time.Now()
	q.Sites, q.Limit = f.sites, f.limit
	if q.Statuses, err = allowed("status", f.statuses, store.Statuses()); err != nil {
		return q, err
	}
	if q.Outcomes, err = allowed("outcome", f.outcomes, outcome.Outcomes()); err != nil {
		return q, err
	}
	if q.Kinds, err = allowed("kind", f.kinds, store.Kinds()); err != nil {
		return q, err
	}
	for _, word := range f.reasons {
		if outcome.Reason(word).Meaning() == "" {
			return q, fmt.Errorf("--reason %q: give http_ and a status, as http_503, or one of %s", word, listed(outcome.Reasons()))
		}
		q.Reasons = append(q.Reasons, outcome.Reason(word))
	}
	if q.Since, err = span("since", f.since, now); err != nil {
		return q, err
	}
	if q.Until, err = span("older", f.older, now); err != nil {
		return q, err
	}
	if f.limit < 0 {
		return q, fmt.Errorf("--limit %d: give 0 for all, or more", f.limit)
	}
	return q, nil
}

// allowed are the words that a flag gives, each of which must be one of those that there are.
func allowed[T ~string](flag string, words []string, all []T) ([]T, error) {
	var out []T
	for _, w := range words {
		if !slices.Contains(all, T(w)) {
			return nil, fmt.Errorf("--%s %q: give one of %s", flag, w, listed(all))
		}
		out = append(out, T(w))
	}
	return out, nil
}

func listed[T ~string](words []T) string {
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = string(w)
	}
	return strings.Join(texts, ", ")
}

// defaultPagesListed is about a screen; all are had by --limit 0, and as JSON unless --limit says otherwise.
const defaultPagesListed = 50

func pagesListCommand() *cobra.Command {
	var flags serverFlags
	var choice pageFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List pages: what became of each, why, and what comes next",
		Long: "Lists known pages, in no order, by any of site, status, outcome, reason, kind and age. The age of a page is that of its\n" +
			"last fetch or, where it never was fetched, of when it was found.",
		Example: "  khabar pages list --status dead,gone --older 7d\n  khabar pages list --site news.example --reason http_403 --json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if asJSON && !cmd.Flags().Changed("limit") {
				choice.limit = 0
			}
			q, err := choice.filter()
			if err != nil {
				return err
			}
			return withStore(cmd, flags, func(ctx context.Context, st *store.Store) error {
				return listPages(ctx, cmd.OutOrStdout(), cmd.ErrOrStderr(), st, q, asJSON)
			})
		},
	}
	flags.add(cmd)
	choice.add(cmd, defaultPagesListed)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a line, all pages unless --limit is given")
	return cmd
}

func listPages(ctx context.Context, w, progress io.Writer, st *store.Store, q store.PageFilter, asJSON bool) (err error) {
	if asJSON {
		w = terminal.JSON(w)
	}
	out := bufio.NewWriter(w)
	defer func() { err = flushed(out, err) }()
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	limit := q.Limit
	if limit > 0 {
		q.Limit++ // one more than is shown tells whether there are more
	}
	if !asJSON {
		fmt.Fprintf(out, "%-8s  %-28s  %-8s  %-20s  %-20s  %s\n", "status", "outcome", "kind", "site", "fetched", "url")
	}
	n, newer := 0, 0
	for p, err := range st.FindPages(ctx, q) {
		var bad *store.UnreadableError
		switch {
		case errors.As(err, &bad):
			p = aside(bad)
		case errors.Is(err, store.ErrNewer):
			newer++
			continue
		case err != nil:
			return err
		}
		if limit > 0 && n == limit {
			if !asJSON {
				fmt.Fprintf(out, "%d pages, and there are more: --limit 0 lists all\n", n)
			}
			return nil
		}
		n++
		if asJSON {
			if err := enc.Encode(newPageRecord(p, time.Now())); err != nil {
				return fmt.Errorf("page %s: %w", p.ID, err)
			}
			continue
		}
		fetched := "never"
		if p.FetchedAt != nil {
			fetched = p.FetchedAt.UTC().Format(time.RFC3339)
		}
		url := foreign(p.URL)
		if url == "" {
			url = foreign(p.ID) + "  " + foreign(firstWords(p.LastError, maxTold))
		}
		fmt.Fprintf(out, "%-8s  %-28s  %-8s  %-20s  %-20s  %s\n",
			p.Status, orDash(text(p)), orDash(string(p.Kind)), orDash(foreign(p.Site)), fetched, url)
	}
	if newer > 0 {
		fmt.Fprintf(progress, "%d pages were written by a newer khabar, which can read them\n", newer)
	}
	if !asJSON {
		fmt.Fprintf(out, "%d pages\n", n)
	}
	return nil
}

// text is what became of a page and why, in a few words; "" for one that was never fetched.
func text(p store.Page) string {
	if p.Outcome == "" {
		return string(p.Reason)
	}
	return outcome.Text(p.Outcome, p.Reason)
}

// aside is a page that cannot be read, as far as it is known. Whoever is to crawl it sets it aside.
func aside(bad *store.UnreadableError) store.Page {
	return store.Page{ID: bad.ID, Status: store.StatusAside, Reason: outcome.ReasonUnreadableStore, LastError: bad.Why}
}
