package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/khabar-crawler/khabar/cmd/internal/wire"
	"github.com/khabar-crawler/khabar/pkg/config"
	"github.com/khabar-crawler/khabar/pkg/rhythm"
	"github.com/khabar-crawler/khabar/pkg/rhythm/simulation"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
)

// What a simulation may be asked for: a year of a large fleet takes hours, not days.
const (
	mostSections = 100_000
	mostDays     = 400
	mostList     = 10_000
)

func simulateCommand() *cobra.Command {
	var flags siteFlags
	var policy, curve string
	var fromStore bool
	var sim simulation.Config
	var requests float64
	var asJSON bool
	var names []string
	for _, p := range simulation.Policies() {
		names = append(names, p.Name)
	}
	cmd := &cobra.Command{
		Use:   "simulate",
		Short: "Say how late news would be found, and at what cost",
		Long: "Runs the schedule that khabar visits sections by, on a clock of its own, against sections that publish as those of news\n" +
			"sites do: log-normal rates (6 articles a day in the median), the hours and the week of their zone, bursts, batches, and\n" +
			"one day on which all publish four times as much. A section shows its latest --list articles; what has scrolled away\n" +
			"before a visit is beyond. The first third of the days is for learning. Nothing is fetched and nothing is stored.\n\n" +
			"Without --requests khabar's policy is as the configuration has it (revisit.delay, revisit.requests, the bounds); with it, any\n" +
			"policy spends as much as that. oracle is khabar's rule where rates, hours and weekdays are known beforehand: a bound.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			i := slices.Index(names, policy)
			if i < 0 {
				return fmt.Errorf("--policy %q: want %s", policy, strings.Join(names, ", "))
			}
			for flag, v := range map[string][2]int{"sections": {sim.Sections, mostSections}, "days": {sim.Days, mostDays}, "list": {sim.List, mostList}} {
				if v[0] < 1 || v[0] > v[1] {
					return fmt.Errorf("--%s %d: want from 1 to %d", flag, v[0], v[1])
				}
			}
			if requests < 0 || requests > 24*60 {
				return fmt.Errorf("--requests %g: want up to one a minute, 1440", requests)
			}
			cfg, err := config.Load(flags.file, os.Environ())
			if err != nil {
				return err
			}
			if fromStore {
				if sim.Own, err = ownHabits(cmd, flags); err != nil {
					return err
				}
				if !cmd.Flags().Changed("sections") {
					sim.Sections = min(len(sim.Own), mostSections)
				}
			}
			sim.Schedule, sim.Goal = wire.Rhythm(cfg)
			if curve != "" {
				return drawCurve(cmd.Context(), curve, sim)
			}
			p := simulation.Policies()[i]
			var r simulation.Result
			if requests > 0 {
				r, err = simulation.Spend(cmd.Context(), sim, p, requests)
			} else {
				r, err = simulation.Run(cmd.Context(), sim, p, p.Knob)
			}
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(r)
			}
			return printSimulated(cmd.OutOrStdout(), r)
		},
	}
	f := cmd.Flags()
	f.StringVarP(&flags.file, "config", "c", "", "configuration file")
	flags.serverFlags.add(cmd)
	f.BoolVar(&fromStore, "from-store", false, "with the rates and rhythms of the sections that are stored, in place of drawn ones")
	f.StringVar(&policy, "policy", names[0], strings.Join(names, ", "))
	f.IntVar(&sim.Sections, "sections", 1000, "how many there are")
	f.IntVar(&sim.Days, "days", 60, "simulated")
	f.IntVar(&sim.List, "list", 20, "articles that a section shows")
	f.Uint64Var(&sim.Seed, "seed", 1, "of everything that is drawn")
	f.Float64Var(&requests, "requests", 0, "visits of a section a day that the policy is to spend")
	f.BoolVar(&asJSON, "json", false, "print one JSON object")
	f.StringVar(&curve, "curve", "", "write an SVG `file` with the delay of every policy against what it spends")
	return cmd
}

// errUntaught is why there is nothing to simulate by.
var errUntaught = errors.New("no section was visited over two days yet: crawl for longer, or leave out --from-store")

// ownHabits are those of the stored sections of which something is known.
func ownHabits(cmd *cobra.Command, flags siteFlags) (all []simulation.Habit, err error) {
	err = onSites(cmd, flags, needCounts, func(ctx context.Context, src *siteSource) error {
		if src.store == nil {
			return errNoCrawl
		}
		defs, err := src.definitions()
		if err != nil {
			return err
		}
		zones := map[string]*time.Location{}
		described, _ := site.Renew(site.NewSet(), defs...) // what is wrong with the others is for khabar sites to say
		for _, s := range described {
			zones[s.ID] = s.Location()
		}
		pools, err := src.store.Rhythms(ctx)
		if err != nil {
			return err
		}
		prior := fleetPrior(pools)
		for p, err := range src.store.SectionRhythms(ctx) {
			if err != nil {
				return err
			}
			if p.Rhythm.IsKnown() {
				all = append(all, simulation.Habit{Prior: p.Rhythm.Habit(&prior), Zone: cmp.Or(zones[p.Site], time.UTC)})
			}
		}
		if len(all) == 0 {
			return errUntaught
		}
		return nil
	})
	return all, err
}

// fleetPrior is what all sections have taught together.
func fleetPrior(pools []store.Rhythm) rhythm.Prior {
	prior := rhythm.Unknown()
	for i := range pools {
		if pools[i].ID == store.FleetRhythm {
			prior = pools[i].Pool.Prior(&prior)
		}
	}
	return prior
}

func printSimulated(w io.Writer, r simulation.Result) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "policy\t%s\n", r.Policy)
	fmt.Fprintf(t, "requests\t%.1f a section and day\n", r.Requests)
	fmt.Fprintf(t, "found after\t%.0f min in the median, %.0f in the mean, %.0f for 95 of 100\n", r.Delay.Median, r.Delay.Mean, r.Delay.P95)
	fmt.Fprintf(t, "on a day of four times the news\t%.0f min in the median, %.0f in the mean\n", r.News.Median, r.News.Mean)
	fmt.Fprintf(t, "never found\t%.2f %% had scrolled away\n", 100*r.Beyond)
	return t.Flush()
}

// drawCurve writes the picture of all policies.
func drawCurve(ctx context.Context, name string, sim simulation.Config) (err error) {
	f, err := os.Create(name)
	if err != nil {
		return fmt.Errorf("--curve: %w", err)
	}
	defer func() {
		if cerr := f.Close(); err == nil && cerr != nil {
			err = fmt.Errorf("--curve: %w", cerr)
		}
	}()
	return simulation.Curve(ctx, f, sim)
}
