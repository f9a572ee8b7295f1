package worker

import (
	"time"

	"github.com/khabar-crawler/khabar/pkg/fetch"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/store"
)

// A section whose validators stay the same though its content changes, as behind a cache or a CMS that makes its ETag of the
// theme, would never be read again. So it is asked for whole now and then, and from then on if that shows that they lie.
const (
	// maxUnchanged is how many answers in a row that nothing has changed are believed: a busy section has hardly ever so many,
	// and a quiet one is visited every few hours by then.
	maxUnchanged = 4
	// maxSilence is how long they are believed: the busiest sections print some eighty articles a day and list twenty, so
	// that in six hours nothing has fallen off the end.
	maxSilence = 6 * time.Hour
)

// asksWhole says whether a page is asked for whether or not it has changed.
func asksWhole(p store.Page) bool {
	if !isSection(p.Kind) || p.HTTP == nil {
		return false
	}
	silence := time.Duration(p.HTTP.Unchanged) * time.Duration(p.Interval) * time.Second
	return p.HTTP.Fixed || p.HTTP.Unchanged >= maxUnchanged || silence >= maxSilence
}

// isSame says whether an answer has the validators of the one before. The ETag counts where there is one, as for servers.
func isSame(old *store.HTTP, res fetch.Response) bool {
	if old == nil || res.Outcome != outcome.OK {
		return false
	}
	if res.ETag != "" || old.ETag != "" {
		return res.ETag == old.ETag
	}
	return res.LastModified != "" && res.LastModified == old.LastModified
}

// doubt notes that a section lists what is new under the validators that it had before.
func doubt(page *store.Page) {
	h := *page.HTTP
	h.Fixed = true
	page.HTTP = &h
}
