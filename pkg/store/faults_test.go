package store

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"golang.org/x/sync/errgroup"

	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/store/storetest"
)

// faulty is a server that answers as MongoDB can, and a database of a test's own on it.
type faulty func(t *testing.T) (*storetest.Proxy, testDB)

// onFaulty runs a test on each of what such a server may be: the tests' server as it is, and where that is FerretDB, also
// disguised as MongoDB.
func onFaulty(t *testing.T, f func(t *testing.T, server faulty)) {
	server := testServers[0].uri
	for name, disguised := range map[string]bool{"plain": false, "disguised": true} {
		if disguised && !newDB(t, server).open(t).caps.FerretDB {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f(t, func(t *testing.T) (*storetest.Proxy, testDB) {
				t.Helper()
				p, err := storetest.StartProxy(storetest.ProxyConfig{Server: server, MongoDB: disguised})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(p.Close)
				return p, newDB(t, p.URI)
			})
		})
	}
}

// writes tells the operations that write one of the documents.
func writes(ids ...string) func(int, bson.Raw) bool {
	return func(_ int, op bson.Raw) bool { return slices.Contains(ids, storetest.OpID(op)) }
}

func everything(int, bson.Raw) bool { return true }

// write is a command of a commit.
type write struct{ command, collection string }

// The writes of a commit, and of those, the ones of both kinds that every article needs.
var (
	allWrites  = []write{{"insert", "articles"}, {"update", "articles"}, {"insert", "revisions"}, {"update", "pages"}}
	someWrites = []write{{"insert", "articles"}, {"update", "pages"}}
)

// disturbances are what a server may answer that is not the documents' fault, and what the store makes of it where the
// driver does not get over it.
var disturbances = []struct {
	about  string
	writes []write // that it befalls
	fault  storetest.Fault
	kind   error
}{
	{"not primary", someWrites, storetest.Fault{Times: 1, Error: &storetest.Error{Code: 10107, Name: "NotWritablePrimary", Labels: []string{"RetryableWriteError"}}}, ErrServer},
	{"stepping down", someWrites, storetest.Fault{Times: 1, Executed: true, Error: &storetest.Error{Code: 189, Name: "PrimarySteppedDown", Labels: []string{"RetryableWriteError"}}}, ErrServer},
	{"shutting down", someWrites, storetest.Fault{Times: 1, Error: &storetest.Error{Code: 91, Name: "ShutdownInProgress", Labels: []string{"RetryableWriteError"}}}, ErrServer},
	{"interrupted at shutdown", someWrites, storetest.Fault{Times: 1, Error: &storetest.Error{Code: 11600, Name: "InterruptedAtShutdown", Labels: []string{"RetryableWriteError"}}}, ErrServer},
	{"a secondary", someWrites, storetest.Fault{Times: 1, Error: &storetest.Error{Code: 13435, Name: "NotPrimaryNoSecondaryOk", Labels: []string{"RetryableWriteError"}}}, ErrServer},
	{"not primary, for each operation", someWrites, storetest.Fault{Times: 2, Op: everything, Error: &storetest.Error{Code: 10107, Labels: []string{"RetryableWriteError"}}}, ErrServer},
	{"disk full", someWrites, storetest.Fault{Error: &storetest.Error{Code: 14031, Name: "OutOfDiskSpace"}}, ErrServer},
	{"disk full, for each operation", someWrites, storetest.Fault{Op: everything, Error: &storetest.Error{Code: 14031}}, ErrServer},
	{"over quota", someWrites, storetest.Fault{Error: &storetest.Error{Code: 8000, Name: "AtlasError", Message: "you are over your space quota, using 513 MB of 512 MB"}}, ErrServer},
	{"index building", someWrites, storetest.Fault{Error: &storetest.Error{Code: 12587, Name: "BackgroundOperationInProgressForNamespace"}}, ErrServer},
	{"conflicting operation", someWrites, storetest.Fault{Error: &storetest.Error{Code: 117, Name: "ConflictingOperationInProgress"}}, ErrServer},
	{"not supported", someWrites, storetest.Fault{Error: &storetest.Error{Code: 115, Name: "CommandNotSupported"}}, ErrServer},
	{"unauthorised", someWrites, storetest.Fault{Error: &storetest.Error{Code: 13, Name: "Unauthorized"}}, ErrUnauthorized},
	{"unauthorised at Atlas", someWrites, storetest.Fault{Error: &storetest.Error{Code: 8000, Name: "AtlasError", Message: "user is not allowed to do action [insert] on [khabar.pages]"}}, ErrUnauthorized},
	{"text index", someWrites, storetest.Fault{Op: everything, Error: &storetest.Error{Code: 17262, Message: "language override unsupported: ar"}}, ErrServer},
	{"index of two lists", someWrites, storetest.Fault{Op: everything, Error: &storetest.Error{Code: 171, Message: "cannot index parallel arrays [tags] [authors]"}}, ErrServer},
	{"unique index", allWrites, storetest.Fault{Op: everything, Error: &storetest.Error{Code: 11000, Message: "E11000 duplicate key error", Info: bson.D{
		{Key: "keyPattern", Value: bson.D{{Key: "url", Value: 1}}}}}}, ErrServer},
	{"no progress", someWrites, storetest.Fault{Op: everything, Error: &storetest.Error{Code: 82, Message: "NoProgressMade"}}, ErrServer},
	{"no primary to write to", allWrites, storetest.Fault{Error: &storetest.Error{Code: 133, Name: "FailedToSatisfyReadPreference"}}, ErrServer},
	{"no primary, for each operation", someWrites, storetest.Fault{Op: everything, Error: &storetest.Error{Code: 133}}, ErrServer},
	{"an unknown code", someWrites, storetest.Fault{Error: &storetest.Error{Code: 99999, Name: "Location99999"}}, ErrServer},
	{"an unknown code, for each operation", allWrites, storetest.Fault{Op: everything, Error: &storetest.Error{Code: 99999}}, ErrServer},
	{"no majority in time", someWrites, storetest.Fault{WriteConcern: &storetest.Error{Code: 64, Name: "WriteConcernTimeout"}}, ErrServer},
	{"no majority to be had", allWrites, storetest.Fault{WriteConcern: &storetest.Error{Code: 100, Name: "UnsatisfiableWriteConcern"}}, ErrServer},
	{"shutting down before the majority has it", someWrites, storetest.Fault{Times: 1, WriteConcern: &storetest.Error{Code: 91, Name: "ShutdownInProgress", Labels: []string{"RetryableWriteError"}}}, ErrServer},
	{"cut off before", someWrites, storetest.Fault{Times: 1, Cut: true}, ErrUnreachable},
	{"cut off after", allWrites, storetest.Fault{Times: 1, Cut: true, Executed: true}, ErrUnreachable},
	{"no answer", someWrites, storetest.Fault{Times: 1, Hang: true, Executed: true}, ErrUnreachable},
}

