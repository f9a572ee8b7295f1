package store

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/auth"
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
	// ErrServer: the server answers, but does not do it, and for no fault of the document's: its disk is full, it shuts
	// down, its primary changes, an index that an operator made is in the way, or it says what is not known here. Doing
	// it again later is harmless.
	ErrServer = errors.New("server failed")
	// ErrConflict: somebody else changed the document meanwhile; read it again.
	ErrConflict = errors.New("changed meanwhile")
	// ErrRefused: the server will not store this document for what it is: larger than 16 MB, or against the validator.
	// Trying again does not help until the document, khabar or the schema is another one.
	ErrRefused = errors.New("document refused")
	// ErrUnreadable: what is stored is not what it should be (UnreadableError says what). Somebody has to mend it.
	ErrUnreadable = errors.New("document unreadable")
	// ErrNewer: a newer version of khabar wrote the document, or the schema; this one leaves it alone.
	ErrNewer = errors.New("of a newer khabar")
	// ErrClosed: the store or the committer was closed.
	ErrClosed = errors.New("closed")
)

// maxErrorText bounds what an error of the server's says, in bytes: a validator's quotes the document, which may have
// megabytes, and the text goes to the log and to records. Code, message and the first field at fault come within it.
const maxErrorText = 1 << 10

// told is an error of the server's as it is passed on: of a kind, and with a text that may be logged and stored.
type told struct {
	kind error
	text string
	err  error
}

func (e *told) Error() string   { return fmt.Sprintf("%v: %s", e.kind, e.text) }
func (e *told) Unwrap() []error { return []error{e.kind, e.err} }

// tell makes err one of a kind, with its codes and what can be done.
func tell(kind, err error) error {
	text := err.Error()
	c := mainCode(err, kind)
	if c.code != 0 {
		text = strings.TrimSuffix(fmt.Sprintf("code %d %s", c.code, c.name), " ") + ": " + text
	}
	text = shown(text, maxErrorText)
	if c.advice != "" {
		text = c.advice + ": " + text
	}
	return &told{kind, text, err}
}

// mainCode is the code in err that makes it one of a kind: of several, one that does not blame a document for what is the
// server's.
func mainCode(err, kind error) serverCode {
	var se mongo.ServerError
	if !errors.As(err, &se) {
		return serverCode{}
	}
	codes := se.ErrorCodes()
	i := slices.IndexFunc(codes, func(code int) bool { return (codeOf(code).fault == faultDocument) == (kind == ErrRefused) })
	if i < 0 {
		return serverCode{}
	}
	return codeOf(codes[i])
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
	return fmt.Errorf("%s: %w", op, tell(kind, err))
}

// classify is the sentinel that err belongs under, or nil.
func classify(err error) error {
	for _, kind := range []error{ErrNotFound, ErrUnreachable, ErrUnauthorized, ErrConfig, ErrServer, ErrConflict, ErrRefused, ErrClosed} {
		if errors.Is(err, kind) {
			return kind
		}
	}
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
	case errors.Is(err, context.Canceled):
		return nil
	case isServerFailure(err):
		return ErrServer
	case mongo.IsTimeout(err):
		return ErrUnreachable
	case errors.As(err, &server):
		return ErrServer
	}
	return nil
}

// isServerFailure is true where the server cannot at the moment, whatever the documents are: the driver marks what may
// be tried again, and the rest is known by its code.
func isServerFailure(err error) bool {
	var labeled mongo.LabeledError
	if errors.As(err, &labeled) && (labeled.HasErrorLabel("RetryableWriteError") || labeled.HasErrorLabel("SystemOverloadedError")) {
		return true
	}
	return hasFault(err, faultServer) || isSQLiteFailure(err)
}

// isAuth is true where the server refuses the user, at the handshake or later. What an error says is not looked at: it may
// quote a document.
func isAuth(err error) bool {
	var selection topology.ServerSelectionError
	if errors.As(err, &selection) {
		for _, server := range selection.Desc.Servers {
			if isAuthHandshake(server.LastError) || isCertificate(server.LastError) {
				return true
			}
		}
	}
	return isAuthHandshake(err) || isCertificate(err) || hasFault(err, faultAccess) || isAtlasAuth(err)
}

