package deployments_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"golang.org/x/mod/modfile"
)

var (
	dockerfile = filepath.Join(root, "deployments", "docker", "Dockerfile")
	// targets are the images that can be built: the command that each runs has the same name.
	targets = []string{"scheduler", "worker", "khabar"}
	// probed are the images that check their own health.
	probed = own
)

// stages gives the Dockerfile's stages by name and its global arguments.
func stages(t *testing.T) (map[string]instructions.Stage, map[string]string) {
	t.Helper()
	src, err := os.ReadFile(dockerfile)
	if err != nil {
		t.Fatal(err)
	}
	tree, err := parser.Parse(bytes.NewReader(src))
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range tree.Warnings {
		t.Errorf("Dockerfile: %s", w.Short)
	}
	warn := linter.New(&linter.Config{Warn: func(rule, _, _, message string, at []parser.Range) {
		t.Errorf("Dockerfile:%d: %s: %s", at[0].Start.Line, rule, message)
	}})
	list, meta, err := instructions.Parse(tree.AST, warn)
	if err != nil {
		t.Fatal(err)
	}
	named, args := map[string]instructions.Stage{}, map[string]string{}
	for _, s := range list {
		named[s.Name] = s
	}
	for _, m := range meta {
		for _, a := range m.Args {
			args[a.Key] = a.ValueString()
		}
	}
	return named, args
}

// chain gives the commands of a stage after those of the stages it is based on, and the image that all rest on.
func chain(named map[string]instructions.Stage, name string) (commands []instructions.Command, base string) {
	s, ok := named[name]
	if !ok {
		return nil, name
	}
	commands, base = chain(named, s.BaseName)
	return append(commands, s.Commands...), base
}

func TestDockerfileImages(t *testing.T) {
	named, _ := stages(t)
	for _, target := range targets {
		if _, ok := named[target]; !ok {
			t.Fatalf("no target %s", target)
		}
		commands, base := chain(named, target)
		if !strings.HasPrefix(base, "gcr.io/distroless/static-") || !strings.HasSuffix(base, ":nonroot") {
			t.Errorf("%s: rests on %s", target, base)
		}
		var user string
		var entrypoint, health []string
		env, labels := map[string]string{}, map[string]string{}
		for _, c := range commands {
			switch c := c.(type) {
			case *instructions.UserCommand:
				user = c.User
			case *instructions.EntrypointCommand:
				entrypoint = c.CmdLine
				if c.PrependShell {
					t.Errorf("%s: ENTRYPOINT needs a shell", target)
				}
			case *instructions.CmdCommand:
				if c.PrependShell {
					t.Errorf("%s: CMD needs a shell", target)
				}
			case *instructions.RunCommand:
				t.Errorf("%s: RUN needs a shell in the image: %s", target, c)
			case *instructions.HealthCheckCommand:
				health = c.Health.Test
			case *instructions.EnvCommand:
				for _, kv := range c.Env {
					env[kv.Key] = kv.Value
				}
			case *instructions.LabelCommand:
				for _, kv := range c.Labels {
					labels[kv.Key] = kv.Value
				}
			}
		}
		if !regexp.MustCompile(`^[1-9]\d*:[1-9]\d*$`).MatchString(user) {
			t.Errorf("%s: user %q is not a number other than root's", target, user)
		}
		if want := []string{"/" + target}; !slices.Equal(entrypoint, want) {
			t.Errorf("%s: entry point %v, want %v", target, entrypoint, want)
		}
		if want := []string{"CMD", "/" + target, "health"}; slices.Contains(probed, target) {
			if !slices.Equal(health, want) || env["KHABAR_HEALTH_ADDR"] == "" {
				t.Errorf("%s: health check %v of %q, want %v", target, health, env["KHABAR_HEALTH_ADDR"], want)
			}
		}
		for _, key := range []string{"title", "description", "version", "licenses", "source"} {
			if labels["org.opencontainers.image."+key] == "" {
				t.Errorf("%s: no label org.opencontainers.image.%s", target, key)
			}
		}
	}
}

// What the Dockerfile copies is there: in the repository and not ignored, or made by a stage that exists.
func TestDockerfileSources(t *testing.T) {
	named, args := stages(t)
	ignore, err := os.ReadFile(filepath.Join(root, ".dockerignore"))
	if err != nil {
		t.Fatal(err)
	}
	sent := strings.Split(string(ignore), "\n")
	for name, s := range named {
		for _, c := range s.Commands {
			c, ok := c.(*instructions.CopyCommand)
			if !ok {
				continue
			}
			if c.From != "" {
				if _, ok := named[c.From]; !ok {
					t.Errorf("%s: copies from no stage %q", name, c.From)
				}
				continue
			}
			for _, path := range c.SourcePaths {
				if _, err := os.Stat(filepath.Join(root, path)); err != nil {
					t.Errorf("%s: %v", name, err)
				}
				if !slices.Contains(sent, "!"+path) {
					t.Errorf("%s: .dockerignore keeps %s from the build", name, path)
				}
			}
		}
		if base := os.Expand(s.BaseName, func(key string) string { return args[key] }); named[base].Name == "" {
			if _, tag, _ := strings.Cut(base, ":"); tag == "" || tag == "latest" {
				t.Errorf("%s: base image %q is not pinned", name, base)
			}
		}
	}

	src, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	mod, err := modfile.ParseLax("go.mod", src, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := args["GO_VERSION"]; got != mod.Go.Version {
		t.Errorf("the Dockerfile compiles with Go %s, go.mod says %s", got, mod.Go.Version)
	}
}

// The compose file builds targets that the Dockerfile has.
func TestComposeBuilds(t *testing.T) {
	p := compose(t)
	named, _ := stages(t)
	for _, name := range own {
		b := p.Services[name].Build
		if b == nil {
			t.Fatalf("%s: no build", name)
		}
		want, err := filepath.Abs(dockerfile)
		if err != nil {
			t.Fatal(err)
		}
		if got := filepath.Join(b.Context, b.Dockerfile); got != want {
			t.Errorf("%s: is built from %s, want %s", name, got, want)
		}
		if _, ok := named[b.Target]; !ok || b.Target != name {
			t.Errorf("%s: is built from target %q", name, b.Target)
		}
		if p.Services[name].HealthCheck == nil && !slices.Contains(probed, b.Target) {
			t.Errorf("%s: no health check", name)
		}
	}
}

// buildCommand gives the go build of a target as it stands in the Dockerfile, and the environment it runs in.
func buildCommand(t *testing.T, target string) (command string, env []string) {
	t.Helper()
	named, _ := stages(t)
	commands, _ := chain(named, "build-"+target)
	for _, c := range commands {
		switch c := c.(type) {
		case *instructions.EnvCommand:
			for _, kv := range c.Env {
				env = append(env, fmt.Sprintf("%s=%s", kv.Key, kv.Value))
			}
		case *instructions.RunCommand:
			if line := strings.Join(c.CmdLine, " "); strings.Contains(line, "go build") {
				command = line
			}
		}
	}
	if command == "" {
		t.Fatalf("%s: no go build", target)
	}
	return command, env
}
