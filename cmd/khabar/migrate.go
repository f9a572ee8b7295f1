package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/khabar-crawler/khabar/pkg/store"
)

func migrateCommand() *cobra.Command {
	var flags serverFlags
	var dry bool
	cmd := &cobra.Command{
		Use:   "migrate",
		Short: "Bring the database's schema up to this version: collections, validators, indexes",
		Long: "Makes the collections, validators and indexes that the database lacks, as the scheduler and crawl do when they start,\n" +
			"and says each step. Indexes of big collections may take hours; the crawl can go on meanwhile. The user needs the role\n" +
			"dbAdmin where validators are to be changed, and readWrite otherwise. A database of a newer khabar is left as it is.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return onStore(cmd, flags, func(ctx context.Context, st *store.Store) error {
				return migrate(ctx, cmd.OutOrStdout(), st, dry)
			})
		},
	}
	flags.add(cmd)
	cmd.Flags().BoolVar(&dry, "dry-run", false, "say what would be done, and do nothing")
	return cmd
}

// lookAgain is how often it is looked whether somebody else's index build has ended.
const lookAgain = 5 * time.Second

func migrate(ctx context.Context, w io.Writer, st *store.Store, dry bool) error {
	plan, err := st.Plan(ctx)
	if err != nil {
		return err
	}
	switch {
	case plan.IsNewer():
		return fmt.Errorf("database %q has schema version %d, of a newer khabar than this one, which knows %d: it is left as it is",
			st.Database(), plan.Version, store.SchemaVersion)
	case dry:
		for _, step := range plan.Steps {
			fmt.Fprintln(w, step)
		}
		fmt.Fprintf(w, "%d steps to schema version %d\n", len(plan.Steps), store.SchemaVersion)
		return nil
	}
	var failed error
	for _, step := range plan.Steps {
		began := time.Now()
		fmt.Fprintf(w, "%s …\n", step)
		err := st.Migrate(ctx, step)
		for errors.Is(err, store.ErrBuilding) {
			fmt.Fprintf(w, "  %v; waiting\n", err)
			select {
			case <-time.After(lookAgain):
			case <-ctx.Done():
				return ctx.Err()
			}
			err = st.Migrate(ctx, step)
		}
		switch {
		case errors.Is(err, store.ErrIndex):
			failed = errors.Join(failed, err)
			fmt.Fprintf(w, "  %v\n", err)
		case err != nil && ctx.Err() != nil && step.Kind == store.StepIndexes:
			return fmt.Errorf("stopped; the server goes on building, and khabar migrate looks again: %w", err)
		case err != nil:
			return err
		default:
			fmt.Fprintf(w, "  done in %s\n", time.Since(began).Round(time.Millisecond))
		}
	}
	fmt.Fprintf(w, "schema version %d\n", store.SchemaVersion)
	return failed
}
