// Package yamlfile reads a configuration file strictly: each key must be known, each value of the right type, and
// whatever is wrong is said with file, line and column, all of it at once and not just the first.
//
// Invariants: a document with no problems was read wholly, nothing in it ignored; a key that has a problem leaves its
// field as it was and is not complained about twice. Anchors, aliases, merge keys, tags and several documents
// in one file are refused: a configuration needs none of them, and aliases make small files huge.
//
// Decoding is by the struct's yaml tags; the YAML itself is read by goccy/go-yaml, whose own decoder stops at the first
// error. Failure modes: every one is a Problem.
package yamlfile

import (
	"encoding"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// maxSize bounds a file: the largest site definition is some kilobytes, and the parser recurses once per bracket.
const maxSize = 256 << 10

// Document is a file that was decoded, and what is wrong with it so far.
type Document struct {
	file     string
	at       map[string]position // by path, as "sections[1].url"
	bad      map[string]bool     // paths that a problem was reported for
	problems Problems
}

type position struct{ line, column int }

// Read decodes the file at path into the struct that into points to. See Decode.
func Read(path string, into any) *Document {
	d := newDocument(path)
	info, err := os.Stat(path)
	if err == nil && info.IsDir() {
		err = errors.New("is a directory")
	}
	if err == nil && info.Size() > maxSize {
		d.whole("%d bytes; at most %d are read", info.Size(), maxSize)
		return d
	}
	var data []byte
	if err == nil {
		data, err = os.ReadFile(path)
	}
	if err != nil {
		var pe *os.PathError
		if errors.As(err, &pe) {
			err = pe.Err // the path is said already
		}
		d.whole("cannot be read: %v", err)
		return d
	}
	return Decode(path, data, into)
}

// Decode decodes YAML into the struct that into points to, whose fields need a yaml tag each: text, numbers, booleans,
// time.Duration ("5s"), what implements encoding.TextUnmarshaler, structs, and lists of these. Fields whose key is
// absent keep the value they have. The file name is only for the problems.
func Decode(file string, data []byte, into any) *Document {
	d := newDocument(file)
	if len(data) > maxSize {
		d.whole("%d bytes; at most %d are read", len(data), maxSize)
		return d
	}
	tree, err := parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		d.syntax(err)
		return d
	}
	var body ast.Node
	for _, doc := range tree.Docs {
		switch {
		case doc.Body == nil, doc.Body.Type() == ast.CommentType:
		case body != nil:
			d.report("", doc.Body, "a second document; one file holds one")
			return d
		default:
			body = doc.Body
		}
	}
	if body == nil {
		d.whole("is empty")
		return d
	}
	d.value("", body, reflect.ValueOf(into).Elem())
	return d
}

func newDocument(file string) *Document {
	return &Document{file: file, at: map[string]position{}, bad: map[string]bool{}}
}

// Has says whether the file gives a value for path, be it a wrong one.
func (d *Document) Has(path string) bool {
	_, ok := d.at[path]
	return ok
}

// Readable says whether the file's structure could be read at all, so that it is worth looking for further problems.
func (d *Document) Readable() bool { return d.Has("") && !d.bad[""] }

// Add reports a problem with the value at path, or, where the file has no such key, with the nearest thing around it. A
// path with a problem keeps its first one.
func (d *Document) Add(path, format string, args ...any) {
	if d.bad[path] {
		return
	}
	d.bad[path] = true
	near := path
	for !d.Has(near) && near != "" {
		if i := strings.LastIndexAny(near, ".["); i >= 0 {
			near = near[:i]
		} else {
			near = ""
		}
		if d.bad[near] {
			return
		}
	}
	at := d.at[near]
	d.problems = append(d.problems, Problem{d.file, at.line, at.column, path, fmt.Sprintf(format, args...)})
}

// Problems gives what was found so far, in the order of the file.
func (d *Document) Problems() Problems {
	d.problems.sort()
	return slices.Clip(d.problems)
}

func (d *Document) whole(format string, args ...any) {
	d.bad[""] = true
	d.problems = append(d.problems, Problem{File: d.file, Message: fmt.Sprintf(format, args...)})
}

// syntax reports what the parser could not read.
func (d *Document) syntax(err error) {
	var ye yaml.Error
	if !errors.As(err, &ye) || ye.GetToken() == nil {
		d.whole("%v", err)
		return
	}
	d.bad[""] = true
	at := ye.GetToken().Position
	d.problems = append(d.problems, Problem{File: d.file, Line: at.Line, Column: at.Column, Message: ye.GetMessage()})
}

func (d *Document) report(path string, n ast.Node, format string, args ...any) {
	d.bad[path] = true
	at := place(n)
	d.problems = append(d.problems, Problem{d.file, at.line, at.column, path, fmt.Sprintf(format, args...)})
}

// place is where a node begins. A mapping's own token is its first colon, so its first key is asked.
func place(n ast.Node) position {
	var t *token.Token
	switch n := n.(type) {
	case *ast.MappingNode:
		if !n.IsFlowStyle && len(n.Values) > 0 {
			return place(n.Values[0].Key)
		}
	case *ast.MappingValueNode:
		return place(n.Key)
	}
	if t = n.GetToken(); t == nil || t.Position == nil {
		return position{1, 1}
	}
	return position{t.Position.Line, t.Position.Column}
}

