package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"truce"
	"truce/storage"
)

// TestRebuildBesideARunningBot rebuilds the sums while another process writes: nobody waits for all of it, and in the end they are right.
func TestRebuildBesideARunningBot(t *testing.T) {
	s := newShell(t)
	var leads strings.Builder
	leads.WriteString("id,mql_at,source\n")
	for i := range 3000 {
		fmt.Fprintf(&leads, "l%d,2026-%02d-%02d,Web %d\n", i, 1+i%12, 1+i%28, i%5)
	}
	if status, _, errs := s.pipe(leads.String(), "import", "leads", "-"); status != exitOK {
		t.Fatal(errs)
	}
	bot, err := storage.Open(t.Context(), s.path("truce.db"), time.Now, testLog)
	if err != nil {
		t.Fatal(err)
	}
	defer bot.Close()
	done := make(chan string, 1)
	go func() {
		_, out, errs := s.run("rebuild")
		done <- out + errs
	}()
	events := 0
	for said := ""; said == ""; {
		select {
		case said = <-done:
			if !strings.Contains(said, "counted anew") {
				t.Fatal(said)
			}
		default:
			err := bot.Update(t.Context(), func(tx *storage.Tx) error {
				_, err := tx.AddOutcome(truce.Outcome{LeadID: fmt.Sprint("l", events%3000), Status: truce.Accepted, At: tx.Now,
					Origin: truce.FromPerson})
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			events++
		}
	}
	if events == 0 {
		t.Error("nobody could write meanwhile")
	}
	if status, out, errs := s.run("rebuild"); status != exitOK { // alone: nothing is left to others
		t.Fatal(out, errs)
	}
	if status, out, _ := s.run("check", "--deep"); !strings.Contains(out, "are right") {
		t.Errorf("status %d: %s", status, out)
	}
}
