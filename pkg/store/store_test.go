package store

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"
)

func TestOpenErrors(t *testing.T) {
	const secret = "s3cr-t"
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := closed.Addr().String()
	closed.Close()
	for _, tc := range []struct {
		uri, database string
		want          error
		says          string
	}{
		{"", "", ErrConfig, "no MongoDB URI"},
		{"localhost:27017", "", ErrConfig, "mongodb"},
		{"http://u:" + secret + "@db.example/", "", ErrConfig, "mongodb"},
		{"mongodb://", "", ErrConfig, ""},
		{"mongodb://u:" + secret + "@db.example:port/", "", ErrConfig, "port"},
		{"mongodb://u:" + secret + "/x@db.example/", "", ErrConfig, ""},
		{"mongodb://u:" + secret + "%zz@db.example/", "", ErrConfig, ""},
		{"mongodb://u:" + secret + "@db.example/?w=x&tls=maybe", "", ErrConfig, ""},
		{"mongodb://db.example/", "a b", ErrConfig, "a b"},
		{"mongodb://db.example/", strings.Repeat("x", 64), ErrConfig, "63"},
		{"mongodb://u:" + secret + "@" + nobody + "/", "", ErrUnreachable, nobody},
	} {
		start := time.Now()
		s, err := Open(t.Context(), Config{URI: tc.uri, Database: tc.database, ConnectTimeout: 50 * time.Millisecond}, nil)
		if err == nil {
			s.Close(context.Background())
		}
		if !errors.Is(err, tc.want) || !strings.Contains(err.Error(), tc.says) {
			t.Errorf("%q, %q: got %v; want %v saying %q", tc.uri, tc.database, err, tc.want, tc.says)
		}
		if err != nil && strings.Contains(err.Error(), secret) {
			t.Errorf("%q: the error shows the password: %v", tc.uri, err)
		}
		if time.Since(start) > 20*time.Second {
			t.Errorf("%q: Open is not bounded by its time-out", tc.uri)
		}
		t.Log(err)
	}
}

func TestOpenWrongPassword(t *testing.T) {
	uri := testServers[0].uri
	if strings.Contains(uri, "@") {
		t.Skip("the server's URI has a password of its own")
	}
	s, err := Open(t.Context(), Config{URI: strings.Replace(uri, "mongodb://", "mongodb://nobody:wr0ng@", 1), ConnectTimeout: 5 * time.Second}, nil)
	if err == nil {
		s.Close(context.Background())
		t.Skip("the server takes any password")
	}
	if !errors.Is(err, ErrUnauthorized) || strings.Contains(err.Error(), "wr0ng") {
		t.Fatal(err)
	}
	t.Log(err)
}

func TestCapabilities(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		s := db.open(t)
		c := s.caps
		t.Logf("%+v", c)
		if c.Version == "" || c.MaxDocument < 1<<20 {
			t.Error("the server did not say what it is")
		}
		if err := s.Ping(t.Context()); err != nil {
			t.Error(err)
		}
		if s.Database() != db.name {
			t.Error(s.Database())
		}
		db.open(t) // a second time on what is there
	})
}

func TestClosed(t *testing.T) {
	db := newDB(t, testServers[0].uri)
	s := db.open(t)
	for range 2 {
		if err := s.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Page(t.Context(), id(1)); !errors.Is(err, ErrClosed) {
		t.Fatal(err)
	}
}

func TestRedact(t *testing.T) {
	for uri, want := range map[string]string{
		"mongodb://db/":                       "mongodb://db/",
		"mongodb://u@db/":                     "mongodb://u@db/",
		"mongodb://u:p@db/":                   "mongodb://u:xxxxx@db/",
		"mongodb+srv://u:p@db/x?a=b":          "mongodb+srv://u:xxxxx@db/x?a=b",
		"mongodb://u:p@ss:w@db1:1,db2:2/":     "mongodb://u:xxxxx@db1:1,db2:2/",
		"u:p@db":                              "u:xxxxx@db",
		"":                                    "",
		"mongodb://u:p/q@db":                  "mongodb://u:xxxxx@db",
		"mongodb://db:27017/x?authSource=a@b": "mongodb://db:xxxxx@b",
	} {
		if got := Redact(uri); got != want {
			t.Errorf("%s: got %s, want %s", uri, got, want)
		}
	}
}

// FuzzRedact checks that no part of a URI, however broken, lets the password out.
func FuzzRedact(f *testing.F) {
	f.Add("mongodb://u:", "db/", "correct horse")
	f.Add("mongodb+srv://", "db:port/?x=y", "%41/battery%")
	f.Fuzz(func(t *testing.T, before, after, password string) {
		if len(password) < 8 || strings.Contains(before+after, password) {
			t.Skip("too short to be told from the rest")
		}
		uri := "mongodb://user:" + password + "@" + after
		if strings.Contains(Redact(uri), password) {
			t.Errorf("%q: %q", uri, Redact(uri))
		}
		_ = Redact(before + password + after)
		if _, _, err := clientOptions(Config{URI: uri}); err != nil {
			if got := redacted(err, uri).Error(); strings.Contains(got, password) {
				t.Errorf("%q: %s", uri, got)
			}
		}
	})
}
