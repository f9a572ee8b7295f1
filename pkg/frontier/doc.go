// Package frontier keeps every pending task of the crawl in NATS JetStream and hands out turns: the right to fetch
// from one lane, held by one worker of the whole fleet at a time.
//
// # What is stored
//
//	FRONTIER  stream     frontier.<lane key>.<priority>.<page id>   one message per pending page
//	TURNS     work queue turn.<lane key>                            one message per lane that has work
//	hosts     KV bucket  <lane key>                                 the lane's record: lease, next request, strikes
//	          KV bucket  retiring.<lane key>                        a turn is being retired: see below
//	ASIDE     stream     aside                                      messages that were no work: see below
//
// With Config.Shards > 1 the stream FRONTIER becomes FRONTIER-0 … FRONTIER-n-1 (subjects frontier-<i>.…), and a lane
// lives in the shard that the hash of its key chooses.
//
// # Invariants
//
//   - A task leaves only by Turn.Done, which deletes exactly the message that Turn.Next read, by sequence.
//   - A page is pending once: the server refuses a task while any task of that page is pending in that lane.
//   - A lane holds Config.LanePending tasks at most, sections (priority 0) aside, and what others put in the same moment.
//   - One request at a time per lane, at least the asked delay apart. The turn message makes two holders unlikely; the
//     lane's record makes them impossible: Begin and Pace write a lease and the time of the next request into it by
//     compare-and-set before the request goes out, so a turn that was redelivered elsewhere fails with ErrTurnLost, and a
//     turn that meets a live lease is put back. The holder renews the lease; when it cannot, Turn.Context is canceled
//     before the lease ends. This rests on worker clocks that agree to within a sixth of AckWait.
//   - No wake-up is lost: while a lane has tasks and Put returned, there is a turn, or a turn is about to appear.
//     Put writes the task first and the turn second. Retire removes the turn and then looks again. A crash between
//     those two would lose a task that was put meanwhile, therefore Retire first notes retiring.<lane key>, and every
//     Frontier looks after notes that stay.
//   - Lanes that may be asked queue up: however many there are to a worker, each has its turn before any has a third. A turn
//     that comes back goes behind those that have not come yet, if there are any: see queueUp.
//   - What a newer version of khabar has written (tasks, turns, records and streams carry the version) is neither changed
//     nor removed: its lane is given back for a while, for workers that understand it.
//   - What no worker can make sense of does not count as work: a message without a usable lane, page or body is moved to
//     the stream ASIDE, which keeps so many for so long, with where it stood and why. Turn.Next moves what it meets; the
//     rest is found by every Frontier's walk through the pending tasks, a few in each AckWait.
//
// # Failure modes
//
// A worker that dies leaves its turn to be redelivered after AckWait. A server that restarts or changes leader is waited
// for: puts, deletes and record writes are repeated until their context ends, and each is idempotent (a repeated put finds
// the page pending, a repeated delete finds it gone, a repeated record write recognises itself). A Put that dies between
// task and turn leaves the task asleep until the walk meets it, or the lane is put to again, which the scheduler does when
// the page's lease ends; a stream of turns that was lost or rolled back is repaired the same ways. A record that a wrong
// clock wrote is believed as far as a right one could have gone: Config.MaxQuiet for the next request, AckWait for the
// lease, from the time at which the server stored it.
// After one write that failed, as on a full disk, nats-server refuses all writes to that stream until it is started again;
// Check finds that, and the frontier says so in the log every few minutes while it lasts.
package frontier
