// Package archive keeps answers as they were fetched: a directory of WARC 1.1 files (ISO 28500), each record compressed by itself,
// with an index in CDXJ beside each file. It reads WARC files of others too.
//
// A Writer has one file in hand, whose name ends in .open and which it has locked. What Append returns for is on the disk: records
// that come at the same time share one fsync. A file that is full gets its index, which stands beside it with the ending .cdxj, and
// loses the .open. A Place says where a record is, and stays true: files are only ever cut behind their last whole record.
//
// Invariants:
//   - A record that Append has given a Place is read there, whatever is killed when.
//   - Only the process that has a file locked writes to it. Any number may write to one directory.
//   - An index names what is in its file and was not forgotten; it is made anew whole, and put in place by a rename.
//   - What others wrote is bounded: a record's header, its block, what is decompressed for it. A record that is damaged is one
//     error with its place, and reading goes on behind it.
//
// Failure modes: a disk that is full, or fails, is Append's error; what was written of the record is cut off, and the same record
// may be appended again. A process that died leaves a file with the ending .open and no lock, with half a record at its end perhaps:
// whoever opens the directory next mends it (New, Mend). An erased page leaves the indexes and is given out no more (Forget); its
// record stays in its file, which is the operator's to remove.
//
// Tests hold what is written to gowarc's strict reader. It is not used beyond that: it reads a line, or a block, however long it is,
// does not find its way back behind what is damaged, and making a record with it sets a global of a library that others use.
package archive
