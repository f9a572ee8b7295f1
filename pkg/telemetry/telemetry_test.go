package telemetry

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"go.uber.org/goleak"
	"go.uber.org/zap"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestLogger(t *testing.T) {
	var b bytes.Buffer
	log, err := NewLogger(&b, "info", "json")
	if err != nil {
		t.Fatal(err)
	}
	log.Debug("hidden")
	log.Info("fetched", zap.String("site", "rafidain"))
	var line map[string]any
	if err := json.Unmarshal(b.Bytes(), &line); err != nil {
		t.Fatalf("%v: %s", err, b.Bytes())
	}
	if line["msg"] != "fetched" || line["site"] != "rafidain" || line["level"] != "info" {
		t.Errorf("line: %v", line)
	}
	for _, c := range [][3]string{{"loud", "json", "debug, info, warn or error"}, {"info", "xml", "json or console"}} {
		if _, err := NewLogger(&b, c[0], c[1]); err == nil || !strings.Contains(err.Error(), c[2]) {
			t.Errorf("%v: %v", c, err)
		}
	}
}

func TestHealth(t *testing.T) {
	var down error
	h, err := ServeHealth("127.0.0.1:0", Check{"store", func(context.Context) error { return down }})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	if err := Probe(t.Context(), h.srv.Addr); err != nil {
		t.Errorf("ready process: %v", err)
	}
	down = errors.New("connection refused")
	if err := Probe(t.Context(), h.srv.Addr); !errors.Is(err, ErrUnhealthy) || !strings.Contains(err.Error(), "store: connection refused") {
		t.Errorf("store down: %v", err)
	}
	h.Set(Check{"broker", func(context.Context) error { return errors.New("waited for since noon") }})
	if err := Probe(t.Context(), h.srv.Addr); !strings.Contains(err.Error(), "store: connection refused") || !strings.Contains(err.Error(), "broker: waited for since noon") {
		t.Errorf("both down: %v", err)
	}
	h.Set(Check{"store", func(context.Context) error { return nil }})
	if err := Probe(t.Context(), h.srv.Addr); err == nil || strings.Contains(err.Error(), "store") {
		t.Errorf("store back: %v", err)
	}
	(*Health)(nil).Set(Check{})
	if _, err := ServeHealth(h.srv.Addr); err == nil || !strings.Contains(err.Error(), "health.addr") {
		t.Errorf("address in use: %v", err)
	}
	h.Close()
	h.Close()
	if err := Probe(t.Context(), h.srv.Addr); err == nil {
		t.Error("a stopped process was reported ready")
	}
}
