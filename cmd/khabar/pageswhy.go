package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/khabar-crawler/khabar/cmd/internal/terminal"
	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/discover"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/spare"
	"github.com/khabar-crawler/khabar/pkg/store"
	"github.com/khabar-crawler/khabar/pkg/weburl"
	yields "github.com/khabar-crawler/khabar/pkg/yield" // yield is what a crawl gave, here
)

func pagesWhyCommand() *cobra.Command {
	var flags siteFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "why URL|ID",
		Short: "Tell why a page is crawled, waits or is left out, be it known or not",
		Long: "Tells all that is known of an address and what follows from it: whose page it is, what the site's patterns and the look\n" +
			"of the address say, its record with what its words mean, where it was found, when it is due and what it waits for. Of\n" +
			"an address that was never seen it says what would be done with it if a page linked it. Nothing is fetched.",
		Example: "  khabar pages why https://news.example/calendar?month=2031-04",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return onSites(cmd, flags, needCounts, func(ctx context.Context, src *siteSource) error {
				if src.store == nil {
					return errNoCrawl
				}
				defs, err := src.definitions()
				if err != nil {
					return err
				}
				described, _ := site.Renew(site.NewSet(), defs...) // what is wrong with the others is for khabar sites to say
				q, err := question(ctx, src.store, described, args[0])
				if err != nil {
					return err
				}
				return q.answer(cmd.OutOrStdout(), asJSON)
			})
		},
	}
	flags.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// why is a question about an address, with what is known.
type why struct {
	asked   string
	address string // canonical; "" for an id that is not known
	id      string
	now     time.Time

	page    *store.Page // nil: not known
	found   *store.Page // where it was found, if that is known
	article *article.Article
	forms   []store.Page // other forms of the address that are known
	home    *store.Page  // the host's home page, if that is known

	learned *yields.Past // what became of the site's links
	spare   *spare.Parts // what changes nothing in its addresses

	site  *site.Site // that it belongs to, as far as it is described or follows from a known page
	given string     // how the site is known
}

// question reads what the store and the site files know.
func question(ctx context.Context, st *store.Store, described []*site.Site, asked string) (*why, error) {
	q := &why{asked: asked, now: time.Now()}
	id, err := pageID(asked)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: khabar takes no such address for a page's", asked, err)
	}
	if q.id = id; strings.Contains(asked, "/") {
		q.address, _ = weburl.Canonical(asked) // pageID has tried it
	}
	p, err := st.Page(ctx, id)
	var unreadable *store.UnreadableError
	switch {
	case errors.As(err, &unreadable):
		p = aside(unreadable)
		q.page = &p
	case err == nil:
		q.page = &p
	case !errors.Is(err, store.ErrNotFound):
		return nil, err
	case q.address == "":
		return nil, fmt.Errorf("%s is the id of no known page, and no address: one begins with http:// or https://", asked)
	}
	if q.page != nil && q.page.URL != "" {
		q.address = q.page.URL
	}
	if err := q.around(ctx, st); err != nil {
		return nil, err
	}
	if err := q.belongs(described); err != nil {
		return nil, err
	}
	q.learned, q.spare, err = learnedOf(ctx, st, q.siteID())
	return q, err
}

// around reads what stands around the page: where it was found, its article, and other forms of its address.
func (q *why) around(ctx context.Context, st *store.Store) error {
	if q.page != nil && q.page.DiscoveredFrom != "" {
		if from, err := st.Page(ctx, q.page.DiscoveredFrom); err == nil {
			q.found = &from
		}
	}
	if q.address == "" {
		return nil
	}
	a, err := st.ArticleAt(ctx, q.address)
	switch {
	case err == nil:
		q.article = &a
	case !errors.Is(err, store.ErrNotFound) && !errors.Is(err, store.ErrUnreadable) && !errors.Is(err, store.ErrNewer):
		return err
	}
	var ids []string
	for _, form := range formsOf(q.address) {
		ids = append(ids, weburl.ID(form))
	}
	known, err := st.Pages(ctx, ids)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if p, ok := known[id]; ok {
			q.forms = append(q.forms, p)
		}
	}
	if q.page != nil {
		return nil
	}
	roots := append([]string{site.EditionHome(q.address)}, formsOf(site.EditionHome(q.address))...)
	roots = append(roots, formsOf("http://"+weburl.Domain(weburl.Host(q.address))+"/")...)
	ids = ids[:0]
	for _, r := range roots {
		ids = append(ids, weburl.ID(r))
	}
	if known, err = st.Pages(ctx, ids); err != nil {
		return err
	}
	for _, id := range ids {
		if p, ok := known[id]; ok && p.URL != q.address {
			q.home = &p
			break
		}
	}
	return nil
}

