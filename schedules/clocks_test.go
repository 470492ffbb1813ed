package schedules_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"truce"
	"truce/bot/chat"
	"truce/schedules"
	"truce/schedules/delivery"
	"truce/storage"
)

// world is a company of nine with a store, clocks and a platform that loses messages now and then.
type world struct {
	t        *testing.T
	store    *storage.Store
	terms    truce.Terms
	clocks   schedules.Clocks
	delivery *delivery.Delivery
	now      time.Time
	lost     map[string]bool // platform ids that take no messages
	people   []truce.Person
	r        *rand.Rand
	leads    int
}

func (w *world) Name() string                                  { return "fake" }
func (w *world) Run(ctx context.Context, _ chat.Handler) error { <-ctx.Done(); return nil }
func (w *world) Send(_ context.Context, m chat.Outgoing) (chat.Ref, error) {
	if w.lost[m.To.User] {
		return chat.Ref{}, &chat.SendError{Trouble: chat.Later, RetryAfter: time.Hour, Err: errors.New("lost")}
	}
	return chat.Ref{Place: m.To, ID: m.Key}, nil
}

func newWorld(t *testing.T, seed uint64) *world {
	w := &world{t: t, now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), terms: truce.NewTerms(truce.NewCalendar(time.UTC)),
		lost: map[string]bool{},
		r:    rand.New(rand.NewPCG(seed, 2))}
	w.store = openAt(t, &w.now)
	log := slog.New(slog.DiscardHandler)
	w.clocks = schedules.Clocks{Store: w.store, Terms: w.terms, Log: log}
	w.delivery = &delivery.Delivery{Store: w.store, Adapters: map[string]chat.Adapter{"fake": w}, Subjects: delivery.Subjects(w.terms),
		Concerns: delivery.WhoIsConcerned, Log: log,
		Channel: func(*storage.Tx, string) ([]chat.Place, error) {
			return []chat.Place{{ID: "fake:c", Kind: chat.Channel}}, nil
		}}
	w.update(func(tx *storage.Tx) error {
		for i, role := range []truce.Role{truce.Rep, truce.Rep, truce.Rep, truce.Marketer, truce.Marketer, truce.SalesManager,
			truce.MarketingManager, truce.Sponsor, truce.Admin} {
			p, err := tx.AddPerson(truce.Person{Name: fmt.Sprint(role, i)})
			if err != nil {
				return err
			}
			if err := errors.Join(tx.Identify(p.ID, "fake:"+p.ID, p.Name, "member"), tx.GiveRole(p.ID, role, "config")); err != nil {
				return err
			}
			if p, err = tx.Person(p.ID); err != nil {
				return err
			}
			w.people = append(w.people, p)
		}
		return nil
	})
	return w
}

func (w *world) update(fn func(tx *storage.Tx) error) {
	w.t.Helper()
	if err := w.store.Update(w.t.Context(), fn); err != nil {
		w.t.Fatal(err)
	}
}

// pass lets time pass in steps.
func (w *world) pass(d, step time.Duration) {
	for end := w.now.Add(d); w.now.Before(end); {
		w.now = w.now.Add(step)
		w.work()
	}
}

