package discover

import (
	"bytes"
	"encoding/json"
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

// posts reads a list of posts.
func (c *collector) posts(text []byte) {
	items, whole := parsePosts(text)
	c.result.Broken, c.result.Entries = c.result.Broken || !whole, len(items)
	for _, i := range items {
		i.page[0].base = c.base
		if !c.addItem(&i, i.page, "") {
			return
		}
	}
}

func utc(t string) string {
	if t == "" {
		return ""
	}
	return t + "Z"
}
