package main

import (
	"strings"
	"testing"
	"time"

	"truce"
	hubspotfake "truce/handlers/intake/pull/crm/hubspot/fake"
	salesforcefake "truce/handlers/intake/pull/crm/salesforce/fake"
	"truce/storage"
)

// changing is an installation whose leads come of both CRMs and of a list, with a manager of each side.
type changing struct {
	*shell
	clock           *pastClock
	hub             *hubspotfake.Account
	force           *salesforcefake.Org
	contacts, leads []string
	day             time.Time
}

func newChanging(t *testing.T) *changing {
	c := &changing{shell: newShell(t), clock: &pastClock{past: true}, day: time.Now().Add(-48 * time.Hour).UTC()}
	c.hub, c.force = hubspotfake.New(c.clock.now), salesforcefake.New(c.clock.now)
	c.crms(crmServer(t, c.hub), crmServer(t, c.force), "sync:\n  sources:\n    list: {kind: leads, command: [cat, "+c.path("list.csv")+"]}\n")
	c.list("Fair")
	for range 3 {
		c.contacts = append(c.contacts, c.hub.Create("contacts", "hs_v2_date_entered_marketingqualifiedlead", c.day.Format(time.RFC3339),
			"hs_analytics_source", "Webinar"))
	}
	c.leads = append(c.leads, c.force.Create("Lead", salesforcefake.Record{"MQL_Date__c": c.day.Format(time.DateOnly), "LeadSource": "Web"}))
	return c
}

// list has the list say another source.
func (c *changing) list(source string) {
	c.write("list.csv", "id,mql_at,source\nx1,"+c.day.Format(time.DateOnly)+","+source+"\n")
}

func (c *changing) managers() (list []string) {
	c.update(func(tx *storage.Tx) error {
		for side, role := range map[truce.Side]truce.Role{truce.Sales: truce.SalesManager, truce.Marketing: truce.MarketingManager} {
			p, err := tx.AddPerson(truce.Person{Name: string(role), Email: string(side) + "@quillwater.example", Side: side})
			if err == nil {
				err = tx.GiveRole(p.ID, role, "config")
			}
			if err != nil {
				return err
			}
			list = append(list, p.ID)
		}
		return nil
	})
	return list
}

// synced is what a sync of everything says.
func (c *changing) synced() string {
	c.t.Helper()
	c.clock.past = false
	status, out, errs := c.sync()
	c.clock.past = true
	if status != exitOK {
		c.t.Fatalf("status %d, %s%s", status, out, errs)
	}
	return out
}

// open are the proposals that wait, each with its reason.
func (c *changing) open() (list []truce.Proposal) {
	c.t.Helper()
	c.view(func(tx *storage.Tx) (err error) { list, err = tx.OpenProposals(); return err })
	return list
}

func (c *changing) reconciled() string {
	c.t.Helper()
	c.write("leads.csv", "id,mql_at,source\nx1,"+c.day.Format(time.DateOnly)+",Hearsay\n")
	status, out, errs := c.run("--config", c.config, "reconcile", c.path("leads.csv"))
	if status != exitOK {
		c.t.Fatalf("status %d, %s%s", status, out, errs)
	}
	return out
}

func (c *changing) source(id string) (source string) {
	c.t.Helper()
	c.view(func(tx *storage.Tx) error { l, err := tx.Lead(id); source = l.Source; return err })
	return source
}

