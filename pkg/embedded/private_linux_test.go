package embedded

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// nobody is a user that is not this one.
const nobody = 65534

// asNobody runs f with another user's rights to files. The thread that has them ends with it.
func asNobody(t *testing.T, f func()) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("acting as another user needs root")
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // and never unlocked
		if err := errors.Join(unix.Setfsgid(nobody), unix.Setfsuid(nobody)); err != nil {
			t.Error(err)
			return
		}
		f()
	}()
	<-done
}

// TestOthersAreShutOut: another user of the machine gets neither at the servers nor at what they keep.
func TestOthersAreShutOut(t *testing.T) {
	dir := t.TempDir()
	startTestNATS(t, filepath.Join(dir, "nats"))
	startTestStore(t, StoreConfig{Dir: filepath.Join(dir, "store")})
	socket, err := socketPath(filepath.Join(dir, "store"))
	if err != nil {
		t.Fatal(err)
	}
	if c, err := net.Dial("unix", socket); err != nil {
		t.Errorf("this user: %v", err)
	} else {
		_ = c.Close()
	}
	asNobody(t, func() {
		fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			t.Error(err)
			return
		}
		defer unix.Close(fd)
		if err := unix.Connect(fd, &unix.SockaddrUnix{Name: socket}); !errors.Is(err, unix.EACCES) {
			t.Errorf("another user connects to the store: %v", err)
		}
		for _, name := range []string{"nats", "nats/password", "nats/jetstream", "store", "store/mongod.sock"} {
			if f, err := os.Open(filepath.Join(dir, name)); !errors.Is(err, fs.ErrPermission) {
				t.Errorf("another user reads %s: %v", name, err)
				_ = f.Close()
			}
		}
	})
}
