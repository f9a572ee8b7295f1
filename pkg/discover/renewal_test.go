package discover

import (
	"testing"
	"time"
)

// TestOfTheFeed reads what feeds say of themselves: where they go on, and how often they are made anew.
func TestOfTheFeed(t *testing.T) {
	const atom, sy = `xmlns:atom="http://www.w3.org/2005/Atom"`, `xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"`
	for _, tc := range []struct {
		name, body, next string
		renewed          time.Duration
	}{
		{"nothing", `<rss version="2.0"><channel><item><link>https://n.example/a-1</link></item></channel></rss>`, "", 0},
		{"rss", `<rss version="2.0" ` + atom + `><channel><ttl>30</ttl><atom:link rel="next" href="/feed?paged=2"/><item><link>https://n.example/a-1</link></item></channel></rss>`,
			"https://n.example/feed?paged=2", 30 * time.Minute},
		{"syndication", `<rss version="2.0" ` + sy + `><channel><sy:updatePeriod> hourly </sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency></channel></rss>`, "", 15 * time.Minute},
		{"both", `<rss version="2.0" ` + sy + `><channel><sy:updatePeriod>daily</sy:updatePeriod><ttl>5</ttl></channel></rss>`, "", 5 * time.Minute},
		{"nonsense", `<rss version="2.0" ` + sy + `><channel><ttl>-5</ttl><sy:updatePeriod>now</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency></channel></rss>`, "", 0},
		{"atom", `<feed xmlns="http://www.w3.org/2005/Atom"><link rel="next" href="https://n.example/feed?before=7"/><entry><link href="https://n.example/a-1"/></entry></feed>`,
			"https://n.example/feed?before=7", 0},
		{"atom, of an entry", `<feed xmlns="http://www.w3.org/2005/Atom"><entry><link rel="next" href="https://n.example/a-2"/><link href="https://n.example/a-1"/></entry></feed>`, "", 0},
		{"atom, itself", `<feed xmlns="http://www.w3.org/2005/Atom"><link rel="next" href="https://n.example/feed"/></feed>`, "", 0},
		{"json", `{"version": "https://jsonfeed.org/version/1.1", "title": "n", "next_url": "https://n.example/feed?page=2", "items": [{"url": "https://n.example/a-1"}]}`,
			"https://n.example/feed?page=2", 0},
	} {
		r, err := Feed("https://n.example/feed", []byte(tc.body), "", nil)
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
			continue
		}
		next := ""
		for _, l := range r.Links {
			if l.Kind == KindNext {
				next = l.URL
			}
		}
		if next != tc.next || r.Renewed != tc.renewed {
			t.Errorf("%s: goes on at %q, renewed after %v", tc.name, next, r.Renewed)
		}
	}
}
