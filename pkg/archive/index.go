package archive

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// The endings of files in the directory.
const (
	endWARC  = ".warc.gz"
	endOpen  = ".open" // behind endWARC, while the file is written
	endIndex = ".cdxj" // in the place of endWARC
	endNew   = ".new"  // of what is to be renamed once it is whole
)

// forgottenName is the file that lists the pages which were erased, by their ids.
const forgottenName = "forgotten.txt"

// mimeRevisit is what CDX calls a revisit record.
const mimeRevisit = "warc/revisit"

// line is one line of an index: CDXJ as pywb reads it, whose values are strings.
type line struct {
	key, stamp string
	said       said
}

type said struct {
	URL      string `json:"url"`
	MIME     string `json:"mime"`
	Status   string `json:"status"`
	Digest   string `json:"digest"`
	Length   string `json:"length"` // of the compressed record, in bytes
	Offset   string `json:"offset"`
	Filename string `json:"filename"`
}

// stampForm is a CDX line's time, in UTC.
const stampForm = "20060102150405"

func lineOf(rawURL string, at time.Time, mime string, status int, digest string) line {
	return line{key: keyOf(rawURL), stamp: at.UTC().Format(stampForm),
		said: said{URL: rawURL, MIME: mime, Status: strconv.Itoa(status), Digest: digest}}
}

// at completes a line by where its record is.
func (l line) at(file string, offset, length int64) line {
	l.said.Filename, l.said.Offset, l.said.Length = file, strconv.FormatInt(offset, 10), strconv.FormatInt(length, 10)
	return l
}

func (l line) bytes() []byte {
	var b bytes.Buffer
	b.WriteString(l.key + " " + l.stamp + " ")
	enc := json.NewEncoder(&b) // which ends the line
	enc.SetEscapeHTML(false)
	_ = enc.Encode(l.said) // strings to memory
	return b.Bytes()
}

func (l line) page() string { return pageOf(l.said.URL) }

func parseLine(text []byte) (l line, err error) {
	key, rest, ok := strings.Cut(string(text), " ")
	if l.key = key; ok {
		l.stamp, rest, ok = strings.Cut(rest, " ")
	}
	if !ok {
		return l, errors.New("no line of an index")
	}
	return l, json.Unmarshal([]byte(rest), &l.said)
}

// pageOf is the id of the page at an address; "" where that is none.
func pageOf(rawURL string) string {
	canonical, err := weburl.Canonical(rawURL)
	if err != nil {
		return ""
	}
	return weburl.ID(canonical)
}

var wwwHost = regexp.MustCompile(`^www\d*\.`)

// keyOf is the key that an index is sorted by: the address in SURT form, as other archives canonicalise it (without www, in lower
// case, the query in order), so that the pages of a domain stand together.
func keyOf(rawURL string) string {
	u, err := url.Parse(rawURL)
	if err != nil || u.Host == "" {
		return strings.ReplaceAll(strings.ToLower(rawURL), " ", "%20")
	}
	host := wwwHost.ReplaceAllString(strings.ToLower(u.Hostname()), "")
	key := host
	if _, err := netip.ParseAddr(host); err != nil {
		labels := strings.Split(host, ".")
		slices.Reverse(labels)
		key = strings.Join(labels, ",")
	}
	if port := u.Port(); port != "" && !(u.Scheme == "http" && port == "80" || u.Scheme == "https" && port == "443") {
		key += ":" + port
	}
	path := strings.ToLower(u.EscapedPath())
	if path == "" {
		path = "/"
	}
	key += ")" + path
	if u.RawQuery != "" {
		query := strings.Split(strings.ToLower(u.RawQuery), "&")
		slices.Sort(query)
		key += "?" + strings.Join(query, "&")
	}
	return strings.ReplaceAll(key, " ", "%20")
}

func indexName(file string) string { return strings.TrimSuffix(file, endWARC) + endIndex }

// writeIndex puts the index of a file in place, without what was forgotten, also while it is written.
func writeIndex(dir, file string, lines []line) error {
	gone, err := forgotten(dir)
	for known := -1; err == nil && known < len(gone); gone, err = forgotten(dir) {
		known = len(gone)
		sorted := make([][]byte, 0, len(lines))
		for _, l := range lines {
			if !gone[l.page()] {
				sorted = append(sorted, l.bytes())
			}
		}
		slices.SortFunc(sorted, bytes.Compare)
		if err := replace(filepath.Join(dir, indexName(file)), slices.Concat(sorted...)); err != nil {
			return err
		}
	}
	return err
}

// replace puts a file in the place of another, or none, whole.
func replace(name string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*"+endNew)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = errors.Join(f.Chmod(readable), f.Sync())
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		_ = os.Remove(f.Name()) // it is made anew
	}
	return err
}

// readable is how files of the archive are made: for others' tools to read.
const readable = 0o644

// readIndex reads the index of a file.
func readIndex(name string) ([]line, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	var lines []line
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, maxLine)
	for sc.Scan() {
		l, err := parseLine(sc.Bytes())
		if err != nil {
			return lines, fmt.Errorf("line %d: %w", len(lines)+1, err)
		}
		lines = append(lines, l)
	}
	return lines, sc.Err()
}

// maxLine bounds a line of an index in bytes: its address stands in it twice, and no header has a longer one.
const maxLine = 4 * maxHead

// forgotten reads which pages were erased.
func forgotten(dir string) (map[string]bool, error) {
	text, err := os.ReadFile(filepath.Join(dir, forgottenName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	gone := make(map[string]bool)
	for id := range strings.FieldsSeq(string(text)) {
		gone[id] = true
	}
	return gone, nil
}

// Forget has the pages with these ids be in no index of the directory, neither now nor when a file is closed later, and be given out
// by nothing that reads the directory. Doing it again changes nothing. What goes wrong is joined; the same call does the rest.
func Forget(dir string, pages ...string) error {
	gone, err := forgotten(dir)
	if err != nil {
		return fmt.Errorf("archive: forget: %w", err)
	}
	var more strings.Builder
	for _, id := range pages {
		if !gone[id] {
			gone[id] = true
			more.WriteString(id + "\n")
		}
	}
	// Before the indexes: who writes one meanwhile leaves these pages out, or is found below.
	if err := appendTo(filepath.Join(dir, forgottenName), more.String()); err != nil {
		return fmt.Errorf("archive: forget: %w", err)
	}
	names, err := filepath.Glob(filepath.Join(dir, "*"+endIndex))
	if err != nil {
		return fmt.Errorf("archive: forget: %w", err)
	}
	var errs []error
	for _, name := range names {
		if err := withoutForgotten(dir, name, gone); err != nil {
			errs = append(errs, fmt.Errorf("archive: forget in %s: %w", filepath.Base(name), err))
		}
	}
	return errors.Join(errs...)
}

func withoutForgotten(dir, name string, gone map[string]bool) error {
	lines, err := readIndex(name)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(lines, func(l line) bool { return gone[l.page()] }) {
		return nil
	}
	return writeIndex(dir, strings.TrimSuffix(filepath.Base(name), endIndex)+endWARC, lines)
}

func appendTo(name, text string) error {
	if text == "" {
		return nil
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, readable)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text) // one write, which others' do not part
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}
