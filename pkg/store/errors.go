package store

import (
	"errors"
	"fmt"
	"strings"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/topology"
)

// The errors that callers tell apart. They come wrapped with the operation and what it was done to.
var (
	// ErrNotFound: there is no such document.
	ErrNotFound = errors.New("not found")
	// ErrUnreachable: the server does not answer, or the connection broke. What was written is not known; doing it
	// again is harmless.
	ErrUnreachable = errors.New("server unreachable")
	// ErrUnauthorized: the server refuses the user name and password, or the user may not do this.
	ErrUnauthorized = errors.New("access refused")
	// ErrConfig: the URI or the database's name cannot be used.
	ErrConfig = errors.New("bad configuration")
	// ErrServer: the server answers, but cannot do it now: its disk is full, it shuts down, its primary changes. Doing
	// it again later is harmless.
	ErrServer = errors.New("server failed")
	// ErrConflict: somebody else changed the document meanwhile; read it again.
	ErrConflict = errors.New("changed meanwhile")
	// ErrRefused: the server will not store this document: larger than 16 MB, or against the validator. Trying again
	// does not help.
	ErrRefused = errors.New("document refused")
	// ErrUnreadable: what is stored is not what it should be (UnreadableError says what). Somebody has to mend it.
	ErrUnreadable = errors.New("document unreadable")
	// ErrNewer: a newer version of khabar wrote the document, or the schema; this one leaves it alone.
	ErrNewer = errors.New("of a newer khabar")
	// ErrClosed: the store or the committer was closed.
	ErrClosed = errors.New("closed")
)

// The server's codes that are told apart: https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml.
const (
	codeUnauthorized          = 13
	codeAuthenticationFailed  = 18
	codeNamespaceExists       = 48
	codeCommandNotFound       = 59
	codeIndexOptionsConflict  = 85
	codeIndexKeySpecsConflict = 86
	codeAtlasAuth             = 8000
	codeDuplicateKey          = 11000
)

// isServerFailure is true where the server could not do what it was asked for reasons that are its own: the driver marks
// what may be tried again, and the rest is known by its code. SQLite's reasons come as FerretDB's internal error.
func isServerFailure(err error) bool {
	var se mongo.ServerError
	if !errors.As(err, &se) {
		return false
	}
	if se.HasErrorLabel("RetryableWriteError") || se.HasErrorLabel("SystemOverloadedError") {
		return true
	}
	for _, code := range []int{
		6,     // HostUnreachable
		7,     // HostNotFound
		24,    // LockTimeout
		50,    // MaxTimeMSExpired
		64,    // WriteConcernFailed
		89,    // NetworkTimeout
		91,    // ShutdownInProgress
		112,   // WriteConflict
		189,   // PrimarySteppedDown
		262,   // ExceededTimeLimit
		9001,  // SocketException
		10107, // NotWritablePrimary
		11600, // InterruptedAtShutdown
		11601, // Interrupted
		11602, // InterruptedDueToReplStateChange
		13388, // StaleConfig
		13435, // NotPrimaryNoSecondaryOk
		13436, // NotPrimaryOrSecondary
		14031, // OutOfDiskSpace
	} {
		if se.HasErrorCode(code) {
			return true
		}
	}
	for _, reason := range []string{"disk is full", "disk I/O error", "readonly database", "database is locked", "unable to open database"} {
		if se.HasErrorMessage(reason) {
			return true
		}
	}
	return false
}

// wrap adds the operation and the kind of failure.
func wrap(op string, err error) error {
	if err == nil {
		return nil
	}
	kind := classify(err)
	if kind == nil || errors.Is(err, kind) {
		return fmt.Errorf("%s: %w", op, err)
	}
	return fmt.Errorf("%s: %w: %w", op, kind, err)
}

// classify is the sentinel that err belongs under, or nil.
func classify(err error) error {
	var server mongo.ServerError
	var selection topology.ServerSelectionError
	switch {
	case errors.Is(err, mongo.ErrNoDocuments):
		return ErrNotFound
	case errors.Is(err, mongo.ErrClientDisconnected):
		return ErrClosed
	case isAuth(err):
		return ErrUnauthorized
	case errors.As(err, &selection), mongo.IsNetworkError(err):
		return ErrUnreachable
	case isServerFailure(err):
		return ErrServer
	case errors.As(err, &server):
		return nil
	case mongo.IsTimeout(err):
		return ErrUnreachable
	}
	return nil
}

func isAuth(err error) bool {
	var server mongo.ServerError
	if errors.As(err, &server) {
		for _, c := range []int{codeUnauthorized, codeAuthenticationFailed, codeAtlasAuth} {
			if server.HasErrorCode(c) {
				return true
			}
		}
	}
	// The handshake's failure comes as text inside a server selection error.
	return strings.Contains(err.Error(), "auth error") || strings.Contains(err.Error(), "AuthenticationFailed")
}

// isBroken is true where err says nothing about the documents: the connection, the server or the caller's context
// ended. Asking again at once would not help.
func isBroken(err error) bool {
	kind := classify(err)
	return kind == ErrUnreachable || kind == ErrServer || kind == ErrClosed || kind == ErrUnauthorized || mongo.IsTimeout(err) || isCanceled(err)
}
