package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/status"
)

// mostShown bounds each list of a status: what is worst comes first, and --json has all.
const mostShown = 10

// printStatus prints a report for people.
func printStatus(out io.Writer, r status.Report, l *view) {
	of := "all sites"
	if r.Site != "" {
		of = foreign(r.Site)
	}
	fmt.Fprintf(out, "%-12s  %s, database %q, at %s\n", "status", of, l.store.Database(), clock(r.At))
	fmt.Fprintf(out, "%-12s  %s\n", "workers", workers(r, l.sources.Stopped))
	fmt.Fprintf(out, "%-12s  %s\n", "scheduler", schedulers(r))
	printWindows(out, r)
	printDelays(out, r)
	printQueue(out, r)
	printSectionStates(out, r)
	printSites(out, r)
}

// workers says in words who works.
func workers(r status.Report, stopped bool) string {
	last := "no page was counted in the last week"
	if at := r.Work.LastPageAt; at != nil {
		last = fmt.Sprintf("the last page was counted %s ago", age(r.At.Sub(*at)))
	}
	switch {
	case stopped:
		return "none: nothing runs in this directory; " + last
	case r.Work.Workers == status.WorkersUnseen:
		return "none seen: " + last + "; is a worker running?"
	case r.Work.Workers == status.WorkersUnknown:
		return "it cannot be told whether any runs; " + last
	case r.Work.IdleTurns > 0:
		return fmt.Sprintf("seen: %s; %d slots wait for work", last, r.Work.IdleTurns)
	}
	return "seen: " + last
}

// schedulers says in words who puts due pages into the queue.
func schedulers(r status.Report) string {
	s := r.Work.Schedulers
	ago := func(t *time.Time) string {
		if t == nil {
			return "never"
		}
		return age(r.At.Sub(*t)) + " ago"
	}
	switch {
	case s.SeenAt == nil:
		return "none was ever seen"
	case s.Alive == 0 && s.Ended:
		return "none: the last one was stopped " + ago(s.SeenAt)
	case s.Alive == 0:
		return "none: the last one was alive " + ago(s.SeenAt)
	}
	text := fmt.Sprintf("%d alive, since %s; the last round %s", s.Alive, clock(*s.Since), ago(s.LastRoundAt))
	if s.Problem != "" {
		text += "; since then they fail: " + foreign(s.Problem)
	}
	return text
}

func printWindows(out io.Writer, r status.Report) {
	fmt.Fprintf(out, "\n%-44s  %10s  %10s\n", "counted since", since(r, r.LastHour.Since), since(r, r.LastDay.Since))
	line := func(what string, hour, day int64) { fmt.Fprintf(out, "%-44s  %10d  %10d\n", what, hour, day) }
	line("new articles", r.LastHour.New, r.LastDay.New)
	line("edits", r.LastHour.Revised, r.LastDay.Revised)
	for _, part := range []struct {
		what      string
		hour, day []status.Count
	}{{"articles' pages", r.LastHour.Articles, r.LastDay.Articles}, {"sections' pages", r.LastHour.Sections, r.LastDay.Sections}} {
		line(part.what, total(part.hour), total(part.day))
		for i, c := range part.day {
			if i == mostShown {
				fmt.Fprintf(out, "  and %d more outcomes\n", len(part.day)-i)
				break
			}
			var inHour int64
			if at := slices.IndexFunc(part.hour, func(h status.Count) bool { return h.Outcome == c.Outcome && h.Reason == c.Reason }); at >= 0 {
				inHour = part.hour[at].Pages
			}
			line("  "+outcome.Text(c.Outcome, c.Reason), inHour, c.Pages)
		}
	}
}

func total(counts []status.Count) int64 {
	n := int64(0)
	for _, c := range counts {
		n += c.Pages
	}
	return n
}

// since is the hour that a window begins at, with a day where that is not today.
func since(r status.Report, t time.Time) string {
	if t = t.Local(); t.Format(time.DateOnly) == r.At.Local().Format(time.DateOnly) {
		return t.Format("15:04")
	}
	return t.Format("Jan 2 15:04")
}

func printDelays(out io.Writer, r status.Report) {
	fmt.Fprintf(out, "\n%-44s  %10s  %10s\n", "delay of news, published to stored", "p50", "p95")
	for _, d := range []status.Delay{r.DelayLastDay, r.DelayLastWeek} {
		fmt.Fprintf(out, "%-44s  %10s  %10s\n",
			fmt.Sprintf("since %s: %d of %d new articles", since(r, d.Since), d.Articles, d.New), seconds(d.P50), seconds(d.P95))
	}
	if r.Site != "" {
		return
	}
	for i, s := range r.Sites.BySite {
		if i == mostShown/2 || s.P50 == nil {
			break
		}
		fmt.Fprintf(out, "%-44s  %10s  %10s\n", fmt.Sprintf("  %s: %d of %d", foreign(s.Site), s.Articles, s.New), seconds(s.P50), seconds(s.P95))
	}
}

func seconds(s *int64) string {
	if s == nil {
		return "-"
	}
	return age(time.Duration(*s) * time.Second)
}

