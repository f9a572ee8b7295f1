package worker

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/boilerplate"
	"github.com/khabar-crawler/khabar/pkg/extract"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/store"
	"github.com/khabar-crawler/khabar/pkg/weburl"
	"github.com/khabar-crawler/khabar/pkg/yield"
)

// Profiles is where what was learned of sites is kept, and what it cleans; *store.Store is one.
type Profiles interface {
	Profile(ctx context.Context, site string) (store.Profile, error)
	SaveProfile(ctx context.Context, p store.Profile) (store.Profile, error)
	ArticlesFetchedSince(ctx context.Context, site string, since time.Time) iter.Seq2[article.Article, error]
	UpdateCleaned(ctx context.Context, all []store.Cleaning) (updated int, refused []store.Refusal, err error)
}

const (
	// maxTemplates is how many sites' profiles are in memory. One takes up to 100 KB, and most a third of that.
	maxTemplates = 512
	// syncArticles is after how many articles of a site a worker shares what it saw: fewer than half of what the sample
	// holds of the newest, so that none is lost to the others.
	syncArticles = 50
	// syncInterval is when it does so at the latest. What is newly known is shared at once.
	syncInterval = 2 * time.Minute
	// settleTime is when every worker extracts with what another one learned: it syncs, if it sees articles of the site at
	// all, within syncInterval, and what it fetched before is stored within minutes.
	settleTime = 10 * time.Minute
	// learnShare is the part of the sample by which it grows before it is decided anew what is boilerplate. Early, each
	// article may be the one that tells; later a decision takes a millisecond, and two dozen articles share it.
	learnShare = 16
	// cleanBatch is how many articles are written at a time; cleanLease is how long a worker that died in a run keeps the
	// others from another one.
	cleanBatch = 100
	cleanLease = 5 * time.Minute
	// maxProfileConflicts is how often a profile is merged anew because somebody else wrote it meanwhile.
	maxProfileConflicts = 8
)

// templates keeps the profiles of the sites that a worker reads: loads them when they are first needed, shows them each
// article, and shares what was seen with the other workers. A nil one learns nothing.
type templates struct {
	name  string
	store Profiles
	log   *zap.Logger
	now   func() time.Time
	wake  chan struct{} // a site is to be synced

	mu    sync.Mutex
	sites map[string]*template
	uses  int64
}

// template is what is known of one site.
type template struct {
	site string
	used int64 // guarded by templates.mu

	loading sync.Mutex // held while the profile is read, so that it is read once

	mu       sync.Mutex
	profile  *boilerplate.Profile // nil before it was read
	known    *boilerplate.Template
	fresh    int     // articles seen since the last sync
	unjudged int     // and since it was last decided what is boilerplate
	due      bool    // for a sync: something is newly known, or stored articles are to be cleaned
	taught   lessons // what is stored, and what this worker saw
	unshared lessons // of this, what is not stored yet
}

func newTemplates(name string, p Profiles, log *zap.Logger) *templates {
	if p == nil {
		return nil
	}
	return &templates{name: name, store: p, log: log, now: time.Now, wake: make(chan struct{}, 1), sites: map[string]*template{}}
}

// open has the site's profile in memory when it returns.
func (t *templates) open(ctx context.Context, site string) error {
	if t == nil {
		return nil
	}
	s := t.of(site, true)
	s.loading.Lock()
	defer s.loading.Unlock()
	if s.loaded() {
		return nil
	}
	stored, p, err := t.load(ctx, site)
	if errors.Is(err, boilerplate.ErrNewer) {
		t.log.Warn("what was learned of a site is left to a newer khabar; this worker learns for itself", zap.String("site", site), zap.Error(err))
	} else if err != nil {
		return err
	}
	lines, _ := p.Due(t.now(), settleTime)
	s.mu.Lock()
	s.profile, s.known, s.due = p, p.Template(), len(lines) > 0
	s.taught, s.unshared = lessonsOf(stored), newLessons()
	s.mu.Unlock()
	if len(lines) > 0 {
		t.nudge()
	}
	return nil
}

