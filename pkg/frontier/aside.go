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

// What the stream ASIDE keeps: enough to find out where such messages come from, and 16 MB at most. It has no limit of
// bytes, for the server would set so many aside for it.
const (
	asideMsgs  = 1000
	asideBytes = 16 << 10 // of one message; twice what a task has
	asideAge   = 30 * 24 * time.Hour
)

// Headers that say of a message in ASIDE where it stood, when it was stored there, and why it was set aside.
const (
	headerSubject = "Khabar-Subject"
	headerStored  = "Khabar-Stored"
	headerReason  = "Khabar-Reason"
)

// sampleBytes is how much of a message that is set aside the log shows.
const sampleBytes = 200

// ensureAside makes the stream for what no worker can make sense of.
func (f *Frontier) ensureAside(ctx context.Context) error {
	return f.ensureStream(ctx, f.cfg.asideStream(), func(c *jetstream.StreamConfig) {
		c.Description = "khabar: messages that were in the frontier and that no worker can make sense of"
		c.Subjects = []string{f.cfg.asideSubject()}
		c.Retention = jetstream.LimitsPolicy
		c.Discard = jetstream.DiscardOld
		c.MaxMsgs, c.MaxAge = asideMsgs, asideAge
	})
}

// setAside moves a message out of the way of those that can be worked on, into the stream ASIDE. It stands in both for a
// moment, and for good if this process dies then; it is moved again in that case.
func (f *Frontier) setAside(ctx context.Context, stream string, m storedMsg, why error) error {
	f.log.Error("setting aside a message that is no work", zap.String("stream", stream), zap.String("subject", m.Subject),
		zap.Uint64("seq", m.Seq), zap.ByteString("data", m.Data[:min(len(m.Data), sampleBytes)]), zap.String("kept_in", f.cfg.asideStream()), zap.Error(why))
	copied := &nats.Msg{Subject: f.cfg.asideSubject(), Data: m.Data[:min(len(m.Data), asideBytes)], Header: nats.Header{
		headerSubject:         {m.Subject},
		headerStored:          {m.Time.UTC().Format(time.RFC3339Nano)},
		headerReason:          {why.Error()},
		jetstream.MsgIDHeader: {stream + " " + strconv.FormatUint(m.Seq, 10)},
	}}
	err := f.retry(ctx, "set aside", func() error {
		_, err := f.request(ctx, copied)
		return publishError(err)
	})
	if err != nil && !errors.Is(err, ErrStorageFull) { // then the log must do
		return fmt.Errorf("message %d of %s: %w", m.Seq, stream, err)
	}
	return f.remove(ctx, stream, m.Seq)
}
