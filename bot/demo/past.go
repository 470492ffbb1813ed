package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"runtime/debug"
	"slices"
	"time"

	"truce"
	"truce/bot/chat"
	"truce/bot/demo/quillwater"
	"truce/storage"
)

// This file makes the past. Nothing of it is written behind the program's back: the clock is set to some weeks ago and
// moved on from moment to moment, and at each one the people of the story type and press in the workspace, the CRM hands
// over its leads, jobs run and messages are delivered, by the same code as ever.

// pastWeeks is how many whole weeks the story has been going on, and digestWeeks how many digests have been sent; both begin on
// a Monday.
const (
	pastWeeks   = 9
	digestWeeks = 5
)

// pastGarbage is how much garbage may lie about while the past is made, in percent of what is used: some 30 MB more than usual.
const pastGarbage = 400

// past is a past being lived through.
type past struct {
	stage
	now         time.Time // where it ends: the present
	start       time.Time
	clock       *Clock
	calendar    truce.Calendar
	program     Program
	company     quillwater.Company
	boughtLater []string // core facilities that Sales sent back and that bought all the same
	rand        *rand.Rand
	invited     *quillwater.Case // the lead that the reader may dispute
	deeds       []deed
	tell        func(done, of int, day time.Time)
}

// deed is one thing that happens at a moment.
type deed struct {
	at   time.Time
	what string
	do   func() error
}

// Program is Truce as the past lives through it.
type Program interface {
	chat.Handler
	Mount(mux *http.ServeMux, h chat.Handler) // serves the workspace, whose events go to h
	CatchUp(ctx context.Context) error        // does what is due by now, and delivers what is to be said because of it
	SendDigests()                             // from now on
}

// Past is a past to be made.
type Past struct {
	Path     string    // of the database; there must be none
	Leads    int       // how many the company has
	Now      time.Time // where it ends: the demo's present
	Start    func(ctx context.Context, store *storage.Store, clock *Clock) (Program, error)
	Log      *slog.Logger
	Progress io.Writer
	Tell     func(done, of int, day time.Time) // how far it is; nil tells nobody
}

// Make writes the demo's file: the company's leads and the lived weeks. It works beside the file and puts it in its place
// when it is complete, so a file that is there is whole; what a killed run left behind is begun anew.
func Make(ctx context.Context, p Past) (err error) {
	// A fifth of the processor's time went into collecting what a few seconds later is gone for good.
	defer debug.SetGCPercent(debug.SetGCPercent(pastGarbage))
	part := p.Path + ".seeding"
	clear := func() error {
		if err := storage.Remove(part); err != nil {
			return fmt.Errorf("clear what an earlier start left of the demo: %w", err)
		}
		return nil
	}
	if err := clear(); err != nil {
		return err
	}
	l := &past{stage: stage{ctx: ctx, key: "past"}, now: p.Now.UTC().Truncate(time.Millisecond), calendar: Calendar(), clock: &Clock{}, rand: rand.New(rand.NewPCG(1, 2)),
		tell: p.Tell}
	if l.tell == nil {
		l.tell = func(int, int, time.Time) {}
	}
	l.start = l.calendar.Week(l.now, -pastWeeks)
	l.clock.pin(l.calendar.Week(l.now, -charterWeeks))
	if l.store, err = storage.Open(ctx, part, l.clock.Now, p.Log); err != nil {
		return err
	}
	defer func() {
		if err = errors.Join(err, l.store.Close()); err != nil {
			clear()
			return
		}
		if err = os.Rename(part, p.Path); err != nil {
			err = fmt.Errorf("put the demo's file in its place: %w", err)
			return
		}
		err = clear()
	}()
	if l.program, err = p.Start(ctx, l.store, l.clock); err != nil {
		return err
	}
	mux := http.NewServeMux()
	l.serve = mux
	l.program.Mount(mux, chat.HandlerFunc(func(ctx context.Context, ev chat.Event) (reply chat.Reply, err error) {
		reply, err = l.program.Handle(ctx, ev)
		l.reply = reply
		return reply, err
	}))
	// The file gets its name when it is complete, so that nothing need wait for the disk before.
	err = l.store.Relax(ctx, func() error {
		if err := l.mandate(); err != nil {
			return err
		}
		l.tell(0, 1, l.start)
		if err := l.leads(p.Leads); err != nil {
			return err
		}
		l.script()
		if err := l.live(); err != nil {
			return err
		}
		l.clock.pin(l.now)
		if err := l.crowd(p.Leads, p.Progress); err != nil {
			return err
		}
		return l.store.KeepRollUps(ctx, l.calendar.Loc)
	})
	if err != nil {
		return err
	}
	if err := l.keepMade(p.Leads); err != nil {
		return err
	}
	return writeStory(ctx, l.store, l.now, l.ref(l.invited))
}

