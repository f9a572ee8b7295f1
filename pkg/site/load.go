package site

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/khabar-crawler/khabar/pkg/weburl"
	"github.com/khabar-crawler/khabar/pkg/yamlfile"
)

// Problem is one thing wrong with a site file; Problems is all of them as an error.
type (
	Problem  = yamlfile.Problem
	Problems = yamlfile.Problems
)

// Definition is the text of one site file that was read, with whatever is wrong with it.
type Definition struct {
	site *Site
	doc  *yamlfile.Document
}

// Parse reads the text of a site file that stands elsewhere than in a file. The name is what problems and Site.Source call
// the place.
func Parse(name string, text []byte) Definition {
	s := &Site{Source: name}
	doc := yamlfile.Decode(name, text, s)
	finish(s, doc)
	return Definition{s, doc}
}

// ID is the site's id as the text gives it, be it a wrong one.
func (d Definition) ID() string { return d.site.ID }

// Source is what problems call the text's place.
func (d Definition) Source() string { return d.site.Source }

// Site is what the text describes. The error is Problems: everything that is wrong with it.
func (d Definition) Site() (*Site, error) {
	if err := d.doc.Problems().Err(); err != nil {
		return nil, err
	}
	return d.site, nil
}

// Pause has the site be paused, whatever its text says.
func (d Definition) Pause() { d.site.Paused = true }

// Load reads one site file. The error is Problems: everything that is wrong with the file.
func Load(path string) (*Site, error) { return load(path).Site() }

// LoadAll reads site files and, from directories, every *.yaml and *.yml file in them (not below). The error is
// Problems: everything that is wrong with any of the files, or between them: an id or a place given twice, or two sites
// that share a politeness key and do not agree on its pace.
func LoadAll(paths ...string) ([]*Site, error) {
	sites, problems := loadAll(paths)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	return sites, nil
}

// Check gives everything that LoadAll would refuse; none means that the files are good.
func Check(paths ...string) []Problem {
	_, problems := loadAll(paths)
	return problems
}

// ReadFiles reads site files and directories of them as LoadAll does. The problems are those of the paths, not of what
// the files say.
func ReadFiles(paths ...string) ([]Definition, Problems) {
	var defs []Definition
	var problems Problems
	for _, path := range paths {
		files, err := Files(path)
		if err != nil {
			problems = append(problems, Problem{File: path, Message: err.Error()})
			continue
		}
		for _, f := range files {
			defs = append(defs, load(f))
		}
	}
	return defs, problems
}

// maxMarked bounds what Mark reads of a file: more than a site file may have.
const maxMarked = 1 << 20

