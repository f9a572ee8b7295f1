package hostileweb

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
)

const (
	megabyte = 1 << 20
	// heavy is the size of a page just below the 50 MiB that a body may have.
	heavy = 49 * megabyte
	// HeavyHosts is how many hosts serve heavy pages at the same time.
	HeavyHosts = 20
	// bulky is the size of a page just below the 10 MiB that an article may have: what is read costs most memory.
	bulky = 9 * megabyte
	// BulkyHosts is how many hosts serve such a page at the same time: two of them do not fit in a worker's memory.
	BulkyHosts = 4
	// honest is how many articles those sites have that mix articles with malice.
	honest = 3
)

// What becomes of home pages, in the words of a page's record: its outcome and its reason.
const (
	fine        = "ok"
	tooLarge    = "too_large"
	broken      = "retry: connection"
	badRedirect = "failed: bad_redirect"
	noBody      = "not_article: no_body"
	noLinks     = "nothing: no_links"
	needsScript = "nothing: needs_script"
)

// Sites gives every site of the web.
func Sites() []*Site {
	sites := []*Site{
		// Answers that do not come, or do not end.
		{Name: "silent", Home: "retry: timeout", serve: raw(wait)},
		{Name: "drip", Home: "retry: timeout", serve: raw(func(ctx context.Context, w io.Writer) error {
			return repeat(ctx, w, head("Content-Type: text/html"), "x", time.Second)
		})},
		{Name: "endless-header", Home: tooLarge, serve: raw(func(ctx context.Context, w io.Writer) error {
			return repeat(ctx, w, "HTTP/1.1 200 OK\r\n", "X-More: "+strings.Repeat("x", 1000)+"\r\n", 0)
		})},
		{Name: "endless-1xx", Home: tooLarge, serve: raw(func(ctx context.Context, w io.Writer) error {
			return repeat(ctx, w, "", "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n", 0)
		})},
		{Name: "endless-body", Home: tooLarge, serve: raw(func(ctx context.Context, w io.Writer) error {
			return repeat(ctx, w, head("Content-Type: text/html"), strings.Repeat("<p>and so on", 1000), 0)
		})},
		{Name: "endless-trailer", Home: broken, serve: raw(func(ctx context.Context, w io.Writer) error {
			return repeat(ctx, w, head("Content-Type: text/html", "Transfer-Encoding: chunked", "Trailer: X-More")+"3\r\n<p>\r\n0\r\n",
				"X-More: "+strings.Repeat("x", 1000)+"\r\n", 0)
		})},
		{Name: "endless-chunk-extension", Home: broken, serve: raw(func(ctx context.Context, w io.Writer) error {
			return repeat(ctx, w, head("Content-Type: text/html", "Transfer-Encoding: chunked")+"3;x=", strings.Repeat("y", 1000), 0)
		})},
		{Name: "endless-line", Home: tooLarge, serve: raw(func(ctx context.Context, w io.Writer) error {
			return repeat(ctx, w, "", strings.Repeat("HTTP", 1000), 0)
		})},

		// Bombs.
		{Name: "gzip-bomb", Home: tooLarge, serve: encoded("gzip", func() []byte { return gzipBomb(1) })},
		{Name: "nested-bomb", Home: tooLarge, serve: encoded("gzip", func() []byte { return gzipBomb(2) })},
		{Name: "br-bomb", Home: tooLarge, serve: encoded("br", brotliBomb)},
		{Name: "zstd-bomb", Home: tooLarge, serve: encoded("zstd", zstdBomb)},
		{Name: "entity-bomb", Home: fine, serve: entityBomb},

		// Pages that are more work than they look.
		{Name: "deep", Home: noLinks, serve: page(func(w io.Writer) { nest(w, 10_000) })},
		{Name: "deeper", Home: noLinks, serve: page(func(w io.Writer) { nest(w, 1_000_000) })},
		{Name: "attributes", Home: noLinks, serve: page(func(w io.Writer) {
			_, _ = io.WriteString(w, "<div ")
			fill(w, 700_000, func(i int) string { return "a" + strconv.Itoa(i) + "=1 " })
			_, _ = io.WriteString(w, "><p>text</div>")
		})},
		{Name: "one-line", Home: tooLarge, serve: page(func(w io.Writer) {
			fill(w, 100, func(int) string { return strings.Repeat("a word ", megabyte/7) })
		})},
		{Name: "ld-deep", Home: needsScript, serve: page(func(w io.Writer) {
			_, _ = io.WriteString(w, `<script type="application/ld+json">`+strings.Repeat(`{"author":[`, 100_000)+`</script><p>text`)
		})},
		{Name: "ld-wide", Home: needsScript, serve: page(func(w io.Writer) {
			_, _ = io.WriteString(w, `<script type="application/ld+json">[`)
			fill(w, 200_000, func(i int) string { return `{"@type":"NewsArticle","headline":"h` + strconv.Itoa(i) + `"},` })
			_, _ = io.WriteString(w, `{}]</script><p>text`)
		})},
		{Name: "links", Home: fine, Articles: honest, serve: withArticles("links", page(func(w io.Writer) {
			_, _ = io.WriteString(w, homeLinks("links"))
			fill(w, 100_000, func(i int) string { return `<a href="/tag/` + strconv.Itoa(i) + `">t</a>` })
		}))},
		{Name: "feeds", Home: fine, serve: feeds},
		{Name: "feed-items", Home: fine, serve: feedOf("application/rss+xml", `<rss version="2.0"><channel>`, "<item/>", "</channel></rss>")},
		{Name: "feed-extensions", Home: fine, serve: feedOf("application/rss+xml", `<rss version="2.0"><channel><item>`, "<m:a/>", "</item></channel></rss>")},
		{Name: "feed-json", Home: fine, serve: feedOf("application/feed+json", `{"version":"https://jsonfeed.org/version/1","items":[`, "{},", "{}]}")},
		{Name: "bytes", Home: fine, Articles: honest, serve: withArticles("bytes", page(func(w io.Writer) {
			_, _ = io.WriteString(w, homeLinks("bytes")+"\x00\x00\xff\xfe\xc0\xaf\xed\xa0\x80 \x1b]0;title\x07\x1b[2J\u202e\u2066 <p>\xe2\x28\xa1")
		}))},
		{Name: "controls", Home: fine, Articles: honest, serve: withArticles("controls", page(func(w io.Writer) { _, _ = io.WriteString(w, homeLinks("controls")) }))},

		// Mazes.
		{Name: "redirect-loop", Home: badRedirect, serve: func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/loop", http.StatusFound) }},
		{Name: "redirect-chain", Home: badRedirect, serve: func(w http.ResponseWriter, r *http.Request) {
			n, _ := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/"))
			http.Redirect(w, r, "/"+strconv.Itoa(n+1), http.StatusFound)
		}},
		{Name: "redirect-odd", Home: fine, serve: oddRedirects},
		{Name: "cookies", Home: badRedirect, serve: cookies},
		{Name: "calendar", Home: fine, Articles: honest, serve: withArticles("calendar", calendar)},
		{Name: "sessions", Home: fine, Articles: honest, serve: withArticles("sessions", sessions)},
		{Name: "soft-404", Home: fine, Articles: honest, serve: withArticles("soft-404", softNotFound)},
		{Name: "growing", Home: fine, Articles: honest, serve: withArticles("growing", growing)},

		// Sitemaps.
		{Name: "map-itself", Home: fine, Articles: honest, robots: sitemapLine("map-itself"), serve: withArticles("map-itself", mapItself)},
		{Name: "map-huge", Home: fine, Articles: honest, robots: sitemapLine("map-huge"), serve: withArticles("map-huge", mapHuge)},
		{Name: "map-inventing", Home: fine, Articles: honest, robots: sitemapLine("map-inventing"), serve: withArticles("map-inventing", mapInventing())},

		// robots.txt.
		{Name: "robots-huge", Home: fine, Articles: honest, serve: withArticles("robots-huge", plainHome("robots-huge")), robots: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain")
			for range 1 << 30 / 4096 {
				if _, err := io.WriteString(w, strings.Repeat("# much ado\n", 372)); err != nil {
					return
				}
			}
		}},
		{Name: "robots-slow", Home: "robots_unavailable: timeout", serve: plainHome("robots-slow"), robots: raw(func(ctx context.Context, w io.Writer) error {
			return repeat(ctx, w, head("Content-Type: text/plain"), "#", time.Second)
		})},
		{Name: "robots-503", Home: "robots_unavailable: http_503", serve: plainHome("robots-503"), robots: func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "later", http.StatusServiceUnavailable)
		}},
		{Name: "robots-loop", Home: fine, Articles: honest, serve: withArticles("robots-loop", plainHome("robots-loop")), robots: func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/robots.txt", http.StatusFound)
		}},

		// Broken HTTP.
		{Name: "broken-chunks", Home: broken, serve: raw(once(head("Content-Type: text/html", "Transfer-Encoding: chunked") + "zz\r\n<p>\r\n"))},
		{Name: "negative-length", Home: broken, serve: raw(once("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: -5\r\n\r\n<p>text"))},
		{Name: "two-lengths", Home: broken, serve: raw(once("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5\r\nContent-Length: 9\r\n\r\n<p>text"))},
		{Name: "short-body", Home: broken, serve: raw(once("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 500\r\n\r\n<p>text"))},
		{Name: "unsolicited", Home: noLinks, serve: raw(once("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 10\r\n\r\n<p>a text.HTTP/1.1 200 OK\r\n\r\n\x1b[2J"))},
		{Name: "wrong-name", Home: "robots_unavailable: tls", Secure: true, serve: http.NotFound},
	}
	for i := range HeavyHosts {
		name := fmt.Sprintf("heavy-%d", i)
		sites = append(sites, &Site{Name: name, Home: fine, serve: heavyPages(name, honest, heavyBody)})
	}
	for i := range BulkyHosts {
		name := fmt.Sprintf("bulky-%d", i)
		sites = append(sites, &Site{Name: name, Home: fine, serve: heavyPages(name, 1, bulkyBody)})
	}
	// What is read as a home page is searched for links; as an article's it is made a tree of, and its data are read.
	for name, story := range map[string]string{
		"gzip-bomb": tooLarge, "nested-bomb": tooLarge, "br-bomb": tooLarge, "zstd-bomb": tooLarge, "one-line": tooLarge,
		"deep": noBody, "deeper": noBody, "attributes": noBody, "ld-deep": noBody, "ld-wide": noBody,
	} {
		twin := "story-" + name
		body := sites[slices.IndexFunc(sites, func(s *Site) bool { return s.Name == name })].serve
		home := page(func(w io.Writer) { _, _ = io.WriteString(w, storyLinks(twin, 1)) })
		sites = append(sites, &Site{Name: twin, Home: fine, Story: story, serve: func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/" {
				home(w, r)
				return
			}
			body(w, r)
		}})
	}
	return sites
}

