package wire

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/zap"

	"github.com/khabar-crawler/khabar/pkg/config"
	"github.com/khabar-crawler/khabar/pkg/frontier"
	"github.com/khabar-crawler/khabar/pkg/telemetry"
)

// Frontier is the frontier's part.
func Frontier(c *config.Config) frontier.Config {
	return frontier.Config{
		Prefix: c.NATS.Prefix, Shards: c.NATS.Shards, Replicas: c.NATS.Replicas, MaxBytes: int64(c.NATS.MaxBytes), LanePending: c.NATS.LanePending,
		AckWait: c.NATS.AckWait, RequestTimeout: c.NATS.RequestTimeout, MaxQuiet: maxQuiet(c),
	}
}

// OpenFrontier connects to NATS and opens the frontier there. It waits for a server that is away, starts or elects, and
// tells the log and health what it waits for. What waiting does not mend is an error at once: a refused password, a
// certificate that does not hold, a missing permission, streams that do not fit. Close the frontier, then the connection,
// which reconnects for as long as the process lives.
func OpenFrontier(ctx context.Context, c *config.Config, name string, health *telemetry.Health, log *zap.Logger) (*frontier.Frontier, *nats.Conn, error) {
	opts, err := natsOptions(c, name, log)
	if err != nil {
		return nil, nil, err
	}
	var nc *nats.Conn
	var f *frontier.Frontier
	err = await(ctx, health, log, "nats", "NATS at "+c.NATS.URL.String(), func(ctx context.Context) (err error) {
		if nc == nil {
			if nc, err = opts.Connect(); err != nil {
				return fmt.Errorf("connect to NATS at %s: %w", c.NATS.URL, err)
			}
		}
		js, err := jetstream.New(nc)
		if err != nil {
			return err
		}
		f, err = frontier.Open(ctx, js, Frontier(c), log)
		return err
	}, func(err error) bool { return advice(err) == "" })
	if err != nil {
		if nc != nil {
			nc.Close()
		}
		if say := advice(err); say != "" {
			err = fmt.Errorf("%w; %s", err, say)
		}
		return nil, nil, err
	}
	health.Set(telemetry.Check{Name: "nats", Probe: f.Check})
	return f, nc, nil
}

// connectWait bounds one attempt to connect to one NATS server.
const connectWait = 5 * time.Second

// A server that is there and does not answer, as one that is suspended, is given up after pingEvery times one more than
// pingsOut: half a minute, which is a turn's AckWait. By nats.go's own figures it is six minutes, in which the process stands
// still though the cluster has other servers.
const (
	pingEvery = 10 * time.Second
	pingsOut  = 2
)

// natsOptions is the connection's part.
func natsOptions(c *config.Config, name string, log *zap.Logger) (nats.Options, error) {
	opts := nats.GetDefaultOptions()
	var err error
	if opts.Servers, err = c.NATS.Servers(); err != nil {
		return opts, fmt.Errorf("nats.url %w", err)
	}
	opts.Name = "khabar-" + name
	opts.Timeout = connectWait
	opts.PingInterval, opts.MaxPingsOut = pingEvery, pingsOut
	opts.MaxReconnect = -1 // a broker that is away for long is no reason to lose a worker
	opts.DisconnectedErrCB = func(_ *nats.Conn, err error) {
		if err != nil {
			log.Warn("NATS connection lost; reconnecting", zap.Error(err))
		}
	}
	opts.ReconnectedCB = func(nc *nats.Conn) { log.Info("NATS connection is back", zap.String("host", nc.ConnectedAddr())) }
	opts.AsyncErrorCB = func(_ *nats.Conn, _ *nats.Subscription, err error) { log.Warn("NATS", zap.Error(err)) }
	for _, set := range proofs(&c.NATS) {
		if err := set(&opts); err != nil {
			return opts, fmt.Errorf("NATS: %w; see the files that the keys of nats in the configuration name", err)
		}
	}
	return opts, nil
}

// proofs is by what the servers and this client know one another, beside what the URL holds. Credentials and certificates
// are read again for each connection, so that they may be renewed while the process runs.
func proofs(n *config.NATS) []nats.Option {
	var opts []nats.Option
	if n.CredentialsFile != "" {
		opts = append(opts, nats.UserCredentials(n.CredentialsFile))
	}
	if n.NkeyFile != "" {
		opts = append(opts, func(o *nats.Options) error {
			set, err := nats.NkeyOptionFromSeed(n.NkeyFile)
			if err != nil {
				return fmt.Errorf("nkey file %s: %w", n.NkeyFile, err)
			}
			return set(o)
		})
	}
	if n.CAFile != "" {
		opts = append(opts, nats.RootCAs(n.CAFile))
	}
	if n.CertFile != "" {
		opts = append(opts, nats.ClientCert(n.CertFile, n.KeyFile))
	}
	return opts
}

// advice says what to do about an error that waiting does not mend; it is empty for one that may pass.
func advice(err error) string {
	var op *net.OpError
	switch {
	case errors.Is(err, nats.ErrAuthorization), errors.Is(err, nats.ErrAuthExpired), errors.Is(err, nats.ErrAuthRevoked),
		errors.Is(err, nats.ErrAccountAuthExpired), errors.Is(err, nats.ErrNkeysNotSupported):
		return "the server refuses the user, password, token, key or credentials that are given with nats.url, nats.nkey_file or nats.credentials_file"
	case errors.Is(err, nats.ErrSecureConnWanted):
		return "the server offers no TLS, and tls:// or nats.ca_file asks for it"
	case errors.As(err, new(*tls.CertificateVerificationError)):
		return "the server's certificate does not hold; nats.ca_file names the authority that signed it"
	case errors.As(err, &op) && op.Op == "remote error": // an alert of the server's, as crypto/tls has it
		return "the server refuses this TLS client; nats.cert_file and nats.key_file are its certificate"
	case errors.As(err, new(*fs.PathError)):
		return "see the files that the keys of nats in the configuration name"
	case errors.Is(err, frontier.ErrDenied):
		return "docs/deploy.md lists what the user must be allowed"
	case errors.Is(err, frontier.ErrIncompatible):
		return "see nats.prefix, nats.shards and nats.replicas"
	}
	return ""
}

// LookAtFrontier connects to NATS for a command that people wait for, which looks and makes nothing. A server that is not there
// is an error at once. Close the connection.
func LookAtFrontier(c *config.Config, name string, log *zap.Logger) (*frontier.View, *nats.Conn, error) {
	opts, err := natsOptions(c, name, log)
	if err != nil {
		return nil, nil, err
	}
	nc, err := opts.Connect()
	if err != nil {
		say := advice(err)
		if say == "" {
			say = "is the server running, and nats.url right?"
		}
		return nil, nil, fmt.Errorf("connect to NATS at %s: %w; %s", c.NATS.URL, err, say)
	}
	js, err := jetstream.New(nc)
	if err == nil {
		var v *frontier.View
		if v, err = frontier.Look(js, Frontier(c), log); err == nil {
			return v, nc, nil
		}
	}
	nc.Close()
	return nil, nil, err
}
