package archive

import "errors"

// Keep is what is kept of all that is fetched.
type Keep string

// What may be kept. Answers without a page (redirects, refusals, robots.txt, "not modified") are not.
const (
	KeepNone     Keep = "none"
	KeepArticles Keep = "articles" // pages that an article was extracted from
	KeepAll      Keep = "all"      // every page that was read: sections and feeds, and what turned out to be no article
)

// Config says where an archive is. Start from Default.
type Config struct {
	Dir     string // made where it is not there
	MaxFile int64  // bytes after which a file is closed and the next one begun; the last record may reach beyond
}

// Default gives the configuration used where nothing else is said.
func Default() Config {
	// A quarter of what the WARC standard's annex C proposes: a file that was cut off is read once in whole, in seconds, and what a
	// process knows of its file until that is closed (its index, a fortieth of it) stays small.
	return Config{MaxFile: 256 << 20}
}

// Errors that callers tell apart.
var (
	// ErrClosed is Append's after Close.
	ErrClosed = errors.New("the archive is closed")
	// ErrNoRecord is Read's where a Place leads to no record: the file is gone, or another one.
	ErrNoRecord = errors.New("no such record")
	// ErrDamaged is wrapped by what is wrong with a record: cut off, lengths that are not true, a checksum that does not fit.
	ErrDamaged = errors.New("damaged record")
	// ErrTooLarge is wrapped by the error for a record that is larger than MaxBlock.
	ErrTooLarge = errors.New("record too large")
)
