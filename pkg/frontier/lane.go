package frontier

import (
	"errors"
	"fmt"
	"hash/fnv"
	"strings"
)

// maxLane bounds a lane's name in bytes: a host name has at most 253, a port and a lane number follow.
const maxLane = 300

const upperHex = "0123456789ABCDEF"

// encodeLane turns a lane into one subject token that is also a legal key of a KV bucket. Letters, digits, '-' and '/'
// stand for themselves, '.' becomes '_' so that hosts stay readable, and any other byte becomes '=' and two hex digits.
// decodeLane is its exact inverse.
func encodeLane(lane string) (string, error) {
	if lane == "" || len(lane) > maxLane {
		return "", fmt.Errorf("lane of %d bytes: want 1 to %d", len(lane), maxLane)
	}
	var b strings.Builder
	b.Grow(len(lane))
	for i := range len(lane) {
		switch c := lane[i]; {
		case plainLaneByte(c):
			b.WriteByte(c)
		case c == '.':
			b.WriteByte('_')
		default:
			b.WriteByte('=')
			b.WriteByte(upperHex[c>>4])
			b.WriteByte(upperHex[c&15])
		}
	}
	return b.String(), nil
}

var errLaneKey = errors.New("not a lane key")

// decodeLane returns the lane that encodeLane encoded as key, and an error for anything that encodeLane does not produce.
func decodeLane(key string) (string, error) {
	if len(key) > 3*maxLane {
		return "", errLaneKey
	}
	var b strings.Builder
	b.Grow(len(key))
	for i := 0; i < len(key); i++ {
		switch c := key[i]; {
		case plainLaneByte(c):
			b.WriteByte(c)
		case c == '_':
			b.WriteByte('.')
		case c == '=' && i+2 < len(key):
			hi, lo := strings.IndexByte(upperHex, key[i+1]), strings.IndexByte(upperHex, key[i+2])
			if hi < 0 || lo < 0 {
				return "", errLaneKey
			}
			v := byte(hi<<4 | lo)
			if plainLaneByte(v) || v == '.' {
				return "", errLaneKey
			}
			b.WriteByte(v)
			i += 2
		default:
			return "", errLaneKey
		}
	}
	if b.Len() == 0 || b.Len() > maxLane {
		return "", errLaneKey
	}
	return b.String(), nil
}

func plainLaneByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '/'
}

// shardOf chooses the shard of a lane key by FNV-1a, which is stable over versions and machines.
func shardOf(key string, shards int) int {
	h := fnv.New32a()
	h.Write([]byte(key))
	return int(h.Sum32() % uint32(shards))
}
