package digests

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/schedules"
	"truce/storage"
)

// Timetable are when the digests are due. The zero Spec is never.
type Timetable struct{ Leads, Weekly, Monthly, Recap schedules.Spec }

// onTime is how much after its time a digest may come without saying so.
const onTime = 15 * time.Minute

// Jobs are the jobs that send the digests. Each computes in a View, beside whatever is written, and then takes its run and
// writes its messages in one Update: so a digest is sent once, whoever else tries, and is not lost by a stop in between.
func (d Maker) Jobs(store *storage.Store, times Timetable, log *slog.Logger) []schedules.Job {
	m := mailer{d, store, log}
	return []schedules.Job{
		{Name: "digest.leads", Spec: times.Leads, Run: func(ctx context.Context, due time.Time) error { return m.send(ctx, LeadsDigest, due) }},
		{Name: "digest.weekly", Spec: times.Weekly, Run: func(ctx context.Context,
			due time.Time) error {
			return m.send(ctx, WeeklyDigest, due)
		}},
		{Name: "digest.monthly", Spec: times.Monthly, Run: func(ctx context.Context,
			due time.Time) error {
			return m.send(ctx, MonthlyDigest, due)
		}},
		{Name: "digest.recap", Spec: times.Recap, Run: m.recaps},
	}
}

type mailer struct {
	Maker
	store *storage.Store
	log   *slog.Logger
}

// draft is a digest that is ready but for its id.
type draft struct {
	study   Study  // as everybody may see it
	figures []byte // its report as JSON, docs/digest-json.md
	sent    cards.Sent
	as      map[truce.Sides]*Study // the study by what is withheld from its reader
	to      []reader
	base    []byte // the baseline to freeze; nil where it is

	restated []restated // digests that this one restates
	empty    bool
}

// send makes the digest that was due and writes it to those who get it.
func (m mailer) send(ctx context.Context, kind string, due time.Time) error {
	var dr draft
	err := m.store.View(ctx, func(tx *storage.Tx) (err error) {
		dr, err = m.draft(tx, kind, due)
		return err
	})
	if err != nil || dr.empty {
		return err
	}
	return m.store.Update(ctx, func(tx *storage.Tx) error {
		if ok, err := tx.Claim("digest."+kind, due); err != nil || !ok {
			return err
		}
		id, err := tx.NextDigestID()
		if err != nil {
			return err
		}
		sent := dr.sent
		sent.ID = id
		bodies := map[truce.Sides][]byte{}
		for withheld, s := range dr.as {
			if bodies[withheld], err = json.Marshal(m.card(s, sent, nil)); err != nil {
				return fmt.Errorf("write digest %s: %w", id, err)
			}
		}
		card, body := m.card(&dr.study, sent, nil), bodies[dr.study.Withheld]
		if err := tx.AddDigest(storage.Digest{ID: id, Kind: kind, From: dr.study.From, To: dr.study.To, AsOf: dr.study.AsOf,
			Headline: card.Title.String(), Figures: dr.figures, Card: body}); err != nil {
			return err
		}
		if err := tx.RefreshHomesOf(kind); err != nil {
			return err
		}
		if dr.base != nil {
			if err := tx.SetMeta(baselineKey, string(dr.base)); err != nil {
				return err
			}
		}
		for _, r := range dr.restated {
			if err := tx.Restate(r.said.ID, r.is); err != nil {
				return err
			}
		}
		for _, to := range dr.to {
			msg := to.Message
			msg.Key, msg.Body = storage.DigestKey(kind, due, msg.To), bodies[to.withheld]
			if err := tx.Send(msg); err != nil {
				return err
			}
		}
		return nil
	})
}

