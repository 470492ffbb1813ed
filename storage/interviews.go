package storage

import (
	"fmt"
	"slices"
	"strings"

	"truce"
)

// This file is about interviews with customers: what was asked and said, and who may hear of it.

const interviewColumns = `id, account, account_key, segment, standing, who, who_email, who_role, consent, interviewer_id, state, place, questions, started_at, changed_at, finished_at`

func scanInterview(scan func(...any) error) (i truce.Interview, err error) {
	return i, scan(&i.ID, &i.Account, &i.AccountKey, &i.Segment, &i.Standing, &i.Who, &i.WhoEmail, &i.WhoRole, &i.Consent, &i.By, &i.State,
		&i.Place,
		fromJSON{&i.Questions}, moment{&i.StartedAt}, moment{&i.ChangedAt}, moment{&i.FinishedAt})
}

// AddInterview stores a new interview, with its answers, and gives it an id. Its segment is that of the account's newest lead, where
// nobody said one.
func (tx *Tx) AddInterview(i truce.Interview) (truce.Interview, error) {
	n, err := tx.next("interview")
	if err != nil {
		return i, fmt.Errorf("number an interview: %w", err)
	}
	i.ID, i.StartedAt, i.ChangedAt = fmt.Sprintf("I-%d", n), tx.Now, tx.Now
	return i, tx.SaveInterview(i)
}