// Answers.

func wait(ctx context.Context, _ io.Writer) error {
	<-ctx.Done()
	return ctx.Err()
}

func head(header ...string) string {
	return "HTTP/1.1 200 OK\r\nConnection: close\r\n" + strings.Join(header, "\r\n") + "\r\n\r\n"
}

func once(answer string) func(context.Context, io.Writer) error {
	return func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, answer)
		return err
	}
}

// repeat writes a beginning, and then the same again and again until the client has gone.
func repeat(ctx context.Context, w io.Writer, first, again string, every time.Duration) error {
	if _, err := io.WriteString(w, first); err != nil {
		return err
	}
	for ctx.Err() == nil {
		if _, err := io.WriteString(w, again); err != nil {
			return err
		}
		if every > 0 {
			t := time.NewTimer(every)
			select {
			case <-t.C:
			case <-ctx.Done():
				t.Stop()
			}
		}
	}
	return ctx.Err()
}

// page is an HTML page whose body is written as it is sent.
func page(body func(io.Writer)) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, "<!doctype html><html lang=en><title>A page</title><body>")
		body(w)
		_, _ = io.WriteString(w, "</body></html>")
	}
}

// fill writes n parts, and stops when the client has gone.
func fill(w io.Writer, n int, part func(int) string) {
	var b bytes.Buffer
	for i := range n {
		b.WriteString(part(i))
		if b.Len() > 64<<10 {
			if _, err := w.Write(b.Bytes()); err != nil {
				return
			}
			b.Reset()
		}
	}
	_, _ = w.Write(b.Bytes())
}