func printQueue(out io.Writer, r status.Report) {
	fmt.Fprintln(out)
	switch q := r.Queue; {
	case q == nil:
		fmt.Fprintf(out, "%-12s  cannot be told: %s\n", "queue", r.QueueError)
	default:
		fmt.Fprintf(out, "%-12s  %d tasks in %d lanes, %d of them ready for a worker\n", "queue", q.Tasks, q.Lanes, q.ReadyLanes)
		for _, p := range q.Priorities {
			if p.OldestAt != nil {
				fmt.Fprintf(out, "%-12s  %d %s, the oldest for %s\n", "", p.Tasks, p.Pages, age(r.At.Sub(*p.OldestAt)))
			}
		}
		if q.Aside > 0 {
			fmt.Fprintf(out, "%-12s  %d messages set aside: nobody can make sense of them\n", "", q.Aside)
		}
	}
	switch d := r.Due; {
	case d.Held != nil && *d.Held > 0:
		fmt.Fprintf(out, "%-12s  %d pages wait for room in %d lanes\n", "held", *d.Held, d.HeldLanes)
	case d.HeldLanes > 0:
		fmt.Fprintf(out, "%-12s  pages wait for room in %d lanes\n", "held", d.HeldLanes)
	}
	fmt.Fprintf(out, "%-12s  %d pages are due and not in the queue\n", "due", r.Due.Pages)
	if p := r.Due.Oldest; p != nil {
		fmt.Fprintf(out, "%-12s  %s late: %s %s of %s\n", "oldest due", age(time.Duration(p.LateSeconds)*time.Second), p.Kind, foreign(p.URL), foreign(p.Site))
		if p.LateSeconds > int64(status.LateAfter/time.Second) {
			fmt.Fprintf(out, "%-12s  nobody puts it into the queue: is a scheduler running, or the queue at scheduler.max_pending?\n", "")
		}
	}
}

func printSectionStates(out io.Writer, r status.Report) {
	s := r.Sections
	fmt.Fprintf(out, "\n%-12s  %d known, %d due, %d late by more than %s, %d failed twice or more in a row\n", "sections", s.Known, s.Due, s.Late, age(status.LateAfter), s.Failing)
	if r.Site == "" {
		return
	}
	if len(s.States) > 0 {
		fmt.Fprintf(out, "  %-8s  %-28s  %-9s  %-22s  %s\n", "kind", "last outcome", "ago", "next visit", "url")
	}
	for _, p := range s.States {
		last, next := "never", "-"
		if p.FetchedAt != nil {
			last = age(r.At.Sub(*p.FetchedAt))
		}
		switch {
		case p.Status == "queued":
			next = "in the queue"
		case p.NextAt != nil && p.NextAt.After(r.At):
			next = strings.TrimSpace(fmt.Sprintf("in %s %s", age(p.NextAt.Sub(r.At)), p.NextWhy))
		case p.NextAt != nil:
			next = "due for " + age(r.At.Sub(*p.NextAt))
		}
		what := orDash(outcome.Text(p.Outcome, p.Reason))
		if p.Attempts > 1 {
			what += fmt.Sprintf(" ×%d", p.Attempts)
		}
		fmt.Fprintf(out, "  %-8s  %-28s  %-9s  %-22s  %s\n", p.Kind, what, last, next, foreign(p.URL))
	}
}

func printSites(out io.Writer, r status.Report) {
	s := r.Sites
	if r.Site == "" {
		fmt.Fprintf(out, "%-12s  %d known, %d of them defined, %d paused, %d in trouble\n", "sites", s.Known, s.Defined, len(s.Paused), len(s.Trouble))
	}
	if len(s.Paused) > 0 {
		var ids []string
		for _, id := range s.Paused[:min(len(s.Paused), mostShown)] {
			ids = append(ids, foreign(id))
		}
		if more := len(s.Paused) - len(ids); more > 0 {
			ids = append(ids, fmt.Sprintf("and %d more", more))
		}
		fmt.Fprintf(out, "%-12s  %s\n", "paused", strings.Join(ids, ", "))
	}
	for i, t := range s.Trouble {
		if i == mostShown {
			fmt.Fprintf(out, "%-12s  and %d more sites\n", "", len(s.Trouble)-i)
			break
		}
		fmt.Fprintf(out, "%-12s  %s: %s\n", "in trouble", foreign(t.Site), troubleText(t))
	}
}

func troubleText(t status.Trouble) string {
	text := foreign(t.Detail)
	switch t.What {
	case status.FailingSections:
		text = fmt.Sprintf("%d of %d sections fail, most of them with %s", t.Bad, t.Of, outcome.Text(t.Outcome, t.Reason))
	case status.FailingArticles:
		text = fmt.Sprintf("%d of %d attempts at articles failed in the last day, most of them with %s", t.Bad, t.Of, outcome.Text(t.Outcome, t.Reason))
	}
	if t.AloneUntil != nil {
		text += ", and the host is left alone until " + clock(*t.AloneUntil)
	}
	return text
}

// age is a span of time as people are shown it: its two greatest parts.
func age(d time.Duration) string {
	d = max(d, 0).Round(time.Second)
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", d/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%d min", d.Round(time.Minute)/time.Minute)
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h %02d", d/time.Hour, d%time.Hour/time.Minute)
	}
	return fmt.Sprintf("%d days", d/(24*time.Hour))
}
