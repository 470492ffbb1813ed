package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"text/tabwriter"
	"time"

	"truce"
	"truce/schedules/digests"
	"truce/storage"
)

// whole sends companies through whole digests on a database: the lead-feedback digest of each of the last 52 weeks, as of its Monday. It
// counts those with a headline that claims something, and those whose claims differ from what the weekly counts alone give.
func whole(ctx context.Context, n int) error {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "\nYears of %d companies of each size through whole digests\n\n", n)
	fmt.Fprintln(w, "sources\tleads a week\tany claim\tlooks\tof them other claims than from weekly counts")
	for _, size := range []struct {
		sources int
		perWeek float64
	}{{4, 8}, {8, 20}, {12, 40}} {
		claimed, looked, other := 0, 0, 0
		for i := range n {
			c := newCompany(size.sources, size.perWeek, *seed<<32+uint64(i)<<12+uint64(size.sources)<<6+uint64(size.perWeek))
			any, l, o, err := c.through(ctx)
			if err != nil {
				return err
			}
			looked, other = looked+l, other+o
			if any {
				claimed++
			}
		}
		fmt.Fprintf(w, "%d\t%.0f\t%d of %d\t%d\t%d\n", size.sources, size.perWeek, claimed, n, looked, other)
	}
	return w.Flush()
}

// first is the Monday that the weeks of companies begin with.
var first = truce.Date{Year: 2025, Month: 1, Day: 6}

func (c *company) through(ctx context.Context) (any bool, looked, other int, err error) {
	leads := c.draw(history + looks)
	dir, err := os.MkdirTemp("", "claims")
	if err != nil {
		return false, 0, 0, err
	}
	defer os.RemoveAll(dir)
	now := first.Add(7*(history+looks)).At(9*60, time.UTC)
	store, err := storage.Open(ctx, filepath.Join(dir, "truce.db"), func() time.Time { return now }, slog.New(slog.DiscardHandler))
	if err != nil {
		return false, 0, 0, err
	}
	defer store.Close()
	if err := store.Update(ctx, func(tx *storage.Tx) error { return c.store(tx, leads) }); err != nil {
		return false, 0, 0, err
	}
	if err := store.KeepRollUps(ctx, time.UTC); err != nil {
		return false, 0, 0, err
	}
	maker := digests.Maker{Calendar: truce.Calendar{Loc: time.UTC}}
	for week := history; week <= history+looks; week++ {
		err := store.View(ctx, func(tx *storage.Tx) error {
			s, err := maker.Study(tx, digests.Query{Kind: digests.LeadsDigest, AsOf: first.Add(7*week).At(9*60, time.UTC)})
			if err != nil {
				return err
			}
			looked++
			got := s.Claims
			if len(got.SentBack)+len(got.Bought) > 0 || got.OverTime != nil {
				any = true
			}
			fast := c.weeks(leads, week)
			fast.Looks = digests.LooksUntil(first, first.Add(7*week))
			if want := fast.Claims(false); !reflect.DeepEqual(got, want) {
				other++
			}
			return nil
		})
		if err != nil {
			return any, looked, other, err
		}
	}
	return any, looked, other, nil
}

// store writes the leads with what became of them.
func (c *company) store(tx *storage.Tx, leads []lead) error {
	for i, l := range leads {
		at := func(day int) time.Time { return first.Add(l.day+day).At(10*60, time.UTC) }
		id := fmt.Sprintf("lead-%06d", i)
		if _, err := tx.UpsertLead(truce.Lead{ID: id, MQLAt: at(0), Source: fmt.Sprintf("Source %02d", l.source)}); err != nil {
			return err
		}
		say := func(day int, status truce.Status, reason truce.Reason) error {
			_, err := tx.AddOutcome(truce.Outcome{LeadID: id, Status: status, Reason: reason, At: at(day), Origin: truce.FromImport})
			return err
		}
		var err error
		switch {
		case l.judged == 0:
		case l.back:
			err = say(l.judged, truce.Rejected, "wrong-person")
		default:
			if err = say(l.judged, truce.Accepted, ""); err == nil && l.closed > 0 {
				end := truce.Lost
				if l.won {
					end = truce.Won
				}
				err = say(l.closed, end, "")
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}
