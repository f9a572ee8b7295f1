//go:build !windows

package archive

import (
	"os"

	"golang.org/x/sys/unix"
)

// lock takes f for this process without waiting. Its error says that another has it, or that the file system has no locks.
func lock(f *os.File) error { return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) }

// syncDir makes the names in a directory durable.
func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	return f.Sync()
}
