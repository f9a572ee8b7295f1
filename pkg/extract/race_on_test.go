//go:build race

package extract

// raced: the race detector looks on, under which scores take ten times as long and are the same.
const raced = true
