package discover

import (
	"testing"

	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/weburl"
	"github.com/khabar-crawler/khabar/pkg/yield"
)

type reading func(string, []byte, string, *site.Site) (Result, error)

// fuzz checks what holds for every document: no panic, links that are canonical, of the site and different, no more of
// them than allowed.
func fuzz(f *testing.F, read reading, seeds ...string) {
	for _, s := range seeds {
		f.Add([]byte(s), "text/html; charset=windows-1256")
	}
	f.Fuzz(func(t *testing.T, body []byte, contentType string) {
		const base = "http://n.example/list/page/2?x=1"
		r, err := read(base, body, contentType, nil)
		if err != nil && len(r.Links) > 0 {
			t.Fatalf("links beside an error: %v", err)
		}
		seen := map[string]bool{}
		for _, l := range r.Links {
			if seen[l.URL] {
				t.Fatalf("%s twice", l.URL)
			}
			seen[l.URL] = true
			if c, err := weburl.Canonical(l.URL); err != nil || c != l.URL {
				t.Fatalf("%q is not canonical: %q, %v", l.URL, c, err)
			}
			if !weburl.SameSite(base, l.URL) && !(l.Vouched && IsFeedService(l.URL)) {
				t.Fatalf("%s is another site's", l.URL)
			}
			if len([]rune(l.Title)) > MaxTitle {
				t.Fatalf("a title of %d bytes", len(l.Title))
			}
		}
		if len(r.Of(KindNext)) > 1 || len(r.Links) > MaxEntries {
			t.Fatalf("%d links", len(r.Links))
		}
	})
}

func FuzzHome(f *testing.F) {
	fuzz(f, unknowing(Home), homePage, "<a href=//n.example:80/%zz>x</a><base href='//['>", "<table><tr><td><a href='?page=3'>٣")
}

func FuzzListing(f *testing.F) {
	fuzz(f, unknowing(Listing), homePage, "<a href=/list/page/3>3", "<nav class='Pagination'><a rel=next href='x'>", "<script><a href=1></script><a href=2 title=x>")
}

func FuzzFeed(f *testing.F) {
	fuzz(f, Feed, "<rss><channel><ttl>9</ttl><item><link>http://n.example/1</link><guid>a</guid></item></channel></rss>",
		"<feed><entry><link href='/x'/><title>&lt;b&gt;</title></entry>", `{"version":"https://jsonfeed.org/version/1","items":[{"url":"http://n.example/1"}]}`,
		"<rss><item><link><![CDATA[http://n.example/1]]><item ><guid>http://n.example/2",
		`<a:feed xmlns:a="http://www.w3.org/2005/Atom" xml:base="/x/"><a:entry xml:base="y"><a:link rel="self" href="z?u=http%3A%2F%2Fn.example%2F3"/></a:entry>`,
		`{"items":[{"id":"http://n.example/1","tags":["a",1]},{"url":x},{"url":"http:\/\/n.example\/2"}],"version":"https:\/\/jsonfeed.org\/version\/1.1"}`,
		"<b>Warning</b><?xml version='1.0' encoding='windows-1256'?><rdf:RDF><item rdf:about='http://n.example/1'><link/>http://n.example/2 \xff</item></rdf:RDF>")
}

func FuzzSitemap(f *testing.F) {
	fuzz(f, Sitemap, "<urlset><url><loc>http://n.example/1/2/3</loc><image:loc>x</image:loc></url></urlset>",
		"<sitemapindex><sitemap><loc>http://n.example/s.xml</loc><lastmod>2026-10-01</lastmod></sitemap>", "http://n.example/a\nhttp://n.example/b", "\x1f\x8b\x08",
		"<!doctype urlset [<!entity a 'b'>]><URLSET><url><loc>http://n.example/http://n.example/1&#55356;&#57118;&#1;<lastmod>2026-10</loc><sitemap><loc>/s.xml",
		"<\x00u\x00r\x00l\x00s\x00e\x00t\x00>\x00")
}

// unknowing reads pages of a site of which nothing is known.
func unknowing(read func(string, []byte, string, *site.Site, *yield.Past) (Result, error)) reading {
	return func(base string, body []byte, contentType string, s *site.Site) (Result, error) {
		return read(base, body, contentType, s, nil)
	}
}
