package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"truce"
	"truce/bot/chat"
	"truce/bot/config"
	"truce/handlers"
	hubspotfake "truce/handlers/intake/pull/crm/hubspot/fake"
	salesforcefake "truce/handlers/intake/pull/crm/salesforce/fake"
	"truce/storage"
)

// crmServer serves a fake CRM.
func crmServer(t *testing.T, h http.Handler) string {
	srv := httptest.NewServer(h)
	srv.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	t.Cleanup(srv.Close)
	return srv.URL
}

// pastClock is the time, or a minute ago: CRMs say what time it is by the second, and what changes within it comes with the next run.
type pastClock struct{ past bool }

func (c *pastClock) now() time.Time {
	if c.past {
		return time.Now().Add(-time.Minute)
	}
	return time.Now()
}

// crms configures both fakes.
func (s *shell) crms(hub, force, more string) {
	s.config = s.write("config.yaml", fmt.Sprintf(`hubspot: {token: %s, api_url: "%s", attributes: [region], write: verdicts}
salesforce: {domain: x.my.salesforce.com, login_url: "%s", client_id: %s, client_secret: %s, mql_field: MQL_Date__c, currency: EUR, write: verdicts}
roles: {admins: [ann@quillwater.example]}
%s`, hubspotfake.Token, hub, force, salesforcefake.ClientID, salesforcefake.ClientSecret, more))
	s.env = append(s.env[:1:1], "PATH="+os.Getenv("PATH"))
}

// TestSyncOfCRMs goes through the program: from an empty database to leads, deals and verdicts of both, with every exit status.
func TestSyncOfCRMs(t *testing.T) {
	t.Parallel()
	clock := &pastClock{}
	hub, force := hubspotfake.New(clock.now), salesforcefake.New(clock.now)
	s := newShell(t)
	s.crms(crmServer(t, hub), crmServer(t, force), "sync:\n  sources:\n    spend: {kind: costs, command: [printf, "+
		"'source,at,amount,currency\\nads,2026-03,100,EUR\\n']}\n")
	day := time.Now().Add(-48 * time.Hour).UTC()
	clock.past = true
	contact := hub.Create("contacts", "email", "pat@northfield.example", "hs_v2_date_entered_marketingqualifiedlead", day.Format(time.RFC3339),
		"hs_analytics_source", "PAID_SEARCH")
	deal := hub.Create("deals", "pipeline", "default", "dealstage", "102", "amount", "1200.50", "closedate",
		day.Add(time.Hour).Format(time.RFC3339))
	hub.Associate("deals", deal, "contacts", contact)
	lead := force.Create("Lead", salesforcefake.Record{"Email": "sam@x.example", "MQL_Date__c": day.Format(time.DateOnly),
		"Status": "Working - Contacted"})
	clock.past = false
	status, out, errs := s.sync("--dry-run")
	if status != exitOK || !strings.Contains(out, "hubspot: nothing was stored. 1 lead: 1 new") ||
		!strings.Contains(out, "salesforce: nothing was stored. 1 lead: 1 new") {
		t.Fatalf("dry run: status %d, %s%s", status, out, errs)
	}
	if status, out, errs = s.run("--config", s.config, "check", "--online"); status != exitOK ||
		!strings.Contains(out, "ok   sync hubspot: ") || !strings.Contains(out, "ok   sync salesforce: ") {
		t.Errorf("check: status %d, %s%s", status, out, errs)
	}
	status, out, errs = s.sync()
	if status != exitOK || !strings.Contains(out, "hubspot: 1 lead: 1 new") || !strings.Contains(out, "salesforce: 1 lead: 1 new") ||
		!strings.Contains(out, "spend: 1 cost: 1 new") {
		t.Fatalf("status %d, %s%s", status, out, errs)
	}
	s.view(func(tx *storage.Tx) error {
		l, err := tx.Lead(contact)
		if err != nil || l.State != truce.Won || l.Source != "PAID_SEARCH" {
			t.Errorf("%+v, %v", l, err)
		}
		if l, err = tx.Lead(lead); err != nil || l.State != truce.Accepted {
			t.Errorf("%+v, %v", l, err)
		}
		return nil
	})
	clock.past = true
	force.Delete("Lead", lead)
	hub.Create("deals", "pipeline", "default", "dealstage", "101", "amount", "much")
	clock.past = false
	if status, out, errs = s.sync("salesforce"); status != exitOK {
		t.Errorf("a lead that is deleted: status %d, %s%s", status, out, errs)
	}
	s.write("leads.csv", "id,mql_at\n")
	if status, out, errs = s.run("--config", s.config, "reconcile", s.path("leads.csv")); status != exitOK ||
		!strings.Contains(out, "left the CRM: "+lead+" (deleted, found ") ||
		!strings.Contains(out, "out of the figures") {
		t.Errorf("reconcile: status %d, %s%s", status, out, errs)
	}
	if status, out, errs = s.sync("hubspot"); status != exitRejected || strings.Contains(out, "salesforce") ||
		!strings.Contains(errs, "amount") {
		t.Errorf("a bad record: status %d, %s%s", status, out, errs)
	}
	force.Refused = true
	if status, out, errs = s.sync("salesforce"); status != exitFailed || !strings.Contains(errs, "does not let Truce in") {
		t.Errorf("refused: status %d, %s%s", status, out, errs)
	}
	if status, _, errs = s.sync("pipedrive"); status != exitUsage || !strings.Contains(errs, "there are hubspot, salesforce, spend") {
		t.Errorf("status %d, %s", status, errs)
	}
	hub.Fails(func(int, *http.Request) hubspotfake.Fault { return hubspotfake.Revoked }, hub.Lag)
	status, out, errs = s.sync()
	if all := out + errs; status != exitFailed || strings.Contains(all, hubspotfake.Token) ||
		strings.Contains(all, salesforcefake.ClientSecret) {
		t.Errorf("status %d, %s", status, all)
	}
	s.config = s.write("bad.yaml",
		`hubspot: {token: x, api_url: "http://api.hubapi.com", write: all, attributes: ["Truce_x", "a b"], value: {Parked: someday}}
salesforce: {client_id: x, domain: "https://x.my.salesforce.com"}
`)
	status, _, errs = s.sync()
	for _, want := range []string{"hubspot.api_url: must begin with https://", "hubspot.write: must be verdicts",
		"Truce_x, which Truce itself writes", `not "a b"`, "hubspot.value", "salesforce.client_secret: is missing",
		"salesforce.domain: must be a domain"} {
		if status != exitUsage || !strings.Contains(errs, want) {
			t.Errorf("status %d, without %q: %s", status, want, errs)
		}
	}
}

