package extract

import (
	"github.com/khabar-crawler/khabar/pkg/page"
)

import "slices"

// passes are all that decides on a page's blocks, in order.
var passes = []pass{
	{ // Each block of the container by what it is and what stands around it.
		rules: slices.Concat([]rule{
			{reason: ReasonHidden, when: (*progress).unseen},
			{reason: ReasonNoWords, when: (*progress).wordless},
			{reason: ReasonNotChosen, when: (*progress).notChosen},
			{reason: ReasonOther, when: (*progress).inAnother},
			{reason: ReasonCard, when: (*progress).inCard},
			{reason: ReasonPoints, when: (*progress).inPoints},
		}, insideRules(), []rule{
			{reason: ReasonTitle, when: (*progress).headline},
			{reason: ReasonSaid, when: (*progress).saidBefore},
		}, lineRules, []rule{
			{reason: ReasonDate, when: (*progress).dateLine},
			{reason: ReasonHeadline, when: (*progress).linkedHeading, then: (*progress).opensCard},
			{reason: ReasonOverSummary, when: (*progress).overSummary},
			{reason: ReasonPlace, when: (*progress).placeHeading, then: (*progress).takesPlace},
			{reason: ReasonDeck, when: (*progress).deckHeading, then: (*progress).takesDeck},
			{reason: ReasonHeading, when: (*progress).heading, keep: true},
			{reason: ReasonLinkedLabel, when: (*progress).linkedLabel, then: (*progress).opensCard},
			{reason: ReasonLinks, when: (*progress).mostlyLinks, then: (*progress).opensCardOfWords},
			{reason: ReasonLabel, when: (*progress).bareLabel},
			{reason: ReasonText, when: (*progress).any, then: (*progress).starts, keep: true},
		}),
	},
	{ // What shares the container with the text and follows it: teasers, offers and notices.
		prepare: (*progress).weighMakes, looks: (*progress).keptText, backward: true, ends: true,
		rules: []rule{{reason: ReasonAfterMake, when: (*progress).madeOtherwise}},
	},
	{ // What is built differently from the paragraphs that make up the text.
		prepare: (*progress).hasMake, looks: (*progress).keptText,
		rules: []rule{
			{reason: ReasonFragments, when: (*progress).fragment},
			{reason: ReasonUnlikeMost, when: (*progress).unlikeMost},
			{reason: ReasonTable, when: (*progress).tableBeside},
			{reason: ReasonUnlike, when: (*progress).unlikeParagraphs},
		},
	},
	{ // The first lines.
		looks: (*progress).keptOrByline, most: 3,
		rules: []rule{
			{reason: ReasonDisclaimer, when: (*progress).disclaims},
			{reason: ReasonByline, when: (*progress).opensByline, then: (*progress).takesByline},
			{reason: ReasonSource, when: (*progress).sourceBelowFirst, then: (*progress).takesSource},
		},
	},
	{ // The first lines of another article behind the text.
		prepare: (*progress).longEnough, looks: (*progress).keptText,
		rules: []rule{{reason: ReasonNext, when: (*progress).anotherBegins, rest: ReasonNext}},
	},
	{ // What follows the line by which a paywall begins.
		prepare: (*progress).findsPaywall, looks: (*progress).kept,
		rules: []rule{{reason: ReasonOffer, when: (*progress).behindPaywall}},
	},
	{ // The last lines. Disclaimers and author boxes may follow a source line; what else does speaks of the site.
		looks: (*progress).kept, backward: true, most: 5,
		rules: []rule{
			{reason: ReasonSource, when: (*progress).sourceLine, then: (*progress).takesSource, rest: ReasonAfterSource},
			{reason: ReasonBrackets, when: (*progress).reporterInBrackets, then: (*progress).takesBrackets},
			{reason: ReasonEnd, when: (*progress).endMark},
			{reason: ReasonDisclaimer, when: (*progress).disclaims},
		},
	},
	{ // The lines after the text that tell who its authors are.
		prepare: (*progress).hasPeople, looks: (*progress).kept, backward: true, most: 4, spare: true,
		rules: []rule{{reason: ReasonBio, when: (*progress).tellsOfAuthor}},
	},
	{ // What ends the text and is no sentence.
		looks: (*progress).keptText, backward: true, ends: true,
		rules: []rule{{reason: ReasonLabelAfter, when: (*progress).labelAfter}},
	},
	{ // What opens the text and is no sentence: rubrics and names.
		looks: (*progress).kept, ends: true,
		rules: []rule{{reason: ReasonLabelBefore, when: (*progress).labelBefore}},
	},
	{ // Headings that no text follows. Lists in pictures have numbered headings and no text.
		looks: (*progress).keptUnnumbered, backward: true, ends: true,
		rules: []rule{{reason: ReasonNoText, when: (*progress).heading}},
	},
	{ // A summary between the headline and the container.
		prepare: (*progress).notRuled, span: (*progress).belowHeadline, looks: (*progress).mayLead,
		rules: []rule{
			{reason: ReasonBefore, when: (*progress).textBefore, then: (*progress).leads, keep: true},
			{reason: ReasonFirst, when: (*progress).firstHeading, then: (*progress).takesHeading},
			{reason: ReasonDeck, when: (*progress).deckAbove, then: (*progress).takesLead},
			{reason: ReasonStandfirst, when: (*progress).standfirst, then: (*progress).takesLead, keep: true},
		},
	},
}

// lineRules know lines that are no part of the text wherever they stand.
var lineRules = []rule{
	{reason: ReasonConsent, when: (*progress).consentNote},
	{reason: ReasonRelated, when: (*progress).leadsAway},
	{reason: ReasonAppeal, when: (*progress).appeals},
	{reason: ReasonDesk, when: (*progress).deskNote},
	{reason: ReasonRights, when: (*progress).rightsNote},
	{reason: ReasonAppeal, when: (*progress).invites},
	{reason: ReasonPhoto, when: (*progress).photoNote},
}

// insideRules are one rule for each of the traits whose elements hold no text.
func insideRules() []rule {
	var out []rule
	for t := range page.EachTrait {
		if traitsOff&t != 0 {
			out = append(out, rule{reason: inside(t), when: func(p *progress, k int) bool { return p.inside(k)&t != 0 }})
		}
	}
	return out
}
