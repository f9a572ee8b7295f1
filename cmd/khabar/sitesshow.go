package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/khabar-crawler/khabar/cmd/internal/terminal"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/spare"
	"github.com/khabar-crawler/khabar/pkg/store"
	"github.com/khabar-crawler/khabar/pkg/weburl"
	yields "github.com/khabar-crawler/khabar/pkg/yield"
)

// siteRecord is a site as list and show print it.
type siteRecord struct {
	ID       string   `json:"id"`
	State    string   `json:"state"` // active, paused, broken
	Name     string   `json:"name,omitempty"`
	Home     string   `json:"home,omitempty"`
	Language string   `json:"language,omitempty"`
	Country  string   `json:"country,omitempty"`
	TimeZone string   `json:"time_zone,omitempty"`
	Sections int      `json:"sections"`
	Source   string   `json:"source"`
	Problems []string `json:"problems,omitempty"`

	rules string // of reading its pages; "" for a broken one
}

func recordOfSite(d site.Definition, problems []site.Problem) siteRecord {
	s, err := d.Site()
	if err != nil {
		r := siteRecord{ID: d.ID(), State: "broken", Source: d.Source()}
		for _, p := range problems {
			if p.File == d.Source() {
				r.Problems = append(r.Problems, p.String())
			}
		}
		return r
	}
	r := siteRecord{
		ID: s.ID, State: "active", Name: s.Name, Home: s.Home, Language: s.Language, Country: s.Country, TimeZone: s.TimeZone,
		Sections: len(s.Sections), Source: s.Source, rules: s.Rules(),
	}
	if s.Paused {
		r.State = "paused"
	}
	return r
}

// records are the sites that are defined, broken ones with what is wrong.
func (s *siteSource) records() ([]siteRecord, error) {
	defs, err := s.definitions()
	if err != nil {
		return nil, err
	}
	_, problems := site.Renew(site.NewSet(), defs...)
	var all []siteRecord
	for _, d := range defs {
		all = append(all, recordOfSite(d, problems))
	}
	return all, nil
}

func sitesListCommand() *cobra.Command {
	var flags siteFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the sites that are defined, and say where",
		Long: "Lists the sites of the files that the configuration names or, where it names none, of the database: the one place that\n" +
			"schedulers and workers with the same configuration go by.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return onSites(cmd, flags, needList, func(_ context.Context, src *siteSource) error {
				return src.list(cmd.OutOrStdout(), asJSON)
			})
		},
	}
	flags.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a line")
	return cmd
}

func (s *siteSource) list(w io.Writer, asJSON bool) (err error) {
	records, err := s.records()
	if err != nil {
		return err
	}
	if asJSON {
		w = terminal.JSON(w)
	}
	out := bufio.NewWriter(w)
	defer func() { err = flushed(out, err) }()
	if asJSON {
		enc := json.NewEncoder(out)
		enc.SetEscapeHTML(false)
		for _, r := range records {
			if err := enc.Encode(r); err != nil {
				return fmt.Errorf("site %s: %w", r.ID, err)
			}
		}
		return nil
	}
	fmt.Fprintf(out, "%-24s  %-6s  %-8s  %-8s  %s\n", "id", "state", "language", "sections", "home")
	for _, r := range records {
		fmt.Fprintf(out, "%-24s  %-6s  %-8s  %8d  %s\n", orDash(foreign(r.ID)), r.State, orDash(r.Language), r.Sections, foreign(r.Home))
		for _, p := range r.Problems {
			fmt.Fprintf(out, "    %s\n", foreign(p))
		}
	}
	fmt.Fprintf(out, "%d sites, defined by %s\n", len(records), s)
	return nil
}

func sitesShowCommand() *cobra.Command {
	var flags siteFlags
	cmd := &cobra.Command{
		Use:   "show ID",
		Short: "Show a site: its definition, where that stands, its pages and articles, and where it moved to",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return onSites(cmd, flags, needCounts, func(ctx context.Context, src *siteSource) error {
				return src.show(ctx, cmd.OutOrStdout(), args[0])
			})
		},
	}
	flags.add(cmd)
	return cmd
}

