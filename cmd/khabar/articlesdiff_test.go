package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/khabar-crawler/khabar/cmd/internal/terminal"
	"github.com/khabar-crawler/khabar/pkg/article"
)

// TestArticlesDiff crawls an article, has it edited and crawls it again: the command tells the edit, as text and as JSON, and
// says what to do where there is none to tell.
func TestArticlesDiff(t *testing.T) {
	web, dir := newTown(t), t.TempDir()
	config := siteFiles(t, map[string]string{"town": home})
	url := storyURL(1)
	page := func(second string) {
		web.story(url, "المجلس يخطط لبناء جسر جديد")
		web.mu.Lock()
		defer web.mu.Unlock()
		web.pages[url] = strings.NewReplacer(`lang="en"`, `lang="ar"`, "</h1>", "</h1><p>قال رئيس المجلس إن الجسر سيفتح في الربيع. "+second+"</p>").Replace(web.pages[url])
	}
	page("وتبلغ كلفته 3.5 مليون دينار.")
	web.list(home, url)
	succeeds(t, web.crawl(dir, "--config", config)...)
	id := recordOf(t, dir, url).ArticleID
	if out := succeeds(t, "articles", "diff", url, "--dir", dir); !strings.Contains(out, "Never edited") || !strings.Contains(out, id) {
		t.Errorf("of an article that was not edited:\n%s", out)
	}
	if out := succeeds(t, "articles", "diff", id, "--json", "--dir", dir); strings.TrimSpace(out) != "[]" {
		t.Errorf("as JSON:\n%s", out)
	}
	fails(t, []string{"articles", "diff", id, "--rev", "1", "--dir", dir}, "first revision")
	fails(t, []string{"articles", "diff", "0123", "--dir", dir}, "no article and no page 0123", "khabar articles")

	page("وتبلغ كلفته 4.1 مليون دينار. ولم يعلق أحد.")
	succeeds(t, "pages", "again", url, "--yes", "--dir", dir)
	succeeds(t, web.crawl(dir, "--config", config)...)
	out := succeeds(t, "articles", "diff", id, "--dir", dir)
	for _, want := range []string{"Revision 1, replaced", ": text\n", "paragraph 1\n  - وتبلغ كلفته 3.5 مليون دينار.\n  + وتبلغ كلفته 4.1 مليون دينار.\n  + ولم يعلق أحد.\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if strings.ContainsAny(out, "\u2068\u2069\x1b") {
		t.Errorf("a pipe gets marks for a terminal: %q", out)
	}
	var edits []oneEdit
	if err := json.Unmarshal([]byte(succeeds(t, "articles", "diff", url, "--rev", "1", "--json", "--dir", dir)), &edits); err != nil || len(edits) != 1 ||
		len(edits[0].Changes) != 2 || edits[0].Changes[0].Kind != article.ChangeChanged || !slices.Equal(edits[0].Fields, []string{"text"}) {
		t.Errorf("%v: %+v", err, edits)
	}
	fails(t, []string{"articles", "diff", id, "--rev", "7", "--dir", dir}, "is at revision 2")

	// An article that is gone stays, and is shown as such.
	web.fail(url, http.StatusGone)
	web.story(storyURL(2), "The council plans another bridge")
	web.list(home, url, storyURL(2))
	succeeds(t, "pages", "again", url, "--yes", "--dir", dir)
	succeeds(t, web.crawl(dir, "--config", config)...)
	for _, args := range [][]string{{"articles"}, {"articles", "show", id}, {"articles", "diff", id}, {"export"}} {
		if out := succeeds(t, append(args, "--dir", dir)...); !strings.Contains(out, "gone") || !strings.Contains(out, "المجلس يخطط") {
			t.Errorf("%q:\n%s", args, out)
		}
	}
}

// TestDiffer: on a terminal each text keeps its own direction, and what was removed and added has its colour.
func TestDiffer(t *testing.T) {
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	a := article.Article{ID: "x", Title: "خبر\x1b[2J", Revision: 3, FirstSeenAt: at}
	edits := editsOf(a, []article.Revision{
		{Revision: 1, ReplacedAt: at, Title: "خبر قديم", Fields: []string{"title", "published_at"}, PublishedAt: &at},
		{Revision: 2, ReplacedAt: at, Title: "خبر", Fields: []string{"text"}, Rewritten: true},
	})
	var b bytes.Buffer
	d := &differ{w: terminal.NewScreen(&b)}
	d.article(a, edits)
	out := b.String()
	for _, want := range []string{"- \u2068خبر قديم\u2069", "+ \u2068خبر\u2069", "published_at", "rewritten"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if strings.Contains(out, "\x1b") {
		t.Errorf("%q", out)
	}
	if fmt.Sprint(edits[0].Values["title"]) != "[خبر قديم خبر]" {
		t.Errorf("%+v", edits[0].Values)
	}
}
