package wire

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"github.com/khabar-crawler/khabar/pkg/config"
	"github.com/khabar-crawler/khabar/pkg/telemetry"
)

// Health serves health probes where the configuration says, or nowhere. It is the first thing that a process starts: the
// process is not ready until each server that it needs is there, and says which one it waits for.
func Health(c *config.Config) (*telemetry.Health, error) {
	if c.Health.Addr == "" {
		return nil, nil
	}
	began := time.Now().UTC().Format(time.RFC3339)
	missing := func(context.Context) error { return fmt.Errorf("not reached since this process began at %s", began) }
	return telemetry.ServeHealth(c.Health.Addr, telemetry.Check{Name: "mongodb", Probe: missing}, telemetry.Check{Name: "nats", Probe: missing})
}

// await is waitFor for what, told to those who ask health too, as the check of that name.
func await(ctx context.Context, health *telemetry.Health, log *zap.Logger, check, what string, try func(context.Context) error, passing func(error) bool) error {
	began := time.Now()
	var last atomic.Pointer[string] // what the last attempt came to
	say := func(text string) { last.Store(&text) }
	say("no answer yet")
	health.Set(telemetry.Check{Name: check, Probe: func(context.Context) error {
		return fmt.Errorf("waiting for %s since %s: %s", what, began.UTC().Format(time.RFC3339), *last.Load())
	}})
	return waitFor(ctx, log, what, func(ctx context.Context) error {
		err := try(ctx)
		if err != nil {
			say(err.Error())
		}
		return err
	}, passing)
}
