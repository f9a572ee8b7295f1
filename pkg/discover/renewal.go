package discover

import (
	"strconv"
	"strings"
	"time"
)

// renewal is how often a feed is made anew, as it says itself: by RSS's ttl, or else in the words of the syndication module.
type renewal struct {
	ttl       time.Duration
	base      time.Duration
	frequency int
}

// maxRenewal is the longest that is believed: what is renewed more seldom is no feed.
const maxRenewal = 31 * 24 * time.Hour

func (r *renewal) closed(name, text string) {
	switch name {
	case "ttl":
		if n, err := strconv.Atoi(text); err == nil && n > 0 && n <= int(maxRenewal/time.Minute) {
			r.ttl = time.Duration(n) * time.Minute
		}
	case "updateperiod":
		switch strings.ToLower(text) {
		case "hourly":
			r.base = time.Hour
		case "daily":
			r.base = 24 * time.Hour
		case "weekly":
			r.base = 7 * 24 * time.Hour
		case "monthly":
			r.base = maxRenewal
		}
	case "updatefrequency":
		if n, err := strconv.Atoi(text); err == nil && n > 0 {
			r.frequency = n
		}
	}
}

// period is how long the feed stays as it is; 0 where it does not say.
func (r *renewal) period() time.Duration {
	if r.ttl > 0 {
		return r.ttl
	}
	return r.base / time.Duration(max(r.frequency, 1))
}
