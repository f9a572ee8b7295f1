package fetch

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxMaxAge is the longest that is believed of an answer's age: what a site sends out for longer is meant for pictures.
const maxMaxAge = 24 * time.Hour

// maxAge is for how long an answer may be kept, by its Cache-Control; 0 where it does not say, or may not be kept.
func maxAge(h http.Header) (age time.Duration) {
	for _, line := range h.Values("Cache-Control") {
		for part := range strings.SplitSeq(line, ",") {
			name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
			switch strings.ToLower(strings.TrimSpace(name)) {
			case "no-store", "no-cache":
				return 0
			case "max-age":
				s, err := strconv.ParseInt(strings.Trim(value, `" `), 10, 64)
				if err != nil || s <= 0 || s > int64(maxMaxAge/time.Second) {
					return 0
				}
				age = time.Duration(s) * time.Second
			}
		}
	}
	return age
}
