package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"github.com/khabar-crawler/khabar/cmd/internal/terminal"
	"github.com/khabar-crawler/khabar/pkg/discover"
	"github.com/khabar-crawler/khabar/pkg/extract"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/spare"
	"github.com/khabar-crawler/khabar/pkg/store"
	"github.com/khabar-crawler/khabar/pkg/weburl"
	"github.com/khabar-crawler/khabar/pkg/worker"
	yields "github.com/khabar-crawler/khabar/pkg/yield"
)

// linkKinds are what --kind takes; a listing is a section, as site files call it.
var linkKinds = []string{"home", "section", "listing", "feed", "sitemap"}

func linksCommand() *cobra.Command {
	var pageURL, kind, siteFile string
	var flags lookFlags
	var servers serverFlags
	var asJSON, learned bool
	cmd := &cobra.Command{
		Use:   "links FILE|URL…",
		Short: "Show every link of a page, feed or sitemap, and what it is taken for",
		Long: "For each link of a saved or live page, feed or sitemap: its address, what it is taken for (article, section, page of a\n" +
			"section, feed, sitemap, other), and why. An article's why begins with how much speaks for it: from 1.5 on it is one,\n" +
			"and in doubt from 0.25 on. With --json one object a line: url, as, why. - is standard input. A URL is fetched once, as\n" +
			"robots.txt and the guard allow; nothing is stored. With --learned what a crawl has learned of the site counts too, as it does\n" +
			"for that crawl: what became of links like these before.",
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			switch {
			case len(args) == 0:
				return errors.New("nothing to look at: name saved pages or addresses, or - for standard input")
			case pageURL != "" && len(args) > 1:
				return errors.New("--url names one page: give it with one FILE")
			}
			if kind != "" && !slices.Contains(linkKinds, kind) {
				return fmt.Errorf("--kind %q: give one of %s", kind, strings.Join(linkKinds, ", "))
			}
			if pageURL != "" {
				if _, err := weburl.Canonical(pageURL); err != nil {
					return fmt.Errorf("--url: %w", err)
				}
			}
			var s *site.Site
			if siteFile != "" {
				if s, err = siteNamed(siteFile); err != nil {
					return err
				}
			}
			cfg, log, err := flags.config(cmd)
			if err != nil {
				return err
			}
			past, done, err := pastOf(cmd.Context(), learned, servers, s, log)
			if err != nil {
				return err
			}
			defer done()
			w, show := cmd.OutOrStdout(), showLinks
			if asJSON {
				w, show = terminal.JSON(w), encodeLinks
			}
			out := bufio.NewWriter(w)
			defer func() { err = flushed(out, err) }()
			failed := false
			for _, arg := range args {
				doc, err := pageToTest(cmd.Context(), cfg, s, arg, log)
				if err == nil {
					if doc.URL == "" {
						doc.URL = pageURL
					}
					var found discover.Result
					if found, err = linksOf(doc, kind, s, past); err == nil {
						if err := show(out, arg, found); err != nil {
							return fmt.Errorf("write: %w", bare(err))
						}
						continue
					}
				}
				failed = true
				fmt.Fprintf(cmd.ErrOrStderr(), "khabar links: %s: %v\n", arg, err)
			}
			if failed {
				return errReported
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&pageURL, "url", "", "the saved page's address, which its links are relative to")
	cmd.Flags().StringVar(&kind, "kind", "", "what it is: "+strings.Join(linkKinds, ", ")+" (by default told from its bytes and its address)")
	cmd.Flags().StringVar(&siteFile, "site", "", "a site file, or the id of one in configs/sites, whose hosts and article patterns to use")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a line")
	cmd.Flags().BoolVar(&learned, "learned", false, "judge links by what became of the site's before too, as the crawl knows it that --dir or --mongo names")
	flags.add(cmd)
	servers.add(cmd)
	return cmd
}

// pastKnown gives what became of the links of a document's site before, by the document's address; nil for nothing known.
type pastKnown func(address string) (*yields.Past, error)

// pastOf opens what a crawl has learned, if that is to count. Without a site file, the site is the one that the address is of.
func pastOf(ctx context.Context, learned bool, servers serverFlags, s *site.Site, log *zap.Logger) (_ pastKnown, done func(), err error) {
	if !learned {
		return func(string) (*yields.Past, error) { return nil, nil }, func() {}, nil
	}
	st, done, err := readStore(ctx, servers, log)
	if err != nil {
		return nil, nil, fmt.Errorf("--learned: %w", err)
	}
	return func(address string) (*yields.Past, error) {
		if s == nil {
			if s, err := site.FromHome(site.EditionHome(address)); err == nil {
				past, _, err := learnedOf(ctx, st, s.ID)
				return past, err
			}
			return nil, nil
		}
		past, _, err := learnedOf(ctx, st, s.ID)
		return past, err
	}, done, nil
}

// learnedOf reads what became of a site's links before, and which parts of its addresses change nothing.
func learnedOf(ctx context.Context, st *store.Store, id string) (*yields.Past, *spare.Parts, error) {
	profile, err := st.Profile(ctx, id)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, nil, err
	}
	return worker.Past(profile), worker.Spare(profile), nil
}

