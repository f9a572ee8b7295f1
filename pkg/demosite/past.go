package demosite

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// The ways to a site's past where Config.Past is set: WordPress's archives of months and its REST API, on the sites that have
// WordPress's addresses; on all of them the further pages of sections.

// isWordPress is true for the sites with WordPress's addresses.
func (s *news) isWordPress() bool { return strings.HasPrefix(s.spec.section("a", 1), "/category/") }

var monthPath = regexp.MustCompile(`^/([0-9]{4})/([0-9]{2})/(?:page/([0-9]+)/)?$`)

// before answers what leads to a site's past; false for all else.
func (s *news) before(path, query string, size int) (reply, bool) {
	if !s.past || !s.isWordPress() {
		return reply{}, false
	}
	if path == "/wp-json/wp/v2/posts" {
		return s.posts(query), true
	}
	m := monthPath.FindStringSubmatch(path)
	if m == nil {
		return reply{}, false
	}
	n := 1
	if m[3] != "" {
		n, _ = strconv.Atoi(m[3])
	}
	var stories []*story
	for _, st := range s.stories {
		if st.local.Format("2006/01") == m[1]+"/"+m[2] {
			stories = append(stories, st)
		}
	}
	if len(stories) == 0 || n < 1 || (n-1)*size >= len(stories) {
		return s.notFound(404), true
	}
	p := &page{s: s}
	p.head(m[1]+"/"+m[2], path, nil)
	p.top()
	p.put("<main><h1>%s/%s</h1>\n", m[1], m[2])
	for _, st := range stories[(n-1)*size : min(n*size, len(stories))] {
		p.card(st)
	}
	p.put("</main>\n")
	if n*size < len(stories) {
		p.put("<div class=\"pagination\"><a class=\"next\" href=\"/%s/%s/page/%d/\">%s</a></div>\n", m[1], m[2], n+1, p.label("next"))
	}
	p.bottom()
	return htmlReply(p.Bytes()), true
}

// mostPosts is what WordPress gives at once.
const mostPosts = 100

// posts answers as WordPress's REST API does, the newest first.
func (s *news) posts(query string) reply {
	q, err := url.ParseQuery(query)
	number := func(name string, def int) int {
		if n, err := strconv.Atoi(q.Get(name)); err == nil {
			return n
		}
		return def
	}
	per, page := number("per_page", 10), number("page", 1)
	if err != nil || per < 1 || per > mostPosts || page < 1 {
		return posts(400, map[string]string{"code": "rest_invalid_param"}, 0)
	}
	type rendered struct {
		Rendered string `json:"rendered"`
	}
	type post struct {
		Date     string   `json:"date_gmt"`
		Modified string   `json:"modified_gmt"`
		Link     string   `json:"link"`
		Title    rendered `json:"title"`
	}
	const gmt = "2006-01-02T15:04:05"
	all := []post{}
	for _, st := range s.stories {
		if after, err := time.Parse(time.RFC3339, q.Get("after")); err == nil && !st.local.After(after) {
			continue
		}
		if before, err := time.Parse(time.RFC3339, q.Get("before")); err == nil && !st.local.Before(before) {
			continue
		}
		all = append(all, post{
			Date: st.local.UTC().Format(gmt), Modified: laterOf(st.local, st.modified).UTC().Format(gmt), Link: st.truth.URL, Title: rendered{st.truth.Title},
		})
	}
	pages := (len(all) + per - 1) / per
	if page > max(pages, 1) {
		return posts(400, map[string]string{"code": "rest_post_invalid_page_number"}, 0)
	}
	return posts(200, all[(page-1)*per:min(page*per, len(all))], pages)
}

func posts(status int, v any, pages int) reply {
	body, err := json.Marshal(v)
	if err != nil {
		return reply{status: 500, contentType: "text/plain", body: fmt.Append(nil, err)} // texts and times, which always go into JSON
	}
	return reply{status: status, contentType: "application/json; charset=utf-8", body: body, pages: pages}
}
