package storage

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"truce"
)

// This file erases people: members, and those whom leads are. What it does to which table is said in the catalogue, tables.go.

// Erased stands where a person's words were.
const Erased = "(erased)"

// Erasure is what was erased: the texts to forget in memory, and where messages stand that are said anew without them.
type Erasure struct {
	Objections, Notes []string
	Messages          int // messages in chat that are edited
}

// Erase removes a person: name, addresses, accounts, settings, drafts and every word they wrote. What remains counts under an
// id that belongs to nobody: how often a theme was heard, how a case ended. The messages that showed their words are written
// into the outbox again, so that chat forgets them too; the file is written anew after the commit, so that no freed page holds them.
func (tx *Tx) Erase(p truce.Person) (e Erasure, err error) {
	ids := func(query string) (list []string, err error) {
		return all(tx, func(scan func(...any) error) (id string, err error) { return id, scan(&id) }, query, p.ID)
	}
	if e.Objections, err = ids(`SELECT id FROM objections WHERE author_id = ?1 OR logged_by = ?1`); err != nil {
		return e, err
	}
	if e.Notes, err = ids(`SELECT id FROM notes WHERE author_id = ?1`); err != nil {
		return e, err
	}
	stands := posted{}
	for _, of := range []struct{ query, subjects string }{
		{`SELECT id FROM disputes WHERE opener_id = ?1 OR answered_by = ?1 OR id IN (SELECT dispute_id FROM rulings WHERE person_id = ?1)
			OR id IN (SELECT subject FROM audit WHERE person_id = ?1)`, caseMessages},
		{`SELECT DISTINCT q.id FROM requests q JOIN objections o ON o.theme_id = q.theme_id WHERE o.author_id = ?1 OR o.logged_by = ?1
			UNION SELECT q.id FROM requests q JOIN answers a ON a.theme_id = q.theme_id LEFT JOIN answer_uses u ON u.answer_id = a.id
				WHERE u.person_id = ?1 AND u.instead <> '' OR a.owner_id = ?1 OR a.credit_id = ?1`, requestMessages},
		{`SELECT id FROM proposals WHERE proposed_by = ?1 OR closed_by = ?1 UNION SELECT proposal_id FROM votes WHERE person_id = ?1`,
			proposalMessages},
		{`SELECT id FROM answers WHERE owner_id = ?1 OR credit_id = ?1`, answerMessages},
	} {
		list, err := ids(of.query)
		if err != nil {
			return e, fmt.Errorf("find what %s wrote: %w", p.ID, err)
		}
		for _, id := range list {
			if err := stands.find(tx, id, of.subjects); err != nil {
				return e, err
			}
		}
	}
	own, err := tx.wordsOf(p.ID)
	if err != nil {
		return e, err
	}
	if err := tx.overwriteFreed(); err != nil {
		return e, err
	}
	if err := tx.eraseOwner(p); err != nil {
		return e, fmt.Errorf("erase %s from what the CRM says: %w", p.ID, err)
	}
	for _, s := range erasing() {
		if err := tx.exec(s, p.ID); err != nil {
			return e, fmt.Errorf("erase %s: %w", p.ID, err)
		}
	}
	if err := tx.sweep(forgotten{Who: names(p.Name, p.Email), Said: own}); err != nil {
		return e, fmt.Errorf("erase %s where others hold it: %w", p.ID, err)
	}
	for _, u := range p.Users { // what platforms remember of the account
		if own := u[strings.LastIndex(u, ":")+1:]; len(own) >= 6 {
			if err := tx.exec(`DELETE FROM memory WHERE instr(key, ?) > 0`, own); err != nil {
				return e, fmt.Errorf("forget the account %s: %w", u, err)
			}
		}
	}
	return e, stands.sayAnew(tx, &e)
}

// ErasedLead is what erasing somebody whom leads are has done.
type ErasedLead struct {
	Refs     []string // of the leads: of one address all
	Messages int      // messages in chat that are edited
}

// SamePerson are all leads with the address of one, by id; without an address it is that one alone.
func (tx *Tx) SamePerson(l truce.Lead) ([]truce.Lead, error) {
	key := truce.FoldEmail(l.Email)
	if key == "" {
		return []truce.Lead{l}, nil
	}
	list, err := all(tx, scanLead, `SELECT `+leadColumns+` FROM leads WHERE email_key = ? ORDER BY id`, key)
	if err == nil && len(list) == 0 { // written down otherwise than it is looked up
		list = []truce.Lead{l}
	}
	if err != nil {
		return nil, fmt.Errorf("find the leads of one address: %w", err)
	}
	return list, nil
}