func nest(w io.Writer, depth int) {
	fill(w, depth, func(int) string { return "<div>" })
	_, _ = io.WriteString(w, "<p>at the bottom")
}

// Articles.

// Stories gives the titles of the site's honest articles by their addresses.
func (s *Site) Stories() map[string]string {
	stories := map[string]string{}
	for i := range s.Articles {
		stories["http://"+s.Host()+storyPath(i)] = storyTitle(s.Name, i)
	}
	return stories
}

func storyTitle(site string, i int) string {
	return fmt.Sprintf("Council of %s opens well number %d after a dry summer", site, i)
}

// story is an article's page.
func story(site string, i int) string {
	title := storyTitle(site, i)
	var b strings.Builder
	fmt.Fprintf(&b, `<!doctype html><html lang=en><head><title>%s</title><meta property="og:type" content="article">`+
		`<meta property="article:published_time" content="2026-11-20T08:%02d:00+03:00"></head><body><article><h1>%s</h1>`, title, i, title)
	for j := range 5 {
		fmt.Fprintf(&b, "<p>The engineers measured %d litres a minute on day %d, which is more than the old well gave in its best year, "+
			"and the farmers of %s asked that the pump be kept running through the night until the tanks are full.</p>", 100+7*i+j, j+1, site)
	}
	b.WriteString("</article></body></html>")
	return b.String()
}

