package fetch

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/khabar-crawler/khabar/pkg/outcome"
)

// answering is a handler that answers with a status, headers (name, value, …) and an HTML page.
func answering(code int, page string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		for i := 0; i < len(header); i += 2 {
			w.Header().Add(header[i], header[i+1])
		}
		w.WriteHeader(code)
		_, _ = io.WriteString(w, page)
	}
}

func titled(title, body string) string {
	return `<!doctype html><html><head><meta charset="utf-8"><title>` + title + `</title></head><body>` + body + `</body></html>`
}

const paragraphs = `<p>The council of the river town met for three hours on Monday and put off its decision on the bridge.</p>
<p>Merchants had asked for a second lane, and the engineers for a year without lorries, which the mayor called a joke.</p>
<p>Nobody expects an answer before the rains, and the ferryman, who is seventy, has bought a new rope for his boat.</p>`

// article is a page with enough text to be one.
func articleAbout(title, extra string) string {
	return titled(title, "<article><h1>"+title+"</h1>"+strings.Repeat(paragraphs, 4)+extra+"</article>")
}

// TestWalls has pages that guards and walls of consent serve, in words of our own, and wants each told with its evidence.
func TestWalls(t *testing.T) {
	challenge, forbidden, consent := outcome.ReasonChallenge, outcome.ReasonForbidden, outcome.ReasonConsent
	for _, c := range []struct {
		name   string
		page   http.HandlerFunc
		reason outcome.Reason
		says   string // part of the evidence
	}{
		{"Cloudflare, by its header", answering(200, articleAbout("Bridge put off", ""), "CF-Mitigated", "challenge"), challenge, "Cf-Mitigated: challenge"},
		{"Cloudflare, 403", answering(403, titled("Just a moment...", `<script>window._cf_chl_opt={cType:'managed'}</script>`), "Server", "cloudflare"), challenge, "_cf_chl_opt"},
		{"Cloudflare, 503 in Turkish", answering(503, titled("Bir dakika lütfen...", `<div id="cf-wrapper"><script>(function(){window._cf_chl_opt = {}})()</script></div>`)), challenge, "Cloudflare"},
		{"Cloudflare, 200, old", answering(200, titled("Just a moment...", `<form id="challenge-form"><input type="hidden" name="jschl-answer"></form>Checking your browser`)), challenge, "jschl-answer"},
		{"Cloudflare, refused", answering(200, titled("Attention Required! | Cloudflare", `<h1>Sorry, you have been blocked</h1>`)), forbidden, "Attention Required!"},
		{"Vercel", answering(429, titled("Vercel Security Checkpoint", ""), "X-Vercel-Mitigated", "challenge"), challenge, "Vercel"},
		{"AWS, 202", answering(202, "", "x-amzn-waf-action", "challenge"), challenge, "AWS WAF"},
		{"AWS, 405", answering(405, titled("Human Verification", `<script>window.gokuProps = {}</script>`), "x-amzn-waf-action", "captcha"), challenge, "captcha"},
		{"AWS, without the header", answering(200, titled("", `<script>window.awsWafCookieDomainList=[];window.gokuProps={}</script><noscript>JavaScript is needed</noscript>`)), challenge, "awsWafCookieDomainList"},
		{"DataDome", answering(403, titled("news.example", `<p id="cmsg">Please enable JS</p><script>var dd={'rt':'c'}</script><script src="https://ct.captcha-delivery.com/c.js"></script>`), "X-DataDome", "protected"), challenge, "DataDome"},
		{"DataDome, 200", answering(200, titled("news.example", `<iframe src="https://geo.captcha-delivery.com/captcha/?cid=1"></iframe>`)), challenge, "DataDome"},
		{"HUMAN", answering(403, titled("Access to this page has been denied.", `<div id="px-captcha"></div>`)), challenge, "px-captcha"},
		{"HUMAN, 200", answering(200, titled("Access to this page has been denied", `<h1>Press and hold</h1>`)), challenge, "HUMAN"},
		{"Imperva, 200", answering(200, `<html><head><META NAME="robots" CONTENT="noindex"></head><body><iframe id="main-iframe" src="/_Incapsula_Resource?SWUDNSAI=9&amp;incident_id=1">Request unsuccessful.</iframe></body></html>`), challenge, "Imperva"},
		{"Imperva, bots", answering(200, titled("Pardon Our Interruption", `<h1>Pardon Our Interruption...</h1><p>Something about your browser made us think that you were a bot.</p>`)), challenge, "Imperva"},
		{"Akamai, 403", answering(403, `<HTML><HEAD><TITLE>Access Denied</TITLE></HEAD><BODY><H1>Access Denied</H1>No permission.<P>Reference&#32;&#35;18&#46;1a2b</BODY></HTML>`, "Server", "AkamaiGHost"), forbidden, "reference #"},
		{"Akamai, 200", answering(200, titled("Access Denied", `https&#58;&#47;&#47;errors&#46;edgesuite&#46;net&#47;18.1a2b`)), forbidden, "Akamai"},
		{"Akamai, by its server", answering(403, titled("Sorry", ""), "Server", "AkamaiGHost"), forbidden, "Server: AkamaiGHost"},
		{"Akamai, bots", answering(200, titled("", `<div id="sec-if-cpt-container">Powered and protected by</div>`)), challenge, "sec-if-cpt-container"},
		{"Sucuri", answering(200, titled("You are being redirected...", `<noscript>Javascript is required.</noscript><script>var s={};sucuri_cloudproxy_js='';</script>`)), challenge, "Sucuri"},
		{"Sucuri, refused", answering(403, titled("Sucuri WebSite Firewall - Access Denied", ""), "X-Sucuri-Block", "GEO02"), forbidden, "X-Sucuri-Block"},
		{"DDoS-Guard", answering(403, titled("DDoS-Guard", `<script src="/.well-known/ddos-guard/js-challenge/index.js"></script>`)), challenge, "DDoS-Guard"},
		{"ArvanCloud", answering(200, titled("Transferring to the website...", `<script>document.cookie = "__arcsjs=1"; location.reload()</script>`)), challenge, "ArvanCloud"},
		{"Kasada", answering(429, "", "X-Kpsdk-Ct", "0abc"), challenge, "Kasada"},
		{"SiteGround", answering(202, `<html><head><meta http-equiv="refresh" content="0;/.well-known/sgcaptcha/?r=%2F"></head></html>`), challenge, "sgcaptcha"},
		{"Anubis", answering(200, titled("Making sure you&#39;re not a bot!", `<script id="anubis_challenge" type="application/json">{}</script><p>A check of work.</p>`)), challenge, "Anubis"},
		{"F5", answering(200, titled("Request Rejected", `The requested URL was rejected. Please consult with your administrator.<br>Your support ID is: 1`)), forbidden, "F5"},
		{"F5, bots", answering(200, `<html><head><script src="/TSPD/08d1?type=11"></script><noscript>Please enable JavaScript to view the page content.</noscript></head></html>`), challenge, "/TSPD/"},
		{"Iran's filter", answering(200, `<html><head><title>M1-6</title></head><body><iframe src="http://10.10.34.34?type=Invalid Site&policy=MainPolicy"></iframe></body></html>`), forbidden, "Iran"},
		{"a captcha", answering(200, titled("Are you a robot?", `<div class="g-recaptcha"></div>`)), challenge, "a captcha"},
		{"the site itself", answering(403, titled("Forbidden", "<h1>Forbidden</h1>")), forbidden, `status 403 Forbidden, saying "Forbidden"`},
		{"the site itself, without a title", answering(403, "<h1>Robots  keep out</h1>"), forbidden, "robots keep out"},
		{"consent in place of the page", answering(200, titled("Before you continue to the News", "<p>We and 900 partners keep cookies on your device.</p><form></form>")), consent, "Before you continue"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := serve(t, c.page)
			r := newClient(t).Fetch(t.Context(), Request{URL: s.URL + "/2026/11/25/page"})
			if r.Outcome != outcome.Blocked || r.Reason != c.reason || r.Err == nil || !strings.Contains(r.Err.Error(), c.says) {
				t.Errorf("%s, %s: %v; want blocked, %s, saying %q", r.Outcome, r.Reason, r.Err, c.reason, c.says)
			}
			if r.Body != nil || r.ETag != "" {
				t.Error("the wall is handed on as if it were the page")
			}
		})
	}
}

