package frontier

import (
	"encoding/json"
	"errors"
	"time"

	"go.uber.org/zap"
)

// Tasks, turns, lane records and streams carry the version that is needed to understand them; what carries none is of
// version 1. What is of a later version than this code's is neither changed nor removed here: it is for workers that
// understand it. Versions 2 to 5 added one priority of tasks each, from 3 to 6; all
// else is as it was.
const (
	version      = 5 // what this code understands
	firstVersion = 1
)

// versionOf is the version that a worker must understand to do a task.
func versionOf(t Task) int {
	return max(firstVersion, t.Priority-1)
}

// leftFor is how soon a lane with work of a later version is looked at again: while a fleet is brought up to date, which
// takes minutes, each look may be by a worker that understands it.
const leftFor = 30 * time.Second

// ErrNewer is returned by Turn.Next and Lane for what a later version of khabar has written.
var ErrNewer = errors.New("written by a newer khabar")

// isNewer reports whether a message is of a later version than this code understands. One that cannot be read is not:
// it is damaged.
func isNewer(data []byte) bool {
	var m struct {
		V int `json:"v"`
	}
	return json.Unmarshal(data, &m) == nil && m.V > version
}

// leave says, once, that there is work which this process leaves to others.
func (f *Frontier) leave(what, where string) {
	f.sayNewer.Do(func() {
		f.log.Warn("left to newer workers, and more like it from now on without a word: a newer khabar has written it; bring this one up to date",
			zap.String("what", what), zap.String("where", where))
	})
}
