package frontier

import (
	"cmp"
	"fmt"
	"regexp"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// DefaultAckWait is how long a worker may be silent before its turn is given to another. It is longer than a restart of
// a NATS server or an election in its cluster (a few seconds), so that these cost no turns, and short enough that a dead
// worker's lanes stand still for half a minute only.
const DefaultAckWait = 30 * time.Second

// minAckWait leaves room for the heartbeat, a third of AckWait, to make a round trip on a busy machine.
const minAckWait = 100 * time.Millisecond

// DefaultMaxQuiet is a day, the longest quiet of a host by default, a tenth of it as jitter, and five minutes, the longest
// delay between two requests.
const DefaultMaxQuiet = 26*time.Hour + 29*time.Minute

// DefaultRequestTimeout is how long one attempt of a request to JetStream may take before it is repeated. A healthy
// server answers in milliseconds; a request that was on the wire when the server went away is never answered.
const DefaultRequestTimeout = 2 * time.Second

// DefaultLanePending is 25 minutes of work for one lane at the default delay of 5 s: half of that is long enough for a
// scheduler to come round with more, and a lane costs some 150 KB of the broker's memory and no more.
const DefaultLanePending = 300

// Default gives the configuration used where nothing else is said: one stream, on one server.
func Default() Config {
	return Config{Shards: 1, LanePending: DefaultLanePending, AckWait: DefaultAckWait, MaxQuiet: DefaultMaxQuiet, RequestTimeout: DefaultRequestTimeout}
}

// maxShards bounds what a typing error in the configuration can create.
const maxShards = 256

// Config names the frontier's streams and says how they are kept. The zero value is a frontier on one server.
type Config struct {
	// Prefix is put before the names of the streams, the bucket and the subjects, so that several frontiers can share an
	// account. Letters, digits, '-' and '_'.
	Prefix string
	// Shards is how many streams the tasks are spread over by hash of lane key (0: 1). It can be changed only while
	// no task is pending.
	Shards int
	// Replicas of the streams and the bucket (0: what exists, or 1).
	Replicas int
	// Storage of the streams and the bucket. It cannot be changed later. The zero value is file storage.
	Storage jetstream.StorageType
	// MaxBytes bounds each task stream (0: unbounded, up to the account's limit). Puts beyond it fail with ErrStorageFull.
	MaxBytes int64
	// LanePending bounds the tasks of each priority that a lane holds, those of priority 0 aside (0: unbounded). What is over
	// is reported by Put and stays where it came from. Each priority has its own room, so that no archive keeps news out.
	LanePending int
	// AckWait is how long a worker may be silent before its turn goes to another (0: DefaultAckWait; at least 100 ms).
	AckWait time.Duration
	// MaxQuiet is the longest that a lane may be left alone (0: DefaultMaxQuiet). Release cuts what is longer, and a record
	// that says more was written by a clock that is wrong.
	MaxQuiet time.Duration
	// RequestTimeout bounds one attempt of one request to JetStream (0: DefaultRequestTimeout).
	RequestTimeout time.Duration

	longRun    int           // longRun; tests make it shorter
	watchEvery time.Duration // watchEvery; tests make it shorter
}

var prefixRE = regexp.MustCompile(`^[A-Za-z0-9_-]{0,64}$`)

func (c Config) withDefaults() (Config, error) {
	def := Default()
	c.Shards = cmp.Or(c.Shards, def.Shards)
	c.AckWait = cmp.Or(c.AckWait, def.AckWait)
	c.MaxQuiet = cmp.Or(c.MaxQuiet, def.MaxQuiet)
	c.RequestTimeout = cmp.Or(c.RequestTimeout, def.RequestTimeout)
	c.longRun = cmp.Or(c.longRun, longRun)
	c.watchEvery = cmp.Or(c.watchEvery, watchEvery)
	switch {
	case !prefixRE.MatchString(c.Prefix):
		return c, fmt.Errorf("frontier: prefix %q: want up to 64 letters, digits, '-' and '_'", c.Prefix)
	case c.Shards < 1 || c.Shards > maxShards:
		return c, fmt.Errorf("frontier: %d shards: want 1 to %d", c.Shards, maxShards)
	case c.Replicas < 0 || c.Replicas > 5:
		return c, fmt.Errorf("frontier: %d replicas: want 1 to 5", c.Replicas)
	case c.MaxBytes < 0:
		return c, fmt.Errorf("frontier: max bytes %d is negative", c.MaxBytes)
	case c.LanePending < 0:
		return c, fmt.Errorf("frontier: %d pending tasks of a lane is negative", c.LanePending)
	case c.AckWait < minAckWait:
		return c, fmt.Errorf("frontier: ack wait %v: want at least %v", c.AckWait, minAckWait)
	case c.MaxQuiet < 0:
		return c, fmt.Errorf("frontier: max quiet %v is negative", c.MaxQuiet)
	case c.RequestTimeout < 0:
		return c, fmt.Errorf("frontier: request timeout %v is negative", c.RequestTimeout)
	}
	return c, nil
}

// heartbeat is how often a held turn is extended: three chances within AckWait.
func (c Config) heartbeat() time.Duration { return c.AckWait / 3 }

// margin is how long before others may take the lane a holder that cannot renew its lease gives up: the time that
// clocks may differ and that a canceled request needs to stop.
func (c Config) margin() time.Duration { return c.AckWait / 6 }

func (c Config) turnsStream() string      { return c.Prefix + "TURNS" }
func (c Config) turnSubject() string      { return c.Prefix + "turn" }
func (c Config) asideStream() string      { return c.Prefix + "ASIDE" }
func (c Config) asideSubject() string     { return c.Prefix + "aside" }
func (c Config) bucket() string           { return c.Prefix + "hosts" }
func (c Config) bucketStream() string     { return "KV_" + c.bucket() }
func (c Config) recordSubject() string    { return "$KV." + c.bucket() + "." }
func (c Config) retiringSubject() string  { return "$KV." + c.bucket() + ".retiring." }
func (c Config) taskStream(i int) string  { return c.Prefix + "FRONTIER" + c.shardSuffix(i) }
func (c Config) taskSubject(i int) string { return c.Prefix + "frontier" + c.shardSuffix(i) }

func (c Config) shardSuffix(i int) string {
	if c.Shards == 1 {
		return ""
	}
	return fmt.Sprintf("-%d", i)
}