func storyPath(i int) string {
	return fmt.Sprintf("/2026/11/20/well-number-%d-opens-after-a-dry-summer", i)
}

// withArticles answers for a site's honest articles, and leaves the rest to next.
func withArticles(site string, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for i := range honest {
			if r.URL.Path == storyPath(i) {
				w.Header().Set("Content-Type", "text/html; charset=utf-8")
				text := story(site, i)
				if site == "controls" {
					text = strings.Replace(text, "Council", "Coun\x07c\u009bil\u202e\u2066", 2)
				}
				_, _ = io.WriteString(w, text)
				return
			}
		}
		next(w, r)
	}
}

// homeLinks is the part of a home page that lists the honest articles.
func homeLinks(site string) string { return storyLinks(site, honest) }

func storyLinks(site string, n int) string {
	var b strings.Builder
	b.WriteString("<main><ul>")
	for i := range n {
		fmt.Fprintf(&b, `<li><h3><a href="%s">%s</a></h3>`, storyPath(i), storyTitle(site, i))
	}
	b.WriteString("</ul></main>")
	return b.String()
}

func plainHome(site string) http.HandlerFunc {
	return page(func(w io.Writer) { _, _ = io.WriteString(w, homeLinks(site)) })
}

// Bombs.

func encoded(encoding string, body func() []byte) http.HandlerFunc {
	made := sync.OnceValue(body)
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Content-Encoding", encoding)
		_, _ = w.Write(made())
	}
}

// The bombs of gzip and zstd are a gigabyte of spaces: both formats may be put together of parts, so that no test waits
// until a gigabyte is compressed. That of brotli is one part alone, which is larger than any page may be too.
const (
	bombPart  = 64 * megabyte
	bombParts = 16
)

// gzipBomb is compressed as many times.
func gzipBomb(times int) []byte {
	var part bytes.Buffer
	inflate(gzip.NewWriter(&part))
	bomb := bytes.Repeat(part.Bytes(), bombParts)
	for range times - 1 {
		var outer bytes.Buffer
		z := gzip.NewWriter(&outer)
		_, _ = z.Write(bomb)
		_ = z.Close()
		bomb = outer.Bytes()
	}
	return bomb
}

func brotliBomb() []byte {
	var b bytes.Buffer
	inflate(brotli.NewWriterLevel(&b, brotli.BestSpeed))
	return b.Bytes()
}

func zstdBomb() []byte {
	var part bytes.Buffer
	z, err := zstd.NewWriter(&part)
	if err != nil {
		return nil // no option is set that could be wrong
	}
	inflate(z)
	return bytes.Repeat(part.Bytes(), bombParts)
}

// inflate writes a part of spaces to an encoder that writes into memory.
func inflate(z io.WriteCloser) {
	spaces := bytes.Repeat([]byte{' '}, megabyte)
	for range bombPart / megabyte {
		_, _ = z.Write(spaces)
	}
	_ = z.Close()
}

