package frontier

import (
	"context"
	"errors"

	"github.com/nats-io/nats.go/jetstream"
)

// queueUp puts a turn that comes back behind those that have not come yet, and reports whether it did. Without that the
// lanes that have had turns would go before those that have not: the server redelivers before it delivers. With it, the
// lanes that may be asked are one queue, in the order in which they came to be due, and as long as it is, every one of them
// is served once before any is served twice.
//
// One publish does it: the turn that is stored at the tail takes the old one's place, so there is one at any time.
func (f *Frontier) queueUp(ctx context.Context, key string, seq uint64) (bool, error) {
	queued := true
	err := f.retry(ctx, "queue turn", func() error {
		_, err := f.request(ctx, f.turnMsg(key, seq))
		var ae *jetstream.APIError
		switch {
		case errors.As(err, &ae) && ae.ErrorCode == codeWrongLastSequence:
			return nil // it was retired, or is at the tail: an answer was lost
		case pending(err), errors.Is(publishError(err), ErrStorageFull):
			queued = false // there is no room, or the stream was set up by an older khabar: it is worked on as it is
			return nil
		}
		return err
	})
	return queued && err == nil, err
}
