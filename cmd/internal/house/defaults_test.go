package house

import (
	"go/ast"
	"go/token"
	"testing"
)

// TestDefaultsAreToldOnce: the configuration has no number of its own; each stands in the package that it is for.
func TestDefaultsAreToldOnce(t *testing.T) {
	s := read(t)
	found := false
	for _, f := range s.files {
		if f.dir != "pkg/config" || f.test {
			continue
		}
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Name.Name != "Default" {
				continue
			}
			found = true
			ast.Inspect(fn.Body, func(n ast.Node) bool {
				if lit, ok := n.(*ast.BasicLit); ok && lit.Kind != token.STRING {
					t.Errorf("%s: %s: say it in the Default of the package that it is for", s.at(n.Pos()), lit.Value)
				}
				return true
			})
		}
	}
	if !found {
		t.Error("pkg/config has no Default")
	}
}
