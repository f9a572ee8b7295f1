package words

// Kind is what a phrase says where it stands.
type Kind uint8

// The kinds. Their names in the files are those of kindTable.
const (
	Related Kind = iota
	Appeal
	Desk
	Follow
	Channel
	Photo
	Rights
	Consent
	Paywall
	Window
	Byline
	Joint
	Agency
	Agencies
	Office
	Outlet
	Source
	Disclaimer
	Tags
	Topics
	Error
	Missing
	End
	Profile
	When
	// The kinds from here on are those that few languages need.
	Press
	Degree
	Employer
	Nobody
	Monitoring
	Report
	Reporter
	From
	Country
	Deck
	Tail
	Beat
	Surname
	Particle
	kinds // how many there are
)

// kindInfo is what is to be known of a kind.
type kindInfo struct {
	name  string
	says  string
	least int // letters of a phrase
}

// fewOnly is the first of the kinds that few languages need.
const fewOnly = Press

var kindTable = [kinds]kindInfo{
	Related:    {"related", "opens a line that leads to other articles: read also, more on this", 4},
	Appeal:     {"appeal", "opens a line that asks readers to share, subscribe, print or register, or the label of an advertisement", 4},
	Desk:       {"desk", "opens a line on how the article was made: edited by, reporting by, first published", 3},
	Follow:     {"follow", "opens a line that asks readers to follow the site, where a channel is named in it", 3},
	Channel:    {"channel", "a place where sites are followed: WhatsApp, Google News", 4},
	Photo:      {"photo", "opens a picture's caption or credit, or stands in one", 2},
	Rights:     {"rights", "stands in a publisher's note on rights: all rights reserved", 8},
	Consent:    {"consent", "stands in a notice on cookies", 8},
	Paywall:    {"paywall", "opens the line behind which the rest is for subscribers", 6},
	Window:     {"window", "what a link says to those who cannot see: opens in a new window", 8},
	Byline:     {"byline", "opens a byline, before the name; with a colon where the word is common without", 2},
	Joint:      {"joint", "stands between two names: and", 1},
	Agency:     {"agency", "a news agency, as bylines and source lines name it; its country with \"agency XX\", where it tells where Arabic papers are printed", 2},
	Agencies:   {"agencies", "agencies, without a name", 4},
	Office:     {"office", "stands in what signs and is no person: editor, staff, correspondent", 2},
	Outlet:     {"outlet", "stands in the name of an agency, paper or station: news, press, channel", 3},
	Source:     {"source", "opens a line that names the source, before a colon or slash", 3},
	Disclaimer: {"disclaimer", "stands in a publisher's word on whose opinion a text is", 8},
	Tags:       {"tags", "the label of an article's topics", 2},
	Topics:     {"topics", "a link to every topic there is: all topics", 3},
	Error:      {"error", "stands in the title of an error page: page not found", 3},
	Missing:    {"missing", "stands in the text of a page that only says that there is none: the page you are looking for, has been removed from our site", 8},
	End:        {"end", "a line that only ends an article", 3},
	Profile:    {"profile", "a part of an address that leads to an author's own page", 3},
	When:       {"when", "stands behind a name, before a date or time: on, at", 1},
	Press:      {"press", "what publishers call what they are, before or behind their name, and leave out in datelines", 3},
	Degree:     {"degree", "follows a name behind a comma and is none", 2},
	Employer:   {"employer", "stands between a name and whom the author writes for: for", 2},
	Nobody:     {"nobody", "opens what is no person's name: the, about", 2},
	Monitoring: {"monitoring", "stands among sources for what was read elsewhere", 3},
	Report:     {"report", "opens a report with whose it is, up to a comma", 5},
	Reporter:   {"reporter", "stands there before whose reporter it is", 5},
	From:       {"from", "stands before a dateline's place", 2},
	Country:    {"country", "\"country XX\": begins what names a country, its people or its capital, without article and particles", 2},
	Deck:       {"deck", "\"deck: apart\" where papers print a deck that restates the text beside it", 5},
	Tail:       {"tail", "stands behind a name and is none: what a button says, or what somebody is in the house", 2},
	Beat:       {"beat", "stands between a name and what somebody is in the house: political, senior", 3},
	Surname:    {"surname", "a word of offices or outlets that is a surname too", 3},
	Particle:   {"particle", "stands in names, and is written small: van, bin", 1},
}

// String is the kind's name in the files.
func (k Kind) String() string { return kindTable[k].name }

func kindNamed(name string) (Kind, bool) {
	for k := range kindTable {
		if kindTable[k].name == name {
			return Kind(k), true
		}
	}
	return 0, false
}
