package wire

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"go.uber.org/zap"

	"github.com/khabar-crawler/khabar/pkg/config"
	"github.com/khabar-crawler/khabar/pkg/store"
	"github.com/khabar-crawler/khabar/pkg/telemetry"
)

// Store is the store's part; name shows in the server's log.
func Store(c *config.Config, name string) store.Config {
	return store.Config{URI: string(c.Mongo.URI), Database: c.Mongo.Database, AppName: "khabar-" + name, ConnectTimeout: c.Mongo.ConnectTimeout}
}

// OpenStore opens the store of a command that people wait for, which fails where the server is not there.
func OpenStore(ctx context.Context, c *config.Config, name string, log *zap.Logger) (*store.Store, error) {
	st, err := store.Open(ctx, Store(c, name), log)
	if errors.Is(err, store.ErrUnreachable) {
		return nil, fmt.Errorf("%w; is the server running, and mongo.uri right?", err)
	}
	return st, err
}

// AwaitStore opens the store of a process that runs for good, which waits for the server to be there, and says so in log and
// health. A URI, a password or a certificate that is wrong fails at once.
func AwaitStore(ctx context.Context, c *config.Config, name string, health *telemetry.Health, log *zap.Logger) (st *store.Store, err error) {
	err = await(ctx, health, log, "mongodb", "MongoDB", func(ctx context.Context) error {
		st, err = store.Open(ctx, Store(c, name), log)
		return err
	}, isAway)
	if err == nil {
		health.Set(telemetry.Check{Name: "mongodb", Probe: st.Ping})
	}
	return st, err
}

// AwaitSchema waits until the database has the schema, which others make: without it, documents would be stored without
// validators and indexes.
func AwaitSchema(ctx context.Context, st *store.Store, health *telemetry.Health, log *zap.Logger) error {
	err := await(ctx, health, log, "mongodb", "the schema, which the scheduler or khabar migrate makes", st.HasSchema, func(err error) bool {
		return isAway(err) || errors.Is(err, store.ErrNoSchema)
	})
	if err == nil {
		health.Set(telemetry.Check{Name: "mongodb", Probe: st.Ping})
	}
	return err
}

// MakeSchema brings the database to this version's schema, and returns when crawling may begin. What it need not wait for
// is made beside it, until the function that it gives is called. Indexes of big collections may take hours; the log says
// so. patient is for processes that run for good: where their user may not make the schema, they wait for somebody who may.
func MakeSchema(ctx context.Context, st *store.Store, health *telemetry.Health, log *zap.Logger, patient bool) (stop func(), err error) {
	passing := func(err error) bool {
		return isAway(err) || errors.Is(err, store.ErrBuilding) || patient && errors.Is(err, store.ErrUnauthorized)
	}
	m := migration{st: st, log: log, told: map[string]bool{}}
	var later int
	err = await(ctx, health, log, "mongodb", "the schema", func(ctx context.Context) error {
		plan, err := st.Plan(ctx)
		if err != nil {
			return err
		}
		if plan.IsNewer() {
			log.Warn("the database's schema is of a newer khabar, and left as it is",
				zap.Int("version", plan.Version), zap.Int("known", store.SchemaVersion))
		}
		later = plan.Later
		return m.do(ctx, plan.Steps[:len(plan.Steps)-later])
	}, passing)
	if err == nil {
		health.Set(telemetry.Check{Name: "mongodb", Probe: st.Ping})
	}
	if err != nil || later == 0 {
		return func() {}, err
	}
	ctx, cancel := context.WithCancel(ctx)
	var building sync.WaitGroup
	building.Go(func() {
		err := waitFor(ctx, log, "indexes", func(ctx context.Context) error {
			plan, err := st.Plan(ctx)
			if err != nil {
				return err
			}
			return m.do(ctx, plan.Steps)
		}, func(error) bool { return true })
		if err != nil && ctx.Err() == nil {
			log.Error("indexes not built", zap.Error(err))
		}
	})
	return func() {
		cancel()
		building.Wait()
	}, nil
}

// migration does the steps of plans, and says each once.
type migration struct {
	st   *store.Store
	log  *zap.Logger
	told map[string]bool
}

// do goes on where an index cannot be built: everything works without it.
func (m *migration) do(ctx context.Context, steps []store.Step) error {
	for _, step := range steps {
		if !m.told[step.String()] {
			m.told[step.String()] = true
			m.log.Info("changing the schema", zap.Stringer("step", step))
		}
		err := m.st.Migrate(ctx, step)
		if errors.Is(err, store.ErrIndex) {
			m.log.Error("index not built; what it is for is slow without it", zap.Error(err))
		} else if err != nil {
			return err
		}
	}
	return nil
}

// isAway is true where the server is not there, or cannot at the moment.
func isAway(err error) bool {
	return errors.Is(err, store.ErrUnreachable) || errors.Is(err, store.ErrServer)
}