// EraseLead removes who a lead is: name, address, and what of the CRM's columns says it; of all leads with the same address, who are
// one person. What became of them stays, and counts as before. by is who erases, "" the command line.
func (tx *Tx) EraseLead(l truce.Lead, by, network string) (e ErasedLead, err error) {
	list, err := tx.SamePerson(l)
	if err != nil {
		return e, err
	}
	key := truce.FoldEmail(l.Email)
	if err := tx.overwriteFreed(); err != nil {
		return e, err
	}
	if err := tx.eraseBelow(l.ID, key); err != nil {
		return e, fmt.Errorf("erase who leads below the threshold are: %w", err)
	}
	stands, again := posted{}, Erasure{}
	who := names(l.Name, l.Email)
	nobody := "erased:" + list[0].Ref // what leads and engagements of one address are still joined by
	for _, l := range list {
		e.Refs = append(e.Refs, l.Ref)
		who = append(who, names(l.Name, l.Email)...)
		if err := tx.eraseOf(l, key, nobody, stands); err != nil {
			return e, err
		}
		if err := tx.Audit(by, network, "lead.erased", l.Ref, nil); err != nil {
			return e, err
		}
	}
	if key != "" {
		if err := tx.exec(`UPDATE engagements SET email_key = ? WHERE email_key = ?`, nobody, key); err != nil {
			return e, fmt.Errorf("erase an address from engagements: %w", err)
		}
	}
	slices.Sort(who)
	if err := tx.sweep(forgotten{Who: slices.Compact(who)}); err != nil {
		return e, fmt.Errorf("erase who lead %s is where others hold it: %w", l.ID, err)
	}
	if err := tx.exec(`UPDATE inbox SET reply = '{}'`); err != nil {
		return e, err
	}
	// Whoever was a lead may have been interviewed, too.
	interviews, err := tx.InterviewsByAddress(key)
	if err != nil {
		return e, err
	}
	if len(interviews) > 0 {
		i, err := tx.EraseInterviewed(interviews[0], by, network)
		if err != nil {
			return e, err
		}
		e.Messages += i.Messages
	}
	err = stands.sayAnew(tx, &again)
	e.Messages += again.Messages
	return e, err
}

// eraseOf erases who one record of a lead is, and notes the messages that say so. What another lead of the person is joined by,
// it keeps as nobody.
func (tx *Tx) eraseOf(l truce.Lead, key, nobody string, stands posted) error {
	cases, err := tx.LeadDisputes(l.ID)
	if err != nil {
		return err
	}
	for _, d := range cases {
		if err := stands.find(tx, d.ID, caseMessages); err != nil {
			return err
		}
	}
	if err := stands.find(tx, l.Ref, leadMessages); err != nil {
		return err
	}
	company, account, told := l.Company, l.Account, l.AccountAs
	if says(company, l) {
		company, account, told = "", "", ""
	}
	attrs := map[string]string{}
	for name, v := range l.Attrs {
		if !says(v, l) {
			attrs[name] = v
		}
	}
	if err := tx.exec(`DELETE FROM sync_waiting WHERE lead_id IN (SELECT ?1 UNION SELECT lead_id FROM lead_merges WHERE into_id = ?1)
		OR ?2 <> '' AND instr(lower(row), ?2) > 0`, l.ID, key); err != nil {
		return fmt.Errorf("erase what waits for lead %s: %w", l.Ref, err)
	}
	err = tx.exec(`UPDATE leads SET email = '', email_key = CASE WHEN email_key = '' THEN ''
		ELSE ? END, name = '', company = ?, account = ?, account_told = ?, attrs = ? WHERE id = ?`,
		nobody, company, account, told, asJSON(attrs), l.ID)
	if err != nil {
		return fmt.Errorf("erase who lead %s is: %w", l.ID, err)
	}
	changes, err := tx.LeadChanges(l.ID)
	if err != nil {
		return err
	}
	for _, c := range changes {
		if says(c.Value, l) {
			if err := tx.exec(`UPDATE lead_values SET value = '' WHERE lead_id = ? AND attribute = ? AND until_at = ?`, l.ID, c.Attribute,
				c.Until.UnixMilli()); err != nil {
				return fmt.Errorf("erase what lead %s said before: %w", l.ID, err)
			}
		}
	}
	return nil
}

// says reports whether a value of the CRM's says who a lead is: it has their name or address in it, or is an address, a number to call
// or a page of theirs.
func says(value string, l truce.Lead) bool {
	fold := strings.ToLower(value)
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, value)
	callable := len(digits) >= 7 && strings.Trim(value, "0123456789+()/-. \u00a0x") == "" && strings.ContainsAny(value, "+()/- ") &&
		!strings.Contains(value, ":")
	if callable && len(value) == 10 && (value[4] == '-' || value[2] == '.' || value[2] == '/') { // a date
		callable = false
	}
	return strings.Contains(value, "@") || strings.Contains(fold, "linkedin.com/in/") || callable ||
		l.Email != "" && strings.Contains(fold, strings.ToLower(l.Email)) || len(l.Name) > 2 && strings.Contains(fold, strings.ToLower(l.Name))
}

