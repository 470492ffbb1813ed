package main

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"truce"
	"truce/bot/config"
	hubspotfake "truce/handlers/intake/pull/crm/hubspot/fake"
	salesforcefake "truce/handlers/intake/pull/crm/salesforce/fake"
	"truce/handlers/intake/pull/pgtest"
	"truce/storage"
)

// simulated is a clock of the server's own: what says now() there says the month's time, and so do the marks of truce sync.
const simulated = `CREATE SCHEMA sim; CREATE TABLE sim.clock (at timestamptz); INSERT INTO sim.clock VALUES (pg_catalog.now());
	CREATE FUNCTION sim.now() RETURNS timestamptz LANGUAGE sql STABLE AS 'SELECT at FROM sim.clock';
	ALTER ROLE truce SET search_path = sim, pg_catalog, public`

const monthTables = `CREATE TABLE public.leads (id text PRIMARY KEY, mql_at timestamptz, email text, owner text, source text, 
		updated_at timestamptz);
	CREATE TABLE public.outcomes (lead_id text, status text, at timestamptz, reason text, updated_at timestamptz,
		PRIMARY KEY (lead_id, status));
	CREATE TABLE public.deals (id text PRIMARY KEY, lead_id text, created_at timestamptz, stage text, closed_at timestamptz, amount numeric,
		currency text, updated_at timestamptz)`

const monthSources = `sync:
  sources:
    leads: {kind: leads, postgres: "URL", query: "select id, mql_at, email, owner, source from leads where updated_at >= :since"}
    outcomes: {kind: outcomes, postgres: "URL", query: "select lead_id, status, at, reason from outcomes where updated_at >= :since"}
    deals:
      kind: deals
      postgres: "URL"
      query: select id, lead_id, created_at, stage, closed_at, amount, currency from deals where updated_at >= :since
      value: {stage: {"Closed won": won, "Closed lost": lost, Open: open}}
`

// month is a company of three systems, whose time is the test's.
type month struct {
	*shell
	clock atomic.Int64 // milliseconds
	r     *rand.Rand
	conn  *pgx.Conn
	hub   *hubspotfake.Account
	force *salesforcefake.Org
	began time.Time
	n     int
}

func (m *month) now() time.Time { return time.UnixMilli(m.clock.Load()).UTC() }

// set sets the clock of all, the server's too.
func (m *month) set(at time.Time) {
	m.clock.Store(at.UnixMilli())
	m.do(`UPDATE sim.clock SET at = $1`, at)
}

func (m *month) do(sql string, args ...any) {
	m.t.Helper()
	if _, err := m.conn.Exec(m.t.Context(), sql, args...); err != nil {
		m.t.Fatalf("%s: %v", sql, err)
	}
}

func newMonth(t *testing.T) *month {
	m := &month{shell: newShell(t), r: rand.New(rand.NewPCG(20, 26)), began: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)}
	url := pgtest.Start(t)
	connect := func() {
		var err error
		if m.conn, err = pgx.Connect(t.Context(), url); err != nil {
			t.Fatal(err)
		}
	}
	connect()
	m.do(simulated)
	m.do(monthTables)
	m.conn.Close(t.Context())
	connect() // what a role's settings say holds from the next connection on
	t.Cleanup(func() { m.conn.Close(context.WithoutCancel(t.Context())) })
	m.set(m.began)
	m.hub, m.force = hubspotfake.New(m.now), salesforcefake.New(m.now)
	m.force.Many = true
	m.crms(crmServer(t, m.hub), crmServer(t, m.force), strings.ReplaceAll(monthSources, "URL", url))
	m.hub.AddOwner(hubspotfake.Owner{ID: "11", Email: "kim@quillwater.example"})
	m.hub.AddOwner(hubspotfake.Owner{ID: "12", Email: "lou@quillwater.example"})
	for _, who := range []string{"kim", "lou"} {
		m.force.Create("User", salesforcefake.Record{"Email": who + "@quillwater.example", "IsActive": true, "UserType": "Standard"})
	}
	return m
}

