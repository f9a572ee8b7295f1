package newsdate

import (
	"strings"
	"testing"
)

func BenchmarkParse(b *testing.B) {
	for _, c := range []struct{ name, text, lang string }{
		{"arabic", "الأربعاء، 07 أكتوبر 2020 - 12:09 م", "ar"},
		{"jalali", "۲۹ بهمن ۱۳۹۸ - ۰۶:۵۵", "fa"},
		{"english", "Published 3 May 2024, 10:15 BST", "en"},
		{"none", "وزير الري يشهد توقيع عقد دراسة تحديد السحب الآمن للخزانات", "ar"},
	} {
		b.Run(c.name, func(b *testing.B) {
			h := Hint{Language: c.lang, Now: now}
			b.ReportAllocs()
			for b.Loop() {
				Parse(c.text, h)
			}
		})
	}
}

func BenchmarkParseMachine(b *testing.B) {
	b.ReportAllocs()
	h := Hint{Language: "ar", Country: "IQ", Now: now}
	for b.Loop() {
		ParseMachine("2020-06-03T03:01:13+04:00", h)
	}
}

func BenchmarkFromURL(b *testing.B) {
	b.ReportAllocs()
	h := Hint{Language: "ar", Country: "EG", Now: now}
	for b.Loop() {
		FromURL("https://www.youm7.com/story/2020/8/24/some-slug-here/4943459", h)
	}
}

func BenchmarkFindParagraph(b *testing.B) {
	text := strings.Repeat("قال الوزير في تصريح صحفي يوم الأربعاء إن المشروع الذي بدأ في 3 مايو 2019 سيكتمل قريبا. ", 8)
	h := Hint{Language: "ar", Country: "EG", Now: now}
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		Find(text, h)
	}
}

func BenchmarkLexicon(b *testing.B) {
	for b.Loop() {
		buildLexicon()
	}
}
