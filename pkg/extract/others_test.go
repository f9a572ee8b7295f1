package extract

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// story is an article as a template prints it.
type story struct {
	title, author, date string
	text                []string
}

var (
	ownStory = story{"Council votes to rebuild the old bridge", "Ada Lund", "6 August 2025", []string{
		"The council voted late on Tuesday to rebuild the old bridge over the river, ending a dispute that had divided the town.",
		"Engineers said that the eastern arch had moved by four centimetres since the flood, and that traffic should stay off it.",
		"Traders in the lower quarter welcomed the vote but asked why it had taken so long and who would pay for the road around it."}}
	nextStory = story{"Drought brings an early harvest to the hills", "Tom Reed", "5 August 2025", []string{
		"Farmers in the hill villages began the harvest two weeks early after a dry spring that left the reservoirs half empty.",
		"The ministry expects the yield to fall by a fifth, although prices have not yet risen in the markets of the capital.",
		"Several cooperatives have bought pumps with money from a relief fund, and plan to share the water between the fields.",
		"Meteorologists see little hope of rain before the middle of next month, and the wells are lower than at any time.",
		"Older people compare the season with the drought of their childhood, when cattle were driven across the passes."}}
	lastStory = story{"Orchestra returns to the repaired hall", "Ivy Cole", "4 August 2025", []string{
		"The orchestra returned to its hall on Monday, eleven years after a fire had destroyed the roof of the building."}}
)

// print puts a story into an element of a tag, with a heading of another; "" puts it right where it is.
func (s story) print(tag, heading string) string {
	text := "<p>" + strings.Join(s.text, "</p>\n<p>") + "</p>"
	head, _, _ := strings.Cut(heading, " ")
	out := fmt.Sprintf("<%s>%s</%s>\n<div class=\"byline\">By %s</div>\n<div class=\"date\">%s</div>\n", heading, s.title, head, s.author, s.date)
	if tag == "" {
		return out + text
	}
	name, _, _ := strings.Cut(tag, " ")
	return fmt.Sprintf("<%s>%s<div class=\"in\">%s</div></%s>\n", tag, out, text, name)
}

// TestUnsignedArticles prints an article before another, neither with author or date.
func TestUnsignedArticles(t *testing.T) {
	text := func(lines []string) string { return "<p>" + strings.Join(lines, "</p>\n<p>") + "</p>" }
	for name, form := range map[string]string{
		"articles":    "<article><h1>%s</h1>%s</article><article><h1>%s</h1>%s</article>",
		"named boxes": `<div class="post"><h1>%s</h1>%s</div><div class="post"><h1>%s</h1>%s</div>`,
		"linked":      `<div class="post"><h1>%s</h1>%s</div><div class="post"><h1><a href="/news/2">%s</a></h1>%s</div>`,
	} {
		for n := 1; n <= len(ownStory.text); n++ {
			if name != "articles" && n == 1 {
				continue // a sentence in a box may be a deck
			}
			body := fmt.Sprintf(form, ownStory.title, text(ownStory.text[:n]), nextStory.title, text(nextStory.text))
			html := "<html><head><title>" + ownStory.title + "</title></head><body><main>" + body + "</main></body></html>"
			r := Extract(Page{URL: "https://site.example/news/1", Body: []byte(html)}, Options{Now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)})
			if want := strings.Join(ownStory.text[:n], "\n\n"); r.Article.Text != want {
				t.Errorf("%s, %d paragraphs: %q", name, n, r.Article.Text)
			}
		}
	}
}

// TestOtherArticles prints an article among others in many shapes: its text is all that may come out.
func TestOtherArticles(t *testing.T) {
	around := map[string]string{"main": "<main>%s</main>", "div": `<div class="page"><div class="col">%s</div></div>`, "body": "%s"}
	orders := map[string]func(p func(story) string) string{
		"next": func(p func(story) string) string { return p(ownStory) + p(nextStory) },
		"two next": func(p func(story) string) string {
			return p(ownStory) + p(lastStory) + p(nextStory)
		},
		"before": func(p func(story) string) string { return p(nextStory) + p(ownStory) },
		"between": func(p func(story) string) string {
			return p(lastStory) + p(ownStory) + p(nextStory)
		},
		"next, box": func(p func(story) string) string {
			return p(ownStory) + `<div id="box">` + p(nextStory) + p(lastStory) + "</div>"
		},
	}
	want := strings.Join(ownStory.text, "\n\n")
	for in, page := range around {
		for order, put := range orders {
			for _, tag := range []string{"article", "section", "div", `div class="story"`, ""} {
				for _, heading := range []string{"h1", `h1 class="head"`, `h2 class="head"`} {
					for _, title := range []string{"<title>" + ownStory.title + " - Quay Post</title>", `<title>Quay Post</title><meta property="og:title" content="` + ownStory.title + `">`} {
						t.Run(strings.Join([]string{in, order, tag, heading, title[:12]}, "/"), func(t *testing.T) {
							html := "<html><head>" + title + "</head><body>" + fmt.Sprintf(page, put(func(s story) string { return s.print(tag, heading) })) + "</body></html>"
							r := Extract(Page{URL: "https://site.example/news/1", Body: []byte(html)}, Options{Now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)})
							if r.Article.Text != want {
								t.Errorf("%q", r.Article.Text)
							}
							if r.Article.Title != ownStory.title {
								t.Errorf("title %q", r.Article.Title)
							}
							if day := r.Article.PublishedAt; day == nil || day.Format(time.DateOnly) != "2025-08-06" {
								t.Errorf("published %v", day)
							}
						})
					}
				}
			}
		}
	}
}
