package cluster

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"

	"github.com/khabar-crawler/khabar/cmd/internal/proctest"
	"github.com/khabar-crawler/khabar/pkg/demosite"
)

// access is one way in which a server wants to know who comes, with settings that satisfy it and settings that do not.
type access struct {
	right   []string
	wrong   map[string][]string // by what is wrong
	says    map[string]string   // what the refusal says
	secrets []string            // which nobody may be told
}

// tried starts a scheduler on the server: it runs with the right settings, ends at once with the wrong ones, and tells no secret.
func (f *fleet) tried(t *testing.T, a access) {
	t.Helper()
	discreet := func(p *proctest.Process) {
		t.Helper()
		for _, s := range a.secrets {
			if strings.Contains(p.Log(), s) {
				t.Errorf("tells the secret %q:\n%s", s, p.Log())
			}
		}
	}
	addr := "127.0.0.1:" + proctest.FreePort(t)
	p := proctest.Start(t, append(append(f.env[:len(f.env):len(f.env)], a.right...), "KHABAR_HEALTH_ADDR="+addr), bin.Path("scheduler"))
	p.Await(t, `"scheduler runs"`)
	if code, log := f.health("scheduler", addr); code != 0 {
		t.Errorf("health: status %d, %s", code, log)
	}
	shown, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", p.ID())) // as every user sees it
	if err == nil {
		for _, s := range a.secrets {
			if strings.Contains(string(shown), s) {
				t.Errorf("the process list tells the secret %q: %q", s, shown)
			}
		}
	}
	stops(t, p)
	discreet(p)
	for what, settings := range a.wrong {
		p := proctest.Run(t, append(f.env[:len(f.env):len(f.env)], settings...), bin.Path("scheduler"))
		if code := p.Exit(t); code != 1 || !strings.Contains(p.Log(), a.says[what]) {
			t.Errorf("%s: status %d, and not %q:\n%s", what, code, a.says[what], p.Log())
		}
		discreet(p)
	}
}

// file writes a file that only its owner may read.
func file(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err) // keys from the system's random numbers
	}
	return v
}

// seed is the secret of a key pair.
func seed(k nkeys.KeyPair) string { return string(must(k.Seed())) }

