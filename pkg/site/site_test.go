package site

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the machine may have no time zones

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/khabar-crawler/khabar/pkg/yamlfile"
)

func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLoad(t *testing.T) {
	path := write(t, "a.yaml", `
id: masalah
name: المسلة
home: HTTPS://WWW.Masalah.example:443
language: ar
country: IQ
time_zone: Asia/Baghdad
hosts: [Feeds.Burner.example]
politeness: {delay: 2500ms, concurrency: 3, key: host.example}
schedule: {every: 30m, min: 10m, max: 24h}
sections:
  - {id: iraq, url: "https://masalah.example/قسم/?utm_source=x", kind: listing, pages: 4}
  - {id: feed, url: https://feeds.burner.example/masalah, kind: feed, every: 15m}
articles: {include: [^/خبر/], exclude: ['\?page=']}
extract: {title: [h1], subtitle: [h2], body: [.entry-content], authors: [.by], date: [time], tags: ['a[rel=tag]'], images: [img], remove: [aside]}
`)
	s, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	baghdad, err := time.LoadLocation("Asia/Baghdad")
	if err != nil {
		t.Fatal(err)
	}
	s.location, s.include, s.exclude = nil, nil, nil
	want := &Site{
		ID: "masalah", Name: "المسلة", Home: "https://www.masalah.example/", Language: "ar", Country: "IQ", TimeZone: "Asia/Baghdad",
		Hosts:      []string{"feeds.burner.example"},
		Politeness: Politeness{Delay: 2500 * time.Millisecond, Concurrency: 3, Key: "host.example"},
		Schedule:   Schedule{Every: 30 * time.Minute, Min: 10 * time.Minute, Max: 24 * time.Hour},
		Sections: []Section{
			{ID: "iraq", URL: "https://masalah.example/%D9%82%D8%B3%D9%85/", Kind: Listing, Pages: 4},
			{ID: "feed", URL: "https://feeds.burner.example/masalah", Kind: Feed, Every: 15 * time.Minute},
		},
		Articles: Patterns{Include: []string{"^/خبر/"}, Exclude: []string{`\?page=`}},
		Extract: Rules{
			Title: []string{"h1"}, Subtitle: []string{"h2"}, Body: []string{".entry-content"}, Authors: []string{".by"},
			Date: []string{"time"}, Tags: []string{"a[rel=tag]"}, Images: []string{"img"}, Remove: []string{"aside"},
		},
		Source: path, delaySaid: true, elsewhere: DefaultDelay,
	}
	if !reflect.DeepEqual(s, want) {
		t.Errorf("got  %+v\nwant %+v", s, want)
	}
	if s, _ := Load(path); s.Location().String() != baghdad.String() {
		t.Errorf("location %v", s.Location())
	}
}

func TestDefaults(t *testing.T) {
	s, err := Load(write(t, "a.yaml", "id: a\nhome: https://a.com\n"))
	if err != nil {
		t.Fatal(err)
	}
	if s.Name != "a" || s.Politeness != (Politeness{Delay: DefaultDelay, Concurrency: 1}) || s.Schedule != (Schedule{}) || s.Location() != time.UTC {
		t.Errorf("defaults: %+v", s)
	}
	if s.SetDefaultDelay(time.Minute); s.Politeness.Delay != time.Minute {
		t.Error("a silent file does not take the configured delay")
	}
	s, err = Load(write(t, "b.yaml", "id: b\nhome: http://127.0.0.1:9/\npoliteness: {delay: 0s}\nschedule: {every: 50ms}\n"))
	if err != nil {
		t.Fatalf("loopback is bound by the floors: %v", err)
	}
	if s.SetDefaultDelay(time.Minute); s.Politeness.Delay != 0 {
		t.Error("the configured delay replaced the file's")
	}
}