// entityBomb is the billion laughs, as the sitemap and the feed that a home page names.
func entityBomb(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/" {
		page(func(w io.Writer) {
			_, _ = io.WriteString(w, `<link rel=alternate type="application/rss+xml" href="/feed.xml"><a href="/feed.xml">feed</a>`)
		})(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/rss+xml")
	var b strings.Builder
	b.WriteString(`<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY l0 "ha">`)
	for i := range 12 {
		fmt.Fprintf(&b, `<!ENTITY l%d "%s">`, i+1, strings.Repeat(fmt.Sprintf("&l%d;", i), 10))
	}
	b.WriteString(`]><rss version="2.0"><channel><title>&l12;</title><item><title>&l12;</title><link>http://entity-bomb.example/1</link></item></channel></rss>`)
	_, _ = io.WriteString(w, b.String())
}

// Floods.

// heavyPages is a home page that links n large pages.
func heavyPages(site string, n int, body func() []byte) http.HandlerFunc {
	home := page(func(w io.Writer) { _, _ = io.WriteString(w, storyLinks(site, n)) })
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			home(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(body())
	}
}

var (
	heavyBody = sync.OnceValue(func() []byte { return largeBody(heavy) })
	bulkyBody = sync.OnceValue(func() []byte { return largeBody(bulky) })
)

// largeBody is a long row of small elements. It is small on the wire, as the cap on what comes over it is lower than that on
// the page.
func largeBody(size int) []byte {
	const row = "<p>a <b>b</b> c</p>"
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	for range size / megabyte {
		_, _ = z.Write(bytes.Repeat([]byte(row), megabyte/len(row))) // into memory
	}
	_ = z.Close()
	return b.Bytes()
}

// feedOf is a home page whose feed holds half a million parts, all alike.
func feedOf(contentType, first, part, last string) http.HandlerFunc {
	home := page(func(w io.Writer) {
		fmt.Fprintf(w, `<link rel=alternate type=%q href="/feed.xml"><a href="/feed.xml">feed</a>`, contentType)
	})
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			home(w, r)
			return
		}
		w.Header().Set("Content-Type", contentType)
		_, _ = io.WriteString(w, first)
		fill(w, 500_000, func(int) string { return part })
		_, _ = io.WriteString(w, last)
	}
}

func feeds(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/" {
		page(func(w io.Writer) {
			fill(w, 500, func(i int) string {
				return fmt.Sprintf(`<link rel=alternate type="application/rss+xml" href="/feed/%d">`, i)
			})
		})(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/rss+xml")
	_, _ = io.WriteString(w, `<rss version="2.0"><channel><title>none</title></channel></rss>`)
}

// Mazes.

func oddRedirects(w http.ResponseWriter, r *http.Request) {
	targets := []string{"javascript:alert(1)", "file:///etc/passwd", "http://[::1", "//", "http://169.254.169.254/latest/", "http://user:secret@redirect-odd.example/x",
		"\x01\x02", "ftp://redirect-odd.example/", "data:text/html,x", "?" + strings.Repeat("a", 20_000)}
	n, err := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/news/2026/odd-target-number-"))
	if err != nil || n < 0 || n >= len(targets) {
		page(func(w io.Writer) {
			fill(w, len(targets), func(i int) string {
				return fmt.Sprintf(`<h3><a href="/news/2026/odd-target-number-%d">Where the road leads on day %d nobody knows</a></h3>`, i, i)
			})
		})(w, r)
		return
	}
	w.Header()["Location"] = []string{targets[n]}
	w.WriteHeader(http.StatusFound)
}

func cookies(w http.ResponseWriter, r *http.Request) {
	hop, _ := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/"))
	for i := range 2000 {
		w.Header().Add("Set-Cookie", fmt.Sprintf("c%d-%d=%s; Path=/", hop, i, strings.Repeat("v", 60)))
	}
	http.Redirect(w, r, "/"+strconv.Itoa(hop+1), http.StatusFound)
}

// calendar links the day before and the day after, for ever.
func calendar(w http.ResponseWriter, r *http.Request) {
	day, err := time.Parse(time.DateOnly, r.URL.Query().Get("day"))
	if err != nil {
		day = time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	}
	page(func(w io.Writer) {
		if r.URL.Path == "/" && r.URL.RawQuery == "" {
			_, _ = io.WriteString(w, homeLinks("calendar"))
		}
		for _, d := range []int{-1, 1, 30, 365} {
			at := day.AddDate(0, 0, d).Format(time.DateOnly)
			fmt.Fprintf(w, `<p><a href="/events/?day=%s">Events of %s, all of the day in the town and around it</a>`, at, at)
		}
	})(w, r)
}

// sessions gives every visit an id of its own in each address.
func sessions(w http.ResponseWriter, r *http.Request) {
	id := strconv.FormatInt(int64(len(r.URL.String())*7919)%1_000_003, 36) + strconv.Itoa(len(r.URL.Path))
	page(func(w io.Writer) {
		if r.URL.Path == "/" {
			_, _ = io.WriteString(w, homeLinks("sessions"))
		}
		for i := range 5 {
			fmt.Fprintf(w, `<p><a href="/s(%s%d)%s">The same list of the town's news once more, number %d</a>`, id, i, strings.Repeat("/x", i), i)
		}
	})(w, r)
}

// softNotFound answers every address with the same page and status 200.
func softNotFound(w http.ResponseWriter, r *http.Request) {
	page(func(w io.Writer) {
		if r.URL.Path == "/" {
			_, _ = io.WriteString(w, homeLinks("soft-404"))
		} else {
			_, _ = io.WriteString(w, "<h1>Page not found</h1><p>What you look for is not here, or not here any more.")
		}
		for i := range 10 {
			fmt.Fprintf(w, `<p><a href="/missing/2026/page-that-never-was-%d">A headline of a page that never was, number %d</a>`, i, i)
		}
	})(w, r)
}

// growing links addresses below the one that is asked for.
func growing(w http.ResponseWriter, r *http.Request) {
	page(func(w io.Writer) {
		if r.URL.Path == "/" {
			_, _ = io.WriteString(w, homeLinks("growing"))
		}
		for i := range 3 {
			fmt.Fprintf(w, `<p><a href="%s/news%d/">News of the town and the villages around it, %d</a>`, strings.TrimSuffix(r.URL.Path, "/"), i, i)
		}
	})(w, r)
}

// Sitemaps.

func sitemapLine(site string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		fmt.Fprintf(w, "User-agent: *\nAllow: /\nSitemap: http://%s.example/sitemap.xml\n", site)
	}
}

