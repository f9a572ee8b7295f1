package extract

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/khabar-crawler/khabar/pkg/article"
)

// TestComplete: what a feed says fills gaps, and nothing else.
func TestComplete(t *testing.T) {
	at := time.Date(2026, 11, 26, 5, 0, 0, 0, time.UTC)
	told := &article.Told{By: "sitemap", Title: "From the sitemap", PublishedAt: &at, Day: true, Category: "World", Keywords: []string{"oil", "gas"}, Access: "Subscription", Language: "en"}
	page := func(head string) article.Article {
		body := "<html lang=en><head><title>The council of the town met</title>" + head + "</head><body><article><h1>The council of the town met</h1>" +
			strings.Repeat("<p>The council of the town met on Monday and said that it would begin the repair of the old bridge at once.</p>", 6) + "</article></body></html>"
		return Extract(Page{URL: "http://n.example/2026/a-story-of-the-town", Body: []byte(body), ContentType: "text/html"}, Options{Now: at.AddDate(0, 0, 1)}).Article
	}
	bare, dated := page(""), page(`<meta property="article:published_time" content="2026-11-25T08:00:00Z"><meta property="article:section" content="Town"><meta name="keywords" content="bridge, council">`)
	before := bare
	Complete(&bare, nil)
	Complete(&bare, &article.Told{By: "feed"})
	if len(bare.Tags) != 0 || bare.PublishedAt != nil || !slices.Contains(bare.Quality.Flags, FlagNoDate) {
		t.Fatalf("nothing was told, and it became %+v", bare)
	}
	Complete(&bare, told)
	if bare.PublishedAt == nil || !bare.PublishedAt.Equal(at) || bare.Published.Source != "sitemap" || bare.Published.Precision != article.PrecisionDay ||
		bare.Category != "World" || !slices.Equal(bare.Tags, told.Keywords) || bare.Title != before.Title || bare.ContentHash != before.ContentHash {
		t.Errorf("%+v", bare)
	}
	if slices.Contains(bare.Quality.Flags, FlagNoDate) || !slices.Contains(bare.Quality.Flags, FlagPaywalled) || bare.Quality.Score <= before.Quality.Score {
		t.Errorf("quality %+v, before %+v", bare.Quality, before.Quality)
	}
	again := bare
	if Complete(&again, told); again.Quality.Score != bare.Quality.Score || !slices.Equal(again.Quality.Flags, bare.Quality.Flags) {
		t.Errorf("twice: %+v", again.Quality)
	}
	Complete(&dated, told)
	if dated.PublishedAt.Equal(at) || dated.Category == "World" || slices.Contains(dated.Tags, "oil") {
		t.Errorf("the page's own word does not count first: %+v", dated)
	}
	untitled := article.Article{Text: "x", Quality: article.Quality{Score: 0.7, Flags: []string{FlagNoTitle, FlagShort}}}
	Complete(&untitled, &article.Told{By: "feed", Title: "A title"})
	if untitled.Title != "A title" || untitled.ContentHash != article.HashContent("A title", "", "x") || !slices.Equal(untitled.Quality.Flags, []string{FlagShort}) || untitled.Quality.Score != 1 {
		t.Errorf("%+v", untitled)
	}
}
