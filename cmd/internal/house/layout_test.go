package house

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// layout is the Layout of docs/design.md as rules: each package, and which of ours it may import. A new edge is a
// decision about the design, and is made there first.
var layout = map[string][]string{
	"cmd/khabar": {"cmd/internal/terminal", "cmd/internal/wire", "pkg/archive", "pkg/article", "pkg/backfill", "pkg/config", "pkg/coverage", "pkg/demosite", "pkg/discover", "pkg/embedded", "pkg/export", "pkg/extract",
		"pkg/fetch", "pkg/frontier", "pkg/look", "pkg/outcome", "pkg/rhythm", "pkg/rhythm/simulation", "pkg/scheduler", "pkg/site", "pkg/spare", "pkg/status", "pkg/store", "pkg/survey", "pkg/telemetry", "pkg/weburl", "pkg/worker", "pkg/yield"},
	"cmd/scheduler": {"cmd/internal/terminal", "cmd/internal/wire", "pkg/config", "pkg/scheduler"},
	"cmd/worker":    {"cmd/internal/terminal", "cmd/internal/wire", "pkg/config", "pkg/fetch", "pkg/store", "pkg/worker"},
	"cmd/internal/wire": {"pkg/archive", "pkg/config", "pkg/fetch", "pkg/frontier", "pkg/rhythm", "pkg/scheduler", "pkg/site", "pkg/store", "pkg/telemetry",
		"pkg/worker"},
	"cmd/internal/cluster":    {},
	"cmd/internal/hostileweb": {},
	"cmd/internal/terminal":   {},
	"cmd/internal/proctest":   {"pkg/store/storetest"},

	"pkg/config": {"pkg/archive", "pkg/fetch", "pkg/frontier", "pkg/revisit", "pkg/scheduler", "pkg/site", "pkg/store", "pkg/worker", "pkg/yamlfile"},
	"pkg/worker": {"pkg/archive", "pkg/article", "pkg/backfill", "pkg/boilerplate", "pkg/budget", "pkg/coverage", "pkg/discover", "pkg/edit", "pkg/extract", "pkg/fetch", "pkg/frontier", "pkg/look", "pkg/outcome",
		"pkg/revisit", "pkg/rhythm", "pkg/site", "pkg/spare", "pkg/store", "pkg/weburl", "pkg/yield"},
	"pkg/status":    {"pkg/frontier", "pkg/ledger", "pkg/outcome", "pkg/store"},
	"pkg/survey":    {"pkg/article", "pkg/discover", "pkg/extract", "pkg/fetch", "pkg/newsdate", "pkg/outcome", "pkg/page", "pkg/site", "pkg/weburl", "pkg/yamlfile"},
	"pkg/scheduler": {"pkg/backfill", "pkg/frontier", "pkg/look", "pkg/outcome", "pkg/revisit", "pkg/rhythm", "pkg/site", "pkg/store", "pkg/weburl"},

	// These five do not know one another: the worker joins them.
	"pkg/archive":       {"pkg/weburl"},
	"pkg/fetch":         {"pkg/outcome", "pkg/yamlfile"},
	"pkg/frontier":      {},
	"pkg/store":         {"pkg/article", "pkg/coverage", "pkg/edit", "pkg/ledger", "pkg/likeness", "pkg/look", "pkg/outcome", "pkg/rhythm", "pkg/weburl"},
	"pkg/extract":       {"pkg/article", "pkg/extract/words", "pkg/lang", "pkg/newsdate", "pkg/outcome", "pkg/page", "pkg/site", "pkg/weburl", "pkg/yamlfile"},
	"pkg/extract/words": {"pkg/page"},
	"pkg/lang":          {},
	"pkg/page":          {"pkg/lang"},

	"pkg/backfill":    {"pkg/outcome", "pkg/site", "pkg/store", "pkg/weburl"},
	"pkg/boilerplate": {"pkg/extract", "pkg/page"},
	"pkg/discover":    {"pkg/article", "pkg/newsdate", "pkg/page", "pkg/site", "pkg/weburl", "pkg/yamlfile", "pkg/yield"},
	"pkg/edit":        {"pkg/article", "pkg/yamlfile"},
	"pkg/export":      {"pkg/article"},
	"pkg/newsdate":    {"pkg/article"},
	"pkg/site":        {"pkg/weburl", "pkg/yamlfile"},
	"pkg/article":     {},
	"pkg/budget":      {},
	"pkg/ledger":      {"pkg/outcome"},
	"pkg/likeness":    {},
	"pkg/look":        {},
	"pkg/coverage":    {},
	"pkg/outcome":     {},
	"pkg/revisit":     {},
	"pkg/rhythm":      {},
	"pkg/weburl":      {},
	"pkg/yamlfile":    {},
	"pkg/spare":       {"pkg/weburl"},
	"pkg/yield":       {},

	"pkg/rhythm/simulation": {"pkg/rhythm"},
	"pkg/telemetry":         {},
	"pkg/embedded":          {},
	"pkg/demosite":          {"pkg/article"},
	"pkg/store/storetest":   {},
	"pkg/embedded/disktest": {},
	"deployments":           {},
	"cmd/internal/house":    {},
}

