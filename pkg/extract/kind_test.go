package extract

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/outcome"
)

// TestSigns holds kinds.yaml to what reads it, and tells what is wrong with a file that is not.
func TestSigns(t *testing.T) {
	s, err := readSigns("kinds.yaml", kindsYAML)
	if err != nil {
		t.Fatal(err)
	}
	for name := range s.types {
		if rank := articleRank(name); rank >= leastTold && s.types[name] != article.KindDocumentation {
			t.Errorf("%s is an article's type too", name)
		}
	}
	_, err = readSigns("k.yaml", []byte("kinds:\n  - kind: shop\n    address: [Shop, shop]\n  - kind: listing\n    address: [shop]\n    colour: [red]\n"))
	if err == nil {
		t.Fatal("a file that is wrong four times is taken")
	}
	for _, want := range []string{"k.yaml:2:11: kinds[0].kind", "k.yaml:3:15: kinds[0].address[0]", "k.yaml:5:15: kinds[1].address[0]", "k.yaml:6:"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nlacks %s", err, want)
		}
	}
}

// TestKindWeighs turns the scales of one page with one thing at a time.
func TestKindWeighs(t *testing.T) {
	long := "<p>Whoever wants to stay longer than a night should write to the office beforehand, since the berths at the inner quay are few and small in number this year, and those at the outer one are let to the fishing boats until the herring has gone.</p>"
	offers := func(n int) string {
		var sb strings.Builder
		for i := range n {
			fmt.Fprintf(&sb, `<div class="good"><img src="/%d.jpg"><h3><a href="/g/%d">Lamp %d</a></h3><span>$ %d.50</span></div>`, i, i, i, 10+i)
		}
		return sb.String()
	}
	post := func(head, body, text string) string {
		return `<html lang="en"><head><title>The quay - The Harbour Ledger</title>` + head + `</head><body` + body + `><main><h1>The quay</h1><div class="content">` + text + `</div></main></body></html>`
	}
	product := `<script type="application/ld+json">{"@type":"Product","name":"The quay"}</script>`
	signed := `<p class="byline">By Mara Lindqvist</p><p class="date">4 March 2026</p>`
	for _, c := range []struct {
		name, url, page string
		kind            article.Kind
		reason          outcome.Reason
	}{
		{"nothing", "https://site.example/quay", post("", "", long), "", ""},
		{"an address", "https://site.example/services/quay", post("", "", long), article.KindService, outcome.ReasonService},
		{"an address of two words", "https://site.example/boat-services", post("", "", long), article.KindService, outcome.ReasonService},
		{"an address of two words that are no service", "https://site.example/boat-harbour", post("", "", long), "", ""},
		{"an address with a headline", "https://site.example/services/the-quay-is-full-again", post("", "", long), "", ""},
		{"an address with a number", "https://site.example/tag/quay-20261", post("", "", long), "", ""},
		{"an address and its author", "https://site.example/services/quay", post("", "", signed+long), article.KindArticle, ""},
		{"an address, and og:type", "https://site.example/services/quay", post(`<meta property="og:type" content="article">`, "", long), "", ""},
		{"an address, and an article's template", "https://site.example/services/quay", post("", ` class="single single-post"`, long), article.KindArticle, ""},
		{"a type", "https://site.example/quay", post(product, "", long), article.KindProduct, outcome.ReasonProduct},
		{"a type, with all that an article has", "https://site.example/blog/the-quay-is-full-again", post(product+`<meta property="og:type" content="article">`, ` class="single-post"`, signed+long), article.KindArticle, ""},
		{"a template", "https://site.example/quay", post("", ` class="tax-product_cat"`, long), article.KindListing, outcome.ReasonList},
		{"a few prices", "https://site.example/quay", post("", "", long+offers(4)), "", ""},
		{"many prices", "https://site.example/quay", post("", "", long+offers(12)), article.KindListing, outcome.ReasonList},
		{"many prices, and an author", "https://site.example/quay", post("", "", signed+long+offers(12)), article.KindArticle, ""},
		{"a discussion", "https://site.example/quay", post(`<script type="application/ld+json">{"@type":"DiscussionForumPosting","headline":"The quay"}</script>`, "", signed+long), article.KindForum, outcome.ReasonForum},
		{"a manual", "https://site.example/docs/quay", post("", "", long), article.KindDocumentation, ""},
		{"a called article", "https://site.example/shop/quay", post(`<script type="application/ld+json">{"@type":"NewsArticle","headline":"The quay"}</script>`, "", long+offers(12)), article.KindArticle, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := Extract(Page{URL: c.url, Body: []byte(c.page)}, Options{})
			if r.Article.Kind != c.kind || r.Reason != c.reason || (r.Outcome == OutcomeArticle) != (c.reason == "") {
				t.Errorf("%s %s, kind %q; want kind %q, %s", r.Outcome, r.Reason, r.Article.Kind, c.kind, c.reason)
			}
			if r.Article.Text == "" {
				t.Error("the text is gone")
			}
		})
	}
}

func TestHasPrice(t *testing.T) {
	for text, want := range map[string]bool{"€ 49.00": true, "49 €": true, "from $9": true, "₺120": true, "١٢٠ ﷼": true, "120": false, "€": false, "the $ fell by 3": false, "": false} {
		if hasPrice(text) != want {
			t.Errorf("%q: %v", text, !want)
		}
	}
}

func TestAddressParts(t *testing.T) {
	for raw, want := range map[string][]string{
		"https://site.example/Shop/lamp.html?x=1": {"shop", "lamp"}, "https://site.example": nil, "https://site.example/%d9%83%d8%aa%d8%a8/1": {"كتب", "1"},
		"https://site.example//a//v1.2-beta": {"a", "v1.2-beta"}, "://": nil,
	} {
		if got := addressParts(raw); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", raw, got, want)
		}
	}
}
