// Package worker is the pipeline that turns the right to fetch into stored articles: turn → fetch → discover or
// extract → store → frontier.
//
// A worker runs a number of slots. Each slot takes a turn (the right to fetch from one lane), works on the lane's
// tasks one after another, and gives the turn back. For each task the order of effects is fixed: fetch; extract or
// discover, pure functions of the bytes; write to the store; put the new pages' tasks in the frontier; delete the
// finished task. A crash between any two steps repeats work, and repeating it changes nothing.
//
// Invariants: a task leaves the frontier only after its outcome is durable; no request goes out but under a turn that
// is still ours; whatever a page contains, it ends as an outcome on the page's record.
//
// Failure modes: a store or a broker that is away makes a slot give its turn back and try again later, so that pages
// wait instead of being lost; a task that was in hand three times when its worker died is recorded as dead and not
// tried again.
package worker
