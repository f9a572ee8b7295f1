package boilerplate

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/demosite"
	"github.com/khabar-crawler/khabar/pkg/extract"
)

// fetched is when the first page of a test is fetched, after the demo web was written; each further one comes a minute later.
var fetched = time.Date(2027, 6, 1, 8, 0, 0, 0, time.UTC)

// saved asks a demo web for one of its pages.
func saved(t testing.TB, web http.Handler, url string) extract.Page {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	w := httptest.NewRecorder()
	web.ServeHTTP(w, req)
	if w.Code != http.StatusOK {
		t.Fatalf("%s: status %d", url, w.Code)
	}
	return extract.Page{URL: url, Body: w.Body.Bytes(), ContentType: w.Header().Get("Content-Type")}
}

func observation(id string, r extract.Result, at time.Time) Observation {
	a := &r.Article
	o := Observation{Article: id, At: at, Section: a.Category, Agency: a.Agency, Title: a.Title, Text: a.Text, Dropped: Dropped(r.Blocks)}
	if a.PublishedAt != nil {
		o.Published = *a.PublishedAt
	}
	return o
}

// score counts paragraphs.
type score struct{ right, got, want int }

func (s *score) add(text string, truth []string) {
	want := map[string]bool{}
	for _, p := range truth {
		want[strings.Join(strings.Fields(p), " ")] = true
	}
	s.want += len(want)
	for _, p := range strings.Split(text, "\n") {
		if p = strings.Join(strings.Fields(p), " "); p == "" {
			continue
		}
		s.got++
		if want[p] {
			s.right++
			delete(want, p)
		}
	}
}

func (s *score) precision() float64 { return float64(s.right) / float64(max(s.got, 1)) }
func (s *score) recall() float64    { return float64(s.right) / float64(max(s.want, 1)) }

// learner is a site that is being read.
type learner struct {
	t       *testing.T
	web     *demosite.Web
	profile *Profile
	at      time.Time
}

func (l *learner) read(truth demosite.Truth) extract.Result {
	r := extract.Extract(saved(l.t, l.web, truth.URL), extract.Options{Now: l.at})
	r.Article.Category = truth.Section // as the section that lists it is known to a crawler
	return r
}

func (l *learner) observe(truth demosite.Truth) {
	l.at = l.at.Add(time.Minute)
	l.profile.Observe(observation(truth.URL, l.read(truth), l.at))
	l.profile.Learn(l.at)
}

// unread are articles that were not observed, as they were extracted.
type unread struct {
	truth demosite.Truth
	a     article.Article
}

// measure scores them with what is known now and without.
func (l *learner) measure(articles []unread) (without, with score) {
	template := l.profile.Template()
	for _, u := range articles {
		without.add(u.a.Text, u.truth.Paragraphs)
		cleaned, _ := template.Clean(u.a.Title, u.a.Text)
		with.add(cleaned, u.truth.Paragraphs)
	}
	return without, with
}

// TestGain prints what learning gains on a web whose disclaimers and promotions look like paragraphs: precision and
// recall of paragraphs of articles not seen yet, over the number of articles seen, before and after each site changes
// its template.
func TestGain(t *testing.T) {
	web, err := demosite.New(demosite.Config{Hard: true, PerSection: 45})
	if err != nil {
		t.Fatal(err)
	}
	steps := []int{0, 5, 10, 20, 40, 80}
	var table strings.Builder
	out := tabwriter.NewWriter(&table, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(out, "site\ttemplate\tprecision before\trecall before\t")
	for _, n := range steps[1:] {
		fmt.Fprintf(out, "after %d\t", n)
	}
	fmt.Fprint(out, "recall\t\n")
	for _, site := range web.Sites() {
		var stories []demosite.Truth
		for _, a := range web.Articles() {
			if a.Site == site.ID {
				stories = append(stories, a)
			}
		}
		l := &learner{t: t, web: web, profile: New(), at: fetched}
		for design := range 2 {
			if design == 1 {
				web.Redesign(site.Host)
			}
			seen := stories[design*80:]
			var unseen []unread
			for _, truth := range stories[160:] {
				unseen = append(unseen, unread{truth, l.read(truth).Article})
			}
			for i, n := range steps {
				if i > 0 {
					for _, truth := range seen[steps[i-1]:n] {
						l.observe(truth)
					}
				}
				without, with := l.measure(unseen)
				if i == 0 {
					fmt.Fprintf(out, "%s\t%d\t%.4f\t%.4f\t", site.ID, design+1, without.precision(), without.recall())
				} else {
					fmt.Fprintf(out, "%.4f\t", with.precision())
				}
				if with.right != without.right {
					t.Errorf("%s, template %d, after %d articles: %d paragraphs of the articles' own were taken", site.ID, design+1, n, without.right-with.right)
				}
				if n == 80 {
					fmt.Fprintf(out, "%.4f\t\n", with.recall())
					// A line that the extractor takes for text on fewer than minSupport of the articles cannot be known yet.
					if with.precision() < 0.99 || with.precision() < without.precision() {
						t.Errorf("%s, template %d: precision %.4f after %d articles", site.ID, design+1, with.precision(), n)
						for _, k := range l.profile.known {
							t.Log(k.Text)
						}
					}
				}
			}
		}
	}
	if err := out.Flush(); err != nil {
		t.Fatal(err)
	}
	t.Log("\n" + table.String())
}

// BenchmarkRead compares what learning takes of an article with what extracting it takes. A sample grows by a sixteenth
// between two decisions, so that much of one is an article's.
func BenchmarkRead(b *testing.B) {
	web, err := demosite.New(demosite.Config{Hard: true, PerSection: 100})
	if err != nil {
		b.Fatal(err)
	}
	var pages []extract.Page
	var seen []Observation
	p := New()
	for i, truth := range web.Articles()[:400] {
		pages = append(pages, saved(b, web, truth.URL))
		r := extract.Extract(pages[i], extract.Options{Now: fetched})
		seen = append(seen, observation(truth.URL, r, fetched.Add(time.Duration(i)*time.Minute)))
		p.Observe(seen[i])
	}
	p.Learn(fetched)
	b.Run("extract", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			extract.Extract(pages[i%len(pages)], extract.Options{Now: fetched})
		}
	})
	b.Run("learn", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			o := seen[i%len(seen)]
			p.Observe(o)
			if i%(p.Articles()/16) == 0 {
				p.Learn(fetched)
			}
			p.Template().Clean(o.Title, o.Text)
		}
	})
}
