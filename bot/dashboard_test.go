package main

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"

	"truce/bot/slack/slackfake"
	"truce/storage"
)

// queries are what the dashboard and the alerts of the documentation ask for.
func queries(t *testing.T) (list []string) {
	t.Helper()
	text, err := os.ReadFile("../docs/truce-dashboard.json")
	if err != nil {
		t.Fatal(err)
	}
	var dashboard any
	if err := json.Unmarshal(text, &dashboard); err != nil {
		t.Fatal(err)
	}
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if s, ok := v["expr"].(string); ok {
				list = append(list, s)
			}
			for _, e := range v {
				walk(e)
			}
		case []any:
			for _, e := range v {
				walk(e)
			}
		}
	}
	walk(dashboard)
	if text, err = os.ReadFile("../docs/operations.md"); err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`expr: '(.*?)'[,}]? `).FindAllStringSubmatch(string(text), -1) {
		list = append(list, m[1])
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// TestEveryQueryFindsWhatItAsksFor runs the program with a source, a lead whose clock runs and something to say, and holds each query
// of the dashboard and of the alerts against what it then shows: each figure is there, with each label that the query names.
func TestEveryQueryFindsWhatItAsksFor(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts the bot")
	}
	f := slackfake.New()
	defer f.Close()
	s := newShell(t)
	s.write("costs.csv", "source,at,amount,currency\nFair,2026-03,10,EUR\n")
	config := s.write("config.yaml", "sync:\n  every: \"0 3 * * *\"\n  sources:\n    spend: {kind: costs, command: [cat, "+s.path("costs.csv")+"]}\n")
	s.env = slices.Concat(slackEnv(f, s.path("truce.db")), atAnyHour, []string{"PATH=" + os.Getenv("PATH")})
	for _, args := range [][]string{{"import", "costs", s.path("costs.csv")}, {"sync"}, {"backup", s.path("b.db")}} {
		if status, out, errs := s.run(append([]string{"--config", config}, args...)...); status != exitOK {
			t.Fatalf("%v: %s%s", args, out, errs)
		}
	}
	s.write("leads.csv", "id,mql_at,email,owner\nL1,"+time.Now().Add(time.Minute).Format(time.RFC3339)+",p@x.example,rita@quillwater.example\n")
	if status, out, errs := s.run("--config", config, "import", "leads", s.path("leads.csv")); status != exitOK {
		t.Fatal(out, errs)
	}
	p := start(t, append(s.env, "TRUCE_METRICS_LISTEN=127.0.0.1:0"), "run", "--config", config)
	metricsAt := regexp.MustCompile(`msg=metrics listen=(\S+)`)
	if status, answer, err := command(t.Context(), f, p.addr, "t.1", "they say we are too slow"); err != nil || status != 200 {
		t.Fatalf("%d %s %v", status, answer, err)
	}
	s.update(func(tx *storage.Tx) error { // something to say
		body, err := json.Marshal(map[string]any{"summary": "hello"})
		if err != nil {
			return err
		}
		people, err := tx.People()
		if err != nil || len(people) == 0 {
			return err
		}
		return tx.Send(storage.Message{To: storage.ToPerson(people[0].ID), Body: body, Kind: storage.Notice, PersonID: people[0].ID})
	})
	asked := queries(t)
	var missing []string
	for late := time.Now().Add(patience); time.Now().Before(late); time.Sleep(500 * time.Millisecond) {
		m := metricsAt.FindStringSubmatch(p.log.String())
		if m == nil {
			continue
		}
		if missing = unanswered(asked, scrape(t, m[1])); len(missing) == 0 {
			t.Logf("%d queries", len(asked))
			return
		}
	}
	t.Errorf("there is nothing that these ask for:\n%s\n%s", strings.Join(missing, "\n"), p.log)
}

var (
	figureAsked = regexp.MustCompile(`\b((?:truce|go|process)_[a-z_]+)(\{[^}]*\})?`)
	labelsAsked = regexp.MustCompile(`by \(([^)]*)\)`)
)

// unanswered are those of some queries whose figures, or labels of them, are not there.
func unanswered(queries []string, there map[string]*dto.MetricFamily) (missing []string) {
	for _, q := range queries {
		for _, m := range figureAsked.FindAllStringSubmatch(q, -1) {
			family := there[strings.TrimSuffix(m[1], "_bucket")]
			if len(family.GetMetric()) == 0 {
				missing = append(missing, q+": no "+m[1])
				continue
			}
			labels := map[string]bool{"le": strings.HasSuffix(m[1], "_bucket")}
			for _, l := range family.GetMetric()[0].GetLabel() {
				labels[l.GetName()] = true
			}
			for _, by := range labelsAsked.FindAllStringSubmatch(q, -1) {
				for _, name := range strings.Split(by[1], ",") {
					if !labels[strings.TrimSpace(name)] {
						missing = append(missing, q+": "+m[1]+" has no label "+name)
					}
				}
			}
			if name, _, ok := strings.Cut(strings.Trim(m[2], "{}"), "="); ok && !labels[name] {
				missing = append(missing, q+": "+m[1]+" has no label "+name)
			}
		}
	}
	return missing
}
