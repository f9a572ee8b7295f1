package site

import (
	_ "embed"
	"slices"
)

//go:embed site.schema.json
var schema []byte

// Schema gives the JSON Schema (draft 2020-12) of a site file, by which editors complete and check it. It says nothing
// that Load does not, and less: Load's word counts.
func Schema() []byte { return slices.Clone(schema) }
