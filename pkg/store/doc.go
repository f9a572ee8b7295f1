// Package store keeps what khabar knows in MongoDB: the collections pages, articles, identities, revisions, profiles, sites and backfills, and
// in meta the version of their schema. MongoDB is the truth; the frontier only delivers.
//
// Invariants:
//   - One document per page and per article: the ids are hashes of addresses, and every insert is insert-if-absent.
//   - A text is one article, at however many addresses it is read, and no text overwrites that of another page: whose
//     an address or a text is stands in identities, and a page's claim is weighed against that.
//   - A due page is claimed by one caller (Claim), however many schedulers ask.
//   - Commit writes in an order in which each write may be the last before a crash: articles, revisions and new pages
//     first, the page's own state last. Doing it again changes nothing.
//   - A revision is written before the edit that replaces it, so no version of an article is lost.
//   - A field that need not be there costs no article: one that breaks the schema is left out, flagged and logged.
//   - Opening and reading write nothing. The schema is made by Migrate, step by step and forward only; what the crawl's
//     state is read from is the primary.
//   - Documents are decoded one by one: one that cannot be used is told by its id and takes no other down. A page of that
//     kind is set aside, an article stays as it is. What a newer version wrote is neither claimed nor overwritten.
//   - Writes are acknowledged by a majority. Times are UTC, to the millisecond that BSON keeps. Unknown is absent.
//
// What the server can do is asked of it once (Capabilities). On MongoDB everything is used: bulk upserts, compare-
// and-set by filter, retryable writes, indexes, validators. FerretDB 1.x, which stands behind one machine's default,
// answers an update by reading, changing and writing back whole documents without a transaction, reports no error of
// a single operation in a bulk, scans the collection for every filter that is not exactly {_id: string}, and has no
// validators. There, the schemas are checked before a document is sent, compare-and-set runs under a lock that is a
// document in the collection locks (an insert with a unique _id is the one thing that it does atomically), documents are
// looked up one by one, and a page of a newer version is safe from Commit only where it was read before.
//
// Failure modes: errors wrap ErrUnreachable, ErrServer, ErrUnauthorized, ErrNotFound, ErrConflict, ErrRefused,
// ErrUnreadable or ErrNewer where they apply, and those of making the schema ErrNoSchema, ErrBuilding or ErrIndex. A document is refused (ErrRefused) only by a code that the table in codes.go knows to be about documents;
// every other error is the server's (ErrServer) and passes when it does, or when an operator mends what stands in the
// way, which the error says where it is known. So are refusals of twenty documents in a row with none stored between
// them. A document that fails keeps no other from being stored. No error and no log line contains a password, or more
// than a kilobyte of what the server said.
package store
