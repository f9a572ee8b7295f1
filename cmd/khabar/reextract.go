package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"github.com/khabar-crawler/khabar/cmd/internal/wire"
	"github.com/khabar-crawler/khabar/pkg/archive"
	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/config"
	"github.com/khabar-crawler/khabar/pkg/extract"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
	"github.com/khabar-crawler/khabar/pkg/weburl"
	"github.com/khabar-crawler/khabar/pkg/worker"
)

func reextractCommand() *cobra.Command {
	var flags serverFlags
	var file, kept string
	var r reextraction
	cmd := &cobra.Command{
		Use:   "reextract",
		Short: "Make stored articles anew from their kept pages, where extractor or rules are other ones today",
		Long: "Reads the kept pages (archive: articles, or all) of articles that were read by another version of the extractor, or by other\n" +
			"rules of their site's definition, than today's, and says which fields would be other ones. With --yes they are written anew,\n" +
			"without a revision: the site edited nothing. What changes for a reader is told to readers of khabar feed. The same command goes\n" +
			"on where it was stopped, and any number may run beside a crawl and each other.\n\n" +
			"An article whose page was not kept, or whose file is gone, has to be fetched again: --fetch has its page be due, for the crawl.\n" +
			"One that is no article by today's rules stays as it is, and is told.",
		Example: "  khabar reextract --site town\n  khabar reextract --version 2 --yes\n  khabar reextract --flag rule_drift --all --yes",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := config.Load(file, os.Environ())
			if err != nil {
				return err
			}
			flags.overlay(cfg)
			if r.fetch && !r.yes {
				return errors.New("--fetch makes pages due: give --yes too")
			}
			if kept == "" {
				kept = cfg.ArchiveDir
			}
			if r.dir, _, err = archiveOf(kept, cfg.DataDir); err != nil {
				return err
			}
			log, err := cliLogger(cmd, "warn")
			if err != nil {
				return err
			}
			return r.run(cmd.Context(), cfg, cmd.OutOrStdout(), log)
		},
	}
	flags.add(cmd)
	archiveFlag(cmd, &kept)
	cmd.Flags().StringVar(&file, "config", "", "configuration file, whose site files say by which rules pages are read")
	cmd.Flags().StringSliceVar(&r.filter.Sites, "site", nil, "articles of these sites alone (ids)")
	cmd.Flags().StringSliceVar(&r.versions, "version", nil, "those that these versions of the extractor made")
	cmd.Flags().StringSliceVar(&r.rules, "rules", nil, "those that were read by the rules with these hashes (extractor.rules); none: without one")
	cmd.Flags().StringSliceVar(&r.flags, "flag", nil, "those with one of these quality flags")
	cmd.Flags().BoolVar(&r.all, "all", false, "also those that were made by today's extractor and rules")
	cmd.Flags().BoolVar(&r.yes, "yes", false, "write them")
	cmd.Flags().BoolVar(&r.fetch, "fetch", false, "with --yes: have pages that were not kept be due")
	return cmd
}

// reextraction makes articles anew.
type reextraction struct {
	dir                    string
	filter                 store.ArticleFilter
	versions, rules, flags []string
	all, yes, fetch        bool

	store  *store.Store
	worker *worker.Worker
	shelf  *archive.Shelf // nil: there is no archive
	sites  *site.Set
	log    *zap.Logger

	mu       sync.Mutex
	fields   map[string]int    // changed fields, and of how many articles
	examples map[string]string // an article of each
	counts   struct{ seen, stale, changed, same, unkept, siteless, none, refused, written, due int }
	whys     map[string]int // why pages give no article any more
	cleaned  []store.Cleaning
	missing  []string // ids of the pages that are to be fetched
}

// writtenTogether is how many articles are written at a time: what a bulk of some megabytes holds.
const writtenTogether = 100

