// Package fetch gets pages from the web: one Fetch is one page, with one outcome.
//
// Requests go out through colly, on a transport of khabar's own that guards, caps, decodes and times them; colly's
// robots.txt handling, limits, cookie jar, cache, redirects, charset conversion and visited set are not used.
//
// Invariants:
//   - No request goes on the wire before Request.Pace has let it: robots.txt, each redirect hop, the page. (net/http by
//     itself repeats a request on a new connection only if the old one was closed before any of the answer came.)
//   - What a site serves in place of a page is no page: challenges, refusals and walls of consent are told by walls.yaml,
//     with evidence, and nothing is done to get past them.
//   - What robots.txt excludes is not requested, and nothing is while robots.txt cannot be had: RFC 9309, on each hop.
//   - No connection is made to an address or port that the guard refuses, whatever a name resolves to at that moment. The
//     exception is a proxy that the operator named.
//   - Memory is bounded: bodies before and after decompression, headers, URLs, the robots.txt cache, idle connections.
//   - Time is bounded: each request by Config.Timeout, and by the progress that its body makes. Waiting is Pace's.
//   - Fetch never panics, keeps no state about pages, and starts no goroutine that outlives it, idle connections aside.
//
// Redirects inside the caller's lane are followed, from https to http too: news are public, Response.URL tells, and the
// alternative is to lose those sites. Redirects of robots.txt are followed to any host, as RFC 9309 section 2.3.1.2 asks:
// at most a handful of requests to a foreign host, once per lifetime of the cache, paced in the lane that needs them.
//
// Bodies are passed on in the charset they came in, with the Content-Type as sent, because telling charsets is a matter
// for the parser, which sees the document. Whether they are text is told by the bytes: of the types that servers give to
// feeds and sitemaps, many are wrong. Only gzip is asked for, as brotli would save a sixth of the traffic and take sixteen
// megabytes of memory to read; but deflate, brotli and zstd are understood where they come, also in one another.
package fetch

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/gocolly/colly/v2"
	"go.uber.org/zap"

	"github.com/khabar-crawler/khabar/pkg/outcome"
)

// Client fetches pages. It is safe for concurrent use.
type Client struct {
	cfg       Config
	log       *zap.Logger
	guard     *guard
	transport *transport
	robots    *robotsCache
	walls     []wall
	collector *colly.Collector // cloned for each request, never used itself
	now       func() time.Time
}

// New makes a Client. A nil log is silent. Its errors name the field of cfg that is wrong.
func New(cfg Config, log *zap.Logger) (*Client, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("fetch: %w", err)
	}
	proxy, err := cfg.proxy()
	if err != nil {
		return nil, fmt.Errorf("fetch: %w", err)
	}
	walls, err := readWalls("walls.yaml", wallsYAML)
	if err != nil {
		return nil, fmt.Errorf("fetch: %w", err)
	}
	if log == nil {
		log = zap.NewNop()
	}
	g := newGuard(cfg)
	t := newTransport(cfg, g, proxy)
	return &Client{
		cfg: cfg, log: log, guard: g, transport: t, now: time.Now,
		robots:    newRobotsCache(cfg.RobotsEntries, cfg.RobotsBytes),
		walls:     walls,
		collector: newCollector(t),
	}, nil
}

// newCollector configures colly to send one request and hand over what comes back. It avoids colly.NewCollector, which
// takes settings from the environment.
func newCollector(t http.RoundTripper) *colly.Collector {
	c := &colly.Collector{}
	c.Init()
	c.AllowURLRevisit = true // otherwise every URL's hash stays in memory
	c.ParseHTTPErrorResponse = true
	c.MaxBodySize = 0 // capped by the transport, which errs where colly would cut silently
	// No cookie jar, no time-out and no redirect policy: http.Client sees no Location header.
	c.SetClient(&http.Client{Transport: t})
	return c
}

// Close closes idle connections. Fetches that are under way end undisturbed; cancel their contexts to stop them.
func (c *Client) Close() { c.transport.base.CloseIdleConnections() }

// Fetch gets one page. It never panics; every failure is an outcome.
func (c *Client) Fetch(ctx context.Context, r Request) (resp Response) {
	defer func() {
		if p := recover(); p != nil {
			c.log.Error("fetch panicked", zap.String("url", r.URL), zap.Any("panic", p), zap.Stack("stack"))
			resp = Response{Outcome: outcome.Failed, Reason: outcome.ReasonPanic, URL: resp.URL, Err: fmt.Errorf("%w: %v", ErrPanic, p)}
		}
	}()
	resp.URL = r.URL
	u, err := parseURL(r.URL, nil)
	if err != nil {
		return resp.end(outcome.Failed, err)
	}
	if r.SameLane == nil {
		host := u.Host
		r.SameLane = func(h string) bool { return h == host }
	}
	var jar cookies
	state := func(u *url.URL) string { return u.String() + " " + jar.header(u) }
	seen, asked := []string{state(u)}, u
	for {
		next, done := c.hop(ctx, &r, &resp, asked, u, &jar)
		switch {
		case done:
			return resp
		case !r.SameLane(next.Host):
			if w := wallOf(c.walls, &answer{asked: asked, url: next, status: resp.Status}); w != nil {
				return resp.end(outcome.Blocked, w)
			}
			resp.Location = next.String()
			resp.Outcome = outcome.Redirected
			return resp
		case slices.Contains(seen, state(next)):
			return resp.end(outcome.Failed, fmt.Errorf("%w: loop at %s", ErrRedirects, next))
		case len(seen) > c.cfg.MaxRedirects:
			return resp.end(outcome.Failed, fmt.Errorf("%w: more than %d", ErrRedirects, c.cfg.MaxRedirects))
		}
		seen = append(seen, state(next))
		u = next
	}
}

