package fetch

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxRetryAfter caps what a site may ask for: a day is the longest a mistake of theirs (or a date in 2099) takes a host
// out of the crawl.
const maxRetryAfter = 24 * time.Hour

// retryAfter reads a Retry-After header: whole seconds or an HTTP date (RFC 9110 section 10.2.3), which is measured from
// the response's own Date where it has one, so that a site's wrong clock does no harm. What is neither, or past, is 0.
func retryAfter(h http.Header, now time.Time) time.Duration {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if v == "" {
		return 0
	}
	if strings.Trim(v, "0123456789") == "" {
		s, err := strconv.ParseInt(v, 10, 64)
		if err != nil || s > int64(maxRetryAfter/time.Second) {
			return maxRetryAfter
		}
		return time.Duration(s) * time.Second
	}
	at, err := http.ParseTime(v)
	if err != nil {
		return 0
	}
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		now = date
	}
	return min(max(at.Sub(now), 0), maxRetryAfter)
}
