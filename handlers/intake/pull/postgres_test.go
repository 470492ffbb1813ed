package pull

import (
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"truce/handlers/intake/pull/pgtest"
)

func TestWithSince(t *testing.T) {
	for _, c := range []struct{ sql, want string }{
		{"select 1", ""},
		{"select * from l where u >= :since", "select * from l where u >= $1::timestamptz"},
		{"u>=:since and v>:SINCE", "u>=$1::timestamptz and v>$1::timestamptz"},
		{"x::since", ""},
		{":since::date", "$1::timestamptz::date"},
		{"':since' \":since\" :since", "':since' \":since\" $1::timestamptz"},
		{"'it''s :since'", ""},
		{`e'\' :since' :since`, `e'\' :since' $1::timestamptz`},
		{`'\' || :since`, `'\' || $1::timestamptz`},
		{`name'\' || :since`, `name'\' || $1::timestamptz`},
		{"-- :since\n:since", "-- :since\n$1::timestamptz"},
		{"/* :since /* :since */ :since */ :since", "/* :since /* :since */ :since */ $1::timestamptz"},
		{"$$ :since $$ $a$ :since $$ $a$ :since", "$$ :since $$ $a$ :since $$ $a$ $1::timestamptz"},
		{":sinces :since_at :since1", ""},
		{"'open :since", ""},
	} {
		want := c.want
		if want == "" {
			want = c.sql
		}
		if got, asks := withSince(c.sql); got != want || asks != (c.want != "") {
			t.Errorf("%s: %s, %v", c.sql, got, asks)
		}
	}
}

// TestPostgres asks a real server.
func TestPostgres(t *testing.T) {
	url := pgtest.Start(t)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), `CREATE TABLE l (id int8, at timestamptz, day date, plain timestamp, amount numeric, share float8,
		won bool, name text, props jsonb, raw json);
		INSERT INTO l VALUES (1, '2026-03-01 10:00:00.25+02', '2026-03-02', '2026-03-03 04:05:06', 1234567890123456789.123, 0.1, true,
		E'A "q"\n\\ ä', '{"a": {"b": 1}}', E'{\n"x" : [1]}'),
			(2, '2026-04-01 00:00:00+00', NULL, NULL, 'NaN', 'Infinity', false, '', NULL, NULL)`); err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	ask := func(query string, since time.Time) (string, time.Time, error) {
		a, err := Postgres{url, query}.Ask(t.Context(), since, log)
		if err != nil {
			return "", time.Time{}, err
		}
		defer a.Close()
		b, err := io.ReadAll(a)
		return string(b), a.At, err
	}
	before := time.Now().Add(-time.Minute)
	got, at, err := ask("SELECT * FROM l WHERE at >= :since -- not this :since\n ORDER BY id;", Epoch)
	want := `{"id":1,"at":"2026-03-01T08:00:00.25Z","day":"2026-03-02","plain":"2026-03-03 04:05:06","amount":1234567890123456789.123,"share":0.1,"won":true,"name":"A \"q\"\n\\ ä","props":{"a":{"b":1}},"raw":{"x":[1]}}
{"id":2,"at":"2026-04-01T00:00:00Z","day":null,"plain":null,"amount":"NaN","share":"Infinity","won":false,"name":"","props":null,"raw":null}
`
	if err != nil || got != want || at.Before(before) || at.Location() != time.UTC {
		t.Errorf("%s, at %s, %v", got, at, err)
	}
	if got, _, err = ask("SELECT id FROM l WHERE at >= :since", time.Date(2026, 3, 15, 0, 0, 0, 0, time.UTC)); err != nil ||
		got != "{\"id\":2}\n" {
		t.Errorf("since the middle of March: %s, %v", got, err)
	}
	if got, _, err = ask("SELECT id FROM l WHERE false", Epoch); err != nil || got != "" {
		t.Errorf("nothing: %s, %v", got, err)
	}
	for query, says := range map[string]string{
		"DELETE FROM l RETURNING id":                   "read-only transaction",
		"SELECT 1 AS a, 2 AS a":                        `two columns the name "a"`,
		"SELECT nothing FROM l":                        "SQLSTATE 42703",
		"SELECT 1/(id-2) AS x FROM l":                  "division by zero",
		"SELECT 1 AS a; DELETE FROM l":                 "multiple commands",
		"SELECT id FROM l WHERE at >= :since AND name": "SQLSTATE 42804",
	} {
		if _, _, err := ask(query, Epoch); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", query, err)
		}
	}
	if err := (Postgres{url, "SELECT * FROM l WHERE at >= :since"}).Try(t.Context()); err != nil {
		t.Error(err)
	}
	if err := (Postgres{url, "SELECT * FROM none"}).Try(t.Context()); err == nil {
		t.Error("a table that is not there")
	}
	a, err := Postgres{url, "SELECT n, repeat('x', 1000) AS x FROM generate_series(1, 100000000) n"}.Ask(t.Context(), Epoch, log)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(a, make([]byte, 1<<20)); err != nil {
		t.Error(err)
	}
	began := time.Now()
	if a.Close(); time.Since(began) > hangUpAfter {
		t.Errorf("to stop it took %s", time.Since(began))
	}
	if _, _, err := ask("x", Epoch); err == nil || strings.Contains(err.Error(), "nobody") {
		t.Error(err)
	}
	if err := (Postgres{"postgres://u:s3cret@127.0.0.1:1/x?sslmode=disable&connect_timeout=2", "select 1"}).Try(t.Context()); err == nil ||
		strings.Contains(err.Error(), "s3cret") {
		t.Errorf("no server: %v", err)
	}
}
