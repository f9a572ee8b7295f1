package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/khabar-crawler/khabar/cmd/internal/terminal"
	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/config"
	"github.com/khabar-crawler/khabar/pkg/export"
	"github.com/khabar-crawler/khabar/pkg/store"
)

// feedEvery is the time between two looks for changes: schedulers number them once a second.
const feedEvery = time.Second

func feedCommand() *cobra.Command {
	var flags serverFlags
	var f feed
	var since string
	cmd := &cobra.Command{
		Use:   "feed",
		Short: "Write new and changed articles as JSON lines, each once, in the order of the changes",
		Long: "Write new and changed articles as JSON lines, in the order in which they changed: new ones, edits, cleaned texts, articles\n" +
			"that are gone (their field gone says so), and the ids of articles that were erased (erased is true then). Each line is the article as it is now, and its token: keep the token of the last\n" +
			"line that you have dealt with, and begin there the next time; nothing is left out or given twice. An article that changed\n" +
			"several times since is given once.",
		Example: "  khabar feed | tail -1 | jq -r .token\n  khabar feed --since 42-6746f1a2b3c4d5e6f7a8b9c0\n  khabar feed --since now --follow",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if since != "now" {
				var err error
				if f.after, err = store.ParseToken(since); err != nil {
					return fmt.Errorf("--since: %w", err)
				}
			}
			f.lines, f.err = export.NewLines(terminal.JSON(cmd.OutOrStdout())), cmd.ErrOrStderr()
			if f.follow {
				if err := f.attach(flags); err != nil {
					return err
				}
			}
			err := withStore(cmd, flags, func(ctx context.Context, st *store.Store) (err error) {
				f.store = st
				if since == "now" {
					f.number(ctx)
					f.after, err = st.LastChange(ctx)
				} else {
					err = st.CheckToken(ctx, f.after)
				}
				if err != nil {
					return err
				}
				return f.run(ctx)
			})
			if !errors.Is(err, errEnded) {
				return err
			}
			// What it changed last is in its directory.
			f.follow = false
			return withStore(cmd, flags, func(ctx context.Context, st *store.Store) error {
				f.store = st
				return f.run(ctx)
			})
		},
	}
	flags.add(cmd)
	cmd.Flags().StringVar(&since, "since", "0", "after this token; 0 is the beginning, now the end")
	cmd.Flags().BoolVar(&f.follow, "follow", false, "go on with what changes, until Ctrl-C")
	cmd.Flags().StringSliceVar(&f.filter.Sites, "site", nil, "only these sites (ids)")
	cmd.Flags().StringSliceVar(&f.filter.Languages, "language", nil, "only these languages, as ar or ckb")
	return cmd
}

// attach finds out where what is followed runs. A directory in which nothing runs is refused: nothing would change, and it could not
// be crawled meanwhile.
func (f *feed) attach(flags serverFlags) error {
	cfg, err := config.Load("", os.Environ())
	if err != nil {
		return err
	}
	flags.overlay(cfg)
	f.here = cfg.Mongo.URI == ""
	dir, served, err := served(cfg)
	if err == nil && !served {
		err = fmt.Errorf("--follow: nothing runs in %s, so nothing changes there: start khabar crawl first, or leave --follow out", dir)
	}
	return err
}

// feed gives changes to a reader.
type feed struct {
	follow bool
	filter store.ArticleFilter
	after  store.Token
	store  *store.Store
	lines  *export.Lines
	err    io.Writer
	here   bool // what is followed is a command in a directory, with which its store ends

	told string // what failed the last time
	bad  int    // articles that could not be read
}

var (
	// errReader is a write that failed.
	errReader = errors.New("write")
	// errEnded: the command that was followed has ended.
	errEnded = errors.New("ended")
)

func (f *feed) run(ctx context.Context) error {
	for {
		numbered := f.number(ctx)
		err := f.give(ctx)
		switch {
		case ctx.Err() != nil:
			return nil // Ctrl-C: the reader has the last token
		case errors.Is(err, errReader) || err != nil && !f.follow:
			return err
		case err != nil && f.here && errors.Is(err, store.ErrUnreachable):
			return fmt.Errorf("%w: %w", errEnded, err)
		case err != nil:
			f.tell(fmt.Sprintf("%v; trying again", err))
		case !f.follow && f.bad > 0:
			return fmt.Errorf("articles that cannot be read: %d; they were left out, and the others are whole", f.bad)
		case !f.follow:
			return nil
		case numbered:
			f.told = ""
		}
		select {
		case <-time.After(feedEvery):
		case <-ctx.Done():
			return nil
		}
	}
}

// tell says what fails, once for as long as it is the same.
func (f *feed) tell(what string) {
	if what != f.told {
		f.told = what
		fmt.Fprintln(f.err, "khabar:", what)
	}
}

// number puts into the list what no scheduler has, as after a crawl that was killed, and is false where that fails. Who may only
// read leaves it to others.
func (f *feed) number(ctx context.Context) bool {
	err := f.store.NumberAll(ctx)
	if err == nil || ctx.Err() != nil || errors.Is(err, store.ErrUnauthorized) {
		return true
	}
	f.tell(fmt.Sprintf("changes wait to be put in the list: %v", err))
	return false
}

// give writes what changed after the last one that was given.
func (f *feed) give(ctx context.Context) error {
	for c, err := range f.store.Changes(ctx, f.after) {
		switch {
		case errors.Is(err, store.ErrUnreadable) || errors.Is(err, store.ErrNewer):
			f.bad++
			fmt.Fprintln(f.err, "khabar:", err)
		case err != nil:
			return errors.Join(f.flush(), err)
		case c.Erased: // whoever has it is to drop it, whatever was chosen
			if err := f.lines.WriteErased(c.Article.ID, c.Token.Seq, c.Token.String()); err != nil {
				return fmt.Errorf("%w: %w", errReader, bare(err))
			}
		case f.filter.Matches(&c.Article):
			if err := f.lines.Write(c.Article, c.Token.String()); err != nil {
				return fmt.Errorf("%w: %w", errReader, bare(err))
			}
		}
		f.after = c.Token
	}
	return f.flush()
}

func (f *feed) flush() error {
	if err := f.lines.Flush(); err != nil {
		return fmt.Errorf("%w: %w", errReader, bare(err))
	}
	return nil
}

// changedSince reads what --changed-since says: a token, or a time, which goes into the filter.
func changedSince(s string, q *store.ArticleFilter) (*store.Token, error) {
	if s == "" {
		return nil, nil
	}
	if t, err := store.ParseToken(s); err == nil {
		return &t, nil
	}
	var err error
	if q.Changed, err = span("changed-since", s, time.Now()); err != nil {
		return nil, fmt.Errorf("%w, or a token of khabar feed", err)
	}
	return nil, nil
}

// changedArticles are those that changed after a token and that the filter wants.
func changedArticles(ctx context.Context, st *store.Store, after store.Token, q store.ArticleFilter) iter.Seq2[article.Article, error] {
	return func(yield func(article.Article, error) bool) {
		n := 0
		for c, err := range st.Changes(ctx, after) {
			if err == nil && (c.Erased || !q.Matches(&c.Article)) {
				continue
			}
			if !yield(c.Article, err) {
				return
			}
			if n++; err == nil && n == q.Limit {
				return
			}
		}
	}
}
