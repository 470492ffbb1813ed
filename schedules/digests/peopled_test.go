package digests_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/schedules/digests"
	"truce/storage"
)

// TestNoBlockIsATableOfPeople maps a column of owners as campaign, and one of colleagues as source: no digest, figure, drill-down or JSON
// has a row for any of them.
func TestNoBlockIsATableOfPeople(t *testing.T) {
	s := openStore(t, func() time.Time { return noon })
	names := []string{"Dana Kim", "Ode Brandt", "Eva Lindqvist"}
	write(t, s, func(tx *storage.Tx) error {
		for _, n := range names {
			if _, err := tx.AddPerson(truce.Person{Name: n, Email: strings.ToLower(strings.ReplaceAll(n, " ", ".")) +
				"@sales.example"}); err != nil {
				return err
			}
		}
		for i := range 120 {
			l := truce.Lead{ID: fmt.Sprint("l", i), MQLAt: noon.AddDate(0, 0, -2-i%80), Source: names[i%3],
				Campaign: strings.ToLower(strings.ReplaceAll(names[(i+1)%3], " ", ".")) + "@sales.example", Segment: "pharma"}
			if _, err := tx.UpsertLead(l); err != nil {
				return err
			}
			status := []truce.Status{truce.Accepted, truce.Rejected, truce.Won}[i%3]
			if _, err := tx.AddOutcome(truce.Outcome{LeadID: l.ID, Status: status, At: l.MQLAt.Add(24 * time.Hour),
				Reason: map[bool]truce.Reason{true: "wrong-person"}[status == truce.Rejected], Origin: truce.FromImport}); err != nil {
				return err
			}
		}
		return nil
	})
	d := maker()
	silent := func(what, text string) {
		t.Helper()
		for _, n := range []string{"Dana", "dana", "Ode", "ode.", "Eva", "eva."} {
			if strings.Contains(text, n) {
				t.Errorf("%s names %s:\n%s", what, n, text)
			}
		}
	}
	read(t, s, func(tx *storage.Tx) error {
		for _, kind := range []string{digests.LeadsDigest, digests.WeeklyDigest, digests.MonthlyDigest} {
			r := d.Fill(digests.Query{Kind: kind, AsOf: noon})
			card, err := d.Card(tx, r, true)
			if err != nil {
				return err
			}
			silent(kind, chat.PlainText(card, 200)+fmt.Sprintf("%+v", card))
			report, err := d.Report(tx, r)
			if err != nil {
				return err
			}
			text, err := json.Marshal(report)
			if err != nil {
				return err
			}
			silent(kind+", JSON", string(text))
			p := cards.Period{Kind: kind, From: r.From, To: r.To, AsOf: noon, Loc: time.UTC}
			for _, where := range []url.Values{{"s": {"Dana Kim"}}, {"c": {"eva.lindqvist@sales.example"}}, {"n": {"groups"}, "s": {"Dana Kim"}}} {
				step := "leads"
				if where.Has("n") {
					step = "rows"
				}
				if _, err := d.Drill(tx, p, truce.Person{}, step, where); err == nil || !strings.Contains(err.Error(), "no tables of people") {
					t.Errorf("%v opens: %v", where, err)
				}
			}
			for _, step := range []string{"campaigns", "rows"} {
				opened, err := d.Drill(tx, p, truce.Person{}, step, url.Values{"n": {"groups"}})
				if err != nil {
					return err
				}
				silent(step, fmt.Sprintf("%+v", opened))
			}
		}
		return nil
	})
}
