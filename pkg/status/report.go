package status

import (
	"time"

	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/store"
)

// Report is what a look comes to. Its JSON is stable: docs/status.md lists every field; none changes its meaning or goes away,
// and others may be added.
type Report struct {
	At            time.Time `json:"at"`
	Site          string    `json:"site,omitempty"`
	Work          Work      `json:"work"`
	LastHour      Window    `json:"last_hour"`
	LastDay       Window    `json:"last_day"`
	DelayLastDay  Delay     `json:"delay_last_day"`
	DelayLastWeek Delay     `json:"delay_last_week"`
	Queue         *Queue    `json:"queue,omitempty"`
	QueueError    string    `json:"queue_error,omitempty"`
	Due           Due       `json:"due"`
	Sections      Sections  `json:"sections"`
	Sites         Sites     `json:"sites"`
}

// Workers says whether workers were seen.
type Workers string

// What can be said of workers.
const (
	WorkersSeen    Workers = "seen"    // one waits for work, or did a page lately
	WorkersUnseen  Workers = "unseen"  // none does
	WorkersUnknown Workers = "unknown" // it cannot be told from what could be asked
)

// Work is who works.
type Work struct {
	Workers    Workers    `json:"workers"`
	LastPageAt *time.Time `json:"last_page_at,omitempty"`
	IdleTurns  int        `json:"idle_turns"`
	Schedulers Schedulers `json:"schedulers"`
}

// Schedulers is who puts due pages into the queue.
type Schedulers struct {
	Alive       int        `json:"alive"`
	Since       *time.Time `json:"since,omitempty"`
	SeenAt      *time.Time `json:"seen_at,omitempty"`
	LastRoundAt *time.Time `json:"last_round_at,omitempty"`
	Ended       bool       `json:"ended,omitempty"`
	Problem     string     `json:"problem,omitempty"`
}

// Window is what became of pages since a time.
type Window struct {
	Since    time.Time `json:"since"`
	New      int64     `json:"new"`
	Revised  int64     `json:"revised"`
	Articles []Count   `json:"articles"`
	Sections []Count   `json:"sections"`
}

// Count is how many attempts came to the same.
type Count struct {
	Outcome outcome.Outcome `json:"outcome"`
	Reason  outcome.Reason  `json:"reason,omitempty"`
	Pages   int64           `json:"pages"`
}

// Delay is how long after their publication articles were stored since a time.
type Delay struct {
	Since    time.Time `json:"since"`
	P50      *int64    `json:"p50_seconds,omitempty"`
	P95      *int64    `json:"p95_seconds,omitempty"`
	Articles int64     `json:"articles"`
	New      int64     `json:"new"`
}

// Queue is what stands in the frontier.
type Queue struct {
	Tasks      int       `json:"tasks"`
	Lanes      int       `json:"lanes"`
	ReadyLanes int       `json:"ready_lanes"`
	Priorities []Pending `json:"priorities"`
	Aside      int       `json:"aside"`
}

// Pending are the tasks of one priority.
type Pending struct {
	Priority int        `json:"priority"`
	Pages    string     `json:"pages"`
	Tasks    int        `json:"tasks"`
	OldestAt *time.Time `json:"oldest_at,omitempty"`
}

// Due is what is due and not in the frontier.
type Due struct {
	Pages     int64    `json:"pages"`
	Oldest    *DuePage `json:"oldest,omitempty"`
	Held      *int64   `json:"held,omitempty"`
	HeldLanes int      `json:"held_lanes"`
}

// DuePage is a page that is due.
type DuePage struct {
	URL         string     `json:"url"`
	Site        string     `json:"site"`
	Kind        store.Kind `json:"kind"`
	Since       time.Time  `json:"since"`
	LateSeconds int64      `json:"late_seconds"`
}

// Sections counts sections, and lists those of one site.
type Sections struct {
	Known   int       `json:"known"`
	Due     int       `json:"due"`
	Late    int       `json:"late"`
	Failing int       `json:"failing"`
	States  []Section `json:"states,omitempty"`
}

// Section is one section of a site.
type Section struct {
	URL       string          `json:"url"`
	Kind      store.Kind      `json:"kind"`
	Status    store.Status    `json:"status"`
	Outcome   outcome.Outcome `json:"outcome,omitempty"`
	Reason    outcome.Reason  `json:"reason,omitempty"`
	Attempts  int             `json:"attempts"`
	FetchedAt *time.Time      `json:"fetched_at,omitempty"`
	NextAt    *time.Time      `json:"next_at,omitempty"`
	NextWhy   string          `json:"next_why,omitempty"`
}

// Sites counts sites and names those that need somebody.
type Sites struct {
	Known   int         `json:"known"`
	Defined int         `json:"defined"`
	Paused  []string    `json:"paused,omitempty"`
	Trouble []Trouble   `json:"trouble,omitempty"`
	BySite  []SiteDelay `json:"by_site,omitempty"`
}

// Trouble is what is wrong with a site.
type Trouble struct {
	Site       string          `json:"site"`
	What       What            `json:"what"`
	Outcome    outcome.Outcome `json:"outcome,omitempty"`
	Reason     outcome.Reason  `json:"reason,omitempty"`
	Bad        int64           `json:"bad"`
	Of         int64           `json:"of"`
	Detail     string          `json:"detail,omitempty"`
	AloneUntil *time.Time      `json:"alone_until,omitempty"`
}

// What is what is in trouble of a site.
type What string

// The kinds of trouble, the worst first.
const (
	BrokenDefinition What = "definition" // it is broken; what it was before goes on
	FailingSections  What = "sections"   // half of them or more failed at least twice in a row
	FailingArticles  What = "articles"   // of ten attempts or more in the last day, half or more failed
)

// SiteDelay is how late a site's news was stored in the last day.
type SiteDelay struct {
	Site     string `json:"site"`
	New      int64  `json:"new"`
	Articles int64  `json:"articles"`
	P50      *int64 `json:"p50_seconds,omitempty"`
	P95      *int64 `json:"p95_seconds,omitempty"`
}
