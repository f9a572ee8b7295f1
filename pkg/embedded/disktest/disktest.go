// Package disktest makes disks full, for tests of servers that must live through that.
//
// Invariants: what a test fills is free again when the function that Fill or Mount returned is called, and when the test
// ends. Failure modes: where the operating system does not let a test do this, the test is skipped and says why.
package disktest

import (
	"os"
	"path/filepath"
	"testing"
)

// Ballast fills the file system of dir to the last byte. room takes the ballast away again.
func Ballast(t testing.TB, dir string) (room func()) {
	t.Helper()
	name := filepath.Join(dir, "ballast")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	for size := 1 << 20; size > 0; {
		if _, err := f.Write(make([]byte, size)); err != nil {
			size /= 2
		}
	}
	_ = f.Close() // it is full
	return func() {
		if err := os.Remove(name); err != nil {
			t.Error(err)
		}
	}
}
