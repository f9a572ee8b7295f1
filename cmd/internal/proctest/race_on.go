//go:build race

package proctest

// raceDetector says whether this binary runs under the race detector.
const raceDetector = true