// linksOf reads a document as what it is said to be, or else as what its bytes and its address show.
func linksOf(doc extract.Page, kind string, s *site.Site, known pastKnown) (discover.Result, error) {
	if doc.URL == "" {
		if doc.URL = discover.Own(doc.Body, doc.ContentType); doc.URL == "" {
			return discover.Result{}, errors.New("it does not say its own address: name it with --url")
		}
	}
	if kind == "" {
		kind = "listing"
		switch format := discover.Sniff(doc.Body); {
		case format.IsFeed():
			kind = "feed"
		case format == discover.FormatURLSet, format == discover.FormatIndex, format == discover.FormatURLs:
			kind = "sitemap"
		default:
			if u, err := url.Parse(doc.URL); err == nil && strings.Trim(u.Path, "/") == "" && u.RawQuery == "" {
				kind = "home"
			}
		}
	}
	if kind == "feed" && s == nil {
		s = feedSite(doc)
	}
	past, err := known(doc.URL)
	if err != nil {
		return discover.Result{}, err
	}
	switch kind {
	case "home":
		return discover.Home(doc.URL, doc.Body, doc.ContentType, s, past)
	case "feed":
		return discover.Feed(doc.URL, doc.Body, doc.ContentType, s)
	case "sitemap":
		return discover.Sitemap(doc.URL, doc.Body, doc.ContentType, s)
	}
	return discover.Listing(doc.URL, doc.Body, doc.ContentType, s, past)
}

// feedSite is the site of a feed that says it is of another domain than its own, as those that feed services keep, or of which
// more than half of the entries are on one other domain, as where a paper has two; else nil.
func feedSite(doc extract.Page) *site.Site {
	host := weburl.Host(discover.Channel(doc.Body, doc.ContentType))
	if host == "" || weburl.SameSite(doc.URL, "https://"+host+"/") {
		host = otherDomain(doc)
	}
	if host == "" {
		return nil
	}
	s, err := site.FromHome(doc.URL)
	if err != nil {
		return nil // the feed's own address will be refused
	}
	s.Hosts = []string{weburl.Domain(host)}
	return s
}

// otherDomain is the one on which more than half of a feed's entries are, where it is not the feed's own; else "".
func otherDomain(doc extract.Page) string {
	found, err := discover.Feed(doc.URL, doc.Body, doc.ContentType, nil)
	if err != nil {
		return "" // whoever reads the feed will say so
	}
	on := map[string]int{}
	for _, o := range found.Others {
		if o.Why != discover.OffSite {
			continue
		}
		domain := weburl.Domain(weburl.Host(o.URL))
		if on[domain]++; domain != "" && 2*on[domain] > found.Entries {
			return domain
		}
	}
	return ""
}

// linkLine is a link as links prints it.
type linkLine struct {
	URL string `json:"url"`
	As  string `json:"as"` // article, section, page, feed, sitemap, other
	Why string `json:"why"`
}

// linkLines are the links of a document, those that were left out last.
func linkLines(found discover.Result) []linkLine {
	as := map[discover.Kind]string{
		discover.KindArticle: "article", discover.KindListing: "section", discover.KindNext: "page",
		discover.KindFeed: "feed", discover.KindSitemap: "sitemap",
	}
	why := map[discover.Kind]string{
		discover.KindArticle: "an entry of the document", discover.KindFeed: "a feed's address or type", discover.KindSitemap: "an entry of the index",
	}
	lines := make([]linkLine, 0, len(found.Links)+len(found.Others))
	taken := map[string]bool{}
	for _, l := range found.Links {
		taken[l.URL] = true
		line := linkLine{URL: l.URL, As: as[l.Kind], Why: l.Why()}
		if line.Why == "" {
			line.Why = why[l.Kind]
		}
		lines = append(lines, line)
	}
	for _, o := range found.Others {
		if taken[o.URL] {
			continue
		}
		line := linkLine{URL: o.URL, As: "other", Why: o.String()}
		if o.Why == discover.Pagination {
			line.As = "page"
		}
		lines = append(lines, line)
	}
	return lines
}

// showLinks prints a document's links for a person.
func showLinks(w io.Writer, name string, found discover.Result) error {
	lines := linkLines(found)
	if _, err := fmt.Fprintf(w, "%s: %d links\n", foreign(name), len(lines)); err != nil {
		return err
	}
	for _, l := range lines {
		if _, err := fmt.Fprintf(w, "%-7s  %s  %s\n", l.As, foreign(l.URL), foreign(l.Why)); err != nil {
			return err
		}
	}
	if found.Broken {
		_, err := fmt.Fprintln(w, "It breaks off or is malformed: these are the links that could be read.")
		return err
	}
	return nil
}

// encodeLinks prints a document's links as one JSON object a line.
func encodeLinks(w io.Writer, _ string, found discover.Result) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, l := range linkLines(found) {
		if err := enc.Encode(l); err != nil {
			return err
		}
	}
	return nil
}
