package boilerplate

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/khabar-crawler/khabar/pkg/extract"
)

const (
	notice = "Stories on this site may be quoted at up to fifty words when the paper is named as their source."
	day    = 24 * time.Hour
)

// newsroom writes articles for tests.
type newsroom struct {
	rng     *rand.Rand
	written int
}

func newNewsroom(seed uint64) *newsroom { return &newsroom{rng: rand.New(rand.NewPCG(seed, 7))} }

// sentence is one that stands on no other article.
func (n *newsroom) sentence() string {
	w := make([]string, 9+n.rng.IntN(12))
	for i := range w {
		w[i] = fmt.Sprintf("%c%c%c%c", 'b'+n.rng.IntN(20), 'a'+n.rng.IntN(25), 'b'+n.rng.IntN(20), 'a'+n.rng.IntN(25))
	}
	return strings.ToUpper(w[0][:1]) + strings.Join(w, " ")[1:] + "."
}

func (n *newsroom) paragraphs(k int) []string {
	var out []string
	for range k {
		out = append(out, n.sentence())
	}
	return out
}

// article is an ordinary one, published so many days into the test; its paragraphs are changed by edit, which may be nil.
func (n *newsroom) article(at int, edit func([]string) []string) Observation {
	n.written++
	text := n.paragraphs(4 + n.rng.IntN(4))
	if edit != nil {
		text = edit(text)
	}
	when := fetched.Add(time.Duration(at)*day + time.Duration(n.written)*time.Minute)
	return Observation{
		Article: fmt.Sprintf("article %d", n.written), At: when, Published: when,
		Section: []string{"home", "world", "sport", "arts"}[n.written%4], Title: n.sentence(), Text: strings.Join(text, "\n\n"),
	}
}

func ending(line string) func([]string) []string {
	return func(p []string) []string { return append(p, line) }
}

// withNotice gives every article of a site the notice that is to be learned.
func withNotice(o []Observation) []Observation {
	for i := range o {
		o[i].Text += "\n\n" + notice
	}
	return o
}

