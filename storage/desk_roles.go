package storage

import (
	"fmt"
	"time"

	"truce"
)

// This file is what a home page holds besides for each role: answers that came for a rep, answers that wait for Marketing, how a
// manager's side keeps its promises, and for the sponsor who cannot sign.

// all is all that waits now, for managers.
func (tx *Tx) deskRoles(t truce.Terms, by truce.Person, all []truce.Pending, d *truce.Desk) (err error) {
	if d.Came, err = tx.CameAnswers(by.ID); err != nil {
		return err
	}
	if by.SpeaksForMarketing() {
		w, err := tx.AnswersWaiting()
		if err != nil {
			return err
		}
		if w.Any() {
			d.Answers = &w
		}
	}
	for _, s := range []truce.Side{truce.Marketing, truce.Sales} {
		if !by.Manages(s) {
			continue
		}
		missed, err := tx.missedOf(s, t.Calendar.MissedFrom(tx.Now))
		if err != nil {
			return err
		}
		d.Promises = append(d.Promises, t.CountPromises(all, missed, s, tx.Now)...)
	}
	if by.Has(truce.Sponsor) {
		d.CouldNot, err = tx.unansweredReasons()
	}
	return err
}

// CameAnswers are the answers in force that were approved in the last truce.CameDays days to what a person had logged when there was
// none, the newest first; those they have judged are read.
func (tx *Tx) CameAnswers(person string) ([]truce.CameAnswer, error) {
	since := millis(tx.Now.AddDate(0, 0, -truce.CameDays))
	list, err := all(tx, func(scan func(...any) error) (c truce.CameAnswer, err error) {
		return c, scan(&c.ID, &c.Theme, &c.Objection)
	}, `SELECT a.id, th.name, (SELECT o.id FROM answer_uses u JOIN objections o ON o.id = u.objection_id
			WHERE u.answer_id = a.id AND u.person_id = ?1 AND o.author_id = ?1 AND o.undone_at IS NULL AND o.created_at < a.approved_at
			ORDER BY o.created_at DESC, o.id DESC LIMIT 1) AS asked
		FROM answers a JOIN themes th ON th.id = a.theme_id
		WHERE a.state = 'approved' AND a.approved_at >= ?2 AND asked IS NOT NULL
		AND NOT EXISTS (SELECT 1 FROM answer_uses u WHERE u.answer_id = a.id AND u.person_id = ?1 AND u.voted_at IS NOT NULL)
		ORDER BY a.approved_at DESC, a.id`, person, since)
	if err != nil {
		return nil, fmt.Errorf("find the answers that came for %s: %w", person, err)
	}
	var came []truce.CameAnswer
	for _, c := range list {
		if c.Answer, err = tx.Answer(c.ID); err != nil {
			return nil, err
		}
		if !c.Hidden(tx.Now) {
			came = append(came, c)
		}
	}
	return came, nil
}

// AnswersWaiting is what waits for Marketing about answers.
func (tx *Tx) AnswersWaiting() (w truce.AnswersWaiting, err error) {
	if w.Requests, err = tx.OpenRequests(); err != nil {
		return w, err
	}
	w.Of = len(w.Requests)
	w.Requests, w.Themes = w.Requests[:min(w.Of, deskRows)], map[string]string{}
	for _, r := range w.Requests {
		th, err := tx.Theme(r.ThemeID)
		if err != nil {
			return w, err
		}
		w.Themes[r.ThemeID] = th.Name
	}
	const open = `SELECT state, review_at FROM answers WHERE state IN ('waiting', 'approved', 'draft')`
	err = tx.each(open, nil, func(scan func(...any) error) error {
		var a truce.Answer
		if err := scan(&a.State, moment{&a.ReviewAt}); err != nil {
			return err
		}
		switch {
		case a.State == truce.AnswerWaiting:
			w.Approve++
		case a.State == truce.AnswerDraft:
			w.Candidates++
		case a.PastReview(tx.Now):
			w.Review++
		}
		return nil
	})
	if err != nil {
		return w, fmt.Errorf("count the answers that wait for Marketing: %w", err)
	}
	return w, nil
}

// missedOf counts the promises of a side that were due since t and were kept late or not at all, by kind.
func (tx *Tx) missedOf(s truce.Side, t time.Time) (map[truce.PromiseKind]int, error) {
	missed := map[truce.PromiseKind]int{}
	err := tx.each(`SELECT kind, count(*) FROM clocks WHERE side = ? AND due_at >= ? AND result IN ('late', 'lapsed') GROUP BY kind`,
		[]any{s, millis(t)}, func(scan func(...any) error) error {
			var k truce.PromiseKind
			var n int
			err := scan(&k, &n)
			missed[k] = n
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("count the promises that %s missed: %w", s, err)
	}
	return missed, nil
}

// unansweredReasons counts who could not sign the text of the charter in force and was not answered.
func (tx *Tx) unansweredReasons() (int, error) {
	versions, err := tx.CharterVersions(tx.Now)
	if err != nil || len(versions) == 0 {
		return 0, err
	}
	n, err := tx.count(`SELECT count(*) FROM signatures WHERE version = ? AND could_not_at IS NOT NULL AND answer = ''`, versions[0].Text)
	if err != nil {
		return 0, fmt.Errorf("count who could not sign: %w", err)
	}
	return int(n), nil
}

// refreshMarketing has the home pages of those who speak for Marketing drawn anew: what waits about answers has changed.
func (tx *Tx) refreshMarketing() error {
	people, err := tx.PeopleWith(truce.Marketer, truce.MarketingManager)
	if err != nil {
		return err
	}
	for _, p := range people {
		if err := tx.RefreshHome(p.ID); err != nil {
			return err
		}
	}
	return nil
}