// formsOf gives the other addresses at which the same page stands as a rule: the other scheme, with www and without, with a
// slash at the end and without, without its query.
func formsOf(address string) []string {
	u, err := url.Parse(address)
	if err != nil {
		return nil
	}
	var out []string
	for _, scheme := range []string{"https", "http"} {
		for _, host := range []string{u.Host, "www." + u.Host, strings.TrimPrefix(u.Host, "www.")} {
			for _, slash := range []bool{strings.HasSuffix(u.Path, "/"), !strings.HasSuffix(u.Path, "/")} {
				for _, query := range []string{u.RawQuery, ""} {
					form := &url.URL{Scheme: scheme, Host: host, Path: strings.TrimSuffix(u.Path, "/"), RawQuery: query}
					if slash {
						form.Path += "/"
					}
					c, err := weburl.Canonical(form.String())
					if err == nil && c != address && !slices.Contains(out, c) {
						out = append(out, c)
					}
				}
			}
		}
	}
	return out
}

// belongs finds the page's site.
func (q *why) belongs(described []*site.Site) error {
	for _, s := range described {
		if q.page != nil && s.ID == q.page.Site {
			q.site, q.given = s, "described in "+s.Source
			return nil
		}
	}
	if q.address == "" {
		return nil
	}
	if s := site.NewSet(described...).Of(q.address); s != nil && q.page == nil {
		q.site, q.given = s, "described in "+s.Source
		return nil
	}
	kin, home := q.page, site.EditionHome(q.address)
	switch {
	case kin != nil:
	case q.home != nil:
		kin, home = q.home, q.home.URL
	case len(q.forms) > 0:
		kin = &q.forms[0]
	default:
		return nil
	}
	s, err := site.FromHome(home)
	if err != nil {
		return err
	}
	s.ID, q.site, q.given = kin.Site, s, "which no site file here describes"
	return nil
}

// finding is one thing that is known of an address.
type finding struct {
	About string `json:"about"`
	Says  string `json:"says"`
}

// findings gives all that is known, and in one sentence what follows.
func (q *why) findings() (verdict string, all []finding) {
	say := func(about, format string, args ...any) {
		all = append(all, finding{about, fmt.Sprintf(format, args...)})
	}
	if q.address != "" && q.address != q.asked && strings.Contains(q.asked, "/") {
		say("address", "taken as %s: what stands for nothing in an address is left out", q.address)
	}
	switch {
	case q.site != nil:
		say("site", "%s, %s; its home page is %s", q.site.ID, q.given, q.site.Home)
	case q.page != nil:
		say("site", "%s, which no site file here describes", orDash(q.page.Site))
	default:
		say("site", "of no site that is described here (--config names the files), and none of its pages is known")
	}
	if q.site != nil && q.address != "" {
		q.rules(say)
	}
	if bare := q.spare.Bare(q.address, false); bare != q.address {
		say("bare", "links to it are taken as links to %s: what that lacks changes nothing at this site (khabar sites show %s)", bare, q.siteID())
	}
	q.form(say)
	for i, p := range q.forms {
		if i < 3 {
			say("other form", "%s is known: %s, %s", p.URL, p.Status, orDash(text(p)))
		}
	}
	if q.article != nil {
		at := ""
		if q.article.URL != q.address {
			at = ", which is read at " + q.article.URL
		}
		say("article", "%s %q%s", q.article.ID, firstWords(q.article.Title, maxTold), at)
	}
	if q.page == nil {
		return q.unseen(), all
	}
	q.record(say)
	return q.known(), all
}

// form says what came of addresses of this form, and what follows for this one.
func (q *why) form(say func(string, string, ...any)) {
	form := yields.FormOf(q.address)
	c := q.learned.Forms.Of(form)
	switch {
	case c.Tried == 0:
	case !c.Poor():
		say("form", "%s: of %d pages tried %d were new articles", form, c.Tried, c.Articles)
	case q.learned.Takes(q.address):
		say("form", "%s: of %d pages tried %d were new articles, so that of further ones %.2g%% are fetched; this is one of these", form, c.Tried, c.Articles, 100*c.Share())
	default:
		say("form", "%s: of %d pages tried %d were new articles, so that of further ones %.2g%% are fetched; this is none of these", form, c.Tried, c.Articles, 100*c.Share())
	}
	q.block(say)
}

