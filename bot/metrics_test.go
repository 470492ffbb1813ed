package main

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"truce/bot/slack/slackfake"
)

// metricLabels are all labels there may be: no person, source or theme can be in one.
var metricLabels = []string{"platform", "kind", "result", "job", "paused", "sync", "version", "quantile", "le"}

func scrape(t *testing.T, addr string) map[string]*dto.MetricFamily {
	t.Helper()
	res, err := http.Get("http://" + addr + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Fatal(res.Status)
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return families
}

// figure is the value of a family's metric with these labels, name and value in turn; -1 where there is none.
func figure(families map[string]*dto.MetricFamily, name string, labels ...string) float64 {
	for _, m := range families[name].GetMetric() {
		fits := true
		for i := 0; i < len(labels); i += 2 {
			fits = fits && slices.ContainsFunc(m.GetLabel(), func(l *dto.LabelPair) bool {
				return l.GetName() == labels[i] &&
					l.GetValue() == labels[i+1]
			})
		}
		if fits {
			return m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
		}
	}
	return -1
}

func TestMetricsSayHowTheBotIsAndNothingOfAnybody(t *testing.T) {
	f := slackfake.New()
	defer f.Close()
	db := filepath.Join(t.TempDir(), "truce.db")
	env := append(slackEnv(f, db), "TRUCE_METRICS_LISTEN=127.0.0.1:0")
	p := start(t, env, "run")
	addr := ""
	for range 600 {
		if m := regexp.MustCompile(`msg=metrics listen=(\S+)`).FindStringSubmatch(p.log.String()); m != nil {
			addr = m[1]
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if addr == "" {
		t.Fatalf("no metrics\n%s", p.log)
	}
	before := scrape(t, addr)
	for i, text := range []string{"they say we are too slow", "Zebrafish validation is missing", "too expensive"} {
		if status, answer, err := command(t.Context(), f, p.addr, "t."+string(rune('a'+i)), text); err != nil || status != 200 {
			t.Fatalf("%d %s %v", status, answer, err)
		}
	}
	after := scrape(t, addr)
	for _, tt := range []struct {
		name   string
		labels []string
		min    float64
	}{
		{"truce_events_total", []string{"platform", "slack", "kind", "command", "result", "answered"}, 3},
		{"truce_event_duration_seconds", []string{"platform", "slack"}, 3},
		{"truce_commit_duration_seconds", nil, 1},
		{"truce_platform_connected", []string{"platform", "slack"}, 0},
		{"truce_job_late_seconds", []string{"job", "clocks"}, 0},
		{"truce_outbox_waiting", []string{"platform", "slack"}, 0},
		{"truce_outbox_oldest_seconds", []string{"platform", "slack"}, 0},
		{"truce_database_up", nil, 1},
		{"truce_database_bytes", nil, 4096},
		{"truce_wal_bytes", nil, 0},
		{"truce_build_info", nil, 1},
		{"go_goroutines", nil, 5},
	} {
		if got := figure(after, tt.name, tt.labels...); got < tt.min {
			t.Errorf("%s%v is %v", tt.name, tt.labels, got)
		}
	}
	if figure(after, "truce_backup_age_seconds") != -1 {
		t.Error("the age of a backup that there never was")
	}
	series := 0
	for name, family := range after {
		for _, m := range family.GetMetric() {
			series++
			for _, l := range m.GetLabel() {
				if !slices.Contains(metricLabels, l.GetName()) || strings.Contains(strings.ToLower(l.GetValue()), "zebrafish") ||
					strings.Contains(l.GetValue(), "U1") {
					t.Errorf("%s has the label %s=%q", name, l.GetName(), l.GetValue())
				}
			}
		}
	}
	if series > 200 {
		t.Errorf("%d series", series)
	}
	if figure(before, "truce_events_total", "kind", "command") != -1 {
		t.Error("a command was counted before there was one")
	}
	// What people did is not to be had at the address that others reach.
	res, err := http.Get("http://" + p.addr + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusNotFound {
		t.Errorf("/metrics on http.listen: %s", res.Status)
	}
	s := newShell(t)
	s.env = append(slackEnv(f, db), "TRUCE_HTTP_LISTEN=127.0.0.1:1")
	if status, _, errs := s.run("backup", s.path("b.db")); status != exitOK {
		t.Fatal(errs)
	}
	if age := figure(scrape(t, addr), "truce_backup_age_seconds"); age < 0 || age > 3600 {
		t.Errorf("the backup's age is %v s", age)
	}
}

// TestTheDashboardAndTheAlertsAskForWhatThereIs holds the names in the documentation against those of the program.
func TestTheDashboardAndTheAlertsAskForWhatThereIs(t *testing.T) {
	there := map[string]bool{}
	for _, file := range []string{"metrics/metrics.go", "metrics/state.go"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range regexp.MustCompile(`"(truce_[a-z_]+)"`).FindAllStringSubmatch(string(text), -1) {
			there[name[1]] = true
		}
	}
	named := map[string]bool{}
	for _, file := range []string{"../docs/truce-dashboard.json", "../docs/operations.md"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Ext(file) == ".json" && !json.Valid(text) {
			t.Errorf("%s is no JSON", file)
		}
		for _, name := range regexp.MustCompile(`truce_[a-z]+_[a-z_]+`).FindAllString(string(text), -1) {
			named[strings.TrimSuffix(name, "_bucket")] = true
		}
	}
	for name := range named {
		if !there[name] {
			t.Errorf("the documentation names %s, which is not there", name)
		}
	}
	for name := range there {
		if !named[name] {
			t.Errorf("%s is in no documentation", name)
		}
	}
}
