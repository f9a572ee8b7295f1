// Package outcome is the vocabulary of what became of a page: what happened (Outcome) and why (Reason). Records, log
// lines, counts and progress displays use these words and no others, so that they can be compared and counted.
//
// Invariants: both types are closed. Every word has one sentence of meaning here, which docs/schema.md repeats and a test
// compares. No word is made of what a site sent: details go to a record's last_error. A word, once stored, keeps its
// meaning; records of earlier versions may hold words that are no longer here.
package outcome

import (
	"net/http"
	"strconv"
)

// Outcome is what became of one attempt at a page.
type Outcome string

// The outcomes of a fetch.
const (
	OK                Outcome = "ok"
	NotModified       Outcome = "not_modified"
	Redirected        Outcome = "redirected"
	Gone              Outcome = "gone"
	Robots            Outcome = "robots"
	RobotsUnavailable Outcome = "robots_unavailable"
	Blocked           Outcome = "blocked"
	Refused           Outcome = "refused"
	TooLarge          Outcome = "too_large"
	NotText           Outcome = "not_text"
	Retry             Outcome = "retry"
	Failed            Outcome = "failed"
	Canceled          Outcome = "canceled" // never stored
)

// The outcomes of reading and storing what was fetched, and of pages for which no request was made.
const (
	NotArticle Outcome = "not_article"
	Unreadable Outcome = "unreadable"
	Nothing    Outcome = "nothing"
	Absent     Outcome = "absent"
	NotStored  Outcome = "not_stored"
	Crash      Outcome = "crash"
	NoSite     Outcome = "no_site"
	Host       Outcome = "host"
	Cut        Outcome = "cut"
	Left       Outcome = "left"
	Erased     Outcome = "erased"
)

// Reason is why, in a few fixed words to count by.
type Reason string

// The reasons of a fetch's outcome, beside those of HTTP.
const (
	ReasonRobotsRule      Reason = "robots_rule"
	ReasonChallenge       Reason = "challenge"
	ReasonForbidden       Reason = "forbidden"
	ReasonTooMany         Reason = "too_many_requests"
	ReasonConsent         Reason = "consent"
	ReasonAddress         Reason = "address_refused"
	ReasonTooLarge        Reason = "too_large"
	ReasonNotText         Reason = "not_text"
	ReasonNoHost          Reason = "no_such_host"
	ReasonLookup          Reason = "name_lookup"
	ReasonConnection      Reason = "connection"
	ReasonTimeout         Reason = "timeout"
	ReasonTLS             Reason = "tls"
	ReasonProtocol        Reason = "protocol"
	ReasonProxy           Reason = "proxy"
	ReasonRedirect        Reason = "bad_redirect"
	ReasonEncoding        Reason = "unknown_encoding"
	ReasonURL             Reason = "bad_url"
	ReasonPanic           Reason = "panic"
	ReasonOffSite         Reason = "off_site"
	ReasonLeadsElsewhere  Reason = "leads_to_no_article"
	ReasonAlias           Reason = "alias"
	ReasonKilledWorker    Reason = "killed_worker"
	ReasonEndless         Reason = "endless"
	ReasonSiteUndefined   Reason = "site_undefined"
	ReasonHostFailed      Reason = "host_failed"
	ReasonForm            Reason = "unyielding_form"
	ReasonDocument        Reason = "document_refused"
	ReasonStore           Reason = "store_failed"
	ReasonUnreadableStore Reason = "unreadable_document"
)

// The reasons why a page holds no article.
const (
	ReasonNotHTML    Reason = "not_html"
	ReasonNoText     Reason = "no_text"
	ReasonNoBody     Reason = "no_body"
	ReasonErrorPage  Reason = "error_page"
	ReasonHomePage   Reason = "home_page"
	ReasonCollection Reason = "collection"
	ReasonList       Reason = "list"
	ReasonHeadlines  Reason = "headlines"
	ReasonLittleText Reason = "little_text"
	ReasonForum      Reason = "forum"
	ReasonProduct    Reason = "product"
	ReasonService    Reason = "service"
)

// The reasons why a section gave nothing.
const (
	ReasonWrongKind    Reason = "wrong_kind"
	ReasonNoLinks      Reason = "no_links"
	ReasonScript       Reason = "needs_script"
	ReasonLinksRefused Reason = "links_refused"
	ReasonMoved        Reason = "moved"
	ReasonFollowed     Reason = "followed"
	ReasonCutOff       Reason = "cut_off"
	ReasonMalformed    Reason = "malformed"
)

// httpReason is how the reasons begin that are an HTTP status, and httpOther is what no status has.
const (
	httpReason        = "http_"
	httpOther  Reason = "http_other"
)

// The reasons why a backfill goes no further at a page.
const (
	ReasonBound   Reason = "bound_reached"
	ReasonFurther Reason = "nothing_further"
	ReasonCovered Reason = "covered"
	ReasonStopped Reason = "stopped"
	ReasonAsked   Reason = "asked"
)

// HTTP is the reason of an answer with that status: http_503. What is no status of HTTP is http_other.
func HTTP(status int) Reason {
	if status < http.StatusContinue || status > 599 {
		return httpOther
	}
	return Reason(httpReason + strconv.Itoa(status))
}

// Outcomes lists every outcome, in the order of the documentation.
func Outcomes() []Outcome { return words(outcomes) }

// Reasons lists every reason but those of HTTP, in the order of the documentation.
func Reasons() []Reason { return words(reasons) }

// Meaning is what the outcome says, in one sentence; "" for a word of another version.
func (o Outcome) Meaning() string { return meaning(outcomes, o) }

// Meaning is what the reason says, in one sentence; "" for a word of another version.
func (r Reason) Meaning() string {
	if len(r) == len(httpReason)+3 && r[:len(httpReason)] == httpReason {
		if status, err := strconv.Atoi(string(r[len(httpReason):])); err == nil && HTTP(status) == r {
			return "The site answered with this status."
		}
	}
	return meaning(reasons, r)
}

// Text is an outcome and its reason as people are shown them: "retry: timeout". A reason that repeats the outcome is left
// out.
func Text(o Outcome, r Reason) string {
	if r == "" || string(r) == string(o) {
		return string(o)
	}
	return string(o) + ": " + string(r)
}

type entry[T ~string] struct {
	word    T
	meaning string
}

func words[T ~string](table []entry[T]) []T {
	all := make([]T, len(table))
	for i, e := range table {
		all[i] = e.word
	}
	return all
}

func meaning[T ~string](table []entry[T], word T) string {
	for _, e := range table {
		if e.word == word {
			return e.meaning
		}
	}
	return ""
}
