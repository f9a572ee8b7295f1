package frontier

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/zap"
)

// View looks at a frontier that others work on. It makes and changes nothing, and needs no Close.
type View struct{ f *Frontier }

// Look gives a view of the frontier on js. It asks nothing of the server yet.
func Look(js jetstream.JetStream, cfg Config, log *zap.Logger) (*View, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	if log == nil {
		log = zap.NewNop()
	}
	return &View{&Frontier{cfg: cfg, log: log, nc: js.Conn(), js: js, api: apiPrefix(js.Options())}}, nil
}

// Pending is what stands in the frontier of one priority.
type Pending struct {
	Tasks  int
	Oldest time.Time // when the one was put that waits the longest; zero where there is none
}

// Overview is what stands in the frontier, and whether somebody works on it.
type Overview struct {
	Depth
	Priorities [Priorities]Pending
	Ready      int // lanes whose turn waits for a worker: none of the others may be asked yet, or is in hand
	Idle       int // how many turns workers wait for: those that have nothing to do
	Aside      int // messages of which nobody can make sense
}

// ErrNoFrontier: nobody has ever made a frontier there.
var ErrNoFrontier = errors.New("no frontier")

// Overview counts. It costs the server about half a microsecond a pending task.
//
// Errors: ErrNoFrontier, and those of Open that are the server's.
func (v *View) Overview(ctx context.Context) (Overview, error) {
	o, err := v.overview(ctx)
	switch {
	case errors.Is(err, jetstream.ErrStreamNotFound), errors.Is(err, jetstream.ErrConsumerNotFound):
		return o, ErrNoFrontier
	case err != nil:
		return o, fmt.Errorf("look at the frontier: %w", v.f.explain(err))
	}
	return o, nil
}

func (v *View) overview(ctx context.Context) (o Overview, err error) {
	// Of a server that is not there, one attempt says enough: whoever looks will look again.
	messages := func(stream string, into *int) error {
		s, err := v.f.stream(ctx, stream)
		if err == nil {
			*into += int(s.CachedInfo().State.Msgs)
		}
		return err
	}
	if err := messages(v.f.cfg.turnsStream(), &o.Lanes); err != nil {
		return o, err
	}
	for i := range v.f.cfg.Shards {
		if err := messages(v.f.cfg.taskStream(i), &o.Tasks); err != nil {
			return o, err
		}
		for p := range o.Priorities {
			if err := v.addPending(ctx, i, p, &o.Priorities[p]); err != nil {
				return o, err
			}
		}
	}
	if err := messages(v.f.cfg.asideStream(), &o.Aside); err != nil {
		return o, err
	}
	ctx, cancel := context.WithTimeout(ctx, v.f.cfg.RequestTimeout)
	defer cancel()
	c, err := v.f.js.Consumer(ctx, v.f.cfg.turnsStream(), consumerName)
	if err != nil {
		return o, err
	}
	o.Ready, o.Idle = int(c.CachedInfo().NumPending), c.CachedInfo().NumWaiting
	return o, nil
}

// addPending counts a shard's tasks of a priority, and finds the oldest.
func (v *View) addPending(ctx context.Context, shard, priority int, sum *Pending) error {
	stream := v.f.cfg.taskStream(shard)
	tasks := "*." + strconv.Itoa(priority) + ".*"
	r, err := v.f.request(ctx, v.f.countOf(shard, tasks))
	if err != nil || r.Total == 0 {
		return err
	}
	sum.Tasks += r.Total
	r, err = v.f.request(ctx, &nats.Msg{
		Subject: v.f.api + "STREAM.MSG.GET." + stream,
		Data:    []byte(`{"seq":0,"next_by_subj":` + strconv.Quote(v.f.cfg.taskSubject(shard)+"."+tasks) + `}`),
	})
	var ae *jetstream.APIError
	switch {
	case errors.As(err, &ae) && ae.ErrorCode == codeNoMessage:
		return nil // done meanwhile
	case err != nil:
		return err
	case r.Message != nil && (sum.Oldest.IsZero() || r.Message.Time.Before(sum.Oldest)):
		sum.Oldest = r.Message.Time
	}
	return nil
}

// Lane reads the state of a lane: whether it is left alone, and until when. A lane that never had a turn has the zero state.
func (v *View) Lane(ctx context.Context, lane string) (LaneState, error) { return v.f.Lane(ctx, lane) }
