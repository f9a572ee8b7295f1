package weburl

import (
	"testing"

	"pgregory.net/rapid"
)

func TestNeutral(t *testing.T) {
	const plain = "https://news.example/2026/11/story-of-the-day"
	for _, same := range []string{
		"http://news.example/2026/11/story-of-the-day",
		"https://www.news.example/2026/11/story-of-the-day/",
		"https://m.news.example/2026/11/story-of-the-day",
		"https://amp.news.example/2026/11/story-of-the-day",
		"https://www.m.news.example/2026/11/story-of-the-day",
		"https://news.example/2026/11/story-of-the-day/amp",
		"https://news.example/2026/11/story-of-the-day/amp/",
		"https://news.example/amp/2026/11/story-of-the-day",
		"https://news.example/m/2026/11/story-of-the-day",
		"https://news.example/2026/11/story-of-the-day.amp",
		"https://news.example/2026/11/story-of-the-day/print/",
		"https://news.example/print/2026/11/story-of-the-day",
		"https://news.example/2026/11/story-of-the-day/index.html",
		"https://news.example/2026/11/story-of-the-day/INDEX.PHP",
		"https://news.example/2026/11/story-of-the-day?amp",
		"https://news.example/2026/11/story-of-the-day?amp=1&print=1",
		"https://news.example/2026/11/story-of-the-day?outputType=amp",
		"https://news.example/2026/11/story-of-the-day?view=print&tmpl=component",
		"https://news.example/2026/11/story-of-the-day?m=1",
	} {
		if Neutral(same) != Neutral(plain) {
			t.Errorf("%s is %s, not %s", same, Neutral(same), Neutral(plain))
		}
	}
	for _, other := range []string{
		"https://news.example/2026/11/",
		"https://news.example/2026/11/story-of-the-day-2",
		"https://news.example/2026/11/story-of-the-day?page=2",
		"https://news.example/2026/11/story-of-the-day?m=202611",
		"https://news.example/2026/11/story-of-the-day?view=gallery",
		"https://news.example/2026/11/story-of-the-day.html",
		"https://news.example:8080/2026/11/story-of-the-day",
		"https://sport.news.example/2026/11/story-of-the-day",
		"https://amp.example/2026/11/story-of-the-day",
	} {
		if Neutral(other) == Neutral(plain) {
			t.Errorf("%s is taken for %s", other, plain)
		}
	}
	for canonical, want := range map[string]string{
		"https://news.example/":                        "news.example/",
		"https://www.news.example/index.php":           "news.example/",
		"https://news.example/amp":                     "news.example/amp", // nothing else names the page
		"https://news.example/print/":                  "news.example/print",
		"https://m.example/":                           "m.example/",
		"https://www.co.uk/":                           "www.co.uk/",
		"http://127.0.0.1:80/a":                        "127.0.0.1:80/a",
		"https://news.example/a.amp.html":              "news.example/a.html",
		"https://news.example/article.php?b=2&a=1&amp": "news.example/article.php?a=1&b=2",
		"https://news.example/%D8%AE/":                 "news.example/%D8%AE",
	} {
		if got := Neutral(canonical); got != want {
			t.Errorf("Neutral(%s) = %s, want %s", canonical, got, want)
		}
	}
}

// TestNeutralIsOne: what chooses the form of a page changes nothing, in whatever order it is put on.
func TestNeutralIsOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		path := rapid.StringMatching(`(/[a-z0-9%-]{1,8}){1,4}`).Draw(t, "path")
		plain, err := Canonical("https://news.example" + path)
		if err != nil {
			t.Skip()
		}
		scheme := rapid.SampledFrom([]string{"http", "https"}).Draw(t, "scheme")
		host := rapid.SampledFrom([]string{"", "www.", "m.", "www.amp."}).Draw(t, "host")
		end := rapid.SampledFrom([]string{"", "/", "/index.html"}).Draw(t, "end")
		query := rapid.SampledFrom([]string{"", "?amp=1", "?utm_source=x&print"}).Draw(t, "query")
		formed, err := Canonical(scheme + "://" + host + "news.example" + path + end + query)
		if err != nil {
			t.Skip()
		}
		if Neutral(formed) != Neutral(plain) {
			t.Errorf("%s is %s; %s is %s", formed, Neutral(formed), plain, Neutral(plain))
		}
	})
}
