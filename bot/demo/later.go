package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"

	"truce"
	"truce/bot/demo/quillwater"
	"truce/storage"
)

// This file is the quarter after the demo's past: the CRM goes on telling what becomes of leads, new ones come in, and the colleagues
// whom nobody plays log objections and dispute leads. All of it follows from the day on which the past was made.

// laterDays is for how long the company lives on.
const laterDays = 91

const (
	madeKey = "demo_made" // what the past was made of
	toldKey = "demo_told" // up to when the CRM has told what came after, RFC 3339
	doneKey = "demo_done" // and up to when colleagues have done what they do
)

// madeOf is what the past was made of.
type madeOf struct {
	At    time.Time `json:"at"` // the present in which it ends
	Leads int       `json:"leads"`
	Taken []string  `json:"taken"` // ids of the leads of its stories, of which the CRM tells no more
}

// keepMade notes what the past was made of, so that what comes later is the same at each start.
func (l *past) keepMade(leads int) error {
	text, err := json.Marshal(madeOf{At: l.now, Leads: leads, Taken: l.company.Taken()})
	if err != nil {
		return fmt.Errorf("note what the past was made of: %w", err)
	}
	return l.store.Update(l.ctx, func(tx *storage.Tx) error { return tx.SetMeta(madeKey, string(text)) })
}

// Later is what happens after the past, in the order of its moments.
type Later struct {
	stage
	log      *slog.Logger
	arrivals []arrival
	deeds    []deed
	calendar truce.Calendar
	made     madeOf
	company  quillwater.Company // whose leads are new
	rand     *rand.Rand
}

// NewLater invents what comes after a store's past; workspace is where people type. A database of an earlier version does not say what
// it was made of: nothing comes after that.
func NewLater(ctx context.Context, store *storage.Store, workspace http.Handler, log *slog.Logger) (*Later, error) {
	l := &Later{stage: stage{ctx: ctx, store: store, serve: workspace}, log: log, calendar: Calendar(), rand: rand.New(rand.NewPCG(5, 6))}
	err := store.View(ctx, func(tx *storage.Tx) error {
		text, err := tx.Meta(madeKey)
		if err != nil || text == "" {
			return err
		}
		return json.Unmarshal([]byte(text), &l.made)
	})
	if err != nil {
		return nil, fmt.Errorf("read what the demo's past was made of: %w", err)
	}
	if l.made.At.IsZero() {
		return l, nil
	}
	today, n := l.calendar.StartOfDay(l.made.At), min(l.made.Leads, storyLeads)
	old := quillwater.New(n, today, 1)
	l.company = quillwater.NewLater(l.made.Leads+1, n, today, today.AddDate(0, 0, laterDays), 1)
	labTypes(l.company)
	l.objections(old.Leads)
	l.disputes()
	l.meetings()
	l.tells(old.Leads)
	slices.SortStableFunc(l.arrivals, func(a, b arrival) int { return a.at.Compare(b.at) })
	slices.SortStableFunc(l.deeds, func(a, b deed) int { return a.at.Compare(b.at) })
	return l, nil
}

// tells is what the CRM tells: first of the leads that were there, then of the new ones.
func (l *Later) tells(old []quillwater.Case) {
	for i := range old {
		if !slices.Contains(l.made.Taken, old[i].Lead.ID) {
			l.arrivals = append(l.arrivals, fate(old[i].Coming)...)
		}
	}
	// What happened on the day itself before the past ended is told within an hour or so: nothing comes in the moment of the start.
	first, _ := l.calendar.Add(l.made.At, time.Hour)
	for i := range l.arrivals {
		if a := &l.arrivals[i]; !a.at.After(l.made.At) {
			a.at = first
		}
	}
	for i := range l.company.Leads {
		if c := &l.company.Leads[i]; c.Lead.MQLAt.After(l.made.At) {
			l.arrivals = append(l.arrivals, arrivalsOf(c)...)
		}
	}
	for _, c := range l.company.Costs {
		put := func(tx *storage.Tx) error { _, err := tx.UpsertCost(c); return err }
		l.arrivals = append(l.arrivals, arrival{at: c.First.At(9*60, time.UTC), put: put})
	}
}

// colleagues are the reps whom nobody plays.
var colleagues = []string{"carla", "dev", "elif", "finn", "grace", "hugo"}

// weekly are the moments of n things a week, spread over the business hours of each.
func (l *Later) weekly(n int, do func(i int, at time.Time)) {
	for week := range laterDays / 7 {
		from := l.made.At.AddDate(0, 0, 7*week)
		hours := l.calendar.Between(from, from.AddDate(0, 0, 7))
		for i := range n {
			part := hours / time.Duration(n)
			if at, ok := l.calendar.Add(from, part*time.Duration(i)+time.Hour+time.Duration(l.rand.Int64N(int64(part-time.Hour)))); ok {
				do(week*n+i, at.Truncate(time.Second))
			}
		}
	}
}

func (l *Later) at(t time.Time, what string, do func() error) {
	l.deeds = append(l.deeds, deed{t, what, do})
}

