package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
)

// takenUp is what those who changed sites are told.
const takenUp = "running schedulers and workers take this up within seconds"

func sitesAddCommand() *cobra.Command {
	var flags siteFlags
	cmd := &cobra.Command{
		Use:   "add FILE|DIR|URL|-…",
		Short: "Define sites in the database, by their files or their home pages",
		Long: "Stores the definitions of sites where no files define them: site files, directories of these, - for standard input, or\n" +
			"addresses of home pages. All are checked first, together with those that are there, and none is stored if one is wrong.\n" +
			"A site that is defined already is left alone: khabar sites import replaces definitions.",
		Example: "  khabar sites add configs/sites/isna.yaml https://ar.news.example/",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return putSites(cmd, flags, args, false)
		},
	}
	flags.add(cmd)
	return cmd
}

func sitesImportCommand() *cobra.Command {
	var flags siteFlags
	cmd := &cobra.Command{
		Use:   "import FILE|DIR|-…",
		Short: "Store site files in the database, in the place of what they define there",
		Long: "Stores site files as add does, and replaces the definitions of sites that are there; whether these are paused stays as it\n" +
			"is. Sites that are not among the files stay.",
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return putSites(cmd, flags, args, true)
		},
	}
	flags.add(cmd)
	return cmd
}

func putSites(cmd *cobra.Command, flags siteFlags, args []string, replace bool) error {
	texts, err := siteTexts(cmd.InOrStdin(), args)
	if err != nil {
		return err
	}
	return onSites(cmd, flags, needWrite, func(ctx context.Context, src *siteSource) error {
		if err := src.writable(); err != nil {
			return err
		}
		return src.put(ctx, cmd.OutOrStdout(), texts, replace)
	})
}

// put stores definitions, after all have been found to be good.
func (s *siteSource) put(ctx context.Context, out io.Writer, texts []siteText, replace bool) error {
	given := map[string]bool{}
	for _, t := range texts {
		given[t.ID()] = true
		if f, known := s.stored(t.ID()); known && !replace {
			return fmt.Errorf("the site %s is defined already, since %s: khabar sites import replaces its definition", t.ID(), f.AddedAt.Format(time.RFC3339))
		}
	}
	all, err := s.definitions()
	if err != nil {
		return err
	}
	var others []site.Definition
	for _, d := range all {
		if !given[d.ID()] {
			others = append(others, d)
		}
	}
	for _, t := range texts {
		others = append(others, t.Definition)
	}
	// What does not go together is told of the later ones, which are those that were given.
	_, _ = site.Renew(site.NewSet(), others...)
	wrong := false
	for _, t := range texts {
		if _, err := t.Site(); err != nil {
			wrong = true
			fmt.Fprintln(out, err)
		}
	}
	if wrong {
		return errReported
	}
	for _, t := range texts {
		if err := s.save(ctx, out, t); err != nil {
			return err
		}
	}
	fmt.Fprintf(out, "%d sites in %s; %s\n", len(others), s, takenUp)
	return nil
}

func (s *siteSource) save(ctx context.Context, out io.Writer, t siteText) error {
	now := time.Now()
	f, known := s.stored(t.ID())
	if known && f.Text == t.text {
		fmt.Fprintf(out, "%s: as it was\n", t.ID())
		return nil
	}
	f.ID, f.Text, f.UpdatedAt = t.ID(), t.text, now
	if !known {
		f.AddedAt = now
	}
	if _, err := s.store.SaveSiteFile(ctx, f); err != nil {
		return changedMeanwhile(err, f.ID)
	}
	what := "added"
	if known {
		what = "replaced"
	}
	fmt.Fprintf(out, "%s: %s\n", t.ID(), what)
	return nil
}

func changedMeanwhile(err error, id string) error {
	if errors.Is(err, store.ErrConflict) {
		return fmt.Errorf("the site %s was changed by somebody else meanwhile: look at it (khabar sites show %s), and do it again", id, id)
	}
	return err
}

