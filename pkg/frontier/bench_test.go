package frontier

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"
)

func BenchmarkPut(b *testing.B) {
	for name, c := range map[string]struct{ lanes, bound int }{
		"many lanes": {2000, 0}, "many lanes, bounded": {2000, 1 << 20}, "few lanes, bounded": {20, 1 << 20},
	} {
		b.Run(name, func(b *testing.B) {
			f := startServer(b).open(b, Config{LanePending: c.bound})
			tasks := make([]Task, 0, b.N)
			for i := range b.N {
				tasks = append(tasks, page(fmt.Sprintf("host-%d.example", i%c.lanes), i))
			}
			b.ResetTimer()
			if r, err := f.Put(context.Background(), tasks); err != nil || r.Queued != b.N {
				b.Fatal(r, err)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tasks/s")
		})
	}
}

// BenchmarkCycle is a whole turn for each page, as a crawl with a politeness delay has it.
func BenchmarkCycle(b *testing.B) {
	f := startServer(b).open(b, Config{})
	ctx := context.Background()
	lanes := b.N/10 + 1
	tasks := make([]Task, 0, b.N)
	for i := range b.N {
		tasks = append(tasks, page(fmt.Sprintf("host-%d.example", i%lanes), i))
	}
	if _, err := f.Put(ctx, tasks); err != nil {
		b.Fatal(err)
	}
	spent := make(map[string]time.Duration)
	lap := func(what string, at time.Time) time.Time {
		now := time.Now()
		spent[what] += now.Sub(at)
		return now
	}
	before := f.nc.Stats()
	b.ResetTimer()
	for done := 0; done < b.N; {
		at := time.Now()
		turn, err := f.Take(ctx)
		if err != nil {
			b.Fatal(err)
		}
		at = lap("take", at)
		task, err := turn.Next(ctx)
		at = lap("next", at)
		if errors.Is(err, ErrLaneEmpty) {
			if err := turn.Retire(ctx); err != nil {
				b.Fatal(err)
			}
			lap("retire", at)
			continue
		}
		if err != nil {
			b.Fatal(err)
		}
		if err := turn.Begin(ctx, task, 0, false); err != nil {
			b.Fatal(err)
		}
		if err := turn.Pace(ctx, 0); err != nil {
			b.Fatal(err)
		}
		at = lap("begin", at)
		if err := turn.Done(ctx, task); err != nil {
			b.Fatal(err)
		}
		at = lap("done", at)
		if err := turn.Release(ctx, time.Time{}, 0); err != nil {
			b.Fatal(err)
		}
		lap("release", at)
		done++
	}
	b.StopTimer()
	after := f.nc.Stats()
	for what, d := range spent {
		b.ReportMetric(float64(d.Microseconds())/float64(b.N), what+"-µs/page")
	}
	b.ReportMetric(float64(after.OutMsgs-before.OutMsgs)/float64(b.N), "msgs-out/page")
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "pages/s")
}

// BenchmarkLongLane works through a lane that holds the whole archive of a site.
func BenchmarkLongLane(b *testing.B) {
	f := startServer(b).open(b, Config{})
	ctx := context.Background()
	tasks := make([]Task, 100_000)
	for i := range tasks {
		tasks[i] = page("archive.example", i)
		tasks[i].Priority = 2
	}
	if _, err := f.Put(ctx, tasks); err != nil {
		b.Fatal(err)
	}
	var reading time.Duration
	b.ResetTimer()
	for range b.N {
		turn, err := f.Take(ctx)
		if err != nil {
			b.Fatal(err)
		}
		at := time.Now()
		task, err := turn.Next(ctx)
		reading += time.Since(at)
		if err != nil {
			b.Fatal(err)
		}
		if err := turn.Begin(ctx, task, 0, false); err != nil {
			b.Fatal(err)
		}
		if err := turn.Done(ctx, task); err != nil {
			b.Fatal(err)
		}
		if err := turn.Release(ctx, time.Time{}, 0); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(reading.Microseconds())/float64(b.N), "next-µs/page")
}
