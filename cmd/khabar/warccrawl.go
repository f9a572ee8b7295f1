package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"runtime"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/khabar-crawler/khabar/cmd/internal/wire"
	"github.com/khabar-crawler/khabar/pkg/config"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
	"github.com/khabar-crawler/khabar/pkg/worker"
)

// importer stores the articles of WARC files as if their pages had been fetched.
type importer struct {
	worker *worker.Worker
	cfg    *config.Config
	errs   io.Writer

	mu    sync.Mutex
	known *site.Set
	byID  map[string]*site.Site // those that nobody defined, made from their home pages
	warcTally
	stored  map[store.ArticleChange]int
	refused int // that were not imported
}

// importWARC reads WARC files into the store. It needs no NATS: nothing is queued.
func importWARC(ctx context.Context, cfg *config.Config, sites *wire.Sites, files []string, out, errs io.Writer, log *zap.Logger) (err error) {
	st, done, err := storeOf(ctx, cfg, log, true)
	if err != nil {
		return err
	}
	defer done()
	stopBuilding, err := wire.MakeSchema(ctx, st, nil, log, false)
	if err != nil {
		return err
	}
	defer stopBuilding()
	if err := sites.Open(ctx, st); err != nil {
		return err
	}
	committer := store.NewCommitter(st, wire.Committer(cfg))
	defer committer.Stop()
	workerCfg := wire.Worker(cfg, "crawl")
	workerCfg.Run = time.Now().UTC().Format("20060102T150405Z")
	m := &importer{
		cfg: cfg, errs: errs, known: sites.Current().Set(), byID: make(map[string]*site.Site), stored: make(map[store.ArticleChange]int),
		worker: worker.New(workerCfg, worker.Deps{Store: st, Committer: committer, Profiles: st, Rhythms: st, Sites: sites.Current(), Log: log}),
	}
	end := m.worker.Importing(ctx)
	for _, name := range files {
		if err = m.file(ctx, name, log); err != nil {
			break
		}
	}
	end()
	if nerr := st.NumberAll(ctx); err == nil {
		err = nerr
	}
	m.tell(out)
	if err == nil && m.damaged > 0 {
		err = errReported
	}
	return err
}

// file imports one file. Pages are dealt with at the same time, but for those of one address, which come one after another.
func (m *importer) file(ctx context.Context, name string, log *zap.Logger) error {
	f, from, err := openPage(name, nil)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // nothing was written
	client, err := newWARCClient(log)
	if err != nil {
		return err
	}
	defer client.Close()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	queues := make([]chan warcPage, runtime.GOMAXPROCS(0))
	var all sync.WaitGroup
	for i := range queues {
		queues[i] = make(chan warcPage) // without room: a page may be large
		all.Go(func() {
			for p := range queues[i] {
				if err := m.page(ctx, p); err != nil {
					cancel(err)
				}
			}
		})
	}
	for p, err := range warcPages(ctx, client, bufio.NewReader(f), int64(m.cfg.Worker.MaxArticle)) {
		if ctx.Err() != nil {
			break
		}
		if err != nil {
			if !isOfRecord(err) {
				cancel(fmt.Errorf("%s: %w", from, err))
				break
			}
			m.damaged++
			fmt.Fprintf(m.errs, "khabar crawl: %s: %s\n", from, foreign(err.Error()))
			continue
		}
		h := fnv.New32a()
		_, _ = h.Write([]byte(p.address))
		queues[h.Sum32()%uint32(len(queues))] <- p
	}
	for _, q := range queues {
		close(q)
	}
	all.Wait()
	return context.Cause(ctx)
}

// page imports one answer. Its error is that nothing can be stored any more.
func (m *importer) page(ctx context.Context, p warcPage) error {
	if ctx.Err() != nil {
		return nil
	}
	if p.answer.Outcome != outcome.OK {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.other(p.answer.Outcome, p.answer.Reason)
		return nil
	}
	s, err := m.siteOf(p.address)
	var e worker.Event
	if err == nil {
		p.answer.At = cmp.Or(p.answer.At, time.Now())
		e, err = m.worker.Import(ctx, s, p.address, p.answer)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case errors.Is(err, worker.ErrNotImported):
		m.refused++
		return nil
	case err != nil:
		return err
	case e.Article == store.ArticleNone:
		m.other(e.Page.Outcome, e.Page.Reason)
	default:
		m.stored[e.Article]++
	}
	m.pages++
	return nil
}

// siteOf is the site that an address belongs to: one that is defined, or else that of its host.
func (m *importer) siteOf(address string) (*site.Site, error) {
	if s := m.known.Of(address); s != nil {
		return s, nil
	}
	s, err := siteOf(m.cfg, site.EditionHome(address))
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %w", address, worker.ErrNotImported, err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if known := m.byID[s.ID]; known != nil && known.Home == s.Home {
		return known, nil
	}
	m.byID[s.ID] = s
	return s, nil
}

// tell says what became of the files.
func (m *importer) tell(out io.Writer) {
	fmt.Fprintf(out, "%d pages: %d new articles, %d edits, %d unchanged, %d other addresses of one; %d known as of later, or not wanted; %d damaged records\n",
		m.pages, m.stored[store.ArticleNew], m.stored[store.ArticleRevised], m.stored[store.ArticleUnchanged]+m.stored[store.ArticleRemade],
		m.stored[store.ArticleAlias], m.refused, m.damaged)
	for _, l := range m.lines() {
		fmt.Fprintln(out, l)
	}
}
