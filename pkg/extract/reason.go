package extract

import (
	"github.com/khabar-crawler/khabar/pkg/page"
)

// Reason is why a block of a page is in the article's text, or not.
type Reason string

// The reasons, in the order of the rules that give them.
const (
	ReasonHidden      Reason = "hidden"
	ReasonNoWords     Reason = "no words"
	ReasonNotChosen   Reason = "outside the site file's body"
	ReasonOther       Reason = "another whole article"
	ReasonCard        Reason = "card of another article"
	ReasonPoints      Reason = "list of the text's points"
	ReasonTitle       Reason = "repeats the title"
	ReasonSaid        Reason = "said before"
	ReasonConsent     Reason = "consent note"
	ReasonRelated     Reason = "leads to other articles"
	ReasonAppeal      Reason = "appeal to the reader"
	ReasonDesk        Reason = "how the article was made"
	ReasonRights      Reason = "copyright"
	ReasonPhoto       Reason = "photo note"
	ReasonDate        Reason = "date"
	ReasonHeadline    Reason = "heading that is a link"
	ReasonOverSummary Reason = "heading of a summary"
	ReasonPlace       Reason = "place"
	ReasonDeck        Reason = "deck that restates the text"
	ReasonHeading     Reason = "heading"
	ReasonLinkedLabel Reason = "label with a link"
	ReasonLinks       Reason = "mostly links"
	ReasonLabel       Reason = "label"
	ReasonText        Reason = "text"
	ReasonAfterMake   Reason = "made unlike the text, after it"
	ReasonFragments   Reason = "list of fragments"
	ReasonUnlikeMost  Reason = "built unlike most of the text"
	ReasonTable       Reason = "table beside paragraphs"
	ReasonUnlike      Reason = "built unlike the paragraphs"
	ReasonDisclaimer  Reason = "disclaimer"
	ReasonByline      Reason = "byline"
	ReasonSource      Reason = "source line"
	ReasonNext        Reason = "another article's first lines"
	ReasonOffer       Reason = "offer behind a paywall"
	ReasonAfterSource Reason = "after the source line"
	ReasonBrackets    Reason = "reporter in brackets"
	ReasonEnd         Reason = "end mark"
	ReasonBio         Reason = "about the author"
	ReasonLabelAfter  Reason = "label after the text"
	ReasonLabelBefore Reason = "label before the text"
	ReasonNoText      Reason = "heading without text"
	ReasonBefore      Reason = "text before the container"
	ReasonFirst       Reason = "headline"
	ReasonStandfirst  Reason = "standfirst"
)

// traitsOff are traits whose elements hold no article text, whatever stands in them. Each is a reason of its own.
const traitsOff = page.TraitRelated | page.TraitShare | page.TraitComment | page.TraitNav | page.TraitAd | page.TraitCaption | page.TraitAuthor | page.TraitNewsletter |
	page.TraitTags | page.TraitHidden | page.TraitPaywall | page.TraitMedia | page.TraitPoll | page.TraitNote | page.TraitToc | page.TraitModal | page.TraitAside | page.TraitFooter | page.TraitEmbed | page.TraitDate | page.TraitMeta | page.TraitBox | page.TraitKicker

// inside is the reason of what stands in an element of a trait.
func inside(t page.Trait) Reason { return Reason("inside " + t.String()) }

// insideTraits are the traits by the reason that they give.
var insideTraits = func() map[Reason]page.Trait {
	out := map[Reason]page.Trait{}
	for t := range page.EachTrait {
		if traitsOff&t != 0 {
			out[inside(t)] = t
		}
	}
	return out
}()
