package embedded

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// lockFile takes an exclusive lock without waiting. It locks a byte far behind the end, because Windows lets nobody
// read a locked range, and the process id at the start is there to be read.
func lockFile(f *os.File) error {
	err := windows.LockFileEx(windows.Handle(f.Fd()),
		windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY,
		0, 1, 0, &windows.Overlapped{Offset: 1 << 20})
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return errLocked
	}
	return err
}

// hasSockets is false: a path with a drive in it is no host that MongoDB's drivers read.
const hasSockets = false

// isOwn is false: nobody asks where there are no sockets.
func isOwn(string) bool { return false }