// value decodes one node. A problem leaves v as it is.
func (d *Document) value(path string, n ast.Node, v reflect.Value) {
	d.at[path] = place(n)
	switch n.(type) {
	case *ast.AnchorNode, *ast.AliasNode:
		d.report(path, n, "anchors and aliases are not allowed; write the value out")
		return
	case *ast.TagNode:
		d.report(path, n, "tags are not allowed; write the plain value")
		return
	case *ast.NullNode:
		if v.Kind() == reflect.Struct || v.Kind() == reflect.Slice {
			return // all that is below is commented out
		}
		d.report(path, n, "has no value; want %s", wanted(v.Type()))
		return
	}
	if text, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		s, ok := scalar(n)
		if !ok {
			d.mismatch(path, n, v)
		} else if err := text.UnmarshalText([]byte(s)); err != nil {
			d.report(path, n, "%v", err)
		}
		return
	}
	switch {
	case v.Type() == reflect.TypeFor[time.Duration]():
		d.duration(path, n, v)
	case v.Kind() == reflect.Struct:
		d.mapping(path, n, v)
	case v.Kind() == reflect.Slice:
		d.list(path, n, v)
	case v.Kind() == reflect.String:
		if s, ok := text(n); ok {
			v.SetString(s)
		} else {
			d.mismatch(path, n, v)
		}
	case v.Kind() == reflect.Bool:
		if b, ok := n.(*ast.BoolNode); ok {
			v.SetBool(b.Value)
		} else {
			d.mismatch(path, n, v)
		}
	case v.CanInt():
		d.integer(path, n, v)
	default:
		panic(fmt.Sprintf("yamlfile: %s is of type %s, which no file can give", path, v.Type())) // a mistake in the struct, met by any test
	}
}

func (d *Document) mapping(path string, n ast.Node, v reflect.Value) {
	var pairs []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.MappingNode:
		pairs = n.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{n}
	default:
		d.mismatch(path, n, v)
		return
	}
	keys := Keys(v.Type())
	seen := map[string]position{}
	for _, p := range pairs {
		key, ok := text(p.Key)
		if !ok {
			key = p.Key.GetToken().Value
		}
		at := join(path, key)
		first, again := seen[key]
		switch {
		case again:
			d.report(at, p.Key, "a second time; the first is in line %d", first.line)
		case !slices.Contains(keys, key):
			d.unknown(at, key, p.Key, keys)
		default:
			d.value(at, p.Value, field(v, key))
		}
		if !again {
			seen[key] = place(p.Key)
		}
	}
}

func (d *Document) unknown(path, key string, n ast.Node, keys []string) {
	hint := ""
	if c := Closest(key, keys); c != "" {
		hint = ", did you mean " + c + "?"
	}
	d.report(path, n, "unknown key%s; allowed here: %s", hint, strings.Join(keys, ", "))
}

func (d *Document) list(path string, n ast.Node, v reflect.Value) {
	s, ok := n.(*ast.SequenceNode)
	if !ok {
		d.mismatch(path, n, v)
		return
	}
	list := reflect.MakeSlice(v.Type(), len(s.Values), len(s.Values))
	for i, item := range s.Values {
		d.value(path+"["+strconv.Itoa(i)+"]", item, list.Index(i))
	}
	v.Set(list)
}

func (d *Document) duration(path string, n ast.Node, v reflect.Value) {
	s, ok := text(n)
	if !ok {
		d.mismatch(path, n, v)
		return
	}
	value, err := time.ParseDuration(s)
	if err != nil || value < 0 {
		d.report(path, n, "%.40q is no duration; want one such as 500ms, 5s, 30m or 1h30m", s)
		return
	}
	v.SetInt(int64(value))
}

func (d *Document) integer(path string, n ast.Node, v reflect.Value) {
	i, ok := n.(*ast.IntegerNode)
	if !ok {
		d.mismatch(path, n, v)
		return
	}
	value, ok := i.Value.(int64)
	if u, unsigned := i.Value.(uint64); unsigned && u < 1<<63 {
		value, ok = int64(u), true
	}
	if !ok || v.OverflowInt(value) {
		d.report(path, n, "%s is too large a number", i.Token.Value)
		return
	}
	v.SetInt(value)
}

func (d *Document) mismatch(path string, n ast.Node, v reflect.Value) {
	hint := ""
	if _, ok := scalar(n); ok && v.Kind() == reflect.String {
		hint = " (put it in quotes)"
	}
	d.report(path, n, "want %s, got %s%s", wanted(v.Type()), got(n), hint)
}

// text is the value of a text node.
func text(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	}
	return "", false
}

// scalar is the value of any single value, as it is written.
func scalar(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.IntegerNode:
		return n.Token.Value, true
	case *ast.FloatNode:
		return n.Token.Value, true
	case *ast.BoolNode:
		return n.Token.Value, true
	}
	return text(n)
}

// wanted names a type in the words of whoever writes the file.
func wanted(t reflect.Type) string {
	switch {
	case t == reflect.TypeFor[time.Duration]():
		return "a duration such as 5s, 30m or 1h"
	case t.Kind() == reflect.Struct:
		return "keys: " + strings.Join(Keys(t), ", ")
	case t.Kind() == reflect.Slice:
		return "a list"
	case t.Kind() == reflect.Bool:
		return "true or false"
	case t.Kind() == reflect.String || reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()):
		return "text"
	}
	return "a whole number"
}

// got names what is there.
func got(n ast.Node) string {
	switch n := n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return "keys"
	case *ast.SequenceNode:
		return "a list"
	case *ast.BoolNode:
		return n.Token.Value
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return "the number " + n.GetToken().Value
	}
	return "text"
}

// Keys gives the keys that a struct's yaml tags name, in order.
func Keys(t reflect.Type) []string {
	var keys []string
	for i := range t.NumField() {
		if key := t.Field(i).Tag.Get("yaml"); key != "" && key != "-" {
			keys = append(keys, key)
		}
	}
	return keys
}

func field(v reflect.Value, key string) reflect.Value {
	for i := range v.NumField() {
		if v.Type().Field(i).Tag.Get("yaml") == key {
			return v.Field(i)
		}
	}
	return reflect.Value{}
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
