package archive

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"go.uber.org/zap"
)

// Mend finishes the files that processes which died left in a directory: what is behind the last whole record is cut off, the
// index is made, and the file gets its name. Files that a process has in hand are left to it. Mend gives how many it finished.
func Mend(dir string, log *zap.Logger) (int, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*"+endWARC+endOpen))
	if err != nil {
		return 0, fmt.Errorf("archive: mend: %w", err)
	}
	n := 0
	for _, name := range names {
		base := strings.TrimSuffix(filepath.Base(name), endOpen)
		cut, done, err := mend(dir, base)
		if err != nil {
			return n, fmt.Errorf("archive: mend %s: %w", base, err)
		}
		if !done {
			continue
		}
		n++
		log.Info("mended a file of the archive", zap.String("file", base), zap.Int64("cut_off", cut))
	}
	return n, nil
}

// mend finishes one file. done is false where somebody has it in hand.
func mend(dir, base string) (cut int64, done bool, err error) {
	name := filepath.Join(dir, base+endOpen)
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, false, nil // it was finished meanwhile
	}
	if err != nil {
		return 0, false, err
	}
	defer func() { _ = f.Close() }()
	if lock(f) != nil {
		return 0, false, nil
	}
	now, err := os.Stat(name)
	is, ferr := f.Stat()
	if err != nil || ferr != nil || !os.SameFile(now, is) {
		return 0, false, nil // it was finished before it was locked
	}
	lines, end, err := scan(f, base)
	if err != nil {
		return 0, false, err
	}
	if cut = is.Size() - end; cut > 0 {
		if err := f.Truncate(end); err != nil {
			return 0, false, err
		}
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil { // closed, for Windows renames nothing else
		return 0, false, err
	}
	if len(lines) == 0 {
		return cut, true, os.Remove(name)
	}
	if err := writeIndex(dir, base, lines); err != nil {
		return 0, false, err
	}
	return cut, true, settle(dir, base)
}

// scan reads a file of ours to the end of its last whole record. One that is damaged before that stays, and is for Verify to tell.
func scan(f io.Reader, base string) (lines []line, end int64, err error) {
	r := NewReader(f)
	for {
		e, err := r.Next()
		switch {
		case errors.Is(err, io.EOF) && !errors.Is(err, ErrDamaged):
			return lines, end, nil
		case errors.Is(err, ErrDamaged), errors.Is(err, ErrTooLarge):
			continue
		case err != nil:
			return nil, 0, err
		}
		end = e.Offset + e.Length
		if l, ok := e.line(); ok {
			lines = append(lines, l.at(base, e.Offset, e.Length))
		}
	}
}

// line is what an index says of a record; ok is false for those that no index has.
func (e *Entry) line() (l line, ok bool) {
	status, header, _, isHTTP, err := e.answer()
	if !isHTTP || err != nil {
		return line{}, false
	}
	mime := mimeOf(header)
	if e.Type == "revisit" {
		mime = mimeRevisit
	}
	return lineOf(e.URL, e.At, mime, status, e.Fields.Get("WARC-Payload-Digest")), true
}
