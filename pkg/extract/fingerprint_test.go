package extract

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/page"
)

func TestWordsInCountsAsExtractDoes(t *testing.T) {
	pages := map[string]string{
		"english": "<h1>The bridge is open again</h1><p>It's the city's first “new” bridge in 30 years, engineers said on Sunday.</p><p>Traffic—slow<br>for weeks—moves at 1,200 cars an hour now.</p>",
		"arabic":  "<h1>افتتاح الجسر الجديد</h1><p>بغداد/المسلة: افتتحت أمانة العاصمة، اليوم الأحد، جسراً جديداً؛ هو الأول منذ 30 عاماً.</p>",
		"persian": "<h1>پل تازه باز شد</h1><p>خبرهای شهر می\u200cگوید که پل تازه پس از ۳۰ سال کار باز شده است و خودروها از آن می\u200cگذرند.</p>",
		"chinese": "<h1>新桥通车</h1><p>新桥于星期日上午正式通车，全长1200米，是该市三十年来修建的第一座跨河大桥，预计每天通行车辆超过一万辆。</p>",
		"thai":    "<h1>เปิดสะพานใหม่</h1><p>สะพานใหม่เปิดให้บริการเมื่อวันอาทิตย์ที่ผ่านมา หลังจากก่อสร้างมานานกว่า 30 ปี และรองรับรถได้วันละหนึ่งหมื่นคัน</p>",
	}
	check := func(name string, a article.Article) {
		t.Helper()
		if got := page.CountWords(a.Text); a.Extractor.Method == "dom" && got != a.WordCount {
			t.Errorf("%s: %d words counted in the text, %d on the page", name, got, a.WordCount)
		}
		lines := strings.Split(a.Text, "\n\n")
		if len(lines) != a.Paragraphs && a.Text != "" {
			t.Errorf("%s: %d paragraphs in the text, %d on the page", name, len(lines), a.Paragraphs)
		}
	}
	for name, html := range pages {
		check(name, Extract(Page{URL: "https://news.example/1", Body: []byte("<html><body><article>" + html + "</article></body></html>")}, Options{}).Article)
	}
	for _, p := range readCorpus(t) {
		check(p.id, Extract(Page{URL: p.gold.URL, Body: p.html}, Options{Now: time.Unix(1.8e9, 0)}).Article)
	}
}

func TestShorten(t *testing.T) {
	page := func(more string) article.Article {
		return Extract(Page{URL: "https://news.example/1", Body: []byte("<html><body><article><h1>The bridge is open</h1>" +
			"<p>The minister opened the new bridge over the river on Sunday, officials of the city said after the ceremony.</p>" +
			"<p>Some two thousand people walked over it within the first hour, most of them from the old town.</p>" + more + "</article></body></html>")}, Options{}).Article
	}
	short := page("")
	long := page("<p>Every story on this site may be quoted up to fifty words if the source is named with it, as the law of the land allows.</p>")
	if long.Text == short.Text {
		t.Fatal("the texts should differ")
	}
	Shorten(&long, short.Text)
	if !reflect.DeepEqual(long, short) {
		t.Errorf("shortened: %+v\nextracted: %+v", long, short)
	}
}

func TestFingerprintOfIsThatOfBlocks(t *testing.T) {
	r := Extract(Page{Body: []byte("<body><p>The minister opened the new bridge over the river on Sunday, officials said.</p></body>")}, Options{})
	for _, b := range r.Blocks {
		if b.Kept && b.Fingerprint != FingerprintOf(r.Article.Text) {
			t.Error("a block's fingerprint is not that of its text")
		}
	}
	if r.Article.Text == "" {
		t.Error("no text")
	}
}
