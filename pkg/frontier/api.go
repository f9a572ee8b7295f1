package frontier

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/zap"
)

var (
	// ErrStorageFull is returned by Put when the stream or the account has reached its limit of bytes or messages.
	ErrStorageFull = errors.New("frontier storage full")
	// ErrClosed is returned by calls on a frontier after Close.
	ErrClosed = errors.New("frontier closed")

	errNotFound = errors.New("no message")
)

// Error codes of the JetStream API that decide what happens next (nats-server, server/errors.json).
const (
	codeInsufficientResources = 10023
	codeMemoryExceeded        = 10028
	codeNoMessage             = 10037
	codeSequenceNotFound      = 10043
	codeStorageExceeded       = 10047
	codeDeleteFailed          = 10057
	codeWrongLastSequence     = 10071
	codeStoreFailed           = 10077
	codeWriteInProcess        = 10164
)

// Texts that tell apart what codeStoreFailed and codeDeleteFailed stand for: the server puts its store's error there.
const (
	textMaxPerSubject = "maximum messages per subject exceeded"
	textMaxBytes      = "maximum bytes exceeded"
	textMaxMsgs       = "maximum messages exceeded"
	textNoSuchMessage = "no message found"
	textDeleted       = "deleted message"
	textEOF           = "stream store EOF"
	textNothing       = "wrong last sequence: 0"
)

// A refused request is repeated after retryFirst, and then after twice as long each time up to retryMost: fast enough to
// follow an election, slow enough not to burden a server that is starting.
const (
	retryFirst = 10 * time.Millisecond
	retryMost  = time.Second
)

// apiReply is the union of the replies that the frontier reads: publish, get, delete and stream info.
type apiReply struct {
	Error   *jetstream.APIError `json:"error"`
	Seq     uint64              `json:"seq"`
	Message *storedMsg          `json:"message"`
	Total   int                 `json:"total"` // subjects of the stream that were asked for
}

// storedMsg is a message as the stream's leader has it.
type storedMsg struct {
	Subject string    `json:"subject"`
	Seq     uint64    `json:"seq"`
	Data    []byte    `json:"data"`
	Time    time.Time `json:"time"` // when it was stored, on the server's clock
}

// What the server answers in place of a message: where nothing listens, as on a stream without a leader, and where a direct
// read finds nothing.
const (
	statusNoResponders = "503"
	statusNotFound     = "404"
)

// request makes one attempt. An answer that is an error comes back as *jetstream.APIError.
func (f *Frontier) request(ctx context.Context, m *nats.Msg) (apiReply, error) {
	ctx, cancel := context.WithTimeout(ctx, f.cfg.RequestTimeout)
	defer cancel()
	msg, err := f.nc.RequestMsgWithContext(ctx, m)
	if err != nil {
		return apiReply{}, err
	}
	return reply(msg)
}

// reply reads an answer. One that is an error comes back as *jetstream.APIError.
func reply(m *nats.Msg) (apiReply, error) {
	if len(m.Data) == 0 && m.Header.Get("Status") == statusNoResponders {
		return apiReply{}, nats.ErrNoResponders
	}
	var r apiReply
	if err := json.Unmarshal(m.Data, &r); err != nil {
		return apiReply{}, fmt.Errorf("answer of JetStream: %w", err)
	}
	if r.Error != nil {
		return r, r.Error
	}
	return r, nil
}

// requestAll makes one attempt at each of the messages, all of them under way together, and gives the answer to each.
//
// It stands in for the client's asynchronous publishes, which leave a goroutine behind for ever when they are cleaned up
// right after the first one (nats.go 1.55: resetPendingAcksOnReconnect then reads a channel that is nil).
func (f *Frontier) requestAll(ctx context.Context, msgs []*nats.Msg) []answer {
	all := make([]answer, len(msgs))
	open := make(map[string]int, len(msgs)) // messages without an answer, by the subject of their answer
	fail := func(err error) []answer {
		for _, i := range open {
			all[i].err = err
		}
		return all
	}
	inbox := f.nc.NewInbox()
	for i := range msgs {
		open[inbox+"."+strconv.Itoa(i)] = i
	}
	answers := make(chan *nats.Msg, len(msgs))
	sub, err := f.nc.ChanSubscribe(inbox+".*", answers)
	if err != nil {
		return fail(err)
	}
	defer func() { _ = sub.Unsubscribe() }() // fails where the connection has, and the subscription with it
	for i, m := range msgs {
		m.Reply = inbox + "." + strconv.Itoa(i)
		if err := f.nc.PublishMsg(m); err != nil {
			return fail(err)
		}
	}
	silent := time.NewTimer(f.cfg.RequestTimeout)
	defer silent.Stop()
	for len(open) > 0 {
		select {
		case m := <-answers:
			i, ok := open[m.Subject]
			if !ok {
				continue
			}
			delete(open, m.Subject)
			all[i].apiReply, all[i].err = reply(m)
			silent.Reset(f.cfg.RequestTimeout)
		case <-silent.C:
			return fail(context.DeadlineExceeded)
		case <-ctx.Done():
			return fail(context.Cause(ctx))
		}
	}
	return all
}

