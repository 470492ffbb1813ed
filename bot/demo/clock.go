package demo

import (
	"context"
	"log/slog"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"truce"
	"truce/storage"
)

// Clock is the real time, moved on by what people asked for; the move survives a restart, so that history stays in
// order. While the past is made it stands where it is pinned.
type Clock struct {
	now    truce.Clock
	move   atomic.Int64 // ns
	pinned atomic.Int64 // UnixNano; 0 is not pinned
	moving sync.Mutex   // one move at a time
}

// Now is the demo's present, in UTC where it is pinned.
func (c *Clock) Now() time.Time {
	if at := c.pinned.Load(); at != 0 {
		return time.Unix(0, at).UTC()
	}
	return c.now().Add(time.Duration(c.move.Load()))
}

// NewClock goes as the real time does.
func NewClock(now truce.Clock) *Clock { return &Clock{now: now} }

func (c *Clock) pin(t time.Time) { c.pinned.Store(t.UnixNano()) }

// Load moves the clock to where an earlier start left it.
func (c *Clock) Load(ctx context.Context, store *storage.Store) error {
	return store.View(ctx, func(tx *storage.Tx) error {
		v, err := tx.Meta("demo_clock")
		if err != nil || v == "" {
			return err
		}
		n, err := strconv.ParseInt(v, 10, 64)
		c.move.Store(n)
		return err
	})
}

// Set has the clock stand at a moment, from which it goes on as ever. It never goes back behind what has happened.
func (c *Clock) Set(ctx context.Context, store *storage.Store, at time.Time) error {
	c.moving.Lock()
	defer c.moving.Unlock()
	move := at.Sub(c.now())
	err := store.Update(ctx, func(tx *storage.Tx) error {
		last, err := tx.LastAudited()
		if err != nil {
			return err
		}
		if at.Before(last) {
			return truce.Errorf(truce.Conflict, "its history goes on until %s: choose a later moment, or another file",
				last.UTC().Format(time.RFC3339))
		}
		return tx.SetMeta("demo_clock", strconv.FormatInt(int64(move), 10))
	})
	if err == nil {
		c.move.Store(int64(move))
	}
	return err
}

// Advance moves the clock on by d, stopping wherever something may be due and at the stops between two moments, where catchUp does it:
// reminders come before deadlines pass, and digests at their hour.
func (c *Clock) Advance(ctx context.Context, store *storage.Store, d time.Duration, stops func(from, to time.Time) []time.Time,
	catchUp func(context.Context) error, log *slog.Logger) {
	c.moving.Lock()
	defer c.moving.Unlock()
	from := c.Now()
	list := append(moments(Calendar(), dueMinutes, from, from.Add(d)), stops(from, from.Add(d))...)
	slices.SortFunc(list, time.Time.Compare)
	for _, at := range list {
		step := at.Sub(c.Now())
		if step <= 0 {
			continue
		}
		move := strconv.FormatInt(c.move.Load()+int64(step), 10)
		if err := store.Update(ctx, func(tx *storage.Tx) error { return tx.SetMeta("demo_clock", move) }); err != nil {
			log.Error("keep the demo's clock", "error", err)
			return
		}
		c.move.Add(int64(step))
		if err := catchUp(ctx); err != nil {
			log.Error("catch up with the demo's clock", "at", at, "error", err)
		}
	}
}

// dueMinutes are the minutes of a workday at which something may be due: the hour of the recaps, and every full one.
// fewMinutes do for a time without digests: often enough for a reminder to come well before its deadline.
var (
	dueMinutes = []int{8 * 60, 8*60 + 30, 9 * 60, 10 * 60, 11 * 60, 12 * 60, 13 * 60, 14 * 60, 15 * 60, 16 * 60, 17 * 60, 18 * 60}
	fewMinutes = []int{9 * 60, 12 * 60, 15 * 60, 18 * 60}
)

// moments are when something may be due after one moment and up to another, the last one included.
func moments(c truce.Calendar, minutes []int, from, to time.Time) []time.Time {
	var list []time.Time
	for day := c.Date(from); !day.At(0, c.Loc).After(to); day = day.Add(1) {
		if !c.Workday(day) {
			continue
		}
		for _, m := range minutes {
			if at := day.At(m, c.Loc); at.After(from) && at.Before(to) {
				list = append(list, at)
			}
		}
	}
	return append(list, to)
}
