package status

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/khabar-crawler/khabar/pkg/frontier"
	"github.com/khabar-crawler/khabar/pkg/ledger"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fake is a store and a frontier as they are at a time.
type fake struct {
	sheets   map[string]ledger.Sheet
	roots    []store.Page
	waiting  store.Waiting
	scope    store.Scope // that was asked for last
	overview frontier.Overview
	lanes    map[string]frontier.LaneState
	err      error // of the frontier
	pulses   []store.Pulse
}

func (f *fake) Pulses(context.Context) ([]store.Pulse, error) { return f.pulses, nil }

func (f *fake) FleetSheets(_ context.Context, from, to time.Time) (all []ledger.Sheet, _ error) {
	for h := from.UTC().Truncate(time.Hour); !h.After(to); h = h.Add(time.Hour) {
		if s, ok := f.sheets[ledger.FleetHour(h)]; ok {
			all = append(all, s)
		}
	}
	return all, nil
}

func (f *fake) SiteSheets(_ context.Context, sites []string, from, to time.Time) (all []ledger.Sheet, _ error) {
	for d := ledger.Day(from); !d.After(to); d = d.Add(24 * time.Hour) {
		for _, site := range sites {
			if s, ok := f.sheets[ledger.SiteDay(site, d)]; ok {
				all = append(all, s)
			}
		}
	}
	return all, nil
}

func (f *fake) Waiting(_ context.Context, scope store.Scope) (store.Waiting, error) {
	f.scope = scope
	return f.waiting, nil
}

func (f *fake) Roots(_ context.Context, sites []string) iter.Seq2[store.Page, error] {
	return func(yield func(store.Page, error) bool) {
		for _, p := range f.roots {
			if (len(sites) == 0 || slices.Contains(sites, p.Site)) && !yield(p, nil) {
				return
			}
		}
	}
}

func (f *fake) Overview(context.Context) (frontier.Overview, error) { return f.overview, f.err }
func (f *fake) Lane(_ context.Context, lane string) (frontier.LaneState, error) {
	return f.lanes[lane], nil
}

func (f *fake) take(t *testing.T, site string, now time.Time, sites ...Site) Report {
	t.Helper()
	r, err := Take(t.Context(), Sources{Store: f, Frontier: f, Sites: sites}, site, now)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var noon = time.Date(2026, time.November, 27, 12, 7, 0, 0, time.UTC)

// event is an attempt at an article's page.
type event struct {
	site  string
	at    time.Time
	delay time.Duration
	what  outcome.Outcome
}

func (e event) entry() ledger.Entry {
	if e.what == outcome.Retry {
		return ledger.Entry{Site: e.site, At: e.at, Outcome: e.what, Reason: outcome.ReasonTimeout}
	}
	return ledger.Entry{Site: e.site, At: e.at, Outcome: e.what, Change: "new", Delay: &e.delay}
}

// TestFigures runs ten days of three sites on a clock of its own, counted by four processes, and compares what is reported all
// along the last day with what happened.
func TestFigures(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 7))
	usual := map[string]time.Duration{"quick": 4 * time.Minute, "slow": 3 * time.Hour, "usual": 20 * time.Minute}
	sites := slices.Sorted(maps.Keys(usual))
	f := &fake{sheets: map[string]ledger.Sheet{}}
	books := make([]ledger.Book, 4)
	post := func(b *ledger.Book) {
		for _, s := range b.TakeAll() {
			sum := f.sheets[s.ID]
			sum.ID, sum.Site, sum.From = s.ID, s.Site, s.From
			sum.Add(s)
			f.sheets[s.ID] = sum
		}
	}
	var past []event
	check := noon
	for at := noon.Add(-9 * day); at.Before(noon.Add(day)); at = at.Add(time.Duration(rnd.IntN(240)) * time.Second) {
		if at.After(check) {
			for i := range books {
				post(&books[i])
			}
			for _, site := range append(sites, "") {
				checkFigures(t, f.take(t, site, check), past)
			}
			check = check.Add(97 * time.Minute)
		}
		e := event{sites[rnd.IntN(len(sites))], at, 0, outcome.OK}
		if e.delay = time.Duration(float64(usual[e.site]) * (0.5 + rnd.Float64())); rnd.IntN(5) == 0 {
			e.what = outcome.Retry
		}
		past = append(past, e)
		i := rnd.IntN(len(books))
		if books[i].Enter(e.entry()); rnd.IntN(20) == 0 {
			post(&books[i])
		}
	}
}

