package embedded

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// lockName is the file in a data directory that carries the lock and the process id of its holder.
const lockName = "khabar.lock"

// errLocked is what lockFile returns when another open file holds the lock.
var errLocked = errors.New("locked")

// dirLock is the right to use a data directory.
type dirLock struct {
	dir  string // absolute
	file *os.File
}

// lockDir makes dir if need be and takes its lock. The lock goes with the open file, so it ends with the process.
func lockDir(dir string) (*dirLock, error) {
	if dir == "" {
		return nil, fmt.Errorf("%w: no directory is named", ErrDir)
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrDir, dir, err)
	}
	// 0700: what is crawled may be anything, and the way to the servers leads through here.
	if err := os.MkdirAll(abs, 0o700); err != nil {
		return nil, fmt.Errorf("%w: %s cannot be made: %w; name another one or change its permissions", ErrDir, abs, err)
	}
	path := filepath.Join(abs, lockName)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("%w: %s cannot be written: %w; name another one or change its permissions", ErrDir, abs, err)
	}
	if err := lockFile(f); err != nil {
		holder := readHolder(f)
		_ = f.Close()
		if errors.Is(err, errLocked) {
			return nil, fmt.Errorf("%w: %s is used by %s; stop it or name another directory", ErrInUse, abs, holder)
		}
		return nil, fmt.Errorf("%w: lock %s: %w", ErrDir, path, err)
	}
	if err := writeHolder(f); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("%w: %s cannot be written: %w; free some space or name another one", ErrDir, abs, err)
	}
	return &dirLock{dir: abs, file: f}, nil
}

// release frees the directory. The file stays: removing it could take the lock from under the next holder.
func (l *dirLock) release() { _ = l.file.Close() }

func writeHolder(f *os.File) error {
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err := f.WriteAt(fmt.Appendf(nil, "%d\n", os.Getpid()), 0)
	return err
}

// readHolder names the process that holds the lock, as far as its file tells.
func readHolder(f *os.File) string {
	b, err := io.ReadAll(io.LimitReader(f, 32)) // a process id has at most 20 digits
	pid := strings.TrimSpace(string(b))
	switch {
	case err != nil || pid == "":
		return "another process"
	case pid == fmt.Sprint(os.Getpid()):
		return "this very process"
	default:
		return "process " + pid
	}
}
