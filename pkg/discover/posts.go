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
func parsePosts(body []byte) (entries []entry, whole bool) {
	d := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(body, []byte("\ufeff"))))
	if _, err := d.Token(); err != nil {
		return nil, false
	}
	for d.More() && len(entries) < MaxEntries {
		var p post
		if err := d.Decode(&p); err != nil {
			return entries, false
		}
		entries = append(entries, entry{
			links: []string{p.Link}, title: plain(p.Title.Rendered), published: utc(p.Date), modified: utc(p.Modified),
		})
	}
	return entries, true
}

func utc(t string) string {
	if t == "" {
		return ""
	}
	return t + "Z"
}
