package config

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/khabar-crawler/khabar/pkg/archive"
	"github.com/khabar-crawler/khabar/pkg/yamlfile"
)

const day = 24 * time.Hour

var (
	prefixForm   = regexp.MustCompile(`^[A-Za-z0-9_-]{0,64}$`) // what JetStream allows in a stream's name
	databaseForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,63}$`) // what MongoDB allows on every system
	tokenForm    = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`) // RFC 9309's product token, and digits

)

// validate reports every impossible value. The bounds are where a value stops making sense, not where it stops being wise.
func (l *loader) validate() {
	l.addresses()
	l.numbers()
	l.durations()
	l.words()
}

func (l *loader) addresses() {
	c := l.cfg
	l.natsAuth()
	if uri := string(c.Mongo.URI); uri != "" && !hasScheme(uri, "mongodb", "mongodb+srv") {
		l.add("mongo.uri", "is no MongoDB URI; want mongodb://host:27017/ or mongodb+srv://host/")
	}
	if proxy := string(c.Fetch.Proxy); proxy != "" {
		u, err := url.Parse(proxy)
		if err != nil || u.Hostname() == "" || !slices.Contains([]string{"http", "https", "socks5"}, u.Scheme) {
			l.add("fetch.proxy", "is no proxy; want http://host:port, https://host:port or socks5://host:port")
		}
	}
	for i, p := range c.Fetch.AllowPrefixes {
		if _, err := netip.ParsePrefix(p); err != nil {
			path := fmt.Sprintf("fetch.allow_prefixes[%d]", i)
			if l.fromEnv[variable("fetch.allow_prefixes")] {
				path = "fetch.allow_prefixes"
			}
			l.add(path, "%.60q is no address prefix; want one such as 10.1.0.0/16 or fd00::/8", p)
		}
	}
	if c.Health.Addr != "" {
		if _, port, err := net.SplitHostPort(c.Health.Addr); err != nil || port == "" {
			l.add("health.addr", "%.80q is no address; want host:port or :port", c.Health.Addr)
		}
	}
	for i, p := range c.Sites {
		if p == "" {
			l.add(fmt.Sprintf("sites[%d]", i), "is empty; want a site file or a directory of them")
		}
	}
}

// hasScheme says whether text begins with one of the schemes and names something after it. It does not parse: a MongoDB
// URI with several hosts is no URL.
func hasScheme(text string, schemes ...string) bool {
	scheme, rest, ok := strings.Cut(strings.TrimSpace(text), "://")
	return ok && rest != "" && !strings.HasPrefix(rest, "/") && slices.Contains(schemes, scheme)
}

func (l *loader) numbers() {
	c := l.cfg
	for _, n := range []struct {
		path            string
		value, min, max int
	}{
		{"nats.shards", c.NATS.Shards, 1, 256},
		{"nats.replicas", c.NATS.Replicas, 0, 5}, // JetStream's own bound
		{"nats.lane_pending", c.NATS.LanePending, 0, 1_000_000},
		{"mongo.batch_effects", c.Mongo.BatchEffects, 1, 100_000}, // the most writes MongoDB takes in one command
		{"fetch.max_redirects", c.Fetch.MaxRedirects, 5, 50},      // RFC 9309 asks for 5 at least
		{"fetch.max_idle_conns", c.Fetch.MaxIdleConns, 1, 100_000},
		{"fetch.robots_entries", c.Fetch.RobotsEntries, 1, 10_000_000},
		{"worker.slots", c.Worker.Slots, 1, 10_000},
		{"worker.turn_work", c.Worker.TurnWork, 1, 10_000},
		{"worker.max_strikes", c.Worker.MaxStrikes, 1, 100},
		{"worker.listing_pages", c.Worker.ListingPages, 1, 500},
		{"worker.max_new", c.Worker.MaxNew, 1, 1_000_000},
		{"scheduler.batch", c.Scheduler.Batch, 1, 100_000},
		{"scheduler.max_pending", c.Scheduler.MaxPending, 1, 1_000_000_000},
		{"revisit.requests", c.Revisit.Requests, 0, 24 * 60}, // one a minute
		{"revisit.looks", c.Revisit.Looks, 0, 20},            // half of the times that are looked into at all
		{"revisit.max_attempts", c.Revisit.MaxAttempts, 1, 1000},
	} {
		if n.value < n.min || n.value > n.max {
			l.add(n.path, "%d is out of range; want from %d to %d", n.value, n.min, n.max)
		}
	}
	for _, n := range []struct {
		path            string
		value, min, max Size
	}{
		{"archive_file", c.ArchiveFile, 1 << 20, 1 << 40},
		{"nats.max_bytes", c.NATS.MaxBytes, 0, 1 << 50},
		{"worker.memory", c.Worker.Memory, 32 << 20, 1 << 40},
		{"worker.max_article", c.Worker.MaxArticle, 64 << 10, 1 << 30},
		{"worker.max_listing", c.Worker.MaxListing, 64 << 10, 1 << 30},
		{"mongo.batch_bytes", c.Mongo.BatchBytes, 1 << 10, 40 << 20}, // MongoDB takes 48 MB in one message
		{"fetch.max_wire", c.Fetch.MaxWire, 64 << 10, 1 << 30},
		{"fetch.max_body", c.Fetch.MaxBody, 64 << 10, 1 << 30},
		{"fetch.robots_bytes", c.Fetch.RobotsBytes, 1 << 20, 1 << 36},
	} {
		if n.value < n.min || n.value > n.max {
			l.add(n.path, "%s is out of range; want from %s to %s", n.value, n.min, n.max)
		}
	}
}