// end finishes a response with an outcome and its reason.
func (r *Response) end(o outcome.Outcome, err error) Response {
	r.Outcome, r.Err = o, err
	if err != nil {
		r.Reason = reasonOf(r, r.Status)
	}
	return *r
}

// hop asks for one URL of a Fetch of the page at asked: guard, robots.txt, pace, request. It returns the URL that the
// answer redirects to, or says that resp is done.
func (c *Client) hop(ctx context.Context, r *Request, resp *Response, asked, u *url.URL, jar *cookies) (next *url.URL, done bool) {
	resp.URL, resp.Status = u.String(), 0
	if err := c.guard.target(u); err != nil {
		resp.end(outcome.Refused, err)
		return nil, true
	}
	if !c.obeyRobots(ctx, r, resp, u) {
		return nil, true
	}
	if err := pace(ctx, r, resp.CrawlDelay); err != nil {
		resp.end(outcome.Canceled, err)
		return nil, true
	}
	ex := &exchange{url: u.String(), maxWire: c.cfg.MaxWire, maxBody: c.cfg.MaxBody, free: r.Free, room: r.Room}
	if r.MaxBody > 0 {
		ex.maxBody = min(ex.maxBody, r.MaxBody)
	}
	ex.maxWire = min(ex.maxWire, ex.maxBody+maxOverhead)
	header := c.header(r, jar.header(u))
	body, err := c.do(ctx, ex, header)
	resp.Status = ex.status
	resp.Bytes += ex.wire.Load()
	if err != nil {
		f := classify(ctx, err, ex.status != 0)
		resp.HostDown = f.hostDown
		resp.end(f.outcome, f.err)
		return nil, true
	}
	if next, err = location(ex, u); err == nil && next != nil {
		err = jar.keep(u, ex.header)
	}
	if err != nil {
		resp.end(outcome.Failed, err)
		return nil, true
	}
	if next != nil {
		return next, false
	}
	a := &answer{asked: asked, url: u, status: ex.status, header: ex.header, body: body}
	if !hasPage(ex.status) {
		a.body = ex.notice
	}
	if w := wallOf(c.walls, a); w != nil && ex.status != http.StatusNotModified {
		resp.end(outcome.Blocked, w)
	} else {
		resp.end(ofStatus(ex.status, r.conditional(), a.says()))
	}
	if resp.Outcome == outcome.OK || resp.Outcome == outcome.NotModified {
		resp.ETag = validator(ex.header.Get("ETag"))
		resp.Pages = pages(ex.header)
		resp.LastModified = validator(ex.header.Get("Last-Modified"))
		resp.ContentType = headerText(ex.header.Get("Content-Type"))
		resp.MaxAge = maxAge(ex.header)
		resp.Body, resp.Header, resp.Asked = body, ex.header, header
	} else {
		resp.RetryAfter = retryAfter(ex.header, c.now())
	}
	return nil, true
}

// pace waits until a request may go out. Its errors end the Fetch as Canceled.
func pace(ctx context.Context, r *Request, crawlDelay time.Duration) error {
	if r.Pace != nil {
		if err := r.Pace(ctx, crawlDelay); err != nil {
			return err
		}
	}
	return context.Cause(ctx)
}

// header makes the header of a request for a page.
func (c *Client) header(r *Request, cookie string) http.Header {
	h := http.Header{
		"User-Agent":      {c.cfg.UserAgent},
		"Accept":          {"text/html,application/xhtml+xml,application/rss+xml,application/atom+xml,application/xml;q=0.9,*/*;q=0.8"},
		"Accept-Encoding": {"gzip"},
	}
	if v := validator(r.ETag); v != "" {
		h["If-None-Match"] = []string{v}
	}
	if v := validator(r.LastModified); v != "" {
		h["If-Modified-Since"] = []string{v}
	}
	if cookie != "" {
		h["Cookie"] = []string{cookie}
	}
	return h
}

func (r *Request) conditional() bool {
	return validator(r.ETag) != "" || validator(r.LastModified) != ""
}

// do sends one request through colly and returns the body. What came back besides is in ex.
func (c *Client) do(ctx context.Context, ex *exchange, header http.Header) ([]byte, error) {
	ctx, ex.cancel = context.WithCancelCause(ctx)
	defer ex.cancel(nil)
	ex.ctx = ctx
	ex.limit = startLimit(c.cfg.Timeout, func() { ex.cancel(fmt.Errorf("%w: %v", ErrTimeout, c.cfg.Timeout)) })
	defer ex.limit.pause()

	collector := c.collector.Clone()
	collector.Context = context.WithValue(ctx, exchangeKey{}, ex)
	var body []byte
	collector.OnResponse(func(r *colly.Response) { body = r.Body })
	err := collector.Request(http.MethodGet, ex.url, nil, nil, header)
	if err != nil {
		if cause := context.Cause(ctx); cause != nil && !errors.Is(err, cause) {
			err = fmt.Errorf("%w: %w", cause, err)
		}
		return nil, err
	}
	return body, nil
}

// location is where an answer redirects to, nil if it does not. Its errors wrap ErrRedirects.
func location(ex *exchange, base *url.URL) (*url.URL, error) {
	switch ex.status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
	default:
		return nil, nil
	}
	to := ex.header.Get("Location")
	if to == "" {
		return nil, fmt.Errorf("%w: %d without a Location", ErrRedirects, ex.status)
	}
	u, err := parseURL(to, base)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRedirects, err)
	}
	return u, nil
}
