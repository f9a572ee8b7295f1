package fetch

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/khabar-crawler/khabar/pkg/outcome"
)

// liar is a name server that gives, for each name, what the test says; each look-up takes the next of a name's answers, and
// the last one stays.
type liar struct {
	conn net.PacketConn

	mu      sync.Mutex
	answers map[string][][]string
	asked   map[string]int
}

func newLiar(t *testing.T, answers map[string][][]string) *liar {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &liar{conn: conn, answers: answers, asked: map[string]int{}}
	done := make(chan struct{})
	go func() {
		defer close(done)
		buf := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return // closed
			}
			if reply, err := l.answer(buf[:n]); err == nil {
				_, _ = conn.WriteTo(reply, from)
			}
		}
	}()
	t.Cleanup(func() { _ = conn.Close(); <-done })
	return l
}

func (l *liar) answer(query []byte) ([]byte, error) {
	var p dnsmessage.Parser
	header, err := p.Start(query)
	if err != nil {
		return nil, err
	}
	q, err := p.Question()
	if err != nil {
		return nil, err
	}
	name := strings.ToLower(strings.TrimSuffix(q.Name.String(), "."))
	l.mu.Lock()
	turns := l.answers[name]
	var addrs []string
	if len(turns) > 0 {
		addrs = turns[min(l.asked[name], len(turns)-1)]
	}
	if q.Type == dnsmessage.TypeA {
		l.asked[name]++
	}
	l.mu.Unlock()
	header.Response, header.Authoritative = true, true
	if turns == nil {
		header.RCode = dnsmessage.RCodeNameError
	}
	b := dnsmessage.NewBuilder(nil, header)
	if err := b.StartQuestions(); err != nil {
		return nil, err
	}
	if err := b.Question(q); err != nil {
		return nil, err
	}
	if err := b.StartAnswers(); err != nil {
		return nil, err
	}
	for _, text := range addrs {
		rr := dnsmessage.ResourceHeader{Name: q.Name, Class: dnsmessage.ClassINET} // no time to live: asked for again each time
		switch a := netip.MustParseAddr(text); {
		case a.Is4() && q.Type == dnsmessage.TypeA:
			err = b.AResource(rr, dnsmessage.AResource{A: a.As4()})
		case a.Is6() && q.Type == dnsmessage.TypeAAAA:
			err = b.AAAAResource(rr, dnsmessage.AAAAResource{AAAA: a.As16()})
		}
		if err != nil {
			return nil, err
		}
	}
	return b.Finish()
}

// resolver asks the liar alone.
func (l *liar) resolver(c *Config) {
	c.resolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", l.conn.LocalAddr().String())
	}}
}

// TestGuardBelievesNoName: whatever a name resolves to, and to whatever else the next time, nothing is connected to that is
// not public: neither for robots.txt, nor for the page, nor behind a redirect.
func TestGuardBelievesNoName(t *testing.T) {
	touched := make(chan string, 100)
	private := serve(t, func(w http.ResponseWriter, r *http.Request) {
		touched <- r.Host + r.URL.Path
		html("<p>inside")(w, r)
	})
	_, port, err := net.SplitHostPort(private.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	names := map[string][][]string{
		"loopback.example":  {{"127.0.0.1"}},
		"loopback6.example": {{"::1"}},
		"mapped.example":    {{"::ffff:127.0.0.1"}},
		"nat64.example":     {{"64:ff9b::7f00:1"}},
		"sixtofour.example": {{"2002:7f00:1::"}},
		"metadata.example":  {{"169.254.169.254"}},
		"private.example":   {{"10.0.0.1", "192.168.1.1", "172.16.0.1"}},
		"several.example":   {{"127.0.0.1", "127.0.0.2", "::1"}},
		"zero.example":      {{"0.0.0.0"}},
	}
	l := newLiar(t, names)
	c := newClient(t, l.resolver, func(c *Config) { c.AllowPrivate = false })
	for name := range names {
		r := c.Fetch(t.Context(), Request{URL: "http://" + name + ":" + port + "/page"})
		if r.Outcome != outcome.Refused || r.Reason != outcome.ReasonAddress {
			t.Errorf("%s: %s, %s (%v)", name, r.Outcome, r.Reason, r.Err)
		}
	}
	select {
	case who := <-touched:
		t.Errorf("%s was asked for", who)
	default:
	}
}

// TestGuardAgainstRebinding: a name that leads to an allowed address when robots.txt is asked for, and inside when the page
// is, leads nowhere the second time.
func TestGuardAgainstRebinding(t *testing.T) {
	inside := make(chan string, 100)
	private := serve(t, func(w http.ResponseWriter, r *http.Request) {
		inside <- r.URL.Path
		html("<p>inside")(w, r)
	})
	_, port, err := net.SplitHostPort(private.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	allowed, err := net.Listen("tcp", "127.0.0.2:"+port) // stands for a public address
	if err != nil {
		t.Skip("no second loopback address here:", err)
	}
	outside := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "close") // so that the page is looked up anew
		http.NotFound(w, r)
	})}
	done := make(chan struct{})
	go func() { defer close(done); _ = outside.Serve(allowed) }()
	t.Cleanup(func() { _ = outside.Close(); <-done })

	l := newLiar(t, map[string][][]string{"rebound.example": {{"127.0.0.2"}, {"127.0.0.1"}}})
	c := newClient(t, l.resolver, func(c *Config) {
		c.AllowPrivate, c.AllowPrefixes = false, []netip.Prefix{netip.MustParsePrefix("127.0.0.2/32")}
	})
	r := c.Fetch(t.Context(), Request{URL: "http://rebound.example:" + port + "/page"})
	if r.Outcome != outcome.Refused || r.RobotsRule == "" {
		t.Errorf("%s, %s (%v), robots.txt: %s", r.Outcome, r.Reason, r.Err, r.RobotsRule)
	}
	select {
	case path := <-inside:
		t.Errorf("%s was asked for inside", path)
	default:
	}
}