// TestDisturbedCommit has every write of a commit go wrong in turn for no fault of the documents. No document is refused,
// and the same commit afterwards ends where an undisturbed one does.
func TestDisturbedCommit(t *testing.T) {
	onFaulty(t, func(t *testing.T, server faulty) {
		prepare := func(s *Store) {
			if _, _, err := s.EnsurePages(t.Context(), []Page{duePage(1, 1), duePage(2, 1), duePage(3, 1)}); err != nil {
				t.Fatal(err)
			}
			mustCommit(t, s, Effect{Page: done(2, 0), Article: story(2, 1, 0)}, Effect{Page: done(3, 0), Article: story(3, 1, 0)})
		}
		refreshed := story(3, 1, 1)
		refreshed.Sections = []string{"sport"}
		effects := []Effect{
			{Page: done(1, 1), Article: story(1, 1, 1), Seen: []Page{duePage(10, 9), duePage(11, 9)}},
			{Page: done(2, 1), Article: story(2, 2, 1)},
			{Page: done(3, 1), Article: refreshed, Seen: []Page{duePage(12, 9)}},
		}
		_, db := server(t)
		whole := db.open(t)
		prepare(whole)
		mustCommit(t, whole, effects...)
		want := dump(t, whole)
		var g errgroup.Group
		g.SetLimit(8) // most of the time goes into the driver's waits for a primary
		for _, d := range disturbances {
			for _, where := range d.writes {
				g.Go(func() error {
					t.Run(d.about+"/"+where.command+" "+where.collection, func(t *testing.T) {
						p, db := server(t)
						s := db.open(t)
						prepare(s)
						f := d.fault
						f.Commands, f.Collection = []string{where.command}, where.collection
						i := p.Inject(f)
						if f.Hang {
							go func() { <-i.Hit(); i.Lift() }()
						}
						results, err := s.Commit(t.Context(), effects)
						errs := []error{err}
						for _, r := range results {
							errs = append(errs, r.Err)
						}
						switch err := errors.Join(errs...); {
						case i.Count() == 0:
							t.Error("nothing went wrong")
						case err == nil && f.Times == 0:
							t.Error("not told")
						case err != nil && (!errors.Is(err, d.kind) || errors.Is(err, ErrRefused)):
							t.Errorf("%v; want %v", err, d.kind)
						}
						i.Lift()
						checkWhole(t, s, effects)
						mustCommit(t, s, effects...)
						if d := diff(want, dump(t, s)); len(d) > 0 {
							t.Errorf("afterwards:\n%s", strings.Join(d, "\n"))
						}
					})
					return nil
				})
			}
		}
		_ = g.Wait()
	})
}

