package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/khabar-crawler/khabar/cmd/internal/terminal"
	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/export"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/store"
	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// filterFlags choose articles.
type filterFlags struct {
	sites, languages []string
	since, until     string
	limit            int
}

func (f *filterFlags) add(cmd *cobra.Command, limit int) {
	cmd.Flags().StringSliceVar(&f.sites, "site", nil, "only these sites (ids)")
	cmd.Flags().StringSliceVar(&f.languages, "language", nil, "only these languages, as ar or ckb")
	cmd.Flags().StringVar(&f.since, "since", "", "published at or after: a date, a time, or an age as 24h or 7d")
	cmd.Flags().StringVar(&f.until, "until", "", "published before: a date, a time, or an age")
	cmd.Flags().IntVar(&f.limit, "limit", limit, "at most so many (0: all)")
}

func (f filterFlags) filter() (store.ArticleFilter, error) {
	now := time.Now()
	since, err := span("since", f.since, now)
	if err != nil {
		return store.ArticleFilter{}, err
	}
	until, err := span("until", f.until, now)
	if err != nil {
		return store.ArticleFilter{}, err
	}
	if f.limit < 0 {
		return store.ArticleFilter{}, fmt.Errorf("--limit %d: give 0 for all, or more", f.limit)
	}
	return store.ArticleFilter{Sites: f.sites, Languages: f.languages, Since: since, Until: until, Limit: f.limit}, nil
}

func articlesCommand() *cobra.Command {
	var flags serverFlags
	var filter filterFlags
	cmd := &cobra.Command{
		Use:   "articles",
		Short: "List the stored articles, the newest first",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			q, err := filter.filter()
			if err != nil {
				return err
			}
			q.Sort = store.SortNewest
			return withStore(cmd, flags, func(ctx context.Context, st *store.Store) error {
				left := &leftOut{w: cmd.ErrOrStderr()}
				if err := left.undated(ctx, st, q); err != nil {
					return err
				}
				return cmp.Or(listArticles(ctx, cmd.OutOrStdout(), left, st, q), left.err())
			})
		},
	}
	flags.add(cmd)
	filter.add(cmd, 20)

	var showFlags serverFlags
	var asJSON bool
	show := &cobra.Command{
		Use:   "show ID|URL",
		Short: "Show one article whole, with what edits replaced",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withStore(cmd, showFlags, func(ctx context.Context, st *store.Store) error {
				a, err := findArticle(ctx, st, args[0])
				if err != nil {
					return err
				}
				if asJSON {
					enc := json.NewEncoder(terminal.JSON(cmd.OutOrStdout()))
					enc.SetEscapeHTML(false)
					enc.SetIndent("", "  ")
					return enc.Encode(a)
				}
				return showArticle(ctx, cmd.OutOrStdout(), st, a)
			})
		},
	}
	showFlags.add(show)
	show.Flags().BoolVar(&asJSON, "json", false, "print the document as JSON")
	cmd.AddCommand(show, diffCommand())
	return cmd
}

// leftOut tells of the articles that cannot be read, and counts them: the others are of use all the same.
type leftOut struct {
	w io.Writer
	n int
}

// of gives the articles that can be read.
func (l *leftOut) of(articles iter.Seq2[article.Article, error]) iter.Seq2[article.Article, error] {
	return func(yield func(article.Article, error) bool) {
		for a, err := range articles {
			if errors.Is(err, store.ErrUnreadable) || errors.Is(err, store.ErrNewer) {
				l.n++
				fmt.Fprintln(l.w, "khabar:", err)
			} else if !yield(a, err) {
				return
			}
		}
	}
}

// undated tells how many articles a filter by publication leaves out because they have no date.
func (l *leftOut) undated(ctx context.Context, st *store.Store, q store.ArticleFilter) error {
	if q.Since.IsZero() && q.Until.IsZero() {
		return nil
	}
	q.Undated = true
	n, err := st.CountArticles(ctx, q)
	if err == nil && n > 0 {
		fmt.Fprintf(l.w, "khabar: articles without a publication date, which --since and --until leave out: %d\n", n)
	}
	return err
}

// err is nil where none was left out.
func (l *leftOut) err() error {
	if l.n == 0 {
		return nil
	}
	return fmt.Errorf("articles that cannot be read: %d; they were left out, and the others are whole", l.n)
}

