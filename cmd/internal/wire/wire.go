// Package wire hands each package its part of the configuration. The three commands share it, so that a key means the
// same in all of them. It holds no state and starts nothing but the connection it returns.
package wire

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/zap"

	"github.com/khabar-crawler/khabar/pkg/config"
	"github.com/khabar-crawler/khabar/pkg/fetch"
	"github.com/khabar-crawler/khabar/pkg/frontier"
	"github.com/khabar-crawler/khabar/pkg/scheduler"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
	"github.com/khabar-crawler/khabar/pkg/worker"
)

// Sites loads the configured site files and gives sites that name no delay the configured one.
func Sites(c *config.Config) ([]*site.Site, error) {
	sites, err := site.LoadAll(c.Sites...)
	if err != nil {
		return nil, err
	}
	for _, s := range sites {
		s.SetDefaultDelay(c.Politeness.Delay)
	}
	return sites, nil
}

// CrawledSites is Sites for a process that has nothing to do without any.
func CrawledSites(c *config.Config) ([]*site.Site, error) {
	sites, err := Sites(c)
	if err == nil && len(sites) == 0 {
		err = errors.New("no sites to crawl: name site files under sites in the configuration, or in KHABAR_SITES")
	}
	return sites, err
}

// ByID indexes sites for the worker.
func ByID(sites []*site.Site) worker.Sites {
	m := make(worker.Sites, len(sites))
	for _, s := range sites {
		m[s.ID] = s
	}
	return m
}

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

// Frontier is the frontier's part.
func Frontier(c *config.Config) frontier.Config {
	return frontier.Config{
		Prefix: c.NATS.Prefix, Shards: c.NATS.Shards, Replicas: c.NATS.Replicas, MaxBytes: int64(c.NATS.MaxBytes), LanePending: c.NATS.LanePending,
		AckWait: c.NATS.AckWait, RequestTimeout: c.NATS.RequestTimeout, MaxQuiet: maxQuiet(c),
	}
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
	}
}

// connectWait bounds one attempt to connect to NATS.
const connectWait = 5 * time.Second

// ConnectNATS connects, and stays connected: the client reconnects for as long as the process lives.
func ConnectNATS(ctx context.Context, c *config.Config, name string, log *zap.Logger) (*nats.Conn, jetstream.JetStream, error) {
	opts := []nats.Option{
		nats.Name("khabar-" + name),
		nats.Timeout(connectWait),
		nats.MaxReconnects(-1), // a broker that is away for long is no reason to lose a worker
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				log.Warn("NATS connection lost; reconnecting", zap.Error(err))
			}
		}),
		nats.ReconnectHandler(func(nc *nats.Conn) { log.Info("NATS connection is back", zap.String("host", nc.ConnectedAddr())) }),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { log.Warn("NATS", zap.Error(err)) }),
	}
	if c.NATS.CredentialsFile != "" {
		opts = append(opts, nats.UserCredentials(c.NATS.CredentialsFile))
	}
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	nc, err := nats.Connect(string(c.NATS.URL), opts...)
	if err != nil {
		return nil, nil, fmt.Errorf("connect to NATS at %s: %w; is the server running, and nats.url right?", c.NATS.URL, err)
	}
	js, err := jetstream.New(nc)
	if err != nil {
		nc.Close()
		return nil, nil, fmt.Errorf("JetStream at %s: %w", c.NATS.URL, err)
	}
	return nc, js, nil
}
