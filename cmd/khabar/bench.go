package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/pprof"
	"sort"
	"strings"

	"github.com/google/pprof/profile"
	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"github.com/khabar-crawler/khabar/pkg/demosite"
	"github.com/khabar-crawler/khabar/pkg/worker"
)

func benchCommand() *cobra.Command {
	var sites, perSection, slots int
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Crawl a larger demo web at full speed and say where the time goes",
		Long: "Crawls a news web on loopback with no delay between requests, servers and web in this same process, and prints\n" +
			"pages per second and per CPU second, peak memory, and the share of CPU time of each part. Numbers of one machine\n" +
			"compare with each other, not with those of others; run it several times.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			log, err := cliLogger(cmd, "warn")
			if err != nil {
				return err
			}
			if sites < 1 || perSection < 1 || slots < 1 {
				return fmt.Errorf("--sites, --articles and --slots must be at least 1")
			}
			dir, err := os.MkdirTemp("", "khabar-bench-")
			if err != nil {
				return fmt.Errorf("directory for the data: %w", err)
			}
			defer os.RemoveAll(dir) // what stays behind is in the system's own temporary directory
			res, err := bench(cmd.Context(), dir, demosite.Config{Sites: sites, PerSection: perSection}, slots, cmd.ErrOrStderr(), log)
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(res)
			}
			res.print(cmd.OutOrStdout())
			return nil
		},
	}
	cmd.Flags().IntVar(&sites, "sites", 24, "sites of the web")
	cmd.Flags().IntVar(&perSection, "articles", 20, "articles in each of a site's four sections")
	cmd.Flags().IntVar(&slots, "slots", worker.Default().Slots, "turns worked on at once")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

// benchResult is what one run measured.
type benchResult struct {
	Pages          int                `json:"pages"`
	Articles       int                `json:"articles"`
	Seconds        float64            `json:"seconds"`
	CPUSeconds     float64            `json:"cpu_seconds"` // user and system, servers and web included
	PagesPerSecond float64            `json:"pages_per_second"`
	PagesPerCPU    float64            `json:"pages_per_cpu_second"`
	PeakMemory     int64              `json:"peak_memory_bytes"`
	Cores          int                `json:"cores"`
	CPUShare       map[string]float64 `json:"cpu_share"` // of profile samples, by part
}

func bench(ctx context.Context, dir string, web demosite.Config, slots int, progress io.Writer, log *zap.Logger) (benchResult, error) {
	w, err := demosite.Start(ctx, web)
	if err != nil {
		return benchResult{}, err
	}
	defer w.Close()
	sites, err := demoSites(w.Sites())
	if err != nil {
		return benchResult{}, err
	}
	srv, err := startServers(ctx, addresses{}, dir, "", "", log)
	if err != nil {
		return benchResult{}, err
	}
	defer srv.stop()
	cfg := demoConfig(w, srv)
	cfg.Worker.Slots = slots
	t := newTally()
	e, err := newEngine(ctx, cfg, at(targets{sites: sites}), worker.Bounds{Once: true}, t, log)
	if err != nil {
		return benchResult{}, err
	}
	defer e.close()
	stop := t.progress(progress)
	defer stop()

	var prof bytes.Buffer
	if err := pprof.StartCPUProfile(&prof); err != nil {
		return benchResult{}, fmt.Errorf("CPU profile: %w", err)
	}
	cpu := cpuSeconds()
	err = e.run(ctx, true)
	pprof.StopCPUProfile()
	cpu = cpuSeconds() - cpu
	stop()
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return benchResult{}, err
	}
	s := t.snapshot()
	res := benchResult{
		Pages: s.pages, Articles: s.fresh, Seconds: s.seconds, CPUSeconds: cpu, PagesPerSecond: s.rate(),
		PeakMemory: peakMemory(), Cores: runtime.GOMAXPROCS(0),
	}
	if cpu > 0 {
		res.PagesPerCPU = float64(s.pages) / cpu
	}
	if res.CPUShare, err = cpuShares(&prof); err != nil {
		return benchResult{}, err
	}
	return res, nil
}

func (r benchResult) print(w io.Writer) {
	fmt.Fprintf(w, "pages            %d, %d articles, in %.1f s on %d cores\n", r.Pages, r.Articles, r.Seconds, r.Cores)
	fmt.Fprintf(w, "pages/s          %.0f\n", r.PagesPerSecond)
	fmt.Fprintf(w, "pages/CPU-second %.0f (servers and web included)\n", r.PagesPerCPU)
	fmt.Fprintf(w, "peak memory      %d MB\n", r.PeakMemory>>20)
	parts := make([]string, 0, len(r.CPUShare))
	for p := range r.CPUShare {
		parts = append(parts, p)
	}
	sort.Slice(parts, func(i, j int) bool { return r.CPUShare[parts[i]] > r.CPUShare[parts[j]] })
	fmt.Fprintf(w, "share of CPU time\n")
	for _, p := range parts {
		fmt.Fprintf(w, "  %-14s %5.1f %%\n", p, 100*r.CPUShare[p])
	}
}

// parts maps the packages of a stack to the part of the crawl that they work for; a sample belongs to the innermost frame
// that has one. Parsing is told apart from the extraction that asks for it.
var parts = []struct{ prefix, part string }{
	{"golang.org/x/net/html", "parse"},
	{"github.com/khabar-crawler/khabar/pkg/extract", "extract"},
	{"github.com/khabar-crawler/khabar/pkg/newsdate", "extract"},
	{"github.com/khabar-crawler/khabar/pkg/boilerplate", "extract"},
	{"github.com/khabar-crawler/khabar/pkg/discover", "discover"},
	{"github.com/khabar-crawler/khabar/pkg/fetch", "fetch"},
	{"github.com/gocolly/colly", "fetch"},
	{"github.com/khabar-crawler/khabar/pkg/frontier", "queue"},
	{"github.com/nats-io/nats.go", "queue"},
	{"github.com/nats-io/nats-server", "queue server"},
	{"github.com/khabar-crawler/khabar/pkg/store", "store"},
	{"go.mongodb.org/mongo-driver", "store"},
	{"github.com/FerretDB", "store server"},
	{"modernc.org", "store server"},
	{"github.com/khabar-crawler/khabar/pkg/demosite", "demo web"},
	{"net/http.(*conn)", "demo web"},
	{"net/http.(*Transport)", "fetch"},
	{"net/http.(*persistConn)", "fetch"},
	{"runtime.gcBgMarkWorker", "garbage collector"},
}

// cpuShares attributes the samples of a CPU profile.
func cpuShares(r io.Reader) (map[string]float64, error) {
	p, err := profile.Parse(r)
	if err != nil {
		return nil, fmt.Errorf("CPU profile: %w", err)
	}
	sums := map[string]int64{}
	var total int64
	for _, s := range p.Sample {
		v := s.Value[len(s.Value)-1] // nanoseconds
		total += v
		sums[partOf(s)] += v
	}
	shares := make(map[string]float64, len(sums))
	for part, v := range sums {
		shares[part] = float64(v) / float64(max(total, 1))
	}
	return shares, nil
}

func partOf(s *profile.Sample) string {
	for _, loc := range s.Location {
		for _, line := range loc.Line {
			if line.Function == nil {
				continue
			}
			for _, p := range parts {
				if strings.HasPrefix(line.Function.Name, p.prefix) {
					return p.part
				}
			}
		}
	}
	return "other"
}