// open opens a database of the company, which has had Truce since the month began.
func (m *month) open(name string) *storage.Store {
	m.t.Helper()
	store, err := storage.Open(m.t.Context(), m.path(name), m.now, testLog)
	if err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(func() { store.Close() })
	if err = install(m.t.Context(), store, "truce"); err == nil {
		err = store.Update(m.t.Context(), func(tx *storage.Tx) error { return tx.SetMeta("installed_at", m.began.Format(time.RFC3339)) })
	}
	if err == nil {
		err = store.PrepareRollUps(m.t.Context(), time.UTC)
	}
	if err != nil {
		m.t.Fatal(err)
	}
	return store
}

// sync asks all that is configured, as truce run does. It gives what failed.
func (m *month) syncAll(store *storage.Store) string {
	m.t.Helper()
	cfg, err := config.Load(m.config, true, m.env)
	if err != nil {
		m.t.Fatal(err)
	}
	crms, err := systems(cfg, nil)
	if err != nil {
		m.t.Fatal(err)
	}
	var failed strings.Builder
	log := slog.New(slog.NewTextHandler(&failed, &slog.HandlerOptions{Level: slog.LevelError}))
	for _, s := range crms {
		s.(interface{ Faster(int) }).Faster(10_000)
		syncCRM(m.t.Context(), store, cfg, s, log)
	}
	list, err := sources(cfg, m.env, cfg.Sync.Names())
	if err != nil {
		m.t.Fatal(err)
	}
	for _, s := range list {
		syncOne(m.t.Context(), store, s, log)
	}
	return failed.String()
}

// digests are what both sides read on a Monday, of all leads since the month began.
func (m *month) digests(name string) string {
	m.t.Helper()
	env := m.env
	m.env = append([]string{"TRUCE_STORAGE_PATH=" + m.path(name)}, env[1:]...)
	defer func() { m.env = env }()
	all := ""
	for _, kind := range []string{"leads", "weekly"} {
		status, out, errs := m.run("--config", m.config, "digest", kind, "--from", "2026-01-26", "--to", m.now().Format(time.DateOnly), "--as-of",
			m.now().Format(time.RFC3339), "--format", "json")
		if status != exitOK {
			m.t.Fatalf("status %d, %s", status, errs)
		}
		all += out
	}
	return all
}

func (m *month) some(list ...string) string {
	if len(list) == 0 {
		return ""
	}
	return list[m.r.IntN(len(list))]
}

// ago is a moment of the last weeks.
func (m *month) ago(days int) time.Time {
	return m.now().Add(-time.Duration(m.r.IntN(days*24*60)) * time.Minute)
}

// warehouse changes something in PostgreSQL; late is by how much what it writes is stamped before now, as what a long transaction commits.
func (m *month) warehouse(late time.Duration) {
	m.n++
	at, lead := m.now().Add(-late), fmt.Sprint("W", m.r.IntN(m.n))
	switch m.r.IntN(5) {
	case 0, 1:
		m.do(`INSERT INTO leads VALUES ($1, $2, $3, $4, $5, $6)`, fmt.Sprint("W", m.n), m.ago(20), fmt.Sprintf("w%d@lab.example", m.n),
			m.some("kim", "lou")+"@quillwater.example", m.some("Webinar", "Trade show", "Organic"), at)
	case 2:
		m.do(`INSERT INTO outcomes SELECT id, $2, $3, 'wrong-person', $4 FROM leads WHERE id = $1 ON CONFLICT (lead_id, status) DO UPDATE
			SET at = excluded.at, updated_at = excluded.updated_at`, lead, m.some("accepted", "rejected"), m.ago(10), at)
	case 3: // may speak of a lead that comes only later: it waits
		m.do(`INSERT INTO deals VALUES ($1, $2, $3, 'Open', NULL, $4, $5, $6) ON CONFLICT DO NOTHING`, fmt.Sprint("D", m.n), lead, m.ago(10),
			1000+m.r.IntN(90_000), m.some("EUR", "USD"), at)
	case 4:
		m.do(`UPDATE deals SET stage = $1, closed_at = $2, updated_at = $3 WHERE id = (SELECT min(id) FROM deals WHERE stage = 'Open')`,
			m.some("Closed won", "Closed lost"), m.ago(5), at)
	}
}

