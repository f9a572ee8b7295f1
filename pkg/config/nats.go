package config

import (
	"errors"
	"net/url"
	"strings"
)

var (
	errNATSURL   = errors.New("is no NATS URL; want nats://host:4222 (or tls, ws, wss), several parted by commas")
	errNATSParse = errors.New("cannot be read as a URL; in a user name, password or token write each of % / ? # @ : , and space as %25 %2F %3F %23 %40 %3A %2C %20")
	errNATSAuth  = errors.New("has a user, password or token beside nats.nkey_file or nats.credentials_file; give one of them")
)

// Servers gives the URLs of the servers. Errors hold nothing of them, not even of the part that cannot be read: it may be a
// password.
func (n NATS) Servers() ([]string, error) {
	var urls []string
	for part := range strings.SplitSeq(string(n.URL), ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		if !hasScheme(part, "nats", "tls", "ws", "wss") {
			return nil, errNATSURL
		}
		u, err := url.Parse(part)
		switch {
		case err != nil, u.Hostname() == "", strings.Contains(u.Path+u.RawQuery+u.Fragment, "@"):
			// An @ that is not before the host was meant to be: a / before it is of the password.
			return nil, errNATSParse
		case u.User != nil && (n.NkeyFile != "" || n.CredentialsFile != ""):
			return nil, errNATSAuth // the client would leave the files aside
		}
		urls = append(urls, part)
	}
	if len(urls) == 0 && n.URL != "" {
		return nil, errNATSURL
	}
	return urls, nil
}

// natsAuth reports ways to prove who one is that exclude each other, or are of use together only.
func (l *loader) natsAuth() {
	n := l.cfg.NATS
	if _, err := n.Servers(); err != nil {
		l.add("nats.url", "%v", err)
	}
	if n.NkeyFile != "" && n.CredentialsFile != "" {
		l.add("nats.nkey_file", "is given beside nats.credentials_file, which holds a key; give one of them")
	}
	switch {
	case n.CertFile != "" && n.KeyFile == "":
		l.add("nats.cert_file", "is given without nats.key_file, the private key that belongs to it")
	case n.CertFile == "" && n.KeyFile != "":
		l.add("nats.key_file", "is given without nats.cert_file, the certificate that belongs to it")
	}
}