// ref is our reference of a lead; "" where there is none.
func (l *past) ref(c *quillwater.Case) (ref string) {
	if c == nil {
		return ""
	}
	err := l.store.View(l.ctx, func(tx *storage.Tx) error {
		lead, err := tx.Lead(c.Lead.ID)
		ref = lead.Ref
		return err
	})
	if err != nil {
		return ""
	}
	return ref
}

// storyLeads is how many leads live through the past at most; the rest of a large company has been there all along.
const (
	storyLeads = quillwater.DefaultLeads
	partLeads  = 10 * quillwater.DefaultLeads // of the others, invented and written at a time
)

// leads writes the story's leads that qualified before the past begins, and keeps the others for their day.
func (l *past) leads(n int) error {
	today := l.calendar.StartOfDay(l.now)
	l.company = quillwater.New(min(n, storyLeads), today, 1)
	labTypes(l.company)
	l.boughtLater = l.company.BoughtLater()
	i, _ := slices.BinarySearchFunc(l.company.Leads, l.start, func(c quillwater.Case, t time.Time) int { return c.Lead.MQLAt.Compare(t) })
	old := l.company
	old.Leads = l.company.Leads[:i]
	l.company.Leads = l.company.Leads[i:]
	return old.Store(l.ctx, l.store, func(int) {})
}

// crowd writes the leads of a company that is larger than the story. They come last, so that the past takes no longer for them:
// the digests that were sent speak of the story's leads alone, those asked for from now on of all.
func (l *past) crowd(n int, progress io.Writer) error {
	today := l.calendar.StartOfDay(l.now)
	begin := time.Now()
	for have, part := storyLeads, uint64(2); have < n; part++ {
		k := min(partLeads, n-have)
		more := quillwater.NewFrom(have+1, k, today, part)
		labTypes(more)
		if err := more.Store(l.ctx, l.store, func(int) {}); err != nil {
			return err
		}
		have += k
		fmt.Fprintf(progress, "%d of %d leads after %s\n", have, n, time.Since(begin).Round(time.Second))
	}
	return nil
}

// arrivals are what the CRM tells: the leads that qualify, what becomes of them, in the order of their dates.
func (l *past) arrivals() []arrival {
	var list []arrival
	for i := range l.company.Leads {
		list = append(list, arrivalsOf(&l.company.Leads[i])...)
	}
	slices.SortStableFunc(list, func(a, b arrival) int { return a.at.Compare(b.at) })
	return list
}

type arrival struct {
	at  time.Time
	put func(*storage.Tx) error

	lead string // whose outcome or rating it is; "" where it is neither
	says truce.Status
}

// arrivalsOf is what the CRM tells of a lead: that it qualified, and what becomes of it.
func arrivalsOf(c *quillwater.Case) []arrival {
	lead := c.Lead
	lead.HandedOffAt = lead.MQLAt
	put := func(tx *storage.Tx) error { _, err := tx.UpsertLead(lead); return err }
	return append([]arrival{{at: lead.MQLAt, put: put}}, fate(c.Fate)...)
}

