package archive

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Report is what Verify saw.
type Report struct {
	Files    int   // those that are still written to among them
	Open     int   // those that are still written to, or wait to be mended
	Records  int   // responses and revisits
	Revisits int   // of these
	Erased   int   // of these, pages that were forgotten: they are in no index
	Bytes    int64 // of the files
	Problems int
}

// Verify reads every record of a directory: that it is whole, that its checksums and digests fit, that a revisit's body is there, and
// that the indexes name what is there and nothing else. problem is called for each thing that is wrong; Verify's own error is that the
// directory cannot be read, or problem's. Of a file that is written to meanwhile, a record at the end that is not whole is no problem.
func Verify(dir string, problem func(file string, err error) error) (Report, error) {
	v := &verifier{dir: dir, problem: problem, kept: make(map[payload]bool)}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return v.report, fmt.Errorf("archive: verify: %w", err)
	}
	if v.gone, err = forgotten(dir); err != nil {
		return v.report, fmt.Errorf("archive: verify: %w", err)
	}
	for _, e := range entries { // in the order of their names, and so as a rule of their times
		name := strings.TrimSuffix(e.Name(), endOpen)
		if !strings.HasSuffix(name, endWARC) {
			continue
		}
		if err := v.file(name, name != e.Name()); err != nil {
			return v.report, err
		}
	}
	for _, r := range v.revisits {
		if !v.kept[r.of] {
			if err := v.tell(r.file, fmt.Errorf("revisit of %s: its body is in no file", r.url)); err != nil {
				return v.report, err
			}
		}
	}
	return v.report, nil
}

type verifier struct {
	dir      string
	problem  func(file string, err error) error
	report   Report
	gone     map[string]bool
	kept     map[payload]bool // the bodies that are there
	revisits []revisit
}

type revisit struct {
	file, url string
	of        payload
}

// payload is a body at an address, by a hash: an archive has millions.
type payload [16]byte

func payloadOf(digest, url string) payload {
	sum := sha256.Sum256([]byte(digest + " " + url))
	return payload(sum[:16])
}

func (v *verifier) tell(file string, err error) error {
	v.report.Problems++
	return v.problem(file, err)
}

func (v *verifier) file(base string, open bool) error {
	f, err := openFile(v.dir, base)
	if err != nil {
		return v.tell(base, err)
	}
	defer func() { _ = f.Close() }()
	v.report.Files++
	there := make(map[string]bool) // what the index is to have: offset, length and address
	r := NewReader(f)
	var last error // a record that is not whole, and may be the last
	for {
		e, err := r.Next()
		if errors.Is(err, io.EOF) && !errors.Is(err, ErrDamaged) {
			break
		}
		if last != nil {
			if err := v.tell(base, last); err != nil {
				return err
			}
			last = nil
		}
		switch {
		case errors.Is(err, ErrDamaged), errors.Is(err, ErrTooLarge):
			last = err
			continue
		case err != nil:
			return v.tell(base, err)
		}
		if err := v.record(base, e, there); err != nil {
			return err
		}
	}
	if last != nil && !open {
		if err := v.tell(base, last); err != nil {
			return err
		}
	}
	v.report.Bytes += r.at()
	if open {
		v.report.Open++
		return nil
	}
	return v.index(base, there)
}

func (v *verifier) record(base string, e *Entry, there map[string]bool) error {
	wrong := func(format string, args ...any) error {
		return v.tell(base, fmt.Errorf("record at %d, %s: %w", e.Offset, e.URL, fmt.Errorf(format, args...)))
	}
	if said := e.Fields.Get("WARC-Block-Digest"); !fits(said, e.Block) {
		if err := wrong("its block is not that of its digest %s", said); err != nil {
			return err
		}
	}
	l, ok := e.line()
	if !ok {
		return nil
	}
	v.report.Records++
	digest := l.said.Digest
	if e.Type == "revisit" {
		v.report.Revisits++
		of := trimURI(e.Fields.Get("WARC-Refers-To-Target-URI"))
		v.revisits = append(v.revisits, revisit{file: base, url: e.URL, of: payloadOf(digest, of)})
	} else {
		if _, _, body, _, err := e.Response(); err != nil || !fits(digest, body) {
			if err := wrong("its body is not that of its digest %s", digest); err != nil {
				return err
			}
		}
		v.kept[payloadOf(digest, e.URL)] = true
	}
	if v.gone[l.page()] {
		v.report.Erased++
		return nil
	}
	there[placeKey(strconv.FormatInt(e.Offset, 10), strconv.FormatInt(e.Length, 10), e.URL)] = true
	return nil
}

func placeKey(offset, length, url string) string { return offset + " " + length + " " + url }

// fits says whether data has a digest, as far as it is of the kind that is written here, or there is none.
func fits(said string, data []byte) bool {
	kind, _, _ := strings.Cut(said, ":")
	return !strings.EqualFold(kind, "sha256") || strings.EqualFold(said, Digest(data))
}

// index holds the index of a file against what is in the file.
func (v *verifier) index(base string, there map[string]bool) error {
	lines, err := readIndex(filepath.Join(v.dir, indexName(base)))
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			err = errors.New("its index is not there")
		}
		return v.tell(base, err)
	}
	for _, l := range lines {
		key := placeKey(l.said.Offset, l.said.Length, l.said.URL)
		switch {
		case v.gone[l.page()]:
			err = v.tell(base, fmt.Errorf("the index names %s, which was erased", l.said.URL))
		case !there[key] || l.said.Filename != base:
			err = v.tell(base, fmt.Errorf("the index names a record of %s at %s that is not there", l.said.URL, l.said.Offset))
		}
		if err != nil {
			return err
		}
		delete(there, key)
	}
	for key := range there {
		if err := v.tell(base, fmt.Errorf("the index does not name the record %q", key)); err != nil {
			return err
		}
	}
	return nil
}
