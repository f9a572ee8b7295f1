package article

import (
	"slices"
	"time"
)

// Told is what the feed or sitemap says of an article in which it was found. What the article's own page says counts before
// it.
type Told struct {
	By          string     `bson:"by" json:"by"` // "feed" or "sitemap"
	Title       string     `bson:"title,omitempty" json:"title,omitempty"`
	PublishedAt *time.Time `bson:"published_at,omitempty" json:"published_at,omitempty"`
	Day         bool       `bson:"day,omitempty" json:"day,omitempty"` // PublishedAt is the start of a day that was given without a time
	Language    string     `bson:"language,omitempty" json:"language,omitempty"`
	Category    string     `bson:"category,omitempty" json:"category,omitempty"`
	Keywords    []string   `bson:"keywords,omitempty" json:"keywords,omitempty"`
	Access      string     `bson:"access,omitempty" json:"access,omitempty"` // "Subscription", "Registration"; absent for open to all
}

// IsEmpty says that nothing was told.
func (t *Told) IsEmpty() bool {
	return t == nil || t.Title == "" && t.PublishedAt == nil && t.Language == "" && t.Category == "" && len(t.Keywords) == 0 && t.Access == ""
}

// Same says whether two sources tell the same, dates to the millisecond.
func (t *Told) Same(o *Told) bool {
	if t == nil || o == nil {
		return t.IsEmpty() && o.IsEmpty()
	}
	at := func(t *Told) int64 {
		if t.PublishedAt == nil {
			return 0
		}
		return t.PublishedAt.UnixMilli()
	}
	return t.By == o.By && t.Title == o.Title && at(t) == at(o) && t.Day == o.Day && t.Language == o.Language && t.Category == o.Category &&
		slices.Equal(t.Keywords, o.Keywords) && t.Access == o.Access
}
