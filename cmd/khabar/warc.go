package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"strings"

	"go.uber.org/zap"

	"github.com/khabar-crawler/khabar/pkg/archive"
	"github.com/khabar-crawler/khabar/pkg/fetch"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// warcAnswers answers what is asked for with what the record says that is in the request's context. That is how a record goes through all that
// an answer goes through: caps, decoding, what is no text, walls.
type warcAnswers struct{}

type warcKey struct{}

// warcAnswer is what a response record says.
type warcAnswer struct {
	status int
	header http.Header
	body   []byte
	err    error // it cannot be read
}

// RoundTrip implements http.RoundTripper. robots.txt was obeyed by whoever fetched the page, or not: nobody is asked now.
func (warcAnswers) RoundTrip(req *http.Request) (*http.Response, error) {
	a, ok := req.Context().Value(warcKey{}).(*warcAnswer)
	if !ok {
		return nil, errors.New("a request without a record")
	}
	res := &http.Response{
		StatusCode: http.StatusNotFound, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{}, Body: http.NoBody, Request: req,
	}
	if req.URL.Path == "/robots.txt" {
		return res, nil
	}
	if a.err != nil {
		return nil, a.err
	}
	res.StatusCode, res.Header = a.status, a.header.Clone()
	res.Body, res.ContentLength = io.NopCloser(bytes.NewReader(a.body)), int64(len(a.body))
	return res, nil
}

// warcPage is a response record as an answer.
type warcPage struct {
	address string // in canonical form
	answer  fetch.Response
}

// warcPages reads the answers of a WARC file, whose bodies may have maxBody bytes. An error is about one record, as far as it wraps archive.ErrDamaged or
// archive.ErrTooLarge; any other ends it.
func warcPages(ctx context.Context, client *fetch.Client, r io.Reader, maxBody int64) iter.Seq2[warcPage, error] {
	return func(yield func(warcPage, error) bool) {
		reader := archive.NewReader(r)
		for {
			e, err := reader.Next()
			if err == io.EOF {
				return
			}
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				if !yield(warcPage{}, err) || !isOfRecord(err) {
					return
				}
				continue
			}
			p, ok := pageOfRecord(ctx, client, e, maxBody)
			if ok && !yield(p, nil) {
				return
			}
		}
	}
}

func isOfRecord(err error) bool {
	return errors.Is(err, archive.ErrDamaged) || errors.Is(err, archive.ErrTooLarge)
}

// pageOfRecord is the answer that a record holds; ok is false for other records, and for what is no page's.
func pageOfRecord(ctx context.Context, client *fetch.Client, e *archive.Entry, maxBody int64) (p warcPage, ok bool) {
	var a warcAnswer
	a.status, a.header, a.body, ok, a.err = e.Response()
	if !ok || strings.HasSuffix(e.URL, "/robots.txt") {
		return p, false
	}
	address, err := weburl.Canonical(e.URL)
	if err != nil {
		return p, false
	}
	p.address = address
	p.answer = client.Fetch(context.WithValue(ctx, warcKey{}, &a), fetch.Request{
		URL: e.URL, MaxBody: maxBody, SameLane: func(string) bool { return false }, // where it leads to is another record
	})
	p.answer.At = e.At
	return p, true
}

// newWARCClient is the fetcher that takes records for answers.
func newWARCClient(log *zap.Logger) (*fetch.Client, error) {
	return fetch.New(fetch.Config{Answers: warcAnswers{}, AllowPrivate: true}, log)
}

// warcTally counts what became of the answers of WARC files.
type warcTally struct {
	pages, damaged int
	others         map[string]int // answers that are no pages, by outcome and reason
}

func (t *warcTally) other(o outcome.Outcome, why outcome.Reason) {
	if t.others == nil {
		t.others = make(map[string]int)
	}
	t.others[outcome.Text(o, why)]++
}

// lines are what there is to say of them.
func (t *warcTally) lines() (out []string) {
	for _, what := range byCount(t.others) {
		out = append(out, fmt.Sprintf("%6d %s", t.others[what], what))
	}
	return out
}
