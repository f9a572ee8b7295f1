package embedded

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"
)

// TestNATSPassword: who does not know the password gets nowhere, and the password is the same at the next start.
func TestNATSPassword(t *testing.T) {
	dir := t.TempDir()
	core, logs := observer.New(zap.WarnLevel)
	n, err := StartNATS(t.Context(), NATSConfig{Dir: dir, Log: zap.New(core)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.Stop)
	first := n.URL()
	for _, url := range []string{"nats://" + n.Addr(), "nats://khabar@" + n.Addr(), "nats://khabar:@" + n.Addr(), "nats://khabar:wrong@" + n.Addr()} {
		if nc, err := nats.Connect(url); !errors.Is(err, nats.ErrAuthorization) {
			t.Errorf("%s: %v", url, err)
			if err == nil {
				nc.Close()
			}
		}
	}
	publish(t, first, 1)
	n.Stop()
	for _, l := range logs.All() {
		if !strings.Contains(l.Message, "authentication error") {
			t.Errorf("a start warns: %s", l.Message)
		}
	}

	file := filepath.Join(dir, passwordName)
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the password's file: %v, %v", info.Mode(), err)
	}
	n = startTestNATS(t, dir)
	if _, pass, _ := strings.Cut(first, "khabar:"); !strings.HasPrefix(pass, n.password+"@") {
		t.Errorf("another password after a restart")
	}
	n.Stop()
	if err := os.WriteFile(file, []byte("short\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	n = startTestNATS(t, dir)
	if len(n.password) < passwordLen {
		t.Errorf("the password %q is taken", n.password)
	}
	publish(t, n.URL(), 1)
}

// TestSocket: the store listens where no other user may go, whatever the directory is called, and at the same place again.
func TestSocket(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", "")
	t.Setenv("TMPDIR", t.TempDir())
	for _, name := range []string{"store", "two words", "at@sign&more", "colon:1", "comma,2", "خبر", strings.Repeat("long", 30)} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), name)
			if err := os.Mkdir(dir, 0o755); err != nil { // open to all, as somebody may have made it
				t.Fatal(err)
			}
			s := startTestStore(t, StoreConfig{Dir: dir})
			if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
				t.Errorf("the directory is left as %v, %v", info.Mode(), err)
			}
			uri := s.URI()
			c := connect(t, uri)
			if _, err := c.Database("news").Collection("pages").InsertOne(t.Context(), bson.D{{Key: "_id", Value: "a"}}); err != nil {
				t.Fatal(err)
			}
			_ = c.Disconnect(t.Context()) // or the store waits for it
			s.Stop()
			path, err := socketPath(dir)
			if err != nil {
				t.Fatal(err)
			}
			// What a process leaves that is killed.
			left, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
			if err != nil {
				t.Fatal(err)
			}
			left.SetUnlinkOnClose(false)
			_ = left.Close()
			s = startTestStore(t, StoreConfig{Dir: dir})
			if s.URI() != uri {
				t.Errorf("at %s, and before at %s", s.URI(), uri)
			}
			c = connect(t, uri)
			if n, err := c.Database("news").Collection("pages").CountDocuments(t.Context(), bson.D{}); err != nil || n != 1 {
				t.Errorf("after a restart: %d documents, %v", n, err)
			}
		})
	}
}

// TestSocketTrap: a directory that somebody else made, or everybody may enter, is no place for a socket.
func TestSocketTrap(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("XDG_RUNTIME_DIR", "")
	t.Setenv("TMPDIR", tmp)
	own, err := socketPath(strings.Repeat("/long", 30))
	if err != nil {
		t.Fatal(err)
	}
	own = filepath.Dir(own)
	for what, set := range map[string]func() error{
		"open":   func() error { return os.Mkdir(own, 0o755) },
		"a link": func() error { return os.Symlink(t.TempDir(), own) },
		"a file": func() error { return os.WriteFile(own, nil, 0o700) },
	} {
		if err := os.RemoveAll(own); err != nil {
			t.Fatal(err)
		}
		if err := set(); err != nil {
			t.Fatal(err)
		}
		if path, err := socketPath(strings.Repeat("/long", 30)); !errors.Is(err, ErrAddress) {
			t.Errorf("%s: %s, %v", what, path, err)
		}
	}
}
