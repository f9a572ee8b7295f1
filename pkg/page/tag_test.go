package page

import (
	"bytes"
	"slices"
	"testing"

	"golang.org/x/net/html"
)

// tags are written in every way that a tag may be, and some that it may not.
var tags = []string{"<a href=/x>", `<A HREF="/x" Class='b c'>`, "<div class>", "<div class = a id\n=\tb>", "<div/class=a/>", "<br/>", "<img src=/x/>", "<p =a=b class==c>",
	"<a href=/x href=/y CLASS=a class=b>", `<a href="/?a=1&amp;b=2&copy=3" class=a class=b>`, "<a href='/x\r\ny'>", "<p class='a\x00b' i\x00d=c>", "<p\x00q class=a>", "<Größe class=ß>",
	`<p class="a`, "<p class=", "<p class= >", "<p class", "<p", "<p class='>' id=\">\">", `<p class="a"id='b'title=2026>`, "<a data-ts=2026 data-ts=2027 data-qa=x data-qa=y>",
	"<a title=none title=2026-11-27>", "</DIV>", "</div class=a>", "</p/>", "<img alt=A alt=B>", "<p class=&>", "<a data-next=/x data-next-url=/y>", "<K data-linK=/x>", "<p ' class=a>"}

// sameTags fails where tags are read otherwise than the tokenizer reads them.
func sameTags(t *testing.T, source []byte) {
	t.Helper()
	b := &builder{Tree: &Tree{Source: source}, z: html.NewTokenizer(bytes.NewReader(source))}
	z := html.NewTokenizer(bytes.NewReader(source))
	for kind := b.z.Next(); kind != html.ErrorToken; kind = b.z.Next() {
		z.Next()
		if kind != html.StartTagToken && kind != html.SelfClosingTagToken && kind != html.EndTagToken {
			continue
		}
		want, more := z.TagName()
		b.raw = b.z.Raw()
		if name := b.tagName(); !bytes.Equal(name, want) {
			t.Errorf("%.200q: the name is %q, want %q", b.raw, name, want)
		}
		var attrs [2][][2]string
		for more {
			var k, v []byte
			k, v, more = z.TagAttr()
			for r := range attrs {
				if key := attrKeyOf(k); Reading(r).keeps(key, v) {
					attrs[r] = append(attrs[r], [2]string{string(rune('a' + key)), string(v)})
				}
			}
		}
		if kind == html.EndTagToken {
			continue
		}
		for r := range attrs {
			b.attrs, b.buf, b.reading = b.attrs[:0], b.buf[:0], Reading(r)
			if !b.plainAttrs() {
				continue // the tokenizer is asked
			}
			var got [][2]string
			for _, a := range b.attrs {
				got = append(got, [2]string{string(rune('a' + a.key)), string(b.buf[a.v0:a.v1])})
			}
			if !slices.Equal(got, attrs[r]) {
				t.Errorf("%.200q: the attributes are %q, want %q", b.raw, got, attrs[r])
			}
		}
	}
}

// TestTags: a tag is read as the tokenizer reads it.
func TestTags(t *testing.T) {
	for _, s := range tags {
		sameTags(t, []byte(s))
		sameTags(t, []byte(s+"<p>behind</p>"))
	}
}

// TestPlainTags: tags as most are, are not left to the tokenizer, and those with references are.
func TestPlainTags(t *testing.T) {
	for source, want := range map[string]bool{`<a class="b c" href='/x' data-json="{&quot;a&quot;}">`: true, "<p>": true, "<a href='/?a&amp;b'>": false} {
		b := &builder{Tree: &Tree{}, raw: []byte(source)}
		if got := b.plainAttrs(); got != want {
			t.Errorf("%s: %t", source, got)
		}
	}
}

func FuzzTags(f *testing.F) {
	for _, s := range tags {
		f.Add([]byte(s))
	}
	f.Fuzz(sameTags)
}
