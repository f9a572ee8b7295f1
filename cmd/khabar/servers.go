package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"github.com/khabar-crawler/khabar/pkg/config"
	"github.com/khabar-crawler/khabar/pkg/embedded"
)

// servers are a NATS server and a MongoDB-compatible store: those that were named, or embedded ones for the rest.
type servers struct {
	natsURL, mongoURI string

	dir   string
	nats  *embedded.NATS
	store *embedded.Store
}

// The files in the data directory where running embedded servers leave their addresses, which no other user may read: the
// way to NATS has its password in it. serversFile is for commands that look at the same directory; the others hold one
// address each, as nats.url_file and mongo.uri_file in the configuration of a scheduler or worker want it.
const (
	serversFile = "servers.json"
	natsFile    = "nats-url"
	mongoFile   = "mongo-uri"
)

type addresses struct {
	NATS  string `json:"nats,omitempty"`
	Mongo string `json:"mongo,omitempty"`
}

// serverFlags are the flags that say where the data is.
type serverFlags struct{ dir, nats, mongo string }

func (f *serverFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.dir, "dir", "", "directory of the embedded servers' data (default "+shownDataDir()+")")
	cmd.Flags().StringVar(&f.nats, "nats", "", "URL of a NATS server to use in place of the embedded one")
	cmd.Flags().StringVar(&f.mongo, "mongo", "", "URI of a MongoDB to use in place of the embedded store")
}

// dataDir is the directory of that name; where none is named, that in which a user's programs keep data that should stay.
func dataDir(named string) (string, error) {
	if named != "" {
		return named, nil
	}
	if d := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(d) {
		return filepath.Join(d, "khabar"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("no home directory for the data: %w; name one with --dir", err)
	}
	return filepath.Join(home, ".local", "share", "khabar"), nil
}

func shownDataDir() string {
	return filepath.Join("$XDG_DATA_HOME", "khabar") + " or ~/.local/share/khabar"
}

// unusedNATS stands for the NATS server of a command that needs none.
const unusedNATS = "unused"

// startServers starts an embedded server for each address that is not named. natsAddr and mongoAddr are where they are to
// listen; empty is any free port on loopback for NATS, and a socket for the store.
func startServers(ctx context.Context, named addresses, dir, natsAddr, mongoAddr string, log *zap.Logger) (*servers, error) {
	s := &servers{natsURL: named.NATS, mongoURI: named.Mongo, dir: dir}
	var err error
	if s.natsURL == "" {
		if s.nats, err = embedded.StartNATS(ctx, embedded.NATSConfig{Dir: filepath.Join(dir, "nats"), Addr: natsAddr, Log: log}); err != nil {
			return nil, err
		}
		s.natsURL = s.nats.URL()
	}
	if s.mongoURI == "" {
		if s.store, err = embedded.StartStore(ctx, embedded.StoreConfig{Dir: filepath.Join(dir, "store"), Addr: mongoAddr, Log: log}); err != nil {
			s.stop()
			return nil, err
		}
		s.mongoURI = s.store.URI()
	}
	if err := s.leaveAddresses(); err != nil {
		if named.NATS == unusedNATS {
			return s, nil // a full disk is no reason not to read: only who comes meanwhile cannot join
		}
		s.stop()
		return nil, err
	}
	return s, nil
}

// leaveAddresses writes the addresses of what is embedded, whole or not at all.
func (s *servers) leaveAddresses() error {
	var a addresses
	if s.nats != nil {
		a.NATS = s.natsURL
	}
	if s.store != nil {
		a.Mongo = s.mongoURI
	}
	if a == (addresses{}) {
		return nil
	}
	data, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("addresses of the servers: %w", err)
	}
	for name, text := range map[string]string{serversFile: string(data), natsFile: a.NATS, mongoFile: a.Mongo} {
		if text == "" {
			continue
		}
		if err := writePrivate(filepath.Join(s.dir, name), text); err != nil {
			return fmt.Errorf("write the servers' addresses: %w", err)
		}
	}
	return nil
}

// writePrivate replaces a file, whole or not at all, by one that only this user can read, at any moment.
func writePrivate(path, text string) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // 0600, and of a name that nobody took before
	if err != nil {
		return err
	}
	_, err = f.WriteString(text + "\n")
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}

// The probe of the disk under the embedded servers: often enough that nobody waits long for the reason why nothing goes
// on, and as large as a few pages' documents.
const (
	probeEvery = 5 * time.Second
	probeBytes = 64 << 10
)

