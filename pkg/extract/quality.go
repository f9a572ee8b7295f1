package extract

import (
	"strings"
	"time"
	"unicode"

	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/page"
)

// The quality flags. Each is a reason to look twice, docs/schema.md lists them for readers of the data.
const (
	FlagShort      = "short"             // fewer than 40 words: a brief, or a body that was missed
	FlagEmptyText  = "empty_text"        // no body was found
	FlagTruncated  = "truncated"         // the page was larger than what is read, the text breaks off, or its rest is not on the page
	FlagPaywalled  = "paywalled"         // the page says that the rest is for subscribers
	FlagListing    = "listing"           // looks like a list of articles
	FlagNoTitle    = "no_title"          // no headline was found
	FlagNoDate     = "no_date"           // no publication date was found
	FlagFutureDate = "future_date"       // published later than it was fetched
	FlagMojibake   = "mojibake"          // text that was decoded wrongly before it was served
	FlagLowDensity = "low_text_density"  // most of what stands around the text was dropped
	FlagLanguage   = "language_mismatch" // the page claims a language in which its text is not written
	FlagRepeated   = "repeated_title"    // the text is little more than the title
	FlagGuessed    = "guessed_encoding"  // no declaration of the encoding could be used, and how the text reads told it
	FlagHidden     = "hidden_body"       // the text stood in an element that the page hides
	FlagDrift      = "rule_drift"        // a selector of the site file matches nothing
)

const (
	// shortWords: one paragraph of news. The shortest true article of the dev pages has 33 words.
	shortWords = 40
	// futureSlack allows for clocks and zones that are wrong by less than a day.
	futureSlack = 24 * time.Hour
)

// penalties are what flags take from the score: most where the flag means that the text is not the article, least where
// the text may well be whole (a page behind a paywall often carries all of it).
var penalties = map[string]float64{FlagShort: 0.25, FlagEmptyText: 0.9, FlagTruncated: 0.1, FlagPaywalled: 0.05, FlagListing: 0.1,
	FlagNoTitle: 0.3, FlagNoDate: 0.1, FlagFutureDate: 0.1, FlagMojibake: 0.6, FlagLowDensity: 0.15, FlagLanguage: 0.1, FlagRepeated: 0.4,
	FlagGuessed: 0.05, FlagHidden: 0.05, FlagDrift: 0.05}

// score is one for a text that is made of one piece and has no flags. uniform is the share of the text that is marked
// up in one way, dense the share of its container that was kept: wrong extractions are patchworks.
func score(flags []string, uniform, dense float64) float64 {
	s := (0.5 + 0.5*uniform) * (0.8 + 0.2*dense)
	for _, f := range flags {
		s *= 1 - penalties[f]
	}
	return float64(int(s*1000+0.5)) / 1000
}

// penalised is a score after one more flag.
func penalised(score float64, flag string) float64 {
	return float64(int(score*(1-penalties[flag])*1000+0.5)) / 1000
}

// looksMojibake says whether text was decoded in the wrong encoding before it reached the page: UTF-8 read as
// Latin-1 or windows-1252 leaves pairs of a letter from Â to ô and a sign from the upper half, which no language
// writes one after the other; read as windows-874 it leaves Thai letters without a vowel between them, as windows-1251 and 1256
// every other letter is one of two. What was Arabic, Cyrillic or Chinese in an encoding of its own and read as windows-1252 is of
// accented letters mostly. Where bytes were lost on the way, question marks stand inside the words.
func looksMojibake(text string) bool {
	pairs, letters, replaced, lost, accented, cyrillic, arabic := 0, 0, 0, 0, 0, 0, 0
	var prev rune
	for _, r := range text {
		if unicode.IsLetter(r) {
			letters++
			if prev == '?' {
				lost++
			}
		}
		switch {
		case r == '\uFFFD':
			replaced++
		case r >= 'À' && r <= 'ÿ':
			accented++
		case r == 'Р' || r == 'С':
			cyrillic++
		case r == 'ط' || r == 'ظ':
			arabic++
		}
		if spoilt(prev, r) {
			pairs++
		}
		prev = r
	}
	return letters > 0 && (pairs*8 > letters || replaced*20 > letters || lost*4 > letters ||
		letters >= leastSpoilt && (accented*2 > letters || cyrillic*4 > letters || arabic*4 > letters))
}

// leastSpoilt letters: of fewer, half may well be accented, or a quarter the capitals of an acronym.
const leastSpoilt = 40

// spoilt says whether one letter after another is what wrong decoding leaves.
func spoilt(prev, r rune) bool {
	switch prev {
	case 'Ã', 'Ø', 'Ù', 'Ú', 'Û', 'Ð', 'Ñ', '×', 'Å':
		return r >= 0x80 && r <= 0x2122 && !(r >= 0xC0 && r < 0x250)
	case 'ุ', 'ู':
		return r == 'ุ' || r == 'ู' || r >= 'ก' && r <= 'ฮ'
	}
	return false
}

// flagsOf collects what is doubtful about an extraction.
func flagsOf(a *article.Article, f *finding, m *pageMeta, now time.Time) []string {
	var flags []string
	add := func(on bool, flag string) {
		if on {
			flags = append(flags, flag)
		}
	}
	add(a.Text == "", FlagEmptyText)
	add(a.Text != "" && a.WordCount < shortWords, FlagShort)
	add(a.Title == "", FlagNoTitle)
	add(a.PublishedAt == nil, FlagNoDate)
	add(a.PublishedAt != nil && !now.IsZero() && a.PublishedAt.After(now.Add(futureSlack)), FlagFutureDate)
	add(m.ld.paid || f.paywalled, FlagPaywalled)
	add(f.d.Truncated || f.broken || trailsOff(a.Text), FlagTruncated)
	add(f.showHidden && a.Extractor.Method == "dom", FlagHidden)
	inside, _ := f.linkedHeads()
	add(inside >= listingHeads && !f.tells(), FlagListing)
	add(looksMojibake(a.Title+" "+page.RunePrefix(a.Text, 3000)), FlagMojibake)
	add(a.Title != "" && a.Text != "" && len(a.Text) < 2*len(a.Title) && sharedWords(a.Title, a.Text) > 0.8, FlagRepeated)
	add(f.density() < 0.5, FlagLowDensity)
	return flags
}

// density is the share of the container's words that were kept.
func (f *finding) density() float64 {
	if f.root < 0 {
		return 1
	}
	a, b := f.blockRange(f.root)
	all, kept := 0, 0
	for k := a; k < b; k++ {
		if f.out[k].why == ReasonTitle {
			continue
		}
		all += int(f.blocks[k].Words)
		if f.out[k].keep {
			kept += int(f.blocks[k].Words)
		}
	}
	if all == 0 {
		return 1
	}
	return float64(kept) / float64(all)
}

// trailsOff says whether a text ends as if it was cut.
func trailsOff(text string) bool {
	t := strings.TrimRight(text, " \n")
	return strings.HasSuffix(t, "[...]") || strings.HasSuffix(t, "[…]") || strings.HasSuffix(t, "…")
}