// objections are heard by the colleagues at companies of leads, and the answer helps more often than not.
func (l *Later) objections(old []quillwater.Case) {
	l.weekly(5, func(i int, at time.Time) {
		who, o := colleagues[i%len(colleagues)], laterHeard[i%len(laterHeard)]
		account := old[len(old)-1-(i*37+11)%min(len(old), 800)].Lead.Company
		l.at(at, who+" hears about "+o.theme, func() error {
			err := l.sends(who, "objection", "", map[string]string{"text": o.text, "theme": o.theme, "account": account, "stage": o.stage})
			if err != nil || i%3 != 0 {
				return err
			}
			return l.helped(who)
		})
	})
}

// helped says of the answer to somebody's newest objection that it helped; nothing where there is none.
func (l *Later) helped(who string) error {
	id, err := l.personOf(who)
	if err != nil {
		return err
	}
	arg := ""
	err = l.store.View(l.ctx, func(tx *storage.Tx) error {
		o, err := tx.LastObjection(id)
		if err != nil {
			return err
		}
		list, err := tx.Answers(o.ThemeID, truce.AnswerApproved)
		if err == nil && len(list) > 0 {
			arg = list[0].ID + " " + o.ID
		}
		return err
	})
	if err != nil || arg == "" {
		return err
	}
	return l.presses(who, "answer.helped", arg)
}

// disputes are opened by the colleagues, two a week. Mia answers within a day and a half unless the reader has, and so it goes on.
func (l *Later) disputes() {
	l.weekly(2, func(i int, at time.Time) {
		who, d := colleagues[(i*5+2)%len(colleagues)], laterDisputes[i%len(laterDisputes)]
		c := l.company.Take(quillwater.Want{Source: d.source, From: l.back(at, 40*time.Hour), To: l.back(at, time.Hour), Owner: who, Reason: d.reason})
		if c == nil || !c.Lead.MQLAt.After(l.made.At) {
			return
		}
		lead := c.Lead.ID
		l.at(at, who+" disputes "+lead, func() error {
			ref := ""
			if err := l.store.View(l.ctx, func(tx *storage.Tx) error {
				found, err := tx.Lead(lead)
				ref = found.Ref
				return err
			}); err != nil {
				return err
			}
			return l.sends(who, "dispute.open", ref, map[string]string{"reason": string(d.reason), "text": d.text})
		})
		answered := l.ahead(at, time.Duration(8+i%5)*time.Hour)
		if !d.declined {
			l.moves(answered, lead, truce.DisputeOpen, "mia", "dispute.uphold", "", "")
			return
		}
		l.moves(answered, lead, truce.DisputeOpen, "mia", "dispute.decline", d.answer, "")
		if i%4 != 1 {
			l.moves(l.ahead(answered, 3*time.Hour), lead, truce.DisputeDeclined, who, "dispute.accept", "", "")
			return
		}
		l.moves(l.ahead(answered, 3*time.Hour), lead, truce.DisputeDeclined, who, "dispute.escalate", "Please look at it once more, both of you.", "")
		l.moves(l.ahead(answered, 9*time.Hour), lead, truce.DisputeEscalated, "sam", "dispute.rule", "One call more, then we know.", "decline")
		l.moves(l.ahead(answered, 11*time.Hour), lead, truce.DisputeEscalated, "mona", "dispute.rule", "Agreed.", "decline")
	})
}

// ahead and back are so much business time away.
func (l *Later) ahead(t time.Time, d time.Duration) time.Time { t, _ = l.calendar.Add(t, d); return t }
func (l *Later) back(t time.Time, d time.Duration) time.Time  { return l.ahead(t, -d) }

// moves takes the case about a lead one step on, where it still waits for that.
func (l *Later) moves(at time.Time, lead string, state truce.DisputeState, who, action, text, way string) {
	l.at(at, who+" "+action, func() error {
		id := ""
		err := l.store.View(l.ctx, func(tx *storage.Tx) error {
			list, err := tx.LeadDisputes(lead)
			if n := len(list); err == nil && n > 0 && list[n-1].State == state {
				id = list[n-1].ID
			}
			return err
		})
		switch {
		case err != nil || id == "":
			return err
		case way != "":
			return l.sends(who, action, id+" "+way, map[string]string{"text": text})
		case text != "":
			return l.sends(who, action, id, map[string]string{"text": text})
		}
		return l.presses(who, action, id)
	})
}

// meetings of the task force are held each week, where the reader has not closed or cancelled them.
func (l *Later) meetings() {
	next, ok := l.calendar.AddDays(l.calendar.StartOfDay(l.made.At), 1)
	if !ok {
		return
	}
	for week := range laterDays / 7 {
		at := l.calendar.Date(next).Add(7*week).At(10*60+20, time.UTC)
		for i, who := range []string{"sam", "mona", "ann", "mia"} {
			l.at(at.Add(time.Duration(i)*time.Minute), who+" is there", func() error {
				m, err := l.running()
				if err != nil || m.ID == "" {
					return err
				}
				if err := l.presses(who, "taskforce.there", m.ID); err != nil || i > 0 {
					return err
				}
				return l.discusses(m.SeriesID)
			})
		}
	}
}

