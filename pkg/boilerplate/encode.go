package boilerplate

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

var (
	// ErrFormat is the error of a state that no version of this package gave, or an older one than this.
	ErrFormat = errors.New("not a template profile")
	// ErrNewer is the error of a state that a newer version of this package gave. It is not to be replaced.
	ErrNewer = errors.New("template profile of a newer khabar")
)

// format is the version of the stored form. It changes with the meaning of any part of it, hashes included: what an older
// version learned is learned anew, and what a newer one learned is left to it.
const format = 1

// State is a profile as it is stored: what is known for people to read, the sample packed.
type State struct {
	Format   int32       `bson:"format"`
	Articles int32       `bson:"articles"` // in the sample
	Known    []LineState `bson:"known"`
	Cleaner  *ClaimState `bson:"cleaner,omitempty"`
	Sample   []byte      `bson:"sample"`
}

// LineState is a line that was learned.
type LineState struct {
	Key     int64      `bson:"key"`
	Text    string     `bson:"text,omitempty"`
	Learned time.Time  `bson:"learned_at"`
	Seen    time.Time  `bson:"seen_at"`
	Since   *time.Time `bson:"since,omitempty"`
	Cleaned *time.Time `bson:"cleaned_at,omitempty"`
}

// ClaimState says who cleans what is stored.
type ClaimState struct {
	Owner string    `bson:"owner"`
	At    time.Time `bson:"at"`
	Until time.Time `bson:"until"`
}

// State gives the profile as it is to be stored.
func (p *Profile) State() State {
	p.thin()
	p.bound()
	s := State{Format: format, Articles: int32(len(p.sample)), Sample: p.pack()}
	for _, key := range slices.Sorted(maps.Keys(p.known)) {
		k := p.known[key]
		s.Known = append(s.Known, LineState{Key: int64(key), Text: k.Text, Learned: k.Learned, Seen: k.Seen,
			Since: optional(k.Since), Cleaned: optional(k.Cleaned)})
	}
	if p.claim.owner != "" {
		s.Cleaner = &ClaimState{Owner: p.claim.owner, At: p.claim.at, Until: p.claim.until}
	}
	return s
}

// Restore makes a profile of what was stored. The error wraps ErrFormat or ErrNewer.
func Restore(s State) (*Profile, error) {
	if s.Format > format {
		return nil, fmt.Errorf("%w: format %d, not %d", ErrNewer, s.Format, format)
	}
	if s.Format != format {
		return nil, fmt.Errorf("%w: format %d, not %d", ErrFormat, s.Format, format)
	}
	if len(s.Known) > maxKnown {
		return nil, fmt.Errorf("%w: %d known lines", ErrFormat, len(s.Known))
	}
	p := New()
	if err := p.unpack(s.Sample); err != nil {
		return nil, err
	}
	for _, k := range s.Known {
		key := Key(k.Key)
		if key == gap || key>>keyBits != 0 {
			return nil, fmt.Errorf("%w: key %d", ErrFormat, k.Key)
		}
		p.known[key] = knownLine{Text: excerpt(k.Text), Learned: seconds(k.Learned), Seen: seconds(k.Seen),
			Since: seconds(valueOf(k.Since)), Cleaned: seconds(valueOf(k.Cleaned))}
	}
	if c := s.Cleaner; c != nil && c.Owner != "" {
		p.claim = claim{owner: c.Owner, at: millis(c.At), until: millis(c.Until)}
	}
	return p, nil
}

func optional(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func valueOf(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

// pack writes the sample, in order of the articles' hashes so that equal profiles have equal bytes.
func (p *Profile) pack() []byte {
	var b []byte
	b = binary.AppendUvarint(b, uint64(len(p.sample)))
	for _, id := range slices.Sorted(maps.Keys(p.sample)) {
		s := p.sample[id]
		b = binary.LittleEndian.AppendUint64(b, s.id)
		b = binary.AppendVarint(b, s.at)
		b = binary.AppendVarint(b, int64(s.day))
		b = binary.LittleEndian.AppendUint32(b, s.section)
		b = binary.LittleEndian.AppendUint32(b, s.agency)
		b = append(b, byte(len(s.topics)))
		for _, t := range s.topics {
			b = binary.LittleEndian.AppendUint16(b, t)
		}
		b = append(b, byte(len(s.dropped)))
		for _, k := range s.dropped {
			b = append(b, byte(k), byte(k>>8), byte(k>>16), byte(k>>24), byte(k>>32), byte(k>>40))
		}
		b = append(b, byte(len(s.lines)))
		for _, l := range s.lines {
			b = binary.LittleEndian.AppendUint64(b, uint64(l.key)|uint64(l.flags)<<keyBits|uint64(l.words)<<(keyBits+8))
		}
	}
	return b
}

// unpack reads what pack wrote.
func (p *Profile) unpack(data []byte) error {
	r := reader{data: data}
	n := r.uvarint()
	if n > maxSample {
		return fmt.Errorf("%w: %d articles", ErrFormat, n)
	}
	for range n {
		s := seen{id: r.uint64(), at: r.varint(), day: int32(r.varint()), section: uint32(r.bits(32)), agency: uint32(r.bits(32))}
		topics := r.bits(8)
		if topics > maxTopics {
			return fmt.Errorf("%w: %d words of a title", ErrFormat, topics)
		}
		for range topics {
			s.topics = append(s.topics, uint16(r.bits(16)))
		}
		dropped := r.bits(8)
		if dropped > maxDropped {
			return fmt.Errorf("%w: %d dropped blocks", ErrFormat, dropped)
		}
		for range dropped {
			s.dropped = append(s.dropped, Key(r.bits(keyBits)))
		}
		lines := r.bits(8)
		if lines > maxLines {
			return fmt.Errorf("%w: %d lines", ErrFormat, lines)
		}
		for range lines {
			v := r.uint64()
			s.lines = append(s.lines, line{key: Key(v & (1<<keyBits - 1)), flags: flags(v>>keyBits) & allFlags, words: uint8(v >> (keyBits + 8))})
		}
		if r.failed {
			return fmt.Errorf("%w: it breaks off", ErrFormat)
		}
		slices.Sort(s.topics)
		slices.Sort(s.dropped)
		p.add(s)
	}
	if r.failed || len(r.data) > 0 {
		return fmt.Errorf("%w: %d bytes too many", ErrFormat, len(r.data))
	}
	return nil
}

// reader reads numbers off the front of data. Where data ends too early it gives zeros and has failed.
type reader struct {
	data   []byte
	failed bool
}

// bits reads an unsigned number of so many bits, 8 to 64.
func (r *reader) bits(n int) uint64 {
	if len(r.data) < n/8 {
		r.data, r.failed = nil, true
		return 0
	}
	var v uint64
	for i := range n / 8 {
		v |= uint64(r.data[i]) << (8 * i)
	}
	r.data = r.data[n/8:]
	return v
}

func (r *reader) uint64() uint64 { return r.bits(64) }

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.data)
	return advance(r, v, n)
}

func (r *reader) varint() int64 {
	v, n := binary.Varint(r.data)
	return advance(r, v, n)
}

func advance[T any](r *reader, v T, n int) T {
	if n <= 0 {
		var zero T
		r.data, r.failed = nil, true
		return zero
	}
	r.data = r.data[n:]
	return v
}
