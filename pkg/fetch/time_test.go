package fetch

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/khabar-crawler/khabar/pkg/outcome"
)

// TestTimeouts runs sites that dawdle, in a bubble where time passes at once.
func TestTimeouts(t *testing.T) {
	const head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 100000\r\n\r\n"
	// trickle writes a text in pieces, with a pause after each.
	trickle := func(conn net.Conn, text string, piece int, pause time.Duration) {
		for len(text) > 0 {
			n := min(piece, len(text))
			if _, err := io.WriteString(conn, text[:n]); err != nil {
				return
			}
			text = text[n:]
			<-time.After(pause)
		}
	}
	for _, tc := range []struct {
		name  string
		url   string
		site  func(net.Conn)
		want  outcome.Outcome
		err   error
		down  bool
		after time.Duration
	}{
		{name: "silence after the header", site: func(c net.Conn) { _, _ = io.WriteString(c, head) }, want: outcome.Retry, err: ErrStalled, after: 10 * time.Second},
		{name: "slow loris", site: func(c net.Conn) { trickle(c, head+strings.Repeat("x", 100_000), len(head), time.Second) },
			want: outcome.Retry, err: ErrStalled, after: 10 * time.Second},
		{name: "loris that wakes up late", site: func(c net.Conn) {
			_, _ = io.WriteString(c, head+strings.Repeat("x", 50_000))
			trickle(c, strings.Repeat("x", 50_000), 1, time.Second)
		}, want: outcome.Retry, err: ErrStalled, after: 20 * time.Second},
		{name: "steady, and too slow for the whole", site: func(c net.Conn) { trickle(c, head+strings.Repeat("x", 100_000), 1000, time.Second) },
			want: outcome.Retry, err: ErrTimeout, after: time.Minute},
		{name: "slow, and in time", site: func(c net.Conn) { trickle(c, head+strings.Repeat("x", 100_000), 2000, time.Second) },
			want: outcome.OK, after: 50 * time.Second},
		{name: "no answer", site: func(net.Conn) {}, want: outcome.Retry, down: true, after: 20 * time.Second},
		{name: "header by drops", site: func(c net.Conn) { trickle(c, head, 1, time.Second) }, want: outcome.Retry, down: true, after: 20 * time.Second},
		{name: "no handshake", url: "https://news.example/", site: func(net.Conn) {}, want: outcome.Retry, down: true, after: 10 * time.Second},
		{name: "error page that stalls", site: func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 404 Not Found\r\nContent-Length: 10\r\n\r\n")
		}, want: outcome.Gone, after: 10 * time.Second},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newClient(t)
				var sites sync.WaitGroup
				c.transport.base.DialContext = func(context.Context, string, string) (net.Conn, error) {
					ours, theirs := net.Pipe()
					sites.Go(func() {
						defer theirs.Close()
						if tc.url == "" {
							if _, err := http.ReadRequest(bufio.NewReader(theirs)); err != nil {
								t.Error(err)
							}
						}
						tc.site(theirs)
						_, _ = io.Copy(io.Discard, theirs) // until the crawler hangs up
					})
					return ours, nil
				}
				url := "http://news.example/"
				if tc.url != "" {
					url = tc.url
				}
				putRobots(c, strings.TrimSuffix(url, "/"), noRules("known"))
				start := time.Now()
				r := c.Fetch(t.Context(), Request{URL: url})
				if r.Outcome != tc.want || tc.err != nil && !errors.Is(r.Err, tc.err) || r.HostDown != tc.down {
					t.Errorf("%s, host down %v: %v", r.Outcome, r.HostDown, r.Err)
				}
				if took := time.Since(start); took != tc.after {
					t.Errorf("after %v, want %v", took, tc.after)
				}
				c.Close()
				sites.Wait()
			})
		})
	}
}

func TestConnectTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t)
		c.transport.base.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			<-ctx.Done() // a SYN that nobody answers; net.Dialer's own time-out is ConnectTimeout
			return nil, &net.OpError{Op: "dial", Err: ctx.Err()}
		}
		putRobots(c, "http://news.example", noRules("known"))
		start := time.Now()
		r := c.Fetch(t.Context(), Request{URL: "http://news.example/"})
		if r.Outcome != outcome.Retry || !r.HostDown || !errors.Is(r.Err, ErrTimeout) || time.Since(start) != time.Minute {
			t.Errorf("after %v: %+v", time.Since(start), r)
		}
	})
}

// TestLimit: a limit stands still while it is paused, and goes on with what was left of it.
func TestLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		over := make(chan time.Duration, 1)
		l := startLimit(time.Minute, func() { over <- time.Since(start) })
		<-time.After(20 * time.Second) // of the bubble's own clock
		l.pause()
		<-time.After(time.Hour)
		l.resume()
		if got := <-over; got != time.Hour+time.Minute {
			t.Errorf("over after %v", got)
		}
	})
}