// forTests are the packages that nothing but tests imports.
var forTests = []string{"cmd/internal/hostileweb", "cmd/internal/proctest", "pkg/embedded/disktest", "pkg/store/storetest"}

func TestImportsPointDownwards(t *testing.T) {
	s := read(t)
	for dir := range s.dirs() {
		if layout[dir] == nil {
			t.Errorf("%s is not in the layout: add it in docs/design.md and here", dir)
		}
	}
	for dir := range layout {
		if !s.dirs()[dir] {
			t.Errorf("%s is in the layout and is no package", dir)
		}
	}
	edges := map[string]map[string]bool{}
	for _, f := range s.files {
		for _, spec := range f.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			imported, ours := strings.CutPrefix(path, module+"/")
			if !ours || f.test {
				continue
			}
			if slices.Contains(forTests, imported) && !slices.Contains(forTests, f.dir) {
				t.Errorf("%s: %s is for tests", s.at(spec.Pos()), imported)
			} else if !slices.Contains(layout[f.dir], imported) {
				t.Errorf("%s: %s may not import %s", s.at(spec.Pos()), f.dir, imported)
			}
			if edges[f.dir] == nil {
				edges[f.dir] = map[string]bool{}
			}
			edges[f.dir][imported] = true
		}
	}
	for dir, may := range layout {
		for _, imported := range may {
			if !edges[dir][imported] {
				t.Errorf("%s may import %s and does not: take it out of the layout", dir, imported)
			}
		}
	}
}

// keepers are the packages behind which a library stays, so that what it is good for can be done in another way. Their
// importers outside tests are these alone; tests put in documents and pages that no code of ours would make.
var keepers = map[string]string{
	"go.mongodb.org/mongo-driver/v2":    "pkg/store",
	"github.com/gocolly/colly/v2":       "pkg/fetch",
	"github.com/goccy/go-yaml":          "pkg/yamlfile",
	"github.com/caarlos0/env/v11":       "pkg/config",
	"github.com/nats-io/nats-server/v2": "pkg/embedded",
	"github.com/FerretDB/FerretDB":      "pkg/embedded",
	"modernc.org/sqlite":                "pkg/embedded",
	"github.com/nlnwa/gowarc/v3":        "pkg/archive",
}

func TestLibrariesStayBehindTheirPackage(t *testing.T) {
	s := read(t)
	used := map[string]bool{}
	for _, f := range s.files {
		for _, spec := range f.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			for library, keeper := range keepers {
				if path != library && !strings.HasPrefix(path, library+"/") {
					continue
				}
				if used[library] = true; !f.test && f.dir != keeper && !slices.Contains(forTests, f.dir) {
					t.Errorf("%s: %s is for %s", s.at(spec.Pos()), library, keeper)
				}
			}
		}
	}
	for library := range keepers {
		if !used[library] {
			t.Errorf("nothing imports %s", library)
		}
	}
}

// TestLayoutIsTold: the design names every package, and says rightly which import nothing of ours.
func TestLayoutIsTold(t *testing.T) {
	_, text, ok := strings.Cut(design(t), "\n## Layout\n```\n")
	if !ok {
		t.Fatal("docs/design.md has no Layout")
	}
	text, _, _ = strings.Cut(text, "\n```\n")
	line := regexp.MustCompile(`^(\S+)/ +(\S.*)$`)
	told := map[string]bool{}
	for l := range strings.Lines(text) {
		m := line.FindStringSubmatch(strings.TrimSuffix(l, "\n"))
		if m == nil {
			continue
		}
		told[m[1]] = true
		edges, ours := layout[m[1]]
		if leaf := strings.HasSuffix(m[2], "(imports nothing of ours)"); leaf && len(edges) > 0 {
			t.Errorf("%s imports %s, and docs/design.md says that it imports nothing of ours", m[1], strings.Join(edges, ", "))
		}
		if strings.HasPrefix(m[1], "pkg/") && !ours {
			t.Errorf("docs/design.md tells of %s, which is no package", m[1])
		}
	}
	for dir := range layout {
		if !told[dir] {
			t.Errorf("the Layout in docs/design.md does not tell of %s", dir)
		}
	}
}

// vague are names that say nothing of what a package is.
var vague = []string{"util", "utils", "common", "types", "helper", "helpers", "misc", "base", "shared", "models", "lib"}

func TestPackageNames(t *testing.T) {
	for dir := range read(t).dirs() {
		name := dir[strings.LastIndexByte(dir, '/')+1:]
		if slices.Contains(vague, name) {
			t.Errorf("%s: the name says nothing", dir)
		}
	}
}
