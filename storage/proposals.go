package storage

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"truce"
)

// This file keeps proposals and the versions that came of them, and carries out what follows from their moves: that is decided in the
// root package.

// insertProposal stores a proposal that has its id.
func (tx *Tx) insertProposal(p truce.Proposal) error {
	values := proposalValues(p)
	return tx.exec(`INSERT INTO proposals (`+proposalColumns+`) VALUES (?`+commas(len(values)-1)+`)`, values...)
}

// begins is what a kind of common ground does in the store when a version of it comes into force. A kind that is only read by
// Tx.InForce is not here.
var begins = map[truce.ProposalKind]func(*Tx, truce.Proposal) error{}

const proposalColumns = `id, kind, thing, title, was, payload, effect, why, proposed_by, at, needs, refused, from_at, base, version, state, alone, asked_at, reminded_at,
	sponsor_at, agreed_at, in_force_at, closed_at, closed_by, closing, counters, successor, reopens, stopped`

func (tx *Tx) proposals(query string, args ...any) ([]truce.Proposal, error) {
	list, err := all(tx, func(scan func(...any) error) (p truce.Proposal, err error) {
		var was, payload string
		err = scan(&p.ID, &p.Kind, &p.Thing, &p.Title, &was, &payload, &p.Effect, &p.Why, &p.By, moment{&p.At}, fromJSON{&p.Needs},
			fromJSON{&p.Refused}, moment{&p.From},
			&p.Base, &p.Version, &p.State, &p.Alone, moment{&p.AskedAt}, moment{&p.Reminded}, moment{&p.ToSponsor}, moment{&p.Agreed},
			moment{&p.InForce}, moment{&p.ClosedAt},
			&p.ClosedBy, &p.Closing, &p.Counters, &p.ReplacedBy, &p.Reopens, &p.Stopped)
		if was != "" {
			p.Was = json.RawMessage(was)
		}
		p.Payload = json.RawMessage(payload)
		return p, err
	}, `SELECT `+proposalColumns+` FROM proposals `+query, args...)
	if err != nil {
		return nil, fmt.Errorf("read proposals: %w", err)
	}
	if len(list) == 0 {
		return nil, nil
	}
	of, ids := make(map[string]*truce.Proposal, len(list)), make([]string, len(list))
	for i := range list {
		of[list[i].ID], ids[i] = &list[i], list[i].ID
	}
	err = tx.each(`SELECT proposal_id, side, person_id, said, text, at FROM votes WHERE proposal_id IN (SELECT value FROM json_each(?))
		AND dropped_at IS NULL ORDER BY at, id`, []any{asJSON(ids)}, func(scan func(...any) error) error {
		var id string
		var v truce.Vote
		if err := scan(&id, &v.Side, &v.PersonID, &v.Said, &v.Text, moment{&v.At}); err != nil {
			return err
		}
		of[id].Votes = append(of[id].Votes, v)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read what was said to %d proposals: %w", len(list), err)
	}
	return list, nil
}

// Proposal finds a proposal by its id, in any case of its letters.
func (tx *Tx) Proposal(id string) (truce.Proposal, error) {
	list, err := tx.proposals(`WHERE id = upper(?)`, id)
	if err == nil && len(list) == 0 {
		err = truce.Errorf(truce.NotFound, "There is no proposal %s. /truce proposals shows those that wait.", id)
	}
	if err != nil {
		return truce.Proposal{}, err
	}
	return list[0], nil
}

// OpenProposals are those that wait for a yes or for the day named in them, the oldest first.
func (tx *Tx) OpenProposals() ([]truce.Proposal, error) {
	return tx.proposals(`WHERE state = 'proposed' ORDER BY at, length(id), id`)
}

// ProposalsWaitingAt are those that waited for a yes at a moment, the oldest first; of what was said to them only what was said by then.
func (tx *Tx) ProposalsWaitingAt(at time.Time) ([]truce.Proposal, error) {
	list, err := tx.proposals(`WHERE at <= ?1 AND (agreed_at IS NULL OR agreed_at > ?1) AND (closed_at IS NULL OR closed_at > ?1)
		ORDER BY at, length(id), id`, millis(at))
	for i := range list {
		list[i].Votes = slices.DeleteFunc(list[i].Votes, func(v truce.Vote) bool { return v.At.After(at) })
	}
	return list, err
}

// OpenProposal is the proposal on a thing that is under way; nil where there is none.
func (tx *Tx) OpenProposal(k truce.ProposalKind, thing string) (*truce.Proposal, error) {
	list, err := tx.proposals(`WHERE state = 'proposed' AND kind = ? AND thing = ?`, k, thing)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

// RecentProposals are the newest that have ended or come into force, at most n.
func (tx *Tx) RecentProposals(n int) ([]truce.Proposal, error) {
	return tx.proposals(`WHERE state <> 'proposed' ORDER BY coalesce(closed_at, in_force_at, at) DESC, length(id) DESC, id DESC LIMIT ?`, n)
}

// Versions are the versions of a thing that came into force, the newest first.
func (tx *Tx) Versions(k truce.ProposalKind, thing string) ([]truce.Proposal, error) {
	return tx.proposals(`WHERE kind = ? AND thing = ? AND in_force_at IS NOT NULL ORDER BY in_force_at DESC, version DESC`, k, thing)
}

// VersionsOf are the versions of all things of a kind that came into force by a moment, by thing, the newest first.
func (tx *Tx) VersionsOf(k truce.ProposalKind, at time.Time) ([]truce.Proposal, error) {
	return tx.proposals(`WHERE kind = ? AND in_force_at <= ? ORDER BY thing, in_force_at DESC, version DESC`, k, millis(at))
}

// InForce is the version of a thing that is in force at a moment; nil where none is.
func (tx *Tx) InForce(k truce.ProposalKind, thing string, at time.Time) (*truce.Proposal, error) {
	list, err := tx.proposals(`WHERE kind = ? AND thing = ? AND in_force_at <= ? ORDER BY in_force_at DESC, version DESC LIMIT 1`, k, thing,
		millis(at))
	if err != nil || len(list) == 0 || list[0].State == truce.ProposalRetired && !list[0].ClosedAt.After(at) {
		return nil, err
	}
	return &list[0], nil
}

// ProposalFile is a proposal with who holds the keys to it.
func (tx *Tx) ProposalFile(id string) (f truce.ProposalFile, err error) {
	if f.Proposal, err = tx.Proposal(id); err != nil {
		return f, err
	}
	list, err := tx.ProposalFiles([]truce.Proposal{f.Proposal})
	if err != nil {
		return f, err
	}
	return list[0], nil
}

// ProposalFiles are proposals with who holds the keys to them.
func (tx *Tx) ProposalFiles(list []truce.Proposal) (files []truce.ProposalFile, err error) {
	if len(list) == 0 {
		return nil, nil
	}
	k, err := tx.Keyholders()
	if err != nil {
		return nil, err
	}
	for _, p := range list {
		f := truce.ProposalFile{Proposal: p, Keys: k, Proposer: "the configuration"}
		if p.Kind == truce.SourceGround {
			f.Proposer = "the CRM"
		}
		if p.By != "" {
			by, err := tx.Person(p.By)
			if err != nil {
				return nil, fmt.Errorf("find who proposed %s: %w", p.ID, err)
			}
			f.Proposer = by.Name
		}
		files = append(files, f)
	}
	return files, nil
}

const prefDeputy = "deputy" // of whom a sponsor named

// Keyholders are who may say yes now.
func (tx *Tx) Keyholders() (k truce.Keyholders, err error) {
	k.Managers = map[truce.Side][]string{}
	people, err := tx.PeopleWith(truce.SalesManager, truce.MarketingManager, truce.Sponsor)
	if err != nil {
		return k, err
	}
	for _, p := range people {
		for _, s := range []truce.Side{truce.Sales, truce.Marketing} {
			if p.Manages(s) {
				k.Managers[s] = append(k.Managers[s], p.ID)
			}
		}
		if p.Has(truce.Sponsor) {
			k.Sponsors = append(k.Sponsors, p.ID)
		}
	}
	err = tx.row(`SELECT f.person_id FROM prefs f JOIN people p ON p.id = f.person_id WHERE f.key = ? AND p.active = 1
		ORDER BY length(p.id), p.id LIMIT 1`, []any{prefDeputy}, &k.Deputy)
	if truce.KindOf(err) == truce.NotFound {
		err = nil
	}
	return k, err
}

// SetDeputy makes a person the sponsor's deputy, who holds a key that is missing; "" is nobody.
func (tx *Tx) SetDeputy(person, by, network string) error {
	if err := tx.exec(`DELETE FROM prefs WHERE key = ?`, prefDeputy); err != nil {
		return fmt.Errorf("forget the deputy: %w", err)
	}
	if person != "" {
		if err := tx.SetPref(person, prefDeputy, "yes"); err != nil {
			return err
		}
	}
	return tx.Audit(by, network, "deputy.set", person, nil)
}

// Propose stores a new proposal and asks for the yes it takes. Where one is under way on the same thing it is refused: two are never
// merged silently. One that takes nobody's yes comes into force at once.
func (tx *Tx) Propose(p truce.Proposal, network string) (truce.Proposal, error) {
	if other, err := tx.OpenProposal(p.Kind, p.Thing); err != nil {
		return p, err
	} else if other != nil {
		return p, truce.Errorf(truce.Conflict, "%s is proposed on this already: %s. Say no to it with another way, or wait for its end. "+
			"Nothing changed.", other.ID, other.Title)
	}
	return tx.addProposal(p, network, "proposal.propose")
}

func (tx *Tx) addProposal(p truce.Proposal, network, action string) (truce.Proposal, error) {
	counter, prefix := numbered(p.Kind)
	n, err := tx.next(counter)
	if err != nil {
		return p, err
	}
	p.ID, p.State, p.At, p.AskedAt = fmt.Sprintf("%s-%d", prefix, n), truce.ProposalOpen, tx.Now, tx.Now
	refused, err := tx.proposals(`WHERE kind = ? AND thing = ? AND state IN ('declined', 'replaced') AND in_force_at IS NULL`, p.Kind, p.Thing)
	if err != nil {
		return p, err
	}
	for _, r := range refused {
		for _, v := range r.Votes {
			if v.Said == truce.SaidNo && truce.SameJSON(r.Payload, p.Payload) {
				p.Refused = append(p.Refused, v.Side)
			}
		}
	}
	before := truce.Proposal{}
	if len(p.Needs) == 0 {
		p.Settle(tx.Now)
	}
	err = tx.insertProposal(p)
	if err != nil {
		return p, fmt.Errorf("propose %s: %w", p.ID, err)
	}
	return p, tx.proposalMoved(before, p, p.By, network, action, "")
}

// numbered is by which counter proposals of a kind are numbered, and what their ids begin with.
func numbered(k truce.ProposalKind) (counter, prefix string) {
	if g, _ := truce.GroundOf(k); g.Prefix != "" {
		return string(k), g.Prefix
	}
	return "proposal", "T"
}

func commas(n int) (s string) {
	for range n {
		s += ", ?"
	}
	return s
}

func proposalValues(p truce.Proposal) []any {
	return []any{p.ID, p.Kind, p.Thing, p.Title, string(p.Was), string(p.Payload), p.Effect, p.Why, p.By, millis(p.At), asJSON(p.Needs),
		asJSON(p.Refused), millis(p.From),
		p.Base, p.Version, p.State, p.Alone, millis(p.AskedAt), millis(p.Reminded), millis(p.ToSponsor), millis(p.Agreed), millis(p.InForce),
		millis(p.ClosedAt),
		p.ClosedBy, p.Closing, p.Counters, p.ReplacedBy, p.Reopens, p.Stopped}
}

// Move lets a person, or time (by is ""), move a proposal, and carries out what follows. The proposal is read anew: of two at once the
// second finds what the first has done. A yes to what was put on a newer version meanwhile is refused, and everybody is asked again.
func (tx *Tx) MoveProposal(id, action, by, network string, move func(*truce.Proposal, truce.Keyholders) error) (truce.Proposal, error) {
	before, err := tx.Proposal(id)
	if err != nil {
		return before, err
	}
	k, err := tx.Keyholders()
	if err != nil {
		return before, err
	}
	if by != "" && before.State == truce.ProposalOpen && before.Agreed.IsZero() {
		if was, err := tx.InForce(before.Kind, before.Thing, tx.Now); err != nil {
			return before, err
		} else if was != nil && was.Version > before.Base {
			return before, truce.Errorf(truce.Conflict, "%s came into force meanwhile: %s is shown anew against it in a minute. Nothing changed.",
				was.ID, before.ID)
		}
	}
	p := before
	if err := move(&p, k); err != nil {
		return before, err
	}
	said := ""
	if len(p.Votes) > len(before.Votes) {
		for _, v := range p.Votes[len(before.Votes):] {
			said = v.Text
			if err := tx.exec(`INSERT INTO votes (id, proposal_id, side, person_id, said, text, at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
				tx.newID(), p.ID, v.Side, v.PersonID, v.Said, v.Text, millis(v.At)); err != nil {
				return before, fmt.Errorf("keep what was said to %s: %w", p.ID, err)
			}
		}
	}
	if said == "" {
		said = p.Closing
	}
	return p, tx.saveProposal(before, p, by, network, action, said)
}

func (tx *Tx) saveProposal(before, p truce.Proposal, by, network, action, said string) error {
	v := proposalValues(p)
	err := tx.exec(`UPDATE proposals SET was = ?, title = ?, effect = ?, base = ?, version = ?, state = ?, alone = ?, asked_at = ?,
		reminded_at = ?, sponsor_at = ?, agreed_at = ?,
		in_force_at = ?, closed_at = ?, closed_by = ?, closing = ?, successor = ? WHERE id = ?`,
		string(p.Was), p.Title, p.Effect, p.Base, p.Version, p.State, p.Alone, v[17], v[18], v[19], v[20], v[21], v[22], p.ClosedBy, p.Closing,
		p.ReplacedBy, p.ID)
	if err != nil {
		return fmt.Errorf("save proposal %s: %w", p.ID, err)
	}
	return tx.proposalMoved(before, p, by, network, action, said)
}

// proposalMoved carries out what follows from a move.
func (tx *Tx) proposalMoved(before, p truce.Proposal, by, network, action, said string) error {
	k, err := tx.Keyholders()
	if err != nil {
		return err
	}
	people, err := tx.People()
	if err != nil {
		return err
	}
	var was *truce.Proposal
	if p.State == truce.ProposalInForce && before.State != truce.ProposalInForce {
		list, err := tx.proposals(`WHERE kind = ? AND thing = ? AND state = 'in force' AND id <> ?`, p.Kind, p.Thing, p.ID)
		if err != nil {
			return err
		}
		if len(list) > 0 {
			was = &list[0]
		}
	}
	c := p.Follows(before, by, was, k, people)
	log := map[string]any{"state": p.State, "version": p.Version, "title": p.Title}
	if said != "" {
		log["text"] = said
	}
	if err := tx.Audit(by, network, action, p.ID, log); err != nil {
		return err
	}
	if c.Ended != nil {
		if err := tx.exec(`UPDATE proposals SET state = ?, successor = ?, closed_at = ? WHERE id = ?`, c.Ended.State, c.Ended.ReplacedBy,
			millis(c.Ended.ClosedAt), c.Ended.ID); err != nil {
			return fmt.Errorf("end version %d, %s: %w", c.Ended.Version, c.Ended.ID, err)
		}
		if err := tx.showProposal(*c.Ended, nil); err != nil {
			return err
		}
	}
	if do := begins[p.Kind]; c.Begins && do != nil {
		if err := do(tx, p); err != nil {
			return fmt.Errorf("bring %s into force: %w", p.ID, err)
		}
	}
	return tx.showProposal(p, c.Tell)
}

// showProposal has a proposal's message shown as it is now where it stands, and to whom it is told.
func (tx *Tx) showProposal(p truce.Proposal, tell []truce.Told) error {
	people, err := tx.PeopleWith(truce.SalesManager, truce.MarketingManager, truce.Sponsor)
	if err != nil {
		return err
	}
	for _, q := range people {
		if err := tx.RefreshHome(q.ID); err != nil {
			return err
		}
	}
	to, err := tx.redrawProposal(p)
	if err != nil {
		return err
	}
	for _, t := range tell {
		m := Message{To: ToPerson(t.PersonID), Subject: ProposalSubject(p.ID), Kind: CaseMessage, PersonID: t.PersonID}
		switch {
		case to[m.To] && t.As == truce.HearsTurn: // it stands there already: a message of its own draws the eye to it
			m.Subject, m.Kind = ProposalWaits(p.ID, tx.Now), Reminder
		case to[m.To]:
			continue
		case t.As == truce.HearsTurn:
			m.Kind = Reminder
		case t.As == truce.HearsEnd:
			m.Kind = ReplyTo
		}
		if err := tx.Send(m); err != nil {
			return err
		}
	}
	return nil
}

// redrawProposal has a proposal's message shown as it is now in its channel and where else it stands.
func (tx *Tx) redrawProposal(p truce.Proposal) (to map[Dest]bool, err error) {
	posted, err := tx.PostedEverywhere(ProposalSubject(p.ID))
	if err != nil {
		return nil, err
	}
	channel := ToChannel("alignment")
	if g, _ := truce.GroundOf(p.Kind); g.Channel != "" {
		channel = ToChannel(g.Channel)
	}
	to = map[Dest]bool{channel: true}
	list := []Dest{channel}
	for _, d := range posted {
		if !to[d] {
			to[d], list = true, append(list, d)
		}
	}
	for _, d := range list {
		if err := tx.Send(Message{To: d, Subject: ProposalSubject(p.ID), Kind: CaseMessage}); err != nil {
			return nil, err
		}
	}
	return to, nil
}

// CounterProposal ends a proposal by another way, which it opens: both are linked.
func (tx *Tx) CounterProposal(id string, other truce.Proposal, network string) (truce.Proposal, error) {
	before, err := tx.Proposal(id)
	if err != nil {
		return other, err
	}
	counter, prefix := numbered(other.Kind)
	next, err := tx.count(`SELECT coalesce((SELECT n FROM counters WHERE name = ?), 0) + 1`, counter)
	if err != nil {
		return other, err
	}
	other.ID, other.Counters, other.Reopens = fmt.Sprintf("%s-%d", prefix, next), before.ID, ""
	if _, err := tx.MoveProposal(before.ID, "proposal.counter", other.By, network, func(p *truce.Proposal, k truce.Keyholders) error {
		return p.Counter(other.By, k, other, tx.Now)
	}); err != nil {
		return other, err
	}
	return tx.addProposal(other, network, "proposal.propose")
}

// ReopenProposal proposes again what expired, against what is in force now.
func (tx *Tx) ReopenProposal(id, by, network string) (truce.Proposal, error) {
	p, err := tx.Proposal(id)
	switch {
	case err != nil:
		return p, err
	case p.State != truce.ProposalExpired:
		return p, truce.Errorf(truce.Conflict, "%s is %s: only what expired is opened again.", p.ID, p.State)
	}
	next := truce.Proposal{Kind: p.Kind, Thing: p.Thing, Title: p.Title, Was: p.Was, Payload: p.Payload, Effect: p.Effect, Why: p.Why, By: by,
		Needs: p.Needs, From: p.From, Base: p.Base,
		Reopens: p.ID}
	was, err := tx.InForce(p.Kind, p.Thing, tx.Now)
	if err != nil {
		return p, err
	}
	if was != nil {
		next.Was, next.Base = was.Payload, was.Version
	}
	return tx.Propose(next, network)
}

// TendProposals does what time asks of proposals: reminders, the way to the sponsor, the end, and the day named in one. It also puts
// one on what came into force meanwhile.
func (tx *Tx) TendProposals(c truce.Calendar) error {
	open, err := tx.OpenProposals()
	if err != nil {
		return err
	}
	day := c.Date(tx.Now)
	month := truce.Date{Year: day.Year, Month: day.Month, Day: 1}.At(0, c.Loc)
	n, err := tx.count(`SELECT count(*) FROM proposals WHERE sponsor_at >= ?`, millis(month))
	if err != nil {
		return fmt.Errorf("count what came to the sponsor: %w", err)
	}
	for _, p := range open {
		if was, err := tx.InForce(p.Kind, p.Thing, tx.Now); err != nil {
			return err
		} else if was != nil && p.Agreed.IsZero() && was.Version > p.Base {
			if err := tx.exec(`UPDATE votes SET dropped_at = ? WHERE proposal_id = ?`, millis(tx.Now), p.ID); err != nil {
				return fmt.Errorf("drop what was said to %s: %w", p.ID, err)
			}
			next := p
			next.Rebase(*was, tx.Now)
			if err := tx.saveProposal(p, next, "", "", "proposal.rebase", ""); err != nil {
				return err
			}
			continue
		}
		due := p.Due(c, int(n), tx.Now)
		if due == truce.NothingDue {
			continue
		}
		action := map[truce.ProposalDue]string{truce.ReminderDue: "proposal.remind", truce.SponsorDue: "proposal.sponsor",
			truce.ExpiryDue: "proposal.expire", truce.BeginDue: "proposal.begin"}[due]
		if due == truce.SponsorDue {
			n++
		}
		if _, err := tx.MoveProposal(p.ID, action, "", "", func(p *truce.Proposal, _ truce.Keyholders) error {
			p.Pass(due, tx.Now)
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}
