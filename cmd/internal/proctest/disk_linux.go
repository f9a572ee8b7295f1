package proctest

import (
	"testing"

	"golang.org/x/sys/unix"
)

// FillDisk makes every write of the process to a file fail, as those on a full disk do, until the returned function is called.
// It needs no rights: the system lets a process's files grow no longer.
func (p *Process) FillDisk(t testing.TB) (room func()) {
	t.Helper()
	limit := func(bytes uint64) {
		if err := unix.Prlimit(p.cmd.Process.Pid, unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: bytes, Max: unix.RLIM_INFINITY}, nil); err != nil {
			t.Skipf("file sizes cannot be limited here: %v", err)
		}
	}
	limit(0)
	return func() { limit(unix.RLIM_INFINITY) }
}
