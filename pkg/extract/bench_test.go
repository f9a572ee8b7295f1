package extract

import (
	"bytes"
	"runtime"
	"syscall"
	"testing"
	"time"

	"golang.org/x/net/html"
)

// BenchmarkRatio extracts all saved pages and parses the same pages with x/net/html in turn, and reports how many times
// the parse's CPU time, allocations and allocated bytes extraction costs. Run it with GOMAXPROCS=1.
func BenchmarkRatio(b *testing.B) {
	var pages []corpusPage
	for _, p := range readCorpus(b) {
		if p.set == "world" {
			pages = append(pages, p)
		}
	}
	now := time.Now()
	parse := func() {
		for _, p := range pages {
			if _, err := html.Parse(bytes.NewReader(p.html)); err != nil {
				b.Fatal(err)
			}
		}
	}
	extract := func() {
		for _, p := range pages {
			Extract(Page{URL: p.gold.URL, Body: p.html}, Options{Now: now})
		}
	}
	parse()
	extract()
	var base, ours cost
	b.ResetTimer()
	for b.Loop() {
		base.add(measure(parse))
		ours.add(measure(extract))
	}
	b.ReportMetric(float64(ours.cpu)/float64(base.cpu), "cpu/parse")
	b.ReportMetric(float64(ours.allocs)/float64(base.allocs), "allocs/parse")
	b.ReportMetric(float64(ours.bytes)/float64(base.bytes), "bytes/parse")
	b.ReportMetric(float64(ours.cpu)/float64(b.N*len(pages))/1e6, "ms/page")
}

type cost struct {
	cpu           time.Duration
	allocs, bytes uint64
}

func (c *cost) add(o cost) {
	c.cpu += o.cpu
	c.allocs += o.allocs
	c.bytes += o.bytes
}

// measure gives what a function costs, with the garbage collection it causes.
func measure(f func()) cost {
	runtime.GC()
	var m0, m1 runtime.MemStats
	runtime.ReadMemStats(&m0)
	t0 := cpuTime()
	f()
	runtime.GC()
	t1 := cpuTime()
	runtime.ReadMemStats(&m1)
	return cost{t1 - t0, m1.Mallocs - m0.Mallocs, m1.TotalAlloc - m0.TotalAlloc}
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
