package store

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/khabar-crawler/khabar/pkg/article"
)

// newRegistry encodes as the driver does, but puts U+FFFD for bytes that are no UTF-8: a page may send any bytes, BSON
// strings are UTF-8 by definition, and a document that cannot be read back is worse than a mark in a word.
func newRegistry() *bson.Registry {
	r := bson.NewRegistry()
	r.RegisterKindEncoder(reflect.String, bson.ValueEncoderFunc(
		func(_ bson.EncodeContext, w bson.ValueWriter, v reflect.Value) error {
			s := v.String()
			if !utf8.ValidString(s) {
				s = strings.ToValidUTF8(s, "\uFFFD")
			}
			return w.WriteString(s)
		}))
	return r
}

// fieldsOf lists the BSON names of a document type's fields.
func fieldsOf[T any]() []string {
	var names []string
	t := reflect.TypeFor[T]()
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("bson"), ",")
		names = append(names, name)
	}
	return names
}

// toDoc is v as a document, with v's own tags.
func (s *Store) toDoc(v any) (bson.D, error) {
	var buf bytes.Buffer
	enc := bson.NewEncoder(bson.NewDocumentWriter(&buf))
	enc.SetRegistry(s.registry)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	var d bson.D
	err := bson.Unmarshal(buf.Bytes(), &d)
	return d, err
}

// withoutID is v as a document without its _id, for an upsert, where the filter gives it.
func (s *Store) withoutID(v any) (bson.D, error) {
	d, err := s.toDoc(v)
	return slices.DeleteFunc(d, func(e bson.E) bool { return e.Key == "_id" }), err
}

// millis cuts t to what BSON keeps, so that a time that was read back equals the one that was written.
func millis(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

func millisPtr(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	m := millis(*t)
	return &m
}

func normalPage(p Page) Page {
	p.Version = PageVersion
	p.DiscoveredAt = millis(p.DiscoveredAt)
	p.NextAt = millisPtr(p.NextAt)
	p.WatchedSince = millisPtr(p.WatchedSince)
	p.DatedAt = millisPtr(p.DatedAt)
	if p.Told != nil && p.Told.PublishedAt != nil {
		told := *p.Told
		told.PublishedAt = millisPtr(told.PublishedAt)
		p.Told = &told
	}
	p.FetchedAt = millisPtr(p.FetchedAt)
	if p.Look != nil {
		l := *p.Look
		l.From, l.At = millis(l.From), millis(l.At)
		p.Look = &l
	}
	p.LastError = shown(p.LastError, MaxLastError)
	return p
}

func normalArticle(a article.Article) article.Article {
	a.PublishedAt = millisPtr(a.PublishedAt)
	a.ModifiedAt = millisPtr(a.ModifiedAt)
	a.DiscoveredAt = millisPtr(a.DiscoveredAt)
	a.FirstSeenAt = millis(a.FirstSeenAt)
	a.StoredAt = millisPtr(a.StoredAt)
	a.FetchedAt = millis(a.FetchedAt)
	a.ReturnedAt = millisPtr(a.ReturnedAt)
	return a
}

// pageUpdate is the update that gives a page its new state: what is set replaces, state that is not set goes away, and
// what the page is stays unless it is said anew. It is an upsert's too: should the page be missing, it is made.
func (s *Store) pageUpdate(p Page) (bson.D, error) {
	p = normalPage(p)
	doc, err := s.toDoc(p)
	if err != nil {
		return nil, err
	}
	set, unset, insert := bson.D{}, bson.D{}, bson.D{}
	present := map[string]bool{"claim": true} // a claim stays: it says whose the last task was
	for _, e := range doc {
		switch {
		case e.Key == "_id" || e.Key == "claim":
		case e.Key == "priority" && p.Priority == 0 && p.DiscoveredAt.Equal(millis(time.Time{})): // not said, as the rest is not
			insert = append(insert, e)
		case e.Key == "discovered_at" && p.DiscoveredAt.Equal(millis(time.Time{})):
			if p.FetchedAt != nil {
				insert = append(insert, bson.E{Key: e.Key, Value: bson.NewDateTimeFromTime(*p.FetchedAt)})
			}
		case isIdentity(e.Key) && e.Value == "":
		default:
			set = append(set, e)
		}
		present[e.Key] = true
	}
	for _, name := range fieldsOf[Page]() {
		if !present[name] && !isIdentity(name) {
			unset = append(unset, bson.E{Key: name, Value: ""})
		}
	}
	update := bson.D{{Key: "$set", Value: set}}
	if len(insert) > 0 {
		update = append(update, bson.E{Key: "$setOnInsert", Value: insert})
	}
	if len(unset) > 0 {
		update = append(update, bson.E{Key: "$unset", Value: unset})
	}
	return update, nil
}
