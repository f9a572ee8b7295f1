package demosite

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/net/html"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func start(t *testing.T, cfg Config) (*Server, *http.Client) {
	t.Helper()
	s, err := Start(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	proxy, err := url.Parse(s.ProxyURL())
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{Proxy: http.ProxyURL(proxy)}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s, &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func get(t *testing.T, c *http.Client, u string, header ...string) (*http.Response, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, u, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, body
}

// links gives the same-host links of a page, without tracking parameters.
func links(t *testing.T, base string, body []byte) []string {
	t.Helper()
	from, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	z := html.NewTokenizer(bytes.NewReader(body))
	for z.Next() != html.ErrorToken {
		token := z.Token()
		if token.Data != "a" {
			continue
		}
		for _, a := range token.Attr {
			if a.Key != "href" {
				continue
			}
			u, err := from.Parse(a.Val)
			if err == nil && u.Host == from.Host && u.Scheme == "http" {
				u.RawQuery, u.Fragment = withoutTracking(u.RawQuery), ""
				out = append(out, u.String())
			}
		}
	}
	return out
}

func TestEveryArticleIsReachableAndTrue(t *testing.T) {
	for _, design := range []int{0, 1} {
		s, client := start(t, Config{})
		for _, site := range s.Sites() {
			if design == 1 {
				s.Redesign(site.Host)
			}
			found := map[string][]byte{}
			queue := []string{site.Home}
			for len(queue) > 0 {
				u := queue[0]
				queue = queue[1:]
				if _, ok := found[u]; ok || strings.Contains(u, "/private/") {
					continue
				}
				_, body := get(t, client, u)
				found[u] = body
				// Article pages link one another: without them, the sections alone must lead to every article.
				if _, isArticle := s.Article(u); !isArticle {
					queue = append(queue, links(t, u, body)...)
				}
			}
			n := 0
			for _, a := range s.Articles() {
				if a.Site != site.ID {
					continue
				}
				n++
				body, ok := found[a.URL]
				if !ok {
					t.Errorf("%s is not reachable from %s", a.URL, site.Home)
					continue
				}
				text := html.UnescapeString(string(body))
				for _, want := range append([]string{a.Title}, a.Paragraphs...) {
					if !strings.Contains(text, want) {
						t.Errorf("%s does not print %q", a.URL, want)
					}
				}
				for _, trap := range links(t, a.URL, body) {
					if strings.Contains(trap, "%!") {
						t.Errorf("%s has a broken link %s", a.URL, trap)
					}
				}
			}
			if n != 40 {
				t.Errorf("%s has %d articles, want 40", site.ID, n)
			}
		}
		for host, st := range s.Stats().Hosts {
			if st.Private != 0 || st.Unknown != 0 {
				t.Errorf("%s: %d private, %d unknown requests: %v", host, st.Private, st.Unknown, st.Hits)
			}
		}
	}
}

func TestLanguageFilesAreWhole(t *testing.T) {
	labels, err := loadLanguage("en")
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range []string{"ar", "ckb", "fa", "tr", "en"} {
		l, err := loadLanguage(code)
		if err != nil {
			t.Fatal(err)
		}
		for key := range labels.labels {
			if l.labels[key] == "" {
				t.Errorf("%s has no label %q", code, key)
			}
		}
		lengths := map[string]int{"weekdays": 7, "months": 12, "men": 8, "women": 8, "families": 8, "cities": 12, "general.body": 8, "edit": 1}
		for _, key := range sectionKeys {
			lengths[key+".name"], lengths[key+".orgs"], lengths[key+".titles"], lengths[key+".leads"], lengths[key+".body"] = 1, 5, 8, 8, 10
		}
		for list, least := range lengths {
			if len(l.lists[list]) < least {
				t.Errorf("%s has %d of %s, needs %d", code, len(l.lists[list]), list, least)
			}
		}
	}
	if _, err := loadLanguage("xx"); err == nil {
		t.Error("loaded a language that is not there")
	}
}

func TestJalali(t *testing.T) {
	for day, want := range map[string][3]int{
		"2026-03-21": {1405, 1, 1}, "2026-09-22": {1405, 6, 31}, "2026-09-23": {1405, 7, 1}, "2026-11-14": {1405, 8, 23},
		"2027-03-20": {1405, 12, 29}, "2027-03-21": {1406, 1, 1}, "2030-03-20": {1408, 12, 30}, "2030-03-21": {1409, 1, 1},
	} {
		at, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		if y, m, d := jalali(at); [3]int{y, m, d} != want {
			t.Errorf("%s is %d-%d-%d, want %v", day, y, m, d, want)
		}
	}
}

func TestTextsAreClean(t *testing.T) {
	cfg := Config{PerSection: 100, Hard: true}
	w, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	urls, texts, paragraphs := map[string]bool{}, map[string]string{}, map[string]bool{}
	for _, a := range w.Articles() {
		if urls[a.URL] {
			t.Errorf("%s twice", a.URL)
		}
		urls[a.URL] = true
		if other, ok := texts[a.Text]; ok {
			t.Errorf("%s and %s have one text", a.URL, other)
		}
		texts[a.Text] = a.URL
		for _, p := range a.Paragraphs {
			if paragraphs[a.Site+p] {
				t.Errorf("%s repeats a paragraph: %s", a.URL, p)
			}
			paragraphs[a.Site+p] = true
		}
		if strings.Contains(a.Text, "{n:") || strings.Contains(a.Title, "{") || strings.Contains(a.Text, "  ") || strings.Contains(a.Text, "%!") {
			t.Errorf("%s: %q\n%s", a.URL, a.Title, a.Text)
		}
		if n := len(a.Paragraphs); n < 4 || n > 9 {
			t.Errorf("%s has %d paragraphs", a.URL, n)
		}
		if a.Dateline != nil && a.Site != "bozkir" && !strings.Contains(a.Paragraphs[0][:min(len(a.Paragraphs[0]), 160)], a.Dateline.Place) {
			t.Errorf("%s does not begin with its dateline: %s", a.URL, a.Paragraphs[0])
		}
	}
	again, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	first, second := w.Articles(), again.Articles()
	for i, a := range first {
		if b := second[i]; a.URL != b.URL || a.Text != b.Text || a.Title != b.Title || !a.Published.Equal(b.Published) {
			t.Fatalf("two webs of one configuration differ at %s", a.URL)
		}
	}
}

func TestEditRedesignAndConditionalRequests(t *testing.T) {
	s, client := start(t, Config{})
	a := s.Articles()[0]
	first, body := get(t, client, a.URL)
	etag, modified := first.Header.Get("ETag"), first.Header.Get("Last-Modified")
	for _, header := range [][]string{{"If-None-Match", etag}, {"If-Modified-Since", modified}} {
		if resp, _ := get(t, client, a.URL, header...); resp.StatusCode != http.StatusNotModified {
			t.Errorf("%v: status %d", header, resp.StatusCode)
		}
	}
	edited, ok := s.Edit(a.URL)
	if !ok || len(edited.Paragraphs) != len(a.Paragraphs)+1 || edited.Modified == nil {
		t.Fatalf("edit gave %+v", edited)
	}
	resp, body2 := get(t, client, a.URL, "If-None-Match", etag)
	if resp.StatusCode != http.StatusOK || bytes.Equal(body, body2) {
		t.Errorf("the page did not change with its article: status %d", resp.StatusCode)
	}
	if resp, _ := get(t, client, a.URL, "If-Modified-Since", modified); resp.StatusCode != http.StatusOK {
		t.Errorf("If-Modified-Since after the edit: status %d", resp.StatusCode)
	}
	if !s.Redesign("rafidain.example") || s.Redesign("elsewhere.example") {
		t.Error("Redesign knows the wrong hosts")
	}
	if _, body3 := get(t, client, a.URL); bytes.Equal(body2, body3) || !bytes.Contains(body3, []byte("read-single")) {
		t.Error("the template did not change")
	}
	if _, ok := s.Edit("http://rafidain.example/none"); ok {
		t.Error("edited what is not there")
	}
}

func TestEdgesFaultsAndStats(t *testing.T) {
	s, client := start(t, Config{FailEvery: 2, CrawlDelay: 3e9})
	site := s.Sites()[5]
	for u, want := range map[string]int{site.Gone: 404, site.Redirect: 302, site.Gallery: 200, site.NotFound: 200, site.Home: 200, site.Private: 200, site.Home + "nothing": 404} {
		if resp, _ := get(t, client, u); resp.StatusCode != want {
			t.Errorf("%s: status %d, want %d", u, resp.StatusCode, want)
		}
	}
	var statuses []int
	for _, a := range s.Articles()[:4] {
		resp, _ := get(t, client, a.URL)
		statuses = append(statuses, resp.StatusCode)
		if resp.StatusCode == 503 && resp.Header.Get("Retry-After") != "1" {
			t.Error("503 without Retry-After")
		}
	}
	if statuses[0] != 200 || statuses[1] != 503 || statuses[2] != 200 || statuses[3] != 503 {
		t.Errorf("statuses %v", statuses)
	}
	if resp, _ := get(t, client, "http://elsewhere.invalid/"); resp.StatusCode != http.StatusBadGateway {
		t.Errorf("a foreign host: status %d", resp.StatusCode)
	}
	if _, robots := get(t, client, site.Home+"robots.txt"); !strings.Contains(string(robots), "Crawl-delay: 3\n") || !strings.Contains(string(robots), site.Sitemap) {
		t.Errorf("robots.txt: %s", robots)
	}
	stats := s.Stats()
	h := stats.Hosts[site.Host]
	if h.Requests != 8 || h.Private != 1 || h.Unknown != 1 || h.MaxConcurrent != 1 || h.MinGap < 0 || h.Hits["/gallery/"] != 1 || stats.Strangers != 1 {
		t.Errorf("stats %+v, %d strangers", h, stats.Strangers)
	}
	if s.ResetStats(); s.Stats().Hosts[site.Host].Requests != 0 {
		t.Error("the counts were not reset")
	}
}

func TestFeedsAndSitemapsNameTheArticles(t *testing.T) {
	s, client := start(t, Config{Sites: 14, PerSection: 8})
	sites := s.Sites()
	if len(sites) != 14 || sites[7].Host != "rafidain-2.example" {
		t.Fatalf("%d sites, the eighth is %s", len(sites), sites[7].Host)
	}
	loc := regexp.MustCompile(`<loc>([^<]+)</loc>`)
	for _, site := range sites {
		if _, body := get(t, client, site.Feed); bytes.Count(body, []byte("http://"+site.Host)) < feedItems {
			t.Errorf("%s is short: %s", site.Feed, body)
		}
		listed := map[string]bool{}
		queue := []string{site.Sitemap}
		for len(queue) > 0 {
			u := queue[0]
			queue = queue[1:]
			_, body := get(t, client, u)
			if strings.HasSuffix(u, ".gz") {
				z, err := gzip.NewReader(bytes.NewReader(body))
				if err != nil {
					t.Fatal(err)
				}
				if body, err = io.ReadAll(z); err != nil {
					t.Fatal(err)
				}
			}
			for _, m := range loc.FindAllSubmatch(body, -1) {
				if found := html.UnescapeString(string(m[1])); strings.Contains(found, "/sitemap-") {
					queue = append(queue, found)
				} else {
					listed[found] = true
				}
			}
		}
		for _, a := range s.Articles() {
			if a.Site == site.ID && !listed[a.URL] {
				t.Errorf("%s is in no sitemap", a.URL)
			}
		}
	}
}

func TestDirectRequestsByHostHeader(t *testing.T) {
	s, _ := start(t, Config{})
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+s.Addr()+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Host = "alborz.example:8080"
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); err != nil || !strings.Contains(string(body), "البرزنامه") {
		t.Errorf("status %d, %v", resp.StatusCode, err)
	}
}

func TestStartEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s, err := Start(ctx, Config{Sites: 1, PerSection: 1})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if _, err := Start(t.Context(), Config{Listen: "no such address"}); err == nil {
		t.Error("listening nowhere succeeded")
	}
}

// TestPublish: what is coming is nowhere before it is put out, and everywhere then.
func TestPublish(t *testing.T) {
	web, err := New(Config{Sites: 2, PerSection: 2, Coming: 9})
	if err != nil {
		t.Fatal(err)
	}
	before := len(web.Articles())
	old := map[string]bool{}
	for _, a := range web.Articles() {
		old[a.URL] = true
	}
	for _, want := range []int{2 * 4, 2 * 5, 0} {
		if n := web.Publish(want / 2); n != want {
			t.Errorf("%d published, want %d", n, want)
		}
		if n := web.Publish(0); n != 0 {
			t.Error("nothing was to be published")
		}
	}
	after := web.Articles()
	if len(after) != before+18 {
		t.Errorf("%d articles, want %d", len(after), before+18)
	}
	fresh := 0
	for _, a := range after {
		if _, ok := web.Article(a.URL); !ok {
			t.Errorf("%s is not there", a.URL)
		}
		if !old[a.URL] {
			fresh++
		}
	}
	if fresh != 18 {
		t.Errorf("%d are new", fresh)
	}
}
