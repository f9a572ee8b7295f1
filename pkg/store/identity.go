package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// Which article an effect's text is follows from what is known of texts and addresses, and only then from what the page
// claims. The collection identities holds that: one document for each address that an article was read at or is believed
// to have, and for each text that is long enough to tell articles apart, with the article that it is. Its _id is a hash,
// so that it is looked up, and made by one of several workers, on every server alike.
//
// An identity is made before its article: whoever finds one whose article is not stored knows that somebody else is about
// to store it, or died on the way.

// identity is one document of the collection identities. An address that is no article's, but a section's or claimed by
// several texts, has refused: true in place of the article, and one of an article that was erased has erased: true.
type identity struct {
	Key     string `bson:"_id"`
	Article string `bson:"article_id"`
}

// leastWords is how many words a text has that tells its article from others by itself: a paragraph of news. Pages with
// less, as those of a video or a broadcast, may well be alike.
const leastWords = 40

// address is where the effect's article was read.
func (e *Effect) address() string {
	if e.Address == "" {
		return e.Article.CanonicalURL
	}
	return e.Address
}

// handles are the keys of what an effect's article may be known by; "" where there is none.
type handles struct{ address, claim, text, former string }

func handlesOf(e *Effect) handles {
	a := e.Article
	n := handles{address: addressKey(e.address())}
	if a.CanonicalURL != e.address() {
		n.claim = addressKey(a.CanonicalURL)
	}
	if e.Former != "" {
		n.former = addressKey(e.Former)
	}
	if a.Title != "" && a.WordCount >= leastWords {
		hash := e.Extracted
		if hash == "" {
			hash = a.ContentHash
		}
		n.text = weburl.ID("text " + a.Site + " " + hash)
	}
	return n
}

func (n handles) all() []string {
	return slices.DeleteFunc([]string{n.address, n.claim, n.text, n.former}, func(key string) bool { return key == "" })
}

// addressKey is the key of an address, whatever form of its page it is.
func addressKey(address string) string { return weburl.ID("address " + weburl.Neutral(address)) }

// ownAddress is the address that gave the article its id.
func ownAddress(a *article.Article) string {
	for _, address := range slices.Concat([]string{a.URL, a.CanonicalURL}, a.Aliases) {
		if weburl.ID(address) == a.ID {
			return address
		}
	}
	return a.URL
}

// isAt says whether the article's own address has that key, wasReadAt whether one has at which its text was ever read, and
// claims whether the one has that it calls its own.
func isAt(a *article.Article, key string) bool { return addressKey(ownAddress(a)) == key }

func wasReadAt(a *article.Article, key string) bool {
	return isAt(a, key) || addressKey(a.URL) == key || slices.ContainsFunc(a.Aliases, func(alias string) bool { return addressKey(alias) == key })
}

func claims(a *article.Article, key string) bool { return addressKey(a.CanonicalURL) == key }

// knowledge is what is stored of the addresses and texts of some effects.
type knowledge struct {
	owners   map[string]string           // article ids by key; "" for no article, erasedOwner for one that was erased
	articles map[string]*article.Article // by id
	claimed  map[string]claimedPage      // the pages at claimed addresses that are known, by id
}

// claimedPage is what counts of a page that another one claims to be.
type claimedPage struct {
	ID        string          `bson:"_id"`
	Kind      Kind            `bson:"kind"`
	Outcome   outcome.Outcome `bson:"outcome"`
	Reason    outcome.Reason  `bson:"reason"`
	ArticleID string          `bson:"article_id"`
}

// isNoArticle is true for a page that was seen to list articles.
func isNoArticle(kind Kind, o outcome.Outcome, why outcome.Reason) bool {
	if kind != KindArticle {
		return true
	}
	return o == outcome.NotArticle && (why == outcome.ReasonHomePage || why == outcome.ReasonCollection || why == outcome.ReasonList)
}

