package frontier

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"go.uber.org/zap"
)

const (
	// pullExpires is how long one pull request waits at the server. Renewing it costs one message a minute.
	pullExpires = time.Minute
	// pullHeartbeat is how often the server says that a pull request is still known to it. Two missed ones mean that it
	// was lost, for example with the consumer's leader. A lost connection is noticed at once, without it.
	pullHeartbeat = 10 * time.Second
	// pullTick is how often lost pull requests are looked for.
	pullTick = time.Second
	// pullBuffer is how many deliveries may await the dispatcher, which spends microseconds on each. At most one delivery
	// and a few status messages are under way per waiting caller.
	pullBuffer = 4096
	// drainWait bounds how long close waits for deliveries that are on their way.
	drainWait = 2 * time.Second
)

// errPullRefused means that the consumer did not take the pull request: it is gone, or the server is not ready.
var errPullRefused = errors.New("pull request refused")

// puller asks the shared consumer for turns, one at a time for each waiting caller, so that no turn lies in a buffer.
// A turn that arrives when its caller has gone is given back at once.
type puller struct {
	nc      *nats.Conn
	subject string // of the consumer's pull requests
	log     *zap.Logger
	ch      chan *nats.Msg   // deliveries of all slots
	status  chan nats.Status // of the connection
	stop    chan struct{}
	done    chan struct{} // closed when the dispatcher has ended

	mu     sync.Mutex
	closed bool
	slots  map[*nats.Subscription]*slot
	free   []*slot // slots without a caller; the last one is used next, as its pull request may still stand
}

// slot is an inbox with at most one live pull request.
type slot struct {
	sub    *nats.Subscription
	inbox  string
	n      int         // numbers the pull requests
	reply  string      // of the live pull request, "" if none
	seen   time.Time   // when the server last mentioned the live pull request
	caller chan pulled // nil if nobody waits; has room for one
}

type pulled struct {
	msg *nats.Msg
	err error
}

func newPuller(nc *nats.Conn, subject string, log *zap.Logger) *puller {
	p := &puller{
		nc: nc, subject: subject, log: log,
		ch:     make(chan *nats.Msg, pullBuffer),
		status: nc.StatusChanged(nats.CONNECTED, nats.CLOSED),
		stop:   make(chan struct{}),
		done:   make(chan struct{}),
		slots:  make(map[*nats.Subscription]*slot),
	}
	go p.dispatch()
	return p
}

// wait returns the next turn's message.
func (p *puller) wait(ctx context.Context) (*nats.Msg, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	s, caller, err := p.enter()
	if err != nil {
		return nil, err
	}
	return p.await(ctx, s, caller)
}

func (p *puller) await(ctx context.Context, s *slot, caller chan pulled) (*nats.Msg, error) {
	select {
	case got := <-caller:
		return got.msg, got.err
	case <-ctx.Done():
	}
	p.mu.Lock()
	if s.caller == caller {
		p.leave(s)
		p.mu.Unlock()
		return nil, context.Cause(ctx)
	}
	p.mu.Unlock()
	// The dispatcher was quicker.
	if got := <-caller; got.msg != nil {
		p.nak(got.msg)
	}
	return nil, context.Cause(ctx)
}

func (p *puller) enter() (*slot, chan pulled, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, nil, ErrClosed
	}
	var s *slot
	if n := len(p.free); n > 0 {
		s, p.free = p.free[n-1], p.free[:n-1]
	} else {
		s = &slot{inbox: p.nc.NewInbox()}
		var err error
		if s.sub, err = p.nc.ChanSubscribe(s.inbox+".*", p.ch); err != nil {
			return nil, nil, fmt.Errorf("subscribe for turns: %w", err)
		}
		p.slots[s.sub] = s
	}
	caller := make(chan pulled, 1)
	s.caller = caller
	if s.reply == "" {
		p.request(s)
	}
	return s, caller, nil
}

// leave makes the slot free. The lock is held.
func (p *puller) leave(s *slot) {
	s.caller = nil
	p.free = append(p.free, s)
}

// answer hands the result to the slot's caller. The lock is held.
func (p *puller) answer(s *slot, got pulled) {
	s.caller <- got
	p.leave(s)
}

// request sends the slot's pull request. While the connection is down it does nothing: the dispatcher asks again
// when it is up. The lock is held.
func (p *puller) request(s *slot) {
	if !p.nc.IsConnected() {
		if p.nc.IsClosed() {
			p.answer(s, pulled{err: nats.ErrConnectionClosed})
		}
		return
	}
	s.n++
	s.reply = fmt.Sprintf("%s.%d", s.inbox, s.n)
	s.seen = time.Now()
	body, err := json.Marshal(struct {
		Expires   time.Duration `json:"expires"`
		Batch     int           `json:"batch"`
		Heartbeat time.Duration `json:"idle_heartbeat"`
	}{pullExpires, 1, pullHeartbeat})
	if err == nil {
		err = p.nc.PublishRequest(p.subject, s.reply, body)
	}
	if err != nil {
		s.reply = ""
		p.answer(s, pulled{err: fmt.Errorf("ask for a turn: %w", err)})
	}
}

