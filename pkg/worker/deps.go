package worker

import (
	"context"
	"time"

	"go.uber.org/zap"

	"github.com/khabar-crawler/khabar/pkg/coverage"
	"github.com/khabar-crawler/khabar/pkg/fetch"
	"github.com/khabar-crawler/khabar/pkg/frontier"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
)

// Frontier is what a worker asks of the frontier; *frontier.Frontier is one.
type Frontier interface {
	Take(ctx context.Context) (*frontier.Turn, error)
	Put(ctx context.Context, tasks []frontier.Task) (frontier.PutReport, error)
	Room(ctx context.Context, lanes []string) ([]frontier.Room, error)
	Withdraw(ctx context.Context, tasks []frontier.Task) error
}

// Fetcher gets pages; *fetch.Client is one.
type Fetcher interface {
	Fetch(ctx context.Context, r fetch.Request) fetch.Response
}

// Pages is what a worker asks of the pages that are known; *store.Store is one.
type Pages interface {
	Page(ctx context.Context, id string) (store.Page, error)
	Pages(ctx context.Context, ids []string) (map[string]store.Page, error)
	EnsurePages(ctx context.Context, pages []store.Page) (created []string, refused []store.Refusal, err error)
	Claim(ctx context.Context, pages []store.Page, until time.Time) ([]store.Page, error)
	Hold(ctx context.Context, pages []store.Page, now time.Time) (int, error)
	Tell(ctx context.Context, pages []store.Page) (int, error)
	SetAside(ctx context.Context, id string, why error) error
	Backfill(ctx context.Context, id string) (store.Backfill, error)
	HasBackfill(ctx context.Context, site string) (bool, error)
	MarkBackfill(ctx context.Context, backfill string, ids []string) error
	PublishedAt(ctx context.Context, articles []string) (map[string]time.Time, error)
	SettleGaps(ctx context.Context, id string, why coverage.Why, at time.Time) (int, error)
}

// Rhythms is what is known of when sections publish; *store.Store is one.
type Rhythms interface {
	Rhythms(ctx context.Context) ([]store.Rhythm, error)
}

// Committer makes outcomes durable; *store.Committer is one.
type Committer interface {
	Commit(ctx context.Context, effects ...store.Effect) ([]store.EffectResult, error)
}

// Event tells what became of one task, for progress displays and metrics.
type Event struct {
	Page    store.Page // as it was committed
	Article store.ArticleChange
	Created int // pages seen for the first time
	Took    time.Duration
}

// Deps are the parts that a worker joins. All are needed but Profiles, without which nothing is learned of the sites'
// templates, Archive, without which no answer is kept, and Observe, which is called from many goroutines.
type Deps struct {
	Frontier  Frontier
	Fetch     Fetcher
	Store     Pages
	Committer Committer
	Profiles  Profiles
	Rhythms   Rhythms // nil: sections are taken for what they show themselves
	Archive   Archive
	Sites     *site.Current
	Observe   func(Event)
	Log       *zap.Logger
}
