package extract

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// golden is what a page of our own making must give; fields that are absent are not looked at. Each page holds one trap
// that pages in the wild set, and its file is named for it.
type golden struct {
	URL        string             `json:"url"`
	Outcome    Outcome            `json:"outcome"`
	Title      string             `json:"title"`
	Text       *string            `json:"text"`
	Contains   string             `json:"contains"`
	Excludes   []string           `json:"excludes"`
	Authors    *[]string          `json:"authors"`
	Tags       *[]string          `json:"tags"`
	Image      string             `json:"image"`
	Agency     string             `json:"agency"`
	Dateline   *map[string]string `json:"dateline"`
	Published  string             `json:"published"`
	Modified   *string            `json:"modified"`
	Day        string             `json:"day"`
	Language   string             `json:"language"`
	Category   string             `json:"category"`
	Method     string             `json:"method"`
	Flags      []string           `json:"flags"`
	LeastWords int                `json:"least_words"`
}

func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/golden/*.html")
	if err != nil || len(files) == 0 {
		t.Fatal("no golden pages", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".html")
		t.Run(name, func(t *testing.T) {
			page, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			data, err := os.ReadFile(strings.TrimSuffix(file, ".html") + ".json")
			if err != nil {
				t.Fatal(err)
			}
			want := golden{URL: "https://site.example/news/1", Outcome: OutcomeArticle}
			if err := json.Unmarshal(data, &want); err != nil {
				t.Fatal(err)
			}
			r := Extract(Page{URL: want.URL, Body: page}, Options{Now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)})
			check(t, r)
			want.compare(t, r)
		})
	}
}

func (want golden) compare(t *testing.T, r Result) {
	a := r.Article
	same := func(field, got, want string) {
		t.Helper()
		if want != "" && got != want {
			t.Errorf("%s\n got %q\nwant %q", field, got, want)
		}
	}
	same("outcome", string(r.Outcome), string(want.Outcome))
	same("title", a.Title, want.Title)
	if want.Text != nil && a.Text != *want.Text {
		t.Errorf("text\n got %q\nwant %q", a.Text, *want.Text)
	}
	if !strings.Contains(a.Text, want.Contains) {
		t.Errorf("text lacks %q: %q", want.Contains, a.Text)
	}
	for _, x := range want.Excludes {
		if strings.Contains(a.Text, x) {
			t.Errorf("text holds %q", x)
		}
	}
	if want.Authors != nil && !slices.Equal(a.Authors, *want.Authors) {
		t.Errorf("authors %q, want %q", a.Authors, *want.Authors)
	}
	if want.Tags != nil && !slices.Equal(a.Tags, *want.Tags) {
		t.Errorf("tags %q, want %q", a.Tags, *want.Tags)
	}
	if want.Image != "" && (len(a.Images) == 0 || a.Images[0].URL != want.Image) {
		t.Errorf("images %v, want %s first", a.Images, want.Image)
	}
	same("agency", a.Agency, want.Agency)
	if want.Dateline != nil {
		if a.Dateline == nil {
			t.Error("no dateline")
		} else {
			same("place", a.Dateline.Place, (*want.Dateline)["place"])
			same("dateline's agency", a.Dateline.Agency, (*want.Dateline)["agency"])
		}
	}
	if want.Published != "" || want.Day != "" {
		if a.PublishedAt == nil {
			t.Fatal("no date")
		}
		same("published", a.PublishedAt.UTC().Format(time.RFC3339), want.Published)
		same("day", a.PublishedAt.Format(time.DateOnly), want.Day)
	}
	if want.Modified != nil && (a.ModifiedAt != nil) != (*want.Modified != "") {
		t.Errorf("modified %v", a.ModifiedAt)
	}
	same("language", a.Language, want.Language)
	same("category", a.Category, want.Category)
	same("method", a.Extractor.Method, want.Method)
	for _, flag := range want.Flags {
		if !slices.Contains(a.Quality.Flags, flag) {
			t.Errorf("flags %q, want %q among them", a.Quality.Flags, flag)
		}
	}
	if a.WordCount < want.LeastWords {
		t.Errorf("%d words, want %d", a.WordCount, want.LeastWords)
	}
}
