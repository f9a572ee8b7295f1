package worker

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/khabar-crawler/khabar/pkg/demosite"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/store"
	"github.com/khabar-crawler/khabar/pkg/store/storetest"
	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// faultyWorld is a world whose store answers as MongoDB can, and may pass for MongoDB.
func faultyWorld(t *testing.T, cfg demosite.Config, mongoDB bool) (*world, *demosite.Server, *storetest.Proxy) {
	t.Helper()
	p, err := storetest.StartProxy(storetest.ProxyConfig{Server: shared.storeURI, MongoDB: mongoDB})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	w, web := demoWorld(t, cfg)
	w.storeURI = p.URI
	w.worker.Policy.Min = 20 * time.Millisecond // a section whose visit was not complete is soon visited again
	return w, web, p
}

// TestFaultyStore has a crawl's writes go wrong in every way that is not the documents' fault, and wants what an
// undisturbed crawl leaves.
func TestFaultyStore(t *testing.T) {
	t.Parallel()
	cfg := demosite.Config{Sites: 2, PerSection: 2, PageSize: 2}
	calm, _ := demoWorld(t, cfg)
	calm.crawl()
	want := endings(calm)

	command := func(code int32, name string, labels ...string) storetest.Fault {
		return storetest.Fault{Error: &storetest.Error{Code: code, Name: name, Message: "injected", Labels: labels}}
	}
	operation := func(code int32, message string, info ...bson.E) storetest.Fault {
		return storetest.Fault{Op: func(int, bson.Raw) bool { return true }, Error: &storetest.Error{Code: code, Message: message, Info: info}}
	}
	const retry = "RetryableWriteError"
	operations := []storetest.Fault{
		operation(133, "no primary"), operation(82, "no progress"), operation(99999, "what is this?"), operation(14031, "full"),
		operation(17262, "language override unsupported: ar"), operation(8000, "you are over your space quota"),
		operation(11000, "E11000 duplicate key error", bson.E{Key: "keyPattern", Value: bson.D{{Key: "url", Value: 1}}}),
	}
	for _, c := range []struct {
		name    string
		mongoDB bool
		faults  []storetest.Fault
	}{
		{"commands", true, []storetest.Fault{
			command(10107, "NotWritablePrimary", retry), command(189, "PrimarySteppedDown"), command(8000, "AtlasError"),
			command(12587, "BackgroundOperationInProgressForNamespace"), command(13, "Unauthorized"), command(99999, "Location99999"),
		}},
		{"operations", true, operations},
		{"operations of FerretDB", false, operations},
		{"connections", true, []storetest.Fault{
			{Cut: true}, {Cut: true, Executed: true}, {Hang: true}, {WriteConcern: &storetest.Error{Code: 64, Name: "WriteConcernTimeout"}},
			{WriteConcern: &storetest.Error{Code: 91, Name: "ShutdownInProgress", Labels: []string{retry}}},
			{Executed: true, Error: &storetest.Error{Code: 11600, Name: "InterruptedAtShutdown", Labels: []string{retry}}},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w, web, proxy := faultyWorld(t, cfg, c.mongoDB)
			p := w.start(nil)
			_, stop := p.seed()
			var injected []*storetest.Injection
			for n, f := range c.faults { // each to an article of its own: when it is listed, stored and done
				articles := web.Articles()
				id := weburl.ID(articles[n*len(articles)/len(c.faults)].URL)
				for _, about := range []struct {
					collection string
					is         func(op bson.Raw) bool
				}{
					{"articles", func(bson.Raw) bool { return true }},
					{"pages", isListed},
					{"pages", func(op bson.Raw) bool { return !isListed(op) }},
				} {
					f.Commands, f.Collection, f.Times = []string{"insert", "update"}, about.collection, 1
					is := func(op bson.Raw) bool { return storetest.OpID(op) == id && about.is(op) }
					f.When = func(c storetest.Command) bool { return slices.ContainsFunc(c.Ops, is) }
					if f.Op != nil {
						f.Op = func(_ int, op bson.Raw) bool { return is(op) }
					}
					i := proxy.Inject(f)
					injected = append(injected, i)
					if f.Hang {
						go func() { <-i.Hit(); i.Lift() }()
					}
				}
			}
			p.run()
			w.drained(p)
			stop()
			p.end()
			for n, i := range injected {
				if i.Count() == 0 {
					t.Errorf("fault %d did not happen", n)
				}
			}
			expectAll(t, w, web)
			if got := endings(w); !maps.Equal(got, want) {
				for url, o := range want {
					if got[url] != o {
						t.Errorf("%s: %+v, want %+v: %s", url, got[url], o, w.pages()[url].LastError)
					}
				}
			}
		})
	}
}

