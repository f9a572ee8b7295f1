package fetch

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/khabar-crawler/khabar/pkg/outcome"
)

// maxRobotsWire caps a robots.txt on the wire: what is parsed of it and a generous rest, so that a longer one is cut and
// not refused, whatever its compression.
const maxRobotsWire = 2 * maxRobotsBody

// minRobotsRedirects is how many redirects of robots.txt RFC 9309 section 2.3.1.2 asks to follow at least.
const minRobotsRedirects = 5

// obeyRobots finds out what robots.txt says about u and notes it in resp. False: resp is done.
func (c *Client) obeyRobots(ctx context.Context, r *Request, resp *Response, u *url.URL) bool {
	root := &url.URL{Scheme: u.Scheme, Host: u.Host, Path: robotsPath}
	e, err := c.robots.get(ctx, u.Scheme+"://"+u.Host, c.now, func(prev *robotsEntry) (*robotsEntry, error) {
		return c.askRobots(ctx, r, root, prev)
	})
	if err != nil {
		resp.end(outcome.Canceled, err)
		return false
	}
	now := c.now()
	if !e.usable(now) {
		if errors.Is(e.failure.err, ErrRefused) {
			resp.end(outcome.Refused, e.failure.err)
			return false
		}
		resp.RobotsRule = "robots.txt is unavailable"
		if e.failure.status != 0 {
			resp.RobotsRule += fmt.Sprintf(" (status %d)", e.failure.status)
		}
		resp.HostDown = e.failure.hostDown
		resp.RetryAfter = max(e.askAt.Sub(now), 0)
		resp.end(outcome.RobotsUnavailable, fmt.Errorf("%w: %w", ErrRobots, e.failure.err))
		resp.Reason = reasonOf(resp, e.failure.status)
		return false
	}
	allowed, why := e.rules.allows(u)
	if e.failure.err != nil {
		why += "; copy of " + e.goodAt.UTC().Format(time.RFC3339)
	}
	resp.RobotsRule, resp.CrawlDelay, resp.Sitemaps = why, e.rules.delay, e.rules.sitemaps
	if !allowed {
		resp.end(outcome.Robots, fmt.Errorf("%w: %s", ErrRobots, why))
	}
	return allowed
}

// askRobots fetches a robots.txt and returns the entry that follows prev. Its errors mean that the caller gave up.
func (c *Client) askRobots(ctx context.Context, r *Request, root *url.URL, prev *robotsEntry) (*robotsEntry, error) {
	var delay time.Duration
	if prev != nil && prev.rules != nil {
		delay = prev.rules.delay
	}
	u := root
	for seen := []string{root.String()}; ; seen = append(seen, u.String()) {
		if err := pace(ctx, r, delay); err != nil {
			return nil, err
		}
		ex := &exchange{url: u.String(), robots: true, maxWire: maxRobotsWire, maxBody: maxRobotsBody + 1}
		body, err := c.do(ctx, ex, http.Header{
			"User-Agent":      {c.cfg.UserAgent},
			"Accept":          {"text/plain,*/*;q=0.5"},
			"Accept-Encoding": {"gzip"},
		})
		if err != nil {
			f := classify(ctx, err, ex.status != 0)
			if f.outcome == outcome.Canceled {
				return nil, f.err
			}
			return c.robotsFailed(prev, robotsFailure{err: f.err, hostDown: f.hostDown}, u != root, 0), nil
		}
		next, err := location(ex, u)
		switch {
		case next != nil && len(seen) > max(c.cfg.MaxRedirects, minRobotsRedirects), next != nil && slices.Contains(seen, next.String()):
			return c.robotsGood(noRules("robots.txt redirects without end")), nil
		case next != nil:
			if err := c.guard.target(next); err != nil {
				return c.robotsFailed(prev, robotsFailure{err: err}, true, 0), nil
			}
			u = next
			continue
		case err != nil:
			return c.robotsGood(noRules("robots.txt redirects nowhere")), nil
		case ex.status >= 200 && ex.status < 300:
			return c.robotsGood(parseRobots(body, c.cfg.Token, u, c.cfg.MaxCrawlDelay)), nil
		case ex.status >= 400 && ex.status < 500 && ex.status != http.StatusTooManyRequests && ex.status != http.StatusProxyAuthRequired:
			return c.robotsGood(noRules("no robots.txt (status %d)", ex.status)), nil
		}
		return c.robotsFailed(prev, robotsFailure{
			err:    fmt.Errorf("%w: %d %s", ErrStatus, ex.status, http.StatusText(ex.status)),
			status: ex.status,
		}, false, retryAfter(ex.header, c.now())), nil
	}
}

// robotsGood is the entry for rules that were just fetched.
func (c *Client) robotsGood(rules *rules) *robotsEntry {
	now := c.now()
	return &robotsEntry{rules: rules, goodAt: now, askAt: now.Add(c.cfg.RobotsTTL)}
}

// robotsFailed is the entry after a failed attempt. A robots.txt that redirects to where the guard does not go has not
// made the page itself refused: only the error's text says so.
func (c *Client) robotsFailed(prev *robotsEntry, f robotsFailure, redirected bool, wait time.Duration) *robotsEntry {
	if redirected {
		f.err = fmt.Errorf("redirected: %v", f.err)
		f.hostDown = false
	}
	return prev.after(f, wait, c.now())
}