func checkFigures(t *testing.T, r Report, past []event) {
	t.Helper()
	since := func(from time.Time) (all []event) {
		for _, e := range past {
			if (r.Site == "" || r.Site == e.site) && !e.at.Before(from) {
				all = append(all, e)
			}
		}
		return all
	}
	for _, w := range []Window{r.LastHour, r.LastDay} {
		want, got := map[string]int64{}, map[string]int64{}
		for _, e := range since(w.Since) {
			entry := e.entry()
			want[outcome.Text(entry.Outcome, entry.Reason)]++
		}
		for _, c := range w.Articles {
			got[outcome.Text(c.Outcome, c.Reason)] += c.Pages
		}
		if !maps.Equal(got, want) || w.New != want["ok"] {
			t.Errorf("%q since %v: %v, %d new; want %v", r.Site, w.Since, got, w.New, want)
		}
	}
	if early := r.At.Sub(r.LastHour.Since); early < time.Hour || early > 2*time.Hour || r.Site == "" && early > 65*time.Minute {
		t.Errorf("the last hour of %q is %v", r.Site, early)
	}
	for _, d := range []Delay{r.DelayLastDay, r.DelayLastWeek} {
		var delays []time.Duration
		for _, e := range since(d.Since) {
			if e.what == outcome.OK {
				delays = append(delays, e.delay)
			}
		}
		slices.Sort(delays)
		for q, got := range map[float64]*int64{0.5: d.P50, 0.95: d.P95} {
			want := delays[int(math.Ceil(q*float64(len(delays))))-1].Seconds()
			if got == nil || float64(*got) < 0.95*want-1 || float64(*got) > 1.05*want+1 {
				t.Errorf("%q: the delay at %v since %v is %v; want %v", r.Site, q, d.Since, *got, want)
			}
		}
		if d.Articles != int64(len(delays)) {
			t.Errorf("%q: %d of %d delays", r.Site, d.Articles, len(delays))
		}
	}
	if last := past[len(past)-1].at; r.Site == "" && !r.Work.LastPageAt.Equal(last) {
		t.Errorf("the last page was counted at %v, not %v", r.Work.LastPageAt, last)
	}
}

// section is the page of one, as its last visit left it.
func section(site string, n, attempts int, o outcome.Outcome, why outcome.Reason, next time.Duration) store.Page {
	at, url := noon.Add(next), fmt.Sprintf("https://%s/%d", site, n)
	return store.Page{URL: url, Site: site, Kind: store.KindFeed, Lane: site, Attempts: attempts, Outcome: o, Reason: why, NextAt: &at, Status: store.StatusDone}
}

// TestTrouble: which sites are in trouble, why, in which order, and what is not trouble.
func TestTrouble(t *testing.T) {
	f := &fake{sheets: map[string]ledger.Sheet{}, lanes: map[string]frontier.LaneState{
		"walled": {NextAt: noon.Add(time.Hour), Failures: 9}, "half": {NextAt: noon.Add(time.Second)},
	}}
	f.roots = []store.Page{
		section("walled", 1, 7, outcome.Blocked, outcome.ReasonChallenge, time.Hour), section("walled", 2, 6, outcome.Blocked, outcome.ReasonChallenge, time.Hour),
		section("half", 1, 2, outcome.Retry, outcome.HTTP(503), -6*time.Minute), section("half", 2, 0, outcome.OK, "", -time.Minute),
		section("once", 1, 1, outcome.Retry, outcome.ReasonTimeout, time.Minute),
		section("most", 1, 0, outcome.OK, "", time.Minute), section("most", 2, 0, outcome.OK, "", time.Minute), section("most", 3, 5, outcome.Gone, outcome.HTTP(404), time.Minute),
		section("articles", 1, 0, outcome.OK, "", time.Minute), section("few", 1, 0, outcome.OK, "", time.Minute),
		section("asleep", 1, 9, outcome.Retry, outcome.ReasonTimeout, -time.Hour),
		section("gone", 1, 9, outcome.Retry, outcome.ReasonTimeout, -time.Hour),
	}
	var b ledger.Book
	for i := range 20 {
		o, why := outcome.OK, outcome.Reason("")
		if i >= 8 {
			o, why = outcome.Blocked, outcome.ReasonForbidden
		}
		b.Enter(ledger.Entry{Site: "articles", At: noon.Add(-time.Hour), Outcome: o, Reason: why})
		b.Enter(ledger.Entry{Site: "most", At: noon.Add(-time.Hour), Outcome: outcome.NotArticle, Reason: outcome.ReasonList}) // a page is what it is
	}
	b.Enter(ledger.Entry{Site: "few", At: noon.Add(-time.Hour), Outcome: outcome.Failed, Reason: outcome.ReasonTLS})
	for _, s := range b.TakeAll() {
		f.sheets[s.ID] = s
	}
	var sites []Site
	for _, id := range []string{"walled", "half", "once", "most", "articles", "few"} {
		sites = append(sites, Site{ID: id})
	}
	sites = append(sites, Site{ID: "asleep", Paused: true}, Site{ID: "typo", Broken: "typo.yaml:3:1: unknown key"})
	r := f.take(t, "", noon, sites...)
	until := noon.Add(time.Hour)
	want := []Trouble{
		{Site: "typo", What: BrokenDefinition, Detail: "typo.yaml:3:1: unknown key", Bad: 1, Of: 1},
		{Site: "walled", What: FailingSections, Outcome: outcome.Blocked, Reason: outcome.ReasonChallenge, Bad: 2, Of: 2, AloneUntil: &until},
		{Site: "half", What: FailingSections, Outcome: outcome.Retry, Reason: "http_503", Bad: 1, Of: 2},
		{Site: "articles", What: FailingArticles, Outcome: outcome.Blocked, Reason: outcome.ReasonForbidden, Bad: 12, Of: 20},
	}
	if !reflect.DeepEqual(r.Sites.Trouble, want) {
		t.Errorf("got  %+v\nwant %+v", r.Sites.Trouble, want)
	}
	if !slices.Equal(r.Sites.Paused, []string{"asleep"}) || r.Sites.Defined != len(sites) || slices.Contains(f.scope.Sites, "asleep") {
		t.Errorf("%+v, asked for %+v", r.Sites, f.scope)
	}
	if s := r.Sections; s.Known != 10 || s.Due != 2 || s.Late != 1 || s.Failing != 4 || s.States != nil {
		t.Errorf("sections: %+v", s)
	}
	one := f.take(t, "half", noon, sites...)
	if s := one.Sections; s.Known != 2 || len(s.States) != 2 || s.States[0].URL != "https://half/1" || s.States[0].Attempts != 2 || len(one.Sites.Trouble) != 1 {
		t.Errorf("of one site: %+v, %+v", s, one.Sites)
	}
	if paused := f.take(t, "asleep", noon, sites...); len(paused.Sites.Paused) != 1 || paused.Sections.Known != 1 {
		t.Errorf("of a paused one: %+v, %+v", paused.Sites, paused.Sections)
	}
}

