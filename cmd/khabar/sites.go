package main

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/khabar-crawler/khabar/pkg/site"
)

func sitesCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sites",
		Short: "Define sites, list and pause them; check site files and try them on pages",
	}
	cmd.AddCommand(sitesAddCommand(), sitesRemoveCommand(), sitesPauseCommand(true), sitesPauseCommand(false), sitesListCommand(), sitesShowCommand(),
		sitesImportCommand(), sitesExportCommand(), sitesTestCommand(), sitesDiscoverCommand())
	cmd.AddCommand(&cobra.Command{
		Use:   "check [FILE|DIR…]",
		Short: "Check site files: every problem with its file, line and column, and what is allowed",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				args = []string{filepath.Join("configs", "sites")}
			}
			problems := site.Check(args...)
			for _, p := range problems {
				fmt.Fprintln(cmd.OutOrStdout(), p)
			}
			if len(problems) > 0 {
				return errReported
			}
			sites, err := site.LoadAll(args...)
			if err != nil {
				return err
			}
			for _, s := range sites {
				fmt.Fprintf(cmd.OutOrStdout(), "%s: %s, %d sections: ok\n", s.Source, s.ID, len(s.Sections))
			}
			return nil
		},
	}, &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of site files, for editors",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := cmd.OutOrStdout().Write(site.Schema())
			return err
		},
	})
	return cmd
}