// TestOwnSentencesStay shows the learner what looks like boilerplate and is not. After every article, nothing but the
// site's notice may be taken from any of the articles; in the end the notice must be.
func TestOwnSentencesStay(t *testing.T) {
	const lead = "The league is back this weekend with all ten matches played in front of full stands."
	weekend := func(n *newsroom, count int, at func(int) int, edit func([]string) []string) (out []Observation) {
		for i := range count {
			o := n.article(at(i), edit)
			o.Section = "sport"
			out = append(out, o)
		}
		return out
	}
	mixed := func(n *newsroom, count int, more []Observation) []Observation {
		for i := range count {
			more = append(more, n.article(i/5, nil))
		}
		slices.SortStableFunc(more, func(a, b Observation) int { return a.At.Compare(b.At) })
		return more
	}
	leading := func(p []string) []string { return append([]string{lead}, p...) }
	scenarios := map[string]func(n *newsroom) []Observation{
		"thirty match reports of a weekend share their lead": func(n *newsroom) []Observation {
			return mixed(n, 100, weekend(n, 30, func(i int) int { return 5 + i/10 }, leading))
		},
		"a sports site of which nothing else is known yet": func(n *newsroom) []Observation {
			return mixed(n, 30, weekend(n, 30, func(i int) int { return i / 15 }, leading))
		},
		"a sports site whose reports share a lead for two months": func(n *newsroom) []Observation {
			return weekend(n, 120, func(i int) int { return i / 2 }, leading)
		},
		"the shared lead stands below a standfirst": func(n *newsroom) []Observation {
			return weekend(n, 120, func(i int) int { return i / 2 }, func(p []string) []string { return slices.Insert(p, 1, lead) })
		},
		"match reports of a weekend share their last sentence": func(n *newsroom) []Observation {
			return mixed(n, 60, weekend(n, 40, func(i int) int { return 2 + i/14 }, ending("The teams meet again in the second half of the season.")))
		},
		"a live page is fetched again and again": func(n *newsroom) []Observation {
			live := n.article(0, nil)
			var out []Observation
			for i := range 60 {
				o := n.article(i/10, nil)
				live.At, live.Text = o.At, n.sentence()+"\n\n"+live.Text
				out = append(out, o, live)
			}
			return out
		},
		"a notice of correction stands on several articles": func(n *newsroom) []Observation {
			const correction = "This article was corrected after it was published because a name in it was wrong."
			var out []Observation
			for i := range 90 {
				edit := func(p []string) []string { return p }
				if i%9 == 4 {
					edit = ending(correction)
				} else if i%30 == 7 {
					edit = func(p []string) []string { return append([]string{correction}, p...) }
				}
				out = append(out, n.article(i/5, edit))
			}
			return out
		},
		"a story of an agency stands under fifteen addresses": func(n *newsroom) []Observation {
			story := n.article(0, nil)
			var out []Observation
			for i := range 60 {
				o := n.article(i/4, nil)
				if i%4 == 0 {
					o.Text, o.Title, o.Agency = story.Text, story.Title, "an agency"
				}
				out = append(out, o)
			}
			return out
		},
		"the copies of a story begin differently": func(n *newsroom) []Observation {
			story := n.article(0, nil)
			var out []Observation
			for i := range 60 {
				o := n.article(i/4, nil)
				if i%4 == 0 {
					o.Text, o.Agency = n.sentence()+"\n\n"+story.Text, "an agency"
				}
				out = append(out, o)
			}
			return out
		},
		"the weather of every day is told in the same words": func(n *newsroom) []Observation {
			var out []Observation
			for i := range 160 {
				o := n.article(i/4, nil)
				if i%4 == 0 {
					o.Title = "Weather today: " + n.sentence()
					o.Text = strings.Join([]string{n.sentence(), "The sky stays clear over the plain and the hills.", n.sentence(),
						fmt.Sprintf("The high is %d degrees and the low is %d.", 20+i%17, 5+i%11), "Drivers should look out for dust on the roads to the south."}, "\n\n")
				}
				out = append(out, o)
			}
			return out
		},
		"a site tells nothing but the weather": func(n *newsroom) []Observation {
			var out []Observation
			for i := range 90 {
				o := n.article(i, func([]string) []string {
					return []string{n.sentence(), "The sky stays clear over the plain.", n.sentence(), "Dust is to be expected on the roads to the south."}
				})
				o.Title = "Weather: " + n.sentence()
				out = append(out, o)
			}
			return out
		},
		"every report ends with a figure of its own": func(n *newsroom) []Observation {
			var out []Observation
			for i := range 90 {
				out = append(out, n.article(i/3, ending(fmt.Sprintf("Attendance: %d,%03d", 20+i%40, i*37%1000))))
			}
			return out
		},
		"a phrase of the trade": func(n *newsroom) []Observation {
			var out []Observation
			for i := range 120 {
				edit := func(p []string) []string { return p }
				if i%10 == 3 {
					edit = func(p []string) []string {
						return slices.Insert(p, 2+i%2, "An investigation was opened, the police said.")
					}
				}
				out = append(out, n.article(i/4, edit))
			}
			return out
		},
		"headings that a site uses again and again": func(n *newsroom) []Observation {
			var out []Observation
			for i := range 90 {
				out = append(out, n.article(i/3, func(p []string) []string { return slices.Insert(p, 2, "The background") }))
			}
			return out
		},
		"a lead is a teaser on all other articles": func(n *newsroom) []Observation {
			story := n.article(0, nil)
			lead, _, _ := strings.Cut(story.Text, "\n\n")
			out := []Observation{story}
			for i := range 60 {
				out = append(out, n.article(i/4, func(p []string) []string { return slices.Insert(p, 1+i%3, lead) }))
			}
			return out
		},
	}
	for name, write := range scenarios {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all := withNotice(write(newNewsroom(1)))
			teaser := strings.Contains(name, "teaser")
			p := New()
			for i, o := range all {
				p.Observe(o)
				p.Learn(o.At)
				if i%5 != 0 && i != len(all)-1 {
					continue
				}
				template := p.Template()
				for j, o := range all {
					if teaser && j > 0 {
						break // it is the other articles' boilerplate indeed
					}
					got, _ := template.Clean(o.Title, o.Text)
					if own := strings.TrimSuffix(o.Text, "\n\n"+notice); got != own && got != o.Text {
						t.Fatalf("after %d articles, of\n%s\nwas left\n%s", i+1, o.Text, got)
					}
				}
			}
			if weatherOnly := strings.Contains(name, "nothing but"); weatherOnly {
				return // what is the site's there and what the weather's, nobody can tell
			}
			last := all[len(all)-1]
			if got, _ := p.Template().Clean(last.Title, last.Text); strings.HasSuffix(got, notice) {
				t.Error("the site's notice was not learned")
			}
		})
	}
}

// TestNoticeOfOneAgency: a disclaimer that stands on the articles of an agency alone, one in twelve, is learned.
func TestNoticeOfOneAgency(t *testing.T) {
	n := newNewsroom(2)
	p := New()
	const disclaimer = "What agencies report does not have to be what this paper holds to be right."
	var last Observation
	for i := range 200 {
		edit := func(p []string) []string { return p }
		if i%12 == 0 {
			edit = ending(disclaimer)
		}
		o := n.article(i/5, edit)
		if i%12 == 0 {
			o.Agency = "an agency"
			last = o
		}
		p.Observe(o)
	}
	p.Learn(last.At)
	if got, taken := p.Template().Clean(last.Title, last.Text); taken != 1 || strings.Contains(got, disclaimer) {
		t.Errorf("not learned: %v", p.known)
	}
}