// TestNoWalls has pages that mention guards and consent, or passed a guard, and are what was asked for.
func TestNoWalls(t *testing.T) {
	for name, page := range map[string]http.HandlerFunc{
		"passed Cloudflare": answering(200, articleAbout("Bridge put off", `<script src="/cdn-cgi/challenge-platform/scripts/jsd/main.js"></script>`),
			"CF-Ray", "8fcb-IST", "Server", "cloudflare", "Set-Cookie", "__cf_bm=1"),
		"passed DataDome":           answering(200, titled("Home", `<script src="https://js.datadome.co/tags.js"></script>`), "X-DataDome", "protected"),
		"passed Imperva":            answering(200, titled("Home", `<script src="/_Incapsula_Resource?SWJIYLWA=7"></script>`), "Set-Cookie", "incap_ses_1=2"),
		"passed HUMAN":              answering(200, titled("Home", `<script>window._pxAppId='PX1'</script>`), "Set-Cookie", "_pxhd=1"),
		"passed DDoS-Guard":         answering(200, titled("Home", `<script src="https://check.ddos-guard.net/check.js"></script>`), "Server", "ddos-guard"),
		"passed Akamai":             answering(200, articleAbout("Access denied to the bridge", ""), "Server", "AkamaiGHost"),
		"a story about Cloudflare":  answering(200, articleAbout("Just a moment...", "<p>Cloudflare shows _cf_chl_opt to robots, and DataDome captcha-delivery.com, and Incapsula /_Incapsula_Resource?SWUDNSAI.</p>")),
		"a story with code":         answering(200, articleAbout("How guards work", "<pre><code>&lt;div id=\"px-captcha\"&gt; &lt;script&gt;window.gokuProps&lt;/script&gt;</code></pre>")),
		"a long page with a marker": answering(200, articleAbout("What sucuri_cloudproxy_js does", strings.Repeat(paragraphs, 4)+`<script>var x="sucuri_cloudproxy_js"</script>`)),
		"a story about consent":     answering(200, articleAbout("Cookie consent: what changes for readers", "")),
		"a banner over the page":    answering(200, articleAbout("Bridge put off", `<div id="cookie-consent-banner">We value your privacy. Before you continue, your privacy choices.</div>`)),
		"a page of headlines":       answering(200, titled("News of the river", `<a href="/captcha-story-of-the-day">A captcha story of the day</a>`)),
		"a feed":                    typed("application/rss+xml", `<rss version="2.0"><channel><title>Just a moment</title><item><description><![CDATA[<script>_cf_chl_opt</script><iframe src="http://10.10.34.34">]]></description></item></channel></rss>`),
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, page)
			if r := newClient(t).Fetch(t.Context(), Request{URL: s.URL + "/news/page"}); r.Outcome != outcome.OK || len(r.Body) == 0 {
				t.Errorf("%s, %s: %v", r.Outcome, r.Reason, r.Err)
			}
		})
	}
	for code, want := range map[int]outcome.Outcome{404: outcome.Gone, 410: outcome.Gone, 500: outcome.Retry, 503: outcome.Retry, 400: outcome.Failed, 202: outcome.Retry} {
		s := serve(t, answering(code, articleAbout("Not here", ""), "Server", "cloudflare", "CF-Ray", "1"))
		if r := newClient(t).Fetch(t.Context(), Request{URL: s.URL + "/x"}); r.Outcome != want {
			t.Errorf("%d: %s, %v, want %s", code, r.Outcome, r.Err, want)
		}
	}
}

