package wire

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"
)

var errAway, errWrong = errors.New("away"), errors.New("wrong password")

func away(err error) bool { return errors.Is(err, errAway) }

func TestWaitFor(t *testing.T) {
	for _, tc := range []struct {
		about     string
		try       func(ctx context.Context, n int) error // the nth attempt, from 1
		stopAfter time.Duration
		want      error
		attempts  int
		lines     int // of waiting
	}{
		{"there at once", func(context.Context, int) error { return nil }, time.Hour, nil, 1, 0},
		{"there at the third look", func(_ context.Context, n int) error {
			if n < 3 {
				return errAway
			}
			return nil
		}, time.Hour, nil, 3, 0},
		{"there after a while", func(_ context.Context, n int) error {
			if n < 8 {
				return errAway
			}
			return nil
		}, time.Hour, nil, 8, 3}, // 0.1 + 0.2 + 0.4 … s
		{"no use in waiting", func(context.Context, int) error { return errWrong }, time.Hour, errWrong, 1, 0},
		{"no use in waiting on", func(_ context.Context, n int) error {
			if n < 3 {
				return errAway
			}
			return errWrong
		}, time.Hour, errWrong, 3, 0},
		// Told after 1, 3, 7, 15 s … and then every five minutes, and asked every five seconds.
		{"away until the process is stopped", func(context.Context, int) error { return errAway }, time.Hour, context.Canceled, 726, 19},
		{"an attempt that hangs is told", func(ctx context.Context, _ int) error {
			<-ctx.Done()
			return ctx.Err()
		}, time.Minute, context.Canceled, 1, 5},
	} {
		synctest.Test(t, func(t *testing.T) {
			core, logs := observer.New(zap.WarnLevel)
			ctx, stop := context.WithCancel(t.Context())
			defer time.AfterFunc(tc.stopAfter, stop).Stop()
			n := 0
			err := waitFor(ctx, zap.New(core), "the moon", func(ctx context.Context) error { n++; return tc.try(ctx, n) }, away)
			if !errors.Is(err, tc.want) || (err == nil) != (tc.want == nil) {
				t.Errorf("%s: got %v, want %v", tc.about, err, tc.want)
			}
			lines := logs.FilterMessage("waiting for the moon").All()
			if n != tc.attempts || len(lines) != tc.lines {
				t.Errorf("%s: %d attempts and %d lines, want %d and %d", tc.about, n, len(lines), tc.attempts, tc.lines)
			}
			for _, l := range lines {
				if since, ok := l.ContextMap()["since"].(time.Time); !ok || l.Time.Before(since) {
					t.Errorf("%s: a line does not say since when: %v", tc.about, l.ContextMap())
				}
			}
		})
	}
}