// TestSyncResumes: the program is killed while it reads, as often as that takes, and what it has read is read once.
func TestSyncResumes(t *testing.T) {
	hub := hubspotfake.New(time.Now)
	var reads atomic.Pointer[os.Process] // nil while none does
	var begun atomic.Int32
	hub.Fails(func(call int, r *http.Request) hubspotfake.Fault {
		if strings.HasSuffix(r.URL.Path, "/objects/2026-09/contacts") && r.URL.Query().Get("archived") == "false" {
			if process := reads.Load(); begun.Add(1)%2 == 0 && process != nil {
				process.Kill()
				return hubspotfake.HangUp
			}
		}
		return hubspotfake.Fine
	}, hub.Lag)
	day := time.Now().Add(-48 * time.Hour).UTC().Format(time.RFC3339)
	for range 450 {
		hub.Create("contacts", "hs_v2_date_entered_marketingqualifiedlead", day)
	}
	s := newShell(t)
	s.config = s.write("config.yaml", fmt.Sprintf("hubspot: {token: %s, api_url: \"%s\"}\n", hubspotfake.Token, crmServer(t, hub)))
	for tries := 0; ; tries++ {
		cmd := exec.Command(truceBinary(t), "--config", s.config, "sync", "hubspot")
		cmd.Env = append(s.env, "PATH="+os.Getenv("PATH"))
		if tries > 6 {
			t.Fatal("it does not get on")
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		reads.Store(cmd.Process)
		err := cmd.Wait()
		reads.Store(nil)
		if err == nil {
			break
		}
	}
	if n := begun.Load(); n > 12 {
		t.Errorf("%d pages were asked for where there are 5", n)
	}
	n := 0
	s.view(func(tx *storage.Tx) error {
		return tx.EachLeadKnown(time.Unix(0, 0), time.Now(), func(*storage.LeadKnown) error { n++; return nil })
	})
	if n != 450 {
		t.Errorf("%d leads", n)
	}
}

// TestWriteBack: what people say here is written into fields of Truce's own: what differs, once, and it does not echo.
func TestWriteBack(t *testing.T) {
	clock := &pastClock{}
	hub, force := hubspotfake.New(clock.now), salesforcefake.New(clock.now)
	s := newShell(t)
	s.crms(crmServer(t, hub), crmServer(t, force), "")
	day := time.Now().Add(-48 * time.Hour).UTC()
	var contacts, leads []string
	clock.past = true
	for range 3 {
		contacts = append(contacts, hub.Create("contacts", "hs_v2_date_entered_marketingqualifiedlead", day.Format(time.RFC3339)))
		leads = append(leads, force.Create("Lead", salesforcefake.Record{"MQL_Date__c": day.Format(time.DateOnly)}))
	}
	clock.past = false
	if status, out, errs := s.sync(); status != exitOK {
		t.Fatalf("status %d, %s%s", status, out, errs)
	}
	s.update(func(tx *storage.Tx) error {
		p, err := tx.AddPerson(truce.Person{Name: "Rae Doe", Email: "rae@quillwater.example"})
		for _, id := range append(contacts[:2:2], leads[:2]...) {
			if err == nil {
				_, err = tx.AddOutcome(truce.Outcome{LeadID: id, Status: truce.Rejected, Reason: "no-budget", At: day.Add(time.Hour),
					Origin: truce.FromPerson, PersonID: p.ID})
			}
		}
		return err
	})
	status, out, errs := s.sync("--write", "--dry-run")
	if status != exitOK || strings.Count(out, "would write lead") != 4 || len(hub.Written)+len(force.Written) > 0 {
		t.Fatalf("dry run: status %d, %s%s", status, out, errs)
	}
	status, out, errs = s.sync("--write") // the fields are not there
	if status != exitFailed || !strings.Contains(errs, "--create-fields") || !strings.Contains(errs, `no field "Truce_Verdict__c"`) {
		t.Fatalf("no fields: status %d, %s%s", status, out, errs)
	}
	if status, out, errs = s.sync("hubspot", "--create-fields"); status != exitOK || !strings.Contains(out, "truce_verdict_date") {
		t.Fatalf("status %d, %s%s", status, out, errs)
	}
	force.Own = []string{"Truce_Verdict__c", "Truce_Verdict_Date__c", "Truce_Reason__c", "Truce_Rating__c", "Truce_Dispute__c"}
	hub.ReadOnly[contacts[1]], force.Locked[leads[1]] = true, true
	status, out, errs = s.sync("--write")
	if status != exitRejected || !strings.Contains(out, "hubspot: 1 lead written back, 1 refused") ||
		!strings.Contains(out, "salesforce: 1 lead written back, 1 refused") ||
		strings.Count(errs, "was not written") != 2 {
		t.Fatalf("status %d, %s%s", status, out, errs)
	}
	if status, out, errs = s.sync(); status != exitOK || strings.Contains(out, "written back") || !strings.Contains(out, "0 changed") {
		t.Errorf("once more: status %d, %s%s", status, out, errs) // a refused one is not tried again, and what was written does not come back
	}
	if got := hub.Get("contacts", contacts[0], "truce_verdict"); got != "rejected" || len(hub.Written) != 1 || len(force.Written) != 1 {
		t.Errorf("%q, %v, %v", got, hub.Written, force.Written)
	}
	if all := fmt.Sprint(hub.Written, force.Written); strings.Contains(all, "Rae") || strings.Contains(all, "P-") ||
		strings.Contains(all, "rae@") || !strings.Contains(all, "no budget") {
		t.Errorf("written: %s", all)
	}
	s.update(func(tx *storage.Tx) error { // another mind
		_, err := tx.AddOutcome(truce.Outcome{LeadID: contacts[0], Status: truce.Accepted, At: day.Add(2 * time.Hour), Origin: truce.FromPerson})
		return err
	})
	hub.NoWrite = true
	for range 2 {
		if status, out, errs = s.sync("hubspot"); status != exitFailed || !strings.Contains(errs, "scope") {
			t.Errorf("no scope: status %d, %s%s", status, out, errs)
		}
	}
	hub.NoWrite = false
	if status, out, errs = s.sync("hubspot"); status != exitOK || hub.Get("contacts", contacts[0], "truce_verdict") != "accepted" {
		t.Errorf("status %d, %s%s", status, out, errs)
	}
}

// update changes the database that the commands wrote.
func (s *shell) update(fn func(tx *storage.Tx) error) {
	s.t.Helper()
	store, err := storage.Open(s.t.Context(), s.path("truce.db"), time.Now, testLog)
	if err != nil {
		s.t.Fatal(err)
	}
	defer store.Close()
	if err := store.Update(s.t.Context(), fn); err != nil {
		s.t.Fatal(err)
	}
}

// TestCRMTroubleIsToldOnce inside the bot, whatever goes wrong there.
func TestCRMTroubleIsToldOnce(t *testing.T) {
	hub, force := hubspotfake.New(time.Now), salesforcefake.New(time.Now)
	s := newShell(t)
	s.crms(crmServer(t, hub), crmServer(t, force), "")
	cfg, err := config.Load(s.config, true, s.env)
	if err != nil {
		t.Fatal(err)
	}
	store, err := storage.Open(t.Context(), cfg.Storage.Path, time.Now, testLog)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if err := handlers.SetRoster(t.Context(), store, "config", roster(cfg)); err != nil {
		t.Fatal(err)
	}
	for _, refused := range []bool{false, true, true, false, false} {
		force.Refused = refused
		list, err := systems(cfg, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range list {
			syncCRM(t.Context(), store, cfg, c, testLog)
		}
	}
	var told []string
	err = store.View(t.Context(), func(tx *storage.Tx) error {
		out, err := tx.Waiting(time.Now().Add(time.Hour), 100)
		for _, m := range out {
			var card chat.Card
			if err := json.Unmarshal(m.Body, &card); err != nil {
				return err
			}
			told = append(told, card.Key+" "+strings.Fields(card.Summary)[2])
		}
		return err
	})
	if err != nil || strings.Join(told, ", ") != "sync.trouble salesforce, sync.well salesforce" {
		t.Errorf("told %q, %v", told, err)
	}
}