func listArticles(ctx context.Context, w io.Writer, left *leftOut, st *store.Store, q store.ArticleFilter) (err error) {
	out := bufio.NewWriter(w)
	defer func() { err = flushed(out, err) }()
	n := 0
	for a, err := range left.of(st.Articles(ctx, q)) {
		if err != nil {
			return err
		}
		n++
		gone := ""
		if a.Gone != nil {
			gone = "(gone) "
		}
		fmt.Fprintf(out, "%s  %-20s  %-14s  %s%s\n", a.ID, orDash(a.Published.Format(a.PublishedAt)), a.Site, gone, isolate(a.Title))
	}
	total, err := st.CountArticles(ctx, q)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d of %d articles\n", n, total)
	return nil
}

// findArticle looks an article up by its id or by any address that led to it.
func findArticle(ctx context.Context, st *store.Store, key string) (article.Article, error) {
	id, address := key, ""
	if strings.Contains(key, "/") {
		var err error
		if address, err = weburl.Canonical(key); err != nil {
			return article.Article{}, err
		}
		id = weburl.ID(address)
	}
	a, err := st.Article(ctx, id)
	if !errors.Is(err, store.ErrNotFound) {
		return a, err
	}
	page, perr := st.Page(ctx, id)
	if address != "" && (errors.Is(perr, store.ErrNotFound) || perr == nil && page.ArticleID == "") {
		// An address that a page calls its own need not be known as a page.
		if a, err := st.ArticleAt(ctx, address); !errors.Is(err, store.ErrNotFound) {
			return a, err
		}
	}
	switch {
	case errors.Is(perr, store.ErrNotFound):
		return a, fmt.Errorf("no article and no page %s; khabar articles lists what there is", key)
	case perr != nil:
		return a, perr
	case page.ArticleID == "":
		return a, fmt.Errorf("%s is no article: status %s, outcome %s; khabar pages %s tells all", key, page.Status, orDash(outcome.Text(page.Outcome, page.Reason)), key)
	}
	return st.Article(ctx, page.ArticleID)
}

func showArticle(ctx context.Context, w io.Writer, st *store.Store, a article.Article) (err error) {
	out := bufio.NewWriter(w)
	defer func() { err = flushed(out, err) }()
	field := func(name, value string) {
		if value != "" {
			fmt.Fprintf(out, "%-11s %s\n", name, value)
		}
	}
	fmt.Fprintf(out, "%s\n\n", isolate(a.Title))
	field("id", a.ID)
	field("url", a.CanonicalURL)
	field("aliases", strings.Join(a.Aliases, " "))
	field("site", a.Site)
	field("sections", strings.Join(a.Sections, ", "))
	field("language", a.Language)
	field("published", a.Published.Format(a.PublishedAt))
	field("modified", a.Modified.Format(a.ModifiedAt))
	field("authors", isolate(strings.Join(a.Authors, "، ")))
	field("agency", isolate(a.Agency))
	if a.Dateline != nil {
		field("dateline", isolate(strings.Trim(a.Dateline.Place+" / "+a.Dateline.Agency, " /")))
	}
	field("tags", isolate(strings.Join(a.Tags, "، ")))
	field("quality", strings.TrimSpace(fmt.Sprintf("%.2f %s", a.Quality.Score, strings.Join(a.Quality.Flags, " "))))
	field("revision", fmt.Sprint(a.Revision))
	at := func(t *time.Time) string {
		if t == nil {
			return ""
		}
		return t.Format(time.RFC3339)
	}
	field("discovered", at(a.DiscoveredAt))
	field("first seen", a.FirstSeenAt.Format(time.RFC3339))
	field("stored", at(a.StoredAt))
	if a.Gone != nil {
		field("gone", a.Gone.At.Format(time.RFC3339)+" "+a.Gone.Reason)
	}
	if a.ReturnedAt != nil {
		field("returned", a.ReturnedAt.Format(time.RFC3339))
	}
	for _, p := range strings.Split(a.Text, "\n\n") {
		fmt.Fprintf(out, "\n%s\n", isolate(p))
	}
	revisions, err := st.Revisions(ctx, a.ID)
	for _, r := range revisions {
		fmt.Fprintf(out, "\nRevision %d, replaced %s: %s (%d bytes of text; khabar articles diff %s --rev %d tells the edit)\n",
			r.Revision, r.ReplacedAt.Format(time.RFC3339), isolate(r.Title), len(r.Text), a.ID, r.Revision)
	}
	return err
}

