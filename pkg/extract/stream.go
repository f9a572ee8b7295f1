package extract

import (
	"bytes"
	"github.com/khabar-crawler/khabar/pkg/page"
	"strconv"
	"strings"
)

// React streams a page's elements in pieces: each script pushes the next piece of one stream, cut anywhere. The stream
// is made of rows, "id:json" to the line's end, or "id:Tlength,text" for long texts.

const (
	// maxStream bounds the joined stream, in bytes; articles' streams stay below 1 MB.
	maxStream = 8 << 20
	// streamPush opens the scripts; pushes of other kinds than 1 carry no rows.
	streamPush = "__next_f.push("
	// maxRowHead is how far a row's id and length reach: both are hexadecimal numbers of up to eight digits.
	maxRowHead = 24
)

// isStreamed says whether a script pushes a piece of the stream.
func isStreamed(raw []byte) bool { return bytes.Contains(raw[:min(len(raw), 64)], []byte(streamPush)) }

// streamedBody joins the pieces and reads the text out of the row that holds most of it.
func streamedBody(d *page.Tree) string {
	var stream strings.Builder
	for _, i := range d.Scripts {
		raw := d.Raw(i)
		if !isStreamed(raw) {
			continue
		}
		j := parseJSON(raw[bytes.Index(raw, []byte(streamPush))+len(streamPush):])
		if j == nil || len(j.vals) < 3 || j.vals[2].kind != jsonString || string(j.src[j.vals[1].v0:j.vals[1].v1]) != "1" {
			continue
		}
		piece := j.unescape(j.vals[2].v0, j.vals[2].v1)
		if stream.Len()+len(piece) > maxStream {
			break
		}
		stream.WriteString(piece)
	}
	best, most := "", 0
	for rest := stream.String(); rest != ""; {
		var row string
		var text bool
		row, text, rest = cutRow(rest)
		t := ""
		switch {
		case text:
			t = plainBody(row)
		case len(row) >= 60 && (row[0] == '{' || row[0] == '['):
			if t = elementsText([]byte(row)); t == "" {
				t = stateBody([]byte(row))
			}
		}
		if n := page.CountWords(t); n > most {
			best, most = t, n
		}
	}
	return best
}

// cutRow takes one row off the stream: what follows its id, and whether that is plain text.
func cutRow(s string) (row string, text bool, rest string) {
	// Only a row's head is searched for a length, so that many rows on one line cost no more than their bytes.
	head := s[:min(len(s), maxRowHead)]
	if id, length, ok := strings.Cut(head, ":T"); ok && !strings.ContainsAny(id, ":\n") {
		if length, _, ok := strings.Cut(length, ","); ok {
			if n, err := strconv.ParseUint(length, 16, 31); err == nil {
				body := s[len(id)+2+len(length)+1:]
				end := min(int(n), len(body))
				return body[:end], true, body[end:]
			}
		}
	}
	line, rest, _ := strings.Cut(s, "\n")
	_, row, _ = strings.Cut(line, ":")
	return row, false, rest
}
