package embedded

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

func startTestNATS(t *testing.T, dir string) *NATS {
	t.Helper()
	n, err := StartNATS(t.Context(), NATSConfig{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.Stop)
	return n
}

// publish puts n messages in the stream S and returns how many it holds then.
func publish(t *testing.T, url string, n int) uint64 {
	t.Helper()
	nc, err := nats.Connect(url, nats.Timeout(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	st, err := js.CreateOrUpdateStream(t.Context(), jetstream.StreamConfig{Name: "S", Subjects: []string{"s.>"}})
	if err != nil {
		t.Fatal(err)
	}
	for range n {
		if _, err := js.Publish(t.Context(), "s.a", []byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	info, err := st.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return info.State.Msgs
}

func TestNATSKeepsMessages(t *testing.T) {
	dir := t.TempDir()
	for _, want := range []uint64{10, 20} {
		n := startTestNATS(t, dir)
		if got := publish(t, n.URL(), 10); got != want {
			t.Fatalf("the stream has %d messages, want %d", got, want)
		}
		n.Stop()
		n.Stop()
	}
}

func TestDamagedJetStream(t *testing.T) {
	for _, tc := range []struct {
		file    string
		damage  func([]byte) []byte
		refused bool
	}{
		{"meta.inf", invert, true},
		{"meta.sum", invert, true},
		{"meta.sum", nil, false}, // killed while it made the stream
		{"msgs/index.db", invert, false},
		{"msgs/index.db", nil, false},
	} {
		dir := t.TempDir()
		n := startTestNATS(t, dir)
		publish(t, n.URL(), 10)
		n.Stop()
		file := filepath.Join(dir, "jetstream", "$G", "streams", "S", filepath.FromSlash(tc.file))
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if tc.damage == nil {
			err = os.Remove(file)
		} else {
			err = os.WriteFile(file, tc.damage(b), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		n, err = StartNATS(t.Context(), NATSConfig{Dir: dir})
		if err == nil {
			n.Stop()
		}
		if !tc.refused && err != nil || tc.refused && (!errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), dir)) {
			t.Errorf("%s damaged: %v; refused should be %v", tc.file, err, tc.refused)
		}
	}
}

func invert(b []byte) []byte {
	for i := range b {
		b[i] ^= 0x55
	}
	return b
}

func TestStartCanceled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dir := t.TempDir()
	if n, err := StartNATS(ctx, NATSConfig{Dir: dir}); err == nil {
		n.Stop() // it was faster
	}
	startTestNATS(t, dir) // the lock is free again
}