// answer is what came of one request.
type answer struct {
	apiReply
	err error
}

// retryAll makes requests and repeats those that fail until settle has taken every answer; settle is given each answer to a
// message of msgs, and its error says that it is to be asked again. A final error, or the end of ctx, ends it all.
func (f *Frontier) retryAll(ctx context.Context, op string, msgs []*nats.Msg, settle func(i int, r apiReply, err error) error) error {
	open := make([]int, len(msgs))
	for i := range open {
		open[i] = i
	}
	wait := retryFirst
	for n := 1; len(open) > 0; n++ {
		var failed []int
		var why error
		for k, a := range f.requestAll(ctx, pick(msgs, open)) {
			if err := settle(open[k], a.apiReply, a.err); err != nil {
				failed, why = append(failed, open[k]), moreFinal(why, err)
			}
		}
		if open = failed; len(open) == 0 {
			break
		}
		if f.nc.IsClosed() {
			why = fmt.Errorf("%w: %w", nats.ErrConnectionClosed, why)
		}
		if final(why) {
			return fmt.Errorf("%s: %d of %d refused: %w", op, len(open), len(msgs), why)
		}
		if n == 3 {
			f.log.Warn("JetStream does not answer; repeating", zap.String("op", op), zap.Int("messages", len(open)), zap.Error(why))
		}
		if err := sleep(ctx, wait+rand.N(wait)); err != nil {
			return fmt.Errorf("%s: %w (last attempt: %w)", op, err, why)
		}
		wait = min(2*wait, retryMost)
	}
	return nil
}

// moreFinal keeps the error that ends the repeating, if any does.
func moreFinal(a, b error) error {
	if a != nil && final(a) {
		return a
	}
	return b
}

// retry repeats try until it succeeds, its error is final, or ctx ends; then both errors are returned.
func (f *Frontier) retry(ctx context.Context, op string, try func() error) error {
	wait := retryFirst
	for n := 1; ; n++ {
		err := try()
		if err == nil {
			return nil
		}
		if final(err) || f.nc.IsClosed() {
			return fmt.Errorf("%s: %w", op, err)
		}
		if n == 3 {
			f.log.Warn("JetStream does not answer; repeating", zap.String("op", op), zap.Error(err))
		}
		if serr := sleep(ctx, wait+rand.N(wait)); serr != nil {
			return fmt.Errorf("%s: %w (last attempt: %w)", op, serr, err)
		}
		wait = min(2*wait, retryMost)
	}
}

