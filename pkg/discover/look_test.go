package discover

import (
	"testing"

	"github.com/khabar-crawler/khabar/pkg/site"
)

func TestLook(t *testing.T) {
	for url, want := range map[string]Kind{
		"https://news.example/2026/11/25/council-plans-a-bridge":                        KindArticle,
		"https://news.example/news/10203":                                               KindArticle,
		"https://news.example/%D8%A7%D9%84%D8%B9%D8%B1%D8%A7%D9%82/123456-%D8%AE%D8%A8": KindArticle,
		"https://news.example/world/":                                                   KindListing,
		"https://news.example/sorani/":                                                  KindListing,
		"https://news.example/2026/11/25/":                                              KindListing,
		"https://news.example/category/local-politics-and-society":                      KindListing,
		"https://news.example/video":                                                    KindListing,
		"https://news.example/about-us":                                                 KindListing,
		"https://news.example/politics/feed.xml":                                        KindFeed,
		"https://news.example/world/feed/":                                              KindFeed,
		"https://news.example/news-sitemap.xml":                                         KindSitemap,
		"https://news.example/sitemap_index.xml.gz":                                     KindSitemap,
		"https://news.example/2026/11/25/a-new-sitemap-for-the-old-town":                KindArticle,
	} {
		if got := Look(url, nil); got != want {
			t.Errorf("%s looks like %s, want %s", url, got, want)
		}
	}
	s, err := site.FromHome("https://news.example/2026/11/25/council-plans-a-bridge")
	if err != nil {
		t.Fatal(err)
	}
	if got := Look(s.Home, s); got != KindListing {
		t.Errorf("the site's home page looks like %s", got)
	}
}