// sitesPauseCommand makes pause, and resume.
func sitesPauseCommand(pause bool) *cobra.Command {
	var flags siteFlags
	cmd := &cobra.Command{
		Use:   "resume ID…",
		Short: "Have paused sites crawled again",
		Long:  "Takes a pause back. What became due meanwhile is due now, and is fetched at the site's pace.",
		Args:  cobra.MinimumNArgs(1),
	}
	if pause {
		cmd.Use, cmd.Short = "pause ID…", "Have the pages of sites wait, sections included"
		cmd.Long = "Has a site's pages wait until khabar sites resume: none is fetched, and nothing is lost or deleted. Where files define the\n" +
			"sites, a file says it: paused: true."
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return onSites(cmd, flags, needWrite, func(ctx context.Context, src *siteSource) error {
			if err := src.writable(); err != nil {
				return err
			}
			for _, id := range args {
				if err := src.pause(ctx, cmd.OutOrStdout(), id, pause); err != nil {
					return err
				}
			}
			return nil
		})
	}
	flags.add(cmd)
	return cmd
}

func (s *siteSource) pause(ctx context.Context, out io.Writer, id string, pause bool) error {
	f, known := s.stored(id)
	if !known {
		return s.unknown(id)
	}
	said := site.Parse(id, []byte(f.Text))
	if st, err := said.Site(); !pause && err == nil && st.Paused {
		return fmt.Errorf("the definition of %s itself says paused: take that out (khabar sites export %s), and import it", id, id)
	}
	state := "paused: its pages wait"
	if !pause {
		state = "goes on"
	}
	if f.Paused == pause {
		fmt.Fprintf(out, "%s: %s, as it did\n", id, state)
		return nil
	}
	f.Paused, f.UpdatedAt = pause, time.Now()
	if _, err := s.store.SaveSiteFile(ctx, f); err != nil {
		return changedMeanwhile(err, id)
	}
	fmt.Fprintf(out, "%s: %s; %s\n", id, state, takenUp)
	return nil
}

func (s *siteSource) unknown(id string) error {
	return fmt.Errorf("no site %q in %s: khabar sites list shows which there are", id, s)
}

func sitesRemoveCommand() *cobra.Command {
	var flags siteFlags
	var forget bool
	cmd := &cobra.Command{
		Use:   "remove ID…",
		Short: "Remove sites, and say what becomes of their pages and articles",
		Long: "Removes the definitions of sites from the database. Their pages stay and wait: nobody fetches them until a site of that id\n" +
			"is defined again, which goes on where this one was. With --forget they are deleted: a site of that id begins anew then. A\n" +
			"site that is no more defined, by files or here, can be forgotten too. Articles stay in either case.",
		Example: "  khabar sites remove news.example --forget",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return onSites(cmd, flags, needWrite, func(ctx context.Context, src *siteSource) error {
				for _, id := range args {
					if err := src.remove(ctx, cmd.OutOrStdout(), id, forget); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
	flags.add(cmd)
	cmd.Flags().BoolVar(&forget, "forget", false, "delete their pages too: what was fetched, when, and what came of it")
	return cmd
}

func (s *siteSource) remove(ctx context.Context, out io.Writer, id string, forget bool) error {
	defs, err := s.definitions()
	if err != nil {
		return err
	}
	known := false
	for _, d := range defs {
		known = known || d.ID() == id
	}
	if known || !forget {
		if err := s.writable(); err != nil {
			return err
		}
	}
	pages, err := s.pages(ctx, id)
	if err != nil {
		return err
	}
	switch {
	case known:
		if err := s.store.RemoveSiteFile(ctx, id); err != nil {
			return err
		}
		fmt.Fprintf(out, "%s: removed; %s\n", id, takenUp)
	case !forget || pages == 0:
		return s.unknown(id)
	}
	articles, err := s.store.CountArticles(ctx, store.ArticleFilter{Sites: []string{id}})
	if err != nil {
		return err
	}
	if forget {
		if pages, err = s.store.ForgetPages(ctx, id); err != nil {
			return err
		}
		fmt.Fprintf(out, "  %d pages forgotten; tasks of them that are pending are dropped\n", pages)
	} else if pages > 0 {
		fmt.Fprintf(out, "  %d pages wait until a site %s is defined again; --forget deletes them\n", pages, id)
	}
	if articles > 0 {
		fmt.Fprintf(out, "  %d articles stay\n", articles)
	}
	return nil
}

// pages counts the pages of a site.
func (s *siteSource) pages(ctx context.Context, id string) (int64, error) {
	counts, err := s.store.Counts(ctx, store.CountQuery{Sites: []string{id}})
	if err != nil {
		return 0, err
	}
	var n int64
	for _, c := range counts {
		n += c.Count
	}
	return n, nil
}