// TestConsentByRedirect has pages redirect to walls of consent, on the host and off it, and to pages that only sound like one.
func TestConsentByRedirect(t *testing.T) {
	wall := titled("Ihre Daten", "<p>"+strings.Repeat("Wir und unsere Partner speichern Cookies. ", 100)+"</p>")
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		to := map[string]string{
			"/2026/a": "/consent?return=%2F2026%2Fa", "/2026/b": "/cookie-wall.html", "/2026/c": "/privacy-gate/accept?redirectUri=%2F2026%2Fc",
			"/2026/d": "http://consent.news.example/v2/collectConsent?sessionId=3", "/2026/e": "http://myprivacy.dpgmedia.nl/consent?siteKey=x",
			"/2026/f": "/choices", "/2026/g": "http://10.10.34.34/?type=Invalid%20Site",
			"/consent": "/consent/", "/2026/cookie-consent": "/2026/cookie-consent-for-readers", "/2026/h": "/2026/consent-is-needed-says-court",
			"/2026/i": "http://privacy.news.example/2026/i",
		}[r.URL.Path]
		switch {
		case to != "":
			w.Header().Set("Location", to)
			w.WriteHeader(http.StatusFound)
		case r.URL.Path == "/choices":
			answering(200, titled("Your privacy choices | The News", wall))(w, r)
		case strings.HasPrefix(r.URL.Path, "/2026/"):
			answering(200, articleAbout("Consent is needed, says the court", ""))(w, r)
		default:
			answering(200, wall)(w, r)
		}
	})
	c := newClient(t)
	for path, want := range map[string]outcome.Outcome{
		"/2026/a": outcome.Blocked, "/2026/b": outcome.Blocked, "/2026/c": outcome.Blocked, "/2026/d": outcome.Blocked,
		"/2026/e": outcome.Blocked, "/2026/f": outcome.Blocked, "/2026/g": outcome.Blocked,
		"/consent": outcome.OK, "/2026/cookie-consent": outcome.OK, "/2026/h": outcome.OK, "/2026/i": outcome.Redirected,
	} {
		r := c.Fetch(t.Context(), Request{URL: s.URL + path})
		if r.Outcome != want || want == outcome.Blocked && r.Reason != outcome.ReasonConsent && path != "/2026/g" {
			t.Errorf("%s: %s, %s at %s: %v; want %s", path, r.Outcome, r.Reason, r.URL, r.Err, want)
		}
	}
}

