package discover

import (
	"bytes"
	"encoding/json"
	"net/url"
)

// jsonItem is an item of a JSON feed. Values of other types than they should have count as missing.
type jsonItem struct {
	URL      jsonText `json:"url"`
	External jsonText `json:"external_url"`
	ID       jsonText `json:"id"`
	Title    jsonText `json:"title"`
	Created  jsonText `json:"date_published"`
	Modified jsonText `json:"date_modified"`
	Language jsonText `json:"language"`
	Tags     jsonTags `json:"tags"`
}

// jsonText is a text, or a number as text.
type jsonText string

// UnmarshalJSON implements json.Unmarshaler. It never fails.
func (t *jsonText) UnmarshalJSON(data []byte) error {
	var s string
	switch {
	case json.Unmarshal(data, &s) == nil:
		*t = jsonText(s)
	case len(data) > 0 && (data[0] == '-' || '0' <= data[0] && data[0] <= '9'):
		*t = jsonText(data)
	}
	return nil
}

// jsonTags are the texts of a list.
type jsonTags []string

// UnmarshalJSON implements json.Unmarshaler. It never fails.
func (t *jsonTags) UnmarshalJSON(data []byte) error {
	var all []jsonText
	if json.Unmarshal(data, &all) != nil {
		return nil
	}
	for _, tag := range all {
		*t = append(*t, string(tag))
	}
	return nil
}

// jsonFeed reads a JSON feed, each item by itself: what is wrong in one does not reach the next.
func (c *collector) jsonFeed(text []byte) {
	// Control characters are not allowed within strings, and mean nothing outside of them.
	text = bytes.Clone(text)
	for i, c := range text {
		if c < ' ' {
			text[i] = ' '
		}
	}
	home := c.jsonHead(text, "home_page_url")
	items := jsonItems(text)
	for {
		data, ok := items.next()
		if !ok {
			break
		}
		if c.result.Entries++; c.result.Entries > MaxEntries {
			c.drop(TooMany)
			return
		}
		var i jsonItem
		if err := json.Unmarshal(data, &i); err != nil {
			c.result.Bad++
			if c.result.Bad == 1 {
				c.result.Flaw = "an item that is no JSON"
			}
			c.drop(NoLink)
			continue
		}
		var refs []reference
		for _, s := range []jsonText{i.URL, i.ID, i.External} {
			if ref := intended(string(s)); ref != "" && (s == i.URL || isAbsolute(ref)) {
				refs = append(refs, reference{ref, c.base})
			}
		}
		read := item{title: plain(string(i.Title)), published: string(i.Created), modified: string(i.Modified), language: title(string(i.Language))}
		for _, tag := range i.Tags {
			read.tag(tag)
		}
		if !c.addItem(&read, refs, home) {
			return
		}
	}
	c.goesOn(c.jsonHead(text, "next_url"))
	c.result.Broken = c.result.Broken || !items.whole
}

// jsonHead is an address that a feed gives of itself, as of the page that it is of, "" where it does not in its beginning.
func (c *collector) jsonHead(text []byte, name string) string {
	_, rest, ok := bytes.Cut(text[:min(len(text), sniffBytes)], []byte(`"`+name+`"`))
	if !ok {
		return ""
	}
	rest = bytes.TrimLeft(rest, ": ")
	var home string
	if json.NewDecoder(bytes.NewReader(rest)).Decode(&home) != nil {
		return ""
	}
	u, err := url.Parse(home)
	if err != nil {
		return ""
	}
	canonical, _ := c.resolve(u.String())
	return canonical
}

// itemReader takes the list of a feed's items apart.
type itemReader struct {
	text  []byte
	whole bool // the list and the document were ended
}

// jsonItems finds the list: the first that is called items.
func jsonItems(text []byte) *itemReader {
	for {
		_, rest, ok := bytes.Cut(text, []byte(`"items"`))
		if !ok {
			return &itemReader{whole: bytes.HasSuffix(bytes.TrimSpace(text), []byte("}"))}
		}
		if rest, ok := bytes.CutPrefix(bytes.TrimLeft(rest, " "), []byte(":")); ok {
			if rest, ok := bytes.CutPrefix(bytes.TrimLeft(rest, " "), []byte("[")); ok {
				return &itemReader{text: rest}
			}
		}
		text = rest
	}
}

// next gives the next item as written, from its brace to the one that closes it.
func (r *itemReader) next() ([]byte, bool) {
	start, depth, quoted := -1, 0, false
	for i := 0; i < len(r.text); i++ {
		switch c := r.text[i]; {
		case quoted:
			if c == '\\' {
				i++
			} else if c == '"' {
				quoted = false
			}
		case c == '"':
			quoted = true
		case c == '{':
			if depth++; depth == 1 {
				start = i
			}
		case c == '}' && depth > 0:
			if depth--; depth == 0 {
				data := r.text[start : i+1]
				r.text = r.text[i+1:]
				return data, true
			}
		case c == ']' && depth == 0:
			r.whole = bytes.HasSuffix(bytes.TrimSpace(r.text[i:]), []byte("}"))
			r.text = nil
			return nil, false
		}
	}
	r.text = nil
	return nil, false
}
