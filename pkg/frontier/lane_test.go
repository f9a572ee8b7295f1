package frontier

import (
	"regexp"
	"strings"
	"testing"
)

var laneKeyRE = regexp.MustCompile(`^[-/_=a-zA-Z0-9]+$`) // one subject token, and what a KV key may hold

func TestLaneKeys(t *testing.T) {
	for lane, want := range map[string]string{
		"almasalah.com":     "almasalah_com",
		"almasalah.com/1":   "almasalah_com/1",
		"a_b.example:8080":  "a=5Fb_example=3A8080",
		"[2001:db8::1]:443": "=5B2001=3Adb8=3A=3A1=5D=3A443",
		"> * .":             "=3E=20=2A=20_",
		"مثال":              "=D9=85=D8=AB=D8=A7=D9=84",
	} {
		got, err := encodeLane(lane)
		if err != nil || got != want {
			t.Errorf("encode %q: %q, %v; want %q", lane, got, err, want)
		}
		if back, err := decodeLane(got); err != nil || back != lane {
			t.Errorf("decode %q: %q, %v", got, back, err)
		}
	}
	for _, lane := range []string{"", strings.Repeat("x", maxLane+1)} {
		if _, err := encodeLane(lane); err == nil {
			t.Errorf("encoded a lane of %d bytes", len(lane))
		}
	}
	// What is not the one encoding of a lane is refused, or two keys would be one lane.
	for _, key := range []string{"", "a.b", "=", "=4", "=zz", "=2E", "=41", "=5f", "a b", strings.Repeat("a", maxLane+1)} {
		if lane, err := decodeLane(key); err == nil {
			t.Errorf("decoded %q as %q", key, lane)
		}
	}
}

func FuzzLane(f *testing.F) {
	f.Add("almasalah.com/1")
	f.Add("=2E_:\x00ÿ")
	f.Fuzz(func(t *testing.T, s string) {
		if key, err := encodeLane(s); err == nil {
			if !laneKeyRE.MatchString(key) {
				t.Fatalf("%q encoded as %q", s, key)
			}
			if back, err := decodeLane(key); err != nil || back != s {
				t.Fatalf("%q came back as %q, %v", s, back, err)
			}
		}
		if lane, err := decodeLane(s); err == nil {
			if key, err := encodeLane(lane); err != nil || key != s {
				t.Fatalf("key %q came back as %q, %v", s, key, err)
			}
		}
	})
}

func TestShardsAreUsedAlike(t *testing.T) {
	var n [4]int
	for i := range 4000 {
		key, err := encodeLane(page("host"+strings.Repeat("x", i%50)+".example", i).URL)
		must(t, err)
		n[shardOf(key, len(n))]++
	}
	for i, c := range n {
		if c < 700 || c > 1300 {
			t.Errorf("shard %d has %d of 4000 lanes", i, c)
		}
	}
}

func FuzzReadTask(f *testing.F) {
	one := &Frontier{cfg: Config{Shards: 1}}
	f.Add("frontier.a_b.1.00ff", []byte(`{"u":"https://a.b/","s":"s","k":"article"}`))
	f.Add("frontier..9.", []byte(`{}`))
	f.Fuzz(func(t *testing.T, subject string, data []byte) {
		task, key, err := one.readTask(0, storedMsg{Subject: subject, Data: data})
		if err != nil {
			return
		}
		if again, err := encodeLane(task.Lane); err != nil || again != key || task.validate() != nil {
			t.Fatalf("accepted %+v with lane key %q, %v", task, key, err)
		}
	})
}