// running is the meeting that has begun and is not closed.
func (l *Later) running() (m truce.Meeting, err error) {
	var series []truce.MeetingSeries
	err = l.store.View(l.ctx, func(tx *storage.Tx) (err error) { series, err = tx.MeetingSeries(tx.Now); return err })
	if err != nil || len(series) == 0 {
		return m, err
	}
	if m, err = l.meeting(series[0].ID); err != nil || m.At.After(l.store.Now()) || m.Over(l.store.Now()) {
		return truce.Meeting{}, err
	}
	return m, nil
}

// Stops are the moments between two at which a colleague does something: a clock that is moved on stops there.
func (l *Later) Stops(from, to time.Time) (list []time.Time) {
	for _, d := range l.deeds {
		if d.at.After(from) && d.at.Before(to) {
			list = append(list, d.at)
		}
	}
	return list
}

// tooLate is how late a deed may be done: what a stopped demo has missed by more has not happened.
const tooLate = 24 * time.Hour

// LiveOn does what has happened by now. A kill in between does nothing twice: what the CRM tells is written with how far it has come,
// and a gesture is called as it was.
func (l *Later) LiveOn(ctx context.Context) error {
	if l.made.At.IsZero() {
		return nil
	}
	now := l.store.Now()
	if err := l.store.Update(ctx, func(tx *storage.Tx) error { return l.tell(tx, now) }); err != nil {
		return fmt.Errorf("what the CRM tells by %s: %w", now.Format(time.RFC3339), err)
	}
	var since time.Time
	err := l.store.View(ctx, func(tx *storage.Tx) (err error) { since, err = l.upTo(tx, doneKey); return err })
	if err != nil {
		return err
	}
	l.ctx = ctx
	last := since
	for i, d := range l.deeds {
		if !d.at.After(since) || d.at.After(now) {
			continue
		}
		if last = d.at; now.Sub(d.at) > tooLate {
			continue
		}
		l.key, l.done = fmt.Sprintf("come%05d-", i), 0
		if err := d.do(); err != nil { // a reader may have done something else meanwhile
			l.log.Warn("a colleague in the demo could not do it", "what", d.what, "error", err)
		}
	}
	if last.Equal(since) {
		return nil
	}
	return l.store.Update(ctx, func(tx *storage.Tx) error { return tx.SetMeta(doneKey, last.UTC().Format(time.RFC3339Nano)) })
}

// tell writes what the CRM tells by now, and that it has.
func (l *Later) tell(tx *storage.Tx, now time.Time) error {
	since, err := l.upTo(tx, toldKey)
	if err != nil {
		return err
	}
	first, _ := slices.BinarySearchFunc(l.arrivals, since, func(a arrival, t time.Time) int { return compareAfter(a.at, t) })
	n := first
	for ; n < len(l.arrivals) && !l.arrivals[n].at.After(now); n++ {
		a := l.arrivals[n]
		if contrary, err := a.contradicts(tx); err != nil || contrary {
			if err != nil {
				return err
			}
			continue
		}
		if err := a.put(tx); err != nil {
			return err
		}
	}
	if n == first {
		return nil
	}
	return tx.SetMeta(toldKey, l.arrivals[n-1].at.UTC().Format(time.RFC3339Nano))
}

// contradicts reports whether the CRM would say of a lead what people here have said otherwise, or dispute. Of a lead that a reader has
// accepted a deal may still be told.
func (a arrival) contradicts(tx *storage.Tx) (bool, error) {
	if a.lead == "" {
		return false, nil
	}
	disputes, err := tx.LeadDisputes(a.lead)
	if err != nil || len(disputes) > 0 {
		return len(disputes) > 0, err
	}
	ratings, err := tx.LeadRatings(a.lead)
	if err != nil {
		return false, err
	}
	if a.says == "" {
		return slices.ContainsFunc(ratings, func(r truce.RatingOf) bool { return strings.HasPrefix(r.Rater, "P-") }), nil
	}
	outcomes, err := tx.LeadOutcomes(a.lead)
	if err != nil {
		return false, err
	}
	here := slices.DeleteFunc(outcomes, func(o truce.Outcome) bool { return o.Origin != truce.FromPerson && o.Origin != truce.FromDispute })
	if len(here) == 0 {
		return false, nil
	}
	return truce.Stand(here, tx.Now).State.Ends() || a.says.Stage() <= truce.StageAccepted, nil
}

// upTo is up to when something has been lived: to the end of the past where nothing has.
func (l *Later) upTo(tx *storage.Tx, key string) (time.Time, error) {
	text, err := tx.Meta(key)
	if err != nil || text == "" {
		return l.made.At, err
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return t, fmt.Errorf("read %s of the demo: %w", key, err)
	}
	return t, nil
}

// compareAfter finds the first moment after t.
func compareAfter(at, t time.Time) int {
	if at.After(t) {
		return 1
	}
	return -1
}