func (p *puller) dispatch() {
	defer close(p.done)
	tick := time.NewTicker(pullTick)
	defer tick.Stop()
	for {
		select {
		case msg := <-p.ch:
			p.deliver(msg)
		case st, ok := <-p.status:
			if !ok { // as a connection does when it is closed
				p.status, st = nil, nats.CLOSED
			}
			p.reconnected(st)
		case now := <-tick.C:
			p.renew(now)
		case <-p.stop:
			return
		}
	}
}

// deliver handles one message: a turn, or what the server says about a pull request.
func (p *puller) deliver(msg *nats.Msg) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.slots[msg.Sub]
	status := msg.Header.Get("Status")
	if status == "" || msg.Reply != "" && len(msg.Data) > 0 {
		if s == nil || s.caller == nil || p.closed {
			if s != nil {
				s.reply = ""
			}
			p.nak(msg)
			return
		}
		s.reply = ""
		p.answer(s, pulled{msg: msg})
		return
	}
	if s == nil || msg.Subject != s.reply {
		return // about a pull request that was replaced
	}
	if status == "100" {
		s.seen = time.Now()
		return
	}
	s.reply = ""
	if s.caller == nil || p.closed {
		return
	}
	switch desc := strings.ToLower(msg.Header.Get("Description")); {
	case status == "408", strings.Contains(desc, "leadership change"):
		p.request(s)
	case strings.Contains(desc, "server shutdown"):
		// The connection goes down next, and the request is repeated when it is up again.
	default:
		p.answer(s, pulled{err: fmt.Errorf("%w: %s %s", errPullRefused, status, desc)})
	}
}

// reconnected repeats every pull request: those of the old connection are forgotten.
func (p *puller) reconnected(st nats.Status) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.slots {
		s.reply = ""
		if s.caller == nil {
			continue
		}
		if st == nats.CLOSED {
			p.answer(s, pulled{err: nats.ErrConnectionClosed})
		} else {
			p.request(s)
		}
	}
}

// renew repeats pull requests that the server no longer mentions.
func (p *puller) renew(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.slots {
		if s.reply != "" && now.Sub(s.seen) > 2*pullHeartbeat {
			s.reply = ""
		}
		if s.reply == "" && s.caller != nil {
			p.request(s)
		}
	}
}

// nak gives a turn back for somebody else to take at once. If it is lost, the turn is redelivered after AckWait.
func (p *puller) nak(msg *nats.Msg) {
	if err := p.nc.Publish(msg.Reply, []byte("-NAK")); err != nil {
		p.log.Debug("turn not given back; it is redelivered later", zap.Error(err))
	}
}

// close answers every caller with ErrClosed, gives back what still arrives, and waits for the dispatcher.
func (p *puller) close() {
	p.mu.Lock()
	p.closed = true
	subs := make([]*nats.Subscription, 0, len(p.slots))
	for sub, s := range p.slots {
		subs = append(subs, sub)
		if s.caller != nil {
			p.answer(s, pulled{err: ErrClosed})
		}
	}
	p.mu.Unlock()
	p.drain(subs)
	close(p.stop)
	<-p.done
	p.nc.RemoveStatusListener(p.status)
	for {
		select {
		case msg := <-p.ch:
			p.deliver(msg)
			continue
		default:
		}
		break
	}
	// Close takes no context: its caller's is over as a rule.
	ctx, cancel := context.WithTimeout(context.Background(), drainWait)
	defer cancel()
	if err := p.nc.FlushWithContext(ctx); err != nil {
		p.log.Debug("not flushed; turns that were given back may be redelivered later", zap.Error(err))
	}
}

// drain unsubscribes and waits until what was sent before has arrived.
func (p *puller) drain(subs []*nats.Subscription) {
	drained := make(chan struct{}, len(subs))
	subs = slices.DeleteFunc(subs, func(sub *nats.Subscription) bool {
		sub.SetClosedHandler(func(string) { drained <- struct{}{} })
		return !p.nc.IsConnected() || sub.Drain() != nil
	})
	t := time.NewTimer(drainWait)
	defer t.Stop()
	for range subs {
		select {
		case <-drained:
		case <-t.C:
			p.log.Debug("deliveries did not drain; their turns are redelivered later")
			for _, sub := range subs {
				_ = sub.Unsubscribe() // the connection is failing; nothing is left to do about it
			}
			return
		}
	}
}