func (s *siteSource) show(ctx context.Context, w io.Writer, id string) (err error) {
	records, err := s.records()
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	defer func() { err = flushed(out, err) }()
	at := slices.IndexFunc(records, func(r siteRecord) bool { return r.ID == id })
	if at >= 0 {
		r := records[at]
		for _, line := range [][2]string{
			{"id", r.ID}, {"state", r.State}, {"name", r.Name}, {"home", r.Home}, {"language", r.Language}, {"country", r.Country},
			{"time_zone", r.TimeZone}, {"sections", fmt.Sprint(r.Sections)}, {"defined in", s.String() + ": " + r.Source},
		} {
			if line[1] != "" {
				fmt.Fprintf(out, "%-12s  %s\n", line[0], foreign(line[1]))
			}
		}
		for _, p := range r.Problems {
			fmt.Fprintf(out, "%-12s  %s\n", "problem", foreign(p))
		}
	}
	if s.store == nil {
		return nil
	}
	if at >= 0 {
		if err := s.showMove(ctx, out, records[at].Home); err != nil {
			return err
		}
	}
	counts, err := s.store.Counts(ctx, store.CountQuery{Sites: []string{id}})
	if err != nil {
		return err
	}
	if at < 0 && len(counts) == 0 {
		return s.unknown(id)
	}
	if at < 0 {
		fmt.Fprintf(out, "%-12s  not defined (any more): its pages wait until it is, or is named to khabar crawl\n", "state")
	}
	byStatus := map[string]int64{}
	for _, c := range counts {
		byStatus[string(c.Status)] += c.Count
	}
	for _, status := range slices.Sorted(maps.Keys(byStatus)) {
		fmt.Fprintf(out, "%-12s  %d %s\n", "pages", byStatus[status], status)
	}
	articles, err := s.store.CountArticles(ctx, store.ArticleFilter{Sites: []string{id}})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%-12s  %d\n", "articles", articles)
	past, parts, err := learnedOf(ctx, s.store, id)
	if err != nil {
		return err
	}
	showCut(out, past)
	showSpare(out, parts)
	if at < 0 || records[at].rules == "" {
		return nil
	}
	stale, err := s.store.CountStale(ctx, id, records[at].rules)
	if err == nil && stale > 0 {
		fmt.Fprintf(out, "%-12s  %d articles were read by other rules than the definition's now\n", "stale", stale)
	}
	return err
}

// showCut names the forms of addresses of which ever fewer are fetched, for next to none gave an article, and the blocks of pages
// whose links are taken for articles no more.
func showCut(out io.Writer, past *yields.Past) {
	for _, f := range past.Forms.States() {
		if past.Forms.Of(f.Key).Poor() {
			fmt.Fprintf(out, "%-12s  %s: %d of its addresses were fetched, %d gave an article; khabar pages why URL says what becomes of one\n",
				"cut off", foreign(f.Key), f.Tried, f.Articles)
		}
	}
	for _, b := range past.Blocks.States() {
		if past.Blocks.Of(b.Key).Barren() {
			fmt.Fprintf(out, "%-12s  links in %s: %d were fetched, %d gave an article; khabar links --learned says what becomes of one\n",
				"cut off", foreign(b.Key), b.Tried, b.Articles)
		}
	}
}

// showSpare names the parts of addresses that are left off, for they change nothing.
func showSpare(out io.Writer, parts *spare.Parts) {
	for _, p := range parts.Of() {
		if p.Spare() {
			fmt.Fprintf(out, "%-12s  %s in addresses: %d articles were read with it and without it, or with two of its values\n", "left off", foreign(p.Name), p.For)
		}
	}
}

// showMove says where a site's home page redirects to, if it does.
func (s *siteSource) showMove(ctx context.Context, out io.Writer, home string) error {
	p, err := s.store.Page(ctx, weburl.ID(home))
	switch {
	case errors.Is(err, store.ErrNotFound), errors.Is(err, store.ErrUnreadable), errors.Is(err, store.ErrNewer):
		return nil
	case err != nil:
		return err
	}
	if p.Outcome == outcome.Redirected && p.RedirectTo != "" {
		fmt.Fprintf(out, "%-12s  %s (%s)\n", "moved to", foreign(p.RedirectTo), outcome.Text(p.Outcome, p.Reason))
	}
	return nil
}

func sitesExportCommand() *cobra.Command {
	var flags siteFlags
	var to string
	cmd := &cobra.Command{
		Use:   "export [ID…]",
		Short: "Write the site files of the database: one to standard output, or many to a directory",
		Long: "Writes the definitions as they were given, comments included: that of one site to standard output, or all, or those named, to\n" +
			"the directory that --to names, as ID.yaml. A file that is there is not overwritten. Which sites are paused is no part of them.",
		Example: "  khabar sites export news.example\n  khabar sites export --to sites/",
		RunE: func(cmd *cobra.Command, args []string) error {
			if to == "" && len(args) != 1 {
				return errors.New("name one site, or the directory to write to with --to")
			}
			return onSites(cmd, flags, needCounts, func(_ context.Context, src *siteSource) error {
				if src.byFile {
					return fmt.Errorf("sites are defined by %s: there they are", src)
				}
				return src.export(cmd.OutOrStdout(), to, args)
			})
		},
	}
	flags.add(cmd)
	cmd.Flags().StringVar(&to, "to", "", "directory to write ID.yaml to for each site")
	return cmd
}

func (s *siteSource) export(out io.Writer, to string, ids []string) error {
	chosen := s.files
	if len(ids) > 0 {
		chosen = nil
		for _, id := range ids {
			f, known := s.stored(id)
			if !known {
				return s.unknown(id)
			}
			chosen = append(chosen, f)
		}
	}
	if to == "" {
		_, err := io.WriteString(out, chosen[0].Text)
		return err
	}
	if err := os.MkdirAll(to, 0o755); err != nil {
		return err
	}
	for _, f := range chosen {
		name := filepath.Join(to, filepath.Base(f.ID)+".yaml")
		file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if err != nil {
			return err
		}
		_, err = file.WriteString(f.Text)
		if err = errors.Join(err, file.Close()); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	fmt.Fprintf(out, "%d site files in %s\n", len(chosen), to)
	return nil
}
