//go:build !linux

package disktest

import "testing"

// Mount skips the test.
func Mount(t testing.TB, _ string, _ int) {
	t.Helper()
	t.Skip("file systems are mounted for tests on Linux only")
}

// Fill skips the test.
func Fill(t testing.TB, _, _ string) (room func()) {
	t.Helper()
	t.Skip("files are made to fail for tests on Linux only")
	return nil
}