func (r *reextraction) run(ctx context.Context, cfg *config.Config, out io.Writer, log *zap.Logger) error {
	st, done, err := storeOf(ctx, cfg, log, false)
	if err != nil {
		return err
	}
	defer done()
	sites, err := wire.ReadSites(cfg, log)
	if err != nil {
		return err
	}
	if err := sites.Open(ctx, st); err != nil {
		return err
	}
	r.store, r.sites, r.log = st, sites.Current().Set(), log
	r.fields, r.examples, r.whys = make(map[string]int), make(map[string]string), make(map[string]int)
	r.worker = worker.New(wire.Worker(cfg, "reextract"), worker.Deps{Store: st, Profiles: st, Sites: sites.Current(), Log: log})
	if r.shelf, err = archive.OpenShelf(r.dir); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	err = r.articles(ctx)
	if err == nil {
		err = r.flush(ctx)
	}
	if r.yes {
		if nerr := st.NumberAll(ctx); err == nil {
			err = nerr
		}
	}
	w := bufio.NewWriter(out)
	r.tell(w)
	return flushed(w, err)
}

// articles goes through all that are stored, as many at the same time as there are cores.
func (r *reextraction) articles(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	queue := make(chan article.Article)
	var all sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			for a := range queue {
				if err := r.article(ctx, a); err != nil {
					cancel(err)
				}
			}
		})
	}
	for a, err := range r.store.Articles(ctx, r.filter) {
		switch {
		case ctx.Err() != nil:
		case errors.Is(err, store.ErrUnreadable), errors.Is(err, store.ErrNewer):
			r.log.Warn("an article is left as it is", zap.Error(err))
			continue
		case err != nil:
			cancel(err)
		default:
			queue <- a
			continue
		}
		break
	}
	close(queue)
	all.Wait()
	return context.Cause(ctx)
}

// chosen says whether an article is one that was asked for, and stale or wanted all the same.
func (r *reextraction) chosen(a article.Article, s *site.Site) (asked, stale bool) {
	for _, c := range []struct {
		wanted []string
		has    func(string) bool
	}{
		{r.versions, func(v string) bool { return v == a.Extractor.Version }},
		{r.rules, func(v string) bool { return v == a.Extractor.Rules || v == "none" && a.Extractor.Rules == "" }},
		{r.flags, func(v string) bool { return slices.Contains(a.Quality.Flags, v) }},
	} {
		if len(c.wanted) > 0 && !slices.ContainsFunc(c.wanted, c.has) {
			return false, false
		}
	}
	return true, r.all || a.Extractor.Version != extract.Version || s != nil && a.Extractor.Rules != s.Rules()
}

// siteOf is the site that an article belongs to, as it is defined where the article lives, or as it follows from its home page where
// that was named on the command line; nil where it is neither.
func (r *reextraction) siteOf(a article.Article) *site.Site {
	if s := r.sites.Get(a.Site); s != nil {
		return s.At(a.URL)
	}
	for _, home := range []string{site.EditionHome(a.URL), site.DomainHome(a.URL)} {
		if s, err := site.FromHome(home); err == nil && s.ID == a.Site {
			return s
		}
	}
	return nil
}

// article deals with one article. Its error is that nothing can be read or written any more.
func (r *reextraction) article(ctx context.Context, a article.Article) error {
	if ctx.Err() != nil {
		return nil
	}
	s := r.siteOf(a)
	asked, stale := r.chosen(a, s)
	if !asked {
		return nil
	}
	r.count(func() { r.counts.seen++ })
	switch {
	case !stale:
		return nil
	case s == nil:
		r.count(func() { r.counts.siteless++ })
		return nil
	}
	body, contentType, err := r.page(a)
	switch {
	case errors.Is(err, archive.ErrNoRecord):
		r.count(func() { r.counts.stale++; r.counts.unkept++; r.missing = append(r.missing, weburl.ID(a.URL)) })
		return nil
	case err != nil:
		return err
	}
	told, err := r.told(ctx, a)
	if err != nil {
		return err
	}
	now, err := r.worker.Remade(ctx, s, a, told, extract.Page{URL: a.Archived.URL, Body: body, ContentType: contentType})
	switch {
	case errors.Is(err, worker.ErrNotRemade):
		why := strings.TrimPrefix(err.Error(), a.URL+": "+worker.ErrNotRemade.Error()+": ")
		r.count(func() { r.counts.stale++; r.counts.none++; r.whys[why]++ })
		return nil
	case err != nil:
		return err
	}
	return r.compare(ctx, store.Cleaning{Was: a, Now: now})
}

