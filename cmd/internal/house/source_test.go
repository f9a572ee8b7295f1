package house

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/tools/go/packages"
)

const (
	root   = "../../.."
	module = "github.com/khabar-crawler/khabar"
)

// file is a Go file as it is written, whatever system it is for.
type file struct {
	*ast.File
	dir  string // its package, from the module's root with slashes: "pkg/store"
	test bool
}

// source is every Go file of the module.
type source struct {
	fset  *token.FileSet
	files []file
}

func (s source) at(p token.Pos) string { return place(s.fset, p) }

var readSource = sync.OnceValues(func() (source, error) {
	s := source{fset: token.NewFileSet()}
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		switch base := d.Name(); {
		case err != nil:
			return err
		case d.IsDir() && (base == "testdata" || name != root && strings.HasPrefix(base, ".")):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(base, ".go"):
			return nil
		}
		f, err := parser.ParseFile(s.fset, name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		dir, err := filepath.Rel(root, filepath.Dir(name))
		s.files = append(s.files, file{f, filepath.ToSlash(dir), strings.HasSuffix(name, "_test.go")})
		return err
	})
	return s, err
})

func read(t *testing.T) source {
	t.Helper()
	s, err := readSource()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// dirs are the packages of the module: those with a file that is no test, and those that have nothing but tests.
func (s source) dirs() map[string]bool {
	dirs := map[string]bool{}
	for _, f := range s.files {
		dirs[f.dir] = true
	}
	return dirs
}

// program is the module without its tests, as the compiler understands it on this system. Tests are left out because what
// they import would have to be compiled first.
type program struct {
	fset *token.FileSet
	pkgs []*packages.Package
}

func (p program) at(pos token.Pos) string { return place(p.fset, pos) }

var loadProgram = sync.OnceValues(func() (program, error) {
	p := program{fset: token.NewFileSet()}
	var err error
	p.pkgs, err = packages.Load(&packages.Config{Dir: root, Fset: p.fset, Mode: packages.LoadSyntax}, "./...")
	for _, pkg := range p.pkgs {
		for _, e := range pkg.Errors {
			err = errors.Join(err, e)
		}
	}
	return p, err
})

func load(t *testing.T) program {
	t.Helper()
	p, err := loadProgram()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// dirOf gives a package's directory, from the module's root.
func dirOf(pkg *types.Package) string { return strings.TrimPrefix(pkg.Path(), module+"/") }

// place is where something stands, from the module's root.
func place(fset *token.FileSet, pos token.Pos) string {
	p := fset.Position(pos)
	if dir, err := filepath.Abs(root); err == nil && filepath.IsAbs(p.Filename) {
		if rel, err := filepath.Rel(dir, p.Filename); err == nil {
			p.Filename = rel
		}
	}
	p.Filename = path.Clean(strings.TrimPrefix(filepath.ToSlash(p.Filename), root+"/"))
	return p.String()
}

// isCall says whether a call is of pkg.name.
func isCall(call *ast.CallExpr, pkg, name string) bool {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	x, ok := sel.X.(*ast.Ident)
	return ok && x.Name == pkg && sel.Sel.Name == name
}

// design reads docs/design.md.
func design(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, "docs", "design.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