func (w *world) work() {
	w.t.Helper()
	if err := w.clocks.Once(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	for range 50 {
		if n, err := w.delivery.Once(w.t.Context()); err != nil || n == 0 {
			if err != nil {
				w.t.Fatal(err)
			}
			return
		}
	}
}

// someone is a random person.
func (w *world) someone() truce.Person { return w.people[w.r.IntN(len(w.people))] }

// act does one random thing that people do; what is refused does nothing.
func (w *world) act() {
	reasons := []truce.Reason{"outside-icp", "wrong-person", "duplicate"}
	w.update(func(tx *storage.Tx) error {
		by, now := w.someone(), tx.Now
		open, err := tx.OpenDisputes()
		if err != nil {
			return err
		}
		if w.r.IntN(4) == 0 || len(open) == 0 {
			w.leads++
			l := truce.Lead{ID: fmt.Sprint("a", w.leads), Company: "Lab", MQLAt: now, HandedOffAt: now, Source: "Webinar",
				OwnerID: w.people[w.r.IntN(3)].ID}
			if _, err := tx.UpsertLead(l); err != nil {
				return err
			}
			if l, err = tx.Lead(l.ID); err != nil {
				return err
			}
			reason := reasons[w.r.IntN(3)]
			if w.terms.MayOpen(l, reason, by, now) == nil {
				_, err = tx.OpenDispute(w.terms, truce.NewDispute(l, reason, "so it is", by, now), "fake")
			}
			return err
		}
		before := open[w.r.IntN(len(open))]
		d, s := before, truce.Step{By: by.ID, Network: "fake"}
		switch w.r.IntN(9) {
		case 0:
			s.Action, s.Did, s.Side, err = "dispute.uphold", truce.AnswerPromise, truce.Marketing, d.Uphold(w.terms, by, "", now)
		case 1, 2:
			s.Action, s.Did, s.Side, err = "dispute.decline", truce.AnswerPromise, truce.Marketing, d.Decline(w.terms, by, "no", now)
		case 3:
			s.Action, s.Side, err = "dispute.ask", truce.Marketing, d.Ask(w.terms, by, "who?", now)
		case 4:
			s.Action, s.Did, s.Side, err = "dispute.provide", truce.EvidencePromise, truce.Sales, d.Provide(w.terms, by, "Kim", now)
		case 5:
			s.Action, s.Did, s.Side, err = "dispute.accept", truce.ReplyPromise, truce.Sales, d.Accept(w.terms, by, now)
		case 6:
			s.Action, s.Did, s.Side, err = "dispute.escalate", truce.ReplyPromise, truce.Sales, d.Escalate(w.terms, by, "", now)
		case 7:
			s.Action, s.Did = "dispute.rule", truce.RulingPromise
			s.Side, err = d.Rule(w.terms, by, w.r.IntN(2) == 0, "", now)
		case 8:
			if w.r.IntN(4) > 0 {
				return nil
			}
			s.Action, s.Side, err = "dispute.withdraw", truce.Sales, d.Withdraw(w.terms, by, now)
		}
		if err != nil {
			if truce.KindOf(err) == truce.Internal {
				return err
			}
			return nil
		}
		_, err = tx.MoveDispute(w.terms, before, d, s)
		return err
	})
}

// upset makes somebody go on leave, unreachable, or come back.
func (w *world) upset() {
	p := w.someone()
	switch w.r.IntN(3) {
	case 0:
		w.lost["fake:"+p.ID] = !w.lost["fake:"+p.ID]
	case 1:
		p.LeaveFrom, p.LeaveTo = w.now, w.now.Add(time.Duration(w.r.IntN(100))*time.Hour)
		w.update(func(tx *storage.Tx) error { return tx.SavePerson(p) })
	}
}

// check holds the store against what must always be.
func (w *world) check(settled bool) {
	w.t.Helper()
	err := w.store.View(w.t.Context(), func(tx *storage.Tx) error {
		answers := map[string]int{}
		for i := 1; ; i++ {
			d, err := tx.Dispute(fmt.Sprintf("D-%d", i))
			if truce.KindOf(err) == truce.NotFound {
				break
			}
			if err != nil {
				return err
			}
			if err := w.checkCase(tx, d, settled, answers); err != nil {
				return fmt.Errorf("%s (%s %s): %w", d.ID, d.State, d.Outcome, err)
			}
		}
		for who, n := range answers {
			if n > w.terms.MostAnswers {
				return fmt.Errorf("%s owes %d answers at once", who, n)
			}
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) checkCase(tx *storage.Tx, d truce.Dispute, settled bool, answers map[string]int) error {
	if settled && !d.Closed() {
		return errors.New("it never ended")
	}
	log, err := tx.AuditOf(d.ID)
	if err != nil {
		return err
	}
	if len(log) != d.Version {
		return fmt.Errorf("%d steps in the log, version %d", len(log), d.Version)
	}
	for i, e := range log {
		var s truce.StepTaken
		if err := json.Unmarshal(e.Detail, &s); err != nil || s.Version != i+1 {
			return fmt.Errorf("step %d of the log is %+v, %v", i, s, err)
		}
	}
	promises, err := tx.Promises(d.ID)
	if err != nil {
		return err
	}
	for _, p := range promises {
		switch {
		case p.Result == truce.Running || p.Result == truce.Paused:
			owed := p.Kind == truce.AnswerPromise && d.State == truce.DisputeAsked && p.Result == truce.Paused
			for _, o := range d.Owed() {
				owed = owed || o.Kind == p.Kind && o.Side == p.Side
			}
			if !owed {
				return fmt.Errorf("%s of %s is owed by nobody and goes on", p.Kind, p.Side)
			}
			if p.Kind == truce.AnswerPromise && p.Result == truce.Running {
				answers[p.PersonID]++
			}
		case p.StoppedAt.IsZero():
			return fmt.Errorf("%s ended %s at no time", p.Kind, p.Result)
		case p.Result == truce.Lapsed:
			at, _, err := tx.ReminderDelivered(p)
			if err != nil {
				return err
			}
			if at.IsZero() || w.terms.Calendar.Between(at, p.DueAt) < w.terms.Notice {
				return fmt.Errorf("%s lapsed at %v with a reminder delivered at %v", p.Kind, p.DueAt, at)
			}
		}
	}
	lead, err := tx.Lead(d.LeadID)
	if err != nil {
		return err
	}
	back := lead.State == truce.Rejected || lead.State == truce.Recycled
	if d.Closed() && d.Outcome == truce.Upheld && !back {
		return fmt.Errorf("upheld, and the lead is %q", lead.State)
	}
	return nil
}

// TestCasesAlwaysEnd lets people do random things for weeks, fall ill and be unreachable, and then lets time pass: what must
// always hold holds at each step, nothing lapsed without a reminder in time, and every case and every clock has ended.
func TestCasesAlwaysEnd(t *testing.T) {
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, seed)
			for range 120 {
				w.act()
				if w.r.IntN(10) == 0 {
					w.upset()
				}
				w.pass(time.Duration(w.r.IntN(5))*time.Hour, 15*time.Minute)
				w.check(false)
			}
			w.lost = map[string]bool{}
			w.pass(45*24*time.Hour, time.Hour)
			w.check(true)
			w.store.View(t.Context(), func(tx *storage.Tx) error {
				for _, p := range w.people {
					open, err := tx.PromisesBy(p.ID)
					if err != nil || len(open) > 0 {
						t.Errorf("%s still owes %+v, %v", p.ID, open, err)
					}
				}
				return nil
			})
		})
	}
}

