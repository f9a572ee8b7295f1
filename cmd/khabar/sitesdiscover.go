package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"github.com/khabar-crawler/khabar/cmd/internal/wire"
	"github.com/khabar-crawler/khabar/pkg/config"
	"github.com/khabar-crawler/khabar/pkg/fetch"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/survey"
	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// discoverFlags say how sites are discovered.
type discoverFlags struct {
	lookFlags
	dir    string
	atOnce int
	bounds survey.Config
}

// defaultAtOnce is how many sites are asked at the same time: nearly all of the time goes into waiting out their delays, and
// as many bodies as that are in memory.
const defaultAtOnce = 32

func sitesDiscoverCommand() *cobra.Command {
	var f discoverFlags
	cmd := &cobra.Command{
		Use:   "discover URL|HOST|FILE…",
		Short: "Find out what sites are, and write a site file for each",
		Long: "Asks each site for its home page, the feeds and sitemaps that it names, a few articles and each section of its menu, as\n" +
			"robots.txt allows, one request at a time and the delay apart. What comes of it is a site file with the evidence in\n" +
			"comments: name, language, country and time zone, the sections and what each listed, the form of articles' addresses, and\n" +
			"the delay that the site asks for. What nothing speaks for is left out. What is no news site is refused, with the reason.\n\n" +
			"A FILE has one host or address a line; what follows a # and empty lines do not count, and - is standard input.\n" +
			"With --out each site's file is ID.yaml in that directory, put there whole. A site whose file is there is skipped, and so\n" +
			"is one that was refused for good (ID.refused.txt says why): the same command goes on where it was stopped. Without\n" +
			"--out the files are printed, parted by lines of ---.\n\n" +
			"The exit status is 0 when every site that was named has its file, and 1 otherwise; what is wrong is told.",
		Example: "  khabar sites discover https://news.example/ > news.yaml\n  khabar sites discover hosts.txt --out configs/sites",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.atOnce < 1 || f.bounds.Requests < 1 || f.bounds.Delay < 0 {
				return errors.New("--at-once and --requests must be at least 1, and --delay must not be negative")
			}
			cfg, log, err := f.config(cmd)
			if err != nil {
				return err
			}
			if !cmd.Flags().Changed("delay") {
				f.bounds.Delay = cfg.Politeness.Delay
			}
			if f.bounds.Delay == 0 {
				f.bounds.Delay = -1 // none
			}
			return discoverSites(cmd.Context(), cfg, f, args, cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr(), log)
		},
	}
	def := survey.Default()
	cmd.Flags().StringVarP(&f.dir, "out", "o", "", "write each site's file into this directory, and skip those that are there")
	cmd.Flags().IntVar(&f.atOnce, "at-once", defaultAtOnce, "sites asked at the same time")
	cmd.Flags().IntVar(&f.bounds.Requests, "requests", def.Requests, "the most that one site is asked, robots.txt among it")
	cmd.Flags().DurationVar(&f.bounds.Delay, "delay", def.Delay, "least time between two requests to a host; robots.txt can only lengthen it")
	f.add(cmd)
	return cmd
}

// candidate is a site to be discovered.
type candidate struct {
	home  string // canonical; of a host without a scheme the https address
	where string // the line or argument that named it
	bare  bool   // no scheme was given
}

// candidatesOf reads the command line and the lists that it names. What is wrong is told by its place, and does not stop the
// rest.
func candidatesOf(args []string, in io.Reader, wrong func(string, ...any)) (all []candidate, err error) {
	first := map[string]string{}
	add := func(text, where string) {
		c, err := candidateOf(text, where)
		if err != nil {
			wrong("%s: %v", where, err)
			return
		}
		id := survey.ID(c.home)
		if was := first[id]; was != "" {
			wrong("%s: %.200s is named by %s already", where, text, was)
			return
		}
		first[id] = where
		all = append(all, c)
	}
	for _, arg := range args {
		info, statErr := os.Stat(arg)
		if arg != "-" && (statErr != nil || info.IsDir()) {
			if statErr != nil && !strings.Contains(arg, ".") && !strings.Contains(arg, "://") {
				return nil, fmt.Errorf("%s is no file, and no address of a site", arg)
			}
			add(arg, arg)
			continue
		}
		list, name := in, "standard input"
		if arg != "-" {
			f, err := os.Open(arg)
			if err != nil {
				return nil, fmt.Errorf("list of sites: %w", err)
			}
			defer f.Close()
			list, name = f, arg
		}
		lines := bufio.NewScanner(list)
		lines.Buffer(nil, maxLine)
		n := 0
		for lines.Scan() {
			n++
			line, _, _ := strings.Cut(strings.TrimPrefix(lines.Text(), "\ufeff"), " #")
			if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
				add(line, fmt.Sprintf("%s:%d", name, n))
			}
		}
		if err := lines.Err(); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, n+1, err)
		}
	}
	return all, nil
}