// fate is what the CRM tells of what becomes of a lead.
func fate(f quillwater.Fate) (list []arrival) {
	for _, o := range f.Outcomes {
		put := func(tx *storage.Tx) error { _, err := tx.AddOutcome(o); return err }
		list = append(list, arrival{o.At, put, o.LeadID, o.Status})
	}
	for _, r := range f.Ratings {
		put := func(tx *storage.Tx) error { _, err := tx.Rate(r); return err }
		list = append(list, arrival{at: r.At, put: put, lead: r.LeadID})
	}
	for _, o := range f.Orders {
		list = append(list, arrival{at: o.At, put: func(tx *storage.Tx) error { _, err := tx.UpsertOrder(o); return err }})
	}
	for _, e := range f.Engagements {
		list = append(list, arrival{at: e.At, put: func(tx *storage.Tx) error { _, err := tx.UpsertEngagement(e); return err }})
	}
	for _, t := range f.Touches {
		list = append(list, arrival{at: t.At, put: func(tx *storage.Tx) error { _, err := tx.AddTouch(t); return err }})
	}
	return list
}

// live goes through the past, moment by moment.
func (l *past) live() error {
	slices.SortStableFunc(l.deeds, func(a, b deed) int { return a.at.Compare(b.at) })
	arrivals, deeds := l.arrivals(), l.deeds
	digests := l.calendar.Week(l.now, -digestWeeks)
	all := l.moments()
	for i, at := range all {
		l.clock.pin(at)
		l.tell(i, len(all), at)
		if at.Equal(digests) {
			l.program.SendDigests()
			if err := l.store.KeepRollUps(l.ctx, l.calendar.Loc); err != nil {
				return fmt.Errorf("keep the sums behind the digests: %w", err)
			}
		}
		n := 0
		for n < len(arrivals) && !arrivals[n].at.After(at) {
			n++
		}
		if n > 0 {
			err := l.store.Update(l.ctx, func(tx *storage.Tx) error {
				for _, a := range arrivals[:n] {
					if err := a.put(tx); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				return fmt.Errorf("what the CRM tells on %s: %w", at.Format(time.RFC3339), err)
			}
			arrivals = arrivals[n:]
		}
		for len(deeds) > 0 && !deeds[0].at.After(at) {
			if err := deeds[0].do(); err != nil {
				return fmt.Errorf("%s on %s: %w", deeds[0].what, deeds[0].at.Format(time.RFC3339), err)
			}
			deeds = deeds[1:]
		}
		if err := l.program.CatchUp(l.ctx); err != nil {
			return err
		}
	}
	return nil
}

// moments are when something may happen: full and half hours of workdays, the deeds' own times, and the present.
func (l *past) moments() []time.Time {
	digests := l.calendar.Week(l.now, -digestWeeks)
	list := slices.Concat(moments(l.calendar, fewMinutes, l.start.Add(-time.Second), digests), moments(l.calendar, dueMinutes, digests, l.now))
	for _, d := range l.deeds {
		list = append(list, d.at)
	}
	slices.SortFunc(list, time.Time.Compare)
	return slices.Compact(list)
}

// at adds a deed; what lies outside the past does not happen.
func (l *past) at(t time.Time, what string, do func() error) {
	if t.Before(l.start) || !t.Before(l.now) {
		return
	}
	l.deeds = append(l.deeds, deed{t.UTC().Truncate(time.Second), what, do})
}

// day is a time of day on the n-th workday before today.
func (l *past) day(n int, clock string) time.Time {
	m, err := truce.ParseMinutes(clock)
	t, ok := l.calendar.AddDays(l.calendar.StartOfDay(l.now), -n)
	if err != nil || !ok {
		panic("demo: no such moment: " + clock)
	}
	return truce.DateOf(t).At(m, time.UTC)
}

// ago is the moment so much business time before the present.
func (l *past) ago(d time.Duration) time.Time { return l.business(l.now, -d) }

func (l *past) business(t time.Time, d time.Duration) time.Time {
	t, ok := l.calendar.Add(t, d)
	if !ok {
		panic("demo: a calendar without business hours")
	}
	return t
}

// spread is the i-th of n moments of business time, evenly over a stretch of it and never quite on the minute.
func (l *past) spread(i, n int, from, to time.Time) time.Time {
	whole := l.calendar.Between(from, to)
	part := whole / time.Duration(n)
	return l.business(from, part*time.Duration(i)+time.Duration(l.rand.Int64N(int64(max(part*8/10, time.Second)))))
}
