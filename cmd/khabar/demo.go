package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/config"
	"github.com/khabar-crawler/khabar/pkg/demosite"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
	"github.com/khabar-crawler/khabar/pkg/weburl"
	"github.com/khabar-crawler/khabar/pkg/worker"
)

func demoCommand() *cobra.Command {
	var dir, logLevel string
	var asJSON, keep bool
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Crawl a small news web of khabar's own and check what was stored",
		Long: "Starts a NATS server, a MongoDB-compatible store and a news web of seven sites on loopback, crawls it all through\n" +
			"the same path that real sites take, and compares every stored article with what the web knows to be true.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			log, err := cliLogger(cmd, logLevel)
			if err != nil {
				return err
			}
			if dir == "" {
				if dir, err = os.MkdirTemp("", "khabar-demo-"); err != nil {
					return fmt.Errorf("directory for the demo's data: %w", err)
				}
				defer os.RemoveAll(dir) // what stays behind is in the system's own temporary directory
			}
			return demo(cmd.Context(), demoOptions{dir: dir, json: asJSON, keep: keep}, cmd.OutOrStdout(), cmd.ErrOrStderr(), log)
		},
	}
	cmd.Flags().StringVar(&dir, "dir", "", "keep the data in this directory (default: a temporary one)")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the summary as one JSON object on standard output")
	cmd.Flags().BoolVar(&keep, "keep", false, "leave the store up for mongosh or pymongo until Ctrl-C")
	cmd.Flags().StringVar(&logLevel, "log-level", "warn", "debug, info, warn or error")
	return cmd
}

type demoOptions struct {
	dir        string
	json, keep bool
}

// demoSummary is what --json prints.
type demoSummary struct {
	PagesFetched     int            `json:"pages_fetched"`
	ArticlesExpected int            `json:"articles_expected"`
	ArticlesStored   int            `json:"articles_stored"` // in the store now
	ArticlesNew      int            `json:"articles_new"`    // by this run
	ArticlesWrong    int            `json:"articles_wrong"`  // missing, different from the truth, or not expected
	Wrong            []string       `json:"wrong,omitempty"` // the first few, with what differs
	Failures         map[string]int `json:"failures"`        // pages without result, by reason
	Seconds          float64        `json:"seconds"`
	PagesPerSecond   float64        `json:"pages_per_second"`
	MaxAtOnce        int            `json:"max_requests_at_once_per_host"`
	Private          int            `json:"private_pages_fetched"`
}

// maxWrongShown bounds the list of differences: a broken template breaks all of a site's articles alike.
const maxWrongShown = 20

func demo(ctx context.Context, o demoOptions, out, progress io.Writer, log *zap.Logger) error {
	web, err := demosite.Start(ctx, demosite.Config{})
	if err != nil {
		return err
	}
	defer web.Close()
	sites, err := demoSites(web.Sites())
	if err != nil {
		return err
	}
	srv, err := startServers(ctx, addresses{}, o.dir, "", "", log)
	if err != nil {
		return err
	}
	defer srv.stop()
	cfg := demoConfig(web, srv)
	t := newTally()
	e, err := newEngine(ctx, cfg, at(targets{sites: sites}), worker.Bounds{Once: true}, t, log)
	if err != nil {
		return err
	}
	defer e.close()
	stop := t.progress(progress)
	defer stop()
	room, release := srv.withRoom(ctx)
	defer release()
	if err := e.run(room, true); err != nil {
		return err
	}
	release()
	stop()
	if ctx.Err() != nil {
		return fmt.Errorf("stopped before the crawl had ended")
	}
	sum, stored, err := checkDemo(ctx, e.store, web, t.snapshot())
	if err != nil {
		return err
	}
	if o.json {
		if err := json.NewEncoder(out).Encode(sum); err != nil {
			return fmt.Errorf("write summary: %w", err)
		}
	} else {
		printDemo(out, sum, stored, web.Sites())
	}
	if o.keep {
		fmt.Fprintf(progress, "\nThe store is at %s (database %s) until Ctrl-C.\n", srv.mongoURI, e.store.Database())
		<-ctx.Done()
	}
	if sum.ArticlesWrong > 0 {
		return errReported
	}
	return nil
}

// demoSites are the web's sites as a configuration would describe them: by their home pages.
func demoSites(web []demosite.Site) ([]*site.Site, error) {
	var sites []*site.Site
	for _, d := range web {
		s, err := site.FromHome(d.Home)
		if err != nil {
			return nil, fmt.Errorf("demo site %s: %w", d.ID, err)
		}
		s.ID, s.Name, s.Language, s.Country = d.ID, d.Name, d.Language, d.Country
		if err := s.SetTimeZone(d.TimeZone); err != nil {
			return nil, fmt.Errorf("demo site %s: %w", d.ID, err)
		}
		s.SetDefaultDelay(0) // its own web on loopback: there is nobody to be polite to but by taking turns
		sites = append(sites, s)
	}
	return sites, nil
}

func demoConfig(web *demosite.Server, srv *servers) *config.Config {
	cfg := config.Default()
	cfg.NATS.URL, cfg.Mongo.URI = config.Secret(srv.natsURL), config.Secret(srv.mongoURI)
	cfg.Fetch.Proxy = config.Secret(web.ProxyURL())
	cfg.Scheduler.Interval = 200 * time.Millisecond // the whole crawl takes seconds
	return cfg
}

