package extract

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/site"
)

// golden is what a page of our own making must give; fields that are absent are not looked at. Each page holds one trap
// that pages in the wild set, and its file is named for it.
type golden struct {
	URL        string             `json:"url"`
	Outcome    Outcome            `json:"outcome"`
	Title      string             `json:"title"`
	Subtitle   string             `json:"subtitle"`
	Text       *string            `json:"text"`
	Contains   string             `json:"contains"`
	Excludes   []string           `json:"excludes"`
	Authors    *[]string          `json:"authors"`
	Tags       *[]string          `json:"tags"`
	Image      string             `json:"image"`
	Images     *[]string          `json:"images"` // all of them, each with its caption behind a space
	Agency     string             `json:"agency"`
	Dateline   *map[string]string `json:"dateline"`
	Published  string             `json:"published"`
	Modified   *string            `json:"modified"`
	Day        string             `json:"day"`
	Language   string             `json:"language"`
	Category   string             `json:"category"`
	Kind       article.Kind       `json:"kind"`
	Reason     outcome.Reason     `json:"reason"`
	Method     string             `json:"method"`
	Flags      []string           `json:"flags"`
	LeastWords int                `json:"least_words"`
	Body       []string           `json:"body"` // selectors of a site file
}

// goldenPage is a page of testdata/golden with what it must give.
type goldenPage struct {
	name string
	body []byte
	want golden
}

func readGolden(t *testing.T) []goldenPage {
	t.Helper()
	files, err := filepath.Glob("testdata/golden/*.html")
	if err != nil || len(files) == 0 {
		t.Fatal("no golden pages", err)
	}
	var out []goldenPage
	for _, file := range files {
		p := goldenPage{name: strings.TrimSuffix(filepath.Base(file), ".html"), want: golden{URL: "https://site.example/news/1", Outcome: OutcomeArticle}}
		if p.body, err = os.ReadFile(file); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(strings.TrimSuffix(file, ".html") + ".json")
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(data, &p.want); err != nil {
			t.Fatalf("%s: %v", p.name, err)
		}
		out = append(out, p)
	}
	return out
}

func (p goldenPage) extract(o Options) Result {
	o.Now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	o.Headline = p.want.Title // the pages are short, and most have no date, by which alone they would not pass for articles
	if len(p.want.Body) > 0 {
		o.Site = &site.Site{Extract: site.Rules{Body: p.want.Body}}
	}
	return Extract(Page{URL: p.want.URL, Body: p.body}, o)
}

func TestGolden(t *testing.T) {
	for _, p := range readGolden(t) {
		t.Run(p.name, func(t *testing.T) {
			r := p.extract(Options{})
			check(t, r)
			for _, d := range p.want.compare(r) {
				t.Error(d)
			}
		})
	}
}

// compare says in what a result differs.
func (want golden) compare(r Result) (differs []string) {
	a := r.Article
	wrong := func(format string, args ...any) { differs = append(differs, fmt.Sprintf(format, args...)) }
	same := func(field, got, want string) {
		if want != "" && got != want {
			wrong("%s\n got %q\nwant %q", field, got, want)
		}
	}
	same("outcome", string(r.Outcome), string(want.Outcome))
	same("title", a.Title, want.Title)
	want.compareText(a.Text, wrong)
	same("subtitle", a.Subtitle, want.Subtitle)
	if want.Authors != nil && !slices.Equal(a.Authors, *want.Authors) {
		wrong("authors %q, want %q", a.Authors, *want.Authors)
	}
	if want.Tags != nil && !slices.Equal(a.Tags, *want.Tags) {
		wrong("tags %q, want %q", a.Tags, *want.Tags)
	}
	if want.Image != "" && (len(a.Images) == 0 || a.Images[0].URL != want.Image) {
		wrong("images %v, want %s first", a.Images, want.Image)
	}
	if want.Images != nil {
		got := []string{}
		for _, im := range a.Images {
			got = append(got, strings.TrimSpace(im.URL+" "+im.Caption))
		}
		if !slices.Equal(got, *want.Images) {
			wrong("images %q, want %q", got, *want.Images)
		}
	}
	same("agency", a.Agency, want.Agency)
	if want.Dateline != nil {
		got := article.Dateline{}
		if a.Dateline != nil {
			got = *a.Dateline
		}
		same("place", got.Place, (*want.Dateline)["place"])
		same("dateline's agency", got.Agency, (*want.Dateline)["agency"])
	}
	want.compareDates(a, wrong)
	same("language", a.Language, want.Language)
	same("category", a.Category, want.Category)
	same("kind", string(a.Kind), string(want.Kind))
	same("reason", string(r.Reason), string(want.Reason))
	same("method", a.Extractor.Method, want.Method)
	for _, flag := range want.Flags {
		if !slices.Contains(a.Quality.Flags, flag) {
			wrong("flags %q, want %q among them", a.Quality.Flags, flag)
		}
	}
	if a.WordCount < want.LeastWords {
		wrong("%d words, want %d", a.WordCount, want.LeastWords)
	}
	return differs
}

func (want golden) compareText(text string, wrong func(string, ...any)) {
	if want.Text != nil && text != *want.Text {
		wrong("text\n got %q\nwant %q", text, *want.Text)
	}
	if !strings.Contains(text, want.Contains) {
		wrong("text lacks %q: %q", want.Contains, text)
	}
	for _, x := range want.Excludes {
		if strings.Contains(text, x) {
			wrong("text holds %q", x)
		}
	}
}

func (want golden) compareDates(a article.Article, wrong func(string, ...any)) {
	if want.Modified != nil && (a.ModifiedAt != nil) != (*want.Modified != "") {
		wrong("modified %v", a.ModifiedAt)
	}
	if want.Modified != nil && *want.Modified != "" && a.ModifiedAt != nil && a.ModifiedAt.UTC().Format(time.RFC3339) != *want.Modified {
		wrong("modified %s, want %s", a.ModifiedAt.UTC().Format(time.RFC3339), *want.Modified)
	}
	if want.Published == "" && want.Day == "" {
		return
	}
	if a.PublishedAt == nil {
		wrong("no date")
		return
	}
	if at := a.PublishedAt.UTC().Format(time.RFC3339); want.Published != "" && at != want.Published {
		wrong("published %s, want %s", at, want.Published)
	}
	if day := a.PublishedAt.Format(time.DateOnly); want.Day != "" && day != want.Day {
		wrong("day %s, want %s", day, want.Day)
	}
}
