// Package worker is the pipeline that turns the right to fetch into stored articles: turn → fetch → discover or
// extract → store → frontier.
//
// A worker runs a number of slots. Each slot takes a turn (the right to fetch from one lane), works on the lane's
// tasks one after another, and gives the turn back. For each task the order of effects is fixed:
//
//	fetch
//	extract or discover   pure functions of the bytes and the site's definition
//	the answer            kept in the archive, where there is one
//	new pages             inserted if absent, as queued
//	their tasks           put in the frontier
//	article, own state    committed together; the page is no longer queued then
//	its task              deleted
//
// The page's own state comes after all that the page leads to, so a crash between any two steps leaves a page that is
// still to be done, and doing it again changes nothing.
//
// Where feeds and sitemaps are that nothing names, or that stand on others' hosts, is the matter of places.go; when the sitemaps
// of an index are read again, that of children.go; when an article is looked at again for edits, and counts as gone, that of
// look.go.
//
// What a site's template repeats is learned from the articles that are read, shared between workers through the store, and
// taken out of texts: of those extracted from then on, and of those stored before (see package boilerplate).
//
// A page that waits between the hops of a redirect leaves its slot to another goroutine; see crew.
//
// # Invariants
//
//   - A task leaves the frontier only after its outcome is durable, and no page becomes known without a task or a lease.
//   - No request goes out but under a turn that is still ours, after the lane's delay: the site's own or that of its
//     robots.txt, whichever is longer, from the end of one request to the start of the next. A page is fetched in the lane
//     where its site's politeness puts it today, whichever it was queued in.
//   - The sites may be exchanged at any time: a page is worked on by the set that was current when it was taken in hand.
//   - Whatever a page contains, it ends as an outcome on the page's record, a panic included.
//   - Memory: bodies and parse trees together stay within Config.Memory (see package budget): large pages queue among
//     themselves. Each kind of page has a cap of its own, of what a section lists there are at most discover's caps, and
//     Config.MaxNew bounds what one visit adds.
//
// # Failure modes
//
// A store or a broker that is away: what was fetched is held on to and recorded when it is back; the slots wait. A page
// that the store fails for while it takes others is fetched again later; one that the store refuses for what it is, a
// day later. A host that is away or asks for quiet: its whole lane waits, longer each time, and once it has failed
// Policy.MaxAttempts times in a row each failure counts for every page that waits for it, so that a crawl which is to end
// does. A host that refuses is left alone after a few requests in the same way, and never evaded.
//
// No verdict is final without proof, and none ends a section: next.go has what comes after each. A page that fails too
// often is dead, and tried again daily for a week; what it says once is asked again an hour and a day later. A section goes
// on in its own rhythm; that it gives nothing is an outcome with a reason.
//
// A page that was in hand when its worker died is a suspect, and is tried alone, with no other page in this process's
// hands; the process goes on with other pages before and after it. One that dies alone Config.Strikes times is dead until
// it is tried again, alone. A page that is not read within Config.ReadTimeout is dead until then too; Go cannot stop what
// reads it, so it keeps a core and its memory, and when as many as there are cores do so the worker ends with ErrStuck, to
// be started anew. A stop lets the pages in flight end within Config.Grace; after that they are cut off, and their turns
// still given back, without suspicion.
package worker