// isAuthHandshake is true where a connection could not be had because of who asks for it: the server answered the
// authentication with no, rather than that it shuts down, or not at all.
func isAuthHandshake(err error) bool {
	var handshake *auth.Error
	if !errors.As(err, &handshake) || mongo.IsTimeout(err) || isCanceled(err) {
		return false
	}
	var answer driver.Error
	if !errors.As(handshake.Unwrap(), &answer) {
		var connection topology.ConnectionError
		return !errors.As(handshake.Unwrap(), &connection) // the client finds fault with what the server said
	}
	if answer.NetworkError() || codeOf(int(answer.Code)).fault == faultServer {
		return false
	}
	return handshake.Message() != greeting || codeOf(int(answer.Code)).fault == faultAccess
}

// isCertificate is true where one side finds fault with the other's certificate, or with the lack of one.
func isCertificate(err error) bool {
	var op *net.OpError
	return errors.As(err, new(*tls.CertificateVerificationError)) || errors.As(err, &op) && op.Op == "remote error" // an alert, as crypto/tls has it
}

// greeting is the message of auth.Error where the failure is that of the first hello, before any authentication.
const greeting = "handshake failure"

// isAtlasAuth is true for what Atlas's proxy answers a command of a user who may not do it: it has one code for many
// things, and only its text tells them apart. A command's error quotes no document.
func isAtlasAuth(err error) bool {
	var ce mongo.CommandError
	return errors.As(err, &ce) && ce.HasErrorCodeWithMessage(codeAtlasError, "not allowed to do action")
}

// isBroken is true where err says nothing about the documents: the connection, the server or the caller's context
// ended. Asking again at once would not help.
func isBroken(err error) bool {
	if isServerFailure(err) || mongo.IsTimeout(err) || isCanceled(err) {
		return true
	}
	kind := classify(err)
	return kind == ErrUnreachable || kind == ErrClosed || kind == ErrUnauthorized
}

// judged is what an error about one document means for it: that it is refused (ErrRefused), or that it waits for the
// server (ErrServer). That a document of its _id is there already is neither, and passed on as it is.
func judged(err error) error {
	switch {
	case err == nil, isDuplicateID(err):
		return err
	case mongo.IsDuplicateKeyError(err):
		return &told{ErrServer, fmt.Sprintf("a unique index on %s is none of khabar's and takes two articles or pages for one: drop it: %s",
			keyOf(err), shown(err.Error(), maxErrorText)), err}
	case hasFault(err, faultDocument), errors.Is(err, driver.ErrDocumentTooLarge), errors.As(err, new(mongo.MarshalError)):
		return tell(ErrRefused, err)
	}
	return tell(ErrServer, err)
}

// judgedAlone is judged of a document that was written without others, where the error may also be the connection's.
func judgedAlone(err error) error {
	if err == nil || isBroken(err) {
		return err
	}
	return judged(err)
}

// isDuplicateID is true where a document with the same _id is there. Another unique index, which only an operator can
// have made, says so by its keyPattern; servers that do not tell it have no other.
func isDuplicateID(err error) bool {
	if !mongo.IsDuplicateKeyError(err) {
		return false
	}
	key := keyOf(err)
	return key == "" || key == "_id"
}

// keyOf names the fields of the unique index that a duplicate key is about, or is empty.
func keyOf(err error) string {
	var raw bson.Raw
	var bulk mongo.BulkWriteError
	var write mongo.WriteException
	var command mongo.CommandError
	switch {
	case errors.As(err, &bulk):
		raw = bulk.Raw
	case errors.As(err, &write) && len(write.WriteErrors) > 0:
		raw = write.WriteErrors[0].Raw
	case errors.As(err, &command):
		raw = command.Raw
	}
	pattern, _ := raw.Lookup("keyPattern").DocumentOK()
	elements, _ := pattern.Elements()
	names := make([]string, len(elements))
	for i, e := range elements {
		names[i] = e.Key()
	}
	return strings.Join(names, ", ")
}
