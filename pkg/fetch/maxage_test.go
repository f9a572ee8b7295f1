package fetch

import (
	"net/http"
	"testing"
	"time"
)

func TestMaxAge(t *testing.T) {
	for header, want := range map[string]time.Duration{
		"": 0, "max-age=300": 5 * time.Minute, `public, MAX-AGE="60"`: time.Minute, "max-age=0, must-revalidate": 0,
		"max-age=600, no-cache": 0, "private,max-age=120": 2 * time.Minute, "max-age=31536000": 0, "max-age=-1": 0, "max-age": 0,
		"max-age=99999999999999999999": 0, "s-maxage=60": 0,
	} {
		if got := maxAge(http.Header{"Cache-Control": {header}}); got != want {
			t.Errorf("%q: %v, want %v", header, got, want)
		}
	}
}