func exportCommand() *cobra.Command {
	var flags serverFlags
	var filter filterFlags
	var format, output, changed, cluster string
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write the stored articles as JSON lines",
		Long: "Write the stored articles as JSON lines.\n\n" +
			"--since and --until go by when articles say that they were published: what was found late is left out, as is what has no date,\n" +
			"which is told. For what is new or changed since you last looked, give --changed-since a time, or follow khabar feed.\n" +
			"--cluster first leaves out near-duplicates: of the articles that are one text, the one that was published first is given.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if format != "jsonl" {
				return fmt.Errorf("--format %q: jsonl is what there is", format)
			}
			if cluster != "" && cluster != article.RoleFirst {
				return fmt.Errorf("--cluster %q: first is what there is", cluster)
			}
			q, err := filter.filter()
			if err != nil {
				return err
			}
			q.Firsts = cluster != ""
			token, err := changedSince(changed, &q)
			if err != nil {
				return err
			}
			return withStore(cmd, flags, func(ctx context.Context, st *store.Store) error {
				left := &leftOut{w: cmd.ErrOrStderr()}
				if err := left.undated(ctx, st, q); err != nil {
					return err
				}
				articles := left.of(st.Articles(ctx, q))
				if token != nil {
					if err := st.CheckToken(ctx, *token); err != nil {
						return err
					}
					articles = left.of(changedArticles(ctx, st, *token, q))
				}
				if output == "" || output == "-" {
					_, err := export.JSONL(terminal.JSON(cmd.OutOrStdout()), articles)
					return cmp.Or(err, left.err())
				}
				n, err := exportFile(output, articles)
				if err == nil {
					fmt.Fprintf(cmd.ErrOrStderr(), "%d articles in %s\n", n, output)
				}
				return cmp.Or(err, left.err())
			})
		},
	}
	flags.add(cmd)
	filter.add(cmd, 0)
	cmd.Flags().StringVar(&changed, "changed-since", "", "new or changed since: a token of khabar feed, a date, a time, or an age as 24h")
	cmd.Flags().StringVar(&cluster, "cluster", "", "first: one article of each cluster of near-duplicates, and those that are in none")
	cmd.Flags().StringVar(&format, "format", "jsonl", "jsonl: one JSON object a line")
	cmd.Flags().StringVarP(&output, "output", "o", "", "file to write (default standard output)")
	return cmd
}

// exportFile writes the file whole or not at all. What is there already and is no file, as a pipe or a device, is
// written to as it is, and a link stays a link.
func exportFile(name string, articles iter.Seq2[article.Article, error]) (int, error) {
	mode := os.FileMode(0o644)
	if info, err := os.Stat(name); err == nil {
		if !info.Mode().IsRegular() {
			return exportTo(name, articles)
		}
		mode = info.Mode().Perm()
		if name, err = filepath.EvalSymlinks(name); err != nil {
			return 0, fmt.Errorf("%s cannot be written: %w", name, bare(err))
		}
	}
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*")
	if err != nil {
		return 0, fmt.Errorf("%s cannot be written: %w", name, bare(err))
	}
	defer os.Remove(f.Name()) // nothing is left to remove after the rename
	n, err := export.JSONL(f, articles)
	if cerr := errors.Join(f.Chmod(mode), f.Close()); err == nil {
		err = cerr
	}
	if err != nil {
		return n, fmt.Errorf("%s was not written: %w", name, bare(err))
	}
	if err := os.Rename(f.Name(), name); err != nil {
		return n, fmt.Errorf("%s was not written: %w", name, err)
	}
	return n, nil
}

// exportTo writes to what is no file.
func exportTo(name string, articles iter.Seq2[article.Article, error]) (int, error) {
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return 0, fmt.Errorf("%s cannot be written: %w", name, bare(err))
	}
	n, err := export.JSONL(terminal.JSON(terminal.Writer(f)), articles)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return n, fmt.Errorf("%s was not written whole: %w", name, bare(err))
	}
	return n, nil
}