// TestWork: whether somebody works is said as far as it can be told, and a frontier that is away costs nothing else.
func TestWork(t *testing.T) {
	counted := func(ago time.Duration) *fake {
		var b ledger.Book
		b.Enter(ledger.Entry{Site: "a", At: noon.Add(-ago), Outcome: outcome.OK})
		f := &fake{sheets: map[string]ledger.Sheet{}}
		for _, s := range b.TakeAll() {
			f.sheets[s.ID] = s
		}
		return f
	}
	away := counted(time.Hour)
	away.err = errors.New("no servers")
	idle := counted(time.Hour)
	idle.overview.Idle = 3
	none := counted(time.Hour)
	none.err = frontier.ErrNoFrontier
	for _, tc := range []struct {
		about string
		fake  *fake
		want  Workers
		says  string
	}{
		{"pages lately", counted(time.Minute), WorkersSeen, ""},
		{"nothing for an hour, and nobody waits", counted(time.Hour), WorkersUnseen, ""},
		{"nothing for an hour, and slots wait", idle, WorkersSeen, ""},
		{"a frontier that is away", away, WorkersUnknown, "no servers"},
		{"no frontier", none, WorkersUnknown, "nobody"},
	} {
		r := tc.fake.take(t, "", noon)
		if r.Work.Workers != tc.want || (r.Queue == nil) != (tc.says != "") || !strings.Contains(r.QueueError, tc.says) || r.LastDay.Articles[0].Pages != 1 {
			t.Errorf("%s: %+v, queue %v %q", tc.about, r.Work, r.Queue, r.QueueError)
		}
	}
	r, err := Take(t.Context(), Sources{Store: counted(time.Minute), WhyNoFrontier: "not named", Stopped: true}, "", noon)
	if err != nil || r.Work.Workers != WorkersUnseen || r.QueueError != "not named" {
		t.Errorf("servers that were started for the look: %+v, %v", r, err)
	}
}

