package archive

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/klauspost/compress/gzip"
	"go.uber.org/zap"
)

// Writer appends records to the files of one directory. It is safe for concurrent use. Close it.
type Writer struct {
	cfg   Config
	log   *zap.Logger
	name  string // of this writer, in its files' names
	jobs  chan job
	stop  chan struct{} // closed by Close
	ended chan struct{} // closed when nothing is written any more
	once  sync.Once
	gzips sync.Pool

	// Those of run alone.
	serial int
	file   *os.File // nil: none is begun
	base   string   // its name once it is closed
	size   int64    // of what is on the disk of it for certain
	lines  []line
}

type job struct {
	record Record
	placed chan placed // takes one
}

type placed struct {
	place Place
	err   error
}

// together is how many records share an fsync at most: more than workers have slots, as a rule.
const together = 64

// New makes the directory where it is not there, mends what processes that died left in it, and gives a Writer.
func New(cfg Config, log *zap.Logger) (*Writer, error) {
	if cfg.MaxFile <= 0 {
		cfg.MaxFile = Default().MaxFile
	}
	if log == nil {
		log = zap.NewNop()
	}
	if err := os.MkdirAll(cfg.Dir, 0o755); err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	w := &Writer{
		cfg: cfg, log: log, name: uuid.NewString()[:8], jobs: make(chan job), stop: make(chan struct{}), ended: make(chan struct{}),
		gzips: sync.Pool{New: newGzip},
	}
	if _, err := Mend(cfg.Dir, log); err != nil {
		return nil, err
	}
	go w.run()
	return w, nil
}

func newGzip() any { return gzip.NewWriter(nil) }

// Close finishes the file in hand. What is not appended by then is refused.
func (w *Writer) Close() {
	w.once.Do(func() { close(w.stop) })
	<-w.ended
}

// Append writes a record, and returns when it is on the disk. Where it fails nothing of the record is left, and it may be appended
// again. The place of a body that was not kept again is where it was kept before.
func (w *Writer) Append(ctx context.Context, r Record) (Place, error) {
	j := job{record: r, placed: make(chan placed, 1)}
	select {
	case w.jobs <- j:
	case <-w.stop:
		return Place{}, ErrClosed
	case <-ctx.Done():
		return Place{}, context.Cause(ctx)
	}
	p := <-j.placed // which comes: run answers what it has taken
	if p.err != nil {
		return Place{}, fmt.Errorf("archive: keep %s: %w", r.URL(), p.err)
	}
	return p.place, nil
}

// Forget has pages be in no index of the directory (see Forget).
func (w *Writer) Forget(pages ...string) error { return Forget(w.cfg.Dir, pages...) }

// has says whether a file of the directory is there.
func (w *Writer) has(file string) bool {
	f, err := openFile(w.cfg.Dir, file)
	if err != nil {
		return false
	}
	_ = f.Close()
	return true
}

// run writes what is to be appended until Close.
func (w *Writer) run() {
	defer close(w.ended)
	for {
		select {
		case j := <-w.jobs:
			w.write(w.gather(j))
		case <-w.stop:
			w.finish()
			return
		}
	}
}

// gather takes what is to be appended at this moment, as far as the file in hand has room for it.
func (w *Writer) gather(first job) []job {
	jobs, size := []job{first}, w.size+int64(len(first.record.data))
	for len(jobs) < together && size < w.cfg.MaxFile {
		select {
		case j := <-w.jobs:
			jobs, size = append(jobs, j), size+int64(len(j.record.data))
		default:
			return jobs
		}
	}
	return jobs
}

// write appends records and answers for each.
func (w *Writer) write(jobs []job) {
	places, lines, size, err := w.append(jobs)
	if err == nil {
		err = w.file.Sync()
		if err != nil {
			w.abandon() // what is on the disk of it nobody knows
		}
	} else if w.file != nil && w.file.Truncate(w.size) != nil {
		w.abandon()
	}
	if err == nil {
		w.size = size
		w.lines = append(w.lines, lines...)
	}
	for i, j := range jobs {
		if err != nil {
			j.placed <- placed{err: err}
			continue
		}
		j.placed <- placed{place: places[i]}
	}
	if err == nil && w.size >= w.cfg.MaxFile {
		w.finish()
	}
}

func (w *Writer) append(jobs []job) (places []Place, lines []line, size int64, err error) {
	if w.file == nil {
		if err := w.begin(); err != nil {
			return nil, nil, 0, err
		}
	}
	size = w.size
	for _, j := range jobs {
		r := j.record
		if _, err := w.file.WriteAt(r.data, size); err != nil {
			return nil, nil, 0, err
		}
		l := r.line.at(w.base, size, int64(r.response))
		p := Place{File: w.base, Offset: size, Digest: r.digest, URL: r.URL(), At: r.at}
		if r.same {
			p = *r.before
		}
		places, lines = append(places, p), append(lines, l)
		size += int64(len(r.data))
	}
	return places, lines, size, nil
}

// begin makes the next file.
func (w *Writer) begin() error {
	if _, err := Mend(w.cfg.Dir, w.log); err != nil { // what was abandoned, or not finished
		w.log.Warn("files of the archive are not mended yet", zap.Error(err))
	}
	now := time.Now()
	w.serial++
	base := fmt.Sprintf("khabar-%s-%s-%05d%s", now.UTC().Format("20060102150405"), w.name, w.serial, endWARC)
	info, err := w.warcinfo(base, now)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(w.cfg.Dir, base+endOpen), os.O_CREATE|os.O_EXCL|os.O_RDWR, readable)
	if err != nil {
		return err
	}
	if err = lock(f); err == nil {
		_, err = f.WriteAt(info, 0)
	}
	if err == nil {
		err = errors.Join(f.Sync(), syncDir(w.cfg.Dir))
	}
	if err != nil {
		_ = f.Close()
		_ = os.Remove(f.Name()) // nothing of use is in it
		return err
	}
	w.file, w.base, w.size, w.lines = f, base, int64(len(info)), nil
	return nil
}

// abandon leaves the file in hand as it is: it is mended when its index is made.
func (w *Writer) abandon() {
	if w.file == nil {
		return
	}
	w.log.Error("a file of the archive cannot be written to any more, and is left to be mended", zap.String("file", w.base))
	_ = w.file.Close()
	w.file, w.lines, w.size = nil, nil, 0
}

// finish closes the file in hand. What fails is mended later.
func (w *Writer) finish() {
	if w.file == nil {
		return
	}
	err := writeIndex(w.cfg.Dir, w.base, w.lines)
	if cerr := w.file.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = settle(w.cfg.Dir, w.base)
	}
	if err != nil {
		w.log.Warn("a file of the archive is not closed yet; its records are safe", zap.String("file", w.base), zap.Error(err))
	}
	w.file, w.lines, w.size = nil, nil, 0
}

// settle gives a file that is whole, and has its index, the name that it keeps.
func settle(dir, base string) error {
	name := filepath.Join(dir, base)
	err := os.Rename(name+endOpen, name)
	if errors.Is(err, fs.ErrNotExist) {
		if _, there := os.Stat(name); there == nil {
			err = nil // who mends the directory was before us
		}
	}
	if err != nil {
		return err
	}
	return syncDir(dir)
}
