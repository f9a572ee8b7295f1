package survey

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"

	"github.com/khabar-crawler/khabar/pkg/site"
)

// maxComment bounds each piece of evidence, in runes, and maxLeft how many of the sections that are not in the file are named.
const (
	maxComment = 300
	maxLeft    = 40
)

// File writes the findings as a site file, the evidence in comments.
func (f *Findings) File() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Found out by khabar sites discover on %s, with %d requests; %d articles were read.\n", f.At.Format(time.DateOnly), f.Requests, f.Read)
	for _, n := range f.Notes {
		fmt.Fprintf(&b, "# %s\n", comment(n))
	}
	fmt.Fprintf(&b, "id: %s\n", scalar(f.ID))
	f.Name.write(&b, "name")
	fmt.Fprintf(&b, "home: %s\n", scalar(f.Home))
	f.Language.write(&b, "language")
	f.Country.write(&b, "country")
	f.TimeZone.write(&b, "time_zone")

	fmt.Fprintf(&b, "\npoliteness:\n  concurrency: 1 # one request at a time\n")
	if f.CrawlDelay > site.DefaultDelay {
		fmt.Fprintf(&b, "  delay: %s # robots.txt asks for it\n", f.CrawlDelay)
	} else if f.CrawlDelay > 0 {
		fmt.Fprintf(&b, "  # delay: robots.txt asks for %s; the crawl's own is longer\n", f.CrawlDelay)
	} else {
		fmt.Fprintf(&b, "  # delay: robots.txt asks for none; the crawl's own holds\n")
	}

	fmt.Fprintf(&b, "\nsections:\n")
	for _, s := range f.Sections {
		if s.Title != "" {
			fmt.Fprintf(&b, "  # %s\n", comment(s.Title))
		}
		fmt.Fprintf(&b, "  - id: %s\n    url: %s\n    kind: %s # %s\n", scalar(s.ID), scalar(s.URL), s.Kind, comment(s.yield()))
	}

	if f.Pattern.Value != "" {
		fmt.Fprintf(&b, "\narticles:\n  include: # %s\n", comment(strings.Join(f.Pattern.Evidence, "; ")))
		for _, expr := range strings.Split(f.Pattern.Value, "\n") {
			fmt.Fprintf(&b, "    - %s\n", scalar(expr))
		}
	} else {
		fmt.Fprintf(&b, "\n# articles: no pattern: %s\n", comment(strings.Join(f.Pattern.Evidence, "; ")))
	}
	if len(f.Left) > 0 {
		fmt.Fprintf(&b, "\n# Not taken for sections:\n")
		for i, l := range f.Left {
			if i == maxLeft {
				fmt.Fprintf(&b, "#   and %d more\n", len(f.Left)-maxLeft)
				break
			}
			fmt.Fprintf(&b, "#   %s: %s\n", comment(l.URL), comment(l.Why))
		}
	}
	return b.Bytes()
}

// write writes a value with its evidence, or that there is none.
func (f Found) write(b *bytes.Buffer, key string) {
	why := comment(strings.Join(f.Evidence, "; "))
	switch {
	case f.Value == "" && why == "":
		fmt.Fprintf(b, "# %s: nothing tells\n", key)
	case f.Value == "":
		fmt.Fprintf(b, "# %s: not clear: %s\n", key, why)
	default:
		fmt.Fprintf(b, "%s: %s # %s\n", key, scalar(f.Value), why)
	}
}

// yield says what a section gave.
func (s Section) yield() string {
	text := fmt.Sprintf("%s; %d articles, %d of them in nothing above", s.From, s.Articles, s.Own)
	if s.Newest != nil {
		text += ", the newest of " + s.Newest.UTC().Format(time.DateOnly)
	}
	return text
}

// comment makes a text fit for one line behind a #: what a site says must not end it.
func comment(s string) string {
	s = oneLine(s)
	if r := []rune(s); len(r) > maxComment {
		s = string(r[:maxComment]) + "…"
	}
	return s
}

// oneLine takes line ends, and what steers how a line is shown, out of a text.
func oneLine(s string) string {
	return squeeze(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || unicode.Is(unicode.Cf, r) && r != '\u200c' && r != '\u200d' {
			return ' '
		}
		return r
	}, s))
}

var (
	plain    = regexp.MustCompile(`^[\pL][\pL\pM\pN_./-]*(?: [\pL\pM\pN_./-]+)*$`)
	plainURL = regexp.MustCompile(`^https?://[\w./%~+@!$*()&=?;,-]+$`)
)

// scalar writes a text as a YAML scalar: plain where it can be nothing else, in single quotes otherwise.
func scalar(s string) string {
	switch strings.ToLower(s) {
	case "true", "false", "null", "yes", "no", "on", "off", "y", "n":
		return "'" + s + "'"
	}
	if plain.MatchString(s) || plainURL.MatchString(s) {
		return s
	}
	return "'" + strings.ReplaceAll(oneLine(s), "'", "''") + "'"
}
