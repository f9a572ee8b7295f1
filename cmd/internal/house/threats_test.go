package house

import (
	"go/ast"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"testing"
)

// TestThreatModelIsShown: the tests that docs/threat-model.md calls on are there.
func TestThreatModelIsShown(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "docs", "threat-model.md"))
	if err != nil {
		t.Fatal(err)
	}
	have := map[string]bool{}
	for _, f := range read(t).files {
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && f.test && fn.Recv == nil {
				have[path.Base(f.dir)+"."+fn.Name.Name] = true
			}
		}
	}
	named := regexp.MustCompile("`([a-z]+\\.(?:Test|Fuzz)[A-Za-z]+)`").FindAllStringSubmatch(string(text), -1)
	if len(named) == 0 {
		t.Error("the threat model names no test")
	}
	for _, m := range named {
		if !have[m[1]] {
			t.Errorf("there is no %s", m[1])
		}
	}
}
