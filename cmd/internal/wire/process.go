package wire

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"github.com/khabar-crawler/khabar/pkg/config"
	"github.com/khabar-crawler/khabar/pkg/store"
	"github.com/khabar-crawler/khabar/pkg/telemetry"
)

// Process is the command of a production process: it reads the configuration (file, then KHABAR_ variables, then flags)
// and runs. Its health subcommand asks a running process whether it is ready, for containers that have no shell.
func Process(name, short, version string, run func(context.Context, *config.Config, *zap.Logger) error) *cobra.Command {
	var file string
	var nats, mongo config.Secret
	var sites []string
	var level, format, health string
	cmd := &cobra.Command{
		Use: name, Short: short, Version: version, Args: cobra.NoArgs, SilenceUsage: true, SilenceErrors: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := config.Load(file, os.Environ())
			if err != nil {
				return err
			}
			OverlaySecret(cfg, &cfg.NATS.URL, "--nats", nats)
			OverlaySecret(cfg, &cfg.Mongo.URI, "--mongo", mongo)
			overlay(&cfg.Log.Level, level)
			overlay(&cfg.Log.Format, format)
			overlay(&cfg.Health.Addr, health)
			if len(sites) > 0 {
				cfg.Sites = sites
			}
			switch {
			case cfg.NATS.URL == "":
				return errors.New("no NATS server: set nats.url, KHABAR_NATS_URL or --nats, as nats://127.0.0.1:4222")
			case cfg.Mongo.URI == "":
				return errors.New("no MongoDB: set mongo.uri, KHABAR_MONGO_URI or --mongo, as mongodb://127.0.0.1:27017")
			}
			log, err := telemetry.NewLogger(cmd.ErrOrStderr(), cfg.Log.Level, cfg.Log.Format)
			if err != nil {
				return err
			}
			for _, w := range cfg.Warnings {
				log.Warn(w)
			}
			restore, err := StandardLog(log)
			if err != nil {
				return err
			}
			defer restore()
			err = run(cmd.Context(), cfg, log)
			if cmd.Context().Err() != nil && errors.Is(err, context.Canceled) {
				log.Info("stopped as asked") // while it waited for something, or began
				return nil
			}
			return err
		},
	}
	cmd.SetFlagErrorFunc(FlagError)
	cmd.PersistentFlags().StringVar(&file, "config", os.Getenv("KHABAR_CONFIG"), "configuration file, as configs/khabar.yaml")
	cmd.Flags().Var(&nats, "nats", "URL of the NATS server")
	cmd.Flags().Var(&mongo, "mongo", "URI of the MongoDB")
	cmd.Flags().StringSliceVar(&sites, "sites", nil, "site files, or directories of them")
	cmd.Flags().StringVar(&level, "log-level", "", "debug, info, warn or error")
	cmd.Flags().StringVar(&format, "log-format", "", "json or console")
	cmd.PersistentFlags().StringVar(&health, "health-addr", "", "host:port that health probes are answered on")
	cmd.AddCommand(&cobra.Command{
		Use: "health", Short: "Ask the running process whether it is ready; the exit status tells", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := config.Load(file, os.Environ())
			if err != nil {
				return err
			}
			overlay(&cfg.Health.Addr, health)
			if cfg.Health.Addr == "" {
				return errors.New("no health address: set health.addr, KHABAR_HEALTH_ADDR or --health-addr")
			}
			return telemetry.Probe(cmd.Context(), cfg.Health.Addr)
		},
	})
	return cmd
}

// StandardLog sends to log, at level debug, what libraries write with Go's own logger, until the function is called.
// net/http complains there of what servers send, a line for each bad answer, which no option turns off. What became of the
// page is on its record.
func StandardLog(log *zap.Logger) (restore func(), err error) {
	if restore, err = zap.RedirectStdLogAt(log.Named("std"), zap.DebugLevel); err != nil {
		return nil, fmt.Errorf("standard logger: %w", err)
	}
	return restore, nil
}

// FlagError says where the flags are listed to somebody who got one wrong.
func FlagError(cmd *cobra.Command, err error) error {
	return fmt.Errorf("%w; %s --help lists the flags", err, cmd.CommandPath())
}

// overlay puts a flag's value over the configured one where it was given.
func overlay[T ~string](to *T, said T) {
	if said != "" {
		*to = said
	}
}

// OverlaySecret puts the value of a flag over the configured one where it was given, and warns of a password in it.
func OverlaySecret(c *config.Config, to *config.Secret, flag string, said config.Secret) {
	overlay(to, said)
	if strings.Contains(string(said), "@") {
		c.Warnings = append(c.Warnings, flag+" holds a password or token, which the process list shows to every user of this machine; "+
			"give it in the environment (KHABAR_NATS_URL, KHABAR_MONGO_URI) or in a file (nats.url_file, mongo.uri_file)")
	}
}

// CloseStore closes the store of a process that stops; what was committed is durable already.
func CloseStore(st *store.Store, log *zap.Logger) {
	// The process's context is over when it stops.
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := st.Close(ctx); err != nil {
		log.Warn("store not closed", zap.Error(err))
	}
}

// Name tells this process apart from others in logs: the host's name, which is the pod's on Kubernetes, and the process id.
func Name() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return fmt.Sprintf("%s-%d", host, os.Getpid())
}