// TestRefusedCodes: the codes about a document refuse that document, and no other.
func TestRefusedCodes(t *testing.T) {
	onFaulty(t, func(t *testing.T, server faulty) {
		p, db := server(t)
		s := db.open(t)
		n := 0
		for _, c := range serverCodes {
			if c.fault != faultDocument {
				continue
			}
			n += 3
			i := p.Inject(storetest.Fault{Collection: "articles", Op: writes(id(n + 1)), Error: &storetest.Error{Code: int32(c.code), Message: "no"}})
			results, err := s.Commit(t.Context(), []Effect{
				{Page: done(n, 1), Article: story(n, 1, 1)}, {Page: done(n+1, 1), Article: story(n+1, 1, 1)}, {Page: done(n+2, 1), Article: story(n+2, 1, 1)},
			})
			i.Lift()
			if err != nil || results[0].Err != nil || results[2].Err != nil || !errors.Is(results[1].Err, ErrRefused) || errors.Is(results[1].Err, ErrServer) {
				t.Errorf("code %d: %v, %v", c.code, results, err)
			} else if says := results[1].Err.Error(); !strings.Contains(says, fmt.Sprint(c.code)) || !strings.Contains(says, c.name) {
				t.Errorf("code %d: the error does not say so: %s", c.code, says)
			}
		}
		if n < 30 {
			t.Fatal("the table is not what it was")
		}
	})
}

// TestOneFailureStopsNobody: where the server fails for one document, with whatever code, and whether it says so of the
// operation or of the command, the others are stored, and the one waits.
func TestOneFailureStopsNobody(t *testing.T) {
	onFaulty(t, func(t *testing.T, server faulty) {
		p, db := server(t)
		s := db.open(t)
		const count = 50
		for round, f := range []storetest.Fault{
			{Op: writes(id(37))},
			{When: func(c storetest.Command) bool {
				return slices.ContainsFunc(c.Ops, func(op bson.Raw) bool { return storetest.OpID(op) == id(37) })
			}},
		} {
			for _, collection := range []string{"articles", "pages"} {
				f.Commands, f.Collection = []string{"insert", "update"}, collection
				f.Error = &storetest.Error{Code: 99999, Name: "Location99999", Message: "what is this?"}
				i := p.Inject(f)
				var effects []Effect
				for n := range count {
					effects = append(effects, Effect{Page: done(n, 1+round), Article: story(n, 1+round, 1+round)})
				}
				results, err := s.Commit(t.Context(), effects)
				i.Lift()
				if err != nil {
					t.Fatal(err)
				}
				for n, r := range results {
					if n == 37 {
						if !errors.Is(r.Err, ErrServer) || errors.Is(r.Err, ErrRefused) || !strings.Contains(r.Err.Error(), "99999") {
							t.Errorf("%s: the one that failed: %v", collection, r.Err)
						}
					} else if r.Err != nil {
						t.Errorf("%s: document %d beside it: %v", collection, n, r.Err)
					}
				}
				mustCommit(t, s, effects...)
			}
		}
	})
}