// learn reads what is stored that bears on the effects. Of a page that was no article's before, most likely nothing is: its
// address and text are taken at once, and only looked up where somebody else has them. fail is told of effects for which the
// server will not do it.
func (s *Store) learn(ctx context.Context, round []int, effects []Effect, fail func(int, error)) (*knowledge, error) {
	var wanted []any
	var whose []int
	var keys, claims, ids []string
	for _, i := range round {
		e := &effects[i]
		n := handlesOf(e)
		if e.Before != "" {
			keys = append(keys, n.all()...)
			continue
		}
		keys = append(keys, n.former)
		if n.claim != n.address {
			keys = append(keys, n.claim)
		}
		for _, key := range []string{n.address, n.text} {
			if key != "" {
				wanted, whose = append(wanted, identity{key, e.Article.ID}), append(whose, i)
			}
		}
	}
	made, errs, err := s.insert(ctx, s.identities, wanted)
	if err != nil {
		return nil, err
	}
	taken := make(map[string]string)
	for j, doc := range wanted {
		if doc := doc.(identity); made[j] {
			taken[doc.Key] = doc.Article
		} else {
			keys = append(keys, doc.Key)
		}
		fail(whose[j], errs[j])
	}
	k := &knowledge{articles: make(map[string]*article.Article), claimed: make(map[string]claimedPage)}
	if k.owners, err = s.owners(ctx, keys); err != nil {
		return nil, err
	}
	maps.Copy(k.owners, taken)
	for _, i := range round {
		e := &effects[i]
		n := handlesOf(e)
		ids = append(ids, e.Before)
		if taken[n.address] == "" {
			ids = append(ids, e.Article.ID)
		}
		for _, key := range n.all() {
			if taken[key] == "" {
				ids = append(ids, k.owners[key])
			}
		}
		if _, known := k.owners[n.claim]; !known && n.claim != "" && n.claim != n.address {
			claims = append(claims, weburl.ID(e.Article.CanonicalURL))
		}
	}
	err = s.findByID(ctx, s.pages, distinct(claims), func(raw bson.Raw) error {
		var p claimedPage
		if bson.Unmarshal(raw, &p) == nil { // one that cannot be read says nothing
			k.claimed[p.ID] = p
			ids = append(ids, p.ArticleID)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return k, s.readArticles(ctx, k, ids)
}

func (s *Store) readArticles(ctx context.Context, k *knowledge, ids []string) error {
	return s.findByID(ctx, s.articles, distinct(ids), func(raw bson.Raw) error {
		a, err := articleDocs.decode(raw)
		if err != nil {
			// It is there, and like no other: updating it will say what is wrong.
			a = article.Article{ID: textOf(raw.Lookup("_id"))}
		}
		k.articles[a.ID] = &a
		return nil
	})
}

// owners reads identities by key.
func (s *Store) owners(ctx context.Context, keys []string) (map[string]string, error) {
	owners := make(map[string]string, len(keys))
	err := s.findByID(ctx, s.identities, distinct(keys), func(raw bson.Raw) error {
		owner, _ := raw.Lookup("article_id").StringValueOK() // what is no id is nobody's, until somebody needs it
		if erased, _ := raw.Lookup("erased").BooleanOK(); erased {
			owner = erasedOwner
		}
		owners[textOf(raw.Lookup("_id"))] = owner
		return nil
	})
	return owners, err
}

// distinct gives the strings that are not empty, once each.
func distinct(all []string) []string {
	return unique(slices.DeleteFunc(all, func(s string) bool { return s == "" }), func(s string) string { return s })
}

// finding is whose an effect's article was found to be.
type finding struct {
	id     string           // the article's
	stored *article.Article // nil: it is not stored yet
	edits  bool             // the page is one that the article's versions are read from

	article  article.Article    // to be written
	insert   []string           // keys that are the article's from now on: where nobody else took them,
	set      []string           // and whoever had them
	refuse   []string           // keys that are no article's any more
	wrong    []*article.Article // what they call their own address is not
	erased   bool               // it was erased, and is not to be stored
	tooEarly bool               // somebody else is about to store an article that this one has to be compared with
}

// whose finds the article that the effect's text belongs to: that of its address or its page, or one with the same text.
// An address of another form (www, AMP), a claim, and the address before a move are hints at which text to compare, and no more.
func (k *knowledge) whose(e *Effect, n handles) finding {
	a := e.Article
	if own := k.articles[a.ID]; own != nil {
		return finding{id: own.ID, stored: own, edits: true}
	}
	if known := k.of(a.Site, e.Before); known != nil {
		// A page that redirects since it was read last may lead to another text.
		at := weburl.Neutral(e.address())
		if known.URL == a.URL && (at == weburl.Neutral(known.URL) || at == weburl.Neutral(ownAddress(known)) || article.Alike(known, a)) {
			return finding{id: known.ID, stored: known, edits: true}
		}
		if article.Alike(known, a) {
			return finding{id: known.ID, stored: known}
		}
	}
	if id := k.owners[n.text]; id != "" && id != a.ID {
		if k.articles[id] == nil {
			return finding{id: id} // under which another worker is about to store the same text
		}
		if same := k.of(a.Site, id); same != nil && sameDate(same, a) {
			return finding{id: id, stored: same}
		}
	}
	for _, id := range []string{k.owners[n.address], k.owners[n.claim], k.owners[n.former], k.claimed[weburl.ID(a.CanonicalURL)].ArticleID} {
		if near := k.of(a.Site, id); near != nil && article.Alike(near, a) {
			return finding{id: id, stored: near}
		}
	}
	return finding{id: a.ID}
}

// of gives a stored article of the site; nil where there is none.
func (k *knowledge) of(site, id string) *article.Article {
	if a := k.articles[id]; a != nil && a.Site == site {
		return a
	}
	return nil
}

// sameDate says whether two publications of one text are one: news that is printed again on another day, as a weekly
// programme or a yearly notice, is not.
func sameDate(a, b *article.Article) bool {
	if a.PublishedAt == nil || b.PublishedAt == nil {
		return true
	}
	apart := a.PublishedAt.Sub(*b.PublishedAt).Abs()
	for _, p := range []*article.Provenance{a.Published, b.Published} {
		if p != nil && p.Precision == article.PrecisionDay {
			return apart < 24*time.Hour
		}
	}
	return apart < time.Minute
}

// settle finds whose the effect's article is and makes the document that is to be written. last says not to wait for others
// any longer.
func (k *knowledge) settle(e *Effect, last bool) finding {
	n := handlesOf(e)
	if k.owners[n.address] == erasedOwner || n.text != "" && k.owners[n.text] == erasedOwner {
		return finding{id: e.Article.ID, erased: true}
	}
	f := k.whose(e, n)
	f.article = *e.Article
	f.article.ID = f.id
	k.nameAddress(e, n, &f, last)
	if f.stored != nil && !f.edits {
		for _, key := range []string{n.claim, n.text} {
			if k.owners[key] == e.Article.ID {
				k.name(e, key, &f)
			}
		}
		f.alias(e)
		return f
	}
	if n.text != "" {
		k.name(e, n.text, &f)
	}
	if believed, wrong := k.believes(e, n, &f, last); !believed {
		f.article.CanonicalURL = e.address()
		if wrong {
			f.article.Quality.Flags = with(f.article.Quality.Flags, article.FlagWrongCanonical)
		}
	}
	if f.stored == nil {
		f.article.Aliases = f.others(e.address())
		return f
	}
	if weburl.ID(e.Article.URL) != f.id {
		f.article.URL = f.stored.URL
	}
	f.article.Aliases = f.others(e.address(), e.Article.URL, f.stored.URL)
	return f
}

// name has the key say whose the text is, unless it says something of another one.
func (k *knowledge) name(e *Effect, key string, f *finding) {
	switch owner, there := k.owners[key]; {
	case !there:
		f.insert = append(f.insert, key)
	case owner != f.id && owner == e.Article.ID: // taken for an article of its own
		f.set = append(f.set, key)
	}
}

// alias makes of the finding one of an article whose versions are read elsewhere: it learns the address, and is not edited.
func (f *finding) alias(e *Effect) {
	f.article.URL, f.article.CanonicalURL, f.article.FetchedAt = f.stored.URL, f.stored.CanonicalURL, f.stored.FetchedAt
	f.article.Aliases = f.others(e.address(), e.Article.URL)
}

// others gives those of the addresses that the article is not known by already.
func (f *finding) others(addresses ...string) []string {
	var more []string
	for _, address := range addresses {
		if address != f.article.URL && address != f.article.CanonicalURL && !slices.Contains(more, address) {
			more = append(more, address)
		}
	}
	return more
}

// nameAddress has the address where the article was read say so. Whoever merely claimed it for another text was wrong.
func (k *knowledge) nameAddress(e *Effect, n handles, f *finding, last bool) {
	owner, there := k.owners[n.address]
	other := k.articles[owner]
	switch {
	case !there:
		f.insert = append(f.insert, n.address)
	case owner == f.id:
	case owner == "" || owner == e.Article.ID:
		f.set = append(f.set, n.address)
	case other == nil && !last:
		f.tooEarly = true
	case other == nil:
		f.set = append(f.set, n.address)
	default:
		if !isAt(other, n.address) {
			f.set = append(f.set, n.address)
		}
		if other.CanonicalURL == e.address() || claims(other, n.address) && !wasReadAt(other, n.address) {
			f.wrong = append(f.wrong, other)
		}
	}
}

// believes says whether the address that the page calls its own is the article's. It is taken for that where nothing is
// known of it. wrong says that it is known to be another text's, a section's, or claimed for several texts.
func (k *knowledge) believes(e *Effect, n handles, f *finding, last bool) (believed, wrong bool) {
	if n.claim == "" {
		return true, false
	}
	owner, there := k.owners[n.claim]
	other := k.articles[owner]
	page := k.claimed[weburl.ID(e.Article.CanonicalURL)]
	switch {
	case n.claim == n.address:
		// Another form of the page, unless another text stands there.
		believed = !there || owner == f.id || slices.Contains(f.set, n.claim)
		return believed, !believed
	case owner == erasedOwner:
		return false, false // it stays that of what was erased
	case there && owner == f.id:
		return true, false
	case there && owner == e.Article.ID, there && owner != "" && other == nil:
		f.tooEarly = f.tooEarly || owner != e.Article.ID && !last
		f.set = append(f.set, n.claim)
		return true, false
	case there && other != nil && article.Alike(other, e.Article):
		return false, false // the same text was stored twice: the address stays the other's
	case there && other != nil && !wasReadAt(other, n.claim):
		f.refuse = append(f.refuse, n.claim)
		if claims(other, n.claim) {
			f.wrong = append(f.wrong, other)
		}
		return false, true
	case there:
		return false, true
	case page.ID != "" && isNoArticle(page.Kind, page.Outcome, page.Reason),
		page.ArticleID != "" && page.ArticleID != f.id && k.articles[page.ArticleID] != nil:
		return false, true
	}
	f.insert = append(f.insert, n.claim)
	return true, false
}

func with(flags []string, flag string) []string {
	if slices.Contains(flags, flag) {
		return flags
	}
	return append(slices.Clip(flags), flag)
}

// identify finds whose the articles of some effects are, and makes the identities of those that are new. It puts the effects
// as they are to be written into settled, and gives those to go on with, by whether their article is stored, and those that
// are to be looked at again.
func (s *Store) identify(ctx context.Context, round []int, effects, settled []Effect, results []EffectResult, last func(int) bool) (fresh, stored, again []int, err error) {
	fail := failing(effects, results)
	k, err := s.learn(ctx, round, effects, fail)
	if err != nil {
		return nil, nil, nil, err
	}
	found := make(map[int]finding, len(round))
	taken := make(map[string]bool)
	var made []any
	var whose []int
	for _, i := range round {
		f := k.settle(&effects[i], last(i))
		if f.tooEarly || taken[f.id] {
			continue
		}
		taken[f.id], found[i] = true, f
		for _, key := range f.insert {
			made, whose = append(made, identity{key, f.id}), append(whose, i)
		}
	}
	first, errs, err := s.insert(ctx, s.identities, made)
	if err != nil {
		return nil, nil, nil, err
	}
	for j, i := range whose {
		if !first[j] {
			delete(found, i) // somebody else has it, and the article may be theirs
		}
		fail(i, errs[j])
	}
	var c corrections
	for i, f := range found {
		for _, key := range f.set {
			c.owners = append(c.owners, ownerChange{i, key, f.id})
		}
		for _, key := range f.refuse {
			c.owners = append(c.owners, ownerChange{i, key, ""})
		}
		for _, a := range f.wrong {
			c.wrong = append(c.wrong, wrongClaim{i, a})
		}
	}
	if err := s.disown(ctx, c, fail); err != nil {
		return nil, nil, nil, err
	}
	if err := s.buryAgain(ctx, round, found, effects); err != nil {
		return nil, nil, nil, err
	}
	for _, i := range round {
		f, there := found[i]
		switch {
		case results[i].Err != nil:
			continue
		case there && f.erased:
			settled[i] = effects[i].ofErased()
			results[i].Article = ArticleErased
			continue
		case !there:
			again = append(again, i)
			continue
		case f.stored == nil:
			fresh = append(fresh, i)
		default:
			stored = append(stored, i)
		}
		settled[i] = effects[i].as(f)
	}
	return fresh, stored, again, nil
}

// buryAgain has other addresses of erased texts, and other texts of erased addresses, be erased ones'.
func (s *Store) buryAgain(ctx context.Context, round []int, found map[int]finding, effects []Effect) error {
	var keys []string
	for _, i := range round {
		if f, there := found[i]; there && f.erased {
			n := handlesOf(&effects[i])
			keys = append(keys, n.address, n.text)
		}
	}
	return s.bury(ctx, distinct(keys))
}

// ofErased is the effect of a page that holds what was erased: nothing of it is kept.
func (e Effect) ofErased() Effect {
	e.Page, e.Article = erased(e.Page), nil
	e.Seen = slices.DeleteFunc(slices.Clone(e.Seen), func(p Page) bool { return p.ArticleID != "" })
	return e
}

// failing notes what the server will not do for an effect.
func failing(effects []Effect, results []EffectResult) func(int, error) {
	return func(i int, err error) {
		if err != nil && results[i].Err == nil {
			results[i].Err = fmt.Errorf("find out whose page %s (%s) is: %w", effects[i].Page.ID, effects[i].Page.URL, err)
		}
	}
}

// as is the effect with what was found. A page that only leads to an article which is read elsewhere is not visited again.
func (e Effect) as(f finding) Effect {
	if e.Page.Status == StatusDone && e.Article.URL != f.article.URL {
		e.Page.Reason, e.Page.NextAt, e.Page.NextWhy, e.Page.Look = outcome.ReasonAlias, nil, "", nil
	}
	e.Page.ArticleID, e.Article = f.id, &f.article
	e.Seen = slices.Clone(e.Seen)
	for i := range e.Seen {
		if e.Seen[i].ArticleID != "" {
			e.Seen[i].ArticleID = f.id
		}
	}
	return e
}
