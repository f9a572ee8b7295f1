package fetch

import (
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"

	"golang.org/x/net/publicsuffix"
)

// cookies are those that redirects set within one Fetch. Gatekeepers in front of sites set one and redirect to the same
// URL; without it, that is a loop. They are forgotten with the Fetch: no session, and no growth.
type cookies struct {
	jar *cookiejar.Jar // nil until there is one
}

// keep takes in what the answer for u sets.
func (k *cookies) keep(u *url.URL, header http.Header) error {
	set := (&http.Response{Header: header}).Cookies()
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
	k.jar.SetCookies(u, set)
	return nil
}

// header is the Cookie header for a request to u, "" without any.
func (k *cookies) header(u *url.URL) string {
	if k.jar == nil {
		return ""
	}
	r := http.Request{Header: http.Header{}}
	for _, c := range k.jar.Cookies(u) {
		r.AddCookie(c)
	}
	return r.Header.Get("Cookie")
}