func xmlPage(w http.ResponseWriter, root string, n int, entry func(int) string) {
	w.Header().Set("Content-Type", "application/xml")
	_, _ = io.WriteString(w, `<?xml version="1.0"?><`+root+` xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">`)
	fill(w, n, entry)
	_, _ = io.WriteString(w, "</"+root+">")
}

func mapItself(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/" {
		plainHome("map-itself")(w, r)
		return
	}
	xmlPage(w, "sitemapindex", 2, func(i int) string {
		return []string{"<sitemap><loc>http://map-itself.example/sitemap.xml</loc></sitemap>", "<sitemap><loc>http://map-itself.example" + r.URL.Path + "x</loc></sitemap>"}[i]
	})
}

// mapHuge is an index of a hundred sitemaps of 50,000 pages.
func mapHuge(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.URL.Path == "/":
		plainHome("map-huge")(w, r)
	case r.URL.Path == "/sitemap.xml":
		xmlPage(w, "sitemapindex", 100, func(i int) string {
			return fmt.Sprintf("<sitemap><loc>http://map-huge.example/sitemap-%d.xml</loc></sitemap>", i)
		})
	case strings.HasPrefix(r.URL.Path, "/sitemap-"):
		n := strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, "/sitemap-"), ".xml")
		xmlPage(w, "urlset", 50_000, func(i int) string {
			return fmt.Sprintf("<url><loc>http://map-huge.example/archive/%s/story-of-the-old-town-%d</loc></url>", n, i)
		})
	default:
		http.NotFound(w, r)
	}
}

// mapInventing lists other pages at every visit, each of which exists and links more.
func mapInventing() http.HandlerFunc {
	var visits atomic.Int64
	return func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/":
			plainHome("map-inventing")(w, r)
		case strings.HasPrefix(r.URL.Path, "/sitemap"):
			visit := visits.Add(1)
			xmlPage(w, "urlset", 5000, func(i int) string {
				return fmt.Sprintf("<url><loc>http://map-inventing.example/made-up/story-of-no-town-%d-%d</loc></url>", visit, i)
			})
		default:
			page(func(w io.Writer) {
				_, _ = io.WriteString(w, "<p>There is a page here, as there is at every address.")
				for i := range 3 {
					fmt.Fprintf(w, `<h3><a href="%s-%d">Another story of no town that was made up now, %d</a></h3>`, r.URL.Path, i, i)
				}
			})(w, r)
		}
	}
}