// block says what came of links in the block of a page where this one was found, or for an address that was never seen, in which
// blocks it would be left out.
func (q *why) block(say func(string, string, ...any)) {
	if q.page == nil {
		for _, b := range q.learned.Blocks.States() {
			if verdict, because := q.learned.Judge(q.address, b.Key); verdict == yields.Other {
				say("block", "left out where it is linked in that part of a page: %s", because)
			}
		}
		return
	}
	if q.page.Block == "" {
		return
	}
	b := q.learned.Blocks.Of(q.page.Block)
	say("block", "%s: of %d links tried there %d led to new articles", q.page.Block, b.Tried, b.Articles)
	if verdict, because := q.learned.Judge(q.address, q.page.Block); verdict != yields.Silent {
		taken := map[yields.Verdict]string{yields.Article: "taken for an article's", yields.Other: "not taken for an article's"}
		say("learned", "a link there to such an address is %s, whatever it looks like: %s", taken[verdict], because)
	}
}

// rules says what the site's file and the look of the address make of it.
func (q *why) rules(say func(string, string, ...any)) {
	if !q.site.Owns(q.address) {
		say("rules", "not on a host of the site's: name the host under hosts in its file if it belongs")
		return
	}
	for _, sec := range q.site.Sections {
		if sec.URL == q.address {
			say("rules", "it is the site's section %s, a %s", sec.ID, sec.Kind)
			return
		}
	}
	if expr := matching(q.site.Articles.Exclude, q.address); expr != "" {
		say("rules", "no article: it fits articles.exclude %s", expr)
	} else if expr := matching(q.site.Articles.Include, q.address); expr != "" {
		say("rules", "an article: it fits articles.include %s", expr)
	} else if len(q.site.Articles.Include) > 0 {
		say("rules", "no article: it fits none of articles.include")
	} else if q.address == q.site.Home {
		say("rules", "it is the site's home page")
	} else {
		say("rules", "the site has no pattern that says what it is; by its address it looks like one of kind %s", discover.Look(q.address, q.site))
	}
	if len(q.site.Sections) > 0 && q.page == nil {
		say("rules", "the site's file names %d sections, and only what these lead to is crawled", len(q.site.Sections))
	}
}

// matching gives the first expression that an address fits, as site.Patterns has it; "" for none.
func matching(exprs []string, address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	readable, err := url.PathUnescape(u.RequestURI())
	if err != nil {
		readable = u.RequestURI()
	}
	for _, expr := range exprs {
		if re, err := regexp.Compile(expr); err == nil && (re.MatchString(u.RequestURI()) || re.MatchString(readable)) {
			return expr
		}
	}
	return ""
}

// record says what the page's record says, with the meaning of its words.
func (q *why) record(say func(string, string, ...any)) {
	p := q.page
	if p.Kind != "" {
		say("record", "a page of kind %s, status %s, priority %d (%s), lane %s", p.Kind, p.Status, p.Priority, priorityMeans(p.Priority), orDash(p.Lane))
	}
	switch {
	case p.DiscoveredFrom == "" && !p.DiscoveredAt.IsZero():
		say("found", "at %s: named in a site file or on the command line", clock(p.DiscoveredAt))
	case q.found != nil:
		say("found", "at %s, on %s (%s, section %s)", clock(p.DiscoveredAt), q.found.URL, q.found.Kind, orDash(p.Section))
	case !p.DiscoveredAt.IsZero():
		say("found", "at %s, on page %s, which is not known any more", clock(p.DiscoveredAt), p.DiscoveredFrom)
	}
	if p.LinkedAs != "" {
		say("linked", "as %s: what changes nothing at this site was left off", p.LinkedAs)
	}
	if p.DatedAt != nil {
		say("dated", "%s, as the source says that lists it", clock(*p.DatedAt))
	}
	if p.FetchedAt != nil {
		status := ""
		if p.HTTP != nil && p.HTTP.Status != 0 {
			status = fmt.Sprintf(", HTTP status %d", p.HTTP.Status)
		}
		say("fetched", "last at %s%s", clock(*p.FetchedAt), status)
	} else {
		say("fetched", "never")
	}
	if p.Outcome != "" || p.Reason != "" {
		say("outcome", "%s. %s", text(*p), strings.TrimSpace(p.Outcome.Meaning()+" "+p.Reason.Meaning()))
	}
	if p.LastError != "" {
		say("in full", "%s", firstWords(p.LastError, 2*maxTold))
	}
	if p.RobotsRule != "" {
		say("robots.txt", "%s", p.RobotsRule)
	}
	if p.RedirectTo != "" {
		say("leads to", "%s", p.RedirectTo)
	}
	if p.Interval > 0 {
		say("visits", "every %s; %.1f new pages a visit", time.Duration(p.Interval)*time.Second, p.Yield)
	}
	if p.Held != "" {
		say("held", "since its lane, %s, has as many pages waiting in the frontier as nats.lane_pending allows", p.Held)
	}
	say("next", "%s", next(*p, q.now))
}

