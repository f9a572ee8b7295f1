package house

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/refactor/satisfy"
)

// promised are names that nothing but tests uses yet, with who will.
var promised = map[string]string{
	"pkg/discover.Guesses":        "discovery: where feeds and sitemaps of a site are that names none",
	"pkg/frontier.Frontier.Lane":  "status: which hosts are left alone, and until when",
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
	names := map[string]string{} // by place, which does not change from one loading of a package to the next
	used := map[string]bool{}
	for _, u := range p.units {
		if !u.test {
			p.declared(u, names)
		}
	}
	for _, u := range p.units {
		for _, f := range u.files {
			for _, d := range f.Decls {
				p.uses(u, d, used)
			}
		}
	}
	p.called(used)
	for at, name := range names {
		if _, ok := promised[name]; !used[at] && !ok {
			t.Errorf("%s: nothing uses %s but tests", at, name)
		}
	}
	for name, why := range promised {
		if at, ok := find(names, name); !ok || used[at] {
			t.Errorf("%s, promised to %s, is used or gone: take it off the list", name, why)
		}
	}
}

func find(names map[string]string, name string) (string, bool) {
	for at, n := range names {
		if n == name {
			return at, true
		}
	}
	return "", false
}

// declared adds the functions, methods, types, variables and constants of a package.
func (p program) declared(u unit, names map[string]string) {
	for id, obj := range u.TypesInfo.Defs {
		if obj == nil || id.Name == "_" {
			continue
		}
		name := u.dir + "." + id.Name
		switch obj := obj.(type) {
		case *types.Func:
			recv := obj.Signature().Recv()
			switch {
			case recv == nil && (id.Name == "init" || id.Name == "main" && u.Name == "main"):
				continue
			case recv != nil && slices.Contains(dynamic, id.Name):
				continue
			case recv != nil:
				t := types.TypeString(recv.Type(), func(*types.Package) string { return "" })
				name = u.dir + "." + strings.TrimPrefix(t, "*") + "." + id.Name
			}
		case *types.Const:
			if obj.Parent() != u.Types.Scope() || !obj.Exported() {
				continue
			}
		case *types.Var, *types.TypeName:
			if obj.Parent() != u.Types.Scope() {
				continue
			}
		default:
			continue
		}
		names[p.at(obj.Pos())] = name
	}
}

// uses marks what a declaration uses beside itself. A test's use counts where the package is there for tests of others.
func (p program) uses(u unit, d ast.Decl, used map[string]bool) {
	mark := func(n ast.Node, own token.Pos) {
		ast.Inspect(n, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok {
				return true
			}
			obj := u.TypesInfo.Uses[id]
			if f, ok := obj.(*types.Func); ok {
				obj = f.Origin()
			}
			if obj == nil || obj.Pkg() == nil || obj.Pos() == own {
				return true
			}
			if dir := strings.TrimPrefix(obj.Pkg().Path(), module+"/"); !u.test || dir != u.dir && slices.Contains(servesTests, dir) {
				used[p.at(obj.Pos())] = true
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

// called marks the methods that are called through an interface: those of each type that becomes one in code that is no
// test, where the interface is foreign or the method is called.
func (p program) called(used map[string]bool) {
	var all satisfy.Finder
	for _, u := range p.units {
		if !u.test {
			all.Find(u.TypesInfo, u.files)
		}
	}
	ours := map[string]bool{}
	for _, u := range p.units {
		ours[u.PkgPath] = true
	}
	for c := range maps.Keys(all.Result) {
		methods := types.NewMethodSet(c.RHS)
		for m := range c.LHS.Underlying().(*types.Interface).Methods() {
			if m.Pkg() != nil && ours[m.Pkg().Path()] && !used[p.at(m.Origin().Pos())] {
				continue
			}
			if sel := methods.Lookup(m.Pkg(), m.Name()); sel != nil {
				used[p.at(sel.Obj().(*types.Func).Origin().Pos())] = true
			}
		}
	}
}
