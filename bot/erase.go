package main

import (
	"errors"
	"fmt"
	"strings"

	"truce"
	"truce/storage"
)

type eraseCommand struct {
	Who string `arg:"" help:"A lead: its id in the CRM, L-12, or the address of its leads. A colleague: the e-mail address, or P-3. Somebody who was interviewed: I-7, or the address." placeholder:"WHO"`
	Yes bool   `help:"Do it; without it, it is said what would be erased."`
}

// Help is shown by "truce erase --help".
func (eraseCommand) Help() string {
	return `Names, addresses and words go, from the database and from the messages that Truce posted (a running bot edits them); figures keep
their counts. Then the file is written anew, so that no free page holds what was erased. Backups that were made before hold it
still, and where the CRM or the configuration names the person, the next import or start brings the name back.

Examples:
  truce erase anna.kovacs@example.com
  truce erase L-12 --yes
  truce erase P-3 --yes
  truce erase I-7 --yes`
}

// Run erases a lead's person or a colleague.
func (c eraseCommand) Run(p *program) error {
	cfg, err := p.config()
	if err != nil {
		return err
	}
	if err := mustBeThere(cfg, "erase anything from"); err != nil {
		return err
	}
	log := p.logger(cfg.Log)
	store, err := p.openAny(cfg, log)
	if err != nil {
		return err
	}
	var said string
	run := store.Update
	if !c.Yes {
		run = store.View
	}
	err = run(p.ctx, func(tx *storage.Tx) (err error) {
		said, err = c.erase(tx)
		return err
	})
	if err := errors.Join(err, store.Close()); err != nil { // Close waits until the file is written anew
		return refused(err)
	}
	_, err = fmt.Fprintln(p.stdout, said)
	return err
}

func (c eraseCommand) erase(tx *storage.Tx) (string, error) {
	leads, err := tx.FindLeads(c.Who)
	if err == nil && len(leads) == 0 {
		leads, err = tx.FindBelow(c.Who)
	}
	if err != nil {
		return "", err
	}
	who, err := tx.PersonByEmail(c.Who)
	if truce.KindOf(err) == truce.NotFound {
		who, err = c.named(tx)
	}
	switch {
	case err != nil && truce.KindOf(err) != truce.NotFound:
		return "", err
	case err == nil && len(leads) > 0:
		return "", truce.Errorf(truce.Invalid, "%q is a colleague (%s) and a lead (%s): say which", c.Who, who.ID, leads[0].Ref)
	case err == nil:
		return c.colleague(tx, who)
	case len(leads) == 0:
		if said, err := c.interviewed(tx); said != "" || err != nil {
			return said, err
		}
		return "", truce.Errorf(truce.NotFound, "nobody here is %q: a lead is named by its id in the CRM, L-12 or its address, a colleague by "+
			"the address or P-3", c.Who)
	}
	same, err := tx.SamePerson(leads[0])
	if err != nil {
		return "", err
	}
	var refs []string
	for _, l := range same {
		refs = append(refs, l.Ref)
	}
	for _, l := range leads {
		if truce.FoldEmail(l.Email) != truce.FoldEmail(leads[0].Email) {
			return "", truce.Errorf(truce.Invalid, "%q may be %s or %s: say which", c.Who, leads[0].Ref, l.Ref)
		}
	}
	if !c.Yes {
		return fmt.Sprintf("Would erase who %s is: name, address, and columns that say it. Nothing was changed; --yes does it.",
			strings.Join(refs, ", ")), nil
	}
	e, err := tx.EraseLead(leads[0], "", "cli")
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("Erased who %s is. Messages that the bot edits: %d.", strings.Join(e.Refs, ", "), e.Messages), nil
}

// named is the colleague with the id or the name.
func (c eraseCommand) named(tx *storage.Tx) (truce.Person, error) {
	who, err := tx.Person(strings.ToUpper(c.Who))
	if truce.KindOf(err) != truce.NotFound {
		return who, err
	}
	people, everr := tx.People()
	if everr != nil {
		return who, everr
	}
	switch found := truce.PeopleCalled(people, c.Who); len(found) {
	case 0:
		return who, err
	case 1:
		return found[0], nil
	default:
		return who, truce.WhichPerson(c.Who, found)
	}
}

// interviewed erases somebody who was interviewed and is no lead; "" where there is nobody.
func (c eraseCommand) interviewed(tx *storage.Tx) (string, error) {
	list, err := tx.InterviewsByAddress(c.Who)
	if err != nil {
		return "", err
	}
	if len(list) == 0 {
		i, err := tx.Interview(c.Who)
		if truce.KindOf(err) == truce.NotFound {
			return "", nil
		} else if err != nil {
			return "", err
		}
		if list, err = tx.InterviewsOf(i); err != nil {
			return "", err
		}
	}
	var ids []string
	for _, i := range list {
		ids = append(ids, i.ID)
	}
	if !c.Yes {
		return fmt.Sprintf("Would erase who was interviewed in %s, and every word they said. Nothing was changed; --yes does it.",
			strings.Join(ids, ", ")), nil
	}
	e, err := tx.EraseInterviewed(list[0], "", "cli")
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("Erased who was interviewed in %s. Messages that the bot edits: %d.", strings.Join(e.IDs, ", "), e.Messages), nil
}

// colleague erases somebody who uses Truce.
func (c eraseCommand) colleague(tx *storage.Tx, who truce.Person) (string, error) {
	open, err := tx.OpenCases(who.ID)
	if err != nil {
		return "", err
	}
	if len(open) > 0 {
		return "", truce.Errorf(truce.Conflict, "%s has open cases, for which somebody waits: %s. Let them be withdrawn or handed over first",
			who.ID, strings.Join(open, ", "))
	}
	counts, err := tx.CountHeld(who.ID)
	if err != nil {
		return "", err
	}
	if !c.Yes {
		var held []string
		for _, k := range storage.HeldKinds() {
			if counts[k] > 0 {
				held = append(held, fmt.Sprintf("%s %d", k, counts[k]))
			}
		}
		return fmt.Sprintf("Would erase %s, and the words in: %s. Nothing was changed; --yes does it.", who.ID, strings.Join(held, ", ")), nil
	}
	e, err := tx.Erase(who)
	if err != nil {
		return "", err
	}
	if err := tx.Audit("", "cli", "person.erased", who.ID, nil); err != nil {
		return "", err
	}
	return fmt.Sprintf("Erased %s. Messages that the bot edits: %d.", who.ID, e.Messages), nil
}
