package salesforce

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
	"truce/handlers/intake/pull/crm/salesforce/fake"
	"truce/handlers/intake/sheet"
	"truce/storage"
)

// office is an org, a clock, and a database that is synced with it.
type office struct {
	t     *testing.T
	now   time.Time
	org   *fake.Org
	store *storage.Store
	cfg   Config
	told  []string
}

func (o *office) Rejected(_ sheet.Row, bad *sheet.Bad) error {
	o.told = append(o.told, bad.Error())
	return nil
}
func (o *office) Progress(intake.Summary) {}

func newOffice(t *testing.T) *office {
	o := &office{t: t, now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	o.org = fake.New(func() time.Time { return o.now })
	srv := httptest.NewServer(o.org)
	srv.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	t.Cleanup(srv.Close)
	o.cfg = Config{Login: srv.URL, ClientID: fake.ClientID, ClientSecret: fake.ClientSecret, MQLField: "MQL_Date__c", Score: "Score__c",
		Attributes: []string{"Region__c"}, Currency: "EUR"}
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

func (o *office) sync(ctx context.Context, store *storage.Store, full bool) (crm.Result, error) {
	o.t.Helper()
	s, err := New(o.cfg)
	if err != nil {
		o.t.Fatal(err)
	}
	s.Faster(10_000)
	o.told = nil
	return crm.Run(ctx, store, s, crm.Options{Full: full, Overlap: 10 * time.Minute}, o, slog.New(slog.DiscardHandler))
}

func (o *office) must(full bool) crm.Result {
	o.t.Helper()
	r, err := o.sync(o.t.Context(), o.store, full)
	if err != nil {
		o.t.Fatal(err)
	}
	return r
}

func (o *office) lead(r fake.Record) string {
	all := fake.Record{"Status": "Open - Not Contacted", "MQL_Date__c": o.now.Format(time.DateOnly), "LastName": "x"}
	for k, v := range r {
		all[k] = v
	}
	return o.org.Create("Lead", all)
}

func (o *office) later(d time.Duration) { o.now = o.now.Add(d) }

// dump is what figures are made of.
func dump(t *testing.T, store *storage.Store) string {
	t.Helper()
	var b strings.Builder
	end := time.Date(2300, 1, 1, 0, 0, 0, 0, time.UTC)
	err := store.View(t.Context(), func(tx *storage.Tx) error {
		var ids []string
		if err := tx.EachLeadKnown(time.Unix(0, 0), end, func(l *storage.LeadKnown) error {
			ids = append(ids,
				l.Lead.ID)
			return nil
		}); err != nil {
			return err
		}
		slices.Sort(ids)
		for _, id := range ids {
			l, err := tx.Lead(id)
			if err != nil {
				return err
			}
			fmt.Fprintf(&b, "lead %s %s %s %q %s %s %v %s %v %s %s\n", id, l.MQLAt.Format(time.RFC3339), l.Email, l.Company, l.Account, l.Segment,
				l.Score, l.Owner, l.Attrs, l.State, l.At.Format(time.RFC3339))
			outcomes, err := tx.LeadOutcomes(id)
			if err != nil {
				return err
			}
			for _, out := range outcomes {
				fmt.Fprintf(&b, "  %s %s %s %v %v %s %s\n", out.DealID, out.Status, out.At.Format(time.RFC3339), out.Amount, out.HasAmount, out.Reason,
					out.Origin)
			}
			touches, err := tx.LeadTouches(id)
			if err != nil {
				return err
			}
			var list []string
			for _, touch := range touches {
				list = append(list, fmt.Sprintf("  %s %s %s\n", touch.At.Format(time.RFC3339), touch.Kind, touch.By))
			}
			slices.Sort(list)
			b.WriteString(strings.Join(list, ""))
		}
		err := tx.EachDeal(end, func(d truce.Deal) error {
			d.RecordedAt = time.Time{}
			fmt.Fprintf(&b, "deal %+v\n", d)
			return nil
		})
		if err != nil {
			return err
		}
		return tx.EachEngagement(time.Unix(0, 0), end, func(e truce.Engagement) error {
			e.RecordedAt = time.Time{}
			fmt.Fprintf(&b, "engagement %+v\n", e)
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
	o.org.Fails(nil)
	fresh := o.open()
	if _, err := o.sync(o.t.Context(), fresh, false); err != nil {
		o.t.Fatal(err)
	}
	if got, want := dump(o.t, o.store), dump(o.t, fresh); got != want {
		a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
		for i := range max(len(a), len(b)) {
			if i >= len(a) || i >= len(b) || a[i] != b[i] {
				o.t.Fatalf("%s: it differs from a load of everything at line %d:\n%s\nand there\n%s", what, i,
					strings.Join(a[i:min(len(a), i+4)], "\n"), strings.Join(b[i:min(len(b), i+4)], "\n"))
			}
		}
	}
	if wrong, err := o.store.CheckRollUps(o.t.Context(), 5); err != nil || len(wrong) > 0 {
		o.t.Errorf("%s: the sums behind the digests are not right: %v, %v", what, wrong, err)
	}
}

// TestFigures: what a small org says is what Truce knows.
func TestFigures(t *testing.T) {
	o := newOffice(t)
	kim := o.org.Create("User", fake.Record{"Email": "Kim@quillwater.example", "Name": "Kim Lee", "IsActive": true, "UserType": "Standard"})
	first := o.lead(fake.Record{"Email": "pat@northfield.example", "Company": "Northfield", "LeadSource": "Webinar", "OwnerId": kim,
		"Score__c": 82.5, "Region__c": "EU"})
	second := o.lead(fake.Record{"Email": "not an address"})
	o.lead(fake.Record{"MQL_Date__c": nil, "Status": "Working - Contacted"})
	o.later(time.Hour)
	o.org.Set("Lead", first, fake.Record{"Status": "Working - Contacted"})
	o.org.Set("Lead", second, fake.Record{"Status": "Unqualified"})
	task := o.org.Create("Task", fake.Record{"WhoId": first, "OwnerId": kim, "TaskSubtype": "Call", "IsClosed": true,
		"CompletedDateTime": "2026-03-02T09:30:00.000+0000"})
	o.org.Create("Task", fake.Record{"WhoId": first, "TaskSubtype": "ListEmail", "IsClosed": true,
		"CompletedDateTime": "2026-03-02T09:40:00.000+0000"})
	o.org.Create("Task", fake.Record{"WhoId": first, "TaskSubtype": "Email", "IsClosed": false})
	campaign := o.org.Create("Campaign", fake.Record{"Name": "Faster panels", "Type": "Webinar"})
	o.org.Create("CampaignMember", fake.Record{"LeadId": first, "CampaignId": campaign, "Status": "Attended", "HasResponded": true,
		"FirstRespondedDate": "2026-03-01"})
	o.later(24 * time.Hour)
	contact, deal := o.org.Convert(first, fake.Record{"Name": "Panels", "StageName": "Verhandlung", "Amount": 1200.5,
		"CloseDate": "2026-03-20", "OwnerId": kim})
	o.org.Create("Event", fake.Record{"WhoId": contact, "OwnerId": kim, "StartDateTime": "2026-03-04T10:00:00.000Z"})
	o.org.Set("Opportunity", deal, fake.Record{"IsClosed": true, "IsWon": true, "StageName": "Gewonnen!"})
	if r := o.must(false); r.Rejected() > 0 || r.ByKind[sheet.Leads].Added != 2 {
		t.Errorf("%+v, told %q", r.ByKind[sheet.Leads], o.told)
	}
	got := dump(t, o.store)
	for _, want := range []string{
		"lead " + first + " 2026-03-02T00:00:00Z pat@northfield.example \"Northfield\"",
		" 82.5 kim@quillwater.example map[Region__c:EU] won 2026-03-20T00:00:00Z\n",
		" accepted 2026-03-02T10:00:00Z", " sql 2026-03-03T10:00:00Z",
		"  " + deal + " won 2026-03-20T00:00:00Z 1,200.50 EUR true",
		"2026-03-02T09:30:00Z call kim@quillwater.example", "2026-03-04T10:00:00Z meeting",
		"lead " + second + " 2026-03-02T00:00:00Z  ", " rejected 2026-03-02T10:00:00Z",
		"Kind:Attended Activity:Webinar Campaign:Faster panels",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("without %q:\n%s", want, got)
		}
	}
	if strings.Count(got, " mail ") != 0 || strings.Count(got, " call ") != 1 {
		t.Errorf("touches that are none:\n%s", got)
	}
	o.org.Delete("Task", task)
	o.later(time.Hour)
	o.must(false)
	if strings.Contains(dump(t, o.store), " call ") {
		t.Error("a deleted task is there")
	}
	o.equal("at the end")
}

// TestPitfalls are the surprises, each by itself.
func TestPitfalls(t *testing.T) {
	for _, c := range []struct {
		name string
		run  func(t *testing.T, o *office)
	}{
		{"more with one moment of change than a page holds", func(t *testing.T, o *office) {
			for i := range 2300 {
				o.lead(fake.Record{"Email": fmt.Sprintf("p%d@x.example", i)})
			}
			if r := o.must(false); r.ByKind[sheet.Leads].Added != 2300 {
				t.Errorf("%+v", r.ByKind[sheet.Leads])
			}
		}},
		{"a session that ends", func(t *testing.T, o *office) {
			for range 300 {
				o.lead(nil)
			}
			o.org.Fails(func(call int, _ *http.Request) fake.Fault {
				if call%5 == 3 {
					return fake.Expired
				}
				return fake.Fine
			})
			o.must(false)
			if o.org.Logins() < 3 {
				t.Errorf("%d logins", o.org.Logins())
			}
		}},
		{"a history that is not tracked", func(t *testing.T, o *office) {
			o.org.NoTrack = true
			id := o.lead(fake.Record{"Status": "Working - Contacted"})
			o.must(false)
			if got := dump(t, o.store); !strings.Contains(got, " accepted ") {
				t.Errorf("%s: %s", id, got)
			}
		}},
		{"back to a new status", func(t *testing.T, o *office) {
			id := o.lead(nil)
			o.org.Set("Lead", id, fake.Record{"Status": "Unqualified"})
			o.must(false)
			o.later(time.Hour)
			o.org.Set("Lead", id, fake.Record{"Status": "New"})
			o.must(false)
			if got := dump(t, o.store); strings.Contains(got, "rejected") {
				t.Errorf("%s", got)
			}
		}},
		{"many currencies", func(t *testing.T, o *office) {
			o.org.Many = true
			id := o.lead(nil)
			o.org.Convert(id, fake.Record{"Amount": 10.0, "CurrencyIsoCode": "JPY", "IsClosed": true, "IsWon": true, "CloseDate": "2026-03-03"})
			o.must(false)
			if got := dump(t, o.store); !strings.Contains(got, "10 JPY") {
				t.Errorf("%s", got)
			}
		}},
		{"an opportunity that a contact role joins", func(t *testing.T, o *office) {
			id := o.lead(nil)
			contact, _ := o.org.Convert(id, nil)
			deal := o.org.Create("Opportunity", fake.Record{"StageName": "x", "CloseDate": "2026-05-01"})
			o.must(false)
			o.later(time.Hour)
			o.org.Create("OpportunityContactRole", fake.Record{"OpportunityId": deal, "ContactId": contact})
			o.later(25 * time.Hour)
			o.must(false)
			if got := dump(t, o.store); !strings.Contains(got, deal+" opportunity") {
				t.Errorf("%s", got)
			}
		}},
		{"merged in a chain", func(t *testing.T, o *office) {
			a, b, c := o.lead(nil), o.lead(nil), o.lead(nil)
			o.org.Create("Task", fake.Record{"WhoId": a, "TaskSubtype": "Call", "IsClosed": true,
				"CompletedDateTime": "2026-03-02T09:30:00.000+0000"})
			o.must(false)
			o.later(time.Hour)
			o.org.Merge(a, b)
			o.later(time.Minute)
			o.org.Merge(b, c)
			o.must(false)
			if got := dump(t, o.store); strings.Count(got, "lead ") != 1 || !strings.Contains(got, " call ") {
				t.Errorf("%s", got)
			}
			err := o.store.View(t.Context(), func(tx *storage.Tx) error {
				if into, err := tx.Survivor(a); into != c {
					t.Errorf("%s has become %s, %v", a, into, err)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}},
		{"deleted, taken back, deleted for good", func(t *testing.T, o *office) {
			a, b := o.lead(nil), o.lead(nil)
			o.must(false)
			o.later(time.Hour)
			o.org.Delete("Lead", a)
			o.must(false)
			if strings.Contains(dump(t, o.store), a) {
				t.Error("it is there")
			}
			o.later(time.Hour)
			o.org.Undelete("Lead", a)
			o.must(false)
			o.org.Purge("Lead", b)
			o.later(25 * time.Hour)
			o.must(false)
		}},
		{"values that are none", func(t *testing.T, o *office) {
			o.lead(fake.Record{"MQL_Date__c": "soon"})
			o.org.Create("Opportunity", fake.Record{"IsClosed": true, "CloseDate": nil})
			if r := o.must(false); r.Rejected() != 2 || len(o.told) != 2 {
				t.Errorf("%q", o.told)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := newOffice(t)
			c.run(t, o)
			o.equal(c.name)
		})
	}
}

// TestALostPermissionIsNoDeletion: what is not to be seen any more, and is much, is not taken for deleted until somebody says so.
func TestALostPermissionIsNoDeletion(t *testing.T) {
	o := newOffice(t)
	var leads []string
	for range 120 {
		leads = append(leads, o.lead(nil))
	}
	o.must(false)
	here := func() int { return strings.Count(dump(t, o.store), "lead ") }
	for _, id := range leads[:80] {
		o.org.Purge("Lead", id)
	}
	o.later(25 * time.Hour)
	if _, err := o.sync(t.Context(), o.store, false); err == nil || !strings.Contains(err.Error(), "cannot be seen there any more") ||
		!strings.Contains(err.Error(), "--full") {
		t.Errorf("%v", err)
	}
	if n := here(); n != 120 {
		t.Errorf("%d of 120 leads are left", n)
	}
	o.must(true)
	if n := here(); n != 40 {
		t.Errorf("%d leads after a load of everything, want 40", n)
	}
	o.equal("read anew")
}

// TestTrouble: what cannot be mended by asking again is told in words that help, and without the secret.
func TestTrouble(t *testing.T) {
	for _, c := range []struct {
		prepare func(o *office)
		says    string
	}{
		{func(o *office) { o.org.Refused = true }, "no client credentials user enabled"},
		{func(o *office) { o.cfg.MQLField = "Qualified__c" }, `no field "Qualified__c" of Lead (salesforce.mql_field)`},
		{func(o *office) { o.cfg.Attributes = []string{"Shoe__c"} }, `no field "Shoe__c" of Lead (salesforce.attributes)`},
		{func(o *office) { o.fault(fake.Limit) }, "requests of the day are used up"},
		{func(o *office) { o.fault(fake.Expired) }, "ends the session at once"},
		{func(o *office) { o.fault(fake.Broken) }, "answers 503"},
	} {
		o := newOffice(t)
		o.lead(nil)
		c.prepare(o)
		var log bytes.Buffer
		s, err := New(o.cfg)
		if err != nil {
			t.Fatal(err)
		}
		s.Faster(10_000)
		_, err = crm.Run(t.Context(), o.store, s, crm.Options{}, o,
			slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})))
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", c.says, err)
		}
		if all := log.String() + fmt.Sprint(err); strings.Contains(all, fake.ClientSecret) || strings.Contains(all, "00D!session") {
			t.Errorf("a secret is told: %s", all)
		}
	}
}

func (o *office) fault(f fake.Fault) {
	o.org.Fails(func(int, *http.Request) fake.Fault { return f })
}

// TestAnySequence: as for HubSpot.
func TestAnySequence(t *testing.T) {
	seeds := 60
	if testing.Short() {
		seeds = 8
	}
	for seed := range uint64(seeds) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			o := newOffice(t)
			r := rand.New(rand.NewPCG(seed, 21))
			o.org.Page = 7
			for _, who := range []string{"kim", "lou"} {
				o.org.Create("User", fake.Record{"Email": who + "@quillwater.example", "IsActive": true, "UserType": "Standard"})
			}
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
				ctx, stop := context.WithCancel(t.Context())
				kill, calls := r.IntN(50), o.org.Calls()
				o.org.Fails(func(call int, _ *http.Request) fake.Fault {
					switch {
					case kill < 30 && call-calls > kill:
						stop()
						return fake.HangUp
					case call%17 == 0:
						return []fake.Fault{fake.Expired, fake.Cut, fake.Broken}[call%3]
					}
					return fake.Fine
				})
				_, err := o.sync(ctx, o.store, r.IntN(15) == 0)
				stop()
				if err != nil && kill >= 30 {
					t.Fatal(err)
				}
			}
			o.org.Fails(nil)
			o.later(26 * time.Hour)
			o.must(false)
			o.equal("in the end")
		})
	}
}

// happen does something to an org.
func happen(o *office, r *rand.Rand) {
	pick := func(object string) string {
		if ids := o.org.IDs(object); len(ids) > 0 {
			return ids[r.IntN(len(ids))]
		}
		return "00Q000000000000000"
	}
	some := func(list ...string) string { return list[r.IntN(len(list))] }
	moment := func() string {
		return o.now.Add(-time.Duration(r.IntN(10_000)) * time.Minute).Format("2006-01-02T15:04:05.000+0000")
	}
	switch r.IntN(14) {
	case 0, 1:
		o.lead(fake.Record{"Email": fmt.Sprintf("p%d@x.example", r.IntN(1000)), "OwnerId": pick("User")})
	case 2:
		o.lead(fake.Record{"MQL_Date__c": nil})
	case 3:
		o.org.Set("Lead", pick("Lead"), fake.Record{"Status": some("New", "Working", "Unqualified", "Nurturing", "Custom")})
	case 4:
		o.org.Set("Lead", pick("Lead"), fake.Record{some("Company", "Industry", "Region__c", "Email"): some("", "1", "2")})
	case 5:
		var at any
		if r.IntN(3) > 0 {
			at = o.now.Add(-time.Duration(r.IntN(100)) * time.Hour).Format(time.DateOnly)
		}
		o.org.Set("Lead", pick("Lead"), fake.Record{"MQL_Date__c": at})
	case 6:
		if id := pick("Lead"); o.org.Get("Lead", id)["IsConverted"] != true && o.org.Get("Lead", id) != nil {
			o.org.Convert(id, fake.Record{"Amount": float64(r.IntN(100)), "CloseDate": moment()[:10], "StageName": "x", "OwnerId": pick("User")})
		}
	case 7:
		won := r.IntN(2) == 0
		o.org.Set("Opportunity", pick("Opportunity"), fake.Record{"IsClosed": r.IntN(4) > 0 || won, "IsWon": won, "Amount": float64(r.IntN(100))})
	case 8:
		d := o.org.Create("Opportunity", fake.Record{"StageName": "x", "CloseDate": moment()[:10]})
		if c := pick("Contact"); strings.HasPrefix(c, "003") {
			o.org.Create("OpportunityContactRole", fake.Record{"OpportunityId": d, "ContactId": c})
		}
	case 9:
		o.org.Create("Task", fake.Record{"WhoId": pick(some("Lead", "Contact")), "OwnerId": pick("User"),
			"TaskSubtype": some("Call", "Email", "ListEmail"), "IsClosed": r.IntN(5) > 0, "CompletedDateTime": moment()})
	case 10:
		o.org.Create("Event", fake.Record{"WhoId": pick(some("Lead", "Contact")), "StartDateTime": moment()})
	case 11:
		object := some("Lead", "Opportunity", "Task", "Event", "CampaignMember")
		if id := pick(object); r.IntN(3) > 0 {
			o.org.Delete(object, id)
		} else { // and out of the bin before anybody looked
			o.org.Purge(object, id)
		}
	case 12:
		o.org.Merge(pick("Lead"), pick("Lead"))
	case 13:
		o.org.Create("CampaignMember", fake.Record{"LeadId": pick("Lead"), "Status": "Responded", "HasResponded": r.IntN(2) == 0,
			"FirstRespondedDate": moment()[:10]})
	}
}
