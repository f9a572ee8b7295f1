package worker

import (
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/khabar-crawler/khabar/pkg/demosite"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/store"
)

// doc is a document, or a part of one.
type doc map[string]any

// set changes what is stored, as anybody may.
func (w *world) set(collection string, filter, fields doc) {
	w.t.Helper()
	_, err := w.servers.lookClient.Database(w.name).Collection(collection).UpdateMany(w.t.Context(), filter, doc{"$set": fields})
	if err != nil {
		w.t.Fatal(err)
	}
}

// again makes all pages due, to be fetched whole.
func (w *world) again() {
	w.t.Helper()
	w.set("pages", doc{}, doc{"status": store.StatusDue, "next_at": time.Now(), "http": nil})
}

// stored is a document as it is, whatever it is.
func (w *world) stored(collection, id string) (d doc) {
	w.t.Helper()
	if err := w.servers.lookClient.Database(w.name).Collection(collection).FindOne(w.t.Context(), byID(id)).Decode(&d); err != nil {
		w.t.Fatalf("%s %v: %v", collection, id, err)
	}
	return d
}

func byID(id string) doc { return doc{"_id": id} }

// TestUnreadableDocuments: documents that anybody spoilt are set aside or learned anew, and the rest is crawled.
func TestUnreadableDocuments(t *testing.T) {
	t.Parallel()
	w, web := demoWorld(t, demosite.Config{Sites: 1, PerSection: 3})
	w.crawl()
	expectAll(t, w, web)

	articles := w.articles()
	urls := slices.Sorted(maps.Keys(articles))
	spoilt, newer := articles[urls[0]], articles[urls[1]]
	site := spoilt.Site
	w.set("articles", byID(spoilt.ID), doc{"title": 42})
	w.set("articles", byID(newer.ID), doc{"schema_version": 99, "content_hash": "of another version"})
	w.set("profiles", byID(site), doc{"version": "three", "data": 7})
	w.again()
	bad := map[string]doc{ // page → what it is made
		articles[urls[2]].ID: {"attempts": "three"},
		articles[urls[3]].ID: {"kind": "podcast"},
		articles[urls[4]].ID: {"url": nil},
	}
	for id, fields := range bad {
		w.set("pages", byID(id), fields)
	}
	w.crawl()

	bad[spoilt.ID] = nil
	for id := range bad {
		p := w.stored("pages", id)
		if why, _ := p["last_error"].(string); p["status"] != string(store.StatusAside) || p["next_at"] != nil || why == "" ||
			p["reason"] != string(outcome.ReasonUnreadableStore) {
			t.Errorf("page %s: %v", id, p)
		}
	}
	if a := w.stored("articles", spoilt.ID); a["title"] != int32(42) || a["text"] != spoilt.Text {
		t.Errorf("the spoilt article is now %v", a)
	}
	if a := w.stored("articles", newer.ID); a["schema_version"] != int32(99) || a["content_hash"] != "of another version" {
		t.Errorf("the newer article is now %v", a)
	}
	if p := w.stored("pages", newer.ID); p["status"] != string(store.StatusDone) || p["http"] != nil {
		t.Errorf("the newer article's page: %v", p)
	}
	if p := w.stored("profiles", site); p["version"] != int64(1) {
		t.Errorf("the profile was not learned anew: %v", p)
	}
	for _, url := range urls[5:] {
		if p := w.stored("pages", articles[url].ID); p["status"] != string(store.StatusDone) {
			t.Errorf("%s: %v", url, p)
		}
	}
}

// TestSpoiltInHand: a page that is spoilt while it waits in the frontier keeps no slot.
func TestSpoiltInHand(t *testing.T) {
	t.Parallel()
	w, _ := demoWorld(t, demosite.Config{Sites: 1, PerSection: 2})
	var once sync.Once
	var spoilt string
	p := w.start(func(point, id string) bool {
		if point == "before page" {
			once.Do(func() {
				spoilt = id
				w.set("pages", doc{"_id": id}, doc{"depth": "deep"})
			})
		}
		return false
	})
	_, stop := p.seed()
	p.run()
	w.drained(p)
	stop()
	p.end()
	if page := w.stored("pages", spoilt); page["status"] != string(store.StatusAside) {
		t.Errorf("%v", page)
	}
}

// TestNewerProfile: what a newer khabar learned stays, and the site is crawled.
func TestNewerProfile(t *testing.T) {
	t.Parallel()
	w, web := demoWorld(t, demosite.Config{Sites: 1, PerSection: 3})
	site := w.sites[0].ID
	profile := doc{"_id": site, "version": int64(4), "updated_at": time.Now(), "data": doc{"format": 1000, "known": "another way"}}
	if _, err := w.servers.lookClient.Database(w.name).Collection("profiles").InsertOne(t.Context(), profile); err != nil {
		t.Fatal(err)
	}
	w.crawl()
	expectAll(t, w, web)
	if p := w.stored("profiles", site); p["version"] != int64(4) {
		t.Errorf("the profile is now %v", p)
	}
}