// TestTemplateChange: what a site no longer prints stays known for long, and is forgotten in the end; what it prints now is
// learned within few articles.
func TestTemplateChange(t *testing.T) {
	n := newNewsroom(3)
	p := New()
	const newNotice = "All that is printed here belongs to the paper and may not be printed elsewhere."
	see := func(count int, line string) {
		for i := range count {
			o := n.article(n.written, ending(line))
			p.Observe(o)
			if count < 100 || i%100 == 0 {
				p.Learn(o.At)
			}
		}
		p.Learn(fetched)
	}
	knows := func(line string) bool { return p.Template().known[keyOf(line)] }
	see(30, notice)
	if !knows(notice) {
		t.Fatal("the first notice was not learned within 30 articles")
	}
	see(10, newNotice)
	if !knows(newNotice) || !knows(notice) {
		t.Fatalf("ten articles after the change: the new notice is known: %v, the old one: %v", knows(newNotice), knows(notice))
	}
	see(200, newNotice)
	if !knows(notice) {
		t.Error("the old notice is forgotten after 200 articles")
	}
	see(12_000, newNotice)
	if knows(notice) || !knows(newNotice) {
		t.Errorf("12,000 articles later: the old notice is known: %v, the new one: %v", knows(notice), knows(newNotice))
	}
	if got := p.Articles(); got > maxSample+sampleSlack {
		t.Errorf("the sample has %d articles", got)
	}
}

// TestLearnedByChance: a line that stood on many of the first articles and on few later ones is given back.
func TestLearnedByChance(t *testing.T) {
	n := newNewsroom(4)
	p := New()
	const line = "The works on the bridge go on for another year at the least, as the city says."
	for i := range 400 {
		edit := func(p []string) []string { return p }
		if i < 16 && i%2 == 0 || i > 16 && i%60 == 0 {
			edit = ending(line)
		}
		o := n.article(i/2, edit)
		p.Observe(o)
		p.Learn(o.At)
		if known := p.Template().known[keyOf(line)]; i == 16 && !known {
			t.Fatal("not learned: the test tests nothing")
		}
	}
	if len(p.known) != 0 {
		t.Errorf("still known: %v", p.known)
	}
}

// TestFallsByLearningAlone: a disclaimer of the kind that Iraqi papers print as a last paragraph is text to the extractor,
// and falls when a few articles were seen.
func TestFallsByLearningAlone(t *testing.T) {
	const disclaimer = "الكلام المنسوب إلى أصحابه أو إلى جهات أخرى يخصهم وحدهم، ودور الصحيفة نقله إلى القراء كما وصل إليها."
	bodies := []string{"افتتحت البلدية", "أعلن المجلس", "وقعت الوزارة", "زار الوفد", "ناقش المؤتمر", "أكملت الشركة", "تسلم المزارعون", "أطلقت الجامعة", "استقبل الميناء", "كرمت المدرسة"}
	things := []string{"جسرا يربط ضفتي النهر", "خطة لإعمار الأسواق القديمة", "اتفاقا لمد خطوط المياه", "قرى الجنوب بعد الفيضان", "مستقبل زراعة النخيل", "محطة كهرباء تغذي الضواحي",
		"دفعات من البذور المحسنة", "مشروعا لترميم المخطوطات", "سفينة محملة بالقمح", "طلبتها الأوائل في الرياضيات"}
	p := New()
	extracted := func(i int) Observation {
		title := bodies[i%10] + " " + things[i/2%10]
		html := "<html lang=ar><head><title>" + title + "</title></head><body><article><h1>" + title + "</h1><div class=entry-content><p>" +
			bodies[i%10] + " اليوم في المدينة " + things[(i*3+i/10)%10] + "، وقال مصدر مسؤول إن العمل استمر أشهراً قبل ذلك.</p><p>" + things[(i*7+1)%10] + " و" + things[(i*7+4+i/10)%10] +
			fmt.Sprintf(" كانت من بين ما بحثه الحاضرون في اللقاء رقم %d مع ممثلي الأحياء والنواحي.", i+3) + "</p><p>" + disclaimer + "</p></div></article></body></html>"
		a := extract.Extract(extract.Page{URL: fmt.Sprintf("https://news.example/%d", i), Body: []byte(html)}, extract.Options{}).Article
		return Observation{Article: fmt.Sprint(i), At: fetched.Add(time.Duration(i) * 6 * time.Hour), Title: a.Title, Text: a.Text}
	}
	for i := range 24 {
		o := extracted(i)
		if !strings.HasSuffix(o.Text, disclaimer) {
			t.Fatalf("the extractor takes the disclaimer without learning: %s", o.Text)
		}
		p.Observe(o)
		p.Learn(o.At)
	}
	o := extracted(31)
	got, taken := p.Template().Clean(o.Title, o.Text)
	if taken != 1 || got != strings.TrimSuffix(o.Text, "\n\n"+disclaimer) {
		t.Errorf("%d lines taken, left: %s", taken, got)
	}
}
