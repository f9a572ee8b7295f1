// Package hostileweb is a web that answers as badly as a web can: sites that never answer or never end, bombs, nests,
// floods and mazes, each a host of its own behind a proxy that knows every host. The tests crawl it beside a healthy web,
// which must be complete all the same.
//
// Invariants: a Site's answers depend on the requests alone, so that each run is the same; no answer is larger in the
// memory of this process than a few megabytes, however large it is for the client; everything ends when the server is
// closed. Its pages are its own writing. The package is for tests and fails only where it cannot listen.
package hostileweb
