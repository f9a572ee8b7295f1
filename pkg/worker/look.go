package worker

import (
	"time"

	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/look"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/rhythm"
	"github.com/khabar-crawler/khabar/pkg/store"
)

// lookAgain says when an article's page is looked at next for edits, by what the looks at it and at others of its site have
// seen, and notes this one.
func (w *Worker) lookAgain(v *verdict, now time.Time) {
	p := &v.page
	seen := look.Record{From: p.DiscoveredAt, At: now, Mark: v.mark}
	if a := v.article; a != nil && a.PublishedAt != nil && a.PublishedAt.Before(seen.From) {
		seen.From = *a.PublishedAt
	}
	if old := p.Look; old != nil {
		v.unedited = v.mark != "" && v.mark == old.Mark
		switch {
		case v.article != nil:
			seen = old.Look(now, old.Mark != "" && !v.unedited)
			seen.Mark = v.mark
		case p.Outcome == outcome.NotModified:
			seen = old.Look(now, false)
		default: // not seen: the record stays, and what comes next follows from now
			seen = *old
			seen.At = now
		}
	}
	if v.article != nil || p.Outcome == outcome.NotModified {
		p.Look = &seen
	}
	if now.Sub(seen.From) >= look.Horizon {
		return
	}
	known := w.rhythms.known.Load()
	habit := w.learned.habit(p.Site)
	at, why, ok := known.plan().Next(p.ID, &seen, &habit, &known.edits)
	if v.why = rhythm.Why(why); ok {
		p.NextAt = &at
	}
}

// isGone says whether what a page came to is that the article on it is no more: the site says so, or shows something else in its
// place.
func isGone(p store.Page) bool {
	if p.Kind != store.KindArticle || p.ArticleID == "" {
		return false
	}
	switch p.Outcome {
	case outcome.Gone:
		return true
	case outcome.NotArticle, outcome.Redirected:
		return p.Reason == outcome.ReasonErrorPage || p.Reason == outcome.ReasonLeadsElsewhere
	}
	return false
}

// markGone has the page's article marked.
func (v *verdict) markGone(now time.Time) {
	v.gone = &article.Gone{At: now, Reason: string(v.page.Reason)}
}

// habitOf is what a stored profile says of how the site edits its articles. What cannot be read is not known.
func habitOf(p store.Profile) *look.Habit {
	var data struct {
		Habit *look.Habit `bson:"habit"`
	}
	if len(p.Data) == 0 || p.Decode(&data) != nil || data.Habit == nil || !data.Habit.Valid() {
		return &look.Habit{}
	}
	return data.Habit
}

// habit is what is known of how a site edits its articles.
func (t *templates) habit(site string) look.Habit {
	if t == nil {
		return look.Habit{}
	}
	s := t.of(site, false)
	if s == nil {
		return look.Habit{}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.profile == nil {
		return look.Habit{}
	}
	return *s.taught.habit
}

// watch learns from a look at an article, of which before is the page as it was, how its site edits; prior is what is known of
// others.
func (t *templates) watch(before store.Page, e Event, prior *look.Model) {
	if t == nil || e.Page.Look == nil || e.Page.Look.At.Sub(e.Page.Look.From) >= look.Horizon {
		return
	}
	s := t.of(e.Page.Site, false)
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var one look.Habit
	switch {
	case s.profile == nil:
		return
	case e.Article == store.ArticleNew:
		one.Read()
	case before.Look == nil || before.ArticleID != e.Page.ArticleID:
		return
	case e.Article == store.ArticleRevised, e.Article == store.ArticleUnchanged, e.Page.Outcome == outcome.NotModified:
		m := s.taught.habit.Model(prior)
		one.Learn(before.Look, e.Page.Look.At, e.Article == store.ArticleRevised, &m)
	}
	s.taught.habit.Add(&one)
	s.unshared.habit.Add(&one)
}