// hubspot changes something in HubSpot.
func (m *month) hubspot() {
	pick := func(kind string) string { return m.some(m.hub.IDs(kind)...) }
	moment := func() string { return m.ago(10).Format(time.RFC3339) }
	switch m.r.IntN(10) {
	case 0, 1, 2:
		m.hub.Create("contacts", "email", fmt.Sprintf("h%d@x.example", m.r.IntN(900)), "hs_v2_date_entered_marketingqualifiedlead", moment(),
			"hs_analytics_source", m.some("Webinar", "Organic"), "hubspot_owner_id", m.some("11", "12"), "region", m.some("North", "South"))
	case 3:
		m.hub.Set("contacts", pick("contacts"), "hs_lead_status", m.some("NEW", "IN_PROGRESS", "UNQUALIFIED"))
	case 4:
		id := m.hub.Create("deals", "pipeline", "default", "dealstage", "101", "amount", m.some("", "1000", "25000.50"), "deal_currency_code",
			m.some("EUR", "USD", "GBP"), "closedate", moment())
		m.hub.Associate("deals", id, "contacts", pick("contacts"))
	case 5:
		m.hub.Set("deals", pick("deals"), "dealstage", m.some("102", "103"), "deal_currency_code", m.some("EUR", "USD", "GBP"))
	case 6:
		m.hub.Associate("calls", m.hub.Create("calls", "hs_timestamp", moment()), "contacts", pick("contacts"))
	case 7:
		m.hub.Merge(pick("contacts"), pick("contacts"), m.r.IntN(2) == 0)
	case 8:
		kind := m.some("contacts", "deals", "calls")
		if id := pick(kind); m.r.IntN(2) == 0 {
			m.hub.Archive(kind, id)
		} else {
			m.hub.Purge(kind, id)
		}
	case 9:
		m.hub.Set("contacts", pick("contacts"), m.some("hs_analytics_source", "region", "company"), m.some("Partner", "North", "Fair"))
	}
}

// salesforce changes something in Salesforce.
func (m *month) salesforce() {
	pick := func(object string) string { return m.some(m.force.IDs(object)...) }
	day := func() string { return m.ago(10).Format(time.DateOnly) }
	lead := pick("Lead")
	switch m.r.IntN(9) {
	case 0, 1, 2:
		m.force.Create("Lead", salesforcefake.Record{"Email": fmt.Sprintf("s%d@x.example", m.r.IntN(900)), "MQL_Date__c": day(), "Status": "New",
			"LeadSource": m.some("Webinar", "Partner"), "OwnerId": pick("User")})
	case 3:
		m.force.Set("Lead", lead, salesforcefake.Record{"Status": m.some("Working", "Unqualified", "Nurturing")})
	case 4:
		if l := m.force.Get("Lead", lead); l != nil && l["IsConverted"] != true {
			m.force.Convert(lead, salesforcefake.Record{"Amount": float64(m.r.IntN(9000)), "CloseDate": day(), "StageName": "x",
				"CurrencyIsoCode": "EUR"})
		}
	case 5:
		won := m.r.IntN(2) == 0
		m.force.Set("Opportunity", pick("Opportunity"), salesforcefake.Record{"IsClosed": true, "IsWon": won,
			"CurrencyIsoCode": m.some("EUR", "CHF")})
	case 6:
		m.force.Create("Task", salesforcefake.Record{"WhoId": lead, "TaskSubtype": "Call", "IsClosed": true,
			"CompletedDateTime": m.ago(3).Format("2006-01-02T15:04:05.000+0000")})
	case 7:
		m.force.Merge(lead, pick("Lead"))
	case 8:
		object := m.some("Lead", "Opportunity", "Task")
		if id := pick(object); m.r.IntN(2) == 0 {
			m.force.Delete(object, id)
		} else {
			m.force.Purge(object, id)
		}
	}
}

// count is what the systems themselves have: leads, and deals that were won.
func (m *month) count() (leads, won int) {
	for _, id := range m.hub.IDs("contacts") {
		if m.hub.Get("contacts", id, "hs_v2_date_entered_marketingqualifiedlead") != "" {
			leads++
		}
	}
	for _, id := range m.hub.IDs("deals") {
		if m.hub.Get("deals", id, "dealstage") == "102" {
			won++
		}
	}
	leads += len(m.force.IDs("Lead"))
	for _, id := range m.force.IDs("Opportunity") {
		if m.force.Get("Opportunity", id)["IsWon"] == true {
			won++
		}
	}
	var l, w int
	if err := m.conn.QueryRow(m.t.Context(), `SELECT (SELECT count(*) FROM leads), (SELECT count(*) FROM deals
		WHERE stage = 'Closed won')`).Scan(&l, &w); err != nil {
		m.t.Fatal(err)
	}
	return leads + l, won + w
}