// TestNATSAccess: each way in which a NATS server can want to know its clients.
func TestNATSAccess(t *testing.T) {
	f := newFleet(t, demosite.Config{Sites: 1, PerSection: 1})
	refused := "Authorization Violation"

	t.Run("user", func(t *testing.T) {
		n := bin.StartOwnNATS(t, "-c", file(t, "nats.conf", `jetstream: {}, authorization: {user: khabar, password: "pa$$word 100%/"}`))
		at := strings.TrimPrefix(n.URL, "nats://")
		f.tried(t, access{
			right: []string{"KHABAR_NATS_URL=", "KHABAR_NATS_URL_FILE=" + file(t, "url", "nats://khabar:pa$$word%20100%25%2F@"+at+"\n")},
			wrong: map[string][]string{
				"another password": {"KHABAR_NATS_URL=nats://khabar:pa$$word@" + at},
				"no escapes":       {"KHABAR_NATS_URL=nats://khabar:pa$$word 100%/@" + at},
			},
			says:    map[string]string{"another password": refused, "no escapes": "%25"},
			secrets: []string{"pa$$word", "100%"},
		})
	})
	t.Run("token", func(t *testing.T) {
		n := bin.StartOwnNATS(t, "-c", file(t, "nats.conf", `jetstream: {}, authorization: {token: "secrettoken"}`))
		at := strings.TrimPrefix(n.URL, "nats://")
		f.tried(t, access{
			right:   []string{"KHABAR_NATS_URL=nats://secrettoken@" + at},
			wrong:   map[string][]string{"another token": {"KHABAR_NATS_URL=nats://secret@" + at}},
			says:    map[string]string{"another token": refused},
			secrets: []string{"secret"},
		})
	})
	t.Run("nkey", func(t *testing.T) {
		user, other := must(nkeys.CreateUser()), must(nkeys.CreateUser())
		n := bin.StartOwnNATS(t, "-c", file(t, "nats.conf", fmt.Sprintf(`jetstream: {}, authorization: {users: [{nkey: %s}]}`, must(user.PublicKey()))))
		url := "KHABAR_NATS_URL=" + n.URL
		f.tried(t, access{
			right: []string{url, "KHABAR_NATS_NKEY_FILE=" + file(t, "user.nk", seed(user)+"\n")},
			wrong: map[string][]string{
				"another key":    {url, "KHABAR_NATS_NKEY_FILE=" + file(t, "other.nk", seed(other)+"\n")},
				"no key":         {url},
				"no file":        {url, "KHABAR_NATS_NKEY_FILE=/nowhere/user.nk"},
				"no seed inside": {url, "KHABAR_NATS_NKEY_FILE=" + file(t, "bad.nk", "SUANOTASEEDATALL\n")},
			},
			says:    map[string]string{"another key": refused, "no key": refused, "no file": "/nowhere/user.nk", "no seed inside": "bad.nk"},
			secrets: []string{seed(user), seed(other), "SUANOTASEEDATALL"},
		})
	})
	t.Run("credentials", func(t *testing.T) {
		operator, system, account, user := must(nkeys.CreateOperator()), must(nkeys.CreateAccount()), must(nkeys.CreateAccount()), must(nkeys.CreateUser())
		id := func(k nkeys.KeyPair) string { return must(k.PublicKey()) }
		oc, sc, ac, uc := jwt.NewOperatorClaims(id(operator)), jwt.NewAccountClaims(id(system)), jwt.NewAccountClaims(id(account)), jwt.NewUserClaims(id(user))
		oc.SystemAccount = id(system)
		ac.Limits.JetStreamLimits = jwt.JetStreamLimits{MemoryStorage: -1, DiskStorage: -1, Streams: -1, Consumer: -1}
		n := bin.StartOwnNATS(t, "-c", file(t, "nats.conf", fmt.Sprintf(
			"jetstream: {}\noperator: %s\nresolver: MEMORY\nresolver_preload: {%s: %s, %s: %s}\n",
			must(oc.Encode(operator)), id(system), must(sc.Encode(operator)), id(account), must(ac.Encode(operator)))))
		url := "KHABAR_NATS_URL=" + n.URL
		creds := func(account, user nkeys.KeyPair) string {
			return file(t, "khabar.creds", string(must(jwt.FormatUserConfig(must(uc.Encode(account)), []byte(seed(user))))))
		}
		f.tried(t, access{
			right: []string{url, "KHABAR_NATS_CREDENTIALS_FILE=" + creds(account, user)},
			wrong: map[string][]string{
				"of nobody's account": {url, "KHABAR_NATS_CREDENTIALS_FILE=" + creds(must(nkeys.CreateAccount()), user)},
				"none":                {url},
			},
			says:    map[string]string{"of nobody's account": refused, "none": refused},
			secrets: []string{seed(user), "eyJ0"}, // what a JWT begins with
		})
	})
	t.Run("TLS", func(t *testing.T) {
		c, others := proctest.NewCertificates(t), proctest.NewCertificates(t)
		n := bin.StartOwnNATS(t, "-c", file(t, "nats.conf", fmt.Sprintf(`jetstream: {}, tls: {cert_file: %q, key_file: %q, ca_file: %q, verify: true}`, c.Server, c.ServerKey, c.CA)))
		url := "KHABAR_NATS_URL=tls://" + strings.TrimPrefix(n.URL, "nats://")
		ca, cert, key := "KHABAR_NATS_CA_FILE=", "KHABAR_NATS_CERT_FILE=", "KHABAR_NATS_KEY_FILE="
		f.tried(t, access{
			right: []string{url, ca + c.CA, cert + c.Client, key + c.ClientKey},
			wrong: map[string][]string{
				"unknown authority":    {url, cert + c.Client, key + c.ClientKey},
				"another authority":    {url, ca + others.CA, cert + c.Client, key + c.ClientKey},
				"no certificate":       {url, ca + c.CA},
				"another's":            {url, ca + c.CA, cert + others.Client, key + others.ClientKey},
				"a key of another":     {url, ca + c.CA, cert + c.Client, key + others.ClientKey},
				"certificate, no key":  {url, ca + c.CA, cert + c.Client},
				"no authority in file": {url, ca + c.ClientKey, cert + c.Client, key + c.ClientKey},
			},
			says: map[string]string{
				"unknown authority": "nats.ca_file", "another authority": "nats.ca_file", "no certificate": "nats.cert_file", "another's": "nats.cert_file",
				"a key of another": "private key does not match", "certificate, no key": "KHABAR_NATS_CERT_FILE", "no authority in file": "root certificate",
			},
			secrets: []string{"PRIVATE KEY"},
		})
	})
}

// TestMongoAccess: a store that wants a password, and one that wants a certificate too. FerretDB knows SCRAM; that a
// certificate is who one is (X.509), only MongoDB knows.
func TestMongoAccess(t *testing.T) {
	f := newFleet(t, demosite.Config{Sites: 1, PerSection: 1}, "KHABAR_MONGO_CONNECT_TIMEOUT=2s") // the driver looks again so long
	c, others := proctest.NewCertificates(t), proctest.NewCertificates(t)
	m := bin.StartOwnMongo(t, &c, "khabar", "pa$$word")
	database := "KHABAR_MONGO_DATABASE=" + m.Database
	uri := func(password, options string) string {
		return "KHABAR_MONGO_URI=mongodb://khabar:" + password + "@" + m.TLS + "/?authSource=" + m.Database + "&authMechanism=SCRAM-SHA-256&tls=true" + options
	}
	ca, cert := "&tlsCAFile="+c.CA, "&tlsCertificateKeyFile="+c.ClientBoth
	f.tried(t, access{
		right: []string{database, uri("pa$$word", ca+cert)},
		wrong: map[string][]string{
			"another password":  {database, uri("wrongpa$$word", ca+cert)},
			"unknown authority": {database, uri("pa$$word", cert)},
			"no certificate":    {database, uri("pa$$word", ca)},
			"another's":         {database, uri("pa$$word", ca+"&tlsCertificateKeyFile="+others.ClientBoth)},
			"no such file":      {database, uri("pa$$word", ca+"&tlsCertificateKeyFile=/nowhere/client.pem")},
		},
		says: map[string]string{
			"another password": "access refused", "unknown authority": "failed to verify certificate", "no certificate": "certificate required",
			"another's": "remote error: tls", "no such file": "/nowhere/client.pem",
		},
		secrets: []string{"pa$$word", "PRIVATE KEY"},
	})
}
