package crm

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"truce"
	"truce/handlers/intake"
	"truce/handlers/intake/sheet"
	"truce/storage"
)

// This file writes back what people said here of leads: into fields of Truce's own, no person's name, and only what differs from what the
// CRM has acknowledged.

// Verdict is what is written of a lead. An empty text clears its field.
type Verdict struct {
	LeadID                         string
	Verdict, Reason, Rating, State string
	Date                           string // YYYY-MM-DD, in UTC
}

// hash names what is written.
func (v Verdict) hash() string {
	sum := sha256.Sum256([]byte(v.Verdict + "\x00" + v.Date + "\x00" + v.Reason + "\x00" + v.Rating + "\x00" + v.State))
	return hex.EncodeToString(sum[:12])
}

// String is what is written, for people.
func (v Verdict) String() string {
	return fmt.Sprintf("%s: verdict %q of %s, reason %q, rating %q, dispute %q", v.LeadID, v.Verdict, v.Date, v.Reason, v.Rating, v.State)
}

// Writer is a CRM that can be written to.
type Writer interface {
	System
	// Batch is how many leads a request may hold.
	Batch() int
	// Write writes a batch, and says which leads were refused and why. An error means that nothing can be written: a field or a
	// permission is missing.
	Write(ctx context.Context, batch []Verdict) (refused map[string]string, err error)
}

// Written is what came of writing back.
type Written struct {
	Sent, Refused int
	Would         []Verdict // of a dry run
}

// WriteBack writes back what is to be known there. That a field or a permission is missing stops it, and is told to the admins once.
func WriteBack(ctx context.Context, store *storage.Store, w Writer, o Options, l intake.Listener) (got Written, err error) {
	todo, err := toWrite(ctx, store, w.Name())
	if err != nil || o.DryRun {
		return Written{Would: todo}, err
	}
	if len(todo) == 0 {
		return got, nil
	}
	run := storage.SyncRun{Source: w.Name() + " (writing)", Kind: "write", SinceAt: store.Now(), MarkAt: store.Now()}
	if err := store.Update(ctx, func(tx *storage.Tx) (err error) { run, err = tx.BeginSync(run); return err }); err != nil {
		return got, err
	}
	for batch := range slices.Chunk(todo, w.Batch()) {
		if err = writeBatch(ctx, store, w, batch, &got, l); err != nil {
			break
		}
	}
	run.Complete = err == nil
	switch {
	case ctx.Err() != nil:
		run.Why = storage.SyncStopped
	case err != nil:
		run.Why = truce.Sentence(err)
	}
	run.Rows, run.Changed, run.Rejected = got.Sent+got.Refused, got.Sent, got.Refused
	ended := store.Update(context.WithoutCancel(ctx), func(tx *storage.Tx) error {
		if err := tx.EndSync(run); err != nil || o.Ended == nil {
			return err
		}
		return o.Ended(tx, run)
	})
	return got, errors.Join(err, ended)
}

// writeBatch writes one batch, and remembers what was acknowledged, and what was refused: neither is sent again until it differs.
func writeBatch(ctx context.Context, store *storage.Store, w Writer, batch []Verdict, got *Written, l intake.Listener) error {
	refused, err := w.Write(ctx, batch)
	if err != nil {
		return err
	}
	err = store.Update(ctx, func(tx *storage.Tx) error {
		for _, v := range batch {
			if err := tx.NoteWritten(w.Name(), v.LeadID, v.hash(), refused[v.LeadID]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, v := range batch {
		why, bad := refused[v.LeadID]
		if !bad {
			got.Sent++
			continue
		}
		got.Refused++
		fault := &sheet.Bad{Reason: "refused by the CRM", Text: "lead " + v.LeadID + " was not written: " + why +
			"; it is not tried again until there is something new to say"}
		if err := l.Rejected(sheet.Row{Bad: fault}, fault); err != nil {
			return err
		}
	}
	return nil
}

// toWrite is what differs from what the CRM has acknowledged, of leads that are its.
func toWrite(ctx context.Context, store *storage.Store, system string) (list []Verdict, err error) {
	err = store.View(ctx, func(tx *storage.Tx) error {
		written, err := tx.Written(system)
		if err != nil {
			return err
		}
		seen := map[string]bool{}
		err = tx.EachVerdict(func(v storage.Verdict) error {
			w := Verdict{LeadID: v.LeadID, Verdict: string(v.Status), Rating: v.Rating.String(), State: v.Dispute}
			if v.Reason != "" {
				w.Reason = v.Reason.Info().Label
			}
			if !v.At.IsZero() {
				w.Date = v.At.UTC().Format(time.DateOnly)
			}
			seen[v.LeadID] = true
			if written[v.LeadID] == w.hash() {
				return nil
			}
			theirs, err := tx.IsOfCRM(system, v.LeadID)
			if theirs {
				list = append(list, w)
			}
			return err
		})
		if err != nil {
			return err
		}
		for id, hash := range written { // taken back here since
			if empty := (Verdict{LeadID: id}); !seen[id] && hash != empty.hash() {
				theirs, err := tx.IsOfCRM(system, id)
				if err != nil {
					return err
				}
				if theirs {
					list = append(list, empty)
				}
			}
		}
		return nil
	})
	slices.SortFunc(list, func(a, b Verdict) int {
		switch {
		case a.LeadID < b.LeadID:
			return -1
		case a.LeadID > b.LeadID:
			return 1
		}
		return 0
	})
	if err != nil {
		return nil, fmt.Errorf("find what is to be written to %s: %w", system, err)
	}
	return list, nil
}
