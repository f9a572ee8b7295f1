package extract

import (
	"slices"
	"strings"

	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/page"
)

// FingerprintOf gives the fingerprint that Extract gives to a block that says text.
func FingerprintOf(text string) Fingerprint { return fingerprint(text) }

// Shorten gives an article that Extract made a text from which paragraphs or lines were taken, and makes what derives from
// the text that of the new one: paragraphs, words, content hash, and what the quality says of its length. Everything
// else stays. The result depends on the article and the text alone, so that what is shortened later, from the stored
// article, is the same as what is shortened at once.
func Shorten(a *article.Article, text string) {
	if text == a.Text {
		return
	}
	a.WordCount = max(0, a.WordCount-page.CountWords(a.Text)+page.CountWords(text))
	a.Text, a.Paragraphs = text, 0
	for paragraph := range strings.SplitSeq(text, "\n\n") {
		if paragraph != "" {
			a.Paragraphs++
		}
	}
	a.ContentHash = article.HashContent(a.Title, a.Subtitle, a.Text)
	if a.Text != "" && a.WordCount < shortWords && !slices.Contains(a.Quality.Flags, FlagShort) {
		a.Quality.Flags = slices.Insert(slices.Clone(a.Quality.Flags), 0, FlagShort)
		a.Quality.Score = penalised(a.Quality.Score, FlagShort)
	}
}
