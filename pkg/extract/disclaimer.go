package extract

import "github.com/khabar-crawler/khabar/pkg/extract/words"

// maxDisclaimer bounds a disclaimer in letters: the longest met has about 250, and a paragraph that is longer has more to
// say than that.
const maxDisclaimer = 450

// disclaims says whether a paragraph is a publisher's word on whose opinion the article is.
func (p *progress) disclaims(k int) bool {
	return p.blocks[k].Chars <= maxDisclaimer && p.holds(words.Disclaimer, k)
}
