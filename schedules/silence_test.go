package schedules_test

import (
	"fmt"
	"testing"
	"time"

	"truce"
	"truce/storage"
)

// decided is what people have decided of a lead and its cases, in words.
func (w *world) decided() map[string]string {
	found := map[string]string{}
	err := w.store.View(w.t.Context(), func(tx *storage.Tx) error {
		for i := 1; i <= w.leads; i++ {
			f, err := tx.LeadFile(fmt.Sprint("a", i))
			if err != nil {
				return err
			}
			if f.State != truce.NoStatus && !f.BySilence {
				found[f.Ref] = fmt.Sprint(f.State, f.At, f.Stage)
			}
			if f.Stage >= truce.StageAccepted && f.Open() || len(f.Touches) > 0 || f.Rating != 0 {
				found["owner of "+f.Ref] = f.OwnerID
			}
			if f.Rating != 0 {
				found["rating of "+f.Ref] = f.Rating.String()
			}
			for _, o := range f.Outcomes {
				if o.Origin != truce.FromSilence {
					found[f.Ref+" "+string(o.Status)] = fmt.Sprint(o.At, o.Reason, o.Note, o.Origin, o.PersonID)
				}
			}
			for _, d := range f.Disputes {
				was := d.Was
				if d.Settled() {
					was = truce.Decided{Outcome: d.Outcome, Answer: d.Answer, AnsweredBy: d.AnsweredBy, ClosedAt: d.ClosedAt, ClosedBy: d.ClosedBy}
				} else if d.Closed() && was.Outcome != truce.NoOutcome && d.ClosedBy == "" {
					return fmt.Errorf("%s was %s and silence made it %s", d.ID, was.Outcome, d.Outcome)
				}
				if was.Outcome != truce.NoOutcome && (d.Closed() || d.Was.Outcome != truce.NoOutcome) {
					found[d.ID] = fmt.Sprint(was.Outcome, was.Answer, was.AnsweredBy, was.ClosedAt.UTC(), was.ClosedBy)
				}
			}
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return found
}

// judge has somebody of Sales do one random thing with a random lead, or somebody open a closed case again.
func (w *world) judge() {
	if w.leads == 0 {
		return
	}
	w.update(func(tx *storage.Tx) error {
		by, now := w.someone(), tx.Now
		f, err := tx.LeadFile(fmt.Sprint("a", 1+w.r.IntN(w.leads)))
		if err != nil {
			return err
		}
		say := func(s truce.Status, kinds ...truce.PromiseKind) error {
			if _, err := tx.AddOutcome(truce.Outcome{LeadID: f.ID, Status: s, At: now, Origin: truce.FromPerson, PersonID: by.ID,
				Reason: "no-need"}); err != nil {
				return err
			}
			return tx.StopLeadPromises(f.Ref, now, kinds...)
		}
		switch w.r.IntN(6) {
		case 0, 1:
			if f.MayAccept(by) == nil {
				return say(truce.Accepted, truce.VerdictPromise)
			}
		case 2:
			if f.MayReject(by) == nil {
				return say(truce.Rejected, truce.VerdictPromise, truce.TouchPromise)
			}
		case 3:
			_, err = tx.AddTouch(truce.Touch{LeadID: f.ID, At: now, Kind: "call", By: by.ID})
		case 4:
			_, err = tx.Rate(truce.RatingOf{LeadID: f.ID, Rater: by.ID, Value: truce.Rating(1 + w.r.IntN(3)), At: now})
		case 5:
			for _, d := range f.Disputes {
				after := d
				if by := w.people[w.r.IntN(len(w.people))]; after.Reopen(w.terms, by, "more", now) == nil {
					_, err = tx.MoveDispute(w.terms, d, after, truce.Step{Action: "dispute.reopen", By: by.ID})
					break
				}
			}
		}
		return err
	})
}

// imported are the leads and outcomes as the CRM's file said them when they came: it comes again and again.
func (w *world) imports(file map[string]truce.Outcome) {
	w.update(func(tx *storage.Tx) error {
		for i := 1; i <= w.leads; i++ {
			id := fmt.Sprint("a", i)
			o, ok := file[id]
			if !ok {
				o = truce.Outcome{LeadID: id, Status: []truce.Status{truce.Accepted, truce.Rejected, truce.Recycled}[w.r.IntN(3)], At: w.now,
					Reason: "no-budget", Origin: truce.FromImport}
				if w.r.IntN(3) > 0 {
					o.Status = truce.NoStatus // nothing yet
				}
				file[id] = o
			}
			l, err := tx.Lead(id)
			if err != nil {
				return err
			}
			if _, err := tx.UpsertLead(truce.Lead{ID: id, Company: "Lab", MQLAt: l.MQLAt, HandedOffAt: l.HandedOffAt,
				Source: "Webinar"}); err != nil {
				return err
			}
			if o.Status == truce.NoStatus {
				continue
			}
			if _, err := tx.AddOutcome(o); err != nil {
				return err
			}
		}
		return nil
	})
}

// Whatever a person decided last is never changed by time alone, nor by a file that comes a second time.
func TestSilenceNeverOverwritesWhatAPersonDecided(t *testing.T) {
	t.Parallel()
	seeds := 4
	if testing.Short() {
		seeds = 2
	}
	for seed := range seeds {
		w := newWorld(t, uint64(100+seed))
		file := map[string]truce.Outcome{}
		for range 45 {
			for range 3 {
				w.act()
				w.judge()
			}
			w.imports(file)
			before := w.decided()
			w.pass(time.Duration(1+w.r.IntN(12))*4*time.Hour, 4*time.Hour)
			w.imports(file)
			after := w.decided()
			for what, was := range before {
				if after[what] != was {
					t.Fatalf("seed %d: %s was %q and is %q, and nobody did anything", seed, what, was, after[what])
				}
			}
		}
	}
}