// eraseOwner removes a person where the CRM's words name them: as the owner of leads, deals and outcomes, by address or by full name.
// Where it says who did something, their id says it from now on.
func (tx *Tx) eraseOwner(p truce.Person) error {
	var who []string
	if p.Email != "" {
		who = append(who, strings.ToLower(p.Email))
	}
	if full(p.Name) {
		n, err := tx.count(`SELECT count(*) FROM people WHERE lower(name) = lower(?) AND id <> ?`, p.Name, p.ID)
		if err != nil {
			return err
		}
		if n == 0 { // of two people of one name the CRM may mean the other
			who = append(who, strings.ToLower(p.Name))
		}
	}
	for _, w := range who {
		if err := tx.exec(`DELETE FROM sync_waiting WHERE instr(lower(row), ?) > 0`, w); err != nil {
			return err
		}
		for _, t := range tables {
			for _, c := range t.ids {
				if !c.orOwner {
					continue
				}
				if err := tx.exec(fmt.Sprintf(`UPDATE OR IGNORE %s SET %s = ?1 WHERE lower(%[2]s) = ?2`, t.name, c.name), p.ID, w); err != nil {
					return err
				}
				if err := tx.exec(fmt.Sprintf(`DELETE FROM %s WHERE lower(%s) = ?1`, t.name, c.name), w); err != nil { // the same, told twice
					return err
				}
			}
		}
		for _, t := range tables {
			if t.owners == "" {
				continue
			}
			value := `''`
			if t.name == "leads" { // as in the catalogue: whose rating is the owner's is said by the owner
				value = `CASE WHEN EXISTS (SELECT 1 FROM ratings r WHERE r.lead_id = leads.id AND r.rater = ?1) THEN ?1 ELSE '' END`
			}
			if err := tx.exec(fmt.Sprintf(`UPDATE %s SET %s = %s WHERE lower(%[2]s) = ?2 AND ?1 <> ''`, t.name, t.owners, value), p.ID,
				w); err != nil {
				return err
			}
		}
	}
	return nil
}

// full reports whether a name is one that others do not write by chance: first name and family name.
func full(name string) bool { return len(strings.Fields(name)) > 1 && utf8.RuneCountInString(name) > 5 }

// names are the words that say who somebody is, as they are looked for in what others hold.
func names(name, email string) (list []string) {
	if email != "" {
		list = append(list, email)
	}
	if full(name) {
		list = append(list, name)
	}
	return list
}

// wordsOf is what a person typed and Truce keeps, long enough to be known again where something was made of it.
func (tx *Tx) wordsOf(person string) ([]string, error) {
	var queries []string
	for _, t := range tables {
		for _, w := range t.words {
			queries = append(queries, fmt.Sprintf(`SELECT %s FROM %s WHERE %s = ?1`, w.column, t.name, w.by))
		}
	}
	queries = append(queries, `SELECT body FROM answers WHERE owner_id = ?1`, `SELECT internal FROM answers WHERE owner_id = ?1`,
		`SELECT proof FROM answers WHERE owner_id = ?1`,
		`SELECT json_extract(detail, '$.text') FROM audit WHERE person_id = ?1 AND json_valid(detail) AND json_type(detail) = 'object'
			AND json_type(detail, '$.text') = 'text'`)
	list, err := tx.texts(strings.Join(queries, " UNION "), person)
	if err != nil {
		return nil, fmt.Errorf("read what %s wrote: %w", person, err)
	}
	return slices.DeleteFunc(list, func(s string) bool { return utf8.RuneCountInString(s) < 12 || !strings.Contains(s, " ") }), nil
}