// SaveInterview stores an interview as it is, with its answers.
func (tx *Tx) SaveInterview(i truce.Interview) (err error) {
	i.AccountKey, i.WhoEmail = truce.FoldAccount(i.Account), truce.FoldEmail(i.WhoEmail)
	if i.Segment == "" {
		if i.Segment, err = tx.segmentOf(i); err != nil {
			return err
		}
	}
	err = tx.exec(`INSERT INTO interviews (`+interviewColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET account = excluded.account, account_key = excluded.account_key, segment = excluded.segment,
		standing = excluded.standing,
			who = excluded.who, who_email = excluded.who_email, who_role = excluded.who_role, consent = excluded.consent, state = excluded.state,
			place = excluded.place,
			changed_at = excluded.changed_at, finished_at = excluded.finished_at`,
		i.ID, i.Account, i.AccountKey, i.Segment, i.Standing, i.Who, i.WhoEmail, i.WhoRole, i.Consent, i.By, i.State, i.Place,
		asJSON(i.Questions), millis(i.StartedAt),
		millis(i.ChangedAt), millis(i.FinishedAt))
	if err == nil {
		err = tx.exec(`DELETE FROM interview_answers WHERE interview_id = ?`, i.ID)
	}
	for _, a := range i.Answers {
		if err == nil {
			err = tx.exec(`INSERT INTO interview_answers (interview_id, place, text, at) VALUES (?, ?, ?, ?)`, i.ID, a.Place, a.Text, millis(a.At))
		}
	}
	if err != nil {
		return fmt.Errorf("save interview %s: %w", i.ID, err)
	}
	return tx.RefreshHome(i.By)
}

// segmentOf is the segment of the account's newest lead; "" where none says one.
func (tx *Tx) segmentOf(i truce.Interview) (string, error) {
	list, err := tx.texts(`SELECT segment FROM leads
		WHERE segment <> '' AND (account = ?1 OR lower(company) = ?2) ORDER BY mql_at DESC, id LIMIT 1`, i.AccountKey, strings.ToLower(i.Account))
	if err != nil || len(list) == 0 {
		return "", err
	}
	return list[0], nil
}

// interviewsWhere reads interviews with their answers.
func (tx *Tx) interviewsWhere(where string, args ...any) ([]truce.Interview, error) {
	list, err := all(tx, scanInterview, `SELECT `+interviewColumns+` FROM interviews `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("read interviews: %w", err)
	}
	for n := range list {
		list[n].Answers, err = all(tx, func(scan func(...any) error) (a truce.InterviewAnswer, err error) {
			return a, scan(&a.Place, &a.Text, moment{&a.At})
		}, `SELECT place, text, at FROM interview_answers WHERE interview_id = ? ORDER BY place`, list[n].ID)
		if err != nil {
			return nil, fmt.Errorf("read the answers of %s: %w", list[n].ID, err)
		}
	}
	return list, nil
}

// Interview finds an interview by its id.
func (tx *Tx) Interview(id string) (truce.Interview, error) {
	list, err := tx.interviewsWhere(`WHERE id = ?`, strings.ToUpper(id))
	if err == nil && len(list) == 0 {
		err = truce.Errorf(truce.NotFound, "There is no interview %q.", id)
	}
	if err != nil {
		return truce.Interview{}, err
	}
	return list[0], nil
}

// OpenInterviews are those of a person that can be gone on with, the one last worked at first.
func (tx *Tx) OpenInterviews(person string) ([]truce.Interview, error) {
	return tx.interviewsWhere(`WHERE interviewer_id = ? AND state IN ('asking', 'paused', 'draft') ORDER BY changed_at DESC, id DESC`, person)
}

// InterviewsWith are those with an account, the oldest first; not what was discarded.
func (tx *Tx) InterviewsWith(account string) ([]truce.Interview, error) {
	return tx.interviewsWhere(`WHERE account_key = ? AND state <> 'discarded' ORDER BY started_at, id`, truce.FoldAccount(account))
}

// AskOnly makes an interview the only one of its interviewer's that is being asked, and tells which was so before: nil where none.
func (tx *Tx) AskOnly(i truce.Interview) (before *truce.Interview, err error) {
	list, err := tx.interviewsWhere(`WHERE interviewer_id = ? AND state = 'asking' AND id <> ? ORDER BY changed_at DESC`, i.By, i.ID)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	if err := tx.exec(`UPDATE interviews SET state = 'paused' WHERE interviewer_id = ? AND state = 'asking' AND id <> ?`, i.By,
		i.ID); err != nil {
		return nil, fmt.Errorf("pause the other interviews of %s: %w", i.By, err)
	}
	return &list[0], nil
}

const statementColumns = `id, interview_id, direction, measure, object, circumstance, quote, importance, satisfaction, created_at, removed_at`

func scanStatement(scan func(...any) error) (s truce.OutcomeStatement, err error) {
	var rating [2]*int
	err = scan(&s.ID, &s.InterviewID, &s.Direction, &s.Measure, &s.Object, &s.Circumstance, &s.Quote, &rating[0], &rating[1],
		moment{&s.CreatedAt}, moment{&s.RemovedAt})
	s.Rating = ratingOf(rating)
	return s, err
}

func ratingOf(v [2]*int) (r truce.OutcomeRating) {
	if v[0] != nil {
		r.Importance, r.HasImportance = *v[0], true
	}
	if v[1] != nil {
		r.Satisfaction, r.HasSatisfaction = *v[1], true
	}
	return r
}

func ratingValues(r truce.OutcomeRating) (importance, satisfaction any) {
	if r.HasImportance {
		importance = r.Importance
	}
	if r.HasSatisfaction {
		satisfaction = r.Satisfaction
	}
	return importance, satisfaction
}

// AddStatement stores an outcome that a customer named, and gives it an id.
func (tx *Tx) AddStatement(s truce.OutcomeStatement) (truce.OutcomeStatement, error) {
	n, err := tx.next("statement")
	if err != nil {
		return s, fmt.Errorf("number an outcome: %w", err)
	}
	s.ID, s.CreatedAt = fmt.Sprintf("S-%d", n), tx.Now
	importance, satisfaction := ratingValues(s.Rating)
	err = tx.exec(`INSERT INTO outcome_statements (`+statementColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)`,
		s.ID, s.InterviewID, s.Direction, s.Measure, s.Object, s.Circumstance, s.Quote, importance, satisfaction, millis(s.CreatedAt))
	if err != nil {
		return s, fmt.Errorf("save outcome %s: %w", s.ID, err)
	}
	return s, nil
}

// Statement finds an outcome that a customer named.
func (tx *Tx) Statement(id string) (truce.OutcomeStatement, error) {
	list, err := all(tx, scanStatement, `SELECT `+statementColumns+` FROM outcome_statements WHERE id = ?`, id)
	if err == nil && len(list) == 0 {
		err = truce.Errorf(truce.NotFound, "There is no outcome %q.", id)
	}
	if err != nil {
		return truce.OutcomeStatement{}, err
	}
	return list[0], nil
}

// RemoveStatement takes an outcome back: from now on it counts nowhere.
func (tx *Tx) RemoveStatement(id string) error {
	if err := tx.exec(`UPDATE outcome_statements SET removed_at = ? WHERE id = ? AND removed_at IS NULL`, millis(tx.Now), id); err != nil {
		return fmt.Errorf("take outcome %s back: %w", id, err)
	}
	return nil
}

// AddInventoryOutcome makes an outcome of the inventory with a name.
func (tx *Tx) AddInventoryOutcome(name, by string) (string, error) {
	n, err := tx.next("inventory")
	if err != nil {
		return "", fmt.Errorf("number an outcome of the inventory: %w", err)
	}
	id := fmt.Sprintf("OI-%d", n)
	if err := tx.exec(`INSERT INTO inventory_outcomes (id, created_at) VALUES (?, ?)`, id, millis(tx.Now)); err != nil {
		return "", fmt.Errorf("save outcome %s of the inventory: %w", id, err)
	}
	return id, tx.NameInventoryOutcome(id, name, by)
}

// NameInventoryOutcome calls an outcome of the inventory otherwise from now on.
func (tx *Tx) NameInventoryOutcome(id, name, by string) error {
	if err := tx.exec(`INSERT INTO inventory_names (outcome_id, name, named_by, at) VALUES (?, ?, ?, ?)`, id, name, by,
		millis(tx.Now)); err != nil {
		return fmt.Errorf("name outcome %s of the inventory: %w", id, err)
	}
	return nil
}

// MergeInventoryOutcome makes an outcome part of another from now on. Whoever calls it has resolved both: a merge makes no circle.
func (tx *Tx) MergeInventoryOutcome(from, into string) error {
	n, err := tx.execN(`UPDATE inventory_outcomes SET merged_into = ?, merged_at = ? WHERE id = ? AND merged_into = ''`, into, millis(tx.Now),
		from)
	if err == nil && n == 0 {
		err = truce.Errorf(truce.Conflict, "It was merged already. Nothing changed.")
	}
	if err != nil {
		return fmt.Errorf("merge outcome %s of the inventory: %w", from, err)
	}
	return nil
}

// GroupStatement makes a statement one of an outcome of the inventory, from now on.
func (tx *Tx) GroupStatement(statement, outcome, by string) error {
	err := tx.exec(`INSERT INTO inventory_groupings (statement_id, outcome_id, grouped_by, at) VALUES (?, ?, ?, ?)`, statement, outcome, by,
		millis(tx.Now))
	if err != nil {
		return fmt.Errorf("put outcome %s into the inventory: %w", statement, err)
	}
	return nil
}

// RateOutcome keeps that a customer was asked to rate an outcome of the inventory, and what they said.
func (tx *Tx) RateOutcome(interview, outcome string, r truce.OutcomeRating) error {
	importance, satisfaction := ratingValues(r)
	err := tx.exec(`INSERT INTO inventory_ratings (interview_id, outcome_id, importance, satisfaction, at) VALUES (?, ?, ?, ?, ?)`, interview,
		outcome, importance, satisfaction, millis(tx.Now))
	if err != nil {
		return fmt.Errorf("keep the rating of %s: %w", outcome, err)
	}
	return nil
}

// InventoryData is all that inventories are made of: see truce.InventoryData.Take.
func (tx *Tx) InventoryData() (d truce.InventoryData, err error) {
	if d.Interviews, err = tx.interviewsWhere(`WHERE state <> 'discarded' ORDER BY started_at, id`); err != nil {
		return d, err
	}
	d.Statements, err = all(tx, scanStatement, `SELECT `+statementColumns+` FROM outcome_statements ORDER BY created_at, length(id), id`)
	if err != nil {
		return d, fmt.Errorf("read the outcomes of interviews: %w", err)
	}
	d.Outcomes, err = all(tx, func(scan func(...any) error) (o truce.InventoryOutcome, err error) {
		return o, scan(&o.ID, &o.MergedInto, moment{&o.MergedAt}, moment{&o.CreatedAt})
	}, `SELECT id, merged_into, merged_at, created_at FROM inventory_outcomes ORDER BY created_at, length(id), id`)
	if err != nil {
		return d, fmt.Errorf("read the inventory: %w", err)
	}
	d.Names, err = all(tx, func(scan func(...any) error) (n truce.OutcomeName, err error) {
		return n, scan(&n.OutcomeID, &n.Name, moment{&n.At})
	}, `SELECT outcome_id, name, at FROM inventory_names ORDER BY seq`)
	if err != nil {
		return d, fmt.Errorf("read the names of the inventory: %w", err)
	}
	d.Groupings, err = all(tx, func(scan func(...any) error) (g truce.Grouping, err error) {
		return g, scan(&g.StatementID, &g.OutcomeID, moment{&g.At})
	}, `SELECT statement_id, outcome_id, at FROM inventory_groupings ORDER BY seq`)
	if err != nil {
		return d, fmt.Errorf("read the groups of the inventory: %w", err)
	}
	d.Ratings, err = all(tx, func(scan func(...any) error) (r truce.AskedRating, err error) {
		var rating [2]*int
		err = scan(&r.InterviewID, &r.OutcomeID, &rating[0], &rating[1], moment{&r.At})
		r.Rating = ratingOf(rating)
		return r, err
	}, `SELECT interview_id, outcome_id, importance, satisfaction, at FROM inventory_ratings ORDER BY seq`)
	if err != nil {
		return d, fmt.Errorf("read the ratings of the inventory: %w", err)
	}
	return d, nil
}

// RepsWithOpenDeals are the active reps who have an open deal in a segment: of its leads, or of accounts whose newest lead is of it.
func (tx *Tx) RepsWithOpenDeals(segment string) ([]string, error) {
	if segment == "" {
		return nil, nil
	}
	list, err := all(tx, func(scan func(...any) error) (id string, err error) { return id, scan(&id) },
		`SELECT DISTINCT p.id FROM people p JOIN roles r ON r.person_id = p.id AND r.role = 'rep' WHERE p.active = 1 AND (
			EXISTS (SELECT 1 FROM leads l WHERE l.owner_id = p.id AND l.state = 'opportunity' AND l.segment = ?1)
			OR EXISTS (SELECT 1 FROM deals d WHERE d.status = 'opportunity' AND p.email <> '' AND lower(d.owner) = p.email AND ?1 = (
				SELECT l.segment FROM leads l WHERE l.id = d.lead_id OR l.account = d.account AND d.account <> ''
				ORDER BY l.id = d.lead_id DESC, l.mql_at DESC LIMIT 1)))
		ORDER BY p.id`, segment)
	if err != nil {
		return nil, fmt.Errorf("find the reps with open deals in %s: %w", segment, err)
	}
	return list, nil
}

// RefreshQuotes has messages with an interview's quotes said anew where they stand, and drops those that wait.
func (tx *Tx) RefreshQuotes(interview string) error {
	subject := QuotesSubject(interview)
	err := tx.exec(`UPDATE outbox SET state = 'dropped', error = 'taken back' WHERE subject = ? AND state = 'waiting'`, subject)
	if err != nil {
		return fmt.Errorf("drop the quotes of %s: %w", interview, err)
	}
	places, err := tx.PostedEverywhere(subject)
	for _, to := range places {
		if err == nil {
			err = tx.Send(Message{To: to, Subject: subject, Kind: CaseMessage})
		}
	}
	return err
}

// ErasedInterviews is what erasing somebody who was interviewed has done.
type ErasedInterviews struct {
	IDs      []string
	Messages int // messages in chat that are edited
}

// InterviewsOf are the interviews of one person: of the same address, or, where none is known, the one alone.
func (tx *Tx) InterviewsOf(i truce.Interview) ([]truce.Interview, error) {
	if i.WhoEmail == "" {
		return []truce.Interview{i}, nil
	}
	return tx.interviewsWhere(`WHERE who_email = ? ORDER BY started_at, id`, i.WhoEmail)
}

// EraseInterviewed removes who was interviewed, and every word they said: name, address, role, answers, quotes. What outcomes they named
// stays and counts. by is who erases, "" the command line.
func (tx *Tx) EraseInterviewed(i truce.Interview, by, network string) (e ErasedInterviews, err error) {
	list, err := tx.InterviewsOf(i)
	if err != nil {
		return e, err
	}
	if err := tx.overwriteFreed(); err != nil {
		return e, err
	}
	stands, again := posted{}, Erasure{}
	var f forgotten
	for _, i := range list {
		e.IDs = append(e.IDs, i.ID)
		f.Who = append(f.Who, names(i.Who, i.WhoEmail)...)
		if err := stands.find(tx, i.ID, `subject = 'quotes:' || ?1`); err != nil {
			return e, err
		}
		if err := tx.TakeOffQuotes(i.ID); err != nil {
			return e, err
		}
		for _, s := range []string{
			`UPDATE interviews SET who = '', who_email = '', who_role = '', consent = 0 WHERE id = ?1`,
			`UPDATE interview_answers SET text = '` + Erased + `' WHERE interview_id = ?1`,
			`UPDATE outcome_statements SET quote = '' WHERE interview_id = ?1`,
			`UPDATE outbox SET state = 'dropped', error = 'erased' WHERE subject = 'quotes:' || ?1 AND state = 'waiting'`,
			`DELETE FROM forms WHERE name LIKE 'outcome.%' AND (state = ?1 OR state LIKE ?1 || ' %')`,
			`UPDATE inbox SET reply = '{}' WHERE ?1 <> ''`,
		} {
			if err := tx.exec(s, i.ID); err != nil {
				return e, fmt.Errorf("erase who was interviewed in %s: %w", i.ID, err)
			}
		}
		if err := tx.Audit(by, network, "interview.erased", i.ID, nil); err != nil {
			return e, err
		}
	}
	slices.Sort(f.Who)
	if f.Who = slices.Compact(f.Who); len(f.Who) > 0 {
		if err := tx.sweep(f); err != nil {
			return e, fmt.Errorf("erase who was interviewed where others hold it: %w", err)
		}
	}
	err = stands.sayAnew(tx, &again)
	e.Messages = again.Messages
	return e, err
}

// InterviewsByAddress are the interviews of whoever has an address.
func (tx *Tx) InterviewsByAddress(email string) ([]truce.Interview, error) {
	if email = truce.FoldEmail(email); email == "" {
		return nil, nil
	}
	return tx.interviewsWhere(`WHERE who_email = ? ORDER BY started_at, id`, email)
}
