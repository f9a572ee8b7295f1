package weburl

import "strings"

const upperHex = "0123456789ABCDEF"

// normalPath encodes a path one way, drops session ids and removes dot segments (RFC 3986 section 5.2.4). It always
// begins with a slash.
func normalPath(raw string) string {
	var b strings.Builder
	b.Grow(len(raw) + 1)
	if raw == "" || !isSlash(raw[0]) {
		b.WriteByte('/')
	}
	writeEncoded(&b, strings.ReplaceAll(raw, `\`, "/"), "/")
	return removeDots(dropSessionID(b.String()))
}

// writeEncoded writes s with one percent-encoding: escapes of unreserved characters decoded, other escapes in upper
// case, and whatever may not stand bare (RFC 3986's pchar plus extra) encoded byte by byte, so that a raw Arabic path and
// an encoded one are the same. A percent sign that begins no escape is one that should have been encoded.
func writeEncoded(b *strings.Builder, s, extra string) {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]) {
			c = unhex(s[i+1])<<4 | unhex(s[i+2])
			i += 2
			if isUnreserved(c) {
				b.WriteByte(c)
				continue
			}
		} else if isUnreserved(c) || strings.IndexByte("!$&'()*+,;=:@", c) >= 0 || strings.IndexByte(extra, c) >= 0 {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(upperHex[c>>4])
		b.WriteByte(upperHex[c&15])
	}
}

// removeDots takes "." and ".." segments out of an absolute path. Empty segments stay: servers tell them apart.
func removeDots(path string) string {
	if !strings.Contains(path, "/.") {
		return path
	}
	var kept []string
	segments := strings.Split(path[1:], "/")
	for i, s := range segments {
		last := i == len(segments)-1
		switch s {
		case "..":
			if len(kept) > 0 {
				kept = kept[:len(kept)-1]
			}
		case ".":
		default:
			kept = append(kept, s)
			continue
		}
		if last { // "/a/." and "/a/b/.." name the folder
			kept = append(kept, "")
		}
	}
	return "/" + strings.Join(kept, "/")
}

// dropSessionID cuts ";jsessionid=…" out of a path: servlet containers write it into every link for a visitor without
// cookies, which gives each page a new URL on each visit.
func dropSessionID(path string) string {
	const param = ";jsessionid="
	for i := strings.IndexByte(path, ';'); i >= 0; {
		if len(path)-i >= len(param) && strings.EqualFold(path[i:i+len(param)], param) {
			end := strings.IndexAny(path[i+1:], ";/")
			if end < 0 {
				return path[:i]
			}
			path = path[:i] + path[i+1+end:]
		} else {
			i++
		}
		next := strings.IndexByte(path[i:], ';')
		if next < 0 {
			break
		}
		i += next
	}
	return path
}

// writeQuery writes "?" and the parameters that are kept, in their order; nothing where none is.
func writeQuery(b *strings.Builder, raw string) {
	sep := byte('?')
	for piece := range strings.SplitSeq(raw, "&") {
		if piece == "" {
			continue
		}
		var p strings.Builder
		p.Grow(len(piece))
		writeEncoded(&p, piece, "/?")
		if key, _, _ := strings.Cut(p.String(), "="); isTracking(key) {
			continue
		}
		b.WriteByte(sep)
		b.WriteString(p.String())
		sep = '&'
	}
}

func isUnreserved(c byte) bool {
	return isAlpha(c) || isDigit(c) || c == '-' || c == '.' || c == '_' || c == '~'
}

func isHex(c byte) bool { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' }

func unhex(c byte) byte {
	if isDigit(c) {
		return c - '0'
	}
	return c | 0x20 - 'a' + 10
}
