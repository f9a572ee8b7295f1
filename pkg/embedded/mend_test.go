package embedded

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/khabar-crawler/khabar/pkg/embedded/disktest"
)

// TestFullDisk: the server takes messages again when its disk has room again, on the connections that stand, and has lost
// none that it had acknowledged.
func TestFullDisk(t *testing.T) {
	for name, fill := range map[string]func(t *testing.T, dir string) (room func()){
		// The disk is full and stays so for a while.
		"full": func(t *testing.T, dir string) func() { return disktest.Ballast(t, dir) },
		// It was full for the moment of one write.
		"was full": func(t *testing.T, dir string) func() {
			return disktest.Fill(t, filepath.Join(dir, "nats", "jetstream"), ".blk")
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if name == "full" {
				disktest.Mount(t, dir, 16)
			}
			core, logs := observer.New(zap.WarnLevel)
			n, err := StartNATS(t.Context(), NATSConfig{Dir: filepath.Join(dir, "nats"), MaxStore: 1 << 30, Log: zap.New(core)})
			if err != nil {
				t.Fatal(err)
			}
			defer n.Stop()
			if got := publish(t, n.URL(), 10); got != 10 {
				t.Fatalf("%d messages", got)
			}
			nc, err := nats.Connect(n.URL(), nats.Timeout(time.Minute))
			if err != nil {
				t.Fatal(err)
			}
			defer nc.Close()
			nc.SetDisconnectErrHandler(func(_ *nats.Conn, err error) {
				if err != nil { // and not this test's own close
					t.Errorf("connection lost: %v", err)
				}
			})
			js, err := jetstream.New(nc)
			if err != nil {
				t.Fatal(err)
			}
			stored := uint64(10)
			put := func() bool {
				ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
				defer cancel()
				_, err := js.Publish(ctx, "s.a", make([]byte, 8<<10), jetstream.WithRetryAttempts(0))
				if err == nil {
					stored++
				}
				return err == nil
			}
			room := fill(t, dir)
			await(t, "the disk to be full", func() bool { return !put() })
			if name == "full" {
				await(t, "the server to see it", func() bool { return logs.FilterMessageSnippet("takes no messages").Len() > 0 })
				if put() {
					t.Error("a message was taken by a full disk")
				}
			}
			room()
			await(t, "messages to be taken again", put)
			s, err := js.Stream(t.Context(), "S")
			if err != nil {
				t.Fatal(err)
			}
			// A publish that was given up may have been stored all the same.
			if got := s.CachedInfo().State.Msgs; got < stored {
				t.Errorf("%d messages of %d", got, stored)
			}
			if logs.FilterMessageSnippet("takes no messages").Len() != 1 || logs.FilterMessageSnippet("started again").Len() < 1 {
				t.Errorf("the log says %v", logs.All())
			}
		})
	}
}

// await looks until a condition holds.
func await(t *testing.T, what string, holds func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("waited in vain for %s", what)
		}
	}
}
