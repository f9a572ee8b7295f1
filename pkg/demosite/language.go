package demosite

import (
	"embed"
	"fmt"
	"strings"
)

//go:embed texts/*.txt
var texts embed.FS

// language holds the words that articles and pages of one language are made of, as read from texts/<code>.txt.
type language struct {
	code    string
	labels  map[string]string // what a template prints around an article: "next", "share", "readalso" …
	lists   map[string][]string
	reserve []string // sentences for every section
}

// sectionKeys name the four sections that every site has; each language file has a block for each.
var sectionKeys = [...]string{"politics", "economy", "sport", "culture"}

// loadLanguage reads an embedded word list: "[name]" opens a list, "#" a comment; labels are "key = value" lines.
func loadLanguage(code string) (*language, error) {
	data, err := texts.ReadFile("texts/" + code + ".txt")
	if err != nil {
		return nil, fmt.Errorf("demosite: words of language %q: %w", code, err)
	}
	l := &language{code: code, labels: map[string]string{}, lists: map[string][]string{}}
	var list string
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "["):
			list = strings.Trim(line, "[]")
		case list == "labels":
			key, value, _ := strings.Cut(line, "=")
			l.labels[strings.TrimSpace(key)] = strings.TrimSpace(value)
		default:
			l.lists[list] = append(l.lists[list], line)
		}
	}
	l.reserve = l.lists["general.body"]
	return l, nil
}

// section gives the printed name of a section.
func (l *language) section(key string) string { return l.lists[key+".name"][0] }
