package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"github.com/khabar-crawler/khabar/cmd/internal/wire"
	"github.com/khabar-crawler/khabar/pkg/config"
	"github.com/khabar-crawler/khabar/pkg/extract"
	"github.com/khabar-crawler/khabar/pkg/fetch"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// lookFlags say how a page is fetched that is looked at and not stored.
type lookFlags struct {
	proxy        config.Secret
	allowPrivate bool
}

func (f *lookFlags) add(cmd *cobra.Command) {
	cmd.Flags().Var(&f.proxy, "proxy", "fetch URLs through this HTTP proxy")
	cmd.Flags().BoolVar(&f.allowPrivate, "allow-private", false, "let URLs be on private and loopback addresses")
}

// config is the configuration with what the flags say, and a logger for the command.
func (f *lookFlags) config(cmd *cobra.Command) (*config.Config, *zap.Logger, error) {
	log, err := cliLogger(cmd, "warn")
	if err != nil {
		return nil, nil, err
	}
	cfg, err := config.Load("", os.Environ())
	if err != nil {
		return nil, nil, err
	}
	if f.proxy != "" {
		if u, err := url.Parse(string(f.proxy)); err != nil || u.Hostname() == "" {
			return nil, nil, fmt.Errorf("--proxy %s: want a URL such as http://127.0.0.1:3128", f.proxy)
		}
		cfg.Fetch.Proxy = f.proxy
	}
	cfg.Fetch.AllowPrivate = cfg.Fetch.AllowPrivate || f.allowPrivate
	return cfg, log, nil
}

func sitesTestCommand() *cobra.Command {
	var flags lookFlags
	cmd := &cobra.Command{
		Use:   "test SITE FILE|URL…",
		Short: "Show a site's rules at work on saved or live pages",
		Long: "SITE is a site file, or the id of one in configs/sites. For each page: what the article patterns say of its address,\n" +
			"where each field came from, which blocks were kept or dropped and why, and which selectors of fields match nothing (what\n" +
			"is to be removed need not be on every page). A URL is fetched once, as robots.txt and the guard allow; nothing is\n" +
			"stored. The exit status is not zero when a field's selector matches nothing.",
		Args: cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := siteNamed(args[0])
			if err != nil {
				return err
			}
			cfg, log, err := flags.config(cmd)
			if err != nil {
				return err
			}
			failed := false
			for _, arg := range args[1:] {
				page, err := pageToTest(cmd.Context(), cfg, s, arg, log)
				if err == nil {
					err = testSite(cmd.OutOrStdout(), s, arg, page)
				}
				if errors.Is(err, errReported) {
					failed = true
				} else if err != nil {
					failed = true
					fmt.Fprintf(cmd.ErrOrStderr(), "khabar sites test: %s: %v\n", arg, err)
				}
			}
			if failed {
				return errReported
			}
			return nil
		},
	}
	flags.add(cmd)
	return cmd
}

// siteNamed loads a site by its file, or by its id among the shipped files.
func siteNamed(name string) (*site.Site, error) {
	if _, err := os.Stat(name); err == nil {
		return site.Load(name)
	}
	file := filepath.Join("configs", "sites", name+".yaml")
	if _, err := os.Stat(file); err != nil {
		return nil, fmt.Errorf("%s is neither a site file nor the id of one in %s", name, filepath.Dir(file))
	}
	return site.Load(file)
}

// pageToTest reads a saved page or fetches a URL; without a site, one that is alone on its domain.
func pageToTest(ctx context.Context, cfg *config.Config, s *site.Site, arg string, log *zap.Logger) (extract.Page, error) {
	if !strings.Contains(arg, "://") {
		body, err := readPage(arg, os.Stdin)
		return extract.Page{Body: body}, err
	}
	fetchCfg, err := wire.Fetch(cfg)
	if err != nil {
		return extract.Page{}, err
	}
	client, err := fetch.New(fetchCfg, log)
	if err != nil {
		return extract.Page{}, err
	}
	defer client.Close()
	res := client.Fetch(ctx, fetch.Request{URL: arg, SameLane: func(host string) bool {
		if s == nil {
			return weburl.SameSite(arg, "https://"+host+"/")
		}
		return s.Key(host) == s.Key(weburl.Host(arg))
	}})
	switch {
	case res.Outcome == outcome.Redirected && res.Location != "":
		return extract.Page{}, fmt.Errorf("it redirects to another site, %s: name that address", res.Location)
	case res.Outcome != outcome.OK && res.Err == nil && ctx.Err() == nil:
		return extract.Page{}, errors.New(outcome.Text(res.Outcome, res.Reason))
	case res.Outcome != outcome.OK:
		return extract.Page{}, fmt.Errorf("%s: %w", res.Outcome, errors.Join(res.Err, ctx.Err()))
	}
	return extract.Page{URL: res.URL, Body: res.Body, ContentType: res.ContentType}, nil
}

// testSite prints what the site's rules make of one page; errReported when a selector matches nothing.
func testSite(w io.Writer, s *site.Site, name string, page extract.Page) (err error) {
	out := bufio.NewWriter(w)
	defer func() { err = flushed(out, err) }()
	fmt.Fprintf(out, "%s\n", name)
	if page.URL != "" {
		verdict := map[site.Verdict]string{site.Unknown: "the patterns are silent", site.Article: "an article", site.NotArticle: "no article"}
		fmt.Fprintf(out, "by its address %s\n", verdict[s.IsArticle(page.URL)])
		if !s.Owns(page.URL) {
			fmt.Fprintf(out, "by its host    not of this site\n")
		}
	}
	trace := &extract.Trace{}
	res := extract.Extract(page, extract.Options{Site: s, Now: time.Now(), Explain: trace})
	fmt.Fprintf(out, "outcome        %s\n", strings.TrimSpace(string(res.Outcome)+" "+string(res.Reason)))
	if err := trace.Write(out); err != nil {
		return err
	}
	for _, selector := range res.Drift {
		fmt.Fprintf(out, "drift          %s matches nothing: the extractor's own judgement was used instead\n", selector)
	}
	if len(res.Drift) > 0 {
		return errReported
	}
	return nil
}
