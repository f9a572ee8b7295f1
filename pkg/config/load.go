package config

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/caarlos0/env/v11"

	"github.com/khabar-crawler/khabar/pkg/yamlfile"
)

// Prefix begins the name of each environment variable.
const Prefix = "KHABAR_"

// maxSecret bounds a file that holds a connection string.
const maxSecret = 64 << 10

// Problem is one thing wrong with the configuration; Problems is all of them as an error. For a value that the
// environment gave, File is the variable's name.
type (
	Problem  = yamlfile.Problem
	Problems = yamlfile.Problems
)

// Load reads the file at path over the defaults (with path "" the defaults alone) and the environment over both; environ
// has os.Environ's form. Variables that are set to nothing count as not set. Paths in the file are taken from the file's
// directory. A secret given by file (mongo.uri_file) is read into its field. The error is Problems: all that is wrong.
func Load(path string, environ []string) (*Config, error) {
	cfg := Default()
	l := &loader{cfg: cfg, fromEnv: map[string]bool{}}
	if path != "" {
		l.doc = yamlfile.Read(path, cfg)
		l.rebase(filepath.Dir(path))
	}
	l.environment(environ)
	if l.doc == nil || l.doc.Readable() {
		l.secrets()
		l.validate()
	}
	if l.doc != nil {
		l.problems = append(l.doc.Problems(), l.problems...)
	}
	if err := l.problems.Err(); err != nil {
		return nil, err
	}
	return cfg, nil
}

type loader struct {
	cfg      *Config
	doc      *yamlfile.Document // nil without a file
	fromEnv  map[string]bool    // variables that gave a value
	problems Problems           // those of the environment, and of no file
}

// add reports a problem where the value came from.
func (l *loader) add(path, format string, args ...any) {
	name := variable(path)
	switch {
	case l.fromEnv[name]:
		l.problems = append(l.problems, Problem{File: name, Message: fmt.Sprintf(format, args...)})
	case l.doc != nil:
		l.doc.Add(path, format, args...)
	default:
		l.problems = append(l.problems, Problem{File: path, Message: fmt.Sprintf(format, args...)})
	}
}

// variable names the environment variable of a key.
func variable(path string) string {
	return Prefix + strings.ToUpper(strings.ReplaceAll(path, ".", "_"))
}

// rebase takes the paths of a file from its directory.
func (l *loader) rebase(dir string) {
	c := l.cfg
	paths := []*string{
		&c.DataDir, &c.ArchiveDir, &c.Mongo.URIFile, &c.Fetch.ProxyFile,
		&c.NATS.URLFile, &c.NATS.CredentialsFile, &c.NATS.NkeyFile, &c.NATS.CAFile, &c.NATS.CertFile, &c.NATS.KeyFile,
	}
	for i := range c.Sites {
		paths = append(paths, &c.Sites[i])
	}
	for _, p := range paths {
		if *p != "" && !filepath.IsAbs(*p) {
			*p = filepath.Join(dir, *p)
		}
	}
}

// environment overlays the variables, one at a time, so that what is wrong with one is said with its name.
func (l *loader) environment(environ []string) {
	vars := env.ToMap(environ)
	params, err := env.GetFieldParamsWithOptions(l.cfg, env.Options{Prefix: Prefix, Environment: map[string]string{}})
	if err != nil {
		l.problems = append(l.problems, Problem{Message: err.Error()})
		return
	}
	known := map[string]bool{}
	for _, p := range params {
		known[p.Key] = p.OwnKey != ""
	}
	names := make([]string, 0, len(vars))
	for name, value := range vars {
		if strings.HasPrefix(name, Prefix) && value != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		if !known[name] {
			if !foreign(name) {
				l.cfg.Warnings = append(l.cfg.Warnings, name+" is set and is no variable of khabar's")
			}
			continue
		}
		l.fromEnv[name] = true
		one := map[string]string{name: vars[name]}
		if err := env.ParseWithOptions(l.cfg, env.Options{Prefix: Prefix, Environment: one}); err != nil {
			l.problems = append(l.problems, Problem{File: name, Message: "cannot be read: " + innermost(err)})
		}
	}
}

// innermost gives the words of the error inside the library's wrapping, which names Go fields.
func innermost(err error) string {
	var pe env.ParseError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}

// foreign says whether a KHABAR_ variable is somebody else's: Kubernetes sets such names in every pod for a service
// named khabar, and the tests have theirs.
func foreign(name string) bool {
	rest := strings.TrimPrefix(name, Prefix)
	return strings.HasPrefix(rest, "TEST_") || strings.Contains(rest, "SERVICE_HOST") || strings.Contains(rest, "SERVICE_PORT") ||
		strings.HasSuffix(rest, "PORT") || strings.Contains(rest, "PORT_")
}

// secrets reads the values that are given by file. A variable overrides both ways in which the file can give a value.
func (l *loader) secrets() {
	c := l.cfg
	for _, s := range []struct {
		path  string
		value *Secret
		file  *string
	}{
		{"nats.url", &c.NATS.URL, &c.NATS.URLFile},
		{"mongo.uri", &c.Mongo.URI, &c.Mongo.URIFile},
		{"fetch.proxy", &c.Fetch.Proxy, &c.Fetch.ProxyFile},
	} {
		filePath := s.path + "_file"
		switch direct, byFile := l.fromEnv[variable(s.path)], l.fromEnv[variable(filePath)]; {
		case direct && !byFile:
			*s.file = ""
		case byFile && !direct:
			*s.value = ""
		}
		if *s.file == "" {
			continue
		}
		if *s.value != "" {
			l.add(filePath, "is given beside %s; give one of them", s.path)
			continue
		}
		text, err := readSecret(*s.file)
		if err != nil {
			l.add(filePath, "%v", err)
		}
		*s.value = Secret(text)
	}
}

// readSecret reads a file that holds one value, with or without a line end. Errors never hold what was read.
func readSecret(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("cannot be read: %w", err)
	}
	defer func() { _ = f.Close() }() // nothing was written
	b, err := io.ReadAll(io.LimitReader(f, maxSecret+1))
	switch {
	case err != nil:
		return "", fmt.Errorf("cannot be read: %w", err)
	case len(b) > maxSecret:
		return "", fmt.Errorf("%s is longer than %d bytes", path, maxSecret)
	}
	text := strings.TrimSpace(string(b))
	if text == "" {
		return "", fmt.Errorf("%s is empty", path)
	}
	return text, nil
}
