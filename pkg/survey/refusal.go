package survey

import (
	"fmt"

	"github.com/khabar-crawler/khabar/pkg/discover"
	"github.com/khabar-crawler/khabar/pkg/fetch"
	"github.com/khabar-crawler/khabar/pkg/outcome"
)

// Reason is why a site has no file.
type Reason string

// The reasons for refusing a site.
const (
	BadAddress  Reason = "bad_address" // no home page's
	Unreachable Reason = "unreachable" // no answer, or one that says to come back later
	Forbidden   Reason = "forbidden"   // the site refuses robots, or its robots.txt excludes them
	Moved       Reason = "moved"       // to an address that is not the site's
	Alias       Reason = "alias"       // of a site that has its file
	NoPage      Reason = "no_page"     // the home page is gone, or no page
	Script      Reason = "script"      // its pages are made by scripts, and say nothing without
	OtherKind   Reason = "other_kind"  // a shop, a forum, a parked domain …
	NoArticles  Reason = "no_articles" // nothing on it is an article
	Undated     Reason = "undated"     // it has articles, and dates none
	NoSections  Reason = "no_sections" // nothing lists its articles
	Crashed     Reason = "crashed"     // reading it failed: a fault of khabar's
)

// Refusal is the error of a site that has no file, and why.
type Refusal struct {
	URL      string
	Reason   Reason
	Text     string // the reason in a sentence, with the evidence
	Final    bool   // trying again soon gives the same
	Requests int
}

// Error says it all but the address.
func (r *Refusal) Error() string { return string(r.Reason) + ": " + r.Text }

func movedTo(where string) *Refusal {
	return &Refusal{Reason: Moved, Text: fmt.Sprintf("it sends its readers to %s: name that address", where), Final: true}
}

// refusalOf says why an answer is no home page to begin with.
func refusalOf(res fetch.Response, asked string) error {
	text := outcome.Text(res.Outcome, res.Reason)
	if res.Err != nil {
		text = res.Err.Error()
	}
	switch res.Outcome {
	case outcome.OK:
		return nil
	case outcome.Redirected:
		return movedTo(res.Location)
	case outcome.Robots:
		return &Refusal{Reason: Forbidden, Text: text, Final: true}
	case outcome.Blocked:
		return &Refusal{Reason: Forbidden, Text: text, Final: res.Status != 429}
	case outcome.Refused:
		return &Refusal{Reason: BadAddress, Text: text, Final: true}
	case outcome.Gone, outcome.NotText, outcome.TooLarge:
		return &Refusal{Reason: NoPage, Text: fmt.Sprintf("%s: %s", asked, text), Final: true}
	}
	return &Refusal{Reason: Unreachable, Text: fmt.Sprintf("%s: %s", asked, text)}
}

// judge refuses what is no news site by what was read of it.
func (v *survey) judge(front discover.Result) error {
	if len(v.listed) == 0 {
		if front.Script {
			return &Refusal{Reason: Script, Text: "the home page shows nothing without its scripts, and no feed or sitemap lists articles" + v.leftWords(), Final: true}
		}
		return &Refusal{Reason: NoArticles, Text: "no page, feed or sitemap lists anything that looks like an article" + v.leftWords(), Final: true}
	}
	read, dated, answered := 0, 0, 0
	kinds := map[string]int{}
	came := ""
	for _, a := range v.articles {
		if a.page != nil {
			answered++
			kinds[a.page.kind]++
		}
		if !a.is {
			came += fmt.Sprintf("; %s: %s", a.url, a.outcome)
			continue
		}
		read++
		if a.article.PublishedAt != nil {
			dated++
		}
	}
	kind := v.kind
	for _, k := range sortedKeys(kinds) {
		if k != "" && 2*kinds[k] > answered {
			return &Refusal{Reason: OtherKind, Text: fmt.Sprintf("of %d pages that it lists %d are those of %s", answered, kinds[k], k), Final: true}
		}
	}
	switch {
	case answered == 0:
		return &Refusal{Reason: Unreachable, Text: "of what it lists nothing could be fetched" + came}
	case read == 0:
		return &Refusal{Reason: NoArticles, Text: fmt.Sprintf("of %d pages that it lists none is an article%s", answered, came), Final: true}
	case dated == 0 && kind != "":
		return &Refusal{Reason: OtherKind, Text: "by its home page it is " + kind + ", and nothing that it publishes has a date", Final: true}
	case dated == 0:
		return &Refusal{Reason: Undated, Text: fmt.Sprintf("none of the %d articles read says when it was published", read), Final: true}
	case kind != "" && 2*dated < answered:
		return &Refusal{Reason: OtherKind, Text: fmt.Sprintf("by its home page it is %s, and of %d pages that it lists %d are dated articles", kind, answered, dated), Final: true}
	}
	return nil
}
