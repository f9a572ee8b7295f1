package embedded

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
)

// idsOf reads a collection in the order that it comes in.
func idsOf(t *testing.T, c *mongo.Collection) []string {
	t.Helper()
	cur, err := c.Find(t.Context(), bson.D{})
	if err != nil {
		t.Fatal(err)
	}
	var docs []struct {
		ID string `bson:"_id"`
	}
	if err := cur.All(t.Context(), &docs); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, d := range docs {
		ids = append(ids, d.ID)
	}
	return ids
}

// startTuned starts a store that is tuned by the test alone: on a slow machine the store's own clock ticks between the making
// of a collection and the insert.
func startTuned(t *testing.T, cfg StoreConfig) *Store {
	t.Helper()
	s := startTestStore(t, cfg)
	s.cancelWatch()
	if err := s.Tune(t.Context()); err != nil { // waits for a tick that is at work
		t.Fatal(err)
	}
	return s
}

func TestView(t *testing.T) {
	next := View{Name: "pages.next", Of: "pages", Field: "next_at"}
	open := View{Name: "pages.open", Of: "pages", Field: "status", Values: []string{"due", "queued"}}
	dir := t.TempDir()
	s := startTuned(t, StoreConfig{Dir: dir, Views: []View{next, open}})
	client := connect(t, s.URI())
	db := client.Database("news")
	tune := func() {
		t.Helper()
		if err := s.Tune(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	insert := func(c *mongo.Collection, doc bson.D) {
		t.Helper()
		if _, err := c.InsertOne(t.Context(), doc); err != nil {
			t.Fatal(err)
		}
	}
	want := func(c *mongo.Collection, ids ...string) {
		t.Helper()
		if got := idsOf(t, c); !slices.Equal(got, ids) {
			t.Fatalf("%s: %v, want %v", c.Name(), got, ids)
		}
	}
	pages := db.Collection("pages")
	page := func(id string, at int64, status string) {
		doc := bson.D{{Key: "_id", Value: id}, {Key: "status", Value: status}}
		if at > 0 {
			doc = append(doc, bson.E{Key: "next_at", Value: bson.DateTime(at)})
		}
		insert(pages, doc)
	}
	page("c", 30, "done")
	page("a", 10, "due")
	tune() // nobody has asked for the views yet
	page("never", 0, "done")
	for _, name := range []string{"pages.next", "pages.open"} {
		insert(db.Collection(name), bson.D{{Key: "_id", Value: "a table"}})
	}
	want(db.Collection("pages.next"), "a table")
	tune()
	want(db.Collection("pages.next"), "a", "c")
	page("b", 20, "queued")
	want(db.Collection("pages.next"), "a", "b", "c")
	want(db.Collection("pages.open"), "a", "b")
	if _, err := pages.UpdateMany(t.Context(), bson.D{{Key: "_id", Value: "a"}},
		bson.D{{Key: "$set", Value: bson.D{{Key: "next_at", Value: bson.DateTime(40)}, {Key: "status", Value: "done"}}}}); err != nil {
		t.Fatal(err)
	}
	tune() // again changes nothing
	want(db.Collection("pages.next"), "b", "c", "a")
	want(db.Collection("pages.open"), "b")
	var plan bson.M
	err := db.RunCommand(t.Context(), bson.D{{Key: "explain", Value: bson.D{{Key: "find", Value: "pages.next"}}}}).Decode(&plan)
	if got := fmt.Sprint(plan); err != nil || !strings.Contains(got, "USING INDEX") || strings.Contains(got, "TEMP B-TREE") {
		t.Fatalf("the view is not read by its index: %s, %v", got, err)
	}

	_ = client.Disconnect(t.Context())
	s.Stop()
	s = startTuned(t, StoreConfig{Dir: dir, Views: []View{next, open}})
	db = connect(t, s.URI()).Database("news")
	want(db.Collection("pages.next"), "b", "c", "a")
	if err := db.Drop(t.Context()); err != nil {
		t.Fatal(err)
	}
	tune()
}

// TestFirsts has a view show the first few documents of each group, by its index alone, and a view of before give way to it.
func TestFirsts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	before := View{Name: "pages.held", Of: "pages", Field: "held"}
	s := startTuned(t, StoreConfig{Dir: dir, Views: []View{before}})
	db := connect(t, s.URI()).Database("news")
	pages := db.Collection("pages")
	for i, p := range []struct {
		lane            string
		priority, dated int
	}{{"a", 3, 10}, {"a", 3, 30}, {"a", 3, 0}, {"a", 3, 20}, {"a", 1, 5}, {"b", 2, 0}, {"b", 2, 0}, {"", 3, 99}} {
		doc := bson.D{{Key: "_id", Value: fmt.Sprint(i)}, {Key: "priority", Value: p.priority}, {Key: "found_at", Value: bson.DateTime(i)}}
		if p.lane != "" {
			doc = append(doc, bson.E{Key: "held", Value: p.lane})
		}
		if p.dated > 0 {
			doc = append(doc, bson.E{Key: "dated_at", Value: bson.DateTime(p.dated)})
		}
		if _, err := pages.InsertOne(t.Context(), doc); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.Collection("pages.held").InsertOne(t.Context(), bson.D{{Key: "_id", Value: "a table"}}); err != nil {
		t.Fatal(err)
	}
	if err := s.Tune(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := idsOf(t, db.Collection("pages.held")); len(got) != 7 {
		t.Fatalf("%v", got)
	}
	s.Stop()
	now := before
	now.Group, now.Latest, now.First = "priority", []string{"dated_at", "found_at"}, 2
	s = startTuned(t, StoreConfig{Dir: dir, Views: []View{now, {Name: "pages.lanes", Of: "pages", Field: "held", First: 1},
		{Name: "pages.due", Of: "pages", Field: "next_at", Past: true}}})
	db = connect(t, s.URI()).Database("news")
	for _, name := range []string{"pages.lanes", "pages.due"} {
		if _, err := db.Collection(name).InsertOne(t.Context(), bson.D{{Key: "_id", Value: "a table"}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Tune(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := idsOf(t, db.Collection("pages.held"))
	slices.Sort(got)
	if want := []string{"1", "3", "4", "5", "6"}; !slices.Equal(got, want) {
		t.Errorf("the first of each group are %v, want %v", got, want)
	}
	if got := idsOf(t, db.Collection("pages.lanes")); len(got) != 2 {
		t.Errorf("one of each lane: %v", got)
	}
	for _, name := range []string{"pages.held", "pages.lanes", "pages.due"} {
		var plan bson.M
		err := db.RunCommand(t.Context(), bson.D{{Key: "explain", Value: bson.D{{Key: "find", Value: name}}}}).Decode(&plan)
		if got := fmt.Sprint(plan); err != nil || !strings.Contains(got, "USING INDEX") || strings.Contains(got, "SCAN pages") || strings.Contains(got, "TEMP B-TREE") {
			t.Errorf("%s is not read by its index: %s, %v", name, got, err)
		}
	}
}

func TestViewOfOddName(t *testing.T) {
	s := startTuned(t, StoreConfig{Dir: t.TempDir(), Views: []View{{Name: "v", Of: "pages", Field: "x'; DROP TABLE pages"}}})
	if _, err := connect(t, s.URI()).Database("news").Collection("pages").InsertOne(t.Context(), bson.D{{Key: "_id", Value: "a"}}); err != nil {
		t.Fatal(err)
	}
	if err := s.Tune(t.Context()); err == nil || !strings.Contains(err.Error(), "is no name") {
		t.Fatalf("%v", err)
	}
}
