package extract

import (
	_ "embed"
	"strings"
	"sync"
)

// What pages call things for machines is data: meta.txt and pictures.txt.

var (
	//go:embed meta.txt
	metaFile string
	//go:embed pictures.txt
	picturesFile string
)

// The kinds of meta.txt.
const (
	metaAuthor    = "author"
	metaPublished = "published"
	metaIssued    = "issued"
	metaModified  = "modified"
	metaSection   = "section"
)

var (
	// metaNames are the names of meta.txt by their kind.
	metaNames = sync.OnceValue(func() map[string][]string { return namesByKind(metaFile) })
	// pictureNames are the words of pictures.txt by their kind.
	pictureNames = sync.OnceValue(func() map[string][]string { return namesByKind(picturesFile) })
)

// namesByKind reads lines of a kind and its names, which may go on in the next line.
func namesByKind(data string) map[string][]string {
	out := map[string][]string{}
	kind := ""
	for line := range strings.Lines(data) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if k, rest, ok := strings.Cut(line, ": "); ok {
			kind, line = k, rest
		}
		for name := range strings.SplitSeq(line, ",") {
			if name = strings.TrimSpace(name); name != "" {
				out[kind] = append(out[kind], name)
			}
		}
	}
	return out
}
