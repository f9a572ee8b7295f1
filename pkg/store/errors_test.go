package store

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver"
)

// TestClassify is about errors as the driver makes them.
func TestClassify(t *testing.T) {
	op := func(code int, message string) mongo.BulkWriteError {
		return mongo.BulkWriteError{WriteError: mongo.WriteError{Code: code, Message: message}}
	}
	for _, c := range []struct {
		about string
		err   error
		kind  error
	}{
		{"a title in a document's error", op(99999, `{title: "auth error: AuthenticationFailed, says the bank"}`), ErrServer},
		{"a URL in a command's error", mongo.CommandError{Code: 1, Message: "http://news.example/auth error/AuthenticationFailed"}, ErrServer},
		{"nothing of the server's", errors.New("auth error"), nil},
		{"over quota", mongo.CommandError{Code: 8000, Name: "AtlasError", Message: "you are over your space quota"}, ErrServer},
		{"not allowed", mongo.CommandError{Code: 13, Name: "Unauthorized"}, ErrUnauthorized},
		{"a label", mongo.CommandError{Code: 99999, Labels: []string{"RetryableWriteError"}}, ErrServer},
		{"overload", mongo.CommandError{Code: 462, Labels: []string{"SystemOverloadedError"}}, ErrServer},
		{"network", mongo.CommandError{Labels: []string{"NetworkError"}}, ErrUnreachable},
		{"write concern", mongo.BulkWriteException{WriteConcernError: &mongo.WriteConcernError{Code: 100}}, ErrServer},
		{"time-out", context.DeadlineExceeded, ErrUnreachable},
		{"canceled", context.Canceled, nil},
		{"nothing found", mongo.ErrNoDocuments, ErrNotFound},
		{"closed", mongo.ErrClientDisconnected, ErrClosed},
		{"told before", fmt.Errorf("again: %w", tell(ErrRefused, op(121, "no"))), ErrRefused},
	} {
		if got := classify(c.err); got != c.kind {
			t.Errorf("%s: %v, want %v", c.about, got, c.kind)
		}
	}
}

// TestJudged is about what an error means for one document.
func TestJudged(t *testing.T) {
	raw := func(d bson.D) bson.Raw { b, _ := bson.Marshal(d); return b }
	duplicate := func(key string) error {
		return mongo.BulkWriteError{WriteError: mongo.WriteError{Code: 11000, Raw: raw(bson.D{{Key: "keyPattern", Value: bson.D{{Key: key, Value: 1}}}})}}
	}
	for _, c := range []struct {
		about string
		err   error
		kind  error // nil: passed on as it is
	}{
		{"there already", mongo.WriteError{Code: 11000, Message: "E11000 duplicate key error collection: khabar.pages"}, nil},
		{"there already, as MongoDB says it", duplicate("_id"), nil},
		{"another unique index", duplicate("url"), ErrServer},
		{"against the validator", mongo.WriteError{Code: 121}, ErrRefused},
		{"of a command", mongo.CommandError{Code: 10334, Name: "BSONObjectTooLarge"}, ErrRefused},
		{"too large to be sent", driver.ErrDocumentTooLarge, ErrRefused},
		{"cannot be encoded", mongo.MarshalError{Err: errors.New("no encoder")}, ErrRefused},
		{"of the driver's", driver.ErrUnsupportedStorageEngine, ErrServer},
		{"FerretDB's own", mongo.CommandError{Code: 1, Name: "InternalError", Message: "sqlite: constraint failed"}, ErrServer},
		{"no code", mongo.CommandError{Message: "command failed"}, ErrServer},
		{"what is this?", errors.New("what is this?"), ErrServer},
	} {
		got := judged(c.err)
		if c.kind == nil && errors.As(got, new(*told)) || c.kind != nil && !errors.Is(got, c.kind) || errors.Is(got, ErrRefused) != (c.kind == ErrRefused) {
			t.Errorf("%s: %v, want %v", c.about, got, c.kind)
		}
	}
}

// TestServerFailure is about what fails a bulk as a whole, without a search for the guilty one.
func TestServerFailure(t *testing.T) {
	for code, want := range map[int]bool{121: false, 10334: false, 2: false, 11000: false, 17262: false, 8000: false, 99999: false, 189: true, 10107: true, 14031: true} {
		if got := isServerFailure(mongo.WriteError{Code: code}); got != want {
			t.Errorf("code %d: %v", code, got)
		}
	}
	if !isServerFailure(mongo.CommandError{Code: 1, Message: "database or disk is full (13)"}) {
		t.Error("a full disk under SQLite")
	}
}