// draft computes a digest: the period is the one that was over when it was due, all else is as of now.
func (m mailer) draft(tx *storage.Tx, kind string, due time.Time) (dr draft, err error) {
	req := m.Fill(Query{Kind: kind, AsOf: due})
	req.AsOf = tx.Now
	if req.Withheld, err = tx.WithheldSides(truce.Person{}); err != nil {
		return dr, err
	}
	if dr.study, err = m.Whole(tx, req); err != nil {
		return dr, err
	}
	s := &dr.study
	dr.as = map[truce.Sides]*Study{s.Withheld: s}
	if dr.empty = s.empty(); dr.empty {
		return dr, nil // nobody wants to read that there is nothing to read
	}
	if dr.figures, err = json.Marshal(m.report(s)); err != nil {
		return dr, fmt.Errorf("write the figures of the digest: %w", err)
	}
	dr.sent = cards.Sent{Late: tx.Now.Sub(due) > onTime, Due: due}
	if dr.restated, err = m.restated(tx, kind); err != nil {
		return dr, err
	}
	for _, r := range dr.restated {
		dr.sent.Restated = append(dr.sent.Restated, r.said)
	}
	if dr.to, err = m.readers(tx, kind); err != nil {
		return dr, err
	}
	for _, to := range dr.to { // managers, and a small side itself, read more than the channel
		if dr.as[to.withheld] != nil {
			continue
		}
		req.Withheld = to.withheld
		more, err := m.Whole(tx, req)
		if err != nil {
			return dr, err
		}
		dr.as[to.withheld] = &more
	}
	if kind == MonthlyDigest {
		var base Baseline
		if base, dr.base, err = m.freeze(tx); err != nil {
			return dr, err
		}
		for _, s := range dr.as {
			s.base, s.hasBase = base, true
		}
	}
	return dr, nil
}

// reader is somebody or a channel that gets a digest, and what is withheld from them.
type reader struct {
	storage.Message
	withheld truce.Sides
}

// readers are who gets a digest: its channel and those who have subscribed; the sponsor's month goes to the sponsors.
func (m mailer) readers(tx *storage.Tx, kind string) (list []reader, err error) {
	to := func(id string) {
		dest := storage.ToPerson(id)
		if err != nil || slices.ContainsFunc(list, func(r reader) bool { return r.To == dest }) {
			return
		}
		var p truce.Person
		if p, err = tx.Person(id); err != nil {
			return
		}
		r := reader{Message: storage.Message{To: dest, PersonID: id, Kind: storage.DigestSent}}
		r.withheld, err = tx.WithheldSides(p)
		list = append(list, r)
	}
	everybody, err := tx.WithheldSides(truce.Person{})
	if err != nil {
		return nil, err
	}
	switch kind {
	case LeadsDigest:
		list = append(list, reader{storage.Message{To: storage.ToChannel("digests"), Kind: storage.DigestSent}, everybody})
	case WeeklyDigest:
		list = append(list, reader{storage.Message{To: storage.ToChannel("alignment"), Kind: storage.DigestSent}, everybody})
	case MonthlyDigest:
		sponsors, err := tx.PeopleWith(truce.Sponsor)
		if err != nil {
			return nil, err
		}
		off, err := tx.PrefersDigest(kind, "off")
		if err != nil {
			return nil, err
		}
		for _, p := range sponsors {
			if !slices.Contains(off, p.ID) {
				to(p.ID)
			}
		}
	}
	on, asked := tx.PrefersDigest(kind, "on")
	if asked != nil {
		return nil, asked
	}
	for _, id := range on {
		to(id)
	}
	return list, err
}

// freeze is the figures of the start: those frozen before, else the ones of the day Truce was installed, to be frozen now.
func (m mailer) freeze(tx *storage.Tx) (b Baseline, text []byte, err error) {
	b, ok, err := readBaseline(tx)
	if err != nil || ok {
		return b, nil, err
	}
	installed, err := tx.Meta("installed_at")
	if err != nil {
		return b, nil, err
	}
	at, err := time.Parse(time.RFC3339, installed)
	if err != nil {
		at = tx.Now
	}
	s, err := m.Whole(tx, Query{Kind: MonthlyDigest, AsOf: at})
	if err != nil {
		return b, nil, err
	}
	b = m.baseline(&s)
	year, err := m.closedBetween(tx, &s, m.Calendar.Date(at).Add(-365).At(0, m.loc()), at, at)
	if err != nil {
		return b, nil, err
	}
	b.ClosedWon, b.ClosedLost, b.CloseDays, b.CloseOf = year.ClosedWon, year.ClosedLost, year.CloseDays, year.CloseOf
	text, err = json.Marshal(b)
	return b, text, err
}

