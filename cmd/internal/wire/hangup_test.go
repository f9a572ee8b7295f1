//go:build unix

package wire

import (
	"os"
	"syscall"
	"testing"
	"time"
)

// TestHangup: SIGHUP has everything be read at once, whether or not it looks as if it had changed.
func TestHangup(t *testing.T) {
	f := newFolder(t)
	defer f.Watch(t.Context(), true)()
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	for f.logs.FilterMessage("sites read").Len() == 0 {
		<-time.After(10 * time.Millisecond)
	}
}
