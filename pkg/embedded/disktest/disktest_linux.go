package disktest

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// Mount makes dir a small file system of its own, of that many MiB.
func Mount(t testing.TB, dir string, mebibytes int) {
	t.Helper()
	if err := unix.Mount("khabar-test", dir, "tmpfs", 0, "size="+strconv.Itoa(mebibytes)+"m"); err != nil {
		t.Skipf("a file system that can be filled needs the right to mount one: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
}

// Fill makes the writes of this process to its open files under dir whose names end so fail as on a full disk, until room is
// called. /dev/full stands in for them. Descriptors belong to the whole process: no other test may run beside it.
func Fill(t testing.TB, dir, suffix string) (room func()) {
	t.Helper()
	full, err := unix.Open("/dev/full", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Skipf("no /dev/full: %v", err)
	}
	defer unix.Close(full)
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skipf("no list of open files: %v", err)
	}
	kept := map[int]int{} // a copy of each
	for _, e := range fds {
		path, err := os.Readlink("/proc/self/fd/" + e.Name())
		if err != nil || !strings.HasPrefix(path, dir+"/") || !strings.HasSuffix(path, suffix) {
			continue // some were closed meanwhile
		}
		fd, err := strconv.Atoi(e.Name())
		if err != nil {
			t.Fatal(err)
		}
		if kept[fd], err = unix.Dup(fd); err != nil {
			t.Fatal(err)
		}
		if err := unix.Dup3(full, fd, unix.O_CLOEXEC); err != nil {
			t.Fatal(err)
		}
	}
	if len(kept) == 0 {
		t.Fatalf("no file %s is open under %s", suffix, dir)
	}
	room = func() {
		for fd, copied := range kept {
			// Unless it was closed meanwhile, and perhaps opened for another file.
			if path, err := os.Readlink("/proc/self/fd/" + strconv.Itoa(fd)); err == nil && path == "/dev/full" {
				if err := unix.Dup3(copied, fd, unix.O_CLOEXEC); err != nil {
					t.Error(err)
				}
			}
			_ = unix.Close(copied)
		}
		kept = nil
	}
	t.Cleanup(room)
	return room
}
