package house

import (
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestPackageComments: each package has one comment, in one file, that begins as godoc wants it.
func TestPackageComments(t *testing.T) {
	s := read(t)
	names := map[string]string{}
	found := map[string][]string{}
	for _, f := range s.files {
		if f.test {
			if f.Doc != nil {
				t.Errorf("%s: the package's comment belongs in no test", s.at(f.Doc.Pos()))
			}
			continue
		}
		names[f.dir] = f.Name.Name
		if f.Doc == nil {
			continue
		}
		found[f.dir] = append(found[f.dir], s.at(f.Doc.Pos()))
		begin := "Package " + f.Name.Name + " "
		if f.Name.Name == "main" {
			begin = "Command " + f.dir[strings.LastIndexByte(f.dir, '/')+1:] + " "
		}
		if !strings.HasPrefix(f.Doc.Text(), begin) {
			t.Errorf("%s: the comment does not begin with %q", s.at(f.Doc.Pos()), begin)
		}
	}
	for dir := range s.dirs() {
		if len(found[dir]) != 1 {
			t.Errorf("%s has %d package comments %v", dir, len(found[dir]), found[dir])
		}
	}
}

// TestExportedNamesAreExplained: what other packages may use has a comment, but for methods that say what they do by
// their name.
func TestExportedNamesAreExplained(t *testing.T) {
	s := read(t)
	missing := func(id *ast.Ident) { t.Errorf("%s: %s has no comment", s.at(id.Pos()), id.Name) }
	for _, f := range s.files {
		if f.test || f.Name.Name == "main" {
			continue
		}
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Doc == nil && d.Name.IsExported() && (d.Recv == nil || exportedReceiver(d.Recv) && !slices.Contains(dynamic, d.Name.Name)) {
					missing(d.Name)
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					switch spec := spec.(type) {
					case *ast.TypeSpec:
						if spec.Name.IsExported() && d.Doc == nil && spec.Doc == nil {
							missing(spec.Name)
						}
					case *ast.ValueSpec:
						// A group's comment is for all that is in it.
						for _, id := range spec.Names {
							if id.IsExported() && d.Doc == nil && spec.Doc == nil && spec.Comment == nil {
								missing(id)
							}
						}
					}
				}
			}
		}
	}
}

func exportedReceiver(recv *ast.FieldList) bool {
	for n := recv.List[0].Type; ; {
		switch x := n.(type) {
		case *ast.StarExpr:
			n = x.X
		case *ast.IndexExpr:
			n = x.X
		case *ast.Ident:
			return x.IsExported()
		default:
			return false
		}
	}
}

// later is how comments put something off.
var later = regexp.MustCompile(`\b(TODO|FIXME|XXX|HACK)\b`)

func TestNothingIsPutOff(t *testing.T) {
	s := read(t)
	for _, f := range s.files {
		for _, g := range f.Comments {
			for _, c := range g.List {
				if word := later.FindString(c.Text); word != "" && f.dir != "cmd/internal/house" {
					t.Errorf("%s: %s: do it, or file it", s.at(c.Pos()), word)
				}
			}
		}
	}
}

// commented says whether a comment stands at the end of a line or right above it.
func commented(fset *token.FileSet, f *ast.File, pos token.Pos) bool {
	line := fset.Position(pos).Line
	for _, g := range f.Comments {
		if at := fset.Position(g.End()).Line; at == line || at == line-1 {
			return true
		}
	}
	return false
}
