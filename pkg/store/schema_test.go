package store

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/khabar-crawler/khabar/pkg/article"
)

// TestSchemasKnowEveryField keeps the validators and the Go types together.
func TestSchemasKnowEveryField(t *testing.T) {
	for _, tc := range []struct {
		about  string
		schema bson.D
		fields []string
	}{
		{"pages", pageSchema(), fieldsOf[Page]()},
		{"pages.http", lookup(lookup(pageSchema(), "properties").(bson.D), "http").(bson.D), fieldsOf[HTTP]()},
		{"articles", articleSchema(), fieldsOf[article.Article]()},
		{"revisions", revisionSchema(), fieldsOf[article.Revision]()},
	} {
		var known []string
		for _, e := range lookup(tc.schema, "properties").(bson.D) {
			known = append(known, e.Key)
		}
		for _, f := range tc.fields {
			if !slices.Contains(known, f) && f != "_id" {
				t.Errorf("%s: the schema does not know %s", tc.about, f)
			}
		}
		for _, k := range known {
			if !slices.Contains(tc.fields, k) {
				t.Errorf("%s: the schema has %s, which the type has not", tc.about, k)
			}
		}
	}
}

func TestCheckValue(t *testing.T) {
	s := &Store{registry: newRegistry()}
	full := story(1, 1, 1)
	full.Country, full.Authors, full.Images = "IQ", []string{"A"}, []article.Image{{URL: "https://x/"}}
	full.Dateline, full.Quality.Flags = &article.Dateline{Place: "بغداد"}, []string{"short"}
	for _, tc := range []struct {
		about  string
		change func(*article.Article)
		says   string
	}{
		{"as it should be", func(*article.Article) {}, ""},
		{"id", func(a *article.Article) { a.ID = "x" }, "_id"},
		{"no title is fine", func(a *article.Article) { a.Title = "" }, ""},
		{"country", func(a *article.Article) { a.Country = "iq" }, "country"},
		{"an empty author", func(a *article.Article) { a.Authors = []string{"A", ""} }, "authors[1]"},
		{"an image without an address", func(a *article.Article) { a.Images[0].URL = "" }, "images[0].url"},
		{"precision", func(a *article.Article) { a.Published.Precision = "week" }, "published.precision"},
		{"revision", func(a *article.Article) { a.Revision = -1 }, "revision"},
	} {
		a := firstVersion(*full)
		a.Images = slices.Clone(a.Images)
		a.Published = ptr(*a.Published)
		tc.change(&a)
		doc, err := s.toDoc(a)
		if err != nil {
			t.Fatal(err)
		}
		err = checkValue(articleSchema(), doc, "")
		if tc.says == "" && err != nil || tc.says != "" && (!errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), tc.says+":")) {
			t.Errorf("%s: %v", tc.about, err)
		}
	}
	for about, doc := range map[string]bson.D{
		"no field at all":   {},
		"a number as title": {{Key: "title", Value: 1.5}},
		"null":              {{Key: "title", Value: nil}},
		"an empty list":     {{Key: "tags", Value: bson.A{}}},
		"a list as object":  {{Key: "quality", Value: bson.A{}}},
	} {
		if err := checkValue(articleSchema(), doc, ""); !errors.Is(err, ErrRefused) {
			t.Errorf("%s: %v", about, err)
		}
	}
}
