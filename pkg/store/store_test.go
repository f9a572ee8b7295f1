package store

import (
	"context"
	"errors"
	"net"
	"net/url"
	"slices"
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
		{"mongodb+srv://u:" + secret + "@nobody.invalid/", "", ErrUnreachable, "nobody.invalid"}, // it may be there soon
		{"mongodb://db.example/", "a b", ErrConfig, "a b"},
		{"mongodb://db.example/", strings.Repeat("x", 64), ErrConfig, "63"},
		{"mongodb://u:" + secret + "@" + nobody + "/", "", ErrUnreachable, nobody},
	} {
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
		t.Log(err)
	}
}

// TestConnectTimeout: the URI's time-out bounds the choice of a server, then the one that is configured, then the default.
func TestConnectTimeout(t *testing.T) {
	const plain, said = "mongodb://db/", "mongodb://db/?serverSelectionTimeoutMS=7000"
	for _, c := range []struct {
		uri              string
		configured, want time.Duration
	}{
		{plain, 0, DefaultConnectTimeout}, {plain, 3 * time.Second, 3 * time.Second},
		{said, 0, 7 * time.Second}, {said, 3 * time.Second, 7 * time.Second},
	} {
		opts, _, err := clientOptions(Config{URI: c.uri, ConnectTimeout: c.configured})
		if err != nil {
			t.Fatal(err)
		}
		if got := opts.ServerSelectionTimeout; got == nil || *got != c.want {
			t.Errorf("%s, configured %v: %v, want %v", c.uri, c.configured, got, c.want)
		}
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
		"mongodb+srv://u:p@db/x?w=majority":   "mongodb+srv://u:xxxxx@db/x?w=majority",
		"mongodb://u:p@ss:w@db1:1,db2:2/":     "mongodb://u:xxxxx@db1:1,db2:2/",
		"u:p@db":                              "u:xxxxx@db",
		"":                                    "",
		"mongodb://u:p/q@db":                  "mongodb://u:xxxxx@db",
		"mongodb://db:27017/x?authSource=a@b": "mongodb://db:xxxxx@b",
		"mongodb://%2Ftmp%2Fmongod.sock/":     "mongodb://%2Ftmp%2Fmongod.sock/",

		"mongodb://db/?tls=true&tlsCertificateKeyFilePassword=p&replicaSet=rs0": "mongodb://db/?tls=true&tlsCertificateKeyFilePassword=xxxxx&replicaSet=rs0",
		"mongodb://k:s@db/?authMechanismProperties=AWS_SESSION_TOKEN:t,X:y":     "mongodb://k:xxxxx@db/?authMechanismProperties=xxxxx",
		"mongodb://db/?proxyHost=h;PROXYPASSWORD=p":                             "mongodb://db/?proxyHost=h;PROXYPASSWORD=xxxxx",
		"mongodb://db/?proxy%50assword=p&w=1":                                   "mongodb://db/?proxy%50assword=xxxxx&w=1",
		"mongodb://db/?proxyPassword=one&two=three&w=1":                         "mongodb://db/?proxyPassword=xxxxx&xxxxx&w=1",
		"mongodb://db/?proxyPassword=one&two&w=1":                               "mongodb://db/?proxyPassword=xxxxx&xxxxx&w=1",
		"mongodb://db:1/?proxyPassword=one@two":                                 "mongodb://db:xxxxx",
		"mongodb://u:p?q@db/?w=1":                                               "mongodb://u:xxxxx",
		"mongodb://db/?apiKey=p":                                                "mongodb://db/?xxxxx",
	} {
		if got := Redact(uri); got != want {
			t.Errorf("%s: got %s, want %s", uri, got, want)
		}
	}
}

// FuzzRedact checks that no part of a URI, however broken, lets a secret out, wherever it may stand in one and however it is
// written there: not when the URI is shown, nor in the error of who cannot read it.
func FuzzRedact(f *testing.F) {
	f.Add("db/", "correct horse")
	f.Add("db:port/?x=y", "%41/battery%")
	f.Add("db/?w=majority&tls=maybe", "sta&ple=\"quoted\"")
	f.Add("%zz/?timeoutMS=x", "one@two:three?four#five")
	f.Add("db/?authMechanism=MONGODB-AWS", "FwoGZXIvYXdzEBYaD:,;")
	f.Fuzz(func(t *testing.T, after, secret string) {
		option := "?"
		if strings.Contains(after, "?") {
			option = "&"
		}
		for _, written := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret)} {
			for _, uri := range []string{
				"mongodb://user:" + written + "@" + after,
				"mongodb://user:pass@" + after + option + "tlsCertificateKeyFilePassword=" + written,
				"mongodb://user:pass@" + after + option + "authMechanismProperties=AWS_SESSION_TOKEN:" + written,
				"mongodb://" + after + option + "proxyPassword=" + written + "&w=1",
				"mongodb://" + after + option + "ofTomorrow=" + written,
			} {
				shown := Redact(uri)
				_, _, err := clientOptions(Config{URI: uri})
				if err != nil {
					shown += "\n" + redacted(err, uri).Error()
				}
				for _, s := range []string{secret, written} {
					kinds := slices.Compact(slices.Sorted(slices.Values([]byte(s))))
					if len(s) < 8 || len(kinds) < 6 || strings.Contains("mongodb://user:"+after, s) {
						continue // it cannot be told from the rest
					}
					if strings.Contains(shown, s) {
						t.Errorf("%q: %q is told: %q", uri, s, shown)
					}
				}
			}
		}
	})
}
