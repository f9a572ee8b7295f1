package survey

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"
	"go.uber.org/zap/zaptest"

	"github.com/khabar-crawler/khabar/pkg/demosite"
	"github.com/khabar-crawler/khabar/pkg/fetch"
	"github.com/khabar-crawler/khabar/pkg/site"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// newSurveyor asks without delay, through a proxy if one is named.
func newSurveyor(t testing.TB, cfg Config, proxy string) *Surveyor {
	t.Helper()
	client, err := fetch.New(fetch.Config{AllowPrivate: true, ProxyURL: proxy}, zaptest.NewLogger(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	cfg.Delay = -1
	s, err := New(cfg, client)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// load reads findings back as the site file that they make.
func load(t *testing.T, f *Findings) *site.Site {
	t.Helper()
	file := filepath.Join(t.TempDir(), f.ID+".yaml")
	if err := os.WriteFile(file, f.File(), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := site.Load(file)
	if err != nil {
		t.Fatalf("%v\n%s", err, f.File())
	}
	return s
}

// TestDemoWeb: of every site of the demo web all is found out that its file should say, and its sections are all that there
// are; an article's address is told from every other.
func TestDemoWeb(t *testing.T) {
	web, err := demosite.Start(t.Context(), demosite.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer web.Close()
	surveyor := newSurveyor(t, Config{}, web.ProxyURL())
	requests := 0
	for _, d := range web.Sites() {
		f, err := surveyor.Site(t.Context(), d.Home)
		if err != nil {
			t.Errorf("%s: %v", d.Home, err)
			continue
		}
		requests += f.Requests
		s := load(t, f)
		got := []string{s.Name, s.Home, s.Language, s.Country, s.TimeZone}
		if want := []string{d.Name, d.Home, d.Language, d.Country, d.TimeZone}; !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q\n%s", d.ID, got, want, f.File())
		}
		kinds := map[string]site.Kind{d.Feed: site.Feed, d.Sitemap: site.Sitemap}
		for _, sec := range d.Sections {
			kinds[sec.URL] = site.Listing
		}
		for _, sec := range s.Sections {
			if kinds[sec.URL] != sec.Kind {
				t.Errorf("%s: section %s %s, which is none", d.ID, sec.Kind, sec.URL)
			}
			delete(kinds, sec.URL)
		}
		for u, k := range kinds {
			t.Errorf("%s: %s %s was not found", d.ID, k, u)
		}
		for _, a := range web.Articles() {
			if strings.HasPrefix(a.URL, d.Home) && s.IsArticle(a.URL) != site.Article {
				t.Errorf("%s: %s is an article\n%s", d.ID, a.URL, f.File())
			}
		}
		for _, u := range []string{d.Private, d.Gallery, d.Home + "about", d.Home + "login", d.Sections[0].URL, d.NotFound} {
			if s.IsArticle(u) == site.Article {
				t.Errorf("%s: %s is no article", d.ID, u)
			}
		}
	}
	asked := 0
	for host, st := range web.Stats().Hosts {
		asked += st.Requests
		if st.MaxConcurrent > 1 || st.Private > 0 {
			t.Errorf("%s: not polite: %+v", host, st)
		}
	}
	if asked != requests {
		t.Errorf("%d requests told, %d made", requests, asked)
	}
	if n := len(web.Sites()); requests > 20*n {
		t.Errorf("%d requests for %d sites", requests, n)
	}
	t.Logf("%d requests for %d sites", requests, len(web.Sites()))
}

// serve runs a site on loopback; what pages does not name is 404. HOST in a page is the site's own.
func serve(t testing.TB, pages map[string]string) string {
	t.Helper()
	var asked atomic.Int64
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		body, ok := pages[r.URL.RequestURI()]
		if !ok {
			body, ok = pages["*"]
		}
		status, rest, found := strings.Cut(body, "|")
		switch code, err := strconv.Atoi(status); {
		case !ok || r.URL.Path == "/robots.txt" && pages["/robots.txt"] == "":
			http.NotFound(w, r)
		case found && err == nil && code >= 300 && code < 400:
			http.Redirect(w, r, strings.ReplaceAll(rest, "HOST", r.Host), code)
		case found && err == nil:
			http.Error(w, rest, code)
		default:
			_, _ = w.Write([]byte(strings.ReplaceAll(body, "HOST", "http://"+r.Host)))
		}
	}))
	t.Cleanup(web.Close)
	return web.URL + "/"
}

// report is an article page of a few paragraphs.
func report(title, head string) string {
	line := "The council met in the old hall on the river and heard what the engineers had to say about the bridge, which has been shut since the floods of last spring. "
	return "<html lang=en><head><title>" + title + " - The Ferry</title>" + head + "</head><body><article><h1>" + title + "</h1><p>" +
		strings.Repeat(line, 3) + "</p><p>" + strings.Repeat("Members asked how long the work would take and what it would cost the town. ", 4) + "</p><p>" + line + "</p></article></body></html>"
}

func front(links ...string) string {
	var b strings.Builder
	b.WriteString("<html lang=en><head><title>The Ferry</title></head><body><main>")
	for i, l := range links {
		fmt.Fprintf(&b, "<h2><a href=%q>Council hears of the bridge for the %dth time this year</a></h2>", l, i)
	}
	return b.String() + "</main></body></html>"
}

const dated = `<meta property="article:published_time" content="2026-11-20T08:00:00+03:00">`

// TestRefused: what is no news site has no file, and the reason is told.
func TestRefused(t *testing.T) {
	story := "/news/2026/council-hears-of-the-bridge-10"
	for _, c := range []struct {
		name  string
		pages map[string]string
		want  Reason
		text  string
		final bool
	}{
		{"gone", map[string]string{}, NoPage, "404", true},
		{"failing", map[string]string{"/": "500|down"}, Unreachable, "500", false},
		{"forbidden", map[string]string{"/": "403|no"}, Forbidden, "403", true},
		{"excluded", map[string]string{"/robots.txt": "User-agent: *\nDisallow: /\n", "/": front(story)}, Forbidden, "Disallow", true},
		{"moved", map[string]string{"/": "301|http://news.example/"}, Moved, "http://news.example/", true},
		{"moved in markup", map[string]string{"/": `<html><head><meta http-equiv=refresh content="0;url=http://news.example/"></head><body></body></html>`}, Moved, "http://news.example/", true},
		{"going round", map[string]string{
			"/":  `<html><head><meta http-equiv=refresh content="0;url=/x"></head><body></body></html>`,
			"/x": `<html><head><meta http-equiv=refresh content="0;url=/"></head><body></body></html>`,
		}, NoPage, "without end", true},
		{"no page", map[string]string{"/": `{"status":"ok"}`}, NoPage, "json", true},
		{"empty", map[string]string{"/": "<html><title>Hello</title><body><p>Nothing is here yet, but we are working on it and will be back before you know it.</p></body></html>"}, NoArticles, "", true},
		{"script", map[string]string{"/": "<html><title>App</title><body><div id=root></div><script src=/app.js></script></body></html>"}, Script, "", true},
		{"parked", map[string]string{"/": "<html><title>ferry.example - This domain is for sale</title><body><p>Make an offer.</p></body></html>"}, OtherKind, "parked or for sale", true},
		{"undated", map[string]string{"/": front("/essays/on-the-bridge-and-the-river-10"), "/essays/on-the-bridge-and-the-river-10": report("On the bridge and the river", "")}, Undated, "none of the 1 articles", true},
		{"shop", map[string]string{
			"/": strings.Replace(front("/product/a-very-good-kettle-of-steel-12"), "</head>", `<meta name=generator content="WooCommerce 9.1"></head>`, 1),
			"/product/a-very-good-kettle-of-steel-12": report("A very good kettle of steel", ""),
		}, OtherKind, "a shop", true},
		{"forum", map[string]string{"/": front("/threads/what-of-the-bridge-and-the-river-12"),
			"/threads/what-of-the-bridge-and-the-river-12": report("What of the bridge and the river", dated+`<script type="application/ld+json">{"@type":"DiscussionForumPosting"}</script>`)},
			OtherKind, "of 1 pages that it lists 1 are those of a forum", true},
		{"nothing answers", map[string]string{"/": front(story), story: "503|later"}, Unreachable, "503", false},
		{"no list", map[string]string{"/": front(story), story: report("Council hears of the bridge", dated)}, NoSections, "", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, err := newSurveyor(t, Config{}, "").Site(t.Context(), serve(t, c.pages))
			var r *Refusal
			if !errors.As(err, &r) {
				t.Fatalf("not refused: %v, %+v", err, f)
			}
			if r.Reason != c.want || !strings.Contains(r.Text, c.text) || r.Final != c.final || r.Requests == 0 {
				t.Errorf("refused as %+v, want %s with %q, final %v", r, c.want, c.text, c.final)
			}
		})
	}
}

