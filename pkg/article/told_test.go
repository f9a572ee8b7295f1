package article

import (
	"testing"
	"time"
)

// TestToldSame: nothing, be it absent or empty, is the same, and each field tells apart.
func TestToldSame(t *testing.T) {
	at := time.Date(2026, 11, 26, 8, 0, 0, 0, time.UTC)
	full := func() *Told {
		when := at
		return &Told{"sitemap", "A title", &when, false, "ar", "World", []string{"a", "b"}, "Subscription"}
	}
	var nothing *Told
	if !nothing.Same(&Told{}) || !full().Same(full()) || full().Same(nothing) {
		t.Error("the same is another")
	}
	for name, change := range map[string]func(*Told){
		"by": func(t *Told) { t.By = "feed" }, "title": func(t *Told) { t.Title = "" }, "day": func(t *Told) { t.Day = true },
		"published_at": func(t *Told) { *t.PublishedAt = at.Add(time.Second) }, "undated": func(t *Told) { t.PublishedAt = nil },
		"language": func(t *Told) { t.Language = "fa" }, "category": func(t *Told) { t.Category = "" },
		"keywords": func(t *Told) { t.Keywords = t.Keywords[:1] }, "access": func(t *Told) { t.Access = "" },
	} {
		other := full()
		if change(other); full().Same(other) {
			t.Errorf("%s changes nothing", name)
		}
	}
	other := full()
	if *other.PublishedAt = at.Add(time.Microsecond); !full().Same(other) {
		t.Error("a microsecond, which is not stored, changes something")
	}
}