// TestBadFiles holds each testdata/*.bad.yml to its exact messages, and to what the schema says: those that differ are
// the ones that no schema can know.
func TestBadFiles(t *testing.T) {
	const section = "id, url, kind, pages, every, cron, zone, min, max"
	const top = "id, name, home, language, country, time_zone, hosts, follow_moves, paused, politeness, schedule, sections, articles, extract"
	const fields = "; want minute, hour, day of the month, month and day of the week, as 30 7 * * 1-5"
	for _, tc := range []struct {
		name   string
		schema bool // the schema finds it too
		want   []string
	}{
		{"unknown_key", true, []string{
			"3:1: polteness: unknown key, did you mean politeness?; allowed here: " + top,
			"8:5: sections[0].interval: unknown key; allowed here: " + section,
		}},
		{"missing_keys", true, []string{
			"1:1: id: is missing; want a short name of lower-case letters, digits, . _ or -",
			"1:1: home: is missing; want the URL of the site's home page",
			"3:5: sections[0].url: is missing; want the section's URL",
			"3:5: sections[0].kind: is missing; want one of listing, feed, sitemap",
		}},
		{"wrong_types", true, []string{
			"1:5: id: want text, got the number 24 (put it in quotes)",
			"2:7: home: want text, got a list",
			"4:10: politeness.delay: want a duration such as 5s, 30m or 1h, got the number 5",
			"5:16: politeness.concurrency: want a whole number, got text",
			"7:3: sections: want a list, got keys",
			"8:11: articles: want keys: include, exclude, got text",
			"9:8: hosts: want a list, got text",
		}},
		{"no_host", true, []string{`2:7: home: "https:///news" has no valid host; want https://host/path`}},
		{"no_scheme", true, []string{`2:7: home: "almasalah.com" is no web address; want one that begins with https:// or http://`}},
		{"bad_id", true, []string{`1:5: id: "Al Masalah" is no id; want up to 64 lower-case letters, digits, . _ or -, a letter or digit first`}},
		{"durations", true, []string{
			"3:21: politeness.delay: 10ms is too short; want from 1s to 5m (less only for sites on loopback and reserved test names)",
			`5:10: schedule.every: "1d" is no duration; want one such as 500ms, 5s, 30m or 1h30m`,
			"6:8: schedule.min: 30s is out of range; want from 1m to 744h",
			"7:8: schedule.max: 1000h is out of range; want from 1m to 744h",
		}},
		{"long_delay", true, []string{
			"4:10: politeness.delay: 10m is too long; want from 1s to 5m",
			"5:16: politeness.concurrency: 50 is out of range; want from 1 to 6",
			`6:8: politeness.key: "https://a.com/" is no key; want a host name that the sites of one server share, such as hosting.example`,
		}},
		{"cron", false, []string{
			"3:18: schedule.cron: \"0 0 31 2 *\" never comes: no day fits it",
			"3:35: schedule.min: 30s is out of range; want from 1m to 744h",
			`5:58: sections[0].cron: "0 7 * *" is no crontab line: expected exactly 5 fields, found 4: [0 7 * *]` + fields,
			"6:58: sections[1].cron: stands beside every: one of them says when to visit",
			`7:77: sections[2].zone: "Asia/Bagdad" is no time zone; want a name of the IANA database such as Asia/Baghdad`,
			"8:75: sections[3].max: 24h is shorter than the time between two of cron's times, 168h at least",
			"9:58: sections[4].min: 2h is longer than max, 1h",
			`10:58: sections[5].cron: "@every 5m" is no crontab line: @every is an interval: say every in place of cron` + fields,
			"11:81: sections[6].min: 1h is longer than the time between two of cron's times, 10m at most",
			"12:60: sections[7].zone: says in which zone cron is meant, and there is no cron",
			`13:59: sections[8].cron: "CRON_TZ=Asia/Bagdad 0 7 * * *" is no crontab line: unknown time zone "Asia/Bagdad": unknown time zone Asia/Bagdad` + fields,
		}},
		{"bounds", false, []string{
			"5:57: sections[0].min: 12h is longer than schedule.max, 6h; give the section a max of its own",
			"6:57: sections[1].max: 10m is shorter than schedule.min, 1h; give the section a min of its own",
		}},
		{"schedule_order", false, []string{"3:19: schedule.every: 5m is shorter than min, 10m"}},
		{"time_zone", false, []string{`3:12: time_zone: "Asia/Bagdad" is no time zone; want a name of the IANA database such as Asia/Baghdad`}},
		{"language", true, []string{
			`3:11: language: "arabic" is no language tag (BCP 47); want one such as ar, ckb, fa or en-GB`,
			`4:10: country: "IRQ" is no country; want two letters of ISO 3166-1 such as IQ, EG or TR`,
		}},
		{"spelling", true, []string{
			`3:11: language: "AR-iq" is written ar-IQ`,
			`4:10: country: "iq" is written IQ`,
		}},
		{"former_code", false, []string{`3:10: country: "UK" is written GB`}},
		{"patterns", true, []string{
			"4:13: articles.include[0]: is no regular expression (RE2): missing closing ): `^/(news`",
			"4:24: articles.include[1]: is empty, which matches everything",
			"5:13: articles.exclude[0]: is no regular expression (RE2): invalid named capture: `(?<=a)b`",
		}},
		{"selectors", true, []string{
			`4:11: extract.title[0]: "h1..x" is no CSS selector: expected identifier, found . instead`,
			`5:19: extract.remove[1]: "div[" is no CSS selector: expected identifier, found EOF instead`,
			`5:27: extract.remove[2]: "" is no CSS selector: expected selector, found EOF instead`,
		}},
		{"sections", true, []string{
			"4:63: sections[0].pages: 0 is out of range; want from 1 to 500",
			`5:10: sections[1].id: "news" is the id of sections[0] too; each section needs its own`,
			`5:48: sections[1].kind: "page" is no kind of section; want one of listing, feed, sitemap`,
			"6:22: sections[2].url: b.com is not in the site's place, a.com; want a URL there, or its host under hosts",
			"7:73: sections[3].pages: a feed has no pages to follow; only a listing has",
			"8:22: sections[4].url: https://a.com/feed is the URL of sections[3] too",
			"8:61: sections[4].every: 1s is out of range; want from 1m to 744h",
		}},
		{"hosts", true, []string{
			`4:5: hosts[0]: "https://feeds.a.org/" is no host; want a name such as feeds.example.org, without https:// or a path`,
			`5:5: hosts[1]: "co.uk" is a suffix under which anybody registers; name the site's own host`,
			`6:5: hosts[2]: "a..b" is no host; want a name such as feeds.example.org, without https:// or a path`,
		}},
		{"empty_values", true, []string{
			"3:7: name: is empty",
			"4:10: language: has no value; want text",
			`5:10: country: "" is no country; want two letters of ISO 3166-1 such as IQ, EG or TR`,
			`6:12: time_zone: "" is no time zone; want a name of the IANA database such as Asia/Baghdad`,
		}},
		{"twice", true, []string{"3:1: id: a second time; the first is in line 1"}},
		{"syntax", true, []string{"3:11: sequence end token ']' not found"}},
		{"empty", true, []string{"is empty"}},
		{"anchor", false, []string{"1:5: id: anchors and aliases are not allowed; write the value out"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			file := filepath.Join("testdata", tc.name+".bad.yml")
			problems := Check(file)
			var got []string
			for _, p := range problems {
				got = append(got, strings.TrimPrefix(strings.TrimPrefix(p.String(), file+":"), " "))
			}
			if !slices.Equal(got, tc.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tc.want, "\n"))
			}
			if s, err := Load(file); err == nil || s != nil || err.Error() != Problems(problems).Error() {
				t.Errorf("Load gave %v, %v", s, err)
			}
			if err := againstSchema(t, file); (err != nil) != tc.schema {
				t.Errorf("the schema says %v", err)
			}
		})
	}
	files, err := filepath.Glob("testdata/*.bad.yml")
	if err != nil || len(files) != 24 {
		t.Errorf("%d bad files, %v: is one not in the table?", len(files), err)
	}
}

