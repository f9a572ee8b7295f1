package worker

import (
	"net/url"
	"strings"

	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// claimOf gives the address that a page calls its own, or the one where it was read. What it says is a claim, which the
// store weighs against what it knows of texts and addresses; here it is judged by the address alone. wrong says that it
// names the home page, a section, or an address that lacks what tells this article from others.
func claimOf(said, at string, s *site.Site) (claim string, wrong bool) {
	base, err := url.Parse(at)
	if err != nil {
		return at, false
	}
	said = strings.TrimSpace(said)
	if strings.HasPrefix(said, "/") { // without it, as often a host that lacks its scheme as a path
		said, err = weburl.Resolve(base, said)
	} else {
		said, err = weburl.Canonical(said)
	}
	claimed, own := weburl.Neutral(said), weburl.Neutral(at)
	switch {
	case err != nil, !weburl.SameSite(said, at) && !s.Owns(said):
		return at, false
	case claimed == own && s.IsArticle(said) != site.NotArticle:
		return said, false
	case claimed == own:
		return at, false // a form of the page that the site file leaves out
	case claimed == weburl.Neutral(s.Home), s.IsArticle(said) == site.NotArticle, isRootAddress(claimed), drops(own, claimed):
		return at, true
	}
	return said, false
}

// isRootAddress is true for the neutral form of a host's first page.
func isRootAddress(neutral string) bool {
	_, rest, _ := strings.Cut(neutral, "/")
	return rest == ""
}

// drops says whether the claimed address is the page's own but for what tells the pages of a site apart: a parameter that
// has a number, as ?id=1234, or the end of the path, unless what is left names an article itself, as /1234567/ does of
// /1234567/its-headline. Both are neutral forms.
func drops(own, claimed string) bool {
	path, query, _ := strings.Cut(own, "?")
	claimedPath, claimedQuery, _ := strings.Cut(claimed, "?")
	if rest, below := strings.CutPrefix(path, claimedPath); below && rest != "" && (rest[0] == '/' || strings.HasSuffix(claimedPath, "/")) {
		return claimedQuery == "" && !namesArticle(claimedPath)
	}
	if path != claimedPath {
		return false
	}
	for p := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(p, "=")
		if strings.ContainsAny(value, "0123456789") && !strings.Contains("&"+claimedQuery, "&"+name+"=") {
			return true
		}
	}
	return false
}

// namesArticle says whether the last segment of a path is an article's number or headline rather than a section's name.
func namesArticle(path string) bool {
	last := path[strings.LastIndexByte(path, '/')+1:]
	digits := 0
	for _, c := range last {
		if '0' <= c && c <= '9' {
			digits++
		}
	}
	return digits >= leastDigits || strings.Count(last, "-")+strings.Count(last, "_")+strings.Count(last, "%20") >= leastParts
}

const (
	leastDigits = 5 // of an article's number: four are a year
	leastParts  = 3 // hyphens of a headline: sections have two at most
)
