// Package telemetry is what a process tells about itself: its log and its health.
//
// Invariants: a log line is one JSON object or one console line on the given writer, with the fixed keys site, host,
// page, url, attempt and worker; the health listener answers without touching what it reports on for longer than
// ProbeTimeout. Failure modes: an unknown level or format is an error that names what is allowed; a health address in
// use is an error at start, never a process that looks dead to its orchestrator.
package telemetry