func againstSchema(t *testing.T, file string) error {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(Schema())))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("site.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	sch, err := c.Compile("site.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	asJSON, err := yaml.YAMLToJSON(data)
	if err != nil {
		return err
	}
	instance, err := jsonschema.UnmarshalJSON(strings.NewReader(string(asJSON)))
	if err != nil {
		return err
	}
	return sch.Validate(instance)
}

// TestShippedSites loads what configs holds, as a user would, and holds it to the schema.
func TestShippedSites(t *testing.T) {
	const dir = "../../configs/sites"
	sites, err := LoadAll(dir)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, s := range sites {
		ids = append(ids, s.ID)
		if err := againstSchema(t, s.Source); err != nil {
			t.Errorf("%s: %v", s.Source, err)
		}
		if s.ID+".yaml" != filepath.Base(s.Source) {
			t.Errorf("%s holds %s", s.Source, s.ID)
		}
		data, err := os.ReadFile(s.Source)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(string(data), "# yaml-language-server: $schema=../site.schema.json\n") {
			t.Errorf("%s does not name the schema for editors", s.Source)
		}
		if !strings.Contains(strings.ReplaceAll(string(data), "\n#", ""), "not tried against the live site") {
			t.Errorf("%s does not say that it was not tried", s.Source)
		}
	}
	if !slices.Contains(ids, "almasalah") {
		t.Errorf("almasalah is not among %v", ids)
	}
}

