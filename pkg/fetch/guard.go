package fetch

import (
	"context"
	"encoding/binary"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"
)

// guard decides which addresses and ports khabar may connect to. It stands at dial time, on the address that was
// resolved, so a redirect or a name that is rebound between two look-ups cannot get around it.
type guard struct {
	allowAll  bool
	allowed   []netip.Prefix
	notPublic []netip.Prefix
}

func newGuard(cfg Config) *guard {
	return &guard{allowAll: cfg.AllowPrivate, allowed: cfg.AllowPrefixes, notPublic: notPublic()}
}

// notPublic are the special-purpose blocks of IANA's IPv4 and IPv6 registries that are not globally reachable, or are
// but lead to no web site, and Azure's metadata address, which lies in public space.
// Outside of 2000::/3, IPv6 is refused as a whole, with NAT64 as the exception that public makes.
func notPublic() []netip.Prefix {
	return []netip.Prefix{
		netip.MustParsePrefix("0.0.0.0/8"),         // this network
		netip.MustParsePrefix("10.0.0.0/8"),        // private
		netip.MustParsePrefix("100.64.0.0/10"),     // carrier-grade NAT, and Alibaba's metadata
		netip.MustParsePrefix("127.0.0.0/8"),       // loopback
		netip.MustParsePrefix("168.63.129.16/32"),  // Azure's metadata and DNS
		netip.MustParsePrefix("169.254.0.0/16"),    // link-local, and the clouds' metadata
		netip.MustParsePrefix("172.16.0.0/12"),     // private
		netip.MustParsePrefix("192.0.0.0/24"),      // protocol assignments, and Oracle's metadata
		netip.MustParsePrefix("192.0.2.0/24"),      // documentation
		netip.MustParsePrefix("192.88.99.0/24"),    // 6to4 relays
		netip.MustParsePrefix("192.168.0.0/16"),    // private
		netip.MustParsePrefix("198.18.0.0/15"),     // benchmarks
		netip.MustParsePrefix("198.51.100.0/24"),   // documentation
		netip.MustParsePrefix("203.0.113.0/24"),    // documentation
		netip.MustParsePrefix("224.0.0.0/4"),       // multicast
		netip.MustParsePrefix("240.0.0.0/4"),       // reserved, and broadcast
		netip.MustParsePrefix("2001::/23"),         // protocol assignments: Teredo, ORCHID, benchmarks
		netip.MustParsePrefix("2001:db8::/32"),     // documentation
		netip.MustParsePrefix("3fff::/20"),         // documentation
		netip.MustParsePrefix("2620:4f:8000::/48"), // AS112 sink
	}
}

// public says whether an address is globally reachable unicast. Addresses that carry an IPv4 address (mapped,
// NAT64, 6to4) are as public as that one.
func (g *guard) public(a netip.Addr) bool {
	a = a.WithZone("").Unmap()
	if a.Is6() {
		b := a.As16()
		switch {
		case binary.BigEndian.Uint64(b[:8]) == 0x0064_ff9b_0000_0000 && binary.BigEndian.Uint32(b[8:12]) == 0: // 64:ff9b::/96, NAT64
			return g.public(netip.AddrFrom4([4]byte(b[12:16])))
		case b[0] == 0x20 && b[1] == 0x02: // 2002::/16, 6to4
			return g.public(netip.AddrFrom4([4]byte(b[2:6])))
		case b[0]&0xe0 != 0x20: // outside of 2000::/3
			return false
		}
	}
	for _, p := range g.notPublic {
		if p.Contains(a) {
			return false
		}
	}
	return a.IsValid()
}

// addr refuses an address that is not public.
func (g *guard) addr(a netip.Addr) error {
	if g.allowAll || g.public(a) {
		return nil
	}
	return fmt.Errorf("%w: %s is not a public address", ErrRefused, a)
}

func (g *guard) isAllowed(a netip.Addr) bool {
	a = a.WithZone("").Unmap()
	for _, p := range g.allowed {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// port refuses the ports below 1024 where something other than the web is expected (mail, SSH, DNS …): a crawler that
// can be led there by a link is a tool against others. 80 and 443 aside, web sites on odd ports use higher ones.
func (g *guard) port(port string) error {
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 {
		return fmt.Errorf("%w: port %q", ErrRefused, port)
	}
	if g.allowAll || n == 80 || n == 443 || n >= 1024 {
		return nil
	}
	return fmt.Errorf("%w: port %d does not belong to the web", ErrRefused, n)
}

// target refuses a URL by what can be seen without resolving its name: the port, a literal address, localhost. Behind a
// proxy this is all that khabar can check.
func (g *guard) target(u *url.URL) error {
	host := strings.TrimSuffix(u.Hostname(), ".")
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		host = "127.0.0.1"
	}
	if a, err := netip.ParseAddr(host); err == nil {
		if g.isAllowed(a) {
			return nil
		}
		if err := g.addr(a); err != nil {
			return err
		}
	}
	if port := u.Port(); port != "" {
		return g.port(port)
	}
	return nil
}

// control is a net.Dialer's ControlContext: it sees each address that is about to be connected to.
func (g *guard) control(_ context.Context, _, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %q is not an address and port", ErrRefused, address)
	}
	if g.isAllowed(ap.Addr()) {
		return nil
	}
	if err := g.addr(ap.Addr()); err != nil {
		return err
	}
	return g.port(strconv.Itoa(int(ap.Port())))
}
