package fetch

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/khabar-crawler/khabar/pkg/outcome"
)

// Errors that Response.Err wraps. They say more about an outcome than its name does; network errors are wrapped as they come.
var (
	// ErrRefused comes with outcome Refused.
	ErrRefused = errors.New("refused by the guard")
	// ErrTooLarge comes with outcome TooLarge.
	ErrTooLarge = errors.New("too large")
	// ErrNotText comes with outcome NotText.
	ErrNotText = errors.New("not text")
	// ErrEncoding comes with outcome Failed: more encodings in one another than are undone.
	ErrEncoding = errors.New("unsupported content encoding")
	// ErrStalled comes with outcome Retry: a body that makes less progress than Config.MinProgress.
	ErrStalled = errors.New("body stalled")
	// ErrTimeout comes with outcome Retry: one request took longer than Config.Timeout.
	ErrTimeout = errors.New("request timed out")
	// ErrRedirects comes with outcome Failed: a redirect loop, more than Config.MaxRedirects, or a redirect to nowhere.
	ErrRedirects = errors.New("bad redirect")
	// ErrURL comes with outcome Failed: not an absolute http(s) URL with a host.
	ErrURL = errors.New("bad URL")
	// ErrProxy comes with outcome Retry or Failed: the proxy did not connect to the site.
	ErrProxy = errors.New("proxy")
	// ErrStatus comes with outcomes Gone, Retry and Failed: the status that the site answered with.
	ErrStatus = errors.New("unexpected status")
	// ErrBlocked comes with outcome Blocked: a status that refuses, or something else in place of the page, with the evidence.
	ErrBlocked = errors.New("blocked")
	// ErrRobots comes with outcomes Robots and RobotsUnavailable.
	ErrRobots = errors.New("robots.txt")
	// ErrPanic comes with outcome Failed: a panic below Fetch, or in a function of the Request. It is logged with its stack.
	ErrPanic = errors.New("panic")
)

// Request is one page to fetch.
type Request struct {
	// URL is absolute, http or https. Userinfo and fragment are dropped.
	URL string
	// ETag and LastModified of the copy the caller has, as Response gave them; either makes the request conditional.
	ETag, LastModified string
	// SameLane says whether a redirect to host (lower case, punycode, with the port unless it is the default one) may be
	// followed inside this Fetch, because whoever asks for the page has the right to ask that host too.
	// Nil: the URL's own host only.
	SameLane func(host string) bool
	// MaxBody caps the body after decompression below Config.MaxBody, for pages whose kind has no need of so much; 0: it does
	// not.
	MaxBody int64
	// Room is called once where a body turns out to be longer than Free bytes: it waits until there is memory for a body of
	// MaxBody, and its error ends the Fetch as Canceled. The time that it takes is not the site's. Nil: there is room.
	Room func(ctx context.Context) error
	Free int64
	// Pace is called before every request that goes on the wire: robots.txt, each redirect hop, the page. It waits until
	// the host may be asked, and its error ends the Fetch as Canceled. crawlDelay is what robots.txt asks for, capped,
	// and 0 as long as robots.txt is not known. Nil: no waiting.
	Pace func(ctx context.Context, crawlDelay time.Duration) error
}

// Response is what one Fetch found. Fields that do not belong to the outcome are zero.
type Response struct {
	// Outcome is what became of the fetch. Retry stands for failures that may pass: 5xx, 408, 425, time-outs, connections
	// refused or lost, cut or damaged bodies; Blocked for refusals: 401, 402, 403, 406, 429, 451, and what walls.yaml knows;
	// Failed for what does not pass by itself: other 4xx, bad TLS, a bad URL, redirects without end. Nothing is truncated
	// silently: TooLarge is for headers and bodies beyond their cap.
	Outcome outcome.Outcome
	// Reason says why, for every outcome but OK, NotModified and Redirected.
	Reason outcome.Reason
	// At is when the page was fetched, for whoever has it from somebody else; zero: now. Fetch leaves it so.
	At     time.Time
	Status int    // HTTP status of the last answer for the page; 0 without one
	URL    string // that was asked last, normalised: the page's own address after redirects

	// Location is where a Redirected page went: absolute and normalised.
	Location string
	// Body is the page, decompressed, in the charset it was sent in. The caller owns it.
	Body []byte
	// Header is that of the answer as sent, and Asked that of the request, where there is a Body. Not to be modified.
	Header, Asked http.Header
	// ContentType is the header as sent, with its charset.
	ContentType        string
	ETag, LastModified string

	// MaxAge is for how long the answer may be kept, by its Cache-Control, at most 24 h; 0: it does not say.
	MaxAge time.Duration
	// RetryAfter is how long the site asked to be left alone (Retry-After, at most 24 h), or until robots.txt is asked
	// for again; 0: it did not say.
	RetryAfter time.Duration
	// CrawlDelay is what robots.txt asks for, at most Config.MaxCrawlDelay.
	CrawlDelay time.Duration
	// RobotsRule is the decision of robots.txt in words: the rule and its line, or why there was none.
	RobotsRule string
	// Sitemaps are those that robots.txt names, absolute. Shared with other Responses: not to be modified.
	Sitemaps []string

	// Pages is how many pages the list has of which this is one, as WordPress's REST API says (X-WP-TotalPages); 0: it does not.
	Pages int

	// Bytes counts the bodies of this Fetch as they came over the wire, robots.txt aside.
	Bytes int64
	// HostDown means that the host could not be reached at all (DNS, connection refused, no answer in time): it is best
	// left alone for a while, whichever page was asked for.
	HostDown bool
	// Err is the Reason in full, for every outcome that has one.
	Err error
}
