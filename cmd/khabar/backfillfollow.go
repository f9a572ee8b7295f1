package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/khabar-crawler/khabar/cmd/internal/terminal"
	"github.com/khabar-crawler/khabar/pkg/backfill"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
)

// follower shows how far a backfill has come until it is done.
type follower struct {
	store         *store.Store
	site          *site.Site
	out, progress io.Writer
	here          bool // this process does it
}

// How often progress is looked at: reading the pages of a large backfill takes a while, and is to take a tenth of the time. Where
// nothing is had for quiet, it is said what may be the reason.
const (
	followEvery = 2 * time.Second
	quiet       = time.Minute
)

// follow returns when the backfill is done or stopped, or when ctx ends: that ends the following, and not the backfill.
func (f *follower) follow(ctx context.Context, b store.Backfill) error {
	fmt.Fprintf(f.out, "backfill of %s, %s\n", b.Site, shownBounds(b, f.site))
	if f.site.Paused {
		fmt.Fprintf(f.out, "the site is paused: nothing is fetched before khabar sites resume %s\n", b.Site)
	}
	began := time.Now()
	for {
		asked := time.Now()
		now, err := f.store.Backfill(ctx, b.ID)
		if err == nil && now.State != store.BackfillRunning {
			return f.conclude(ctx, now)
		}
		var p backfill.Progress
		if err == nil {
			p, err = backfill.Measure(now, f.store.BackfillPages(ctx, b.ID))
		}
		switch {
		case err != nil && ctx.Err() == nil:
			return err
		case err == nil:
			fmt.Fprintf(f.progress, "%s%s\n", f.line(now, p), f.still(p, began))
		}
		select {
		case <-time.After(max(followEvery, 10*time.Since(asked))):
		case <-ctx.Done():
			if f.here {
				return fmt.Errorf("stopped before the backfill was done; the same command goes on with it")
			}
			fmt.Fprintf(f.out, "the backfill goes on: the same command shows it again, and khabar backfill stop %s stops it\n", b.Site)
			return nil
		}
	}
}

// line is how far a backfill has come.
func (f *follower) line(b store.Backfill, p backfill.Progress) string {
	left := p.Left(b)
	line := fmt.Sprintf("%d requests, %d articles found, %d stored, %d to be fetched, %d lists to be read; about %d requests left", p.Requests, p.Found, p.Stored,
		p.Pending, p.Ahead, left)
	if left > 0 {
		line += ", " + about(time.Duration(left)*f.site.Politeness.Delay/time.Duration(max(1, f.site.Politeness.Concurrency)))
	}
	for _, l := range p.Lists {
		if l.Waiting > 0 && l.Oldest != nil {
			return line + fmt.Sprintf("; %s is back to %s", foreign(listName(l)), l.Oldest.In(f.site.Location()).Format(time.DateOnly))
		}
	}
	return line
}

// about is a duration as people say it.
func about(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "less than a minute"
	case d < time.Hour:
		return fmt.Sprintf("%.0f minutes", d.Minutes())
	case d < 48*time.Hour:
		return fmt.Sprintf("%.1f hours", d.Hours())
	}
	return fmt.Sprintf("%.1f days", d.Hours()/24)
}

// still says why nothing may be had, where nothing was for a while.
func (f *follower) still(p backfill.Progress, began time.Time) string {
	since := began
	if p.Latest != nil && p.Latest.After(since) {
		since = *p.Latest
	}
	switch silent := time.Since(since); {
	case f.here || silent < max(quiet, 3*f.site.Politeness.Delay):
		return ""
	case p.Ahead+p.Pending == 0 && p.Requests == 0:
		return fmt.Sprintf("; no scheduler has begun with it for %s: does one run on these servers, with this site?", silent.Round(time.Second))
	default:
		return fmt.Sprintf("; nothing of it was fetched for %s: the site's own news and pages go first, or no worker runs", silent.Round(time.Second))
	}
}

func listName(l backfill.List) string {
	switch l.Way {
	case backfill.WayMonth:
		return "the archives of months"
	case backfill.WayHome:
		return "the home page"
	}
	return l.Way + " " + l.Section
}

// conclude says what a backfill came to.
func (f *follower) conclude(ctx context.Context, b store.Backfill) (err error) {
	p, err := backfill.Measure(b, f.store.BackfillPages(ctx, b.ID))
	if err != nil {
		return err
	}
	out := bufio.NewWriter(f.out)
	defer func() { err = flushed(out, err) }()
	result := p.BackfillResult
	if b.Result != nil {
		result = *b.Result
	}
	fmt.Fprintf(out, "%s: %s, %s\n", b.State, b.Site, shownBounds(b, f.site))
	fmt.Fprintf(out, "%d articles found, %d stored, %d known before; %d requests, %d of them for lists", result.Found, result.Stored, result.Known, result.Requests, result.Lists)
	if fresh := result.Found - result.Known; fresh > 0 {
		fmt.Fprintf(out, ": %.2f for each article that was not known", float64(result.Requests)/float64(fresh))
	}
	fmt.Fprintln(out)
	for _, l := range p.Lists {
		if l.Articles == 0 && l.Read == 0 && l.Failure == "" {
			continue
		}
		oldest := "-"
		if l.Oldest != nil {
			oldest = l.Oldest.In(f.site.Location()).Format(time.DateOnly)
		}
		fmt.Fprintf(out, "%7d  %4d pages  back to %-10s  %s%s\n", l.Articles, l.Read, oldest, foreign(listName(l)), ended(l))
	}
	if p.Failed > 0 {
		fmt.Fprintf(out, "%7d  could not be had, or are no articles: khabar pages list --site %s tells\n", p.Failed, b.Site)
	}
	if b.State == store.BackfillDone && !p.HasWayBack() {
		fmt.Fprintln(out, "the site shows no way back: no sections with further pages, no archive, no sitemap of the time")
	}
	return nil
}