func (l *loader) durations() {
	c := l.cfg
	second, month := time.Second, 31*day
	for _, d := range []struct {
		path            string
		value, min, max time.Duration
	}{
		{"nats.ack_wait", c.NATS.AckWait, 100 * time.Millisecond, time.Hour},
		{"nats.request_timeout", c.NATS.RequestTimeout, 10 * time.Millisecond, 10 * time.Minute},
		{"mongo.connect_timeout", c.Mongo.ConnectTimeout, 10 * time.Millisecond, 10 * time.Minute},
		{"politeness.delay", c.Politeness.Delay, 0, 5 * time.Minute},
		{"fetch.connect_timeout", c.Fetch.ConnectTimeout, 10 * time.Millisecond, 10 * time.Minute},
		{"fetch.tls_timeout", c.Fetch.TLSTimeout, 10 * time.Millisecond, 10 * time.Minute},
		{"fetch.header_timeout", c.Fetch.HeaderTimeout, 10 * time.Millisecond, 10 * time.Minute},
		{"fetch.timeout", c.Fetch.Timeout, 10 * time.Millisecond, time.Hour},
		{"fetch.robots_ttl", c.Fetch.RobotsTTL, second, day}, // RFC 9309: no longer than a day
		{"fetch.max_crawl_delay", c.Fetch.MaxCrawlDelay, second, time.Hour},
		{"worker.hold", c.Worker.Hold, 0, time.Minute},
		{"worker.grace", c.Worker.Grace, 0, time.Hour},
		{"worker.read_timeout", c.Worker.ReadTimeout, second, day},
		{"scheduler.interval", c.Scheduler.Interval, 10 * time.Millisecond, time.Hour},
		{"scheduler.lease", c.Scheduler.Lease, second, day},
		{"scheduler.spread", c.Scheduler.Spread, 0, day},
		{"revisit.delay", c.Revisit.Delay, time.Millisecond, month},
		{"revisit.start", c.Revisit.Start, time.Millisecond, month},
		{"revisit.min", c.Revisit.Min, time.Millisecond, month},
		{"revisit.max", c.Revisit.Max, time.Millisecond, 12 * month},
		{"revisit.retry_base", c.Revisit.RetryBase, time.Millisecond, day},
		{"revisit.retry_max", c.Revisit.RetryMax, time.Millisecond, month},
		{"revisit.host_base", c.Revisit.HostBase, time.Millisecond, day},
		{"revisit.host_max", c.Revisit.HostMax, time.Millisecond, month},
		{"revisit.host_down", c.Revisit.HostDown, time.Millisecond, month},
	} {
		if d.value < d.min || d.value > d.max {
			l.add(d.path, "%s is out of range; want from %s to %s", yamlfile.Brief(d.value), yamlfile.Brief(d.min), yamlfile.Brief(d.max))
		}
	}
	l.order()
}

// order reports pairs that contradict each other.
func (l *loader) order() {
	r := l.cfg.Revisit
	for _, o := range []struct {
		path, than string
		low, high  time.Duration
	}{
		{"revisit.min", "revisit.max", r.Min, r.Max},
		{"revisit.retry_base", "revisit.retry_max", r.RetryBase, r.RetryMax},
		{"revisit.host_base", "revisit.host_max", r.HostBase, r.HostMax},
	} {
		if o.low > o.high {
			l.add(o.path, "%s is longer than %s, %s", yamlfile.Brief(o.low), o.than, yamlfile.Brief(o.high))
		}
	}
}

func (l *loader) words() {
	c := l.cfg
	if !prefixForm.MatchString(c.NATS.Prefix) {
		l.add("nats.prefix", "%.80q is no prefix; want up to 64 letters, digits, - or _", c.NATS.Prefix)
	}
	if c.Mongo.Database != "" && !databaseForm.MatchString(c.Mongo.Database) {
		l.add("mongo.database", "%.80q is no database; want up to 63 letters, digits, - or _", c.Mongo.Database)
	}
	if !tokenForm.MatchString(c.Fetch.Token) {
		l.add("fetch.token", "%.80q is no product token; want letters, digits, - or _", c.Fetch.Token)
	}
	agent := c.Fetch.Agent()
	switch printable := !strings.ContainsFunc(agent, func(r rune) bool { return r < ' ' || r > '~' }); {
	case !printable && c.Fetch.UserAgent != "":
		l.add("fetch.user_agent", "has characters that no header may have; want plain ASCII")
	case !printable:
		l.add("fetch.contact", "has characters that no header may have; want a URL or mail address in plain ASCII")
	case agent != "" && !strings.Contains(strings.ToLower(agent), strings.ToLower(c.Fetch.Token)):
		l.add("fetch.user_agent", "does not contain fetch.token, %q, by which robots.txt knows the crawler", c.Fetch.Token)
	}
	l.oneOf("archive", c.Archive, string(archive.KeepNone), string(archive.KeepArticles), string(archive.KeepAll))
	l.oneOf("log.level", c.Log.Level, "debug", "info", "warn", "error")
	l.oneOf("log.format", c.Log.Format, "json", "console")
}

func (l *loader) oneOf(path, value string, allowed ...string) {
	if !slices.Contains(allowed, value) {
		l.add(path, "%.40q is not known; want one of %s", value, strings.Join(allowed, ", "))
	}
}
