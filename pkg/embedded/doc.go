// Package embedded runs khabar's two servers inside the process: nats-server with JetStream, and FerretDB, which
// speaks MongoDB's wire protocol over SQLite. It serves one machine and the tests; production points khabar at
// servers of its own.
//
// Invariants: a directory is used by one process at a time (an advisory lock on the file khabar.lock in it, which
// the operating system frees when the process ends, however it ends); only the user who runs them gets at the servers and
// their files: nats-server listens on loopback and asks for a password, which the file password in its directory keeps;
// FerretDB, which has no passwords when it is embedded, listens on a Unix socket (but on Windows); directories are 0700;
// nothing is sent anywhere (FerretDB's telemetry is off); neither installs signal handlers or flags or writes to a
// global log.
//
// Failure modes: a start fails with an error that wraps ErrInUse, ErrAddress, ErrDir or ErrCorrupt and says what,
// where and what to do; nothing stays running then. After a start, a failing disk shows as errors of the clients'
// own calls. When a full disk has room again both servers go on by themselves: SQLite as it is, and nats-server, which
// would refuse messages until it is started again, because its JetStream is restarted in place. SQLite runs in WAL mode
// with synchronous=NORMAL and JetStream syncs every two minutes: a killed process loses nothing, a power cut may lose
// the last seconds but corrupts nothing, and the crawl repeats them.
//
// What Stop cannot end: nothing is known to stay; the tests check it with goleak.
package embedded

import "errors"

// The kinds of failure of a start. The error that wraps them says which directory or address, and what to do.
var (
	// ErrInUse: another process has locked the directory.
	ErrInUse = errors.New("directory in use")
	// ErrAddress: the address cannot be listened on: malformed, not loopback, or taken.
	ErrAddress = errors.New("cannot listen")
	// ErrDir: the directory cannot be made or written.
	ErrDir = errors.New("directory not usable")
	// ErrCorrupt: what the directory holds cannot be read back.
	ErrCorrupt = errors.New("data damaged")
)
