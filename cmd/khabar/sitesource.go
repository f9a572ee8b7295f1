package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/khabar-crawler/khabar/cmd/internal/wire"
	"github.com/khabar-crawler/khabar/pkg/config"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
)

// siteFlags say where sites are defined.
type siteFlags struct {
	serverFlags
	file string
}

func (f *siteFlags) add(cmd *cobra.Command) {
	f.serverFlags.add(cmd)
	cmd.Flags().StringVar(&f.file, "config", "", "configuration file, whose site files win over the database")
}

// siteSource is where sites are defined: by files, or else in the store.
type siteSource struct {
	cfg    *config.Config
	store  *store.Store     // nil where files define the sites and the command needs no more
	files  []store.SiteFile // of the store
	byFile bool
}

// String says where that is, as people are shown it.
func (s *siteSource) String() string {
	if s.byFile {
		return "the files of " + strings.Join(s.cfg.Sites, ", ")
	}
	return fmt.Sprintf("the database %q", s.store.Database())
}

// definitions are all that stand there. The error is that of paths that cannot be read.
func (s *siteSource) definitions() ([]site.Definition, error) {
	if s.byFile {
		defs, problems := site.ReadFiles(s.cfg.Sites...)
		return defs, problems.Err()
	}
	return wire.Definitions(s.files), nil
}

// stored is a site's definition in the store.
func (s *siteSource) stored(id string) (store.SiteFile, bool) {
	for _, f := range s.files {
		if f.ID == id {
			return f, true
		}
	}
	return store.SiteFile{}, false
}

// need is what a command on sites needs.
type need int

const (
	needList   need = iota // the definitions
	needCounts             // the store too, if there is one
	needWrite              // the store, with its schema
)

// onSites runs f where the sites are defined.
func onSites(cmd *cobra.Command, flags siteFlags, what need, f func(context.Context, *siteSource) error) error {
	log, err := cliLogger(cmd, "warn")
	if err != nil {
		return err
	}
	cfg, err := config.Load(flags.file, os.Environ())
	if err != nil {
		return err
	}
	flags.overlay(cfg)
	src := &siteSource{cfg: cfg, byFile: len(cfg.Sites) > 0}
	if src.byFile && what == needList {
		return f(cmd.Context(), src)
	}
	st, done, err := storeOf(cmd.Context(), cfg, log, what == needWrite)
	switch {
	case errors.Is(err, errNoCrawl) && src.byFile && what != needWrite:
		return f(cmd.Context(), src) // nothing is counted
	case err != nil:
		return err
	}
	defer done()
	src.store = st
	if what == needWrite {
		stop, err := wire.MakeSchema(cmd.Context(), st, nil, log, false)
		if err != nil {
			return err
		}
		defer stop()
	}
	if !src.byFile {
		if src.files, err = st.SiteFiles(cmd.Context()); err != nil {
			return err
		}
	}
	return f(cmd.Context(), src)
}

// writable is an error where files define the sites.
func (s *siteSource) writable() error {
	if !s.byFile {
		return nil
	}
	return fmt.Errorf("sites are defined by %s, which win over the database: edit these; khabar sites check tries them, and running schedulers "+
		"and workers take changes up within seconds", s)
}

// siteText is a definition that was given, with its text.
type siteText struct {
	site.Definition
	text string
}

// maxSiteText bounds what is read of a site file: as much as can be one.
const maxSiteText = 1 << 20

// siteTexts reads what was named: files and directories of them, "-" for standard input, and addresses of home pages, of which a
// definition is made.
func siteTexts(in io.Reader, args []string) ([]siteText, error) {
	var texts []siteText
	take := func(name string, r io.Reader) error {
		text, err := io.ReadAll(io.LimitReader(r, maxSiteText))
		if err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		texts = append(texts, siteText{site.Parse(name, text), string(text)})
		return nil
	}
	for _, arg := range args {
		if arg == "-" {
			if err := take("standard input", in); err != nil {
				return nil, err
			}
			continue
		}
		if strings.Contains(arg, "://") {
			s, err := site.FromHome(arg)
			if err != nil {
				return nil, fmt.Errorf("%w; a home page looks like https://news.example/", err)
			}
			text := fmt.Sprintf("id: %q\nhome: %q\n", s.ID, s.Home)
			if s.Language != "" {
				text += fmt.Sprintf("language: %s\n", s.Language)
			}
			texts = append(texts, siteText{site.Parse(arg, []byte(text)), text})
			continue
		}
		files, err := site.Files(arg)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", arg, err)
		}
		for _, name := range files {
			f, err := os.Open(name)
			if err != nil {
				return nil, err
			}
			err = take(name, f)
			_ = f.Close() // nothing was written
			if err != nil {
				return nil, err
			}
		}
	}
	return texts, nil
}