func TestSchemaIsShipped(t *testing.T) {
	shipped, err := os.ReadFile("../../configs/site.schema.json")
	if err != nil || string(shipped) != string(Schema()) {
		t.Errorf("configs/site.schema.json is not pkg/site/site.schema.json: copy it (%v)", err)
	}
}

// TestSchemaKeys holds the schema's properties to the keys that are decoded.
func TestSchemaKeys(t *testing.T) {
	type object struct {
		Properties map[string]json.RawMessage
		Items      json.RawMessage
	}
	var check func(name string, raw json.RawMessage, typ reflect.Type)
	check = func(name string, raw json.RawMessage, typ reflect.Type) {
		var o object
		if err := json.Unmarshal(raw, &o); err != nil {
			t.Fatal(err)
		}
		keys := yamlfile.Keys(typ)
		if len(o.Properties) != len(keys) {
			t.Errorf("%s: the schema has %d keys, the struct %v", name, len(o.Properties), keys)
		}
		for i := range typ.NumField() {
			f := typ.Field(i)
			key := f.Tag.Get("yaml")
			sub, ok := o.Properties[key]
			switch {
			case key == "" || key == "-":
			case !ok:
				t.Errorf("%s: the schema lacks %s", name, key)
			case f.Type.Kind() == reflect.Struct:
				check(key, sub, f.Type)
			case f.Type.Kind() == reflect.Slice && f.Type.Elem().Kind() == reflect.Struct:
				var list object
				if err := json.Unmarshal(sub, &list); err != nil {
					t.Fatal(err)
				}
				check(key, list.Items, f.Type.Elem())
			}
		}
	}
	check("site", Schema(), reflect.TypeFor[Site]())
}

// TestOthersHosts: a site's key and delay are for its own hosts, and say nothing of those of others.
func TestOthersHosts(t *testing.T) {
	s, err := FromHome("https://www.n.example/")
	if err != nil {
		t.Fatal(err)
	}
	s.Hosts, s.Politeness.Key, s.Politeness.Delay = []string{"files.test"}, "shared", time.Minute
	s.delaySaid = true
	s.SetDefaultDelay(2 * time.Second)
	for host, want := range map[string]struct {
		key   string
		delay time.Duration
	}{
		"n.example": {"shared", time.Minute}, "m.n.example": {"shared", time.Minute}, "a.files.test": {"shared", time.Minute},
		"feeds.feedburner.com": {"feedburner.com", 2 * time.Second}, "notfiles.test": {"notfiles.test", 2 * time.Second},
	} {
		if key, delay := s.Key(host), s.Delay(host); key != want.key || delay != want.delay {
			t.Errorf("%s: key %s, delay %v", host, key, delay)
		}
	}
}
