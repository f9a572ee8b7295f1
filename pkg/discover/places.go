package discover

import (
	"bytes"
	_ "embed"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/khabar-crawler/khabar/pkg/weburl"
	"github.com/khabar-crawler/khabar/pkg/yamlfile"
)

//go:embed places.yaml
var placesYAML []byte

// places is places.yaml, which explains the keys.
type places struct {
	Services []string `yaml:"services"`
	News     []string `yaml:"news"`
	Systems  []system `yaml:"systems"`
}

// system is a content system.
type system struct {
	Name     string   `yaml:"system"`
	Signs    []string `yaml:"signs"`
	Feeds    []string `yaml:"feeds"`
	Sitemaps []string `yaml:"sitemaps"`
	Posts    string   `yaml:"posts"`
	Months   []string `yaml:"months"`
	Source   string   `yaml:"source"`
}

// readPlaces reads places.yaml or what is written like it. Its error lists all that is wrong, with line and column.
func readPlaces(file string, data []byte) (*places, error) {
	p := &places{}
	doc := yamlfile.Decode(file, data, p)
	names := map[string]bool{}
	for i, s := range p.Systems {
		at := fmt.Sprintf("systems[%d]", i)
		for key, value := range map[string]string{"system": s.Name, "source": s.Source} {
			if value == "" {
				doc.Add(at+"."+key, "is missing")
			}
		}
		if names[s.Name] {
			doc.Add(at+".system", "%s is there twice", s.Name)
		}
		names[s.Name] = true
		if last := i == len(p.Systems)-1; last != (len(s.Signs) == 0) {
			doc.Add(at+".signs", "must be there, but for the last system, which stands for all that show none")
		}
		for key, texts := range map[string][]string{"signs": s.Signs, "feeds": s.Feeds, "sitemaps": s.Sitemaps, "months": s.Months} {
			for j, text := range texts {
				if text == "" || key != "signs" && strings.Contains(text, "://") {
					doc.Add(fmt.Sprintf("%s.%s[%d]", at, key, j), "must be a text, and no address of another host")
				}
			}
		}
	}
	checkBack(doc, p.Systems)
	if len(p.Systems) == 0 {
		doc.Add("systems", "is missing")
	}
	for i, host := range p.Services {
		if host != weburl.Host("https://"+host+"/") {
			doc.Add(fmt.Sprintf("services[%d]", i), "must be a host in lower case")
		}
	}
	return p, doc.Problems().Err()
}

// builtIn is the file as it was built in; a test holds it to be without problems.
var builtIn = sync.OnceValue(func() *places {
	p, err := readPlaces("places.yaml", placesYAML)
	if err != nil {
		panic(err)
	}
	return p
})

// IsFeedService says whether a URL is on a host that keeps feeds for publishers, and leads readers of their items on.
func IsFeedService(rawURL string) bool {
	host := weburl.Host(rawURL)
	return slices.ContainsFunc(builtIn().Services, func(s string) bool { return host == s || strings.HasSuffix(host, "."+s) })
}

// System names the content system that a page shows signs of: one of those in places.yaml, the last one where it shows none.
func System(body []byte) string {
	body = body[:min(len(body), signBytes)]
	all := builtIn().Systems
	for _, s := range all {
		if slices.ContainsFunc(s.Signs, func(sign string) bool { return bytes.Contains(body, []byte(sign)) }) {
			return s.Name
		}
	}
	return all[len(all)-1].Name
}

// signBytes is how far into a page signs are looked for: heads and the first links to files of the system are well within.
const signBytes = 512 << 10

// Guess gives the usual place of a feed or sitemap that is to be looked at after the one at tried, "" for the first. home is
// the site's home page, and system one that System named; of any other, the places of none are given. It is false when all
// were tried, or for what has no usual places.
func Guess(home, system string, kind Kind, tried string) (next string, ok bool) {
	base, err := url.Parse(home)
	if err != nil {
		return "", false
	}
	if last := base.Path[strings.LastIndexByte(base.Path, '/')+1:]; !strings.Contains(last, ".") && last != "" {
		base = base.JoinPath("/")
	}
	found := tried == ""
	seen := map[string]bool{home: true}
	for _, ref := range usual(system, kind) {
		at, err := weburl.Resolve(base, ref)
		if err != nil || seen[at] {
			continue
		}
		seen[at] = true
		if found {
			return at, true
		}
		found = at == tried
	}
	return "", false
}

// usual are the places of a system and then those of none.
func usual(name string, kind Kind) (refs []string) {
	all := builtIn().Systems
	for i, s := range all {
		if s.Name != name && i < len(all)-1 {
			continue
		}
		switch kind {
		case KindFeed:
			refs = append(refs, s.Feeds...)
		case KindSitemap:
			refs = append(refs, s.Sitemaps...)
		}
	}
	return refs
}
