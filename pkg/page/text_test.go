package page

import "testing"

// TestCountOf: one text has one count of words, whoever asks.
func TestCountOf(t *testing.T) {
	for _, c := range []struct {
		text string
		want Count
	}{
		{"", Count{}}, {"The mill's 2 wheels", Count{Words: 4, Numbers: 1}}, {"rock ’n’ roll", Count{Words: 3}}, {"5G and G20", Count{Words: 3, Numbers: 1}},
		{"می\u200cخواهم ۱۲ کتاب", Count{Words: 3, Numbers: 1}}, {"مُحَمَّد، قال", Count{Words: 2}}, {"東京で2人", Count{Words: 1, Numbers: 1, Unspaced: 4}},
		{"⬅️ Back", Count{Words: 1}}, {"state-of-the-art", Count{Words: 4}}, {"दुनिया की खबर", Count{Words: 3}},
	} {
		if got := CountOf(c.text); got != c.want {
			t.Errorf("%q: %+v, want %+v", c.text, got, c.want)
		}
		if got := CountWords(c.text); got != c.want.Words+c.want.Unspaced {
			t.Errorf("%q: %d words", c.text, got)
		}
	}
}
