// Package config is the one configuration of khabar crawl, of the scheduler and of the worker: what stands in the file,
// overlaid by KHABAR_… environment variables, over the defaults of the packages that are configured. Commands overlay it
// with their flags in turn, and hand each package what it needs: nothing reads configuration but main.
//
// Invariants: a Config from Load is valid as a whole; an unknown key or impossible value is an error with file, line and
// column, and all of them are reported at once; what may hold a password is a Secret and never prints it. Each key has
// one environment variable: KHABAR_ and its path in capitals, as KHABAR_MONGO_URI for mongo.uri.
package config

import (
	"time"

	"github.com/khabar-crawler/khabar/pkg/archive"
	"github.com/khabar-crawler/khabar/pkg/fetch"
	"github.com/khabar-crawler/khabar/pkg/frontier"
	"github.com/khabar-crawler/khabar/pkg/revisit"
	"github.com/khabar-crawler/khabar/pkg/scheduler"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
	"github.com/khabar-crawler/khabar/pkg/worker"
)

// Config is the configuration. configs/khabar.yaml shows every key with its default.
type Config struct {
	// DataDir is where the embedded servers of khabar crawl keep their data. Empty: the command chooses, and prints it.
	DataDir string `yaml:"data_dir" env:"DATA_DIR"`
	// Sites are site files and directories of them, relative to the configuration file (in the environment: to the
	// working directory).
	Sites []string `yaml:"sites" env:"SITES"`

	// Archive is what is kept of what is fetched: none, articles or all; ArchiveDir is the directory, relative to the configuration
	// file (in the environment: to the working directory), and ArchiveFile the size after which one of its files is closed.
	Archive     string `yaml:"archive" env:"ARCHIVE"`
	ArchiveDir  string `yaml:"archive_dir" env:"ARCHIVE_DIR"`
	ArchiveFile Size   `yaml:"archive_file" env:"ARCHIVE_FILE"`

	NATS       NATS       `yaml:"nats" envPrefix:"NATS_"`
	Mongo      Mongo      `yaml:"mongo" envPrefix:"MONGO_"`
	Politeness Politeness `yaml:"politeness" envPrefix:"POLITENESS_"`
	Fetch      Fetch      `yaml:"fetch" envPrefix:"FETCH_"`
	Worker     Worker     `yaml:"worker" envPrefix:"WORKER_"`
	Scheduler  Scheduler  `yaml:"scheduler" envPrefix:"SCHEDULER_"`
	Revisit    Revisit    `yaml:"revisit" envPrefix:"REVISIT_"`
	Log        Log        `yaml:"log" envPrefix:"LOG_"`
	Health     Health     `yaml:"health" envPrefix:"HEALTH_"`

	// Warnings are what Load found strange and did not refuse, such as a KHABAR_ variable that it does not know.
	Warnings []string `yaml:"-"`
}

// NATS is where the frontier is.
type NATS struct {
	URL             Secret        `yaml:"url" env:"URL"`                           // nats:// or tls://, several parted by commas; empty: the embedded server
	URLFile         string        `yaml:"url_file" env:"URL_FILE"`                 // a file that holds the URL
	CredentialsFile string        `yaml:"credentials_file" env:"CREDENTIALS_FILE"` // a user's JWT and key
	NkeyFile        string        `yaml:"nkey_file" env:"NKEY_FILE"`               // a user's seed
	CAFile          string        `yaml:"ca_file" env:"CA_FILE"`                   // who signs the servers' certificates, as PEM; asks for TLS
	CertFile        string        `yaml:"cert_file" env:"CERT_FILE"`               // this client's certificate, as PEM
	KeyFile         string        `yaml:"key_file" env:"KEY_FILE"`
	Prefix          string        `yaml:"prefix" env:"PREFIX"` // before the names of streams and subjects, to share an account
	Shards          int           `yaml:"shards" env:"SHARDS"`
	Replicas        int           `yaml:"replicas" env:"REPLICAS"` // 0: what exists, or 1
	AckWait         time.Duration `yaml:"ack_wait" env:"ACK_WAIT"`
	RequestTimeout  time.Duration `yaml:"request_timeout" env:"REQUEST_TIMEOUT"`
	MaxBytes        Size          `yaml:"max_bytes" env:"MAX_BYTES"`       // of each task stream; 0: up to the account's limit
	LanePending     int           `yaml:"lane_pending" env:"LANE_PENDING"` // tasks of each priority that a lane may hold; 0: any number
}

