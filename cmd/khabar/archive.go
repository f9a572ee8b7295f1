package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/khabar-crawler/khabar/pkg/archive"
	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/store"
	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// archiveName is the directory of the archive below that of the data, where nothing else is said.
const archiveName = "archive"

// archiveFlag adds the flag that names an archive.
func archiveFlag(cmd *cobra.Command, to *string) {
	cmd.Flags().StringVar(to, "archive", "", "directory of the archive (default $KHABAR_ARCHIVE_DIR, or "+archiveName+" in the data directory)")
}

// archiveOf is the directory of the archive that a command means. named says that somebody named it.
func archiveOf(flag, data string) (dir string, named bool, err error) {
	if flag == "" {
		flag = os.Getenv("KHABAR_ARCHIVE_DIR")
	}
	if flag != "" {
		return flag, true, nil
	}
	if data, err = dataDir(data); err != nil {
		return "", false, err
	}
	return filepath.Join(data, archiveName), false, nil
}

func archiveCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "archive",
		Short: "Look after the pages that were kept",
		Long: "What is fetched is kept where the configuration says archive: articles, or all (KHABAR_ARCHIVE): as WARC 1.1 files, which other\n" +
			"programs read too, each with its index in CDXJ. An article's archived field says where its page is.",
	}
	cmd.AddCommand(archiveVerifyCommand(), archiveShowCommand())
	return cmd
}

func archiveVerifyCommand() *cobra.Command {
	var flags serverFlags
	var dir string
	var articles bool
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Read all that was kept, and say what is wrong with it",
		Long: "Reads every record of the archive: that it is whole, that its checksums and digests fit, that the body which a revisit record\n" +
			"refers to is there, and that the indexes name what is there and nothing that was erased. With --articles also that each stored\n" +
			"article's page is where the article says. It changes nothing, and may run beside a crawl. The exit status is 1 if something is\n" +
			"wrong.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			dir, _, err := archiveOf(dir, flags.dir)
			if err != nil {
				return err
			}
			out := bufio.NewWriter(cmd.OutOrStdout())
			defer func() { err = flushed(out, err) }()
			problems := 0
			tell := func(what string, err error) error {
				problems++
				_, werr := fmt.Fprintf(out, "%s: %s\n", what, foreign(err.Error()))
				return werr
			}
			report, err := archive.Verify(dir, tell)
			if errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("%s: nothing was kept there: archive: articles in the configuration, or KHABAR_ARCHIVE=articles, has a crawl keep pages; "+
					"--archive names another directory", dir)
			}
			if err != nil {
				return err
			}
			fmt.Fprintf(out, "%d files (%d open), %d records (%d revisits, %d erased), %.1f MB in %s\n",
				report.Files, report.Open, report.Records, report.Revisits, report.Erased, float64(report.Bytes)/1e6, dir)
			if articles {
				err = withStore(cmd, flags, func(ctx context.Context, st *store.Store) error {
					return verifyArticles(ctx, st, dir, out, cmd.ErrOrStderr(), tell)
				})
			}
			if err == nil && problems > 0 {
				fmt.Fprintf(out, "%d problems\n", problems)
				err = errReported
			}
			return err
		},
	}
	flags.add(cmd)
	archiveFlag(cmd, &dir)
	cmd.Flags().BoolVar(&articles, "articles", false, "look for each stored article's page too")
	return cmd
}

// verifyArticles reads the page of each article whose page was kept.
func verifyArticles(ctx context.Context, st *store.Store, dir string, out, errs io.Writer, tell func(string, error) error) error {
	shelf, err := archive.OpenShelf(dir)
	if err != nil {
		return err
	}
	kept, all := 0, 0
	left := &leftOut{w: errs}
	for a, err := range left.of(st.Articles(ctx, store.ArticleFilter{})) {
		if err != nil {
			return err
		}
		if all++; a.Archived == nil {
			continue
		}
		kept++
		if _, _, err := shelf.Read(archive.Place(*a.Archived)); err != nil {
			if err := tell("article "+a.ID, err); err != nil {
				return err
			}
		}
	}
	fmt.Fprintf(out, "%d of %d articles say where their page is kept\n", kept, all)
	return left.err()
}

func archiveShowCommand() *cobra.Command {
	var flags serverFlags
	var dir string
	cmd := &cobra.Command{
		Use:   "show URL|ID",
		Short: "Print the page that an article was read from, as it was kept",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir, _, err := archiveOf(dir, flags.dir)
			if err != nil {
				return err
			}
			return withStore(cmd, flags, func(ctx context.Context, st *store.Store) error {
				a, err := findArticle(ctx, st, args[0])
				switch {
				case err != nil:
					return err
				case a.Archived == nil:
					return fmt.Errorf("the page of %s was not kept: archive was none when it was fetched last", a.URL)
				}
				shelf, err := archive.OpenShelf(dir)
				if err != nil {
					return err
				}
				body, _, err := shelf.Read(archive.Place(*a.Archived))
				if err != nil {
					return err
				}
				_, err = cmd.OutOrStdout().Write(body)
				return err
			})
		},
	}
	flags.add(cmd)
	archiveFlag(cmd, &dir)
	return cmd
}

// noArchive is how a command is told that there is no archive any more.
const noArchive = "none"

// archivesOf are the directories that erase means: those that are named, or the one that archiveOf gives.
func archivesOf(flags []string, data string) (dirs []string, named bool, err error) {
	if len(flags) == 1 && flags[0] == noArchive {
		return nil, true, nil
	}
	if len(flags) > 0 {
		return flags, true, nil
	}
	dir, named, err := archiveOf("", data)
	return []string{dir}, named, err
}

// forgetErased takes what is erased out of the archives' indexes. An archive that nobody named need not be there, unless the page was
// kept.
func (e *eraser) forgetErased(erasure store.Erasure, kept *article.Archived) error {
	pages := []string{erasure.ID}
	for _, address := range erasure.Addresses {
		pages = append(pages, weburl.ID(address))
	}
	for _, dir := range e.archives {
		if _, err := os.Stat(dir); err != nil {
			if !e.archiveNamed && kept == nil && errors.Is(err, os.ErrNotExist) {
				continue
			}
			return fmt.Errorf("the archive still has it, and is not there (--archive says where, or --archive %s that there is none): %w", noArchive, err)
		}
		if err := archive.Forget(dir, pages...); err != nil {
			return err
		}
	}
	return nil
}
