package discover

import (
	"bytes"
	"cmp"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"

	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// post is an article as WordPress's REST API lists it, as far as discovery goes. Times are in UTC, without saying so.
type post struct {
	Link     string `json:"link"`
	Date     string `json:"date_gmt"`
	Modified string `json:"modified_gmt"`
	Title    struct {
		Rendered string `json:"rendered"`
	} `json:"title"`
}

// isPosts tells a list of posts by the beginning of its bytes: an array of objects with the names that WordPress gives.
func isPosts(head []byte) bool {
	return head[0] == '[' && bytes.Contains(head, []byte(`"date_gmt":`)) && bytes.Contains(head, []byte(`"rendered":`))
}

// parsePosts reads a list of posts one by one; false where it breaks off or is malformed.
func parsePosts(text []byte) (items []item, whole bool) {
	d := json.NewDecoder(bytes.NewReader(text))
	if _, err := d.Token(); err != nil {
		return nil, false
	}
	for d.More() && len(items) < MaxEntries {
		var p post
		if err := d.Decode(&p); err != nil {
			return items, false
		}
		items = append(items, item{
			page: []reference{{text: intended(p.Link)}}, title: plain(p.Title.Rendered), published: utc(p.Date), modified: utc(p.Modified),
		})
	}
	return items, true
}

// posts reads a list of posts, and finds its next page where this one is full.
func (c *collector) posts(text []byte) {
	items, whole := parsePosts(text)
	c.result.Broken, c.result.Entries = c.result.Broken || !whole, len(items)
	for _, i := range items {
		i.page[0].base = c.base
		if !c.addItem(&i, i.page, "") {
			return
		}
	}
	if next, ok := nextPosts(c.page, len(items)); ok && whole {
		c.add(Link{URL: next, Kind: KindNext}, MaxEntries+1)
	}
}

// usualPosts is how many posts a page of WordPress's REST API has where the address does not say.
const usualPosts = 10

// nextPosts is the address of the page after one of WordPress's REST API that has so many posts; false where it is not full.
func nextPosts(page string, posts int) (string, bool) {
	u, err := url.Parse(page)
	if err != nil {
		return "", false
	}
	q := u.Query()
	per := cmp.Or(number(q, "per_page"), usualPosts)
	if posts < per {
		return "", false
	}
	return withNumber(page, "page", max(1, number(q, "page"))+1)
}

// PageOf is the number of the page that an address asks a list for, counted from 1.
func PageOf(address string) int {
	u, err := url.Parse(address)
	if err != nil {
		return 1
	}
	return max(1, number(u.Query(), "page"))
}

// withNumber is an address with another number for a parameter of its query, put last.
func withNumber(address, name string, n int) (string, bool) {
	path, query, _ := strings.Cut(address, "?")
	var parts []string
	for part := range strings.SplitSeq(query, "&") {
		if part != "" && part != name && !strings.HasPrefix(part, name+"=") {
			parts = append(parts, part)
		}
	}
	next, err := weburl.Canonical(path + "?" + strings.Join(append(parts, name+"="+strconv.Itoa(n)), "&"))
	return next, err == nil
}

func utc(t string) string {
	if t == "" {
		return ""
	}
	return t + "Z"
}
