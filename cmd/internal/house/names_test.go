package house

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
	"golang.org/x/tools/refactor/satisfy"
)

// promised are names that nothing but tests uses yet, with who will.
var promised = map[string]string{
	"pkg/store.Committer.Waiting": "metrics: whether the store keeps up",
}

// dynamic are methods that the standard library finds by itself, where a value is printed, compared or marshalled.
var dynamic = []string{
	"Error", "Unwrap", "Is", "As", "String", "GoString", "MarshalText", "UnmarshalText", "MarshalJSON", "UnmarshalJSON",
}

// servesTests are the packages whose names tests of other packages may be the only ones to use.
var servesTests = append([]string{"pkg/demosite"}, forTests...)

// TestNamesAreUsed: what is declared outside tests is used outside tests, beyond its own declaration. Fields are not
// looked at, nor constants that other packages do not see: they may be there to complete a list.
func TestNamesAreUsed(t *testing.T) {
	p := load(t)
	names := map[token.Pos]name{}
	used := map[token.Pos]bool{}
	for _, pkg := range p.pkgs {
		declared(pkg, names)
	}
	for _, pkg := range p.pkgs {
		for _, f := range pkg.Syntax {
			for _, d := range f.Decls {
				uses(pkg.TypesInfo, d, used)
			}
		}
	}
	called(p, used)
	said := saidInTests(read(t))
	kept := map[string]bool{}
	for pos, n := range names {
		switch full := n.full(); {
		case used[pos]:
		case slices.Contains(servesTests, n.dir) && slices.ContainsFunc(said[n.last], func(dir string) bool { return dir != n.dir }):
		case promised[full] != "":
			kept[full] = true
		default:
			t.Errorf("%s: nothing uses %s but tests", p.at(pos), full)
		}
	}
	for full, whom := range promised {
		if !kept[full] {
			t.Errorf("%s, promised to %s, is used or gone: take it off the list", full, whom)
		}
	}
}

// name is what a package declares; of is the type of a method.
type name struct{ dir, of, last string }

func (n name) full() string {
	if n.of != "" {
		return n.dir + "." + n.of + "." + n.last
	}
	return n.dir + "." + n.last
}

// saidInTests are the names that tests say after a dot, each with the packages of those tests.
func saidInTests(s source) map[string][]string {
	said := map[string][]string{}
	for _, f := range s.files {
		if !f.test {
			continue
		}
		ast.Inspect(f.File, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok && !slices.Contains(said[sel.Sel.Name], f.dir) {
				said[sel.Sel.Name] = append(said[sel.Sel.Name], f.dir)
			}
			return true
		})
	}
	return said
}

// declared adds the functions, methods, types, variables and constants of a package.
func declared(pkg *packages.Package, names map[token.Pos]name) {
	for id, obj := range pkg.TypesInfo.Defs {
		if obj == nil || id.Name == "_" {
			continue
		}
		n := name{dir: dirOf(pkg.Types), last: id.Name}
		switch obj := obj.(type) {
		case *types.Func:
			recv := obj.Signature().Recv()
			switch {
			case recv == nil && (id.Name == "init" || id.Name == "main" && pkg.Name == "main"):
				continue
			case recv != nil && slices.Contains(dynamic, id.Name):
				continue
			case recv != nil:
				n.of = strings.TrimPrefix(types.TypeString(recv.Type(), func(*types.Package) string { return "" }), "*")
			}
		case *types.Const:
			if obj.Parent() != pkg.Types.Scope() || !obj.Exported() {
				continue
			}
		case *types.Var, *types.TypeName:
			if obj.Parent() != pkg.Types.Scope() {
				continue
			}
		default:
			continue
		}
		names[obj.Pos()] = n
	}
}

// uses marks what a declaration uses beside itself.
func uses(info *types.Info, d ast.Decl, used map[token.Pos]bool) {
	mark := func(n ast.Node, own token.Pos) {
		ast.Inspect(n, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				obj := info.Uses[id]
				if f, ok := obj.(*types.Func); ok {
					obj = f.Origin()
				}
				if obj != nil && obj.Pos() != own {
					used[obj.Pos()] = true
				}
			}
			return true
		})
	}
	switch d := d.(type) {
	case *ast.FuncDecl: // a method is no use of its receiver's type
		mark(d.Type, d.Name.Pos())
		if d.Body != nil {
			mark(d.Body, d.Name.Pos())
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				mark(spec.Type, spec.Name.Pos())
			case *ast.ValueSpec:
				if spec.Names[0].Name != "_" { // var _ I = T{} only asks the compiler
					mark(spec, token.NoPos)
				}
			}
		}
	}
}

// called marks the methods that are called through an interface: those of each type that becomes one, where the
// interface is foreign or the method is called.
func called(p program, used map[token.Pos]bool) {
	var all satisfy.Finder
	ours := map[*types.Package]bool{}
	for _, pkg := range p.pkgs {
		all.Find(pkg.TypesInfo, pkg.Syntax)
		ours[pkg.Types] = true
	}
	for c := range all.Result {
		methods := types.NewMethodSet(c.RHS)
		for m := range c.LHS.Underlying().(*types.Interface).Methods() {
			if ours[m.Pkg()] && !used[m.Origin().Pos()] {
				continue
			}
			if sel := methods.Lookup(m.Pkg(), m.Name()); sel != nil {
				used[sel.Obj().(*types.Func).Origin().Pos()] = true
			}
		}
	}
}