// TestFailureOfAllIsShort: where every write fails, the search for the guilty one ends soon.
func TestFailureOfAllIsShort(t *testing.T) {
	onFaulty(t, func(t *testing.T, server faulty) {
		p, db := server(t)
		s := db.open(t)
		var effects []Effect
		for n := range 100 {
			effects = append(effects, Effect{Page: done(n, 1)})
		}
		i := p.Inject(storetest.Fault{Commands: []string{"update"}, Error: &storetest.Error{Code: 99999, Message: "what is this?"}})
		_, err := s.Commit(t.Context(), effects)
		if !errors.Is(err, ErrServer) || errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), "what is this?") {
			t.Error(err)
		}
		if i.Count() > 3*manyRefused {
			t.Errorf("%d commands", i.Count())
		}
		i.Lift()
		mustCommit(t, s, effects...)
	})
}

// TestManyRefused: when the server refuses document after document, it is the server's fault; one that it takes between
// them shows that it is not.
func TestManyRefused(t *testing.T) {
	onFaulty(t, func(t *testing.T, server faulty) {
		p, db := server(t)
		s := db.open(t)
		commit := func(from, to int) []error {
			t.Helper()
			var effects []Effect
			for n := from; n < to; n++ {
				effects = append(effects, Effect{Page: done(n, 1), Article: story(n, 1, 1)})
			}
			results, err := s.Commit(t.Context(), effects)
			if err != nil {
				t.Fatal(err)
			}
			var errs []error
			for _, r := range results {
				errs = append(errs, r.Err)
			}
			return errs
		}
		all := func(kind error, errs []error) {
			t.Helper()
			for _, err := range errs {
				if !errors.Is(err, kind) || kind == ErrServer && errors.Is(err, ErrRefused) {
					t.Fatalf("%v; want %v", err, kind)
				}
			}
		}
		validation := &storetest.Error{Code: 121, Message: "Document failed validation"}
		i := p.Inject(storetest.Fault{Commands: []string{"insert"}, Collection: "articles", Op: everything, Error: validation})
		for n := range 3 {
			all(ErrRefused, commit(0, manyRefused-1)) // the same ones again are no more
			if n == 0 {
				all(ErrRefused, commit(0, 1))
			}
		}
		errs := commit(manyRefused, manyRefused+3)
		all(ErrServer, errs)
		for _, says := range []string{"121", "DocumentValidationFailure", "Document failed validation", "articles", "validator"} {
			if !strings.Contains(errs[0].Error(), says) {
				t.Errorf("the error does not say %q: %v", says, errs[0])
			}
		}
		all(ErrServer, commit(1000, 1001))
		i.Lift()
		i = p.Inject(storetest.Fault{Commands: []string{"insert"}, Collection: "articles", Op: writes(id(2002), id(2003)), Error: validation})
		errs = commit(2000, 2004)
		if errs[0] != nil || errs[1] != nil {
			t.Errorf("afterwards: %v", errs)
		}
		all(ErrRefused, errs[2:])
		i.Lift()
		for _, err := range commit(0, manyRefused+3) {
			if err != nil {
				t.Error(err)
			}
		}
	})
}

// TestEnsurePagesTellsOfEach: every page that is not stored is told, with why, and the others are stored.
func TestEnsurePagesTellsOfEach(t *testing.T) {
	onFaulty(t, func(t *testing.T, server faulty) {
		p, db := server(t)
		s := db.open(t)
		var pages []Page
		for n := range 10 {
			pages = append(pages, duePage(n, n))
		}
		var injected []*storetest.Injection
		for n, e := range map[int]storetest.Error{
			2: {Code: 121, Message: "Document failed validation"},
			5: {Code: 133, Message: "no primary"},
			7: {Code: 11000, Message: "E11000 duplicate key error", Info: bson.D{{Key: "keyPattern", Value: bson.D{{Key: "url", Value: 1}}}}},
		} {
			injected = append(injected, p.Inject(storetest.Fault{Collection: "pages", Op: writes(id(n)), Error: &e}))
		}
		created, refused, err := s.EnsurePages(t.Context(), pages)
		if err != nil || len(created) != 7 || len(refused) != 3 {
			t.Fatalf("created %v, refused %v, %v", created, refused, err)
		}
		slices.SortFunc(refused, func(a, b Refusal) int { return strings.Compare(a.ID, b.ID) })
		for i, n := range []int{2, 5, 7} {
			r := refused[i]
			if r.ID != id(n) || r.URL != duePage(n, n).URL || errors.Is(r.Err, ErrRefused) != (n == 2) || errors.Is(r.Err, ErrServer) != (n != 2) {
				t.Errorf("refused: %+v", r)
			}
		}
		if says := refused[2].Err.Error(); !strings.Contains(says, "unique index on url") {
			t.Error(says)
		}
		for _, i := range injected {
			i.Lift()
		}
		if created, refused, err = s.EnsurePages(t.Context(), pages); err != nil || len(created) != 3 || len(refused) != 0 {
			t.Fatalf("afterwards: created %v, refused %v, %v", created, refused, err)
		}
	})
}

