package telemetry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// ProbeTimeout bounds one health answer: shorter than the 5 s that container probes commonly wait, so that a hanging
// dependency is reported rather than timed out on.
const ProbeTimeout = 3 * time.Second

// Check says whether one thing that the process needs is there.
type Check struct {
	Name  string
	Probe func(context.Context) error
}

// Health serves /healthz (the process is alive) and /readyz (what it needs is there) until it is closed. No Health at all,
// nil, serves nowhere.
type Health struct {
	srv  *http.Server
	done chan struct{}

	mu     sync.Mutex
	checks []Check
}

// ServeHealth listens on addr (host:port). It fails when the address cannot be listened on.
func ServeHealth(addr string, checks ...Check) (*Health, error) {
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("health listener: %w (choose another health.addr, or leave it empty for none)", err)
	}
	h := &Health{done: make(chan struct{}), checks: slices.Clone(checks)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok\n") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if missing := h.missing(r.Context()); len(missing) > 0 {
			http.Error(w, strings.Join(missing, "\n"), http.StatusServiceUnavailable)
			return
		}
		_, _ = io.WriteString(w, "ok\n")
	})
	h.srv = &http.Server{Addr: ln.Addr().String(), Handler: mux, ReadHeaderTimeout: ProbeTimeout}
	go func() {
		defer close(h.done)
		_ = h.srv.Serve(ln) // returns when closed; a broken listener shows as a failing probe
	}()
	return h, nil
}

// missing says what is not there, one line each. The checks run side by side, so that one that hangs hides no other.
func (h *Health) missing(ctx context.Context) []string {
	h.mu.Lock()
	checks := slices.Clone(h.checks)
	h.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, ProbeTimeout)
	defer cancel()
	lines := make([]string, len(checks))
	var all sync.WaitGroup
	for i, c := range checks {
		all.Go(func() {
			if err := c.Probe(ctx); err != nil {
				lines[i] = c.Name + ": " + err.Error()
			}
		})
	}
	all.Wait()
	return slices.DeleteFunc(lines, func(l string) bool { return l == "" })
}

// Set puts a check in the place of the one of the same name, or adds it.
func (h *Health) Set(c Check) {
	if h == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if i := slices.IndexFunc(h.checks, func(have Check) bool { return have.Name == c.Name }); i >= 0 {
		h.checks[i] = c
		return
	}
	h.checks = append(h.checks, c)
}

// Close stops listening and waits for the server to end. Closing twice is harmless, as is closing none.
func (h *Health) Close() {
	if h == nil {
		return
	}
	_ = h.srv.Close()
	<-h.done
}

// ErrUnhealthy is returned by Probe when the process answered that it is not ready.
var ErrUnhealthy = errors.New("not ready")

// Probe asks the health listener at addr whether its process is ready: the health check of a container that has no
// shell. An addr without host means this machine.
func Probe(ctx context.Context, addr string) error {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("health address %q: %w", addr, err)
	}
	if host == "" || host == "0.0.0.0" || host == "::" {
		host = "127.0.0.1"
	}
	ctx, cancel := context.WithTimeout(ctx, ProbeTimeout+time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/readyz", nil)
	if err != nil {
		return fmt.Errorf("health address %q: %w", addr, err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // no proxy: the probe stays on this machine
	res, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("health probe: %w", err)
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(res.Body, 4<<10)) // the reason is a line; a read error leaves the status
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%w: %s", ErrUnhealthy, strings.TrimSpace(string(body)))
	}
	return nil
}
