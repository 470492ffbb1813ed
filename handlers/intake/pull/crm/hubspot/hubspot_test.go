package hubspot

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"truce"
	"truce/handlers/intake"
	"truce/handlers/intake/pull/crm"
	"truce/handlers/intake/pull/crm/hubspot/fake"
	"truce/handlers/intake/sheet"
	"truce/storage"
)

const mql = DefaultMQL

// office is an account, a clock, and a database that is synced with it.
type office struct {
	t     *testing.T
	now   time.Time
	acc   *fake.Account
	url   string
	store *storage.Store
	cfg   Config
	told  []string

	judged []judgement
}

// judgement is what a person said here, which no load brings back.
type judgement struct {
	id string
	at time.Time
}

func (o *office) Rejected(_ sheet.Row, bad *sheet.Bad) error {
	o.told = append(o.told, bad.Error())
	return nil
}
func (o *office) Progress(intake.Summary) {}

func newOffice(t *testing.T) *office {
	o := &office{t: t, now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	o.acc = fake.New(func() time.Time { return o.now })
	srv := httptest.NewServer(o.acc)
	srv.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	t.Cleanup(srv.Close)
	o.url, o.cfg = srv.URL, Config{Token: fake.Token, Address: srv.URL, Attributes: []string{"region"}}
	o.store = o.open()
	return o
}

func (o *office) open() *storage.Store {
	store, err := storage.Open(o.t.Context(), filepath.Join(o.t.TempDir(), "truce.db"), func() time.Time { return o.now },
		slog.New(slog.DiscardHandler))
	if err != nil {
		o.t.Fatal(err)
	}
	o.t.Cleanup(func() { store.Close() })
	if err := store.PrepareRollUps(o.t.Context(), time.UTC); err != nil {
		o.t.Fatal(err)
	}
	return store
}

// sync asks the account, into a database.
func (o *office) sync(ctx context.Context, store *storage.Store, full bool) (crm.Result, error) {
	o.t.Helper()
	h, err := New(o.cfg)
	if err != nil {
		o.t.Fatal(err)
	}
	h.Faster(10_000)
	o.told = nil
	return crm.Run(ctx, store, h, crm.Options{Full: full, Overlap: 10 * time.Minute}, o, slog.New(slog.DiscardHandler))
}

func (o *office) must(full bool) crm.Result {
	o.t.Helper()
	r, err := o.sync(o.t.Context(), o.store, full)
	if err != nil {
		o.t.Fatal(err)
	}
	return r
}

func (o *office) lead(props ...string) string {
	return o.acc.Create("contacts", append([]string{mql, o.now.Format("2006-01-02T15:04:05.000Z"), "lifecyclestage", "marketingqualifiedlead"},
		props...)...)
}

func (o *office) later(d time.Duration) { o.now = o.now.Add(d) }

// dump is what figures are made of, in an order of its own.
func dump(t *testing.T, store *storage.Store) string {
	t.Helper()
	var b strings.Builder
	err := store.View(t.Context(), func(tx *storage.Tx) error {
		var ids []string
		err := tx.EachLeadKnown(time.Unix(0, 0), time.Date(2300, 1, 1, 0, 0, 0, 0, time.UTC),
			func(l *storage.LeadKnown) error { ids = append(ids, l.Lead.ID); return nil })
		if err != nil {
			return err
		}
		slices.Sort(ids)
		for _, id := range ids {
			l, err := tx.Lead(id)
			if err != nil {
				return err
			}
			fmt.Fprintf(&b, "lead %s %s %s %q %q %s %s %s %s %v %s %v %s %s\n", id, l.MQLAt, l.Email, l.Name, l.Company, l.Account, l.Source,
				l.Campaign, l.Segment, l.Score, l.Owner, l.Attrs, l.State, l.At)
			outcomes, err := tx.LeadOutcomes(id)
			if err != nil {
				return err
			}
			for _, out := range outcomes {
				fmt.Fprintf(&b, "  %s %s %s %v %v %s %s %s\n", out.DealID, out.Status, out.At, out.Amount, out.HasAmount, out.Reason, out.Origin,
					out.Elsewhere)
			}
			touches, err := tx.LeadTouches(id)
			if err != nil {
				return err
			}
			var list []string
			for _, touch := range touches {
				list = append(list, fmt.Sprintf("  %s %s %s\n", touch.At, touch.Kind, touch.By))
			}
			slices.Sort(list)
			b.WriteString(strings.Join(list, ""))
		}
		return tx.EachDeal(time.Date(2300, 1, 1, 0, 0, 0, 0, time.UTC), func(d truce.Deal) error {
			d.RecordedAt = time.Time{}
			fmt.Fprintf(&b, "deal %+v\n", d)
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// equal holds the database against one into which everything is loaded at once.
func (o *office) equal(what string) {
	o.t.Helper()
	o.acc.Fails(nil, 0)
	fresh := o.open()
	if _, err := o.sync(o.t.Context(), fresh, false); err != nil {
		o.t.Fatal(err)
	}
	for _, j := range o.judged {
		o.judge(fresh, j.id, j.at)
	}
	got, want := dump(o.t, o.store), dump(o.t, fresh)
	if got != want {
		a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
		for i := range max(len(a), len(b)) {
			if i >= len(a) || i >= len(b) || a[i] != b[i] {
				o.t.Fatalf("%s: it differs from a load of everything at line %d:\n%s\nand there\n%s", what, i,
					strings.Join(a[i:min(len(a), i+4)], "\n"), strings.Join(b[i:min(len(b), i+4)], "\n"))
			}
		}
	}
}

// TestFigures: what a small account says is what Truce knows.
func TestFigures(t *testing.T) {
	o := newOffice(t)
	o.acc.AddOwner(fake.Owner{ID: "11", Email: "kim@quillwater.example", First: "Kim", Last: "Lee"})
	o.acc.AddOwner(fake.Owner{ID: "12", Email: "Old@quillwater.example", First: "Old", Last: "Hand", Archived: true})
	company := o.acc.Create("companies", "name", "Northfield Labs", "domain", "northfield.example")
	nobody := o.acc.Create("contacts", "email", "nobody@x.example", "lifecyclestage", "customer")
	first := o.lead("email", "pat@northfield.example", "firstname", "Pat", "lastname", "Doe", "hs_analytics_source", "PAID_SEARCH",
		"hubspotscore", "82", "hubspot_owner_id", "11", "region", "EU", "associatedcompanyid", company)
	o.later(time.Hour)
	second := o.lead("email", "sam@northfield.example", "hubspot_owner_id", "12", "hs_lead_status", "NEW")
	o.later(time.Hour)
	o.acc.Set("contacts", second, "hs_lead_status", "UNQUALIFIED")
	third := o.lead("hs_lead_status", "IN_PROGRESS")
	o.later(time.Hour)
	o.acc.Set("contacts", third, "hs_lead_status", "") // taken back
	o.acc.Set("contacts", first, "lifecyclestage", "customer", "hs_analytics_source", "OFFLINE")
	deal := o.acc.Create("deals", "dealname", "Panels", "pipeline", "default", "dealstage", "102", "amount", "1200.50", "closedate",
		"2026-03-20T15:00:00Z", "hubspot_owner_id", "11")
	for _, c := range []string{nobody, second, first} {
		o.acc.Associate("deals", deal, "contacts", c)
	}
	lost := o.acc.Create("deals", "pipeline", "renewals", "dealstage", "105", "deal_currency_code", "USD", "amount", "10") // no close date
	o.acc.Associate("deals", lost, "contacts", third)
	open := o.acc.Create("deals", "pipeline", "default", "dealstage", "104") // a first talk, with probability 0
	o.acc.Associate("deals", open, "contacts", nobody)
	call := o.acc.Create("calls", "hs_timestamp", "2026-03-02T12:00:00Z", "hubspot_owner_id", "11", "hs_call_status", "COMPLETED")
	o.acc.Associate("calls", call, "contacts", first)
	for i, direction := range []string{"EMAIL", "INCOMING_EMAIL"} {
		m := o.acc.Create("emails", "hs_timestamp", strconv.FormatInt(o.now.Add(time.Duration(i)*time.Minute).UnixMilli(), 10),
			"hs_email_direction", direction)
		o.acc.Associate("emails", m, "contacts", second)
	}
	gone := o.acc.Create("meetings", "hs_timestamp", "2026-03-02T12:00:00Z", "hs_meeting_outcome", "NO_SHOW")
	o.acc.Associate("meetings", gone, "contacts", first)
	r := o.must(false)
	if got := *r.ByKind[sheet.Leads]; got.Added != 3 || got.Nothing != 1 || got.Rejected != 0 || len(r.Locked) != 1 {
		t.Errorf("leads %+v, locked %v, told %q", got, r.Locked, o.told)
	}
	got := dump(t, o.store)
	for _, want := range []string{
		`lead 103 2026-03-02 09:00:00 +0000 UTC pat@northfield.example "Pat Doe" "" 101 PAID_SEARCH   82 kim@quillwater.example map[region:EU] won 2026-03-20 15:00:00 +0000 UTC`,
		"  106 won 2026-03-20 15:00:00 +0000 UTC 1,200.50 EUR true  import",
		"  2026-03-02 12:00:00 +0000 UTC call kim@quillwater.example",
		"lead 104 2026-03-02 10:00:00 +0000 UTC sam@northfield.example \"\" \"\"     0 old@quillwater.example map[] rejected 2026-03-02 " +
			"11:00:00 +0000 UTC\n   rejected 2026-03-02 11:00:00 +0000 UTC 0 false  import",
		"lead 105 2026-03-02 11:00:00 +0000 UTC  \"\" \"\"     0  map[] lost 2026-03-02 12:00:00 +0000 UTC",
		"  107 lost 2026-03-02 12:00:00 +0000 UTC 10 USD true",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("without %q:\n%s", want, got)
		}
	}
	if strings.Contains(got, "NO_SHOW") || strings.Count(got, " mail ") != 1 || strings.Count(got, "meeting") != 0 {
		t.Errorf("touches that are none:\n%s", got)
	}
	err := o.store.View(t.Context(), func(tx *storage.Tx) error {
		p, err := tx.PersonByEmail("kim@quillwater.example")
		if err != nil || p.Name != "Kim Lee" {
			t.Errorf("%+v, %v", p, err)
		}
		if _, err := tx.PersonByEmail("old@quillwater.example"); truce.KindOf(err) != truce.NotFound {
			t.Errorf("who left is a person: %v", err)
		}
		last, err := tx.LastData(o.now.Add(time.Hour))
		if !last.Equal(o.now) {
			t.Errorf("heard at %s", last)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	o.later(time.Hour)
	calls := o.acc.Calls()
	if r := o.must(false); r.ByKind[sheet.Leads].Added+r.ByKind[sheet.Leads].Changed != 0 {
		t.Errorf("nothing has changed: %+v", r.ByKind[sheet.Leads])
	}
	if n := o.acc.Calls() - calls; n > 25 {
		t.Errorf("%d calls for nothing", n)
	}
	o.equal("at the end")
}

// TestPitfalls are the surprises that others paid for, each by itself.
func TestPitfalls(t *testing.T) {
	for _, c := range []struct {
		name string
		run  func(t *testing.T, o *office)
	}{
		{"more with one moment of change than a search gives", func(t *testing.T, o *office) {
			for i := range 450 {
				o.lead("email", fmt.Sprintf("p%d@x.example", i))
			}
			o.must(false)
			o.later(time.Hour)
			for _, id := range o.acc.IDs("contacts") {
				o.acc.Set("contacts", id, "company", "Changed")
			}
			o.acc.Touch("contacts")
			o.later(time.Minute)
			if r := o.must(false); r.ByKind[sheet.Leads].Changed != 450 {
				t.Errorf("%+v", r.ByKind[sheet.Leads])
			}
		}},
		{"searches are behind", func(t *testing.T, o *office) {
			id := o.lead()
			o.must(false)
			o.later(time.Hour)
			o.acc.Set("contacts", id, "company", "Late")
			o.acc.Lag = 5 * time.Minute
			o.later(time.Minute)
			o.must(false)
			o.later(8 * time.Minute)
			if r := o.must(false); r.ByKind[sheet.Leads].Changed != 1 {
				t.Errorf("%+v", r.ByKind[sheet.Leads])
			}
		}},
		{"an association alone changes no deal", func(t *testing.T, o *office) {
			id := o.lead()
			deal := o.acc.Create("deals", "pipeline", "default", "dealstage", "101")
			o.must(false)
			o.later(25 * time.Hour)
			o.acc.Associate("deals", deal, "contacts", id)
			o.later(25 * time.Hour)
			o.must(false)
		}},
		{"a deal of many contacts", func(t *testing.T, o *office) {
			deal := o.acc.Create("deals", "pipeline", "default", "dealstage", "102", "closedate", "2026-03-03T00:00:00Z", "amount", "5")
			for range 12 {
				o.acc.Associate("deals", deal, "contacts", o.acc.Create("contacts"))
				o.later(time.Minute)
			}
			o.acc.Associate("deals", deal, "contacts", o.lead())
			o.must(false)
			if !strings.Contains(dump(t, o.store), " won ") {
				t.Error("the one lead among them is not found")
			}
			o.acc.Set("deals", deal, "amount", "7")
			o.later(time.Hour)
			o.must(false)
		}},
		{"somebody becomes a lead after their calls and deals", func(t *testing.T, o *office) {
			id := o.acc.Create("contacts", "email", "slow@x.example")
			deal := o.acc.Create("deals", "pipeline", "default", "dealstage", "102", "closedate", "2026-03-03T00:00:00Z", "amount", "5")
			call := o.acc.Create("calls", "hs_timestamp", "2026-03-02T12:00:00Z")
			o.acc.Associate("deals", deal, "contacts", id)
			o.acc.Associate("calls", call, "contacts", id)
			o.must(false)
			o.later(60 * 24 * time.Hour)
			o.acc.Set("contacts", id, mql, "2026-03-01")
			o.must(false)
			if got := dump(t, o.store); !strings.Contains(got, " won ") || !strings.Contains(got, " call ") {
				t.Errorf("%s", got)
			}
			o.later(time.Hour)
			o.acc.Set("contacts", id, mql, "") // and is none any more
			o.must(false)
			if got := dump(t, o.store); strings.Contains(got, "lead ") {
				t.Errorf("%s", got)
			}
		}},
		{"merged, link by link and as a whole chain", func(t *testing.T, o *office) {
			var ids []string
			for i := range 6 {
				ids = append(ids, o.lead("email", fmt.Sprintf("p%d@x.example", i)))
				call := o.acc.Create("calls", "hs_timestamp", o.now.Format(time.RFC3339))
				o.acc.Associate("calls", call, "contacts", ids[i])
				o.later(time.Hour)
			}
			deal := o.acc.Create("deals", "pipeline", "default", "dealstage", "101")
			o.acc.Associate("deals", deal, "contacts", ids[0])
			o.must(false)
			judge(t, o, ids[0])
			o.acc.Merge(ids[0], ids[1], false)
			o.later(time.Hour)
			o.must(false)
			o.acc.Merge(ids[1], ids[2], false)
			o.acc.Merge(ids[3], ids[4], true)
			o.acc.Merge(ids[4], ids[5], true)
			o.later(25 * time.Hour)
			o.must(false)
			err := o.store.View(t.Context(), func(tx *storage.Tx) error {
				for i, want := range []string{ids[2], ids[2], ids[2], ids[5], ids[5], ids[5]} {
					if got, err := tx.Survivor(ids[i]); got != want {
						t.Errorf("%s has become %s, %v", ids[i], got, err)
					}
				}
				out, err := tx.LeadOutcomes(ids[2])
				if !slices.ContainsFunc(out, func(o truce.Outcome) bool { return o.Origin == truce.FromPerson && o.Status == truce.Rejected }) {
					t.Errorf("what a person said of one that was merged is not the survivor's: %+v", out)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			o.judged[0].id = ids[2]
		}},
		{"an outcome of a file waits for a lead that was merged", func(t *testing.T, o *office) {
			a, b := o.lead(), o.lead()
			o.must(false)
			o.acc.Merge(a, b, false)
			o.later(time.Hour)
			o.must(false)
			f, err := intake.Open(t.Context(), o.store, strings.NewReader("lead_id,status,at\n"+a+",accepted,2026-03-02\n"),
				intake.Options{Kind: sheet.Outcomes, Dates: sheet.Dates{Location: time.UTC}})
			if err != nil {
				t.Fatal(err)
			}
			if s, err := f.Import(t.Context(), o.store, o); err != nil || s.Added != 1 {
				t.Fatalf("%+v, %v", s, err)
			}
			if !strings.Contains(dump(t, o.store), " accepted ") {
				t.Error("it is not the survivor's")
			}
			o.acc.Set("contacts", b, "company", "x") // the CRM's word on statuses replaces a file's
			o.later(time.Hour)
			o.must(false)
		}},
		{"archived and restored", func(t *testing.T, o *office) {
			id, judged := o.lead(), o.lead()
			deal := o.acc.Create("deals", "pipeline", "default", "dealstage", "102", "closedate", "2026-03-03T00:00:00Z")
			o.acc.Associate("deals", deal, "contacts", id)
			o.must(false)
			judge(t, o, judged)
			o.acc.Archive("contacts", id)
			o.acc.Archive("contacts", judged)
			o.later(25 * time.Hour)
			o.must(false)
			err := o.store.View(t.Context(), func(tx *storage.Tx) error {
				if _, err := tx.Lead(id); truce.KindOf(err) != truce.NotFound {
					t.Errorf("%s is there: %v", id, err)
				}
				if _, err := tx.Lead(judged); err != nil {
					t.Errorf("who was judged here is not kept: %v", err)
				}
				list, err := tx.GoneLeads()
				if len(list) != 2 || list[0].Kept || !list[1].Kept || list[1].Why != "archived" {
					t.Errorf("%+v", list)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			o.acc.Restore("contacts", id)
			o.acc.Restore("contacts", judged)
			o.acc.Archive("deals", deal)
			o.later(25 * time.Hour)
			o.must(false)
		}},
		{"deleted for good", func(t *testing.T, o *office) {
			id, other := o.lead(), o.lead()
			deal := o.acc.Create("deals", "pipeline", "default", "dealstage", "101")
			o.acc.Associate("deals", deal, "contacts", other)
			o.must(false)
			o.acc.Purge("contacts", id)
			o.acc.Purge("deals", deal)
			o.later(time.Hour)
			o.must(true)
		}},
		{"values that are none", func(t *testing.T, o *office) {
			o.lead("hubspotscore", "many")
			o.acc.Create("deals", "pipeline", "default", "dealstage", "101", "amount", "much")
			o.lead()
			r := o.must(false)
			if r.Rejected() != 2 || len(o.told) != 2 || !strings.Contains(o.told[0], "hubspotscore") {
				t.Errorf("%q", o.told)
			}
		}},
		{"a company's currency, and a company's own words", func(t *testing.T, o *office) {
			o.cfg.Currency, o.cfg.CustomerIsWon = "CHF", true
			o.cfg.Value = []sheet.Pair{{Key: "status:On hold", Value: "recycled"}}
			o.lead("hs_lead_status", "ON_HOLD")
			o.lead("lifecyclestage", "customer")
			deal := o.acc.Create("deals", "pipeline", "default", "dealstage", "102", "amount", "5", "closedate", "2026-03-04")
			_ = deal
			o.must(false)
			if got := dump(t, o.store); !strings.Contains(got, " recycled ") || !strings.Contains(got, " won ") || !strings.Contains(got, "CHF") {
				t.Errorf("%s", got)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := newOffice(t)
			c.run(t, o)
			o.equal(c.name)
			deep(t, o)
		})
	}
}

// deep counts everything anew and holds the sums behind the digests against it.
func deep(t *testing.T, o *office) {
	t.Helper()
	diffs, err := o.store.CheckRollUps(t.Context(), 5)
	if err != nil || len(diffs) > 0 {
		t.Errorf("the sums behind the digests are not right: %v, %v", diffs, err)
	}
}

// judge has a person reject a lead here.
func judge(t *testing.T, o *office, id string) {
	t.Helper()
	o.judged = append(o.judged, judgement{id, o.now})
	o.judge(o.store, id, o.now)
}

func (o *office) judge(store *storage.Store, id string, at time.Time) {
	o.t.Helper()
	err := store.Update(o.t.Context(), func(tx *storage.Tx) error {
		p, err := tx.AddPerson(truce.Person{Name: "Rae"})
		if err == nil {
			_, err = tx.AddOutcome(truce.Outcome{LeadID: id, Status: truce.Rejected, At: at, Origin: truce.FromPerson, PersonID: p.ID})
		}
		return err
	})
	if err != nil {
		o.t.Fatal(err)
	}
}

// TestTrouble: what goes wrong on the way is tried again where that helps, told where it does not, and nothing incomplete counts.
func TestTrouble(t *testing.T) {
	for _, c := range []struct {
		fault fake.Fault
		often bool   // with each call; else with one of three
		says  string // "" for well
	}{
		{fake.TooMany, false, ""}, {fake.TooManyWait, false, ""}, {fake.Cut, false, ""}, {fake.Broken, false, ""}, {fake.HangUp, false, ""},
		{fake.TooMany, true, "too many requests"}, {fake.Broken, true, "answers 502"}, {fake.Daily, true, "requests of the day are used up"},
		{fake.Revoked, true, "does not take the token"}, {fake.Forbidden, true, "scope"}, {fake.Cut, true, "127.0.0.1"},
	} {
		t.Run(fmt.Sprintf("%s, %v", c.fault, c.often), func(t *testing.T) {
			o := newOffice(t)
			for range 250 {
				o.lead()
			}
			o.acc.Fails(func(call int, _ *http.Request) fake.Fault {
				if c.often && call > 4 || !c.often && call%3 == 1 {
					return c.fault
				}
				return fake.Fine
			}, o.acc.Lag)
			_, err := o.sync(t.Context(), o.store, false)
			if c.says == "" && err != nil || c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)) {
				t.Fatalf("%v", err)
			}
			if err != nil && strings.Contains(err.Error(), fake.Token) {
				t.Error("the token is told")
			}
			heard := time.Time{}
			if err := o.store.View(t.Context(), func(tx *storage.Tx) (err error) { heard, err = tx.LastData(o.now); return err }); err != nil {
				t.Fatal(err)
			}
			if heard.IsZero() != (c.says != "") {
				t.Errorf("heard at %s", heard)
			}
			o.acc.Fails(nil, o.acc.Lag)
			o.must(false)
			o.equal("after the trouble")
		})
	}
}

func TestWhatIsConfiguredAndMissing(t *testing.T) {
	o := newOffice(t)
	o.cfg.MQLProperty = "mql_since"
	if _, err := o.sync(t.Context(), o.store, false); err == nil ||
		!strings.Contains(err.Error(), `no contact property "mql_since" (hubspot.mql_property)`) {
		t.Error(err)
	}
	o.cfg.MQLProperty, o.cfg.Attributes = "", []string{"shoe_size"}
	if _, err := o.sync(t.Context(), o.store, false); err == nil || !strings.Contains(err.Error(), `"shoe_size" (hubspot.attributes)`) {
		t.Error(err)
	}
	o.cfg.Attributes, o.acc.Missing = nil, []string{DefaultScore} // which nobody asked for
	if _, err := o.sync(t.Context(), o.store, false); err != nil {
		t.Error(err)
	}
}

// TestManyProperties: more names than an address may hold are asked for by id.
func TestManyProperties(t *testing.T) {
	o := newOffice(t)
	for i := range 500 {
		name := fmt.Sprintf("a_property_with_a_rather_long_name_%d", i)
		o.acc.Property(name)
		o.cfg.Attributes = append(o.cfg.Attributes, name)
	}
	id := o.lead("a_property_with_a_rather_long_name_499", "x")
	o.must(false)
	if got := dump(t, o.store); !strings.Contains(got, "a_property_with_a_rather_long_name_499:x") {
		t.Errorf("%s: %s", id, got)
	}
}

// TestTokensAreNotLogged, whatever happens.
func TestTokensAreNotLogged(t *testing.T) {
	o := newOffice(t)
	o.lead()
	var log bytes.Buffer
	h, err := New(o.cfg)
	if err != nil {
		t.Fatal(err)
	}
	h.Faster(10_000)
	for _, f := range []fake.Fault{fake.Fine, fake.Revoked, fake.Cut, fake.HangUp, fake.Broken, fake.Forbidden} {
		o.acc.Fails(func(int, *http.Request) fake.Fault { return f }, o.acc.Lag)
		_, err := crm.Run(t.Context(), o.store, h, crm.Options{}, o,
			slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})))
		fmt.Fprintln(&log, err)
	}
	if strings.Contains(log.String(), fake.Token) || strings.Contains(log.String(), "Bearer") {
		t.Errorf("the token is in the log:\n%s", log.String())
	}
}

// TestAnySequence: whatever happens to an account, and however often syncs are begun, killed and gone on with, the figures in the end are
// those of one load of everything.
func TestAnySequence(t *testing.T) {
	seeds := 60
	if testing.Short() {
		seeds = 8
	}
	for seed := range uint64(seeds) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			o := newOffice(t)
			r := rand.New(rand.NewPCG(seed, 20))
			o.acc.AddOwner(fake.Owner{ID: "11", Email: "kim@quillwater.example"})
			o.acc.AddOwner(fake.Owner{ID: "12", Email: "lou@quillwater.example"})
			o.acc.AddOwner(fake.Owner{ID: "13", Email: "ada@quillwater.example"})
			for range 30 + r.IntN(40) {
				for range r.IntN(12) {
					happen(o, r)
				}
				o.later(time.Duration(r.IntN(40)) * time.Minute)
				if r.IntN(20) == 0 {
					o.later(26 * time.Hour)
				}
				if r.IntN(3) == 0 {
					continue
				}
				o.acc.Lag = time.Duration(r.IntN(2)) * 4 * time.Minute
				ctx, stop := context.WithCancel(t.Context())
				kill, calls := r.IntN(25), o.acc.Calls()
				o.acc.Fails(func(call int, _ *http.Request) fake.Fault {
					switch {
					case kill < 15 && call-calls > kill: // killed in the middle
						stop()
						return fake.HangUp
					case call%17 == 0:
						return []fake.Fault{fake.TooMany, fake.Cut, fake.Broken}[call%3]
					}
					return fake.Fine
				}, o.acc.Lag)
				_, err := o.sync(ctx, o.store, r.IntN(15) == 0)
				stop()
				if err != nil && kill >= 15 {
					t.Fatal(err)
				}
			}
			o.acc.Fails(nil, 0)
			o.later(26 * time.Hour)
			o.must(false)
			o.equal("in the end")
			deep(t, o)
		})
	}
}

// happen does something to an account.
func happen(o *office, r *rand.Rand) {
	pick := func(kind string) string {
		if ids := o.acc.IDs(kind); len(ids) > 0 {
			return ids[r.IntN(len(ids))]
		}
		return "0"
	}
	some := func(list ...string) string { return list[r.IntN(len(list))] }
	moment := func() string {
		return o.now.Add(-time.Duration(r.IntN(10_000)) * time.Minute).Format("2006-01-02T15:04:05Z")
	}
	touches := []string{"calls", "meetings", "emails"}
	switch r.IntN(16) {
	case 0, 1:
		o.lead("email", fmt.Sprintf("p%d@x.example", r.IntN(1000)), "hubspot_owner_id", some("11", "12", "13", ""))
	case 2:
		o.acc.Create("contacts", "email", "nobody@x.example")
	case 3:
		o.acc.Set("contacts", pick("contacts"), "hs_lead_status", some("NEW", "OPEN", "IN_PROGRESS", "UNQUALIFIED", "BAD_TIMING", "", "CUSTOM"))
	case 4:
		o.acc.Set("contacts", pick("contacts"), "lifecyclestage",
			some("lead", "marketingqualifiedlead", "salesqualifiedlead", "opportunity", "customer"))
	case 5:
		o.acc.Set("contacts", pick("contacts"), some("company", "industry", "region", "firstname", "email", "hubspotscore",
			"hs_analytics_source"), some("", "1", "2", "3"))
	case 6:
		o.acc.Set("contacts", pick("contacts"), mql, some(moment(), moment(), ""))
	case 7, 8:
		id := o.acc.Create("deals", "pipeline", "default", "dealstage", some("101", "102", "103"), "closedate", moment(), "amount",
			some("", "10", "20.5"), "hubspot_owner_id", some("11", "12"))
		for range r.IntN(7) {
			o.acc.Associate("deals", id, "contacts", pick("contacts"))
		}
	case 9:
		o.acc.Set("deals", pick("deals"), some("dealstage", "amount", "closedate", "closed_lost_reason", "dealtype"), some("101", "102", "103"))
	case 10:
		kind := touches[r.IntN(3)]
		id := o.acc.Create(kind, "hs_timestamp", moment(), "hubspot_owner_id", some("11", "12"))
		for range 1 + r.IntN(2) {
			o.acc.Associate(kind, id, "contacts", pick("contacts"))
		}
	case 11:
		kind := touches[r.IntN(3)]
		o.acc.Set(kind, pick(kind), "hs_timestamp", moment())
	case 12:
		kind := some("contacts", "deals", "calls", "emails")
		if id := pick(kind); r.IntN(3) > 0 {
			o.acc.Archive(kind, id)
		} else { // for good: no list has it
			o.acc.Purge(kind, id)
		}
	case 13:
		o.acc.Merge(pick("contacts"), pick("contacts"), r.IntN(2) == 0)
	case 14:
		if d := pick("deals"); o.acc.Get("deals", d, "dealstage") == "101" { // of closed deals it takes a change
			o.acc.Associate("deals", d, "contacts", pick("contacts"))
		}
	case 15:
		c := o.acc.Create("companies", "name", some("A", "B"))
		o.acc.Set("contacts", pick("contacts"), "associatedcompanyid", c)
	}
}
