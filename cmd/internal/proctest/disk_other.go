//go:build !linux

package proctest

import "testing"

// FillDisk skips the test.
func (p *Process) FillDisk(t testing.TB) (room func()) {
	t.Helper()
	t.Skip("disks are filled for tests on Linux only")
	return nil
}