// Mark is another one whenever what ReadFiles would read is. It goes by names and content: times have steps of milliseconds,
// and stay as they were where Kubernetes exchanges a link. A thousand files take some ten milliseconds.
func Mark(paths ...string) string {
	sum := sha256.New()
	for _, path := range paths {
		files, err := Files(path)
		fmt.Fprintf(sum, "%q %v\n", path, err)
		for _, f := range files {
			file, err := os.Open(f)
			var n int64
			if err == nil {
				n, err = io.Copy(sum, io.LimitReader(file, maxMarked))
				_ = file.Close() // nothing was written
			}
			fmt.Fprintf(sum, "%q %d %v\n", f, n, err)
		}
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// Renew gives the sites that the definitions describe. Of a definition that is broken the site stays that it described
// before, in old, if it did; the problems say what is wrong with it. So it does of one that does not go together with others: those
// that stay as they were go before those that change, and these before new ones. Should what was in old not go together, nothing is
// given: all stay as they were.
func Renew(old *Set, defs ...Definition) ([]*Site, Problems) {
	before := map[string]*Site{}
	for _, s := range old.sites {
		before[s.Source] = s
	}
	var all []*renewal
	for i, d := range defs {
		r := &renewal{place: i, def: d, site: d.site, before: before[d.site.Source]}
		if len(d.doc.Problems()) > 0 {
			r.refuse()
		}
		all = append(all, r)
	}
	for {
		all = slices.DeleteFunc(all, func(r *renewal) bool { return r.site == nil })
		slices.SortFunc(all, func(a, b *renewal) int { return cmp.Or(cmp.Compare(a.rank(), b.rank()), cmp.Compare(a.place, b.place)) })
		var sites []*Site
		var docs []*yamlfile.Document
		for _, r := range all {
			sites, docs = append(sites, r.site), append(docs, r.def.doc)
		}
		apart := together(sites, docs)
		for _, i := range apart {
			if all[i].kept {
				return nil, problemsOf(defs)
			}
			all[i].refuse()
		}
		if len(apart) == 0 {
			break
		}
	}
	slices.SortFunc(all, func(a, b *renewal) int { return cmp.Compare(a.place, b.place) })
	sites := []*Site{}
	for _, r := range all {
		sites = append(sites, r.site)
	}
	return sites, problemsOf(defs)
}

// renewal is a definition on its way into force.
type renewal struct {
	place  int // among the definitions
	def    Definition
	site   *Site // what is to be in force; nil for nothing
	before *Site // what is; nil for nothing
	kept   bool  // site is before
}

// refuse has what was before stay, if anything was.
func (r *renewal) refuse() {
	r.site, r.kept = nil, true
	if r.before != nil {
		same := *r.before // others have it in hand
		same.SetDefaultDelay(DefaultDelay)
		r.site = &same
	}
}

// rank orders definitions by how much they change in what sites must not have in common.
func (r *renewal) rank() int {
	switch b, s := r.before, r.site; {
	case b == nil:
		return 2
	case r.kept, b.ID == s.ID && b.Home == s.Home && slices.Equal(b.Hosts, s.Hosts) && b.Politeness.Key == s.Politeness.Key:
		return 0
	}
	return 1
}

func problemsOf(defs []Definition) (all Problems) {
	for _, d := range defs {
		all = append(all, d.doc.Problems()...)
	}
	return all
}

func load(path string) Definition {
	s := &Site{Source: path}
	doc := yamlfile.Read(path, s)
	finish(s, doc)
	return Definition{s, doc}
}

// finish checks what was decoded, normalises it and fills in what the file leaves out.
func finish(s *Site, doc *yamlfile.Document) {
	if doc.Readable() {
		validate(s, doc)
	}
	s.delaySaid = doc.Has("politeness.delay")
	s.SetDefaultDelay(DefaultDelay)
	if !doc.Has("politeness.concurrency") {
		s.Politeness.Concurrency = 1
	}
	if s.Name == "" {
		s.Name = s.ID
	}
}

func loadAll(paths []string) ([]*Site, Problems) {
	defs, problems := ReadFiles(paths...)
	var sites []*Site
	var docs []*yamlfile.Document
	for _, d := range defs {
		sites, docs = append(sites, d.site), append(docs, d.doc)
	}
	together(sites, docs)
	return sites, append(problems, problemsOf(defs)...)
}

// Files lists the site files that a path stands for: itself, or what the directory holds, in order of name.
func Files(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil || !info.IsDir() {
		return []string{path}, nil // reading it will say what is wrong
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, cause(err)
	}
	var files []string
	for _, e := range entries {
		ext := filepath.Ext(e.Name())
		if !e.IsDir() && (ext == ".yaml" || ext == ".yml") && !strings.HasPrefix(e.Name(), ".") {
			files = append(files, filepath.Join(path, e.Name()))
		}
	}
	if len(files) == 0 {
		return nil, errors.New("no site files (*.yaml) in this directory")
	}
	return files, nil
}

// cause takes the path off an error that will be printed after it.
func cause(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

// together checks what sites must not have in common, and what they must, and gives the places of those that do not go together with
// others.
func together(sites []*Site, docs []*yamlfile.Document) (apart []int) {
	add := func(i int, path, format string, args ...any) {
		if !slices.Contains(apart, i) {
			apart = append(apart, i)
		}
		docs[i].Add(path, format, args...)
	}
	ids, paces, homes := map[string]*Site{}, map[string]*Site{}, map[place]*Site{}
	for i, s := range sites {
		if first := ids[s.ID]; first != nil {
			add(i, "id", "%q is the id of %s too; each site needs its own", s.ID, first.Source)
		} else if s.ID != "" {
			ids[s.ID] = s
		}
		key := s.Key(weburl.Host(s.Home))
		if key == "" {
			continue
		}
		at := homePlace(s.Home)
		if first := homes[at]; first != nil {
			add(i, "home", "%s is the place of %s too (%s); a URL belongs to one site, so one of them needs another host or path",
				at, first.ID, first.Source)
		} else {
			homes[at] = s
		}
		first := paces[key]
		if first == nil {
			paces[key] = s
			continue
		}
		if s.Politeness.Concurrency != first.Politeness.Concurrency || s.Politeness.Delay != first.Politeness.Delay {
			add(i, "politeness", "%s is paced with %s by the key %q and must have the same pace: delay %s and concurrency %d",
				s.ID, first.ID, key, yamlfile.Brief(first.Politeness.Delay), first.Politeness.Concurrency)
		}
	}
	for i, s := range sites {
		for n, h := range s.Hosts {
			if other := homes[place{host: h}]; other != nil && other != s {
				add(i, item("hosts", n), "%s is the home of %s (%s); name it in one of them", h, other.ID, other.Source)
			}
		}
	}
	return apart
}