// TestWallsFile: walls.yaml is right, and what is wrong with a file like it is said with its place.
func TestWallsFile(t *testing.T) {
	if walls, err := readWalls("walls.yaml", wallsYAML); err != nil || len(walls) == 0 {
		t.Fatalf("%d walls, %v", len(walls), err)
	}
	for text, want := range map[string]string{
		"walls:\n  - by: X\n    reason: challenge\n    source: y\n    titel: [a]":                  "w.yaml:5:5: walls[0].titel: ",
		"walls:\n  - by: X\n    reason: gone\n    source: y\n    title: [a]":                       "w.yaml:3:13: walls[0].reason: must be challenge, forbidden or consent",
		"walls:\n  - reason: challenge\n    source: y\n    title: [a]":                             "walls[0].by: is missing",
		"walls:\n  - by: X\n    reason: challenge\n    source: y\n    text: [blocked]":             "needs a header, address, title or markup",
		"walls:\n  - by: X\n    reason: challenge\n    source: y\n    markup: [waf]":               "walls[0].short: must be positive",
		"walls:\n  - by: X\n    reason: challenge\n    source: y\n    title: ['(']":                "walls[0].title[0]: error parsing regexp",
		"walls:\n  - by: X\n    reason: challenge\n    source: y\n    title: ['']":                 "walls[0].title[0]: is empty",
		"walls:\n  - by: X\n    reason: challenge\n    source: y\n    header: [x-waf]":             `walls[0].header[0]: must be "Name: expression"`,
		"walls:\n  - by: X\n    reason: challenge\n    source: y\n    title: [a]\n    text: [Big]": "walls[0].text[0]: must be in lower case",
	} {
		if _, err := readWalls("w.yaml", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q:\n got %v\nwant %s", text, err, want)
		}
	}
}

// FuzzWalls feeds any bytes as a page: it must be told or not in bounded time, without a panic.
func FuzzWalls(f *testing.F) {
	walls, err := readWalls("walls.yaml", wallsYAML)
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{titled("Just a moment...", "<script>_cf_chl_opt"), "<title", "<script><!--<script></script>", "\x00<body><title>x"} {
		f.Add(s, 200)
	}
	u, _ := parseURL("http://news.example/2026/page", nil)
	f.Fuzz(func(t *testing.T, page string, status int) {
		if w := wallOf(walls, &answer{asked: u, url: u, status: status, body: []byte(page)}); w != nil && (w.evidence == "" || len(w.Error()) > 2<<10) {
			t.Errorf("evidence %q", w.Error())
		}
	})
}