// isListed tells the writes of pages that were listed and are new from those of their later states.
func isListed(op bson.Raw) bool {
	return op.Lookup("u", "$set").IsZero()
}

// articleOf is one of the web's articles, and its page's id.
func articleOf(web *demosite.Server) (url, id string) {
	url = web.Articles()[0].URL
	return url, weburl.ID(url)
}

// TestStoreFailsForOne has the store fail for one article while it takes all others, as for a text index that does not
// know its language. Nobody waits for it, it is told, and it is stored when the index is mended.
func TestStoreFailsForOne(t *testing.T) {
	t.Parallel()
	w, web, proxy := faultyWorld(t, demosite.Config{Sites: 1, PerSection: 2, PageSize: 1}, true)
	w.worker.Slots = 1 // which the article would keep
	url, id := articleOf(web)
	i := proxy.Inject(storetest.Fault{Commands: []string{"insert"}, Collection: "articles",
		Op:    func(_ int, op bson.Raw) bool { return storetest.OpID(op) == id },
		Error: &storetest.Error{Code: 17262, Message: "language override unsupported: ar"}})
	p := w.start(nil)
	p.seed()
	p.run()
	w.eventually(func(context.Context) bool {
		page := w.pages()[url]
		return page.Outcome == outcome.NotStored && len(w.articles()) == len(web.Articles())-1
	})
	page := w.pages()[url]
	if page.Status == store.StatusDead || page.NextAt == nil || page.Reason != outcome.ReasonStore || page.Attempts != 0 ||
		!strings.Contains(page.LastError, "17262") || !strings.Contains(page.LastError, "language_override") {
		t.Errorf("%+v", page)
	}
	i.Lift()
	w.drained(p)
	expectAll(t, w, web)
}

// TestRefusedPages: an article, a section's state and a listed page that the server refuses for what they are. None of it is
// silent, none final, and the rest goes on.
func TestRefusedPages(t *testing.T) {
	t.Parallel()
	w, web, proxy := faultyWorld(t, demosite.Config{Sites: 1, PerSection: 2, PageSize: 1}, true)
	core, logged := observer.New(zap.WarnLevel)
	w.log = zap.New(core)
	url, id := articleOf(web)
	home := w.sites[0].Home
	listed := web.Articles()[1].URL
	refuse := func(collection string, op func(op bson.Raw) bool) {
		proxy.Inject(storetest.Fault{Collection: collection, Op: func(_ int, o bson.Raw) bool { return op(o) },
			Error: &storetest.Error{Code: 121, Message: "Document failed validation"}})
	}
	p := w.start(nil)
	p.seed()
	refuse("articles", func(op bson.Raw) bool { return storetest.OpID(op) == id })
	refuse("pages", func(op bson.Raw) bool {
		o, _ := op.Lookup("u", "$set", "outcome").StringValueOK()
		return storetest.OpID(op) == weburl.ID(home) && o == string(outcome.OK)
	})
	refuse("pages", func(op bson.Raw) bool { return storetest.OpID(op) == weburl.ID(listed) })
	p.run()
	w.drained(p)

	pages := w.pages()
	for u, want := range map[string]struct {
		status store.Status
		due    time.Duration
	}{
		url:  {store.StatusDead, w.worker.Policy.Max},
		home: {store.StatusDone, w.worker.Policy.Start}, // a section goes on in its rhythm, slowing down
	} {
		page := pages[u]
		if page.Status != want.status || page.Outcome != outcome.NotStored || page.Reason != outcome.ReasonDocument || !strings.Contains(page.LastError, "121") {
			t.Errorf("%s: %+v", u, page)
		}
		if page.NextAt == nil || time.Until(*page.NextAt) < want.due/2 || time.Until(*page.NextAt) > 4*want.due {
			t.Errorf("%s: next at %v", u, page.NextAt)
		}
	}
	if _, ok := pages[listed]; ok {
		t.Errorf("%s is stored", listed)
	}
	if got, want := len(w.articles()), len(web.Articles())-2; got != want {
		t.Errorf("%d articles, want %d", got, want)
	}
	for _, u := range []string{url, home, listed} {
		if !slices.ContainsFunc(logged.All(), func(e observer.LoggedEntry) bool {
			fields := e.ContextMap()
			why, _ := fields["error"].(string)
			return fields["url"] == u && fields["page"] == weburl.ID(u) && strings.Contains(why, "121")
		}) {
			t.Errorf("%s is not told of", u)
		}
	}
}