// maxLine bounds a line of a list: what is longer than any address is no list of hosts.
const maxLine = 1 << 20

// candidateOf reads an address or a host.
func candidateOf(text, where string) (candidate, error) {
	c := candidate{where: where, bare: !strings.Contains(text, "://")}
	address := text
	if c.bare {
		address = "https://" + strings.TrimPrefix(text, "//")
	}
	if strings.ContainsAny(text, " \t\"'<>,;|\\") {
		return c, fmt.Errorf("%.200q is no address of a site: want one host or URL a line", text)
	}
	home, err := weburl.Canonical(address)
	if err != nil {
		return c, fmt.Errorf("%.200q: %w", text, err)
	}
	host := weburl.Host(home)
	if c.bare && !strings.Contains(strings.Trim(host, "."), ".") && !strings.HasPrefix(host, "localhost") {
		return c, fmt.Errorf("%.200q is no host: want one such as news.example", text)
	}
	c.home = home
	return c, nil
}

// discovery is the work on many sites.
type discovery struct {
	discoverFlags
	surveyor *survey.Surveyor
	out      io.Writer

	mu                              sync.Mutex
	log                             io.Writer
	done, all                       int
	made, skipped, refused, stopped int
	requests                        int
	homes                           map[string]string // home page → id of the site whose file it is in
	ids                             map[string]bool   // of the sites that have files
	reasons                         map[string]int
	printed                         bool
}

func discoverSites(ctx context.Context, cfg *config.Config, f discoverFlags, args []string, in io.Reader, out, progress io.Writer, log *zap.Logger) error {
	bad := 0
	candidates, err := candidatesOf(args, in, func(format string, a ...any) {
		bad++
		fmt.Fprintf(progress, format+"\n", a...)
	})
	if err != nil {
		return err
	}
	if f.dir != "" {
		if err := os.MkdirAll(f.dir, 0o755); err != nil {
			return fmt.Errorf("directory for site files: %w", err)
		}
	}
	fetchCfg, err := wire.Fetch(cfg)
	if err != nil {
		return err
	}
	client, err := fetch.New(fetchCfg, log)
	if err != nil {
		return err
	}
	defer client.Close()
	surveyor, err := survey.New(f.bounds, client)
	if err != nil {
		return err
	}
	d := &discovery{discoverFlags: f, surveyor: surveyor, out: out, log: progress, all: len(candidates), homes: map[string]string{}, ids: map[string]bool{}, reasons: map[string]int{}}
	if f.dir != "" {
		d.remember()
	}
	work := make(chan candidate)
	var crew sync.WaitGroup
	for range min(f.atOnce, len(candidates)) {
		crew.Go(func() {
			for c := range work {
				d.one(ctx, c)
			}
		})
	}
	for _, c := range candidates {
		if ctx.Err() != nil {
			break
		}
		select {
		case work <- c:
		case <-ctx.Done():
		}
	}
	close(work)
	crew.Wait()
	d.summary(bad)
	if bad > 0 || d.made+d.skipped < len(candidates) {
		return errReported
	}
	return nil
}

// one discovers one site, and tells what came of it.
func (d *discovery) one(ctx context.Context, c candidate) {
	began := time.Now()
	id := survey.ID(c.home)
	if d.dir != "" {
		if _, err := os.Stat(d.file(id)); err == nil {
			d.tell(c, func() string { d.skipped++; return "has its file already" })
			return
		}
		if text, err := os.ReadFile(d.refusal(id)); err == nil {
			d.tell(c, func() string {
				d.refused++
				d.reasons["refused before"]++
				return "refused before: " + firstWords(strings.TrimSpace(string(text)), maxTold)
			})
			return
		}
	}
	found, requests, err := d.discover(ctx, c)
	if err == nil {
		if err = d.claim(found); err == nil {
			err = d.write(found)
		}
	}
	var refused *survey.Refusal
	took := time.Since(began).Round(time.Second)
	switch {
	case ctx.Err() != nil && err != nil:
		d.tell(c, func() string { d.stopped++; return "stopped" })
	case errors.As(err, &refused):
		note := d.writeRefusal(id, c, refused)
		d.tell(c, func() string {
			d.refused, d.requests = d.refused+1, d.requests+requests
			d.reasons[string(refused.Reason)]++
			return fmt.Sprintf("refused: %s (%d requests, %s)%s", refused.Error(), requests, took, note)
		})
	case err != nil:
		d.tell(c, func() string { d.requests += requests; d.reasons["failed"]++; return "failed: " + err.Error() })
	default:
		d.tell(c, func() string {
			d.made, d.requests = d.made+1, d.requests+requests
			return fmt.Sprintf("%s, %s, %s, %s: %d sections (%d requests, %s)", found.Name.Value, orDash(found.Language.Value),
				orDash(found.Country.Value), orDash(found.TimeZone.Value), len(found.Sections), requests, took)
		})
	}
}