// Mongo is where pages and articles are.
type Mongo struct {
	URI            Secret        `yaml:"uri" env:"URI"`           // empty: the embedded server
	URIFile        string        `yaml:"uri_file" env:"URI_FILE"` // a file that holds the URI
	Database       string        `yaml:"database" env:"DATABASE"` // empty: the one that the URI names, or khabar
	ConnectTimeout time.Duration `yaml:"connect_timeout" env:"CONNECT_TIMEOUT"`
	BatchEffects   int           `yaml:"batch_effects" env:"BATCH_EFFECTS"` // outcomes written together at most
	BatchBytes     Size          `yaml:"batch_bytes" env:"BATCH_BYTES"`     // of documents written together, about
}

// Politeness is for sites that say nothing of their own.
type Politeness struct {
	Delay time.Duration `yaml:"delay" env:"DELAY"`
}

// Fetch bounds what is asked of the web and taken from it.
type Fetch struct {
	UserAgent string `yaml:"user_agent" env:"USER_AGENT"` // must contain Token; empty: khabar's own, with Contact in it
	Contact   string `yaml:"contact" env:"CONTACT"`       // URL or address where a site's owner reaches the operator
	Token     string `yaml:"token" env:"TOKEN"`           // what robots.txt calls this crawler

	ConnectTimeout time.Duration `yaml:"connect_timeout" env:"CONNECT_TIMEOUT"`
	TLSTimeout     time.Duration `yaml:"tls_timeout" env:"TLS_TIMEOUT"`
	HeaderTimeout  time.Duration `yaml:"header_timeout" env:"HEADER_TIMEOUT"`
	Timeout        time.Duration `yaml:"timeout" env:"TIMEOUT"` // of one request, body included
	MaxWire        Size          `yaml:"max_wire" env:"MAX_WIRE"`
	MaxBody        Size          `yaml:"max_body" env:"MAX_BODY"`
	MaxRedirects   int           `yaml:"max_redirects" env:"MAX_REDIRECTS"`
	MaxIdleConns   int           `yaml:"max_idle_conns" env:"MAX_IDLE_CONNS"`

	Proxy         Secret   `yaml:"proxy" env:"PROXY"`
	ProxyFile     string   `yaml:"proxy_file" env:"PROXY_FILE"` // a file that holds the proxy's URL
	AllowPrivate  bool     `yaml:"allow_private" env:"ALLOW_PRIVATE"`
	AllowPrefixes []string `yaml:"allow_prefixes" env:"ALLOW_PREFIXES"` // as 10.1.0.0/16

	RobotsEntries int           `yaml:"robots_entries" env:"ROBOTS_ENTRIES"`
	RobotsBytes   Size          `yaml:"robots_bytes" env:"ROBOTS_BYTES"`
	RobotsTTL     time.Duration `yaml:"robots_ttl" env:"ROBOTS_TTL"`
	MaxCrawlDelay time.Duration `yaml:"max_crawl_delay" env:"MAX_CRAWL_DELAY"`
}

// Agent gives the user agent to send, or "" for khabar's own without a contact.
func (f Fetch) Agent() string {
	if f.UserAgent != "" || f.Contact == "" {
		return f.UserAgent
	}
	return "Mozilla/5.0 (compatible; " + f.Token + "/1.0; +" + f.Contact + ")"
}

// Worker is how much one worker process does at once.
type Worker struct {
	Slots        int           `yaml:"slots" env:"SLOTS"`                 // turns worked on at once
	TurnWork     int           `yaml:"turn_work" env:"TURN_WORK"`         // tasks done in one turn before it goes back
	Hold         time.Duration `yaml:"hold" env:"HOLD"`                   // longest wait for a lane with its turn in hand
	Grace        time.Duration `yaml:"grace" env:"GRACE"`                 // for in-flight pages after a stop was asked for
	MaxStrikes   int           `yaml:"max_strikes" env:"MAX_STRIKES"`     // workers that may die with one page alone in hand
	ReadTimeout  time.Duration `yaml:"read_timeout" env:"READ_TIMEOUT"`   // longest that reading one page may take
	Memory       Size          `yaml:"memory" env:"MEMORY"`               // of all pages in hand: bodies and parse trees
	MaxArticle   Size          `yaml:"max_article" env:"MAX_ARTICLE"`     // of one article's page
	MaxListing   Size          `yaml:"max_listing" env:"MAX_LISTING"`     // of one home page or listing
	ListingPages int           `yaml:"listing_pages" env:"LISTING_PAGES"` // followed where the section does not say
	MaxNew       int           `yaml:"max_new" env:"MAX_NEW"`             // pages that one visit of a section may add
}