// priorityMeans is what docs/schema.md says of a page's priority.
func priorityMeans(priority int) string {
	all := []string{"sections' first pages", "news", "further pages of listings, and the sitemaps of an index", "what only sitemaps know",
		"the older sitemaps of an index", "articles of a backfill", "lists of a backfill"}
	if priority < 0 || priority >= len(all) {
		return "none that this khabar knows"
	}
	return all[priority]
}

// known says in a sentence where a known page stands.
func (q *why) known() string {
	p := q.page
	switch {
	case p.Status == store.StatusAside:
		return "set aside: what is stored of it cannot be read"
	case p.Held != "":
		return "waits: its site has more pages waiting than its lane takes"
	case p.Status == store.StatusQueued:
		return "under way: it is in the frontier, behind what its site has before it"
	case p.Status == store.StatusDue && p.Attempts > 0:
		return "failed, and is tried again"
	case p.Status == store.StatusDue:
		return "waits to be fetched"
	case p.Status == store.StatusDone && p.FetchedAt == nil && p.Outcome == "":
		return "left out of a run that ended, by its --limit or --since, and due for the next"
	case p.Status == store.StatusDone && p.ArticleID != "":
		return "crawled: it is an article"
	case p.Status == store.StatusDone && p.Kind != store.KindArticle:
		return "crawled: it is visited again and again for what it lists"
	case p.Status == store.StatusDone:
		return "crawled, and left: " + text(*p)
	}
	return fmt.Sprintf("not crawled any more (%s): %s", p.Status, text(*p))
}

// unseen says what would be done with an address that is not known, if a page of its site linked it under a headline.
func (q *why) unseen() string {
	if q.site == nil {
		return "never seen, and of no site that is known: to crawl it, name it or its home page to khabar crawl"
	}
	if q.address == q.site.Home {
		return "never seen: the home page of a site that was not crawled yet"
	}
	for _, sec := range q.site.Sections {
		if sec.URL == q.address {
			return "never seen: a section of a site that was not crawled since it was named"
		}
	}
	page := fmt.Sprintf(`<html><body><main><h2><a href="%s">A headline of seven words about the town</a></h2></main></body></html>`, html.EscapeString(q.address))
	found, err := discover.Listing(q.site.Home, []byte(page), "text/html; charset=utf-8", q.site, q.learned)
	switch {
	case err != nil:
	case len(found.Links) == 1 && found.Links[0].Kind == discover.KindArticle && q.site.IsArticle(q.address) != site.Article && !q.learned.Takes(q.address):
		return fmt.Sprintf("never seen, and left out wherever it is linked: %s", discover.Unyielding)
	case len(found.Links) == 1 && found.Links[0].Kind == discover.KindArticle:
		return fmt.Sprintf("never seen: no page that was read lists it; linked under a headline, it would be fetched as an article, in lane %s", q.site.Lane(q.address))
	case len(found.Links) == 1:
		return fmt.Sprintf("never seen: no page that was read lists it; it would be taken for a %s, which is followed from the home page alone", found.Links[0].Kind)
	default:
		for reason := range found.Dropped {
			return fmt.Sprintf("never seen, and left out wherever it is linked: %s", reason)
		}
	}
	return "never seen: no page that was read lists it"
}

// answer prints what is known.
func (q *why) answer(w io.Writer, asJSON bool) (err error) {
	verdict, all := q.findings()
	if asJSON {
		enc := json.NewEncoder(terminal.JSON(w))
		enc.SetEscapeHTML(false)
		if err := enc.Encode(struct {
			URL     string    `json:"url,omitempty"`
			ID      string    `json:"id"`
			Known   bool      `json:"known"`
			Site    string    `json:"site,omitempty"`
			Verdict string    `json:"verdict"`
			Why     []finding `json:"why"`
		}{q.address, q.id, q.page != nil, q.siteID(), verdict, all}); err != nil {
			return fmt.Errorf("write: %w", err)
		}
		return nil
	}
	out := bufio.NewWriter(w)
	defer func() { err = flushed(out, err) }()
	fmt.Fprintf(out, "%s\n%s\n", foreign(orDash(q.address)), foreign(verdict))
	for _, f := range all {
		fmt.Fprintf(out, "  %-11s %s\n", f.About, foreign(f.Says))
	}
	return nil
}

func (q *why) siteID() string {
	if q.site != nil {
		return q.site.ID
	}
	if q.page != nil {
		return q.page.Site
	}
	return ""
}
