package fetch

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// Config bounds what a Client does. The zero value of each field means its default, which is named with it.
type Config struct {
	// UserAgent is sent with every request and must contain Token. Default: DefaultUserAgent.
	UserAgent string
	// Token is the product token that robots.txt groups are matched with, without case: letters, digits, "_" and "-".
	// Default: DefaultToken.
	Token string

	// ConnectTimeout bounds name resolution and TCP connect. Default 10 s: a SYN is sent four times in 7 s.
	ConnectTimeout time.Duration
	// TLSTimeout bounds the TLS handshake. Default 10 s.
	TLSTimeout time.Duration
	// HeaderTimeout bounds the wait for the whole response header. Default 20 s: slow CMSs render for ten.
	HeaderTimeout time.Duration
	// Timeout bounds one request, body included; each hop has its own. Default 60 s.
	Timeout time.Duration
	// StallTimeout is the window in which at least MinProgress bytes of body must arrive. Default 10 s.
	StallTimeout time.Duration
	// MinProgress is the number of wire bytes in each StallTimeout. Default 1024: a modem of 1991 does better.
	MinProgress int64

	// MaxWire caps a body as it comes over the wire, below the cap of its kind. Default 50 MiB, as MaxBody: sitemaps are
	// sent uncompressed too.
	MaxWire int64
	// MaxBody caps a body after decompression. Default 50 MiB, which is what the sitemap protocol allows a sitemap.
	MaxBody int64
	// MaxHeader caps a response's header. Default 256 KiB: real ones stay below 32.
	MaxHeader int64
	// MaxRedirects caps the redirects followed in one Fetch. Default 10, as in browsers' older days; for robots.txt at
	// least 5 are followed, which RFC 9309 asks for.
	MaxRedirects int

	// MaxConnsPerHost caps the connections to one host. Default 6, as in browsers. Without effect behind a proxy, whose
	// connections all hosts share.
	MaxConnsPerHost int
	// MaxIdleConns caps the kept-alive connections over all hosts. Default 512.
	MaxIdleConns int
	// IdleTimeout is how long a connection is kept alive unused. Default 90 s: longer than most politeness delays.
	IdleTimeout time.Duration

	// ProxyURL is an http, https or socks5 proxy that all requests go through. The operator's choice is trusted: the
	// proxy may be on loopback, and it resolves names itself. Credentials in it appear in no error and no log line.
	ProxyURL string
	// AllowPrivate lets khabar connect to any address and port.
	AllowPrivate bool
	// AllowPrefixes are addresses that the guard lets pass although they are not public.
	AllowPrefixes []netip.Prefix

	// Answers, where it is set, answers every request in the place of the network: what others fetched goes through the same caps,
	// decoding and judgement. The context of a request is that of Fetch, with more in it.
	Answers http.RoundTripper

	// RobotsEntries and RobotsBytes cap the cache of parsed robots.txt files. Defaults 20,000 authorities and 64 MiB.
	RobotsEntries int
	RobotsBytes   int64
	// RobotsTTL is the age at which robots.txt is asked for again, at most 24 h (RFC 9309 section 2.4). Default 6 h: a
	// copy that cannot be refreshed then stands for another 18 h.
	RobotsTTL time.Duration
	// resolver, in tests, stands for the system's.
	resolver *net.Resolver

	// MaxCrawlDelay caps the Crawl-delay of robots.txt. Default 120 s, as in Common Crawl's news crawl.
	MaxCrawlDelay time.Duration
}

const (
	// DefaultToken is khabar's product token.
	DefaultToken = "khabar"
	// DefaultUserAgent names khabar and where to read about it.
	DefaultUserAgent = "Mozilla/5.0 (compatible; khabar/1.0; +https://github.com/khabar-crawler/khabar)"

	// maxRobotsAge is how long the last good copy of robots.txt stands in for one that cannot be had, and the longest
	// TTL: RFC 9309 section 2.4.
	maxRobotsAge = 24 * time.Hour
)

// Default gives the configuration used where nothing else is said; why each number is what it is, its field says.
func Default() Config {
	return Config{
		UserAgent: DefaultUserAgent, Token: DefaultToken,
		ConnectTimeout: 10 * time.Second, TLSTimeout: 10 * time.Second, HeaderTimeout: 20 * time.Second, Timeout: time.Minute,
		StallTimeout: 10 * time.Second, MinProgress: 1024,
		MaxWire: 50 << 20, MaxBody: 50 << 20, MaxHeader: 256 << 10, MaxRedirects: 10,
		MaxConnsPerHost: 6, MaxIdleConns: 512, IdleTimeout: 90 * time.Second,
		RobotsEntries: 20_000, RobotsBytes: 64 << 20, RobotsTTL: 6 * time.Hour, MaxCrawlDelay: 2 * time.Minute,
	}
}

