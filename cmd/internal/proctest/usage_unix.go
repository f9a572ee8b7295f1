//go:build unix

package proctest

import (
	"runtime"
	"syscall"
)

// PeakMemory is the most memory in bytes that the process had resident; it must have ended. On Linux it is never less
// than what the test's own process had when it started this one. 0 where the system does not tell.
func (p *Process) PeakMemory() int64 {
	<-p.done
	u, ok := p.cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	if runtime.GOOS == "darwin" {
		return int64(u.Maxrss) // bytes there, kilobytes elsewhere
	}
	return int64(u.Maxrss) << 10
}
