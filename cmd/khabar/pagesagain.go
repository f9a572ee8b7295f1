package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/spf13/cobra"

	"github.com/khabar-crawler/khabar/pkg/store"
)

func pagesAgainCommand() *cobra.Command {
	var flags serverFlags
	var choice pageFlags
	var yes bool
	cmd := &cobra.Command{
		Use:   "again [URL|ID…]",
		Short: "Have pages fetched again: due now, failures forgiven, whatever became of them",
		Long: "Makes pages due now, by address or id, or by the same choice as list: failures are forgiven, and they are fetched anew,\n" +
			"without conditions, done articles too. The next crawl of their site fetches them, or one that is running does. Pages\n" +
			"that are under way already are left alone. Without --yes nothing is changed: what would be is shown.",
		Example: "  khabar pages again https://news.example/2026/11/24/story --yes\n  khabar pages again --site news.example --status dead,excluded",
		RunE: func(cmd *cobra.Command, args []string) error {
			q, err := choice.filter()
			if err != nil {
				return err
			}
			chosen := false
			for _, name := range []string{"site", "status", "outcome", "reason", "kind", "since", "older"} {
				chosen = chosen || cmd.Flags().Changed(name)
			}
			switch {
			case len(args) > 0 && (chosen || q.Limit > 0):
				return errors.New("give addresses or ids, or a choice by flags: not both")
			case len(args) == 0 && !chosen:
				return errors.New("which pages? Name them by address or id, or choose by --site, --status, --outcome, --reason, --kind, --since or --older")
			}
			return withStore(cmd, flags, func(ctx context.Context, st *store.Store) error {
				return pagesAgain(ctx, cmd.OutOrStdout(), st, args, q, yes)
			})
		},
	}
	flags.add(cmd)
	choice.add(cmd, 0)
	cmd.Flags().BoolVar(&yes, "yes", false, "do it")
	return cmd
}

// The bounds of what again holds and shows: one bulk of pages, and as many examples as tell what was chosen.
const (
	againPart     = 1000
	againExamples = 5
)

// again is what became, or would become, of the pages that were chosen.
type again struct {
	now        time.Time
	made       int            // due now, or would be
	groups     map[string]int // of these, by status and outcome
	examples   []string       // of these
	left       map[store.Repeat]int
	moved      int // changed by somebody else meanwhile
	unreadable int
}

func pagesAgain(ctx context.Context, w io.Writer, st *store.Store, keys []string, q store.PageFilter, yes bool) (err error) {
	out := bufio.NewWriter(w)
	defer func() { err = flushed(out, err) }()
	// As BSON keeps it, so that a page that was made due and is met again is known by its time.
	a := again{now: time.Now().UTC().Truncate(time.Millisecond), groups: map[string]int{}, left: map[store.Repeat]int{}}
	pages := st.FindPages(ctx, q)
	if len(keys) > 0 {
		pages = namedPages(ctx, st, keys)
	}
	due := func(pages []store.Page) (int, error) { return len(pages), nil }
	if yes {
		due = func(pages []store.Page) (int, error) { return st.Again(ctx, pages, a.now) }
	}
	if err := a.each(pages, due); err != nil {
		if yes && a.made > 0 {
			err = fmt.Errorf("after %d pages: %w; the same command does the rest", a.made, err)
		}
		return err
	}
	a.print(out, yes)
	return nil
}

// namedPages reads the pages with these addresses and ids, each once.
func namedPages(ctx context.Context, st *store.Store, keys []string) iter.Seq2[store.Page, error] {
	return func(yield func(store.Page, error) bool) {
		seen := map[string]bool{}
		for _, key := range keys {
			id, err := pageID(key)
			var p store.Page
			switch {
			case err == nil && seen[id]:
				continue
			case err == nil:
				p, err = st.Page(ctx, id)
			}
			if errors.Is(err, store.ErrNotFound) {
				err = fmt.Errorf("%s is not known; khabar crawl --once %s fetches it", key, key)
			}
			if seen[id] = true; !yield(p, err) {
				return
			}
		}
	}
}

// each goes through the pages and has those made due that are to be, a part at a time.
func (a *again) each(pages iter.Seq2[store.Page, error], due func([]store.Page) (int, error)) error {
	var part []store.Page
	do := func() error {
		n, err := due(part)
		a.made, a.moved, part = a.made+n, a.moved+len(part)-n, part[:0]
		return err
	}
	for p, err := range pages {
		switch {
		case errors.Is(err, store.ErrUnreadable), errors.Is(err, store.ErrNewer):
			a.unreadable++
			continue
		case err != nil:
			return err
		case !a.takes(p):
			continue
		}
		if part = append(part, p); len(part) == againPart {
			if err := do(); err != nil {
				return err
			}
		}
	}
	return do()
}

// takes says whether a page is to be made due, and counts it.
func (a *again) takes(p store.Page) bool {
	if p.Status == store.StatusDue && p.NextAt != nil && p.NextAt.Equal(a.now) {
		return false // made due a moment ago, and met again
	}
	if r := p.Repeat(a.now); r != store.RepeatNow {
		a.left[r]++
		return false
	}
	a.groups[fmt.Sprintf("%-8s  %s", p.Status, orDash(text(p)))]++
	if len(a.examples) < againExamples {
		a.examples = append(a.examples, p.URL)
	}
	return true
}

func (a *again) print(out io.Writer, yes bool) {
	for _, g := range byCount(a.groups) {
		fmt.Fprintf(out, "%7d  %s\n", a.groups[g], g)
	}
	for _, url := range a.examples {
		fmt.Fprintf(out, "         %s\n", foreign(url))
	}
	if more := a.made - len(a.examples); more > 0 && len(a.examples) > 0 {
		fmt.Fprintf(out, "         and %d more\n", more)
	}
	if n := a.left[store.RepeatUnderWay]; n > 0 {
		fmt.Fprintf(out, "%7d  are under way, and left alone\n", n)
	}
	if n := a.left[store.RepeatAsItIs]; n > 0 {
		fmt.Fprintf(out, "%7d  are due already\n", n)
	}
	if n := a.left[store.RepeatErased]; n > 0 {
		fmt.Fprintf(out, "%7d  were erased, and are never fetched again: khabar erase list tells of them\n", n)
	}
	if n := a.left[store.RepeatNewer]; n > 0 {
		fmt.Fprintf(out, "%7d  were written by a newer khabar, and left alone\n", n)
	}
	if a.unreadable > 0 {
		fmt.Fprintf(out, "%7d  cannot be read, and are left alone: khabar pages list says why\n", a.unreadable)
	}
	if a.moved > 0 {
		fmt.Fprintf(out, "%7d  were changed by a crawl meanwhile, and left alone\n", a.moved)
	}
	switch {
	case yes:
		fmt.Fprintf(out, "%d pages are due now\n", a.made)
	case a.made > 0:
		fmt.Fprintf(out, "%d pages would be due now: give --yes to do it\n", a.made)
	default:
		fmt.Fprintln(out, "no pages would be made due")
	}
}