// final reports whether repeating the request cannot help.
func final(err error) bool {
	for _, e := range []error{
		errNotFound, ErrStorageFull, ErrTurnLost, ErrClosed, ErrNewer,
		nats.ErrConnectionClosed, nats.ErrInvalidConnection, nats.ErrBadSubject, nats.ErrMaxPayload, nats.ErrHeadersNotSupported,
	} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// sleep waits for d or for ctx, whose cause it returns.
func sleep(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	if d <= 0 {
		return nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// next asks for the first message with sequence >= seq on subject, which may have wildcards.
func (f *Frontier) next(ctx context.Context, stream, subject string, seq uint64) (storedMsg, error) {
	return f.get(ctx, stream, `{"seq":`+strconv.FormatUint(seq, 10)+`,"next_by_subj":`+strconv.Quote(subject)+`}`)
}

// last asks for the last message on subject.
func (f *Frontier) last(ctx context.Context, stream, subject string) (storedMsg, error) {
	return f.get(ctx, stream, `{"last_by_subj":`+strconv.Quote(subject)+`}`)
}

// get reads as the stream's leader does: what lags may say that there is nothing where there is something. Where one server has
// the stream alone it is asked directly, which costs it half as much; what goes wrong with that, or with a message that was made
// to look like an error, the JetStream API tells.
func (f *Frontier) get(ctx context.Context, stream, query string) (storedMsg, error) {
	if f.alone[stream] {
		if m, err := f.getDirect(ctx, stream, query); err == nil || errors.Is(err, errNotFound) {
			return m, err
		}
	}
	var found storedMsg
	err := f.retry(ctx, "read "+stream, func() error {
		r, err := f.request(ctx, &nats.Msg{Subject: f.api + "STREAM.MSG.GET." + stream, Data: []byte(query)})
		var ae *jetstream.APIError
		switch {
		case errors.As(err, &ae) && ae.ErrorCode == codeNoMessage:
			return errNotFound
		case err != nil:
			return err
		case r.Message == nil:
			return fmt.Errorf("reply without a message")
		}
		found = *r.Message
		return nil
	})
	return found, err
}

// getDirect makes one attempt to read from whichever server has the stream.
func (f *Frontier) getDirect(ctx context.Context, stream, query string) (storedMsg, error) {
	ctx, cancel := context.WithTimeout(ctx, f.cfg.RequestTimeout)
	defer cancel()
	m, err := f.nc.RequestMsgWithContext(ctx, &nats.Msg{Subject: f.api + "DIRECT.GET." + stream, Data: []byte(query)})
	if err != nil {
		return storedMsg{}, err
	}
	return readDirect(m)
}

// readDirect makes of an answer the message that it carries, whose own headers stand before what the server says of it.
func readDirect(m *nats.Msg) (storedMsg, error) {
	last := func(header string) string {
		if all := m.Header[header]; len(all) > 0 {
			return all[len(all)-1]
		}
		return ""
	}
	said := last(jetstream.SequenceHeader)
	if said == "" && last("Status") == statusNotFound {
		return storedMsg{}, errNotFound
	}
	seq, err := strconv.ParseUint(said, 10, 64)
	if err != nil {
		return storedMsg{}, fmt.Errorf("sequence of what was read: %w", err)
	}
	at, err := time.Parse(time.RFC3339Nano, last(jetstream.TimeStampHeaer))
	if err != nil {
		return storedMsg{}, fmt.Errorf("time of what was read: %w", err)
	}
	return storedMsg{Subject: last(jetstream.SubjectHeader), Seq: seq, Data: m.Data, Time: at}, nil
}

// remove deletes the message with that sequence. A message that is gone already counts as deleted, which makes
// repeating safe.
func (f *Frontier) remove(ctx context.Context, stream string, seq uint64) error {
	return f.retry(ctx, "delete from "+stream, func() error {
		_, err := f.request(ctx, &nats.Msg{
			Subject: f.api + "STREAM.MSG.DELETE." + stream,
			// no_erase: the message is public text, and overwriting it is the slow part of a delete.
			Data: []byte(`{"seq":` + strconv.FormatUint(seq, 10) + `,"no_erase":true}`),
		})
		if gone(err) {
			return nil
		}
		return err
	})
}

// gone reports whether a delete failed because the message does not exist.
func gone(err error) bool {
	var ae *jetstream.APIError
	if !errors.As(err, &ae) {
		return false
	}
	switch ae.ErrorCode {
	case codeSequenceNotFound, codeNoMessage:
		return true
	case codeDeleteFailed:
		return ae.Description == textNoSuchMessage || ae.Description == textDeleted || ae.Description == textEOF
	}
	return false
}

// pending reports whether a publish was refused because the message is there already.
func pending(err error) bool {
	var ae *jetstream.APIError
	return errors.As(err, &ae) && (ae.ErrorCode == codeWrongLastSequence ||
		ae.ErrorCode == codeStoreFailed && ae.Description == textMaxPerSubject)
}

// publishError makes a limit that was reached an ErrStorageFull, which is final, and leaves other errors alone.
func publishError(err error) error {
	var ae *jetstream.APIError
	if !errors.As(err, &ae) {
		return err
	}
	switch ae.ErrorCode {
	case codeInsufficientResources, codeMemoryExceeded, codeStorageExceeded:
		return fmt.Errorf("%w: %w", ErrStorageFull, err)
	case codeStoreFailed:
		if ae.Description == textMaxBytes || ae.Description == textMaxMsgs {
			return fmt.Errorf("%w: %w", ErrStorageFull, err)
		}
	}
	return err
}

// quiet reports whether the leader has no task of the lane. It asks by a publish that can never be accepted, because
// unlike a read, which a stream that is shutting down answers with "no message", a publish to such a stream gets no
// answer.
func (f *Frontier) quiet(ctx context.Context, key string) (bool, error) {
	shard := shardOf(key, f.cfg.Shards)
	lane := f.cfg.taskSubject(shard) + "." + key
	var none bool
	err := f.retry(ctx, "look for tasks", func() error {
		_, err := f.request(ctx, &nats.Msg{Subject: lane + ".0.probe", Header: nats.Header{
			jetstream.ExpectedLastSubjSeqHeader:     {strconv.FormatUint(math.MaxInt64, 10)},
			jetstream.ExpectedLastSubjSeqSubjHeader: {lane + ".>"},
		}})
		var ae *jetstream.APIError
		switch {
		case !errors.As(err, &ae):
			return err
		case ae.ErrorCode == codeWrongLastSequence:
			none = ae.Description == textNothing
			return nil
		}
		// The server refuses all publishes, as when its storage is full; reads still work.
		_, err = f.next(ctx, f.cfg.taskStream(shard), lane+".>", 0)
		if none = errors.Is(err, errNotFound); none {
			return nil
		}
		return err
	})
	return none, err
}

// turnMsg is a lane's turn. It is refused unless it takes the place of the one with that sequence; 0: unless there is none.
func (f *Frontier) turnMsg(key string, after uint64) *nats.Msg {
	return &nats.Msg{Subject: f.cfg.turnSubject() + "." + key, Data: []byte(turnBody), Header: nats.Header{
		jetstream.ExpectedLastSubjSeqHeader: {strconv.FormatUint(after, 10)},
	}}
}

// turnBody is what a turn carries beside its subject: the version.
const turnBody = `{"v":1}`

// wake publishes the lane's turn; one that is there already is as good.
func (f *Frontier) wake(ctx context.Context, key string) error {
	return f.retry(ctx, "publish turn", func() error {
		_, err := f.request(ctx, f.turnMsg(key, 0))
		if pending(err) {
			return nil
		}
		return publishError(err)
	})
}