func (s *template) loaded() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.profile != nil
}

// of finds a site's template in memory.
func (t *templates) of(site string, make bool) *template {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.sites[site]
	if s == nil {
		if !make {
			return nil
		}
		s = &template{site: site}
		t.sites[site] = s
		if len(t.sites) > maxTemplates {
			t.nudge()
		}
	}
	t.uses++
	s.used = t.uses
	return s
}

func (t *templates) nudge() {
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// load reads a profile. One that cannot be understood is learned anew, and beside an error that wraps
// boilerplate.ErrNewer stands an empty one.
func (t *templates) load(ctx context.Context, site string) (store.Profile, *boilerplate.Profile, error) {
	stored, err := t.store.Profile(ctx, site)
	if errors.Is(err, store.ErrNotFound) {
		return store.Profile{Site: site}, boilerplate.New(), nil
	}
	if err != nil {
		return stored, nil, err
	}
	p, err := restore(stored)
	if err == nil {
		return stored, p, nil
	}
	if errors.Is(err, boilerplate.ErrNewer) {
		return stored, boilerplate.New(), fmt.Errorf("profile of %s: %w", site, err)
	}
	t.log.Warn("what was learned of a site cannot be read; learning anew", zap.String("site", site), zap.Error(err))
	return stored, boilerplate.New(), nil
}

func restore(stored store.Profile) (*boilerplate.Profile, error) {
	// The format comes first: of a newer one nothing else need be as it is known here.
	var head struct {
		Format int32 `bson:"format"`
	}
	if err := stored.Decode(&head); err != nil {
		return nil, err
	}
	if _, err := boilerplate.Restore(boilerplate.State{Format: head.Format}); errors.Is(err, boilerplate.ErrNewer) {
		return nil, err
	}
	var state boilerplate.State
	if err := stored.Decode(&state); err != nil {
		return nil, err
	}
	return boilerplate.Restore(state)
}

// read shows the learner an article that was just extracted, and takes out of its text what is known, which it gives.
func (t *templates) read(a *article.Article, blocks []extract.Block) *boilerplate.Template {
	if t == nil {
		return nil
	}
	s := t.of(a.Site, false)
	if s == nil {
		return nil
	}
	section := a.Category
	if section == "" && len(a.Sections) > 0 {
		section = a.Sections[0]
	}
	o := boilerplate.Observation{
		Article: weburl.ID(a.CanonicalURL), // forms of one page are one article here, for they repeat each other's lines
		At:      a.FetchedAt, Section: section, Agency: a.Agency, Title: a.Title, Text: a.Text,
		Dropped: boilerplate.Dropped(blocks),
	}
	if a.PublishedAt != nil {
		o.Published = *a.PublishedAt
	}
	known, nudge := s.observe(o, t.now())
	if nudge {
		t.nudge()
	}
	text, _ := known.Clean(a.Title, a.Text)
	extract.Shorten(a, text)
	return known
}

// tidy takes what is known of its site's template out of an article's text, and learns nothing from it.
func (t *templates) tidy(ctx context.Context, a *article.Article) error {
	if t == nil {
		return nil
	}
	if err := t.open(ctx, a.Site); err != nil {
		return err
	}
	s := t.of(a.Site, true)
	s.mu.Lock()
	known := s.known
	s.mu.Unlock()
	text, _ := known.Clean(a.Title, a.Text)
	extract.Shorten(a, text)
	return nil
}

// observe gives what is known with the article seen, and whether a sync is due.
func (s *template) observe(o boilerplate.Observation, now time.Time) (*boilerplate.Template, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.profile == nil {
		return nil, false
	}
	s.profile.Observe(o)
	s.fresh++
	s.unjudged++
	if learnShare*s.unjudged >= s.profile.Articles() {
		s.unjudged = 0
		if s.profile.Learn(now) {
			s.known, s.due = s.profile.Template(), true
		}
	}
	return s.known, s.due || s.fresh >= syncArticles
}

// note counts what came of a page that was fetched for the first time: of an article's by the form of its address and the block it was linked in.
// What says nothing of the page, as a host that is down, does not count.
func (t *templates) note(e Event) {
	if t == nil {
		return
	}
	s := t.of(e.Page.Site, false)
	isNew := e.Article == store.ArticleNew
	isNone := e.Article == store.ArticleAlias || e.Page.Outcome == outcome.NotArticle || e.Page.Outcome == outcome.Gone
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.profile == nil {
		return
	}
	s.sighted(e.Page)
	if e.Page.Kind != store.KindArticle || !isNew && !isNone {
		return
	}
	s.taught.past.Note(e.Page.URL, e.Page.Block, isNew)
	s.unshared.past.Note(e.Page.URL, e.Page.Block, isNew)
}

// before is what is known of what became of the site's links; nil for nothing.
func (t *templates) before(site string) *yield.Past {
	if t == nil {
		return nil
	}
	s := t.of(site, false)
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.profile == nil {
		return nil
	}
	return s.taught.past.Clone()
}

// takes says whether a new page of the site is fetched, by what came of addresses of its form.
func (t *templates) takes(site, address string) bool {
	if t == nil {
		return true
	}
	s := t.of(site, false)
	if s == nil {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.profile == nil || s.taught.past.Takes(address)
}

// start shares what is seen until the function that it gives is called, which shares the rest: until lastWords after ctx
// has ended, at the latest.
func (t *templates) start(ctx context.Context) (stop func()) {
	if t == nil {
		return func() {}
	}
	running, cancel := context.WithCancel(ctx)
	var done sync.WaitGroup
	done.Go(func() { t.run(running) })
	return func() {
		cancel()
		done.Wait()
		last, cancel := outlive(ctx, lastWords)
		defer cancel()
		t.sync(last, true)
	}
}

// run shares what is seen until ctx ends.
func (t *templates) run(ctx context.Context) {
	tick := time.NewTicker(syncInterval)
	defer tick.Stop()
	for {
		all := false
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			all = true
		case <-t.wake:
		}
		t.sync(ctx, all)
	}
}

// sync shares what was seen of the sites that are due, or of all, and lets go of profiles beyond maxTemplates. What fails
// is tried again with the next one.
func (t *templates) sync(ctx context.Context, all bool) {
	t.mu.Lock()
	sites := make([]*template, 0, len(t.sites))
	for _, s := range t.sites {
		sites = append(sites, s)
	}
	slices.SortFunc(sites, func(a, b *template) int { return cmp.Compare(b.used, a.used) })
	t.mu.Unlock()
	for i, s := range sites {
		ready, due := s.state(t.now(), all || i >= maxTemplates)
		if due {
			if err := t.share(ctx, s); err != nil {
				if ctx.Err() == nil {
					t.log.Warn("what was learned of a site is not stored; trying again", zap.String("site", s.site), zap.Error(err))
				}
				continue
			}
		}
		if ready && i >= maxTemplates {
			t.mu.Lock()
			delete(t.sites, s.site)
			t.mu.Unlock()
		}
	}
}

// state says whether the profile is in memory, and whether it is to be synced; with any, for the least there is.
func (s *template) state(now time.Time, any bool) (ready, due bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.profile == nil {
		return false, false
	}
	if any && !s.due {
		lines, _ := s.profile.Due(now, settleTime)
		s.due = s.fresh > 0 || !s.unshared.isEmpty() || len(lines) > 0
	}
	return true, s.due || s.fresh >= syncArticles
}

// share merges what was seen of a site into the stored profile and takes over what others saw. When lines became known,
// they are taken out of what is stored.
func (t *templates) share(ctx context.Context, s *template) error {
	var lines []boilerplate.Key
	var since time.Time
	err := t.merge(ctx, s, func(p *boilerplate.Profile) {
		now := t.now()
		if lines, since = p.Due(now, settleTime); len(lines) > 0 && !p.Claim(t.name, now, now.Add(cleanLease)) {
			lines = nil
		}
	})
	if err != nil || len(lines) == 0 {
		return err
	}
	began := t.now()
	n, err := t.clean(ctx, s, since)
	if err != nil {
		s.mu.Lock()
		s.due = true // the lines still are
		s.mu.Unlock()
		return err
	}
	t.log.Info("took what the site's template repeats out of stored articles", zap.String("site", s.site),
		zap.Int("lines", len(lines)), zap.Int("articles", n))
	return t.merge(ctx, s, func(p *boilerplate.Profile) {
		p.Cleaned(lines, began)
		p.Release(t.name, t.now())
	})
}

// merge writes the stored profile with what this worker saw and with what change does to it, and goes on from there.
func (t *templates) merge(ctx context.Context, s *template, change func(*boilerplate.Profile)) error {
	s.mu.Lock()
	ours, fresh, seen := s.profile.Clone(), s.fresh, s.unshared
	s.unshared = newLessons()
	s.mu.Unlock()
	saved := false
	defer func() {
		if !saved {
			s.mu.Lock()
			seen.add(s.unshared)
			s.unshared = seen
			s.mu.Unlock()
		}
	}()
	for range maxProfileConflicts {
		stored, p, err := t.load(ctx, s.site)
		if errors.Is(err, boilerplate.ErrNewer) {
			saved = true
			s.mu.Lock()
			s.fresh, s.due = s.fresh-fresh, false
			s.mu.Unlock()
			return nil // it stays with this worker
		}
		if err != nil {
			return err
		}
		before := p.Clone()
		p.Merge(ours)
		p.Learn(t.now())
		change(p)
		all := lessonsOf(stored)
		all.add(seen)
		if !p.Equal(before) || !seen.isEmpty() {
			if err := stored.Encode(all.stored(p)); err != nil {
				return err
			}
			stored.UpdatedAt = t.now()
			_, err = t.store.SaveProfile(ctx, stored)
			if errors.Is(err, store.ErrConflict) {
				continue
			}
			if err != nil {
				return err
			}
		}
		saved = true
		s.mu.Lock()
		defer s.mu.Unlock()
		all.add(s.unshared)
		s.taught = all
		s.profile.Merge(p)
		s.profile.Learn(t.now())
		s.known = s.profile.Template()
		s.fresh -= fresh
		s.unjudged, s.due = 0, false
		return nil
	}
	return fmt.Errorf("merge profile of %s: %w", s.site, store.ErrConflict)
}

// clean takes what is known of a site out of the articles fetched since a time, and counts those that it changed. An
// article that the store will not have so stays as it was; where the fault is the store's, the error says that it waits.
func (t *templates) clean(ctx context.Context, s *template, since time.Time) (int, error) {
	s.mu.Lock()
	known := s.known
	s.mu.Unlock()
	total := 0
	var batch []store.Cleaning
	var waits error
	write := func() error {
		n, refused, err := t.store.UpdateCleaned(ctx, batch)
		total, batch = total+n, batch[:0]
		for _, r := range refused {
			t.log.Warn("cleaned article not stored", zap.String("article", r.ID), zap.String("url", r.URL), zap.Error(r.Err))
			if errors.Is(r.Err, store.ErrServer) {
				waits = fmt.Errorf("clean article %s: %w", r.ID, r.Err)
			}
		}
		return err
	}
	for a, err := range t.store.ArticlesFetchedSince(ctx, s.site, since) {
		if errors.Is(err, store.ErrUnreadable) || errors.Is(err, store.ErrNewer) {
			t.log.Warn("article not cleaned", zap.String("site", s.site), zap.Error(err))
			continue
		}
		if err != nil {
			return total, err
		}
		text, taken := known.Clean(a.Title, a.Text)
		if taken == 0 {
			continue
		}
		now := a
		extract.Shorten(&now, text)
		if batch = append(batch, store.Cleaning{Was: a, Now: now}); len(batch) == cleanBatch {
			if err := write(); err != nil {
				return total, err
			}
		}
	}
	if err := write(); err != nil {
		return total, err
	}
	return total, waits
}
