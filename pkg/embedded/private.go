package embedded

import (
	"crypto/rand"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"go.uber.org/zap"
)

// passwordName is the file in a data directory that keeps the password of its server, so that clients with the URL of
// an earlier start connect again.
const passwordName = "password"

// passwordLen is the least length of a password that is taken from the file: that of rand.Text, which has 128 bits.
const passwordLen = 26

// keepPrivate shuts a data directory to other users, who could read it, and the server's password with it, where it was
// there before and open to them.
func keepPrivate(dir string, log *zap.Logger) {
	if log == nil {
		log = zap.NewNop()
	}
	info, err := os.Stat(dir)
	if err == nil && info.Mode().Perm()&0o077 != 0 {
		err = os.Chmod(dir, 0o700)
	}
	if err != nil {
		log.Warn("other users of this machine may be able to read and write the data", zap.String("dir", dir), zap.Error(err))
	}
}

// password gives the password that dir keeps, and makes one where there is none.
func password(dir string) (string, error) {
	path := filepath.Join(dir, passwordName)
	b, err := os.ReadFile(path)
	if text := strings.TrimSpace(string(b)); err == nil && len(text) >= passwordLen {
		return text, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%w: %w; change its permissions", ErrDir, err)
	}
	text := rand.Text()
	if err := os.WriteFile(path+".new", []byte(text+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("%w: %w; free some space or change the permissions", ErrDir, err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return "", fmt.Errorf("%w: %w", ErrDir, err)
	}
	return text, nil
}

// socketName is what the drivers of MongoDB know a socket by: the end .sock.
const socketName = "mongod.sock"

// maxSocketPath is what a socket's path may have in bytes: 104 on the BSDs and macOS, with a zero at the end (108 on Linux).
const maxSocketPath = 103

// socketPath is where the store of dir listens: in dir itself, which only its owner may enter, or in a directory of this user's
// own where that path is too long or has characters that drivers take for the end of a host. It is the same at each start.
func socketPath(dir string) (string, error) {
	if path := filepath.Join(dir, socketName); len(path) <= maxSocketPath && !strings.ContainsAny(path, ":,") {
		return path, nil
	}
	own := os.Getenv("XDG_RUNTIME_DIR") // for this user alone, by its specification
	if own == "" {
		own = filepath.Join(os.TempDir(), fmt.Sprintf("khabar-%d", os.Getuid()))
	}
	if err := os.Mkdir(own, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", fmt.Errorf("%w: directory for a socket: %w; name a data directory with a shorter path", ErrAddress, err)
	}
	if !isOwn(own) { // or its name was taken by somebody who waits for clients
		return "", fmt.Errorf("%w: %s is open to other users; name a data directory with a shorter path", ErrAddress, own)
	}
	h := fnv.New64a()
	h.Write([]byte(dir))
	return filepath.Join(own, fmt.Sprintf("%016x.sock", h.Sum64())), nil
}

// socketURI is the connection string of a store that listens on a socket.
func socketURI(path string) string {
	return "mongodb://" + strings.ReplaceAll(url.QueryEscape(path), "+", "%20") + "/"
}