// Scheduler is how due pages are put in the frontier.
type Scheduler struct {
	Interval   time.Duration `yaml:"interval" env:"INTERVAL"`
	Batch      int           `yaml:"batch" env:"BATCH"`
	Lease      time.Duration `yaml:"lease" env:"LEASE"` // how long a page may be under way before it is due again
	MaxPending int           `yaml:"max_pending" env:"MAX_PENDING"`
	Spread     time.Duration `yaml:"spread" env:"SPREAD"`
}

// Revisit is when pages are due again.
type Revisit struct {
	Delay       time.Duration `yaml:"delay" env:"DELAY"`
	Requests    int           `yaml:"requests" env:"REQUESTS"`
	Start       time.Duration `yaml:"start" env:"START"`
	Min         time.Duration `yaml:"min" env:"MIN"`
	Max         time.Duration `yaml:"max" env:"MAX"`
	Looks       int           `yaml:"looks" env:"LOOKS"` // at an article for edits, in the mean
	RetryBase   time.Duration `yaml:"retry_base" env:"RETRY_BASE"`
	RetryMax    time.Duration `yaml:"retry_max" env:"RETRY_MAX"`
	MaxAttempts int           `yaml:"max_attempts" env:"MAX_ATTEMPTS"`
	HostBase    time.Duration `yaml:"host_base" env:"HOST_BASE"`
	HostMax     time.Duration `yaml:"host_max" env:"HOST_MAX"`
	HostDown    time.Duration `yaml:"host_down" env:"HOST_DOWN"`
}

// Policy gives the revisit policy that the keys describe.
func (r Revisit) Policy() revisit.Policy { return revisit.Policy(r) }

// Log is how the process logs.
type Log struct {
	Level  string `yaml:"level" env:"LEVEL"`   // debug, info, warn or error
	Format string `yaml:"format" env:"FORMAT"` // json or console
}

// Health is where the process answers probes.
type Health struct {
	Addr string `yaml:"addr" env:"ADDR"` // host:port; empty: nowhere
}

// Default gives the configuration where nothing is said: what each package says of itself, so that no number stands in
// two places. The reasons are there, and in configs/khabar.yaml beside each value.
func Default() *Config {
	queue, web, due, work := frontier.Default(), fetch.Default(), scheduler.Default(), worker.Default()
	return &Config{
		Archive: string(work.Keep), ArchiveFile: Size(archive.Default().MaxFile),
		NATS: NATS{Shards: queue.Shards, AckWait: queue.AckWait, RequestTimeout: queue.RequestTimeout, LanePending: queue.LanePending},
		Mongo: Mongo{
			ConnectTimeout: store.DefaultConnectTimeout,
			BatchEffects:   store.DefaultMaxEffects, BatchBytes: store.DefaultMaxBytes,
		},
		Politeness: Politeness{Delay: site.DefaultDelay},
		Fetch: Fetch{ // without a user agent: khabar's own depends on Contact
			Token:          web.Token,
			ConnectTimeout: web.ConnectTimeout, TLSTimeout: web.TLSTimeout, HeaderTimeout: web.HeaderTimeout, Timeout: web.Timeout,
			MaxWire: Size(web.MaxWire), MaxBody: Size(web.MaxBody), MaxRedirects: web.MaxRedirects, MaxIdleConns: web.MaxIdleConns,
			RobotsEntries: web.RobotsEntries, RobotsBytes: Size(web.RobotsBytes), RobotsTTL: web.RobotsTTL, MaxCrawlDelay: web.MaxCrawlDelay,
		},
		Worker: Worker{
			Slots: work.Slots, TurnWork: work.TurnWork, Hold: work.Hold, Grace: work.Grace, MaxStrikes: work.Strikes,
			ReadTimeout: work.ReadTimeout, Memory: Size(work.Memory), MaxArticle: Size(work.MaxArticle), MaxListing: Size(work.MaxListing),
			ListingPages: work.Pages, MaxNew: work.MaxNew,
		},
		Scheduler: Scheduler{
			Interval: due.Interval, Batch: due.Batch, Lease: due.Lease, MaxPending: due.MaxDepth, Spread: due.Spread,
		},
		Revisit: Revisit(revisit.Default()),
		Log:     Log{Level: "info", Format: "json"},
	}
}
