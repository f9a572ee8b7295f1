package weburl

import "strings"

// isTracking says whether a query parameter only tells who sent the reader, so that the page is the same without it. The
// names are those that the senders document for themselves. Short names that some sites use to choose the
// content (ref, from, source, s, t, id, si, cmp) are kept: a doubled article is a smaller loss than a missing one.
func isTracking(key string) bool {
	key = strings.ToLower(key)
	for strings.HasPrefix(key, "amp;") { // an ampersand that was escaped twice, as in many feeds
		key = key[len("amp;"):]
	}
	switch {
	case strings.HasPrefix(key, "utm_"): // Google Analytics campaigns, copied by most others
		return true
	case strings.HasPrefix(key, "mtm_"), strings.HasPrefix(key, "pk_"), strings.HasPrefix(key, "matomo_"): // Matomo
		return true
	case strings.HasPrefix(key, "at_campaign"), strings.HasPrefix(key, "at_medium"), strings.HasPrefix(key, "at_custom"),
		strings.HasPrefix(key, "at_link"), strings.HasPrefix(key, "at_bbc_"): // Piano (AT Internet)
		return true
	}
	switch key {
	case "fbclid", "fb_action_ids", "fb_action_types", "fb_source", "fb_ref", // Facebook
		"igshid", "igsh", // Instagram
		"gclid", "gclsrc", "dclid", "gbraid", "wbraid", "gad_source", "srsltid", "_ga", "_gl", // Google Ads, Analytics
		"msclkid", "ocid", // Microsoft
		"yclid", "ysclid", "ymclid", // Yandex
		"twclid", "ref_src", "ref_url", "__twitter_impression", // X (Twitter)
		"ttclid", "li_fat_id", "epik", "scclid", // TikTok, LinkedIn, Pinterest, Snapchat
		"mc_cid", "mc_eid", // Mailchimp
		"_hsenc", "_hsmi", "__hssc", "__hstc", "__hsfp", "hsctatracking", // HubSpot
		"mkt_tok", "vero_id", "vero_conv", "oly_anon_id", "oly_enc_id", "ck_subscriber_id", // other mailings
		"wt_mc", "xtor", "ns_mchannel", "ns_source", "ns_campaign", "ns_linkname", "ns_fee", // Mapp, AT Internet, Comscore
		"guccounter", "guce_referrer", "guce_referrer_sig", // Yahoo's consent pages
		"replytocom",              // WordPress: the same page with the comment form moved
		"phpsessid", "jsessionid": // session ids
		return true
	}
	return false
}