// discover surveys a site; where only its host was named and it does not answer by https, by http.
func (d *discovery) discover(ctx context.Context, c candidate) (found *survey.Findings, requests int, err error) {
	found, err = d.surveyor.Site(ctx, c.home)
	var refused *survey.Refusal
	if errors.As(err, &refused) {
		requests = refused.Requests
		if c.bare && refused.Reason == survey.Unreachable {
			plain := "http://" + strings.TrimPrefix(c.home, "https://")
			again, err := d.surveyor.Site(ctx, plain)
			if errors.As(err, &refused) {
				requests += refused.Requests
			}
			if again != nil {
				requests += again.Requests
			}
			return again, requests, err
		}
	}
	if found != nil {
		requests = found.Requests
	}
	return found, requests, err
}

// remember reads whose home pages have their files already. A file that cannot be read is its owner's to mend.
func (d *discovery) remember() {
	files, _ := filepath.Glob(filepath.Join(d.dir, "*.yaml")) // of a fixed pattern
	for _, f := range files {
		if s, err := site.Load(f); err == nil {
			d.homes[s.Home], d.ids[s.ID] = s.ID, true
		}
	}
}

// claim takes a home page for a site; of two addresses that lead to one page, or to one by https and by http, the second is an
// alias.
func (d *discovery) claim(found *survey.Findings) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	id := d.homes[found.Home]
	if id == "" && d.ids[found.ID] {
		id = found.ID
	}
	if id != "" {
		return &survey.Refusal{Reason: survey.Alias, Text: fmt.Sprintf("it leads to %s, which is the site %s", found.Home, id), Final: true}
	}
	d.homes[found.Home], d.ids[found.ID] = found.ID, true
	return nil
}

func (d *discovery) file(id string) string    { return filepath.Join(d.dir, id+".yaml") }
func (d *discovery) refusal(id string) string { return filepath.Join(d.dir, id+".refused.txt") }

// write puts a site's file in its place, once it is known to be a good one.
func (d *discovery) write(found *survey.Findings) error {
	data := found.File()
	dir := d.dir
	if dir == "" {
		dir = os.TempDir()
	}
	// The name begins with a dot and does not end in .yaml: a directory of site files that is read meanwhile does not have it.
	temp, err := os.CreateTemp(dir, "."+found.ID+".*.part")
	if err != nil {
		return fmt.Errorf("site file of %s: %w", found.ID, err)
	}
	defer os.Remove(temp.Name()) // gone once it was renamed
	_, err = temp.Write(data)
	if err = errors.Join(err, temp.Sync(), temp.Chmod(0o644), temp.Close()); err != nil {
		return fmt.Errorf("site file of %s: %w", found.ID, err)
	}
	if _, err := site.Load(temp.Name()); err != nil {
		return fmt.Errorf("what was found of %s makes no site file: %w", found.ID, err)
	}
	if d.dir != "" {
		if err := os.Rename(temp.Name(), d.file(found.ID)); err != nil {
			return fmt.Errorf("site file of %s: %w", found.ID, err)
		}
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.printed {
		data = append([]byte("---\n"), data...)
	}
	d.printed = true
	if _, err := d.out.Write(data); err != nil {
		return fmt.Errorf("site file of %s: %w", found.ID, err)
	}
	return nil
}

// writeRefusal notes a refusal that another attempt would not change, and says what to do where that fails.
func (d *discovery) writeRefusal(id string, c candidate, r *survey.Refusal) (note string) {
	if d.dir == "" {
		return ""
	}
	if !r.Final {
		return "; the same command tries it again"
	}
	text := fmt.Sprintf("%s, on %s: %s\n", c.home, time.Now().UTC().Format(time.DateOnly), r.Error())
	if err := os.WriteFile(d.refusal(id), []byte(text), 0o644); err != nil {
		return "; not noted: " + err.Error()
	}
	return "; remove " + d.refusal(id) + " to have it tried again"
}

// tell counts a site as done and writes its line.
func (d *discovery) tell(c candidate, what func() string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.done++
	fmt.Fprintf(d.log, "[%d/%d] %s: %s\n", d.done, d.all, foreign(c.home), foreign(what()))
}

func (d *discovery) summary(bad int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	fmt.Fprintf(d.log, "%d sites: %d files written, %d were there, %d refused, %d not finished", d.all, d.made, d.skipped, d.refused, d.all-d.made-d.skipped-d.refused)
	if bad > 0 {
		fmt.Fprintf(d.log, "; %d lines that name none", bad)
	}
	fmt.Fprintf(d.log, "; %d requests\n", d.requests)
	var names []string
	for r := range d.reasons {
		names = append(names, r)
	}
	slices.Sort(names)
	for _, r := range names {
		fmt.Fprintf(d.log, "%7d  %s\n", d.reasons[r], r)
	}
}