// withDefaults fills in what is zero and refuses what makes no sense, naming the field.
func (c Config) withDefaults() (Config, error) {
	def := Default()
	orString(&c.UserAgent, def.UserAgent)
	orString(&c.Token, def.Token)
	for _, d := range []struct {
		field *time.Duration
		name  string
		def   time.Duration
	}{
		{&c.ConnectTimeout, "ConnectTimeout", def.ConnectTimeout},
		{&c.TLSTimeout, "TLSTimeout", def.TLSTimeout},
		{&c.HeaderTimeout, "HeaderTimeout", def.HeaderTimeout},
		{&c.Timeout, "Timeout", def.Timeout},
		{&c.StallTimeout, "StallTimeout", def.StallTimeout},
		{&c.IdleTimeout, "IdleTimeout", def.IdleTimeout},
		{&c.RobotsTTL, "RobotsTTL", def.RobotsTTL},
		{&c.MaxCrawlDelay, "MaxCrawlDelay", def.MaxCrawlDelay},
	} {
		if err := orDefault(d.field, d.name, d.def); err != nil {
			return c, err
		}
	}
	for _, n := range []struct {
		field *int64
		name  string
		def   int64
	}{
		{&c.MinProgress, "MinProgress", def.MinProgress},
		{&c.MaxWire, "MaxWire", def.MaxWire},
		{&c.MaxBody, "MaxBody", def.MaxBody},
		{&c.MaxHeader, "MaxHeader", def.MaxHeader},
		{&c.RobotsBytes, "RobotsBytes", def.RobotsBytes},
	} {
		if err := orDefault(n.field, n.name, n.def); err != nil {
			return c, err
		}
	}
	for _, n := range []struct {
		field *int
		name  string
		def   int
	}{
		{&c.MaxRedirects, "MaxRedirects", def.MaxRedirects},
		{&c.MaxConnsPerHost, "MaxConnsPerHost", def.MaxConnsPerHost},
		{&c.MaxIdleConns, "MaxIdleConns", def.MaxIdleConns},
		{&c.RobotsEntries, "RobotsEntries", def.RobotsEntries},
	} {
		if err := orDefault(n.field, n.name, n.def); err != nil {
			return c, err
		}
	}
	if c.RobotsTTL > maxRobotsAge {
		return c, fmt.Errorf("RobotsTTL %v: longer than the %v that RFC 9309 allows", c.RobotsTTL, maxRobotsAge)
	}
	if strings.Trim(c.Token, tokenChars) != "" || productToken(c.Token) != c.Token {
		return c, fmt.Errorf("the Token %q: only letters, digits, %q and %q are allowed", c.Token, "_", "-")
	}
	if !strings.Contains(strings.ToLower(c.UserAgent), strings.ToLower(c.Token)) {
		return c, fmt.Errorf("UserAgent %q does not contain the Token %q that robots.txt is matched with", c.UserAgent, c.Token)
	}
	if strings.ContainsFunc(c.UserAgent, func(r rune) bool { return r < ' ' || r > '~' }) {
		return c, fmt.Errorf("UserAgent %q: only printable ASCII is allowed", c.UserAgent)
	}
	return c, nil
}

func orString(field *string, def string) {
	if *field == "" {
		*field = def
	}
}

func orDefault[T int | int64 | time.Duration](field *T, name string, def T) error {
	if *field < 0 {
		return fmt.Errorf("%s %v: must not be negative", name, *field)
	}
	if *field == 0 {
		*field = def
	}
	return nil
}

// proxy parses ProxyURL. Its errors never repeat the URL, which may hold credentials.
func (c Config) proxy() (*url.URL, error) {
	if c.ProxyURL == "" {
		return nil, nil
	}
	u, err := url.Parse(c.ProxyURL)
	if err != nil || u.Hostname() == "" {
		return nil, fmt.Errorf("ProxyURL: not a URL such as http://host:port")
	}
	switch u.Scheme {
	case "http", "https", "socks5", "socks5h":
		return u, nil
	}
	return nil, fmt.Errorf("ProxyURL: its scheme must be http, https, socks5 or socks5h")
}