// TestClaimBesideFailures: a page that cannot be claimed keeps nobody from the others.
func TestClaimBesideFailures(t *testing.T) {
	onFaulty(t, func(t *testing.T, server faulty) {
		p, db := server(t)
		s := db.open(t)
		var pages []Page
		for n := range 10 {
			pages = append(pages, duePage(n, n))
		}
		if _, _, err := s.EnsurePages(t.Context(), pages); err != nil {
			t.Fatal(err)
		}
		for n, code := range []int32{121, 99999} {
			i := p.Inject(storetest.Fault{Commands: []string{"update"}, Collection: "pages", Op: writes(id(n)), Error: &storetest.Error{Code: code}})
			defer i.Lift()
		}
		won, err := s.Claim(t.Context(), pages, at(100))
		if err != nil || len(won) != 8 || slices.ContainsFunc(won, func(p Page) bool { return p.ID == id(0) || p.ID == id(1) }) {
			t.Fatalf("won %v, %v", ids(won), err)
		}
		if p, err := s.Page(t.Context(), id(1)); err != nil || p.Status != StatusDue {
			t.Errorf("%+v, %v", p, err)
		}
	})
}

// TestUpdateCleanedBesideFailures: an article that cannot be written as it is now stays as it was, and the others do not.
func TestUpdateCleanedBesideFailures(t *testing.T) {
	onFaulty(t, func(t *testing.T, server faulty) {
		p, db := server(t)
		s := db.open(t)
		var all []Cleaning
		for n := range 6 {
			mustCommit(t, s, Effect{Page: done(n, 1), Article: story(n, 1, 1)})
			was, err := s.Article(t.Context(), id(n))
			if err != nil {
				t.Fatal(err)
			}
			now := was
			now.Text = "Shorter."
			now.ContentHash = article.HashContent(now.Title, "", now.Text)
			all = append(all, Cleaning{was, now})
		}
		for n, code := range []int32{121, 99999} {
			i := p.Inject(storetest.Fault{Commands: []string{"update"}, Collection: "articles", Op: writes(id(n)), Error: &storetest.Error{Code: code}})
			defer i.Lift()
		}
		updated, refused, err := s.UpdateCleaned(t.Context(), all)
		if err != nil || updated != 4 || len(refused) != 2 || !errors.Is(refused[0].Err, ErrRefused) || !errors.Is(refused[1].Err, ErrServer) {
			t.Fatalf("updated %d, refused %v, %v", updated, refused, err)
		}
		for n := range 6 {
			if a, err := s.Article(t.Context(), id(n)); err != nil || (a.Text == "Shorter.") != (n > 1) {
				t.Errorf("article %d: %q, %v", n, a.Text, err)
			}
		}
	})
}

