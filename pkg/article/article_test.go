package article

import (
	"testing"
	"time"
	_ "time/tzdata"
)

func TestHashContent(t *testing.T) {
	base := HashContent("عنوان", "", "فقرة أولى\n\nفقرة ثانية")
	if len(base) != 32 {
		t.Errorf("hash %q: not 32 digits", base)
	}
	if HashContent(" عنوان ", "", "فقرة أولى\nفقرة  ثانية") != base {
		t.Error("white space alone changed the hash")
	}
	for name, h := range map[string]string{
		"title": HashContent("عنوان آخر", "", "فقرة أولى\n\nفقرة ثانية"),
		"text":  HashContent("عنوان", "", "فقرة أولى"),
		"moved": HashContent("", "عنوان", "فقرة أولى\n\nفقرة ثانية"),
	} {
		if h == base {
			t.Errorf("%s: an edit kept the hash", name)
		}
	}
}

func TestProvenanceFormat(t *testing.T) {
	at := time.Date(2024, 7, 23, 21, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		p    *Provenance
		want string
	}{
		{nil, ""},
		{&Provenance{Precision: PrecisionDay, Zone: "Asia/Baghdad"}, "2024-07-24"},
		{&Provenance{Precision: PrecisionMinute, Zone: "Asia/Baghdad"}, "2024-07-24T00:00:00+03:00"},
		{&Provenance{Precision: PrecisionSecond, Zone: "+04:30"}, "2024-07-24T01:30:00+04:30"},
		{&Provenance{Precision: PrecisionSecond, Zone: "no such zone"}, "2024-07-23T21:00:00Z"},
	} {
		if got := c.p.Format(&at); got != c.want {
			t.Errorf("%+v: %q, want %q", c.p, got, c.want)
		}
	}
	if got := (&Provenance{}).Format(nil); got != "" {
		t.Errorf("unknown time: %q", got)
	}
}
