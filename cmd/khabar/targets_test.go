package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/zap"

	"github.com/khabar-crawler/khabar/cmd/internal/wire"
	"github.com/khabar-crawler/khabar/pkg/config"
)

// TestTargets: what an address on the command line stands for, without files and with them.
func TestTargets(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"root.yaml": "id: root\nhome: https://www.paper.example/\n",
		"ckb.yaml":  "id: ckb\nhome: https://www.paper.example/sorani\nsections: [{id: news, url: https://www.paper.example/sorani/news, kind: listing}]\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, tc := range []struct {
		about, addresses string
		files            bool
		want             string // site, kind, section and whether alone, of each named page
	}{
		{"editions on hosts", "https://ar.a.example/ https://en.a.example/ https://www.a.example/", false,
			"ar.a.example home home, en.a.example home home, a.example home home"},
		{"editions under paths", "https://a.example/ar https://a.example/en/", false, "a.example_ar home home, a.example_en home home"},
		{"an article of an edition", "https://a.example/ar/2026/11/25/the-council-plans-a-bridge", false, "a.example_ar article alone"},
		{"a section", "https://a.example/politics/", false, "a.example home"},
		{"a feed on a host of its own", "https://feeds.a.example/rss", false, "a.example feed alone"},
		{"a sitemap", "https://ar.a.example/sitemap.xml", false, "ar.a.example sitemap alone"},
		{"beside its home page", "https://a.example/ar/feed https://a.example/ar/", false, "a.example_ar home home, a.example_ar feed alone"},
		{"a described site", "https://paper.example", true, "root home home"},
		{"a described site without www", "https://paper.example/index.html https://paper.example/", true, "root home home, root home alone"},
		{"a described edition", "https://www.paper.example/sorani", true, "ckb listing news"},
		{"a described section", "https://www.paper.example/sorani/news", true, "ckb listing news alone"},
		{"an article of a described edition", "https://paper.example/sorani/2026/11/25/the-council-plans-a-bridge", true, "ckb article alone"},
		{"an edition that no file describes", "https://ar.paper.example/", true, "ar.paper.example home home"},
	} {
		cfg := config.Default()
		if tc.files {
			cfg.Sites = []string{dir}
		}
		sites, err := wire.ReadSites(cfg, zap.NewNop())
		if err != nil {
			t.Fatal(err)
		}
		to, err := targetsOf(cfg, sites.Current().Set().All(), strings.Fields(tc.addresses))
		if err != nil {
			t.Errorf("%s: %v", tc.about, err)
			continue
		}
		var got []string
		for _, n := range to.named {
			words := []string{n.Site.ID, string(n.Kind)}
			if n.Section != "" {
				words = append(words, n.Section)
			}
			if n.Alone {
				words = append(words, "alone")
			}
			got = append(got, strings.Join(words, " "))
		}
		if got := strings.Join(got, ", "); got != tc.want {
			t.Errorf("%s: got %s; want %s", tc.about, got, tc.want)
		}
	}
	if _, err := targetsOf(config.Default(), nil, []string{"https://a.example/", "https://www.a.example/"}); err == nil || !strings.Contains(err.Error(), "are one site, a.example") {
		t.Errorf("two addresses of one site: %v", err)
	}
}