// soon is what of a list must be done by the end of the next business day; what has time does not come every morning.
func (m mailer) soon(list []truce.Pending, now time.Time) []truce.Pending {
	end, ok := m.Calendar.AddDays(now, 1)
	if !ok {
		end = now.AddDate(0, 0, 1)
	}
	end = m.Calendar.Date(end).Add(1).At(0, m.loc())
	if i := slices.IndexFunc(list, func(p truce.Pending) bool { return p.First().IsZero() || !p.First().Before(end) }); i >= 0 {
		return list[:i] // they come the first due first
	}
	return list
}

// imports is what imports have brought each owner since the recap before.
func imports(tx *storage.Tx) (since time.Time, own map[string]storage.OwnImported, err error) {
	if since, err = tx.LastRun("digest.recap"); err != nil {
		return since, nil, err
	}
	if since.IsZero() {
		since = tx.Now.AddDate(0, 0, -1)
	}
	list, err := tx.ImportsSince(since, tx.Now)
	if err != nil || !slices.ContainsFunc(list, func(i storage.Import) bool { return i.Added+i.Changed > 0 }) {
		return since, nil, err
	}
	own, err = tx.OwnImported(since, tx.Now)
	return since, own, err
}

// recaps tells each rep, and whoever else asked for it, what waits for them, if anything does.
func (m mailer) recaps(ctx context.Context, due time.Time) error {
	type letter struct {
		person string
		body   []byte
	}
	var letters []letter
	err := m.store.View(ctx, func(tx *storage.Tx) error {
		owed, err := tx.Pending(m.terms(), tx.Now)
		if err != nil {
			return err
		}
		people, err := tx.People()
		if err != nil {
			return err
		}
		on, err := tx.PrefersDigest(MineDigest, "on")
		if err != nil {
			return err
		}
		off, err := tx.PrefersDigest(MineDigest, "off")
		if err != nil {
			return err
		}
		since, imported, err := imports(tx)
		if err != nil {
			return err
		}
		for _, p := range people {
			if slices.Contains(off, p.ID) || !p.Has(truce.Rep) && !slices.Contains(on, p.ID) {
				continue
			}
			mine, err := tx.PendingFor(m.terms(), owed, p.ID)
			if err != nil {
				return err
			}
			items, own := m.soon(mine, tx.Now), imported[p.ID]
			if len(items) == 0 {
				continue
			}
			v := cards.RecapView{Period: m.period(m.Fill(Query{Kind: MineDigest, AsOf: tx.Now})), Items: items, New: own.New, News: own.News,
				Since: since}
			if v.Proposals, v.Actions, err = tx.WaitsBeside(p, m.Calendar.Date(tx.Now)); err != nil {
				return err
			}
			body, err := json.Marshal(cards.Recap(v, m.terms()))
			if err != nil {
				return fmt.Errorf("write the recap of %s: %w", p.ID, err)
			}
			letters = append(letters, letter{p.ID, body})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return m.store.Update(ctx, func(tx *storage.Tx) error { // claimed with nothing to say, too: it was said this morning that nothing waits
		if ok, err := tx.Claim("digest.recap", due); err != nil || !ok {
			return err
		}
		var errs []error
		for _, l := range letters {
			errs = append(errs, tx.Send(storage.Message{Key: fmt.Sprintf("recap:%d>%s", due.UnixMilli(), l.person), To: storage.ToPerson(l.person),
				PersonID: l.person,
				Body:     l.body, Kind: storage.Recap}))
		}
		return errors.Join(errs...)
	})
}
