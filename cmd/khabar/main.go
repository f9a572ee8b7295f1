// Command khabar collects news: it crawls sites, extracts their articles and shows what it has, on one machine with
// nothing else installed, or as the client of a cluster.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // sites name time zones, and a container has no zone database

	"github.com/spf13/cobra"

	"github.com/khabar-crawler/khabar/cmd/internal/terminal"
	"github.com/khabar-crawler/khabar/cmd/internal/wire"
)

// version is set when a release is built.
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the process at once
	cmd := root()
	cmd.SetOut(terminal.Writer(os.Stdout))
	cmd.SetErr(terminal.Writer(os.Stderr))
	if err := cmd.ExecuteContext(ctx); err != nil {
		if !errors.Is(err, errReported) {
			fmt.Fprintln(cmd.ErrOrStderr(), "khabar:", err) // it may quote what a site said
		}
		os.Exit(1)
	}
}

// errReported ends a command with a non-zero status when its output already says why.
var errReported = errors.New("reported")

func root() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "khabar",
		Short: "Collect news articles from sites into MongoDB",
		Long: "khabar (خبر, \"a news item\") crawls news sites and stores their articles as clean documents.\n" +
			"Everything runs in this one process unless --nats and --mongo name servers.",
		Version:       version,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	cmd.SetFlagErrorFunc(wire.FlagError)
	cmd.AddCommand(demoCommand(), crawlCommand(), backfillCommand(), serversCommand(), extractCommand(), linksCommand(), sitesCommand(),
		statusCommand(), articlesCommand(), pagesCommand(), sectionsCommand(), feedCommand(), exportCommand(), eraseCommand(), archiveCommand(), reextractCommand(), migrateCommand(), benchCommand(), simulateCommand())
	return cmd
}
