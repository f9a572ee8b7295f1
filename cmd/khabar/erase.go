package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/user"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/khabar-crawler/khabar/cmd/internal/terminal"
	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/store"
	"github.com/khabar-crawler/khabar/pkg/weburl"
)

func eraseCommand() *cobra.Command {
	var flags serverFlags
	var e eraser
	var kept []string
	cmd := &cobra.Command{
		Use:   "erase URL|ID…",
		Short: "Erase articles for good: their text goes, and is never fetched, stored or exported again",
		Long: "Erases articles with all that edits replaced, by address or id, or all that are stored of a site or an author. What stays is\n" +
			"their addresses, with who asked for it and when: so that they are never fetched again, and the same text is not stored from\n" +
			"another address of its site. Readers of khabar feed are told. An address that was never crawled is kept out in the same way.\n" +
			"With --site or --author, what is published later is stored as before: remove the site, or erase again. The archive's\n" +
			"index forgets them; its files, and copies outside of the database (backups, exports), are yours to erase. Without --yes nothing is erased: what would be is shown.",
		Example: "  khabar erase https://news.example/2026/11/24/story --why 'letter of 3 March' --yes\n  khabar erase --author 'Jane Doe'\n  khabar erase list",
		RunE: func(cmd *cobra.Command, args []string) error {
			e.now, e.keys = time.Now().UTC(), args
			if !cmd.Flags().Changed("by") {
				e.by = userName()
			}
			chosen := len(e.filter.Sites)+len(e.filter.Authors) > 0
			switch {
			case len(args) > 0 && chosen:
				return errors.New("give addresses or ids, or a choice by flags: not both")
			case len(args) == 0 && !chosen:
				return errors.New("erase which articles? Name them by address or id, or choose by --site or --author")
			}
			var err error
			if e.archives, e.archiveNamed, err = archivesOf(kept, flags.dir); err != nil {
				return err
			}
			return withStore(cmd, flags, func(ctx context.Context, st *store.Store) error {
				e.store, e.err = st, cmd.ErrOrStderr()
				return e.run(ctx, cmd.OutOrStdout())
			})
		},
	}
	flags.add(cmd)
	cmd.Flags().StringArrayVar(&kept, "archive", nil, "directory of the archive (default $KHABAR_ARCHIVE_DIR, or "+archiveName+" in the data directory); may be repeated")
	cmd.Flags().StringSliceVar(&e.filter.Sites, "site", nil, "all articles of these sites (ids)")
	cmd.Flags().StringArrayVar(&e.filter.Authors, "author", nil, "all articles by this author, as the name is stored; may be repeated")
	cmd.Flags().StringVar(&e.why, "why", "", "what for, as the record of it is to say")
	cmd.Flags().StringVar(&e.by, "by", "", "who does it, as the record of it is to say (default: who runs this)")
	cmd.Flags().BoolVar(&e.yes, "yes", false, "do it")
	cmd.AddCommand(eraseListCommand())
	return cmd
}

// userName is who runs the command, as far as the system knows.
func userName() string {
	u, err := user.Current()
	if err != nil {
		return ""
	}
	return u.Username
}

// eraser erases what was chosen.
type eraser struct {
	store   *store.Store
	err     io.Writer
	now     time.Time
	keys    []string
	filter  store.ArticleFilter
	by, why string
	yes     bool

	archives     []string // their directories
	archiveNamed bool     // by somebody: they must be there
}

// eraseExamples is how many of the chosen articles are shown: enough to see that they are those that were meant.
const eraseExamples = 10

