package wire

import (
	"reflect"
	"testing"

	"github.com/khabar-crawler/khabar/pkg/config"
	"github.com/khabar-crawler/khabar/pkg/fetch"
	"github.com/khabar-crawler/khabar/pkg/frontier"
	"github.com/khabar-crawler/khabar/pkg/scheduler"
	"github.com/khabar-crawler/khabar/pkg/store"
	"github.com/khabar-crawler/khabar/pkg/worker"
)

// TestDefaults: where the configuration is silent, each package gets what it says of itself; no key is lost on the way.
func TestDefaults(t *testing.T) {
	c := config.Default()
	fetcher, err := Fetch(c)
	if err != nil {
		t.Fatal(err)
	}
	// What no key sets is left at zero, which means the default.
	web := fetch.Default()
	web.UserAgent, web.StallTimeout, web.MinProgress, web.MaxHeader, web.MaxConnsPerHost, web.IdleTimeout = "", 0, 0, 0, 0, 0
	for _, part := range []struct{ got, want any }{
		{fetcher, web},
		{Frontier(c), frontier.Default()},
		{Scheduler(c), scheduler.Default()},
		{Worker(c, ""), worker.Default()},
		{Store(c, "x"), store.Config{AppName: "khabar-x", ConnectTimeout: store.DefaultConnectTimeout}},
		{Committer(c), store.CommitterConfig{MaxEffects: store.DefaultMaxEffects, MaxBytes: store.DefaultMaxBytes}},
	} {
		if !reflect.DeepEqual(part.got, part.want) {
			t.Errorf("%T:\n%+v\nwant\n%+v", part.got, part.got, part.want)
		}
	}
}
