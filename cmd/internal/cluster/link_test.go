//go:build unix

package cluster

import (
	"io"
	"net"
	"sync"
	"testing"
)

// link is the way of one process to one server: a TCP proxy that can be cut, so that both ends see their connections
// close and none is made, or silenced, so that they stay open and nothing comes through.
type link struct {
	addr   string // where the process connects
	target string // where the server listens

	pass sync.RWMutex // held to silence the link; what passes holds it to read

	mu    sync.Mutex
	cut   bool
	conns map[net.Conn]struct{}
}

// newLink makes a link that lasts as long as the test.
func newLink(t *testing.T, target string) *link {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &link{addr: listener.Addr().String(), target: target, conns: map[net.Conn]struct{}{}}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return // the listener is closed
			}
			running.Go(func() { l.join(near) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close() // nothing is left to be lost
		l.sever()
		running.Wait()
	})
	return l
}

// join carries one connection until either end closes it, or the link is cut.
func (l *link) join(near net.Conn) {
	defer near.Close()
	far, err := net.Dial("tcp", l.target)
	if err != nil {
		return // as a server that is down refuses
	}
	defer far.Close()
	if !l.enter(near, far) {
		return
	}
	defer l.leave(near, far)
	var both sync.WaitGroup
	for _, ends := range [][2]net.Conn{{near, far}, {far, near}} {
		both.Go(func() {
			_, _ = io.Copy(gate{ends[1], &l.pass}, ends[0]) // either end may close at any time
			_ = near.Close()
			_ = far.Close()
		})
	}
	both.Wait()
}

// gate writes while nobody silences the link.
type gate struct {
	net.Conn
	pass *sync.RWMutex
}

func (g gate) Write(b []byte) (int, error) {
	g.pass.RLock()
	defer g.pass.RUnlock()
	return g.Conn.Write(b)
}

func (l *link) enter(conns ...net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cut {
		return false
	}
	for _, c := range conns {
		l.conns[c] = struct{}{}
	}
	return true
}

func (l *link) leave(conns ...net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range conns {
		delete(l.conns, c)
	}
}

// sever cuts the link, until mend.
func (l *link) sever() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut = true
	for c := range l.conns {
		_ = c.Close() // that is the cut
	}
}

func (l *link) mend() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut = false
}

// silence lets nothing through, until speak.
func (l *link) silence() { l.pass.Lock() }

func (l *link) speak() { l.pass.Unlock() }
