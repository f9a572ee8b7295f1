package fetch

import (
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// What of an answer's cookies is kept, and sent: RFC 6265 section 6.1 asks for 50 cookies a domain and 4096 bytes each at
// least, which gatekeepers stay below by far.
const (
	maxCookies = 50
	maxCookie  = 4096
)

// cookies are those that redirects set within one Fetch. Gatekeepers in front of sites set one and redirect to the same
// URL; without it, that is a loop. They are forgotten with the Fetch: no session, and no growth.
type cookies struct {
	jar *cookiejar.Jar // nil until there is one
}

// keep takes in what the answer for u sets.
func (k *cookies) keep(u *url.URL, header http.Header) error {
	set := (&http.Response{Header: header}).Cookies()
	set = slices.DeleteFunc(set, func(c *http.Cookie) bool { return len(c.Name)+len(c.Value) > maxCookie })
	if len(set) == 0 {
		return nil
	}
	if k.jar == nil {
		jar, err := cookiejar.New(&cookiejar.Options{PublicSuffixList: publicsuffix.List})
		if err != nil {
			return fmt.Errorf("cookie jar: %w", err)
		}
		k.jar = jar
	}
	k.jar.SetCookies(u, set[:min(len(set), maxCookies)])
	return nil
}

// header is the Cookie header for a request to u, "" without any.
func (k *cookies) header(u *url.URL) string {
	if k.jar == nil {
		return ""
	}
	var b strings.Builder
	all := k.jar.Cookies(u)
	for i, c := range all[:min(len(all), maxCookies)] {
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(c.String()) // of a cookie from a jar, its name and value
	}
	return b.String()
}
