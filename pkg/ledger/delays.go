package ledger

import (
	"math"
	"slices"
	"strconv"
	"time"
)

// Delays is a histogram of delays, in bins of fixed bounds, so that any two can be added: how many there were in each bin,
// by its name ("b0", "b1" …). Only bins that something is in are there.
//
// The first bin is what is less than a minute, for most pages print no seconds. Of the others each is wider than the one
// before by 2^(1/8), 9 %, and stands for its middle: a quantile is wrong by 4.5 % at most.
type Delays map[string]int64

const (
	leastDelay   = time.Minute
	binsAnOctave = 8
	// lastBin begins at 45 days: what is later is found and no news.
	lastBin = 16*binsAnOctave + 1
	// mostCount bounds what is believed of one stored count, so that sums stay finite.
	mostCount = 1 << 40
)

// binOf is the number of the bin that a delay is in. One below zero is none.
func binOf(d time.Duration) int {
	if d < leastDelay {
		return 0
	}
	return min(1+int(math.Floor(binsAnOctave*math.Log2(float64(d)/float64(leastDelay)))), lastBin)
}

// middle is what a bin's delays are taken for.
func middle(bin int) time.Duration {
	if bin == 0 {
		return leastDelay / 2
	}
	return time.Duration(float64(leastDelay) * math.Exp2((float64(bin)-0.5)/binsAnOctave)).Round(time.Second)
}

func binName(bin int) string { return "b" + strconv.Itoa(bin) }

// readBin is the number of the bin that has that name; false for no bin of these.
func readBin(name string) (int, bool) {
	if len(name) < 2 || name[0] != 'b' {
		return 0, false
	}
	bin, err := strconv.Atoi(name[1:])
	return bin, err == nil && bin >= 0 && bin <= lastBin && binName(bin) == name
}

// Count is how many delays there are.
func (d Delays) Count() int64 {
	n := int64(0)
	for name, count := range d {
		if _, ok := readBin(name); ok {
			n += believed(count)
		}
	}
	return n
}

// Quantile is a delay that the share q of them do not exceed; false where there are none.
func (d Delays) Quantile(q float64) (time.Duration, bool) {
	var bins []int
	for name, n := range d {
		if bin, ok := readBin(name); ok && n > 0 {
			bins = append(bins, bin)
		}
	}
	if len(bins) == 0 {
		return 0, false
	}
	slices.Sort(bins)
	rank := int64(math.Ceil(q * float64(d.Count())))
	for _, bin := range bins {
		if rank -= believed(d[binName(bin)]); rank <= 0 {
			return middle(bin), true
		}
	}
	return middle(bins[len(bins)-1]), true
}

// believed is a stored count as far as it can be one: anybody may have written it.
func believed(n int64) int64 { return min(max(n, 0), mostCount) }