func TestProfileErrors(t *testing.T) {
	onFaulty(t, func(t *testing.T, server faulty) {
		p, db := server(t)
		s := db.open(t)
		for code, kind := range map[int32]error{121: ErrRefused, 10334: ErrRefused, 82: ErrServer, 99999: ErrServer, 8000: ErrServer, 13: ErrUnauthorized} {
			for version, command := range []string{"insert", "update"} {
				i := p.Inject(storetest.Fault{Commands: []string{command}, Collection: "profiles", Error: &storetest.Error{Code: code, Message: "no"}})
				_, err := s.SaveProfile(t.Context(), Profile{Site: "news.example", Version: int64(version)})
				i.Lift()
				if !errors.Is(err, kind) || kind == ErrServer && errors.Is(err, ErrRefused) || kind == ErrRefused && errors.Is(err, ErrServer) {
					t.Errorf("code %d: %v; want %v", code, err, kind)
				}
			}
		}
		saved, err := s.SaveProfile(t.Context(), Profile{Site: "news.example"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.SaveProfile(t.Context(), Profile{Site: "news.example"}); !errors.Is(err, ErrConflict) || errors.Is(err, ErrServer) {
			t.Errorf("there already: %v", err)
		}
		if _, err := s.SaveProfile(t.Context(), saved); err != nil {
			t.Error(err)
		}
	})
}

// TestErrorTexts: what an error says is of use, short, and no secret, whatever the server quotes.
func TestErrorTexts(t *testing.T) {
	onFaulty(t, func(t *testing.T, server faulty) {
		p, db := server(t)
		s := db.open(t)
		for _, c := range []struct {
			code     int32
			kind     error
			says     string
			whole    bool
			collects string
		}{
			{code: 121, kind: ErrRefused, says: "code 121 DocumentValidationFailure"},
			{code: 17262, kind: ErrServer, says: "language_override"},
			{code: 17261, kind: ErrServer, says: "language_override"},
			{code: 171, kind: ErrServer, says: "drop the index"},
			{code: 99999, kind: ErrServer, says: "code 99999"},
			{code: 14031, kind: ErrServer, says: "make room", whole: true},
		} {
			i := p.Inject(storetest.Fault{Commands: []string{"insert"}, Collection: "articles", Op: everything, Error: &storetest.Error{
				Code: c.code, Message: "failed at mongodb://khabar:s3cr-t@db.example/",
				Info: bson.D{{Key: "errInfo", Value: bson.D{{Key: "text", Value: strings.Repeat("خبر ", 100_000)}}}}}})
			results, err := s.Commit(t.Context(), []Effect{{Page: done(1, 1), Article: story(1, 1, 1)}})
			i.Lift()
			if !c.whole {
				err = errors.Join(err, results[0].Err)
			}
			if !errors.Is(err, c.kind) || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "failed at") {
				t.Errorf("code %d: %.500v", c.code, err)
			}
			if len(err.Error()) > 2*maxErrorText || strings.Contains(err.Error(), "s3cr-t") {
				t.Errorf("code %d: %d bytes: %.500v", c.code, len(err.Error()), err)
			}
		}
		page := done(1, 1)
		page.LastError = "GET http://user:s3cr-t@proxy.example: " + strings.Repeat("خبر ", 100_000)
		mustCommit(t, s, Effect{Page: page})
		if page, err := s.Page(t.Context(), id(1)); err != nil || len(page.LastError) > MaxLastError || strings.Contains(page.LastError, "s3cr-t") ||
			!strings.HasPrefix(page.LastError, "GET http://user:xxxxx@proxy.example: خبر") {
			t.Errorf("%d bytes: %.200s, %v", len(page.LastError), page.LastError, err)
		}
	})
}

// TestAuthHandshake: who is refused is told from who cannot be reached, by what the server answers to the password.
func TestAuthHandshake(t *testing.T) {
	p, err := storetest.StartProxy(storetest.ProxyConfig{Server: strings.Replace(testServers[0].uri, "mongodb://", "mongodb://khabar:s3cr-t@", 1)})
	if err != nil {
		t.Skip(err) // the server has a user of its own
	}
	t.Cleanup(p.Close)
	for _, c := range []struct {
		about string
		fault storetest.Fault
		kind  error
	}{
		{"wrong password", storetest.Fault{Error: &storetest.Error{Code: 18, Name: "AuthenticationFailed", Message: "Authentication failed."}}, ErrUnauthorized},
		{"wrong password at Atlas", storetest.Fault{Error: &storetest.Error{Code: 8000, Name: "AtlasError", Message: "bad auth : Authentication failed."}}, ErrUnauthorized},
		{"shutting down", storetest.Fault{Error: &storetest.Error{Code: 91, Name: "ShutdownInProgress", Message: "no"}}, nil},
		{"cut off", storetest.Fault{Cut: true}, ErrUnreachable},
	} {
		c.fault.Commands = []string{"saslStart", "authenticate"}
		i := p.Inject(c.fault)
		s, err := Open(t.Context(), Config{URI: p.URI, Database: "khabar_test_auth"}, nil)
		i.Lift()
		if err == nil {
			_ = s.Close(t.Context())
		}
		if err == nil || errors.Is(err, ErrUnauthorized) != (c.kind == ErrUnauthorized) || c.kind != nil && !errors.Is(err, c.kind) || strings.Contains(err.Error(), "s3cr-t") {
			t.Errorf("%s: %v", c.about, err)
		}
		t.Log(err)
	}
}
