package transcript

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"truce"
	"truce/bot/chat"
	"truce/schedules"
	"truce/schedules/digests"
	"truce/storage"
)

// This file is what happens around the conversation: time, the CRM, people who come and go.

// step is how finely time passes: jobs run and messages leave at each.
const step = 15 * time.Minute

func (st *Stage) moment(s string) (time.Time, error) {
	if d, err := time.ParseDuration(strings.TrimPrefix(s, "+")); err == nil {
		return st.Now().Add(d), nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return t, fmt.Errorf("a time is +DURATION or RFC 3339: %w", err)
	}
	return t, nil
}

func (st *Stage) set(t time.Time) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.now = t.UTC()
}

// start sets the clock before anything happens.
func (st *Stage) start(s string) error {
	to, err := st.moment(s)
	if err == nil {
		st.set(to)
	}
	return err
}

// pass lets time pass in steps.
func (st *Stage) pass(s string) error {
	to, err := st.moment(s)
	if err != nil {
		return err
	}
	if err := st.work(); err != nil { // jobs begin before time moves
		return err
	}
	for at := st.Now(); at.Before(to); {
		if at = at.Add(step); at.After(to) {
			at = to
		}
		if asleep(at.In(st.calendar.Loc)) && at.Before(to) {
			continue
		}
		st.set(at)
		if err := st.work(); err != nil {
			return err
		}
	}
	return nil
}

// asleep reports whether nothing is ever due at t: nights and weekends are passed over, which keeps long scripts quick.
func asleep(t time.Time) bool {
	return t.Hour() < 8 || t.Hour() >= 18 || t.Weekday() == time.Saturday || t.Weekday() == time.Sunday
}

// jump lets time pass at once, as when Truce was not running.
func (st *Stage) jump(s string) error {
	to, err := st.moment(s)
	if err != nil {
		return err
	}
	if err := st.work(); err != nil {
		return err
	}
	st.set(to)
	return st.work()
}

// work runs the jobs that are due and delivers.
func (st *Stage) work() error {
	if _, err := st.loop.Once(st.T.Context()); err != nil {
		return err
	}
	st.deliver()
	return nil
}

// told is what others tell Truce: the CRM, admins.
func (st *Stage) told(what, rest string) error {
	first, rest, _ := strings.Cut(rest, " ")
	return st.Store.Update(st.T.Context(), func(tx *storage.Tx) error {
		switch what {
		case "lead":
			return st.lead(tx, first, pairs(rest))
		case "outcome":
			return outcome(tx, first, pairs(rest))
		case "touch":
			_, err := tx.AddTouch(truce.Touch{LeadID: first, At: tx.Now, Kind: rest, By: "crm"})
			return err
		case "backup":
			return tx.NoteBackup()
		case "log":
			return st.log(tx, first)
		case "person":
			_, err := tx.AddPerson(truce.Person{Name: rest, Email: first})
			return err
		}
		p, err := tx.PersonByUser(st.user(first))
		if err != nil {
			return err
		}
		if what == "leave" {
			from, to, _ := strings.Cut(rest, " ")
			if p.LeaveFrom, err = st.moment(from); err != nil {
				return err
			}
			if p.LeaveTo, err = st.moment(to); err != nil {
				return err
			}
			return tx.SavePerson(p)
		}
		sign, name, _ := strings.Cut(rest, " ")
		role, err := truce.ParseRole(name)
		if err != nil {
			return err
		}
		if sign == "-" {
			return tx.TakeRole(p.ID, role, "")
		}
		return tx.GiveRole(p.ID, role, "admin")
	})
}

// lead hands a lead over to Sales, as an import would.
func (st *Stage) lead(tx *storage.Tx, id string, v map[string]string) error {
	l := truce.Lead{ID: id, MQLAt: tx.Now, HandedOffAt: tx.Now, Email: v["email"], Name: v["name"], Company: v["company"], Source: v["source"],
		Campaign: v["campaign"], Segment: v["segment"], Owner: v["owner"], ICPFit: truce.ICPFit(v["icp"]), Attrs: map[string]string{}}
	if v["handed"] == "no" {
		l.HandedOffAt = time.Time{}
	}
	if v["mql"] != "" {
		t, err := st.moment(v["mql"])
		if err != nil {
			return err
		}
		l.MQLAt = t
	}
	if v["score"] != "" {
		score, err := strconv.ParseFloat(v["score"], 64)
		if err != nil {
			return err
		}
		l.Score, l.HasScore = score, true
	}
	for name, value := range v { // attr.AE="Jo March"
		if name, ok := strings.CutPrefix(name, "attr."); ok {
			l.Attrs[name] = value
		}
	}
	_, err := tx.UpsertLead(l)
	return err
}