// TestNamedByAnother: where a feed or an article is named in place of a site, the refusal says what to name.
func TestNamedByAnother(t *testing.T) {
	home := serve(t, map[string]string{"/feed.xml": `<rss version="2.0"><channel><title>The Ferry</title></channel></rss>`, "/news/the-bridge-10": report("The bridge", dated)})
	for _, path := range []string{"feed.xml", "news/the-bridge-10", "gone"} {
		_, err := newSurveyor(t, Config{}, "").Site(t.Context(), home+path)
		if err == nil || !strings.HasSuffix(err.Error(), "; a site is named by its home page, as "+home) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// TestBounds: a menu without end costs no more requests than are allowed, and what was not tried is told.
func TestBounds(t *testing.T) {
	story := "/news/2026/council-hears-of-the-bridge-10"
	pages := map[string]string{story: report("Council hears of the bridge", dated)}
	menu := "<nav>"
	for i := range 90 {
		section := fmt.Sprintf("/section/part%c%c", 'a'+i%26, 'a'+i/26)
		menu += fmt.Sprintf("<a href=%s>Part %c%c</a> ", section, 'a'+i%26, 'a'+i/26)
		pages[section] = front(fmt.Sprintf("/news/2026/council-hears-of-the-bridge-%d", 100+i))
	}
	pages["/"] = strings.Replace(front(story), "<main>", menu+"</nav><main>", 1)
	f, err := newSurveyor(t, Config{Requests: 24}, "").Site(t.Context(), serve(t, pages))
	if err != nil {
		t.Fatal(err)
	}
	if f.Requests > 24 || len(f.Sections) < 5 {
		t.Errorf("%d requests, %d sections", f.Requests, len(f.Sections))
	}
	if !slices.ContainsFunc(f.Left, func(l Left) bool { return strings.Contains(l.Why, "bound of 24 requests") }) {
		t.Errorf("what was not tried is not told: %v", f.Left)
	}
}

// TestRefusedOnTheWay: a host that begins to refuse is not asked on.
func TestRefusedOnTheWay(t *testing.T) {
	pages := map[string]string{"*": "403|enough", "/feed/": `<rss version="2.0"><channel><title>The Ferry</title><item><title>Council hears of the bridge again</title><link>HOST/news/2026/council-hears-of-the-bridge-10</link></item></channel></rss>`}
	menu := "<nav>"
	for _, s := range []string{"town", "river", "trade", "sport", "letters", "farming", "schools"} {
		menu += "<a href=/section/" + s + ">" + s + "</a> "
	}
	pages["/"] = strings.Replace(front("/news/2026/council-hears-of-the-bridge-10"), "<main>", `<link rel=alternate type="application/rss+xml" href=/feed/>`+menu+"</nav><main>", 1)
	pages["/news/2026/council-hears-of-the-bridge-10"] = report("Council hears of the bridge", dated)
	f, err := newSurveyor(t, Config{}, "").Site(t.Context(), serve(t, pages))
	if err != nil {
		t.Fatal(err)
	}
	if f.Requests > 8 {
		t.Errorf("%d requests of a host that refuses", f.Requests)
	}
	if s := load(t, f); len(s.Sections) != 1 || s.Sections[0].Kind != site.Feed {
		t.Errorf("sections: %+v", s.Sections)
	}
}

// TestWhatSitesSayStaysInComments: names and titles cannot break out of their line of the file.
func TestWhatSitesSayStaysInComments(t *testing.T) {
	for _, nasty := range []string{"a\nid: evil", "it's: {x}", "# no", "- a", "yes", "\u2028id: evil", "'", "x\x00y", "null", "!!int 3", "a: b", "%", "@a", strings.Repeat("ك", 400)} {
		f := &Findings{ID: "x.example", Home: "http://x.example/", Name: Found{Value: nasty, Evidence: []string{nasty}},
			Sections: []Section{{Section: site.Section{ID: "feed", URL: "http://x.example/feed/", Kind: site.Feed}, Title: nasty, From: nasty}},
			Left:     []Left{{URL: nasty, Why: nasty}}, Notes: []string{nasty}, Country: Found{Evidence: []string{nasty}}}
		s := load(t, f)
		if s.ID != "x.example" || len(s.Sections) != 1 {
			t.Errorf("%q made %+v", nasty, s)
		}
	}
}

// TestPattern: the form of articles' addresses is told from others, and where it is not, there is none.
func TestPattern(t *testing.T) {
	many := func(format string, n int) (out []string) {
		for i := range n {
			out = append(out, fmt.Sprintf("http://x.example"+format, 100200+i))
		}
		return out
	}
	for _, c := range []struct {
		name string
		in   patternInput
		want string
	}{
		{"few", patternInput{sure: many("/a/%d", 3)}, ""},
		{"numbers", patternInput{sure: many("/news/%d", 20), others: []string{"http://x.example/news/", "http://x.example/news/sport"}, sources: 3}, `^/news/\d+(?:\?|$)`},
		{"of one desk alone", patternInput{sure: many("/sport/%d", 20), others: []string{"http://x.example/sport/"}, sources: 1}, `^/[^/?]*[^/?0-9][^/?]*/\d+(?:\?|$)`},
		{"in the query", patternInput{sure: many("/news.php?id=%d", 20), others: []string{"http://x.example/list.php?id=4", "http://x.example/news.php?cat=2"}, sources: 3}, `^/news\.php\?id=\d+`},
		{"as sections look", patternInput{sure: many("/sport/%d", 20), others: []string{"http://x.example/sport/77"}, sources: 3}, ""},
		{"two forms", patternInput{sure: append(many("/a/%d", 20), many("/b/2026/story-%d.html", 20)...), sources: 1},
			"^/[^/?]*[^/?0-9][^/?]*/\\d{4}/[^/?]*\\d+\\.html(?:\\?|$)\n^/[^/?]*[^/?0-9][^/?]*/\\d+(?:\\?|$)"},
		{"a few strays of pages", patternInput{sure: many("/a/%d", 20), likely: []string{"http://x.example/go/there"}, sources: 1}, `^/[^/?]*[^/?0-9][^/?]*/\d+(?:\?|$)`},
		{"many strays", patternInput{sure: many("/a/%d", 20), listed: many("/gallery/x/%d", 20), sources: 1}, ""},
	} {
		if got := patternOf(c.in); got.Value != c.want {
			t.Errorf("%s: %s, want %s; %v", c.name, got.Value, c.want, got.Evidence)
		}
	}
}

// TestLanguages: of each language its own words tell it, and a claim stands where they do not speak against it.
func TestLanguages(t *testing.T) {
	tb, err := readTables()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ text, claim, want string }{
		{"The council met and said that the bridge is to be opened with a ceremony for the town", "", "en"},
		{"Der Rat hat sich mit der Brücke befasst und will sie für den Verkehr nicht mehr öffnen, das ist die Folge", "en", "de"},
		{"El consejo de la ciudad se reunió para hablar del puente y de los daños que las lluvias han causado en el río", "en", "es"},
		{"El consejo de la ciudad se reunió para hablar del puente", "es", "es"},
		{"Rådet møttes for å se på broen, og det er ikke klart at den kan åpnes med det første, sier de som har sett på saken til avisen", "nb", "nb"},
		{"Belediye meclisi köprü için toplandı ve bu yıl daha çok ödenek ayrılması gibi konular ile bir karar aldı", "tr", "tr"},
		{"قال المجلس إن الجسر الذي أغلق بعد الفيضان في المدينة سيفتح من جديد خلال أيام على أن يتم العمل", "", "ar"},
		{"", "fa", "fa"},
		{"xxx yyy zzz", "en", "en"},
	} {
		if got, why := tb.byWords(c.text, c.claim); got != c.want {
			t.Errorf("%s (said to be %q): %s, %s; want %s", c.text, c.claim, got, why, c.want)
		}
	}
}

// TestStopped: a survey that is stopped says so, and is no refusal.
func TestStopped(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	_, err := newSurveyor(t, Config{}, "").Site(ctx, serve(t, map[string]string{"/": front()}))
	var r *Refusal
	if !errors.Is(err, context.Canceled) || errors.As(err, &r) {
		t.Errorf("stopped: %v", err)
	}
}

func FuzzReadHead(f *testing.F) {
	f.Add([]byte(report("Council", dated)))
	f.Add([]byte(`<html lang=ar><script type="application/ld+json">{"@type":["Organization"],"name":"x","address":{"addressCountry":{"name":"IQ"}}}</script><a href="tel:+964 770 123 4567">x</a>`))
	f.Add([]byte("<title>a"))
	f.Fuzz(func(t *testing.T, body []byte) {
		p := readHead(body, "text/html")
		if len(p.text) > maxText+len(body) || len(p.foot) > maxFoot {
			t.Errorf("kept %d and %d bytes", len(p.text), len(p.foot))
		}
	})
}