// sweep takes names and words out of all columns that may hold them: names also out of what others wrote and of what the CRM says of a
// lead, a person's own words out of what was made of them.
func (tx *Tx) sweep(f forgotten) error {
	var named []string
	for _, w := range f.Who {
		// in SQLite: there may be a million leads
		named = append(named, "instr(lower(%[2]s), "+strings.ReplaceAll(quoted(foldASCII(w)), "%", "%%")+") > 0")
	}
	who, both := strings.Join(named, " OR "), "without(%[2]s, ?1) <> %[2]s"
	what := asJSON(f)
	for _, t := range tables {
		columns := map[string]string{}
		for _, c := range strings.Fields(t.made) {
			columns[c] = both
		}
		if len(f.Who) > 0 {
			for _, w := range t.words {
				columns[w.column] = who
			}
			for _, c := range strings.Fields(t.owners) {
				columns[c] = who
			}
			switch t.name {
			case "leads":
				columns["attrs"] = who
			case "deals":
				columns["name"] = who
			case "crm_records":
				columns["fact"] = who
			}
		}
		for c, where := range columns {
			value := what
			if where == who {
				value = asJSON(forgotten{Who: f.Who})
			}
			if err := tx.exec(fmt.Sprintf(`UPDATE %[1]s SET %[2]s = without(%[2]s, ?1) WHERE %[2]s <> '' AND (`+where+`)`, t.name, c),
				value); err != nil {
				return fmt.Errorf("in %s.%s: %w", t.name, c, err)
			}
		}
	}
	return nil
}

// quoted is a text as SQL writes it.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// forgotten is what is to be taken out of texts: who somebody is, in letters of either case, and what they said, to the letter.
type forgotten struct{ Who, Said []string }

// without is the SQL function of that name: a text without what is forgotten (JSON of it). It keeps JSON text valid.
func without() func(text, what string) (string, error) {
	var last string
	var who []string
	var said *strings.Replacer
	return func(text, what string) (string, error) {
		if what != last || said == nil {
			var f forgotten
			if err := json.Unmarshal([]byte(what), &f); err != nil {
				return "", fmt.Errorf("read what is to be forgotten: %w", err)
			}
			last, who, said = what, nil, replacing(f.Said)
			for _, w := range f.Who {
				who = append(who, foldASCII(w))
			}
		}
		for _, w := range who {
			for i, from := 0, 0; ; {
				if i = strings.Index(foldASCII(text[from:]), w); i < 0 {
					break
				}
				text = text[:from+i] + Erased + text[from+i+len(w):]
				from += i + len(Erased)
			}
		}
		return said.Replace(text), nil
	}
}

// replacing makes what replaces texts, also where they stand in JSON. What JSON writes with a backslash is kept whole.
func replacing(texts []string) *strings.Replacer {
	pairs := []string{`\\`, `\\`, `\"`, `\"`, `\n`, `\n`, `\t`, `\t`, `\r`, `\r`, `\u`, `\u`, `\/`, `\/`, `\b`, `\b`, `\f`, `\f`}
	texts = slices.Clone(texts)
	slices.SortFunc(texts, func(a, b string) int { return len(b) - len(a) })
	var found []string
	for _, s := range texts {
		found = append(found, s, Erased)
		if j := strings.Trim(asJSON(s), `"`); j != s {
			found = append(found, j, Erased)
		}
	}
	return strings.NewReplacer(append(found, pairs...)...)
}

// foldASCII makes A to Z small, and changes no length.
func foldASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// posted are messages that stand somewhere: subject and destination.
type posted map[standing]bool

type standing struct {
	subject Subject
	to      Dest
}

func (p posted) find(tx *Tx, id, which string) error {
	list, err := all(tx, func(scan func(...any) error) (m standing, err error) { return m, scan(&m.subject, &m.to) }, `SELECT subject, dest
		FROM posted WHERE `+which, id)
	if err != nil {
		return fmt.Errorf("find the messages about %s: %w", id, err)
	}
	for _, m := range list {
		p[m] = true
	}
	return nil
}

// sayAnew has those that still stand edited in place, and all home pages drawn anew.
func (p posted) sayAnew(tx *Tx, e *Erasure) error {
	list := make([]standing, 0, len(p))
	for m := range p {
		list = append(list, m)
	}
	slices.SortFunc(list, func(a, b standing) int { return cmp.Or(cmp.Compare(a.subject, b.subject), cmp.Compare(a.to, b.to)) })
	for _, m := range list {
		ref, err := tx.Posted(m.subject, m.to)
		if err != nil || ref == nil { // the erased person's own chat is theirs
			if err != nil {
				return err
			}
			continue
		}
		subject := m.subject
		switch kind, _ := subject.Parts(); kind {
		case AboutTold, AboutReminder, aboutSaid, AboutStep: // it may have moved on since: then nothing of it is left
			subject = ErasedSubject(subject)
		}
		if err := tx.Send(Message{To: m.to, Subject: subject, Kind: CaseMessage}); err != nil {
			return err
		}
		e.Messages++
	}
	homes, err := all(tx, func(scan func(...any) error) (id string, err error) { return id, scan(&id) }, `SELECT person_id FROM prefs
		WHERE key = ? ORDER BY person_id`, homeSeen)
	if err != nil {
		return err
	}
	for _, id := range homes {
		if err := tx.RefreshHome(id); err != nil {
			return err
		}
	}
	return nil
}
