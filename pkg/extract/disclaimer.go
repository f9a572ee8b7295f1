package extract

import "strings"

// disclaimers are what publishers say of whose opinion a text is, in the letters that comparable keeps. They are common
// wordings of many languages; a site's own wording is for its template to teach.
var disclaimers = folded(
	"لا تعبر بالضرورة عن", "لا يعبر بالضرورة عن", "لايعبر بالضرورة عن", "لاتعبر بالضرورة عن", "لا تعبر عن رأي", "لا يعبر عن رأي",
	"لا تمثل بالضرورة", "لا يمثل بالضرورة", "يعبر عن رأي كاتبه", "تعبر عن رأي كاتبها", "تعبر عن وجهة نظر كاتبها",
	"لزوما بیانگر", "لزوماً نظر", "مسئولیت نوشته ها بر عهده", "مسئولیت مطالب بر عهده",
	"کا متفق ہونا ضروری نہیں", "مەرج نییە گوزارشت", "مەرج نییە دەربڕی",
	"görüşlerini yansıtmayabilir", "görüşlerini yansıtmaz", "politikasını yansıtmayabilir", "sorumluluğu yazarına aittir",
	"do not necessarily reflect", "does not necessarily reflect", "do not necessarily represent", "does not necessarily represent",
	"views expressed in this article are", "opinions expressed in this article are", "opinions expressed are those of the author",
	"nicht notwendigerweise die meinung", "nicht unbedingt die meinung", "nicht zwingend die meinung",
	"ne reflètent pas nécessairement", "ne reflète pas nécessairement", "n'engagent que leur auteur", "n'engage que son auteur",
	"no reflejan necesariamente", "no refleja necesariamente", "no representan necesariamente",
	"non riflettono necessariamente", "não refletem necessariamente", "não reflete necessariamente",
	"может не совпадать с мнением", "אינן משקפות בהכרח", "אינו משקף בהכרח",
)

// maxDisclaimer bounds a disclaimer in letters: the longest met has about 250, and a paragraph that is longer has more to
// say than that.
const maxDisclaimer = 450

func folded(lines ...string) []string {
	for i, l := range lines {
		lines[i] = comparable(l)
	}
	return lines
}

// disclaims says whether a paragraph is a publisher's word on whose opinion the article is.
func disclaims(text string) bool {
	if len(text) > 2*maxDisclaimer {
		return false
	}
	c := comparable(text)
	for _, d := range disclaimers {
		if strings.Contains(c, d) {
			return true
		}
	}
	return false
}
