package site

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/khabar-crawler/khabar/pkg/weburl"
	"github.com/khabar-crawler/khabar/pkg/yamlfile"
)

// Problem is one thing wrong with a site file; Problems is all of them as an error.
type (
	Problem  = yamlfile.Problem
	Problems = yamlfile.Problems
)

// Load reads one site file. The error is Problems: everything that is wrong with the file.
func Load(path string) (*Site, error) {
	s, _, problems := load(path)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	return s, nil
}

// LoadAll reads site files and, from directories, every *.yaml and *.yml file in them (not below). The error is
// Problems: everything that is wrong with any of the files, or between them: an id given twice, or two sites
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

// load gives the site as far as it could be read, and the document for problems found later.
func load(path string) (*Site, *yamlfile.Document, Problems) {
	s := &Site{Source: path}
	doc := yamlfile.Read(path, s)
	return s, doc, finish(s, doc)
}

// finish checks what was decoded, normalises it and fills in what the file leaves out.
func finish(s *Site, doc *yamlfile.Document) Problems {
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
	return doc.Problems()
}

func loadAll(paths []string) ([]*Site, Problems) {
	var sites []*Site
	var problems Problems
	var docs []*yamlfile.Document
	for _, path := range paths {
		files, err := siteFiles(path)
		if err != nil {
			problems = append(problems, Problem{File: path, Message: err.Error()})
			continue
		}
		for _, f := range files {
			s, doc, _ := load(f)
			sites, docs = append(sites, s), append(docs, doc)
		}
	}
	together(sites, docs)
	for _, d := range docs {
		problems = append(problems, d.Problems()...)
	}
	return sites, problems
}

// siteFiles lists the site files that a path stands for: itself, or what the directory holds, in order of name.
func siteFiles(path string) ([]string, error) {
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

// together checks what sites must not have in common, and what they must.
func together(sites []*Site, docs []*yamlfile.Document) {
	ids, paces := map[string]*Site{}, map[string]*Site{}
	for i, s := range sites {
		if first := ids[s.ID]; first != nil {
			docs[i].Add("id", "%q is the id of %s too; each site needs its own", s.ID, first.Source)
		} else if s.ID != "" {
			ids[s.ID] = s
		}
		key := s.Key(weburl.Host(s.Home))
		if key == "" {
			continue
		}
		first := paces[key]
		if first == nil {
			paces[key] = s
			continue
		}
		if s.Politeness.Concurrency != first.Politeness.Concurrency || s.Politeness.Delay != first.Politeness.Delay {
			docs[i].Add("politeness", "%s is paced with %s by the key %q and must have the same pace: delay %s and concurrency %d",
				s.ID, first.ID, key, yamlfile.Brief(first.Politeness.Delay), first.Politeness.Concurrency)
		}
	}
}
