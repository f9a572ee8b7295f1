package store

import (
	"iter"
	"slices"
)

// chunks cuts items into parts of at most n.
func chunks[T any](items []T, n int) iter.Seq[[]T] { return slices.Chunk(items, n) }

// unique keeps the first item of each key.
func unique[T any](items []T, key func(T) string) []T {
	seen := make(map[string]bool, len(items))
	out := make([]T, 0, len(items))
	for _, it := range items {
		if k := key(it); !seen[k] {
			seen[k] = true
			out = append(out, it)
		}
	}
	return out
}
