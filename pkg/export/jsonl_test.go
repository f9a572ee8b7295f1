package export

import (
	"bytes"
	"encoding/json"
	"errors"
	"iter"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/khabar-crawler/khabar/pkg/article"
)

func seq(err error, articles ...article.Article) iter.Seq2[article.Article, error] {
	return func(yield func(article.Article, error) bool) {
		for _, a := range articles {
			if !yield(a, nil) {
				return
			}
		}
		if err != nil {
			yield(article.Article{}, err)
		}
	}
}

func TestJSONL(t *testing.T) {
	at := time.Date(2024, 7, 23, 21, 0, 0, 0, time.UTC)
	var b bytes.Buffer
	n, err := JSONL(&b, seq(nil,
		article.Article{ID: "a", Title: "خبر & عنوان", PublishedAt: &at, Published: &article.Provenance{Source: "text", Precision: article.PrecisionDay, Zone: "Asia/Baghdad"}},
		article.Article{ID: "b"}))
	if err != nil || n != 2 {
		t.Fatalf("%d lines, %v", n, err)
	}
	if !strings.Contains(b.String(), "خبر & عنوان") {
		t.Errorf("text was escaped: %s", b.String())
	}
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	var first, second map[string]any
	if err := errors.Join(json.Unmarshal([]byte(lines[0]), &first), json.Unmarshal([]byte(lines[1]), &second)); err != nil {
		t.Fatal(err)
	}
	if first["id"] != "a" || first["published"] != "2024-07-24" || first["published_at"] != "2024-07-23T21:00:00Z" {
		t.Errorf("first line: %v", first)
	}
	for _, k := range []string{"published", "title", "text", "authors"} {
		if _, ok := second[k]; ok {
			t.Errorf("unknown field %s is written", k)
		}
	}
}

type full struct{ room int }

var errFull = errors.New("no space left on device")

func (f *full) Write(p []byte) (int, error) {
	if len(p) > f.room {
		return 0, errFull
	}
	f.room -= len(p)
	return len(p), nil
}

func TestJSONLFails(t *testing.T) {
	broken := errors.New("cursor lost")
	var b bytes.Buffer
	n, err := JSONL(&b, seq(broken, article.Article{ID: "a"}))
	if !errors.Is(err, broken) || n != 1 || !strings.HasSuffix(b.String(), "}\n") {
		t.Errorf("%d, %v, %q", n, err, b.String())
	}
	if _, err := JSONL(&full{10}, seq(nil, article.Article{ID: "a"})); !errors.Is(err, errFull) {
		t.Errorf("full disk: %v", err)
	}
}