// TestNobodyOwesMoreThanTenAnswers opens more cases than two marketers can answer: the rest wait, and get their time as the
// others are answered.
func TestNobodyOwesMoreThanTenAnswers(t *testing.T) {
	w := newWorld(t, 1)
	ann, mia := w.people[0], w.people[3]
	running := func() (n int) {
		w.store.View(t.Context(), func(tx *storage.Tx) error {
			for _, p := range w.people[3:5] {
				list, err := tx.PromisesBy(p.ID)
				if err != nil {
					t.Error(err)
				}
				n += len(list)
			}
			return nil
		})
		return n
	}
	w.update(func(tx *storage.Tx) error {
		for i := range 25 {
			l := truce.Lead{ID: fmt.Sprint("a", i), MQLAt: tx.Now, HandedOffAt: tx.Now, Source: fmt.Sprint("source ", i)}
			if _, err := tx.UpsertLead(l); err != nil {
				return err
			}
			if _, err := tx.OpenDispute(w.terms, truce.NewDispute(l, "no-need", "so", ann, tx.Now), "fake"); err != nil {
				return err
			}
		}
		return nil
	})
	if n := running(); n != 20 {
		t.Errorf("%d clocks run for two marketers, want 20", n)
	}
	w.update(func(tx *storage.Tx) error {
		for _, id := range []string{"D-1", "D-2", "D-3"} {
			before, err := tx.Dispute(id)
			if err != nil {
				return err
			}
			d := before
			if err := d.Uphold(w.terms, mia, "", tx.Now); err != nil {
				return err
			}
			if _, err := tx.MoveDispute(w.terms, before, d, truce.Step{Action: "dispute.uphold", By: mia.ID, Did: truce.AnswerPromise,
				Side: truce.Marketing}); err != nil {
				return err
			}
		}
		return nil
	})
	w.work()
	if n := running(); n != 20 {
		t.Errorf("%d clocks run after three answers, want 20 again", n)
	}
}

// BenchmarkClocks is one turn of the clocks, which comes every minute, with 500 open cases and 5,000 leads that wait for a
// verdict, none of them due.
func BenchmarkClocks(b *testing.B) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	store, err := storage.Open(context.Background(), filepath.Join(b.TempDir(), "truce.db"), func() time.Time { return now },
		slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	k := schedules.Clocks{Store: store, Terms: truce.NewTerms(truce.NewCalendar(time.UTC)), Log: slog.New(slog.DiscardHandler)}
	err = store.Update(b.Context(), func(tx *storage.Tx) error {
		var reps []truce.Person
		for i := range 80 {
			p, err := tx.AddPerson(truce.Person{Name: fmt.Sprint("p", i)})
			if err != nil {
				return err
			}
			role := truce.Rep
			if i >= 20 {
				role = truce.Marketer
			}
			if err := errors.Join(tx.Identify(p.ID, "fake:"+p.ID, p.Name, "member"), tx.GiveRole(p.ID, role, "config")); err != nil {
				return err
			}
			reps = append(reps, p)
		}
		for i := range 5500 {
			l := truce.Lead{ID: fmt.Sprint("a", i), MQLAt: now, HandedOffAt: now, Source: fmt.Sprint("source ", i%40), OwnerID: reps[i%20].ID}
			if _, err := tx.UpsertLead(l); err != nil {
				return err
			}
			if i >= 500 {
				continue
			}
			if _, err := tx.OpenDispute(k.Terms, truce.NewDispute(l, "no-need", "so", reps[i%20], now), "fake"); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	for range 12 { // the first turns start the leads' clocks
		if err := k.Once(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if err := k.Once(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
