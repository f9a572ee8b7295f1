//go:build race

package proctest

// RaceDetector says whether this binary runs under the race detector.
const RaceDetector = true