// ended says why a list was not gone through further.
func ended(l backfill.List) string {
	var b strings.Builder
	if l.Why != "" {
		b.WriteString(": " + string(l.Why))
	}
	if l.Failure != "" {
		b.WriteString(": " + l.Failure)
	}
	return b.String()
}

func backfillListCommand() *cobra.Command {
	var flags siteFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list [SITE]",
		Short: "List the backfills that were begun, the latest first",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withStore(cmd, flags.serverFlags, func(ctx context.Context, st *store.Store) (err error) {
				all, err := st.Backfills(ctx, strings.Join(args, ""))
				if err != nil {
					return err
				}
				out := bufio.NewWriter(cmd.OutOrStdout())
				defer func() { err = flushed(out, err) }()
				for _, b := range all {
					if err := listBackfill(ctx, out, st, b, asJSON); err != nil {
						return err
					}
				}
				if len(all) == 0 && !asJSON {
					fmt.Fprintln(out, "no backfill was begun")
				}
				return nil
			})
		},
	}
	flags.serverFlags.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON, an object a line")
	return cmd
}

// backfillRecord is a backfill as list prints it in JSON.
type backfillRecord struct {
	ID        string     `json:"id"`
	Site      string     `json:"site"`
	State     string     `json:"state"`
	From      time.Time  `json:"from"`
	To        time.Time  `json:"to"`
	StartedAt time.Time  `json:"started_at"`
	EndedAt   *time.Time `json:"ended_at,omitempty"`
	Found     int        `json:"found"`
	Stored    int        `json:"stored"`
	Known     int        `json:"known"`
	Pending   int        `json:"pending"`
	Requests  int        `json:"requests"`
	Lists     int        `json:"list_requests"`
	Left      int        `json:"requests_left"` // as estimated
}

func listBackfill(ctx context.Context, out io.Writer, st *store.Store, b store.Backfill, asJSON bool) error {
	p, err := backfill.Measure(b, st.BackfillPages(ctx, b.ID))
	if err != nil {
		return err
	}
	r, left := p.BackfillResult, p.Left(b)
	if b.Result != nil {
		r, left = *b.Result, 0
	}
	if asJSON {
		return json.NewEncoder(terminal.JSON(out)).Encode(backfillRecord{
			ID: b.ID, Site: b.Site, State: string(b.State), From: b.From, To: b.To, StartedAt: b.StartedAt, EndedAt: b.EndedAt,
			Found: r.Found, Stored: r.Stored, Known: r.Known, Pending: p.Pending, Requests: r.Requests, Lists: r.Lists, Left: left,
		})
	}
	fmt.Fprintf(out, "%-8s %s  %s to %s  %d found, %d stored, %d requests", b.State, b.Site, b.From.Format(time.DateOnly), b.To.Format(time.DateOnly),
		r.Found, r.Stored, r.Requests)
	if b.State == store.BackfillRunning {
		fmt.Fprintf(out, ", about %d left", left)
	}
	fmt.Fprintln(out)
	return nil
}

func backfillStopCommand() *cobra.Command {
	var flags siteFlags
	cmd := &cobra.Command{
		Use:   "stop SITE",
		Short: "Stop the backfill of a site; the same backfill goes on from there when it is given again",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return onStore(cmd, flags.serverFlags, func(ctx context.Context, st *store.Store) error {
				all, err := st.Backfills(ctx, args[0])
				if err != nil {
					return err
				}
				for _, b := range all {
					if b.State != store.BackfillRunning {
						continue
					}
					now := time.Now().UTC()
					b.State, b.EndedAt = store.BackfillStopped, &now
					moved, err := st.MoveBackfill(ctx, b, store.BackfillRunning)
					if err != nil {
						return err
					}
					if moved {
						fmt.Fprintf(cmd.OutOrStdout(), "stopped: %s; what it found and did not fetch yet is left (%s)\n", b.ID, outcome.Text(outcome.Left, outcome.ReasonStopped))
						return nil
					}
				}
				return fmt.Errorf("no backfill of %q is under way: khabar backfill list shows all", args[0])
			})
		},
	}
	flags.serverFlags.add(cmd)
	return cmd
}