// withRoom gives a context that ends when the disk under the embedded servers takes no more, with an error that says so.
// The servers themselves go on refusing writes, and a crawl that waits for room would never end. Call the function when
// done.
func (s *servers) withRoom(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	if s.nats == nil && s.store == nil {
		return ctx, func() { cancel(nil) }
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(probeEvery)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
			if err := probe(s.dir); err != nil {
				cancel(fmt.Errorf("%s cannot be written: %w; make room and give the same command again: what is stored stays", s.dir, bare(err)))
				return
			}
		}
	}()
	return ctx, func() {
		cancel(nil)
		<-done
	}
}

// probe writes a file and removes it.
func probe(dir string) error {
	f, err := os.CreateTemp(dir, "probe-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // nothing is in it that anybody misses
	_, err = f.Write(make([]byte, probeBytes))
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}

// stop ends what is embedded. Twice is harmless.
func (s *servers) stop() {
	var stale []string // which only cost the next reader a connection attempt
	if s.nats != nil {
		stale = append(stale, natsFile)
	}
	if s.store != nil {
		stale = append(stale, mongoFile, serversFile)
	}
	for _, name := range stale {
		_ = os.Remove(filepath.Join(s.dir, name))
	}
	if s.store != nil {
		s.store.Stop()
	}
	if s.nats != nil {
		s.nats.Stop()
	}
}

// runningNATS gives the address of the NATS server that a running command keeps in dir.
func runningNATS(dir string) (string, bool) {
	data, err := os.ReadFile(filepath.Join(dir, natsFile))
	return strings.TrimSpace(string(data)), err == nil
}

// running gives the address of the store that a running command keeps in dir.
func running(dir string) (addresses, bool) {
	var a addresses
	data, err := os.ReadFile(filepath.Join(dir, serversFile))
	if err != nil || json.Unmarshal(data, &a) != nil {
		return addresses{}, false
	}
	return a, a.Mongo != ""
}

// served says whether the store of the configuration is one that somebody else keeps running: a named one, or that of a command
// that runs in the directory, which it gives.
func served(cfg *config.Config) (dir string, served bool, err error) {
	if cfg.Mongo.URI != "" {
		return "", true, nil
	}
	if dir, err = dataDir(cfg.DataDir); err != nil {
		return "", false, err
	}
	_, served = running(dir)
	return dir, served, nil
}

func serversCommand() *cobra.Command {
	var dir, natsAddr, mongoAddr string
	cmd := &cobra.Command{
		Use:   "servers",
		Short: "Run the embedded NATS server and the MongoDB-compatible store alone",
		Long: "Runs the two servers that crawl and demo embed, on named ports, until Ctrl-C: for a scheduler and workers\n" +
			"started by hand beside them. Only this user gets at them: NATS asks for a password, and the store listens on a\n" +
			"Unix socket. With --mongo-addr the store listens on loopback, for every user of this machine.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			log, err := cliLogger(cmd, "warn")
			if err != nil {
				return err
			}
			if dir, err = dataDir(dir); err != nil {
				return err
			}
			if dir, err = filepath.Abs(dir); err != nil {
				return err
			}
			s, err := startServers(cmd.Context(), addresses{}, dir, natsAddr, mongoAddr, log)
			if err != nil {
				return err
			}
			defer s.stop()
			out := cmd.OutOrStdout()
			fmt.Fprintf(out, "data        %s\nNATS        nats://%s, with the password in %s\nMongoDB     %s\n\n",
				dir, s.nats.Addr(), filepath.Join(s.dir, natsFile), s.mongoURI)
			fmt.Fprintf(out, "For a scheduler and workers:\n  export KHABAR_NATS_URL_FILE=%s KHABAR_MONGO_URI_FILE=%s\n\nCtrl-C stops both.\n",
				quoted(filepath.Join(s.dir, natsFile)), quoted(filepath.Join(s.dir, mongoFile)))
			<-cmd.Context().Done()
			return nil
		},
	}
	cmd.Flags().StringVar(&dir, "dir", "", "directory of the data (default "+shownDataDir()+")")
	cmd.Flags().StringVar(&natsAddr, "nats-addr", "127.0.0.1:4222", "loopback address of the NATS server")
	cmd.Flags().StringVar(&mongoAddr, "mongo-addr", "", "loopback address of the store, as 127.0.0.1:27017, in place of its socket")
	return cmd
}

// quoted is a path as a shell reads it.
func quoted(path string) string { return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'" }

// inUse says whether a start failed because the directory is another process's.
func inUse(err error) bool { return errors.Is(err, embedded.ErrInUse) }