// checkDemo compares what is stored with the web's own truth.
func checkDemo(ctx context.Context, st *store.Store, web *demosite.Server, run snapshot) (demoSummary, map[string]article.Article, error) {
	stored := map[string]article.Article{}
	for a, err := range st.Articles(ctx, store.ArticleFilter{}) {
		if err != nil {
			return demoSummary{}, nil, err
		}
		stored[a.ID] = a
	}
	sum := demoSummary{
		PagesFetched: run.pages, ArticlesStored: len(stored), ArticlesNew: run.fresh, Failures: run.failures,
		Seconds: run.seconds, PagesPerSecond: run.rate(),
	}
	wrong := func(format string, args ...any) {
		sum.ArticlesWrong++
		if len(sum.Wrong) < maxWrongShown {
			sum.Wrong = append(sum.Wrong, fmt.Sprintf(format, args...))
		}
	}
	expected := map[string]bool{}
	for _, truth := range web.Articles() {
		sum.ArticlesExpected++
		canonical, err := weburl.Canonical(truth.URL)
		if err != nil {
			return demoSummary{}, nil, fmt.Errorf("demo article %s: %w", truth.URL, err)
		}
		id := weburl.ID(canonical)
		expected[id] = true
		a, ok := stored[id]
		if !ok {
			wrong("%s: missing", truth.URL)
			continue
		}
		if diff := differences(truth, a); len(diff) > 0 {
			wrong("%s: %s", truth.URL, strings.Join(diff, "; "))
		}
	}
	for id, a := range stored {
		if !expected[id] {
			wrong("%s: stored, but no article", a.URL)
		}
	}
	for _, h := range web.Stats().Hosts {
		sum.MaxAtOnce = max(sum.MaxAtOnce, h.MaxConcurrent)
		sum.Private += h.Private
	}
	return sum, stored, nil
}

// differences names the fields in which a stored article differs from the truth.
func differences(t demosite.Truth, a article.Article) []string {
	var out []string
	differ := func(field, want, got string) {
		if want != got {
			out = append(out, fmt.Sprintf("%s is %q, should be %q", field, firstWords(got, 120), firstWords(want, 120)))
		}
	}
	differ("title", t.Title, a.Title)
	if t.Text != a.Text {
		out = append(out, firstDifference(t.Paragraphs, strings.Split(a.Text, "\n\n")))
	}
	differ("language", t.Language, a.Language)
	differ("agency", t.Agency, a.Agency)
	differ("authors", strings.Join(t.Authors, ", "), strings.Join(a.Authors, ", "))
	var want, got article.Dateline
	if t.Dateline != nil {
		want = *t.Dateline
	}
	if a.Dateline != nil {
		got = *a.Dateline
	}
	differ("dateline", want.Place+"/"+want.Agency, got.Place+"/"+got.Agency)
	switch {
	case a.PublishedAt == nil:
		differ("published", t.Published.Format(time.RFC3339), "")
	case !a.PublishedAt.Equal(t.Published):
		differ("published", t.Published.UTC().Format(time.RFC3339), a.PublishedAt.Format(time.RFC3339))
	}
	return out
}

func firstDifference(want, got []string) string {
	for i := range max(len(want), len(got)) {
		switch {
		case i >= len(got):
			return fmt.Sprintf("paragraph %d is missing: %q", i+1, firstWords(want[i], 120))
		case i >= len(want):
			return fmt.Sprintf("paragraph %d should not be there: %q", i+1, firstWords(got[i], 120))
		case want[i] != got[i]:
			return fmt.Sprintf("paragraph %d is %q, should be %q", i+1, firstWords(got[i], 120), firstWords(want[i], 120))
		}
	}
	return "paragraphs differ"
}

func printDemo(w io.Writer, s demoSummary, stored map[string]article.Article, sites []demosite.Site) {
	fmt.Fprintf(w, "pages fetched      %d in %.1f s (%.0f/s), never more than %d at once on a host\n", s.PagesFetched, s.Seconds, s.PagesPerSecond, s.MaxAtOnce)
	fmt.Fprintf(w, "articles stored    %d of %d, %d of them new, %d wrong\n", s.ArticlesStored, s.ArticlesExpected, s.ArticlesNew, s.ArticlesWrong)
	for _, line := range s.Wrong {
		fmt.Fprintf(w, "  wrong: %s\n", isolate(line))
	}
	if len(s.Failures) > 0 {
		fmt.Fprintf(w, "pages without result, by reason:\n%s", failureLines(s.Failures))
	}
	for _, a := range samples(stored, sites) {
		fmt.Fprintf(w, "\n%s\n", isolate(a.Title))
		about := []string{a.Published.Format(a.PublishedAt), a.Site}
		if a.Dateline != nil {
			about = append(about, isolate(strings.Trim(a.Dateline.Place+" / "+a.Dateline.Agency, " /")))
		}
		fmt.Fprintf(w, "%s\n", strings.Join(about, "  "))
		first, _, _ := strings.Cut(a.Text, "\n\n")
		fmt.Fprintf(w, "%s\n", isolate(firstWords(first, 240)))
	}
}

// samples picks one article each of the first three sites that have different languages, with a dateline where there is one.
func samples(stored map[string]article.Article, sites []demosite.Site) []article.Article {
	var out []article.Article
	for _, s := range sites {
		if len(out) == 3 || slices.ContainsFunc(out, func(a article.Article) bool { return a.Language == s.Language }) {
			continue
		}
		var best *article.Article
		for _, a := range stored {
			if a.Site != s.ID {
				continue
			}
			if best == nil || (a.Dateline != nil) != (best.Dateline != nil) && a.Dateline != nil ||
				(a.Dateline != nil) == (best.Dateline != nil) && a.ID < best.ID {
				best = &a
			}
		}
		if best != nil {
			out = append(out, *best)
		}
	}
	return out
}
