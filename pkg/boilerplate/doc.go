// Package boilerplate learns what a site's template repeats on its articles (disclaimers, promotions, notes of rights,
// addresses of newsletters), so that it can be taken out of their texts with no rule that knows it.
//
// A Profile holds a sample of the articles seen of one site: of each, its lines as hashes, in order. The sample is the
// newest articles, and ever fewer of older ones, chosen by the hash of their id: so a site's past is forgotten
// exponentially, by the number of articles seen and not by the clock. Learn decides on the sample which lines are
// boilerplate; a Template is what was learned, and cleans texts.
//
// Invariants: an article counts once, however often and under however many workers it is seen. Merging profiles is
// commutative, associative and idempotent: in whichever order workers bring together what they saw, and however often,
// the same profile comes out. A profile's size is bounded. A line is only ever taken out as a whole; the first line of a
// text and a line that speaks of the article's own title never are. Cleaning is a function of title, text and template
// alone, and cleaning again changes nothing.
//
// What tells boilerplate from an article's own sentences: it stands on a good part of the site's articles, or on all of
// one agency; beside it stands text that no other article has; it recurs over days and not within one event; it stands
// after the text or between its paragraphs but does not open it; it shares no words with the titles; its figures do not
// change. What fails any of these stays: a sentence lost is worse than a notice kept.
//
// Failure modes: a stored profile that makes no sense is an error (ErrFormat), and the site is learned anew; one of a newer
// format (ErrNewer) is left as it is. Too few articles teach nothing. What stands on fewer than about one in six articles
// and on no agency of its own is not learned.
package boilerplate
