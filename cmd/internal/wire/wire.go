// Package wire hands each package its part of the configuration. The three commands share it, so that a key means the
// same in all of them. It holds no state and starts nothing but what it returns: connections, which it waits for, the
// health listener, and the sites, which it reads anew as they change (Sites).
package wire

import (
	"fmt"
	"net/netip"
	"time"

	"go.uber.org/zap"

	"github.com/khabar-crawler/khabar/pkg/archive"
	"github.com/khabar-crawler/khabar/pkg/config"
	"github.com/khabar-crawler/khabar/pkg/fetch"
	"github.com/khabar-crawler/khabar/pkg/rhythm"
	"github.com/khabar-crawler/khabar/pkg/scheduler"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
	"github.com/khabar-crawler/khabar/pkg/worker"
)

// Fetch is the fetcher's part.
func Fetch(c *config.Config) (fetch.Config, error) {
	f := c.Fetch
	out := fetch.Config{
		UserAgent: f.Agent(), Token: f.Token,
		ConnectTimeout: f.ConnectTimeout, TLSTimeout: f.TLSTimeout, HeaderTimeout: f.HeaderTimeout, Timeout: f.Timeout,
		MaxWire: int64(f.MaxWire), MaxBody: int64(f.MaxBody), MaxRedirects: f.MaxRedirects, MaxIdleConns: f.MaxIdleConns,
		ProxyURL: string(f.Proxy), AllowPrivate: f.AllowPrivate,
		RobotsEntries: f.RobotsEntries, RobotsBytes: int64(f.RobotsBytes), RobotsTTL: f.RobotsTTL, MaxCrawlDelay: f.MaxCrawlDelay,
	}
	for _, s := range f.AllowPrefixes {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			return fetch.Config{}, fmt.Errorf("fetch.allow_prefixes: %w", err)
		}
		out.AllowPrefixes = append(out.AllowPrefixes, p)
	}
	return out, nil
}

// Committer bounds the batches that a worker writes.
func Committer(c *config.Config) store.CommitterConfig {
	return store.CommitterConfig{MaxEffects: c.Mongo.BatchEffects, MaxBytes: int(c.Mongo.BatchBytes)}
}

// maxQuiet is the longest that a worker may leave a host alone: what the revisit policy allows, with its jitter of a tenth,
// and the longest delay.
func maxQuiet(c *config.Config) time.Duration {
	quiet := max(c.Revisit.HostMax, c.Revisit.HostDown)
	return quiet + quiet/10 + max(c.Politeness.Delay, c.Fetch.MaxCrawlDelay, site.MaxDelay)
}

// Scheduler is the scheduler's part.
func Scheduler(c *config.Config) scheduler.Config {
	s := c.Scheduler
	return scheduler.Config{Interval: s.Interval, Batch: s.Batch, Lease: s.Lease, MaxDepth: s.MaxPending, Spread: s.Spread}
}

// Worker is the worker's part; name tells workers apart in logs.
func Worker(c *config.Config, name string) worker.Config {
	w := c.Worker
	return worker.Config{
		Name: name, Slots: w.Slots, TurnWork: w.TurnWork, Hold: w.Hold, Grace: w.Grace, Strikes: w.MaxStrikes,
		Memory: int64(w.Memory), MaxArticle: int64(w.MaxArticle), MaxListing: int64(w.MaxListing),
		ReadTimeout: w.ReadTimeout, Pages: w.ListingPages, MaxNew: w.MaxNew, Lease: c.Scheduler.Lease, Policy: c.Revisit.Policy(),
		Keep: archive.Keep(c.Archive),
	}
}

// Archive opens the archive that the configuration asks for; nil for none. Close it.
func Archive(c *config.Config, log *zap.Logger) (*archive.Writer, error) {
	switch {
	case archive.Keep(c.Archive) == archive.KeepNone:
		return nil, nil
	case c.ArchiveDir == "":
		return nil, fmt.Errorf("archive is %s, and archive_dir does not say where", c.Archive)
	}
	return archive.New(archive.Config{Dir: c.ArchiveDir, MaxFile: int64(c.ArchiveFile)}, log)
}

// Rhythm is how sections are visited, but for the threshold, which follows from the goal and from what is known of them.
func Rhythm(c *config.Config) (rhythm.Schedule, rhythm.Goal) {
	p := c.Revisit.Policy()
	return rhythm.Schedule{Start: p.Start, Min: p.Min, Max: p.Max}, rhythm.Goal{Delay: p.Delay, Requests: float64(p.Requests)}
}
