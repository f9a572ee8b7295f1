package site

import (
	"testing"
	"time"
)

// TestCron holds the times of crontab lines to the clock on the wall, also where it is changed.
func TestCron(t *testing.T) {
	const newYork, beirut, lordHowe, baghdad = "America/New_York", "Asia/Beirut", "Australia/Lord_Howe", "Asia/Baghdad"
	for _, tc := range []struct {
		name, line, zone, after string
		want                    []string
	}{
		{"of its zone", "30 7 * * *", baghdad, "2026-03-01T00:00:00Z", []string{"2026-03-01T04:30:00Z", "2026-03-02T04:30:00Z"}},
		{"of the zone in the line", "CRON_TZ=Asia/Tehran 30 7 * * *", baghdad, "2026-03-01T00:00:00Z", []string{"2026-03-01T04:00:00Z"}},
		{"either day", "0 9 13 * 5", baghdad, "2026-03-01T00:00:00Z", []string{"2026-03-06T06:00:00Z", "2026-03-13T06:00:00Z", "2026-03-20T06:00:00Z"}},
		{"a leap day", "0 0 29 2 *", "UTC", "2096-03-01T00:00:00Z", []string{"2104-02-29T00:00:00Z"}},
		{"in a gap, once", "30 2 * * *", newYork, "2026-03-07T12:00:00Z", []string{"2026-03-08T07:30:00Z", "2026-03-09T06:30:00Z"}},
		{"in a gap at midnight, once", "30 0 * * *", beirut, "2026-03-28T12:00:00Z", []string{"2026-03-28T22:30:00Z", "2026-03-29T21:30:00Z"}},
		{"in a gap of half an hour, once", "15 2 * * *", lordHowe, "2026-10-03T00:00:00Z", []string{"2026-10-03T15:45:00Z", "2026-10-04T15:15:00Z"}},
		{"an hour that comes twice, once", "30 1 * * *", newYork, "2026-10-31T12:00:00Z", []string{"2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z"}},
		{"each hour, also of those that come twice", "30 * * * *", newYork, "2026-11-01T05:00:00Z", []string{"2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z", "2026-11-01T07:30:00Z"}},
		{"each hour around a gap", "30 * * * *", newYork, "2026-03-08T06:00:00Z", []string{"2026-03-08T06:30:00Z", "2026-03-08T07:30:00Z"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			zone, err := time.LoadLocation(tc.zone)
			if err != nil {
				t.Fatal(err)
			}
			c, err := ParseCron(tc.line, zone)
			if err != nil {
				t.Fatal(err)
			}
			at, err := time.Parse(time.RFC3339, tc.after)
			if err != nil {
				t.Fatal(err)
			}
			for i, want := range tc.want {
				if at = c.Next(at); at.Format(time.RFC3339) != want {
					t.Fatalf("time %d is %s, want %s", i, at.Format(time.RFC3339), want)
				}
			}
		})
	}
}

// TestTiming: what stands with a section goes before what stands with its site.
func TestTiming(t *testing.T) {
	s, err := Load(write(t, "a.yaml", `
id: a
home: https://a.com/
time_zone: Asia/Baghdad
schedule: {cron: 0 7 * * *, min: 1h, max: 48h}
sections:
  - {id: plain, url: https://a.com/1, kind: listing}
  - {id: every, url: https://a.com/2, kind: listing, every: 10m}
  - {id: cron, url: https://a.com/3, kind: listing, cron: 0 9 * * *, zone: Asia/Tehran, max: 24h}
  - {id: bounds, url: https://a.com/4, kind: listing, min: 2h}
`))
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		id, cron        string
		every, min, max time.Duration
	}{
		{"plain", "0 7 * * * Asia/Baghdad", 0, time.Hour, 48 * time.Hour},
		{"every", "", 10 * time.Minute, 0, 0},
		{"cron", "0 9 * * * Asia/Tehran", 0, 0, 24 * time.Hour},
		{"bounds", "0 7 * * * Asia/Baghdad", 0, 2 * time.Hour, 48 * time.Hour},
		{"found by itself", "0 7 * * * Asia/Baghdad", 0, time.Hour, 48 * time.Hour},
	} {
		got := s.Timing(tc.id)
		cron := ""
		if got.Cron != nil {
			cron = got.Cron.String()
		}
		if cron != tc.cron || got.Every != tc.every || got.Min != tc.min || got.Max != tc.max {
			t.Errorf("%s: cron %q, %+v", tc.id, cron, got)
		}
	}
}

// FuzzCron reads any line in any zone: what it takes comes later than what it was asked for.
func FuzzCron(f *testing.F) {
	for _, line := range []string{"0 7 * * 1-5", "*/20 6-23 * * *", "CRON_TZ=Asia/Tehran 0 0 29 2 *", "@daily", "0 0 31 2 *", "TZ=", "@every 1s"} {
		f.Add(line, int64(1_770_000_000))
	}
	f.Fuzz(func(t *testing.T, line string, from int64) {
		zone, err := time.LoadLocation("Asia/Beirut")
		if err != nil {
			t.Fatal(err)
		}
		c, err := ParseCron(line, zone)
		if err != nil {
			return
		}
		at := time.Unix(from%(1<<33), 0)
		for range 3 {
			if next := c.Next(at); next.IsZero() {
				return
			} else if !next.After(at) {
				t.Fatalf("%q: %v comes after %v", line, next, at)
			} else {
				at = next
			}
		}
	})
}
