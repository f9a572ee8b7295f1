package extract

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"time"
)

// corpusPage is one saved page with its truth.
type corpusPage struct {
	set  string // "world" or "regional"
	id   string
	html []byte
	gold corpusGold
}

type corpusGold struct {
	ID             string   `json:"id"`
	URL            string   `json:"url"`
	Title          string   `json:"title"`
	Body           string   `json:"body"`
	BodyParagraphs []string `json:"body_paragraphs"`
	Authors        []string `json:"authors"`
	Published      string   `json:"published"`
	MustNotContain []string `json:"must_not_contain"`
}

// sharedDir is the folder of saved pages beside the project; a test that needs it is skipped where it is missing.
func sharedDir(t testing.TB) string {
	dir := os.Getenv("KHABAR_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no saved pages at %s (set KHABAR_SHARED)", dir)
	}
	return dir
}

// readCorpus reads every saved page, sorted by id.
func readCorpus(t testing.TB) []corpusPage {
	dir := sharedDir(t)
	var out []corpusPage
	for _, set := range []string{"world", "regional"} {
		pages, err := readArchive(filepath.Join(dir, "corpus", set+"-dev.tar.gz"), set)
		if errors.Is(err, os.ErrNotExist) {
			t.Skipf("no saved pages: %v", err)
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, pages...)
	}
	return out
}

func readArchive(name, set string) ([]corpusPage, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	gz, err := gzip.NewReader(bufio.NewReader(f))
	if err != nil {
		return nil, err
	}
	byID := map[string]*corpusPage{}
	page := func(id string) *corpusPage {
		if byID[id] == nil {
			byID[id] = &corpusPage{set: set, id: id}
		}
		return byID[id]
	}
	for tr := tar.NewReader(gz); ; {
		h, err := tr.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		id, base := path.Base(path.Dir(h.Name)), path.Base(h.Name)
		switch base {
		case "gold.json", "page.html", "page.html.gz":
		default:
			continue
		}
		data, err := io.ReadAll(tr)
		if err != nil {
			return nil, err
		}
		if strings.HasSuffix(base, ".gz") {
			z, err := gzip.NewReader(bytes.NewReader(data))
			if err != nil {
				return nil, err
			}
			if data, err = io.ReadAll(z); err != nil {
				return nil, err
			}
		}
		if base == "gold.json" {
			if err := json.Unmarshal(data, &page(id).gold); err != nil {
				return nil, err
			}
		} else {
			page(id).html = data
		}
	}
	var out []corpusPage
	for _, p := range byID {
		out = append(out, *p)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].id < out[j].id })
	return out, nil
}

// prediction is a result in the scorer's form.
func prediction(p corpusPage, r Result) map[string]any {
	out := map[string]any{"id": p.gold.ID, "title": r.Article.Title, "text": r.Article.Text, "authors": r.Article.Authors,
		"byline": r.Byline, "outcome": r.Outcome, "reason": r.Reason, "quality": r.Article.Quality}
	if a := r.Article.PublishedAt; a != nil {
		out["published"] = inZone(*a, r.Article.Published.Zone).Format(time.RFC3339)
		if r.Article.Published.Precision == "day" {
			out["published"] = a.Format(time.DateOnly)
		}
	}
	return out
}

// inZone gives a time in the zone it was read in.
func inZone(t time.Time, zone string) time.Time {
	if loc, err := time.LoadLocation(zone); err == nil && zone != "" {
		return t.In(loc)
	}
	if off, err := time.Parse("-07:00", zone); err == nil {
		return t.In(off.Location())
	}
	return t
}