func outcome(tx *storage.Tx, id string, v map[string]string) error {
	status, err := truce.ParseStatus(v["status"])
	if err != nil {
		return err
	}
	o := truce.Outcome{LeadID: id, DealID: v["deal"], Status: status, At: tx.Now, Reason: truce.Reason(v["reason"]), Origin: truce.FromImport}
	if v["amount"] != "" {
		if o.Amount, o.HasAmount, err = truce.ParseAmount(v["amount"], v["currency"], truce.NumberPlain); err != nil {
			return err
		}
	}
	_, err = tx.AddOutcome(o)
	return err
}

// log shows the audit log of a subject, and its promises.
func (st *Stage) log(tx *storage.Tx, subject string) error {
	entries, err := tx.AuditOf(subject)
	if err != nil {
		return err
	}
	name := func(id string) string {
		if p, err := tx.Person(id); err == nil {
			return p.Name
		}
		return "Truce"
	}
	for _, e := range entries {
		st.say(e.At.Format("Mon 15:04") + " " + name(e.PersonID) + " " + e.Action)
	}
	promises, err := tx.Promises(subject)
	if err != nil {
		return err
	}
	for _, p := range promises {
		result := string(p.Result)
		if p.Result == truce.Running {
			result = "running"
		}
		who := ""
		if p.PersonID != "" {
			who = " (" + name(p.PersonID) + ")"
		}
		st.say(fmt.Sprintf("promise: %s of %s%s, due %s: %s", p.Kind, p.Side, who, p.DueAt.Format("Mon 15:04"), result))
	}
	return nil
}

// SetHome shows a home page that was drawn anew.
func (st *Stage) SetHome(_ context.Context, user string, card chat.Card) error {
	name := user[strings.LastIndex(user, ":")+1:]
	st.say(strings.ReplaceAll("→ home of "+name+"\n"+chat.PlainText(card, 100), "\n", "\n  "))
	st.mu.Lock()
	defer st.mu.Unlock()
	st.show(name, message{ref: chat.Ref{ID: "home-" + name}, card: card, place: chat.Place{Kind: chat.DM, User: user}})
	return nil
}

// sendDigests lets digests come on the product's own schedule, with the silence budget and working hours.
func (st *Stage) sendDigests() error {
	calendar := st.calendar
	var times digests.Timetable
	for line, spec := range map[string]*schedules.Spec{"0 9 * * 1": &times.Leads, "0 14 * * 4": &times.Weekly, "0 9 1 * *": &times.Monthly,
		"30 8 * * 1-5": &times.Recap} {
		var err error
		if *spec, err = schedules.Parse(line, calendar.Loc); err != nil {
			return err
		}
	}
	maker := digests.Maker{Calendar: calendar, Terms: st.terms}
	st.loop.Jobs = append(st.loop.Jobs, maker.Jobs(st.Store, times, st.loop.Log)...)
	st.Delivery.Hold = schedules.Peace{Calendar: calendar}.Hold
	return nil
}

// Pressable is what can be pressed on all cards that were ever shown to anybody: by the action's name, the newest event.
func (st *Stage) Pressable() map[string]chat.Event {
	found := map[string]chat.Event{}
	for _, name := range slices.Sorted(maps.Keys(st.ever)) {
		for _, m := range st.ever[name] {
			for _, b := range buttons(m.card) {
				found[b.Action] = chat.Event{Kind: chat.Action, Name: b.Action, Arg: b.Arg, Source: m.ref, Place: m.place}
			}
			for _, b := range m.card.Blocks {
				if s := b.Select; s != nil && len(s.Options) > 0 {
					found[s.Action] = chat.Event{Kind: chat.Action, Name: s.Action, Arg: s.Arg, Values: map[string]string{"value": s.Options[0].Value},
						Source: m.ref, Place: m.place}
				}
			}
		}
	}
	delete(found, "")
	return found
}
