package embedded

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"syscall"
)

// parseAddr reads "host:port" of a loopback address; "" means a free port that the system chooses.
func parseAddr(addr string) (netip.AddrPort, error) {
	if addr == "" {
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), 0), nil
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("%w on %q: want host:port such as 127.0.0.1:4222", ErrAddress, addr)
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("%w on %q: the port is a number from 0 (any free one) to 65535", ErrAddress, addr)
	}
	if host == "" || host == "localhost" {
		host = "127.0.0.1"
	}
	ip, err := netip.ParseAddr(host)
	if err != nil || !ip.IsLoopback() {
		return netip.AddrPort{}, fmt.Errorf(
			"%w on %q: the embedded servers are for this machine, so they listen on loopback addresses such as 127.0.0.1 only",
			ErrAddress, addr)
	}
	return netip.AddrPortFrom(ip, uint16(n)), nil
}

// checkFree tries the address before a server does, because neither server says in plain words that it is taken.
func checkFree(server string, addr netip.AddrPort) error {
	l, err := net.Listen("tcp", addr.String())
	if err == nil {
		return l.Close()
	}
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%w on %s for %s: another process listens there; stop it or name another port", ErrAddress, addr, server)
	}
	return fmt.Errorf("%w on %s for %s: %w", ErrAddress, addr, server, err)
}
