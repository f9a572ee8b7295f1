package discover

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	_ "embed"
	"errors"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

//go:embed testdata/labels.txt
var labelsTxt string

// labelled is a page of other people's, and the articles that it links as somebody who read it said.
type labelled struct {
	url      string
	articles map[string]bool
}

func labels() map[string]labelled {
	out, id := map[string]labelled{}, ""
	for line := range strings.Lines(labelsTxt) {
		switch f := strings.Fields(line); {
		case len(f) == 3 && f[0] == "page":
			id = f[1]
			out[id] = labelled{url: f[2], articles: map[string]bool{}}
		case len(f) == 1:
			out[id].articles[f[0]] = true
		}
	}
	return out
}

// TestLabelledPages scores article pages of forty sites, read as if they were listings, against what people say that they link.
func TestLabelledPages(t *testing.T) {
	shared := os.Getenv("KHABAR_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "..", "shared")
	}
	file, err := os.Open(filepath.Join(shared, "corpus", "wcxb-dev.tar.gz"))
	if err != nil {
		t.Skipf("no pages to read: %v: set KHABAR_SHARED", err)
	}
	defer file.Close()
	packed, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	right, wrong, missed := 0, 0, 0
	want := labels()
	for pages := tar.NewReader(packed); ; {
		head, err := pages.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		page, ok := want[path.Base(path.Dir(head.Name))]
		if !ok || path.Base(head.Name) != "page.html.gz" {
			continue
		}
		tp, fp := score(t, page, pages)
		right, wrong, missed = right+tp, wrong+fp, missed+len(page.articles)-tp
		t.Logf("%s: %d right, %d wrong, %d missed", page.url, tp, fp, len(page.articles)-tp)
	}
	precision, recall := float64(right)/float64(right+wrong), float64(right)/float64(right+missed)
	t.Logf("precision %.3f, recall %.3f", precision, recall)
	if precision < 0.94 || recall < 0.965 { // a menu of products and films is 3.5 points of what precision lacks
		t.Errorf("precision %.3f, recall %.3f", precision, recall)
	}
}

// score counts the links that were rightly and wrongly taken for articles.
func score(t *testing.T, page labelled, packed io.Reader) (right, wrong int) {
	t.Helper()
	unpacked, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	var body bytes.Buffer
	if _, err := io.Copy(&body, unpacked); err != nil {
		t.Fatal(err)
	}
	r, err := Listing(page.url, body.Bytes(), "text/html", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range r.Of(KindArticle) {
		if page.articles[l.URL] {
			right++
		} else {
			wrong++
		}
	}
	return right, wrong
}
