package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"github.com/khabar-crawler/khabar/pkg/embedded"
)

// servers are a NATS server and a MongoDB-compatible store: those that were named, or embedded ones for the rest.
type servers struct {
	natsURL, mongoURI string

	dir   string
	nats  *embedded.NATS
	store *embedded.Store
}

// serversFile is where running embedded servers leave their addresses, for commands that look at the same directory.
const serversFile = "servers.json"

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

// defaultDataDir is where a user's programs keep data that should stay.
func defaultDataDir() (string, error) {
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
// listen; empty is any free port on loopback.
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
	file := filepath.Join(s.dir, serversFile)
	if err := os.WriteFile(file+".new", data, 0o600); err != nil {
		return fmt.Errorf("write the servers' addresses: %w", err)
	}
	if err := os.Rename(file+".new", file); err != nil {
		return fmt.Errorf("write the servers' addresses: %w", err)
	}
	return nil
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
	if s.nats != nil || s.store != nil {
		_ = os.Remove(filepath.Join(s.dir, serversFile)) // a stale file only costs the next reader a connection attempt
	}
	if s.store != nil {
		s.store.Stop()
	}
	if s.nats != nil {
		s.nats.Stop()
	}
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

func serversCommand() *cobra.Command {
	var dir, natsAddr, mongoAddr string
	cmd := &cobra.Command{
		Use:   "servers",
		Short: "Run the embedded NATS server and the MongoDB-compatible store alone",
		Long: "Runs the two servers that crawl and demo embed, on named ports, until Ctrl-C: for a scheduler and workers\n" +
			"started by hand beside them. They listen on loopback and ask for no password.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			log, err := cliLogger(cmd, "warn")
			if err != nil {
				return err
			}
			if dir == "" {
				if dir, err = defaultDataDir(); err != nil {
					return err
				}
			}
			s, err := startServers(cmd.Context(), addresses{}, dir, natsAddr, mongoAddr, log)
			if err != nil {
				return err
			}
			defer s.stop()
			out := cmd.OutOrStdout()
			fmt.Fprintf(out, "data        %s\nNATS        %s\nMongoDB     %s\n\nCtrl-C stops both.\n", dir, s.natsURL, s.mongoURI)
			<-cmd.Context().Done()
			return nil
		},
	}
	cmd.Flags().StringVar(&dir, "dir", "", "directory of the data (default "+shownDataDir()+")")
	cmd.Flags().StringVar(&natsAddr, "nats-addr", "127.0.0.1:4222", "address of the NATS server")
	cmd.Flags().StringVar(&mongoAddr, "mongo-addr", "127.0.0.1:27017", "address of the store")
	return cmd
}

// inUse says whether a start failed because the directory is another process's.
func inUse(err error) bool { return errors.Is(err, embedded.ErrInUse) }
