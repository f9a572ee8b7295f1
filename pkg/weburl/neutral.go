package weburl

import (
	"net/url"
	"slices"
	"strings"
)

// neutralHosts are first labels of hosts that serve the pages of the bare domain in another form.
var neutralHosts = []string{"www", "amp", "m", "mobile", "wap", "touch"}

// neutralFirst and neutralLast are the segments of a path that choose a form of the page that the rest of it names, as
// first segment ("/amp/2026/x") and as last ("/2026/x/print").
var (
	neutralFirst = []string{"amp", "m", "mobile", "print"}
	neutralLast  = []string{"amp", "print"}
)

// indexFiles are what servers send for a path that ends with a slash.
var indexFiles = []string{"index.html", "index.htm", "index.shtml", "index.php", "index.asp", "index.aspx", "index.jsp", "default.asp", "default.aspx", "default.htm", "default.html"}

// neutralParameters are query parameters that choose a form of the page, in lower case, with the values by which they
// do; none: any value.
var neutralParameters = map[string][]string{
	"amp":        nil, // WordPress and others
	"noamp":      nil,
	"nonamp":     nil,
	"outputtype": {"amp"}, // Arc XP
	"output":     {"amp", "print", "1"},
	"format":     {"amp", "print"},
	"view":       {"amp", "print", "mobile"},
	"tmpl":       {"component"}, // Joomla's bare template
	"print":      nil,
	"printable":  nil, // MediaWiki
	"printview":  nil,
	"mobile":     nil,
	"ismobile":   nil,
	"m":          {"0", "1"}, // Blogger
}

// Neutral gives a canonical URL without what only chooses how a page is sent or shown: the scheme, www and the hosts,
// path segments, endings and parameters of AMP, mobile and print forms, index files, slashes at the end, and the order of
// parameters. Two addresses with the same neutral form are most likely one page's; it takes a look at the pages to know.
// What it gives is to be compared, not to be fetched.
func Neutral(canonical string) string {
	u, err := url.Parse(canonical)
	if err != nil {
		return canonical
	}
	return Bare(u.Host) + neutralPath(u.EscapedPath()) + neutralQuery(u.RawQuery)
}

// Bare gives a host[:port] without www and the labels of AMP and mobile forms before it.
func Bare(host string) string {
	for {
		first, rest, _ := strings.Cut(host, ".")
		if !slices.Contains(neutralHosts, first) || Domain(rest) != Domain(host) {
			return host
		}
		host = rest
	}
}

// ChoosesForm says whether a segment of a path chooses a form of the page on many sites, as amp and print do.
func ChoosesForm(segment string) bool {
	segment = strings.ToLower(segment)
	return slices.Contains(neutralFirst, segment) || slices.Contains(neutralLast, segment)
}

func neutralPath(path string) string {
	segments := strings.FieldsFunc(path, func(r rune) bool { return r == '/' })
	if n := len(segments); n > 0 && slices.Contains(indexFiles, strings.ToLower(segments[n-1])) {
		segments = segments[:n-1]
	}
	if n := len(segments); n > 1 && slices.Contains(neutralLast, strings.ToLower(segments[n-1])) {
		segments = segments[:n-1]
	}
	if len(segments) > 1 && slices.Contains(neutralFirst, strings.ToLower(segments[0])) {
		segments = segments[1:]
	}
	if n := len(segments); n > 0 {
		// "/x.amp", "/x.amp.html"
		last := strings.TrimSuffix(segments[n-1], ".amp")
		if stem, found := strings.CutSuffix(last, ".amp.html"); found {
			last = stem + ".html"
		}
		if last != "" {
			segments = append(slices.Clip(segments[:n-1]), last)
		}
	}
	return "/" + strings.Join(segments, "/")
}

func neutralQuery(query string) string {
	var kept []string
	for p := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(p, "=")
		values, neutral := neutralParameters[strings.ToLower(name)]
		if p != "" && !(neutral && (values == nil || slices.Contains(values, strings.ToLower(value)))) {
			kept = append(kept, p)
		}
	}
	if len(kept) == 0 {
		return ""
	}
	slices.Sort(kept)
	return "?" + strings.Join(kept, "&")
}
