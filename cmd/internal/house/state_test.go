package house

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"testing"
)

// TestNoMutableState: what a package declares outside functions is set where it is declared and never again. An exported
// variable is an error: anything else could be set from anywhere.
func TestNoMutableState(t *testing.T) {
	p := load(t)
	for _, u := range p.pkgs {
		scope := u.Types.Scope()
		for _, name := range scope.Names() {
			v, ok := scope.Lookup(name).(*types.Var)
			if !ok {
				continue
			}
			if v.Exported() && !types.Identical(v.Type(), types.Universe.Lookup("error").Type()) {
				t.Errorf("%s: %s can be set from anywhere", p.at(v.Pos()), name)
			}
			if mutable(v.Type()) {
				t.Errorf("%s: %s is made to be changed", p.at(v.Pos()), name)
			}
		}
		// global gives the package's variable that an expression reaches into.
		global := func(e ast.Expr) types.Object {
			for {
				switch x := e.(type) {
				case *ast.IndexExpr:
					e = x.X
				case *ast.SelectorExpr:
					if v, ok := u.TypesInfo.Uses[x.Sel].(*types.Var); ok && !v.IsField() {
						return v // of another package
					}
					e = x.X
				case *ast.StarExpr:
					e = x.X
				case *ast.ParenExpr:
					e = x.X
				case *ast.SliceExpr:
					e = x.X
				case *ast.Ident:
					if v, ok := u.TypesInfo.Uses[x].(*types.Var); ok && v.Parent() == scope {
						return v
					}
					return nil
				default:
					return nil
				}
			}
		}
		change := func(pos token.Pos, e ast.Expr) {
			if v := global(e); v != nil {
				t.Errorf("%s: changes the package's %s", p.at(pos), v.Name())
			}
		}
		for _, f := range u.Syntax {
			ast.Inspect(f, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.AssignStmt:
					if n.Tok != token.DEFINE {
						for _, e := range n.Lhs {
							change(n.Pos(), e)
						}
					}
				case *ast.IncDecStmt:
					change(n.Pos(), n.X)
				case *ast.RangeStmt:
					if n.Tok == token.ASSIGN {
						change(n.Pos(), n.Key)
						change(n.Pos(), n.Value)
					}
				case *ast.UnaryExpr:
					if n.Op == token.AND {
						change(n.Pos(), n.X)
					}
				case *ast.CallExpr:
					if id, ok := n.Fun.(*ast.Ident); ok && len(n.Args) > 0 {
						if _, builtin := u.TypesInfo.Uses[id].(*types.Builtin); builtin && slices.Contains([]string{"delete", "clear", "copy"}, id.Name) {
							change(n.Pos(), n.Args[0])
						}
					}
				case *ast.FuncDecl:
					if n.Recv == nil && n.Name.Name == "init" {
						t.Errorf("%s: init runs before main can say anything", p.at(n.Pos()))
					}
				}
				return true
			})
		}
	}
}

// mutable says whether a type is for what changes: a lock, a counter, a channel.
func mutable(t types.Type) bool {
	switch t := types.Unalias(t).(type) {
	case *types.Chan:
		return true
	case *types.Pointer:
		return mutable(t.Elem())
	case *types.Named:
		if pkg := t.Obj().Pkg(); pkg != nil && (pkg.Path() == "sync" || pkg.Path() == "sync/atomic") {
			return true
		}
		return mutable(t.Underlying())
	case *types.Struct:
		for f := range t.Fields() {
			if mutable(f.Type()) {
				return true
			}
		}
	}
	return false
}

// TestNobodySleeps: what is waited for is an event, and a wait ends with its context. Where synctest keeps the clock, a
// sleep takes no time.
func TestNobodySleeps(t *testing.T) {
	s := read(t)
	for _, f := range s.files {
		ast.Inspect(f.File, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if ok && isCall(call, "time", "Sleep") {
				t.Errorf("%s: sleeps", s.at(n.Pos()))
			}
			return !ok || !isCall(call, "synctest", "Test")
		})
	}
}

// TestContextsAreHandedDown: a context comes from the caller. Where one begins outside main and tests, a comment says why.
func TestContextsAreHandedDown(t *testing.T) {
	s := read(t)
	for _, f := range s.files {
		if f.test || f.Name.Name == "main" || slices.Contains(forTests, f.dir) {
			continue
		}
		ast.Inspect(f.File, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if ok && (isCall(call, "context", "Background") || isCall(call, "context", "TODO")) && !commented(s.fset, f.File, n.Pos()) {
				t.Errorf("%s: a context begins here, and no comment says why", s.at(n.Pos()))
			}
			return true
		})
	}
}