func (r *reextraction) count(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f()
}

// page is an article's page as it was kept.
func (r *reextraction) page(a article.Article) (body []byte, contentType string, err error) {
	if a.Archived == nil || r.shelf == nil {
		return nil, "", archive.ErrNoRecord
	}
	body, header, err := r.shelf.Read(archive.Place(*a.Archived))
	return body, header.Get("Content-Type"), err
}

// told is what a feed or sitemap says of an article, as its page's record has it.
func (r *reextraction) told(ctx context.Context, a article.Article) (*article.Told, error) {
	page, err := r.store.Page(ctx, weburl.ID(a.URL))
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrUnreadable) || errors.Is(err, store.ErrNewer) {
		return nil, nil
	}
	return page.Told, err
}

// compare notes what is other than it was, and has it written.
func (r *reextraction) compare(ctx context.Context, c store.Cleaning) error {
	changed, err := r.store.Changed(c)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.counts.stale++
	for _, field := range changed {
		if r.fields[field]++; r.examples[field] == "" {
			r.examples[field] = c.Was.URL
		}
	}
	switch {
	case len(changed) == 0 || len(changed) == 1 && changed[0] == "extractor":
		r.counts.same++
	default:
		r.counts.changed++
	}
	if len(changed) == 0 || !r.yes {
		return nil
	}
	if r.cleaned = append(r.cleaned, c); len(r.cleaned) < writtenTogether {
		return nil
	}
	return r.write(ctx)
}

// write writes what is made anew. r.mu is held.
func (r *reextraction) write(ctx context.Context) error {
	n, refused, err := r.store.UpdateCleaned(ctx, r.cleaned)
	r.cleaned = nil
	r.counts.written += n
	r.counts.refused += len(refused)
	for _, one := range refused {
		r.log.Warn("an article that was made anew is not stored", zap.String("article", one.ID), zap.String("url", one.URL), zap.Error(one.Err))
	}
	return err
}

// flush writes the rest, and has the pages that were not kept be due.
func (r *reextraction) flush(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.cleaned) > 0 {
		if err := r.write(ctx); err != nil {
			return err
		}
	}
	if !r.fetch {
		return nil
	}
	for part := range slices.Chunk(r.missing, writtenTogether) {
		pages, err := r.store.Pages(ctx, part)
		if err != nil {
			return err
		}
		n, err := r.store.Again(ctx, slices.Collect(maps.Values(pages)), time.Now())
		if r.counts.due += n; err != nil {
			return err
		}
	}
	return nil
}

// tell says what was found, by field, and what was done.
func (r *reextraction) tell(w io.Writer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, field := range byCount(r.fields) {
		fmt.Fprintf(w, "%-14s %6d  as of %s\n", field, r.fields[field], foreign(r.examples[field]))
	}
	c := r.counts
	fmt.Fprintf(w, "%d articles, %d to be made anew: %d would say something else, %d the same", c.seen, c.stale, c.changed, c.same)
	for _, more := range []struct {
		n    int
		text string
	}{
		{c.unkept, "have no kept page (--fetch --yes has them be fetched again)"}, {c.none, "are no articles by today's rules"},
		{c.siteless, "are of no site that is defined"},
	} {
		if more.n > 0 {
			fmt.Fprintf(w, ", %d %s", more.n, more.text)
		}
	}
	fmt.Fprintln(w)
	for _, why := range slices.Sorted(maps.Keys(r.whys)) {
		fmt.Fprintf(w, "%6d %s\n", r.whys[why], why)
	}
	if !r.yes {
		fmt.Fprintln(w, "nothing is written: give --yes to do it")
		return
	}
	fmt.Fprintf(w, "%d written, %d refused, %d pages due\n", c.written, c.refused, c.due)
}
