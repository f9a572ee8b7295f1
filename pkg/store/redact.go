package store

import (
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// mask stands for what is left out.
const mask = "xxxxx"

// The options of a connection string, in lower case: MongoDB's connection string specification, and what the Go driver adds.
// Of an option that is in neither list nothing is shown: it may be one of tomorrow, or the end of a secret with an & in it.
var (
	harmless = strings.Fields(`
		appname authmechanism authsource compressors connect connecttimeoutms directconnection heartbeatfrequencyms
		heartbeatintervalms journal loadbalanced localthresholdms maxconnecting maxidletimems maxpoolsize maxstaleness
		maxstalenessseconds minpoolsize proxyhost proxyport readconcernlevel readpreference readpreferencetags replicaset
		retryreads retrywrites servermonitoringmode serverselectiontimeoutms serverselectiontryonce sockettimeoutms srvmaxhosts
		srvservicename ssl sslcertificateauthorityfile sslclientcertificatekeyfile sslinsecure timeoutms tls
		tlsallowinvalidcertificates tlsallowinvalidhostnames tlscafile tlscertificatefile tlscertificatekeyfile
		tlsdisablecertificaterevocationcheck tlsdisableocspendpointcheck tlsinsecure tlsprivatekeyfile w waitqueuetimeoutms
		wtimeoutms zlibcompressionlevel zstdcompressionlevel`)
	secretValued = strings.Fields(`
		authmechanismproperties proxypassword proxyusername sslclientcertificatekeypassword tlscertificatekeyfilepassword`)
)

// Redact gives a connection string that may be shown: the password and the values of options that may be secrets are
// replaced, everything else is kept.
func Redact(uri string) string {
	var b strings.Builder
	last := 0
	for _, s := range secretSpans(uri) {
		b.WriteString(uri[last:s.start])
		b.WriteString(mask)
		last = s.end
	}
	return b.String() + uri[last:]
}

// span is a part of a text, in bytes.
type span struct{ start, end int }

// secretSpans is where secrets stand in uri, in order and apart.
func secretSpans(uri string) []span {
	password := passwordSpan(uri)
	spans := []span{password}
	// A ? that is not escaped may be of the password, and an @ of an option's value: both readings are covered.
	for _, from := range []int{0, password.end} {
		if query := strings.IndexByte(uri[from:], '?'); query >= 0 {
			spans = append(spans, optionSpans(uri, from+query+1)...)
		}
	}
	slices.SortFunc(spans, func(a, b span) int { return a.start - b.start })
	var apart []span
	for _, s := range spans {
		switch last := len(apart) - 1; {
		case s.start == s.end:
		case last >= 0 && s.start <= apart[last].end:
			apart[last].end = max(apart[last].end, s.end)
		default:
			apart = append(apart, s)
		}
	}
	return apart
}

// optionSpans is where secrets stand in the options of uri, which begin at at.
func optionSpans(uri string, at int) []span {
	var spans []span
	for end := at; at < len(uri); at = end + 1 {
		if end = len(uri); strings.ContainsAny(uri[at:], "&;") { // both part options, as the driver reads them
			end = at + strings.IndexAny(uri[at:], "&;")
		}
		name, value, given := strings.Cut(uri[at:end], "=")
		if decoded, err := url.QueryUnescape(name); err == nil {
			name = decoded
		}
		switch name = strings.ToLower(name); {
		case given && slices.Contains(harmless, name):
		case given && slices.Contains(secretValued, name):
			spans = append(spans, span{end - len(value), end})
		default:
			spans = append(spans, span{at, end})
		}
	}
	return spans
}

// passwordSpan is where the password stands in uri; an empty span where there is none. The last @ before the path ends
// the user information, since a password that was not escaped may have an @ of its own. A broken URI without the
// slashes is searched as well.
func passwordSpan(uri string) span {
	start, rest := 0, uri
	if i := strings.Index(uri, "://"); i >= 0 {
		start = i + len("://")
		rest = uri[start:]
	}
	at := strings.LastIndexByte(rest, '@')
	if at < 0 {
		return span{}
	}
	colon := strings.IndexByte(rest[:at], ':')
	if colon < 0 {
		return span{}
	}
	return span{start + colon + 1, start + at}
}

// redactedError is an error whose text had the secrets taken out. What it wraps is still there for errors.Is.
type redactedError struct {
	text string
	err  error
}

func (e *redactedError) Error() string { return e.text }
func (e *redactedError) Unwrap() error { return e.err }

// badEscape is how net/url tells what it cannot decode: three bytes, of a password perhaps.
var badEscape = regexp.MustCompile(`invalid URL escape "[^"]*"`)

// shortest is the least length of a piece of a secret that is taken out of a text. Shorter ones are as likely to be words
// of the text itself.
const shortest = 4

// redacted takes uri's secrets out of err's text: as they stand in the URI, decoded, and in the pieces in which a parser
// takes them that was misled by an @ or a / that is not escaped.
func redacted(err error, uri string) error {
	var secrets []string
	for _, s := range secretSpans(uri) {
		raw := uri[s.start:s.end]
		forms := []string{raw}
		for _, decode := range []func(string) (string, error){url.QueryUnescape, url.PathUnescape} {
			if decoded, err := decode(raw); err == nil {
				forms = append(forms, decoded)
			}
		}
		for _, form := range forms {
			secrets = append(secrets, form, strings.Trim(strconv.Quote(form), `"`)) // errors quote
		}
		for _, piece := range strings.FieldsFunc(raw, func(r rune) bool { return strings.ContainsRune("/?#@:,&=;", r) }) {
			if len(piece) >= shortest {
				secrets = append(secrets, piece)
			}
		}
	}
	if len(secrets) == 0 {
		return err
	}
	text := badEscape.ReplaceAllString(err.Error(), `invalid URL escape "`+mask+`"`)
	slices.SortFunc(secrets, func(a, b string) int { return len(b) - len(a) }) // a whole one before its pieces
	for _, s := range secrets {
		text = strings.ReplaceAll(text, s, mask)
	}
	if text == err.Error() {
		return err
	}
	// The wrapped error's own text still has the secrets, so only the sentinels go on.
	for _, kind := range []error{ErrConfig, ErrUnauthorized, ErrUnreachable, ErrServer} {
		if errors.Is(err, kind) {
			return &redactedError{text: text, err: kind}
		}
	}
	return errors.New(text)
}

// credentials are the user and the password in any URL.
var credentials = regexp.MustCompile(`(://[^/?#@\s:]*):[^/?#@\s]*@`)

// shown is an error's text as it may be logged and stored: without passwords, and of at most that many bytes.
func shown(text string, bytes int) string {
	text = credentials.ReplaceAllString(text, "$1:"+mask+"@")
	if len(text) > bytes {
		const cut = "…"
		text = strings.ToValidUTF8(text[:bytes-len(cut)], "") + cut
	}
	return text
}