// TestSchedulers: whether a scheduler is alive, since when, and what its last round came to.
func TestSchedulers(t *testing.T) {
	pulse := func(since, at, round time.Duration) store.Pulse {
		return store.Pulse{Since: noon.Add(-since), At: noon.Add(-at), RoundAt: noon.Add(-round)}
	}
	ended, failing := pulse(day, time.Minute, time.Minute), pulse(day, time.Minute, time.Hour)
	ended.Ended, failing.Problem = true, "no servers"
	for _, c := range []struct {
		name               string
		pulses             []store.Pulse
		alive              int
		since, seen, round time.Duration // ago; negative for never
		ended              bool
		problem            string
	}{
		{"none ever", nil, 0, -1, -1, -1, false, ""},
		{"one", []store.Pulse{pulse(day, time.Minute, 2*time.Minute)}, 1, day, time.Minute, 2 * time.Minute, false, ""},
		{"two, and one that was killed", []store.Pulse{pulse(week, day, day), pulse(hour, time.Minute, time.Minute), pulse(day, time.Second, 2*time.Second)}, 2, day, time.Second, 2 * time.Second, false, ""},
		{"killed", []store.Pulse{pulse(day, 4*time.Minute, 4*time.Minute)}, 0, -1, 4 * time.Minute, 4 * time.Minute, false, ""},
		{"stopped", []store.Pulse{ended, pulse(day, hour, hour)}, 0, -1, time.Minute, time.Minute, true, ""},
		{"its rounds fail", []store.Pulse{failing}, 1, day, time.Minute, hour, false, "no servers"},
	} {
		f := &fake{pulses: c.pulses}
		got := f.take(t, "", noon).Work.Schedulers
		ago := func(what string, at *time.Time, want time.Duration) {
			if (at == nil) != (want < 0) || at != nil && noon.Sub(*at) != want {
				t.Errorf("%s: %s at %v; want %v before", c.name, what, at, want)
			}
		}
		ago("since", got.Since, c.since)
		ago("seen", got.SeenAt, c.seen)
		ago("round", got.LastRoundAt, c.round)
		if got.Alive != c.alive || got.Ended != c.ended || got.Problem != c.problem {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
	r, err := Take(t.Context(), Sources{Store: &fake{pulses: []store.Pulse{pulse(day, 0, 0)}}, Stopped: true}, "", noon)
	if err != nil || r.Work.Schedulers.Alive != 0 {
		t.Errorf("servers that were started for the look: %+v, %v", r.Work.Schedulers, err)
	}
}

// TestQueue: what waits, and for how long.
func TestQueue(t *testing.T) {
	put, due := noon.Add(-40*time.Second), noon.Add(-90*time.Second)
	f := &fake{waiting: store.Waiting{Pages: 5, Held: 12, Lanes: 2, Oldest: &store.Page{URL: "https://a/", Site: "a", Kind: store.KindHome, NextAt: &due}}}
	f.overview = frontier.Overview{Depth: frontier.Depth{Tasks: 7, Lanes: 3}, Ready: 1, Aside: 2}
	f.overview.Priorities[1] = frontier.Pending{Tasks: 7, Oldest: put}
	r := f.take(t, "", noon)
	if q := r.Queue; q.Tasks != 7 || q.Lanes != 3 || q.ReadyLanes != 1 || q.Aside != 2 || len(q.Priorities) != frontier.Priorities ||
		q.Priorities[1].Tasks != 7 || !q.Priorities[1].OldestAt.Equal(put) || q.Priorities[0].OldestAt != nil {
		t.Errorf("%+v", q)
	}
	if d := r.Due; d.Pages != 5 || *d.Held != 12 || d.HeldLanes != 2 || d.Oldest.LateSeconds != 90 || d.Oldest.URL != "https://a/" {
		t.Errorf("%+v", d)
	}
	f.waiting.Held, f.waiting.Oldest = -1, nil
	if d := f.take(t, "", noon).Due; d.Held != nil || d.Oldest != nil {
		t.Errorf("where it is not counted: %+v", d)
	}
}

// TestDocumentation: docs/status.md lists the fields of the JSON as they are.
func TestDocumentation(t *testing.T) {
	data, err := os.ReadFile("../../docs/status.md")
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]bool{}
	for line := range strings.Lines(string(data)) {
		if name, _, ok := strings.Cut(strings.TrimPrefix(line, "| `"), "`"); ok && strings.HasPrefix(line, "| `") {
			told[name] = true
		}
	}
	fields := map[string]bool{}
	addFields(fields, "", reflect.TypeFor[Report]())
	for name := range fields {
		if !told[name] {
			t.Errorf("docs/status.md does not tell of %s", name)
		}
	}
	for name := range told {
		if !fields[name] {
			t.Errorf("docs/status.md tells of %s, which is no field", name)
		}
	}
	if _, err := json.Marshal(Report{}); err != nil {
		t.Error(err)
	}
}

// addFields adds the paths of a type's fields in JSON.
func addFields(fields map[string]bool, prefix string, of reflect.Type) {
	switch {
	case of.Kind() == reflect.Pointer:
		addFields(fields, prefix, of.Elem())
		return
	case of.Kind() == reflect.Slice:
		addFields(fields, prefix+"[]", of.Elem())
		return
	case of.Kind() != reflect.Struct || of == reflect.TypeFor[time.Time]():
		fields[prefix] = true
		return
	}
	for i := range of.NumField() {
		name, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ",")
		addFields(fields, strings.TrimPrefix(prefix+"."+name, "."), of.Field(i).Type)
	}
}
