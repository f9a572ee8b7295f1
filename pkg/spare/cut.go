package spare

import (
	"fmt"
	"slices"
	"strings"

	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// maxOfAddress bounds the parts of one address that are looked at.
const maxOfAddress = 8

// cut is one part of an address, and the address without it.
type cut struct{ name, value, bare string }

// partsOf lists the parts of a canonical address that may be spare, at most maxOfAddress of them.
func partsOf(address string) []cut {
	path, query, _ := strings.Cut(address, "?")
	cuts := partsOfPath(path, query)
	if query == "" {
		return cuts
	}
	pairs := strings.Split(query, "&")
	for i, pair := range pairs[:min(len(pairs), maxOfAddress)] {
		name, value, _ := strings.Cut(pair, "=")
		if name == "" || len(cuts) >= maxOfAddress || isRepeated(pairs, name) {
			continue
		}
		rest := slices.Delete(slices.Clone(pairs), i, i+1)
		cuts = append(cuts, cut{"?" + name, value, join(path, strings.Join(rest, "&"))})
	}
	return cuts
}

func isRepeated(pairs []string, name string) bool {
	n := 0
	for _, p := range pairs {
		if p == name || strings.HasPrefix(p, name+"=") {
			n++
		}
	}
	return n > 1
}

func join(path, query string) string {
	if query == "" {
		return path
	}
	return path + "?" + query
}

// partsOfPath lists parameters within the path, segments that look like a session's, and those that choose a form of the page.
func partsOfPath(path, query string) (cuts []cut) {
	scheme, rest, ok := strings.Cut(path, "://")
	if !ok {
		return nil
	}
	segments := strings.Split(rest, "/") // the first is the host
	take := func(name, value string, segments []string) {
		if len(cuts) < maxOfAddress {
			cuts = append(cuts, cut{name, value, join(scheme+"://"+strings.Join(segments, "/"), query)})
		}
	}
	last := len(segments) - 1
	if last > 1 && segments[last] == "" {
		last-- // of a path that ends with a slash
	}
	for i := 1; i < len(segments); i++ {
		segment := segments[i]
		without := slices.Delete(slices.Clone(segments), i, i+1)
		switch own, parameter, found := strings.Cut(segment, ";"); {
		case found:
			name, value, _ := strings.Cut(parameter, "=")
			if !strings.Contains(value, ";") {
				without = slices.Clone(segments)
				without[i] = own
				take(";"+name, value, without)
			}
		case last > 1 && i != last && isSession(segment):
			take(fmt.Sprintf("/*%d", i), segment, without)
		case last > 1 && (i == 1 || i == last) && weburl.ChoosesForm(segment):
			take("/"+strings.ToLower(segment), segment, without)
		}
	}
	return cuts
}

// leastSession is the length from which on letters and digits in one make a session's id: eight bytes in hex. Articles' ids are
// shorter, or numbers.
const leastSession = 16

// isSession says whether a value looks like a session's id, be it in brackets as those of ASP.NET.
func isSession(value string) bool {
	value = strings.ToLower(value)
	if id, ok := strings.CutPrefix(value, "(s("); ok {
		value = strings.TrimRight(id, ")")
	}
	if len(value) < leastSession {
		return false
	}
	digits, letters := 0, 0
	for i := range len(value) {
		switch c := value[i]; {
		case '0' <= c && c <= '9':
			digits++
		case 'a' <= c && c <= 'z':
			letters++
		default:
			return false
		}
	}
	return digits >= 2 && letters >= 2
}
