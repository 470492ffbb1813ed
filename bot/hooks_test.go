package main

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"truce"
	"truce/bot/config"
	"truce/storage"
)

func TestHooks(t *testing.T) {
	store := openTestStore(t)
	a := &app{store: store, log: slog.New(slog.DiscardHandler), mux: http.NewServeMux()}
	a.mountHooks(config.Hooks{Token: "s3cret"}, time.UTC)
	post := func(path, auth, key, body string) (int, string) {
		t.Helper()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(body))
		if auth != "" {
			r.Header.Set("Authorization", auth)
		}
		if key != "" {
			r.Header.Set("Idempotency-Key", key)
		}
		w := httptest.NewRecorder()
		a.mux.ServeHTTP(w, r)
		b, err := io.ReadAll(w.Body)
		if err != nil || !json.Valid(b) {
			t.Errorf("%s answers %q, %v", path, b, err)
		}
		return w.Code, string(b)
	}
	const ok = "Bearer s3cret"
	big := `[{"id":"x","mql_at":"2026-03-01","name":"` + strings.Repeat("x", maxHookBody) + `"}]`
	for _, tt := range []struct {
		name, path, auth, key, body string
		status                      int
		says                        string
	}{
		{"no token", "/hooks/leads", "", "", `{}`, 401, "Authorization"},
		{"a wrong token", "/hooks/leads", "Bearer s3creT", "", `{}`, 401, ""},
		{"no bearer", "/hooks/leads", "s3cret", "", `{}`, 401, ""},
		{"no such kind", "/hooks/people", ok, "", `{}`, 404, "/hooks/leads"},
		{"one lead", "/hooks/leads", ok, "",
			`{"id":"a1","mql_at":"2026-03-01T10:00:00Z","score":82.5,"email":null,"attributes":{"Region":"EU","Size":9}}`, 200, `"added":1`},
		{"the same lead", "/hooks/leads", ok, "", `{"id":"a1","mql_at":"2026-03-01T10:00:00Z","score":82.5}`, 200, `"unchanged":1`},
		{"several, dates as HubSpot sends them", "/hooks/leads", ok, "k1",
			`[{"id":"a2","mql_at":1772445600000},{"id":"a3","mql_at":"1772445600000"}]`, 200, `"added":2`},
		{"the same key", "/hooks/leads", ok, "k1", `[{"id":"a2","mql_at":1772445600000},{"id":"a3","mql_at":"1772445600000"}]`, 200, `"added":2`},
		{"the same key for another body", "/hooks/leads", ok, "k1", `{"id":"a9","mql_at":"2026-03-01"}`, 409, "another body"},
		{"one faulty item", "/hooks/leads", ok, "", `[{"id":"b1","mql_at":"2026-03-01"},{"id":"b2","mql_at":"soon"},{"mql_at":"2026-03-01"}]`,
			422, `{"item":1,"field":"mql_at"`},
		{"an unknown field", "/hooks/leads", ok, "", `{"id":"b1","mql_at":"2026-03-01","scroe":1}`, 422, `"field":"scroe"`},
		{"what only our own exports say", "/hooks/leads", ok, "", `{"id":"b1","mql_at":"2026-03-01","truce_ref":"L-9"}`, 422, `truce_ref`},
		{"a field twice", "/hooks/leads", ok, "", `{"id":"b1","id":"b2","mql_at":"2026-03-01"}`, 422, "twice"},
		{"a value that is none", "/hooks/leads", ok, "", `{"id":["b1",{"x":[]}],"mql_at":"2026-03-01"}`, 422, "a value is"},
		{"a zero byte", "/hooks/leads", ok, "", `{"id":"b\u00001","mql_at":"2026-03-01"}`, 422,
			`"field":"id","error":"the text holds a zero byte"`},
		{"half a character", "/hooks/leads", ok, "", `[{"id":"b1","mql_at":"2026-03-01","name":"\ud800x"}]`, 400,
			"item 0, name: a text holds half a character"},
		{"another encoding", "/hooks/leads", ok, "", "{\"id\":\"b\xff\",\"mql_at\":\"2026-03-01\"}", 400, "not UTF-8"},
		{"cut off", "/hooks/leads", ok, "", `{"id":"b1"`, 400, "it is not closed"},
		{"null", "/hooks/leads", ok, "", `null`, 400, "it is null"},
		{"a scheme in small letters", "/hooks/leads", "bearer s3cret", "", `[]`, 200, `"added":0`},
		{"advice for files only is left out", "/hooks/costs", ok, "", `{"source":"Web","at":"2026-03","amount":5}`, 422,
			`the amount \"5\" has no currency"}`},
		{"an attribute named like a field", "/hooks/leads", ok, "", `{"id":"b1","mql_at":"2026-03-01","attributes":{"id":"x"}}`, 422,
			"name of a field"},
		{"an unknown lead, all or nothing", "/hooks/outcomes", ok, "",
			`[{"lead_id":"a1","at":"2026-03-05","status":"accepted"},{"lead_id":"zz","at":"2026-03-05","status":"won"}]`, 422,
			`{"item":1,"field":"lead_id"`},
		{"an outcome", "/hooks/outcomes", ok, "",
			`{"lead_id":"a1","at":"2026-03-05","status":"won","amount":12.50,"currency":"EUR","rating":"good"}`, 200, `"added":1`},
		{"a deal", "/hooks/deals", ok, "", `{"id":"d1","lead_id":"a2","stage":"Closed Lost","closed_at":"2026-03-06"}`, 200, `"added":1`},
		{"a touch", "/hooks/touches", ok, "", `{"lead_id":"a1","at":"2026-03-02","kind":"call"}`, 200, `"added":1`},
		{"what was paid", "/hooks/costs", ok, "", `{"source":"Webinar","at":"2026-03","amount":1200.5,"currency":"EUR"}`, 200, `"added":1`},
		{"paid twice", "/hooks/costs", ok, "",
			`[{"source":"Fair","at":"2026-03","amount":1,"currency":"EUR"},{"source":"Fair","at":"2026-03","amount":1,"currency":"EUR"}]`, 422,
			"give each row an id"},
		{"automatic mail", "/hooks/touches", ok, "", `{"lead_id":"a1","at":"2026-03-02","kind":"automatic mail"}`, 200, `"nothing":1`},
		{"broken JSON", "/hooks/leads", ok, "", `{"id":`, 400, "JSON"},
		{"something behind it", "/hooks/leads", ok, "", `{"id":"b1","mql_at":"2026-03-01"} x`, 400, "JSON"},
		{"no object", "/hooks/leads", ok, "", `["b1"]`, 400, "item 0"},
		{"a text", "/hooks/leads", ok, "", `"b1"`, 400, "JSON"},
		{"nothing", "/hooks/leads", ok, "", ``, 400, "JSON"},
		{"no items", "/hooks/leads", ok, "", `[]`, 200, `"added":0`},
		{"too large", "/hooks/leads", ok, "", big, 413, "1 MiB"},
		{"objects and lists beside", "/hooks/leads", ok, "", `{"id":"n1","mql_at":"2026-03-01","meta":{"a":[1],"b":{}},"tags":["x"]}`, 200,
			`"added":1`},
		{"a CRM's own object", "/hooks/leads?map=id%3Did,mql_at%3Dproperties.mql,email%3Dproperties.email", ok, "",
			`{"id":"n2","archived":false,"properties":{"mql":"2026-03-01","email":"x@y.example","z":{}}}`, 200, `"added":1`},
		{"a map that leads nowhere", "/hooks/leads?map=id%3Did,mql_at%3Dproperties.mql", ok, "", `{"id":"n3","properties":{}}`, 422,
			`"field":"mql_at"`},
		{"a map that is none", "/hooks/leads?map=id", ok, "", `{"id":"n3"}`, 400, "map in the address"},
		{"a key too long", "/hooks/leads", ok, strings.Repeat("k", maxHookKey+1), `{}`, 400, "Idempotency-Key"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if status, body := post(tt.path, tt.auth, tt.key, tt.body); status != tt.status || !strings.Contains(body, tt.says) {
				t.Errorf("%d %s; want %d with %q", status, body, tt.status, tt.says)
			}
		})
	}
	err := store.View(t.Context(), func(tx *storage.Tx) error {
		if known, err := tx.HasLead("b1"); known || err != nil {
			t.Errorf("a part of a refused request was stored (%v)", err)
		}
		l, err := tx.Lead("a1")
		if l.State != truce.Won || l.Rating != truce.Good || l.Attrs["Size"] != "9" || l.Score != 82.5 {
			t.Errorf("a1: %+v", l)
		}
		if l, err := tx.Lead("a2"); err != nil || l.State != truce.Lost || !l.MQLAt.Equal(time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)) {
			t.Errorf("a2: %+v, %v", l, err)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestHooksAreOffWithoutAToken(t *testing.T) {
	a := &app{store: openTestStore(t), log: slog.New(slog.DiscardHandler), mux: http.NewServeMux()}
	a.mountHooks(config.Hooks{}, time.UTC)
	for _, auth := range []string{"", "Bearer", "Bearer "} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/hooks/leads", strings.NewReader(`{}`))
		r.Header.Set("Authorization", auth)
		w := httptest.NewRecorder()
		a.mux.ServeHTTP(w, r)
		if w.Code != http.StatusNotFound {
			t.Errorf("status %d with %q", w.Code, auth)
		}
	}
}
