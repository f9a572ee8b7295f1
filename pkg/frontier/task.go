package frontier

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Task is a page that is to be fetched now.
type Task struct {
	PageID   string // the page's id: letters, digits, '-' and '_', at most 64
	Lane     string // the politeness key, with the lane's number where a host has several: "almasalah.com/1"
	Priority int    // the lowest goes first: 0 to Priorities-1
	URL      string
	Site     string
	Kind     string // listing, feed, sitemap or article
}

// Priorities is how many priorities there are: what news is found in, news, what leads further back, the past, what
// leads into it, and of backfills the articles and what leads to these. Each one costs a lane that holds nothing more urgent
// one more look a task.
const Priorities = 7

// maxPageID is more than the 32 hex digits of a page id, and short enough for the server's subject index.
const maxPageID = 64

// maxURL bounds a task's URL in bytes. Canonical URLs are shorter; the bound keeps one task from filling the stream.
const maxURL = 8192

// ErrInvalidTask is returned by Put for a task that has no place in the frontier. None of that call's tasks was put.
var ErrInvalidTask = errors.New("invalid task")

// taskBody is what the message carries beside its subject.
type taskBody struct {
	V    int    `json:"v"`
	URL  string `json:"u"`
	Site string `json:"s,omitempty"`
	Kind string `json:"k,omitempty"`
}

func (t Task) validate() error {
	switch {
	case t.PageID == "" || len(t.PageID) > maxPageID || strings.IndexFunc(t.PageID, notPageIDRune) >= 0:
		return fmt.Errorf("%w: page id %.80q", ErrInvalidTask, t.PageID)
	case t.Priority < 0 || t.Priority >= Priorities:
		return fmt.Errorf("%w: page %s: priority %d", ErrInvalidTask, t.PageID, t.Priority)
	case t.URL == "" || len(t.URL) > maxURL:
		return fmt.Errorf("%w: page %s: URL of %d bytes", ErrInvalidTask, t.PageID, len(t.URL))
	case len(t.Site) > maxLane || len(t.Kind) > maxPageID:
		return fmt.Errorf("%w: page %s: site or kind too long", ErrInvalidTask, t.PageID)
	}
	return nil
}

func notPageIDRune(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_')
}

// readTask reads a task and its lane's key back from a message of that shard. The stream is ours, but what stands in it is
// still checked: one bad message must not stop a lane. Errors: ErrNewer, ErrInvalidTask.
func (f *Frontier) readTask(shard int, m storedMsg) (Task, string, error) {
	if isNewer(m.Data) {
		return Task{}, "", ErrNewer
	}
	tok := strings.Split(m.Subject, ".")
	if len(tok) != 4 || len(tok[2]) != 1 {
		return Task{}, "", fmt.Errorf("%w: subject %.200q", ErrInvalidTask, m.Subject)
	}
	key := tok[1]
	lane, err := decodeLane(key)
	if err != nil {
		return Task{}, "", fmt.Errorf("%w: lane key %.80q", ErrInvalidTask, key)
	}
	if at := shardOf(key, f.cfg.Shards); at != shard {
		return Task{}, "", fmt.Errorf("%w: lane %s is looked for in shard %d, not in %d", ErrInvalidTask, lane, at, shard)
	}
	var body taskBody
	if err := json.Unmarshal(m.Data, &body); err != nil {
		return Task{}, "", fmt.Errorf("%w: page %.80s: %w", ErrInvalidTask, tok[3], err)
	}
	t := Task{PageID: tok[3], Lane: lane, Priority: int(tok[2][0]) - '0', URL: body.URL, Site: body.Site, Kind: body.Kind}
	return t, key, t.validate()
}