func counted(t *testing.T, store *storage.Store) (leads, won int) {
	t.Helper()
	err := store.View(t.Context(), func(tx *storage.Tx) error {
		err := tx.EachLead(func(truce.Lead) error { leads++; return nil })
		if err != nil {
			return err
		}
		return tx.EachDeal(time.Date(2300, 1, 1, 0, 0, 0, 0, time.UTC), func(d truce.Deal) error {
			if d.Status == truce.Won {
				won++
			}
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return leads, won
}

// TestAMonthOfThreeSystems goes from an empty database, a PostgreSQL of Debian's packages and both CRMs to a Monday digest, and through a
// month in which something changes in each of them every day and nobody touches a file: leads come, are judged, merged, deleted and purged,
// deals change their currency, rows appear late, and systems are away for a while. On each Monday, and in the end, both digests are those
// of one load of everything, and the counts are those of the systems themselves.
func TestAMonthOfThreeSystems(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a PostgreSQL and syncs a hundred times")
	}
	t.Parallel()
	m := newMonth(t)
	for range 60 {
		m.warehouse(0)
		m.hubspot()
		m.salesforce()
	}
	m.set(m.began.Add(2 * time.Minute))
	live := m.open("live.db")
	if failed := m.syncAll(live); failed != "" {
		t.Fatal(failed)
	}
	last := ""
	for day := range 31 {
		for _, hour := range []int{9, 13, 18} {
			m.set(m.began.Truncate(24*time.Hour).AddDate(0, 0, day).Add(time.Duration(hour)*time.Hour - 3*time.Minute))
			for range 3 {
				m.warehouse(0)
				m.hubspot()
				m.salesforce()
			}
			m.hub.Lag = time.Duration(m.r.IntN(2)) * 4 * time.Minute // what has just changed may not be found yet
			m.set(m.now().Add(2 * time.Minute))
			away := day%9 == 4 && hour == 13
			m.force.Refused = away
			if away {
				m.hub.Fails(func(int, *http.Request) hubspotfake.Fault { return hubspotfake.Daily }, m.hub.Lag)
			}
			if failed := m.syncAll(live); (failed != "") != away {
				t.Fatalf("day %d: away %v, %s", day+1, away, failed)
			}
			m.hub.Fails(nil, 0)
			m.force.Refused = false
			m.warehouse(5 * time.Minute) // late: stamped before it was asked, and not there then
		}
		if at := m.now(); at.Weekday() != time.Monday && day != 30 {
			continue
		}
		m.set(m.now().Add(26 * time.Hour).Truncate(24 * time.Hour).Add(9 * time.Hour)) // what is read once a day is read
		if failed := m.syncAll(live); failed != "" {
			t.Fatal(failed)
		}
		name := fmt.Sprintf("fresh%d.db", day)
		fresh := m.open(name)
		if failed := m.syncAll(fresh); failed != "" {
			t.Fatal(failed)
		}
		got, want := m.digests("live.db"), m.digests(name)
		if got != want {
			t.Fatalf("day %d: the digests are not those of a load of everything:\n%s", day+1, firstDifference(got, want))
		}
		if got == last {
			t.Errorf("day %d: nothing changed since the last digest", day+1)
		}
		last = got
		leads, won := m.count()
		if l, w := counted(t, live); l != leads || w != won {
			t.Errorf("day %d: %d leads and %d won here, %d and %d there", day+1, l, w, leads, won)
		}
	}
	leads, won := m.count()
	t.Logf("%d leads, %d deals won, %d requests to HubSpot, %d to Salesforce", leads, won, m.hub.Calls(), m.force.Calls())
}

// firstDifference is the lines in which two texts differ first.
func firstDifference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			around := func(lines []string) string { return strings.Join(lines[max(0, i-6):min(len(lines), i+4)], "\n") }
			return around(x) + "\nand of everything\n" + around(y)
		}
	}
	return "one is longer"
}
