package main

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/khabar-crawler/khabar/cmd/internal/terminal"
	"github.com/khabar-crawler/khabar/pkg/archive"
	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/extract"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// maxExtractFile caps a file given to extract, before and after decompression: the cap that fetched pages have too.
const maxExtractFile = 50 << 20

func extractCommand() *cobra.Command {
	var pageURL, siteFile string
	var explain bool
	cmd := &cobra.Command{
		Use:   "extract [--url URL] FILE…",
		Short: "Extract the article of saved pages, one JSON line a page",
		Long: "Reads saved HTML pages (gzipped ones too; - is standard input) and WARC files, and prints one JSON object a page and line.\n" +
			"Nothing is fetched and nothing is stored. A page that holds no article gives a line with its outcome and reason. Of a WARC\n" +
			"file each response is taken as if it had been fetched; those that are no pages are counted on standard error.",
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if len(args) == 0 {
				return errors.New("nothing to extract: name saved pages, or - for standard input")
			}
			if pageURL != "" {
				if _, err := weburl.Canonical(pageURL); err != nil {
					return fmt.Errorf("--url: %w", err)
				}
			}
			if pageURL != "" && len(args) > 1 {
				return errors.New("--url names one page: give it with one FILE")
			}
			var s *site.Site
			if siteFile != "" {
				if s, err = site.Load(siteFile); err != nil {
					return err
				}
			}
			out := bufio.NewWriter(terminal.JSON(cmd.OutOrStdout()))
			defer func() { err = flushed(out, err) }()
			x := extraction{url: pageURL, site: s, explain: explain, in: cmd.InOrStdin(), out: out, enc: json.NewEncoder(out), errs: cmd.ErrOrStderr()}
			x.enc.SetEscapeHTML(false)
			for _, name := range args {
				if err := x.file(cmd.Context(), name); err != nil {
					return err
				}
			}
			if x.failed {
				return errReported
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&pageURL, "url", "", "the page's address, for links and dates in it")
	cmd.Flags().BoolVar(&explain, "explain", false, "say where each field came from, and which blocks were kept or dropped and why")
	cmd.Flags().StringVar(&siteFile, "site", "", "a site file whose language, time zone and selectors to use")
	return cmd
}

// explained prints how an extraction came to its result, for a person.
func explained(w io.Writer, name string, page extract.Page, opts extract.Options) error {
	opts.Explain = &extract.Trace{}
	res := extract.Extract(page, opts)
	if _, err := fmt.Fprintf(w, "%s: %s\n", name, strings.TrimSpace(string(res.Outcome)+" "+string(res.Reason))); err != nil {
		return err
	}
	for _, selector := range res.Drift {
		if _, err := fmt.Fprintf(w, "drift          %s matches nothing\n", selector); err != nil {
			return err
		}
	}
	return opts.Explain.Write(w)
}

// extracted is an article as extract prints it: the articles collection's fields without those that only a crawl knows.
type extracted struct {
	ID           string            `json:"id"`
	URL          string            `json:"url,omitempty"`
	CanonicalURL string            `json:"canonical_url,omitempty"`
	Outcome      extract.Outcome   `json:"outcome"`
	Reason       outcome.Reason    `json:"reason,omitempty"`
	Language     string            `json:"language,omitempty"`
	Title        string            `json:"title,omitempty"`
	Subtitle     string            `json:"subtitle,omitempty"`
	Text         string            `json:"text,omitempty"`
	Paragraphs   int               `json:"paragraphs,omitempty"`
	Authors      []string          `json:"authors,omitempty"`
	Byline       []string          `json:"byline,omitempty"` // whom the page names as authors, organisations among them
	Agency       string            `json:"agency,omitempty"`
	Dateline     *article.Dateline `json:"dateline,omitempty"`

	Published     string              `json:"published,omitempty"` // RFC 3339, or a date alone
	PublishedAt   *time.Time          `json:"published_at,omitempty"`
	PublishedFrom *article.Provenance `json:"published_from,omitempty"`
	Modified      string              `json:"modified,omitempty"`
	ModifiedAt    *time.Time          `json:"modified_at,omitempty"`
	ModifiedFrom  *article.Provenance `json:"modified_from,omitempty"`

	Kind        article.Kind       `json:"kind,omitempty"` // what the page is, also where it is no article
	Images      []article.Image    `json:"images,omitempty"`
	Tags        []string           `json:"tags,omitempty"`
	Category    string             `json:"category,omitempty"`
	WordCount   int                `json:"word_count,omitempty"`
	ContentHash string             `json:"content_hash,omitempty"`
	Quality     article.Quality    `json:"quality"`
	Extractor   *article.Extractor `json:"extractor,omitempty"`
}

func newExtracted(id, url string, r extract.Result) extracted {
	a := r.Article
	return extracted{
		ID: id, URL: url, CanonicalURL: a.CanonicalURL, Outcome: r.Outcome, Reason: r.Reason,
		Language: a.Language, Title: a.Title, Subtitle: a.Subtitle, Text: a.Text, Paragraphs: a.Paragraphs,
		Authors: a.Authors, Byline: r.Byline, Agency: a.Agency, Dateline: a.Dateline,
		Published: a.Published.Format(a.PublishedAt), PublishedAt: a.PublishedAt, PublishedFrom: a.Published,
		Modified: a.Modified.Format(a.ModifiedAt), ModifiedAt: a.ModifiedAt, ModifiedFrom: a.Modified,
		Kind: a.Kind, Images: a.Images, Tags: a.Tags, Category: a.Category, WordCount: a.WordCount, ContentHash: a.ContentHash,
		Quality: a.Quality, Extractor: known(a.Extractor),
	}
}

// pageName is a page's id: the file's name without its endings, or its folder's name where the file is called page.html.
func pageName(file string) string {
	if file == "-" {
		return "stdin"
	}
	base := filepath.Base(file)
	if strings.TrimSuffix(base, ".gz") == "page.html" {
		if abs, err := filepath.Abs(file); err == nil {
			return filepath.Base(filepath.Dir(abs))
		}
	}
	base = strings.TrimSuffix(base, ".gz")
	return strings.TrimSuffix(base, filepath.Ext(base))
}

// extraction extracts saved pages.
type extraction struct {
	url     string
	site    *site.Site
	explain bool
	in      io.Reader
	out     *bufio.Writer
	enc     *json.Encoder
	errs    io.Writer
	failed  bool // something could not be read, which was told
}

// file extracts what a file holds: a saved page, or those of a WARC file. Its error is that nothing can be written any more.
func (x *extraction) file(ctx context.Context, name string) error {
	r, from, err := openPage(name, x.in)
	if err != nil {
		x.fail(err)
		return nil
	}
	defer func() { _ = r.Close() }() // nothing was written
	start := bufio.NewReaderSize(r, archive.Likely)
	if head, _ := start.Peek(archive.Likely); archive.IsWARC(head) {
		return x.warc(ctx, from, start)
	}
	body, err := unpacked(start, from)
	if err != nil {
		x.fail(err)
		return nil
	}
	return x.page(pageName(name), extract.Page{URL: x.url, Body: body}, time.Now())
}

func (x *extraction) fail(err error) {
	x.failed = true
	fmt.Fprintln(x.errs, "khabar extract:", err)
}

func (x *extraction) page(name string, page extract.Page, now time.Time) error {
	opts := extract.Options{Site: x.site, Now: now}
	if x.explain {
		if err := explained(x.out, name, page, opts); err != nil {
			return fmt.Errorf("write: %w", bare(err))
		}
		return nil
	}
	if err := x.enc.Encode(newExtracted(name, page.URL, extract.Extract(page, opts))); err != nil {
		return fmt.Errorf("write: %w", bare(err))
	}
	return nil
}

// warc extracts the pages of a WARC file. Answers that are none are counted.
func (x *extraction) warc(ctx context.Context, from string, r io.Reader) error {
	if x.url != "" {
		x.fail(fmt.Errorf("%s is a WARC file, whose records say their addresses: leave out --url", from))
		return nil
	}
	client, err := newWARCClient(nil)
	if err != nil {
		return err
	}
	defer client.Close()
	var t warcTally
	for p, err := range warcPages(ctx, client, r, maxExtractFile) {
		switch {
		case err != nil:
			x.fail(fmt.Errorf("%s: %w", from, bare(err)))
		case p.answer.Outcome != outcome.OK:
			t.other(p.answer.Outcome, p.answer.Reason)
		default:
			page := extract.Page{URL: p.answer.URL, Body: p.answer.Body, ContentType: p.answer.ContentType}
			if err := x.page(weburl.ID(p.address), page, cmp.Or(p.answer.At, time.Now())); err != nil {
				return err
			}
		}
	}
	for _, l := range t.lines() {
		fmt.Fprintf(x.errs, "%s: %s\n", from, l)
	}
	return nil
}

// openPage opens a saved page, and says what it is called in messages.
func openPage(name string, stdin io.Reader) (r io.ReadCloser, from string, err error) {
	if name == "-" {
		return io.NopCloser(stdin), "standard input", nil
	}
	f, err := os.Open(name)
	if err == nil {
		return f, name, nil
	}
	if errors.Is(err, fs.ErrNotExist) && !strings.ContainsAny(name, "/\\") {
		return nil, "", fmt.Errorf("%s cannot be read: %w; an address begins with http:// or https://", name, bare(err))
	}
	return nil, "", fmt.Errorf("%s cannot be read: %w", name, bare(err))
}

// readPage reads a saved page, gunzipped where it is gzipped, whatever its name ends in.
func readPage(name string, stdin io.Reader) ([]byte, error) {
	r, from, err := openPage(name, stdin)
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.Close() }() // nothing was written
	return unpacked(r, from)
}

func unpacked(r io.Reader, from string) ([]byte, error) {
	body, err := readCapped(r, from)
	if err != nil || !bytes.HasPrefix(body, []byte{0x1f, 0x8b}) {
		return body, err
	}
	zr, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("%s cannot be unpacked: %w", from, err)
	}
	return readCapped(zr, from)
}

func readCapped(r io.Reader, from string) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r, maxExtractFile+1))
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", from, bare(err))
	}
	if len(body) > maxExtractFile {
		return nil, fmt.Errorf("%s: larger than %d MB", from, maxExtractFile>>20)
	}
	return body, nil
}

// known is nil for a page that was not read far enough to have an extractor.
func known(e article.Extractor) *article.Extractor {
	if e.Version == "" {
		return nil
	}
	return &e
}