// TestASourceChangedInTheCRMIsAskedAbout: it is locked, so it is listed, and becomes a proposal to both sides; what they agree on holds.
func TestASourceChangedInTheCRMIsAskedAbout(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts the program several times")
	}
	c := newChanging(t)
	c.synced()
	keys := c.managers()
	c.hub.Set("contacts", c.contacts[0], "hs_analytics_source", "Partner")
	c.hub.Set("contacts", c.contacts[1], "hs_analytics_source", "Partner")
	c.force.Set("Lead", c.leads[0], salesforcefake.Record{"LeadSource": "Event"})
	c.list("Referral")
	out := c.synced()
	for _, want := range []string{"both sides are asked in T-1: source of L-1, L-2 Webinar to Partner",
		"both sides are asked in T-2: source of L-4 Web to Event", "both sides are asked in T-3: source of L-5 Fair to Referral"} {
		if !strings.Contains(out, want) {
			t.Errorf("without %q:\n%s", want, out)
		}
	}
	for id, want := range map[string]string{c.contacts[0]: "Webinar", c.leads[0]: "Web", "x1": "Fair"} {
		if got := c.source(id); got != want {
			t.Errorf("%s has the source %s", id, got)
		}
	}
	out = c.reconciled()
	for _, want := range []string{"source: " + c.contacts[0] + " (it came as Webinar and keeps that; Partner in hubspot since ",
		"both sides were asked in T-1)", "Event in salesforce since ", "source: x1 (it came as Fair and keeps that; Hearsay in your file)"} {
		if !strings.Contains(out, want) {
			t.Errorf("without %q:\n%s", want, out)
		}
	}
	if out = c.synced(); strings.Contains(out, "are asked in") || len(c.open()) != 3 {
		t.Errorf("asked twice: %s", out)
	}
	if why := c.open()[0].Why; why != "HubSpot has another source for these 2 leads now than the one they came with." {
		t.Error(why)
	}
	c.update(func(tx *storage.Tx) error {
		for _, id := range keys {
			if _, err := tx.MoveProposal("T-1", "proposal.agree", id, "", func(p *truce.Proposal, k truce.Keyholders) error {
				return p.Agree(id, k, tx.Now)
			}); err != nil {
				return err
			}
		}
		return nil
	})
	if got := c.source(c.contacts[0]); got != "Partner" {
		t.Errorf("agreed, and the source is %s", got)
	}
	c.synced()
	if out = c.reconciled(); strings.Contains(out, c.contacts[0]) || !strings.Contains(out, c.leads[0]) {
		t.Errorf("after the yes:\n%s", out)
	}
}

// TestASourceThatTheCRMTakesBackIsAskedAboutNoMore: what is not said there any more waits for nobody's yes, and what both sides declined is
// not asked about again, of however many leads.
func TestASourceThatTheCRMTakesBackIsAskedAboutNoMore(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts the program several times")
	}
	c := newChanging(t)
	c.synced()
	c.hub.Set("contacts", c.contacts[2], "hs_analytics_source", "Social")
	if out := c.synced(); len(c.open()) > 0 || !strings.Contains(out, "with another source there") {
		t.Errorf("there is nobody to ask: %s", out)
	}
	keys := c.managers()
	c.hub.Set("contacts", c.contacts[0], "hs_analytics_source", "Partner")
	c.hub.Set("contacts", c.contacts[1], "hs_analytics_source", "Partner")
	c.list("Referral")
	c.synced()
	if len(c.open()) != 3 { // also the one that was seen when there was nobody
		t.Fatalf("%+v", c.open())
	}
	c.hub.Set("contacts", c.contacts[0], "hs_analytics_source", "Webinar")
	c.list("Fair")
	c.synced()
	var titles []string
	for _, p := range c.open() {
		titles = append(titles, p.Title)
	}
	if got := strings.Join(titles, "; "); got != "source of L-3 Webinar to Social; source of L-2 Webinar to Partner" {
		t.Errorf("open: %s", got)
	}
	last := c.open()[1].ID
	c.update(func(tx *storage.Tx) error {
		_, err := tx.MoveProposal(last, "proposal.decline", keys[0], "", func(p *truce.Proposal, k truce.Keyholders) error {
			return p.Decline(keys[0], k, "a partner only forwarded it", tx.Now)
		})
		return err
	})
	if out := c.synced(); strings.Contains(out, "are asked in") {
		t.Errorf("declined, and asked again: %s", out)
	}
	if out := c.reconciled(); !strings.Contains(out, c.contacts[1]) {
		t.Errorf("declined, and not listed:\n%s", out)
	}
}
