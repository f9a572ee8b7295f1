package simulation

import (
	"context"
	"fmt"
	"io"
	"math"
	"strings"
)

// The picture of a curve: what is spent from left to right and the mean delay from bottom to top, both by their logarithms.
const (
	width, height          = 720, 460
	left, right            = 70, 560
	top, bottom            = 30, 400
	leastSpent, mostSpent  = 2.0, 128.0  // requests a section and day
	leastDelay, mostDelay  = 4.0, 1024.0 // minutes
	pointsPerOctave        = 1
	nearEnough             = 1.1 // a policy that spends that much more or less than it was to has come to its end
	fontStyle              = `font-family="sans-serif" font-size="13"`
	lineStyle, gridStyle   = `fill="none" stroke-width="2"`, `stroke="#ddd" stroke-width="1"`
	labelDown, labelsApart = 5.0, 16.0
)

// colours are told apart by those who see fewer, too (Okabe and Ito 2008).
var colours = []string{"#0072b2", "#999999", "#cc79a7", "#d55e00", "#009e73", "#000000"}

// Curve writes an SVG picture: for each policy the mean delay at what it spends, from little to much. The error is the
// context's or w's.
func Curve(ctx context.Context, w io.Writer, cfg Config) error {
	var b strings.Builder
	x := func(spent float64) float64 {
		return left + (right-left)*math.Log(spent/leastSpent)/math.Log(mostSpent/leastSpent)
	}
	y := func(delay float64) float64 {
		return bottom - (bottom-top)*math.Log(delay/leastDelay)/math.Log(mostDelay/leastDelay)
	}
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" %s>`+"\n", width, height, fontStyle)
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="#fff"/>`+"\n", width, height)
	for v := leastSpent; v <= mostSpent; v *= 2 {
		fmt.Fprintf(&b, `<path d="M%.1f %dV%d" %s/><text x="%.1f" y="%d" text-anchor="middle">%g</text>`+"\n", x(v), top, bottom, gridStyle, x(v), bottom+20, v)
	}
	for v := leastDelay; v <= mostDelay; v *= 4 {
		fmt.Fprintf(&b, `<path d="M%d %.1fH%d" %s/><text x="%d" y="%.1f" text-anchor="end">%g</text>`+"\n", left, y(v), right, gridStyle, left-8, y(v)+labelDown, v)
	}
	fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="middle">requests a section and day (%d sections, lists of %d)</text>`+"\n", (left+right)/2, bottom+45, cfg.Sections, cfg.List)
	fmt.Fprintf(&b, `<text x="20" y="%d" transform="rotate(-90 20 %[1]d)" text-anchor="middle">minutes until an article is found, mean</text>`+"\n", (top+bottom)/2)
	last := math.Inf(1)
	for i, p := range Policies() {
		var path strings.Builder
		var end Result
		for spent := leastSpent; spent <= mostSpent; spent *= math.Exp2(1.0 / pointsPerOctave) {
			r, err := Spend(ctx, cfg, p, spent)
			if err != nil {
				return err
			}
			if off := r.Requests / spent; off > nearEnough || off < 1/nearEnough || r.Delay.Mean > mostDelay || r.Delay.Mean < leastDelay {
				continue
			}
			fmt.Fprintf(&path, "%c%.1f %.1f", "ML"[min(path.Len(), 1)], x(r.Requests), y(r.Delay.Mean))
			end = r
		}
		if path.Len() == 0 {
			continue // as a rule that cannot spend so much
		}
		dash := ""
		if p.Name == "oracle" {
			dash = ` stroke-dasharray="2 4"`
		}
		fmt.Fprintf(&b, `<path d="%s" stroke="%s" %s%s/>`+"\n", path.String(), colours[i], lineStyle, dash)
		at := y(end.Delay.Mean) + labelDown
		if math.Abs(at-last) < labelsApart {
			at = last + labelsApart
		}
		last = at
		fmt.Fprintf(&b, `<text x="%.1f" y="%.1f" fill="%s">%s</text>`+"\n", x(end.Requests)+8, at, colours[i], p.Name)
	}
	b.WriteString("</svg>\n")
	_, err := io.WriteString(w, b.String())
	return err
}