func (e *eraser) run(ctx context.Context, w io.Writer) (err error) {
	out := bufio.NewWriter(w)
	defer func() { err = flushed(out, err) }()
	n := 0
	one := func(erasure store.Erasure, title string, kept *article.Archived) error {
		if n++; n <= eraseExamples {
			fmt.Fprintf(out, "%s  %s  %s\n", erasure.ID, foreign(erasure.Addresses[0]), isolate(title))
		}
		if !e.yes {
			return nil
		}
		erasure.At, erasure.By, erasure.Why = e.now, e.by, e.why
		err := e.forgetErased(erasure, kept) // first, while its addresses are known
		if err == nil {
			err = e.store.Erase(ctx, erasure)
		}
		if err != nil {
			return fmt.Errorf("after %d: %w; the same command does the rest", n-1, err)
		}
		return nil
	}
	if len(e.keys) > 0 {
		err = e.named(ctx, one)
	} else {
		err = e.chosen(ctx, one)
	}
	if err != nil {
		return err
	}
	if more := n - eraseExamples; more > 0 {
		fmt.Fprintf(out, "and %d more\n", more)
	}
	switch {
	case n == 0:
		return errors.New("no such articles: nothing is erased; khabar articles lists what there is")
	case e.yes:
		fmt.Fprintf(out, "%d erased\n", n)
	default:
		fmt.Fprintf(out, "%d would be erased: give --yes to do it\n", n)
	}
	return nil
}

func (e *eraser) chosen(ctx context.Context, one func(store.Erasure, string, *article.Archived) error) error {
	left := &leftOut{w: e.err}
	for a, err := range left.of(e.store.Articles(ctx, e.filter)) {
		if err == nil {
			err = one(store.ErasureOf(a), a.Title, a.Archived)
		}
		if err != nil {
			return err
		}
	}
	return left.err()
}

func (e *eraser) named(ctx context.Context, one func(store.Erasure, string, *article.Archived) error) error {
	for _, key := range e.keys {
		erasure, title, kept, err := e.find(ctx, key)
		if err == nil {
			err = one(erasure, title, kept)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// find is what an address or an id stands for: an article, or a page that is to be none.
func (e *eraser) find(ctx context.Context, key string) (erasure store.Erasure, title string, kept *article.Archived, err error) {
	id, address := key, ""
	if strings.Contains(key, "/") {
		if address, err = weburl.Canonical(key); err != nil {
			return erasure, "", nil, err
		}
		id = weburl.ID(address)
	}
	a, err := findArticle(ctx, e.store, key)
	if err == nil {
		erasure = store.ErasureOf(a)
		if address != "" && weburl.ID(a.URL) != id {
			erasure.Addresses = append(erasure.Addresses, address)
		}
		return erasure, a.Title, a.Archived, nil
	}
	page, perr := e.store.Page(ctx, id)
	switch {
	case perr == nil:
		return store.Erasure{ID: id, Site: page.Site, Addresses: []string{page.URL}}, "(no article)", page.Archived, nil
	case errors.Is(perr, store.ErrNotFound) && address != "":
		return store.Erasure{ID: id, Addresses: []string{address}}, "(never crawled)", nil, nil
	case errors.Is(perr, store.ErrNotFound):
		return erasure, "", nil, fmt.Errorf("no article and no page %s: an address that was never crawled is kept out by its URL", key)
	}
	return erasure, "", nil, perr
}

func eraseListCommand() *cobra.Command {
	var flags serverFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List what was erased, when, by whom and why",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withStore(cmd, flags, func(ctx context.Context, st *store.Store) (err error) {
				all, err := st.Erasures(ctx)
				if err != nil {
					return err
				}
				out := bufio.NewWriter(cmd.OutOrStdout())
				defer func() { err = flushed(out, err) }()
				enc := json.NewEncoder(terminal.JSON(out))
				enc.SetEscapeHTML(false)
				for _, e := range all {
					if asJSON {
						if err := enc.Encode(e); err != nil {
							return err
						}
						continue
					}
					open := ""
					if e.DoneAt == nil {
						open = "  NOT COMPLETE: a scheduler completes it, or the same erase"
					}
					fmt.Fprintf(out, "%s  %s  %s  %s  %s%s\n", e.At.Format(time.RFC3339), e.ID, foreign(e.Addresses[0]), foreign(orDash(e.By)), isolate(orDash(e.Why)), open)
				}
				if !asJSON {
					fmt.Fprintf(out, "%d erased\n", len(all))
				}
				return nil
			})
		},
	}
	flags.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a line")
	return cmd
}
