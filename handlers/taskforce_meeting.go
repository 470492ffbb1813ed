package handlers

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/storage"
)

// This file is a meeting: its items are worked by buttons, what is agreed becomes actions, and its end becomes minutes.

// showMeeting shows a meeting as the person may see it.
func (h *Handlers) showMeeting(c *Call, id string, replacing bool) (chat.Reply, error) {
	f, err := c.Tx.MeetingFile(id)
	if err != nil {
		return chat.Reply{}, err
	}
	r := show(cards.Agenda(cards.MeetingView(f, f.Series.Works(c.By), c.Tx.Now, h.opt.Calendar)))
	r.Replace = replacing
	return r, nil
}

func (h *Handlers) showMinutes(c *Call) (chat.Reply, error) {
	f, err := c.Tx.MeetingFile(c.Arg)
	if err != nil {
		return chat.Reply{}, err
	}
	return show(cards.Minutes(cards.MeetingView(f, true, c.Tx.Now, h.opt.Calendar))), nil
}

// worked shows a meeting after it was worked: the message itself where the button stands in it.
func (h *Handlers) worked(c *Call, id string) (chat.Reply, error) {
	for _, subject := range []storage.Subject{storage.MeetingSubject(id), storage.MinutesSubject(id)} {
		if ok, err := h.onPosted(c, subject); err != nil || ok {
			return chat.Reply{}, err
		}
	}
	return h.showMeeting(c, id, c.Kind == chat.Action)
}

// item finds the item of a meeting that Arg names, "M-1 KIND:REF", for somebody who may work it now.
func (h *Handlers) item(c *Call) (f truce.MeetingFile, i truce.PastItem, err error) {
	id, key := cut(c.Arg)
	if f, err = c.Tx.MeetingFile(id); err != nil {
		return f, i, err
	}
	if !f.Series.Works(c.By) {
		return f, i, truce.Errorf(truce.Forbidden, "Members of %s work its items. What you want said goes on its agenda: /taskforce add.",
			f.Series.Name)
	}
	if err := f.Meeting.UnderWay(c.Tx.Now); err != nil {
		return f, i, err
	}
	i, err = f.Item(key)
	return f, i, err
}

// unmarked is item where nothing became of it yet.
func (h *Handlers) unmarked(c *Call) (f truce.MeetingFile, i truce.PastItem, err error) {
	if f, i, err = h.item(c); err == nil && i.Mark != truce.NotMarked {
		err = truce.Errorf(truce.Conflict, "%s marked it already, as %s. Nothing changed: press Undo there first.", f.Names[i.By],
			markWord(i.Mark))
	}
	return f, i, err
}

func markWord(m truce.Mark) string {
	switch m {
	case truce.DecidedOn:
		return "decided"
	case truce.WithTask:
		return "an action"
	case truce.NextTime:
		return "for the next time"
	}
	return string(m)
}

// mark says what became of an item.
func (h *Handlers) mark(c *Call, mark truce.Mark) (chat.Reply, error) {
	f, i, err := h.unmarked(c)
	if err != nil {
		return chat.Reply{}, err
	}
	if err := h.setMark(c, f, &i, mark, ""); err != nil {
		return chat.Reply{}, err
	}
	return h.worked(c, f.Meeting.ID)
}

func (h *Handlers) setMark(c *Call, f truce.MeetingFile, i *truce.PastItem, mark truce.Mark, text string) error {
	i.Mark, i.Text, i.By, i.MarkAt = mark, text, c.By.ID, c.Tx.Now
	if err := c.Tx.MarkItem(f.Meeting, *i); err != nil {
		return err
	}
	detail := map[string]string{"item": i.Key(), "title": i.Title}
	if text != "" {
		detail["text"] = text
	}
	return c.log("taskforce."+string(mark), f.Meeting.ID, detail)
}

// undoMark takes a mark back, with the action that came of it.
func (h *Handlers) undoMark(c *Call) (chat.Reply, error) {
	f, i, err := h.item(c)
	if err != nil {
		return chat.Reply{}, err
	}
	if i.Mark == truce.NotMarked {
		return chat.Reply{}, truce.Errorf(truce.Conflict, "It was taken back already. Nothing changed.")
	}
	for _, a := range f.Agreed {
		if i.Mark == truce.WithTask && a.Item == i.Key() && a.ClosedAt.IsZero() {
			a.ClosedAt, a.ClosedBy, a.Dropped, a.Why = c.Tx.Now, c.By.ID, true, "taken back in the meeting"
			if err := c.Tx.SaveMeetingAction(a); err != nil {
				return chat.Reply{}, err
			}
		}
	}
	was := i.Mark
	i.Mark, i.Text, i.By, i.MarkAt = truce.NotMarked, "", "", time.Time{}
	if err := c.Tx.MarkItem(f.Meeting, i); err != nil {
		return chat.Reply{}, err
	}
	if err := c.log("taskforce.undo", f.Meeting.ID, map[string]string{"item": i.Key(), "was": string(was)}); err != nil {
		return chat.Reply{}, err
	}
	return h.worked(c, f.Meeting.ID)
}

// changesGround are the kinds of common ground that a decision can be proposed as, by the action that opens their form.
var changesGround = []struct {
	kind, label, action string
	button              func(label, action, arg string) chat.Button
}{
	{"charter", "The charter: goals and promises", "charter.propose", chat.Ask},
	{"icp", "The ideal customer", "icp.propose", chat.Ask},
	{"journey", "A stage of the journey map", "journey.propose", chat.Ask},
	{"setting", "A service level, the threshold or the hours", "setting.propose", chat.Press}, // it asks first which
}

// grounds are the kinds whose form there is.
func (h *Handlers) grounds() (list []chat.Option) {
	for _, g := range changesGround {
		if h.actions[g.action] != nil {
			list = append(list, chat.Option{Value: g.kind, Label: g.label})
		}
	}
	return list
}

func (h *Handlers) decisionForm(c *Call) (chat.Reply, error) {
	_, i, err := h.unmarked(c)
	if err != nil {
		return chat.Reply{}, err
	}
	grounds := h.grounds()
	if _, ok := decides(i); ok { // it has keys of its own
		grounds = nil
	}
	return ask(cards.DecisionForm(i, c.Arg, grounds)), nil
}

// decides is the button of what an item itself is decided by: a proposal's keys, a case's ruling, the rule of equal cases.
func decides(i truce.PastItem) (chat.Button, bool) {
	switch {
	case i.Kind == "proposal" || i.Kind == "rule": // the latter of agendas from before rules were proposals
		return chat.Press("See "+i.Ref, "proposal.show", i.Ref), true
	case i.Kind == "dispute" && i.Ref != "none":
		return chat.Press("Open "+i.Ref, "dispute.show", i.Ref), true
	case i.Kind == "precedent" && len(i.Evidence) > 0:
		return chat.Ask("Propose the rule…", "dispute.rule", i.Evidence[0]), true
	}
	return chat.Button{}, false
}

func (h *Handlers) decisionSent(c *Call) (chat.Reply, error) {
	text, err := truce.CheckText(c.Values["text"], "decision")
	if err != nil {
		return fault("text", truce.Sentence(err)), nil
	}
	f, i, err := h.unmarked(c)
	if err != nil {
		return chat.Reply{}, err
	}
	if err := h.setMark(c, f, &i, truce.DecidedOn, text); err != nil {
		return chat.Reply{}, err
	}
	if b, ok := decides(i); ok {
		return show(cards.DecisionProposed(i, b)), nil
	}
	for _, g := range changesGround {
		if g.kind == c.value("changes") && h.actions[g.action] != nil {
			return show(cards.DecisionProposed(i, g.button("Propose it…", g.action, ""))), nil
		}
	}
	return h.worked(c, f.Meeting.ID)
}

func (h *Handlers) dropItemForm(c *Call) (chat.Reply, error) {
	_, i, err := h.unmarked(c)
	return ask(cards.DropItemForm(i, c.Arg)), err
}

func (h *Handlers) dropItemSent(c *Call) (chat.Reply, error) {
	text, err := truce.CheckText(c.Values["text"], "reason")
	if err != nil {
		return fault("text", truce.Sentence(err)), nil
	}
	f, i, err := h.unmarked(c)
	if err != nil {
		return chat.Reply{}, err
	}
	if err := h.setMark(c, f, &i, truce.Dropped, text); err != nil {
		return chat.Reply{}, err
	}
	return h.worked(c, f.Meeting.ID)
}

// itemActionForm asks who does what about an item.
func (h *Handlers) itemActionForm(c *Call) (chat.Reply, error) {
	f, i, err := h.unmarked(c)
	if err != nil {
		return chat.Reply{}, err
	}
	return h.actionForm(c, f.Series, i.Title, c.Arg)
}

// newActionForm asks for an action outside of a meeting; Arg is the series, "" is the oldest.
func (h *Handlers) newActionForm(c *Call) (chat.Reply, error) {
	s, err := c.Tx.SeriesNamed(c.Arg, c.Tx.Now)
	if err != nil {
		return chat.Reply{}, err
	}
	return h.actionForm(c, s, "", s.ID)
}

func (h *Handlers) actionForm(c *Call, s truce.MeetingSeries, about, state string) (chat.Reply, error) {
	people, err := c.Tx.People()
	if err != nil {
		return chat.Reply{}, err
	}
	slices.SortStableFunc(people, func(a, b truce.Person) int {
		return -boolCompare(slices.Contains(s.Members, a.ID), slices.Contains(s.Members, b.ID))
	})
	var options []chat.Option
	owner := ""
	for _, p := range people {
		if !p.Active || len(options) == 100 {
			continue
		}
		if p.ID == c.By.ID {
			owner = p.ID
		}
		name, err := h.callName(c, p)
		if err != nil {
			return chat.Reply{}, err
		}
		options = append(options, chat.Option{Value: p.ID, Label: cut75(name)})
	}
	due := h.opt.Calendar.Date(c.Tx.Now).Add(7)
	if next, ok := s.Next(h.opt.Calendar, c.Tx.Now); ok {
		due = h.opt.Calendar.Date(next)
	}
	return ask(cards.ActionForm(about, state, options, owner, due)), nil
}

func boolCompare(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// actionSent agrees on an action: of an item ("M-1 KIND:REF"), or of a series ("TF-1").
func (h *Handlers) actionSent(c *Call) (chat.Reply, error) {
	title, err := truce.CheckText(c.Values["text"], "action")
	if err == nil && len([]rune(title)) > 200 {
		err = truce.Errorf(truce.Invalid, "An action is a line of at most 200 characters.")
	}
	if err != nil {
		return fault("text", truce.Sentence(err)), nil
	}
	due, err := truce.ParseDate(c.value("due"))
	if err != nil || due.Compare(h.opt.Calendar.Date(c.Tx.Now)) < 0 {
		return fault("due", "Choose today or a day to come, written as 2026-12-01."), nil
	}
	owner, err := c.Tx.Person(c.value("owner"))
	if err != nil || !owner.Active {
		return fault("owner", "Choose who does it."), nil
	}
	a := truce.MeetingAction{Title: title, OwnerID: owner.ID, Owner: owner.Name, Due: due, CreatedBy: c.By.ID}
	var f truce.MeetingFile
	var i truce.PastItem
	if strings.HasPrefix(c.Arg, "M-") {
		if f, i, err = h.unmarked(c); err != nil {
			return chat.Reply{}, err
		}
		a.SeriesID, a.MeetingID, a.Item = f.Series.ID, f.Meeting.ID, i.Key()
	} else {
		s, err := c.Tx.SeriesByID(c.Arg)
		if err != nil {
			return chat.Reply{}, err
		}
		if !s.Works(c.By) {
			return chat.Reply{}, truce.Errorf(truce.Forbidden, "Members of %s agree on its actions.", s.Name)
		}
		a.SeriesID = s.ID
	}
	if a, err = c.Tx.AddMeetingAction(a); err != nil {
		return chat.Reply{}, err
	}
	if a.MeetingID == "" {
		return show(cards.MeetingAction(a, h.opt.Calendar.Date(c.Tx.Now))),
			c.log("taskforce.action", a.ID, map[string]string{"title": a.Title, "owner": a.OwnerID})
	}
	if err := h.setMark(c, f, &i, truce.WithTask, fmt.Sprintf("%s, %s, by %s", owner.Name, a.Title, due.Words())); err != nil {
		return chat.Reply{}, err
	}
	return h.worked(c, f.Meeting.ID)
}

// actionMoved stores what has become of an action, and shows it where its button stands.
func (h *Handlers) actionMoved(c *Call, a truce.MeetingAction, action string) (chat.Reply, error) {
	if err := c.Tx.SaveMeetingAction(a); err != nil {
		return chat.Reply{}, err
	}
	if err := c.log(action, a.ID, nil); err != nil {
		return chat.Reply{}, err
	}
	meetings, err := c.Tx.Meetings(a.SeriesID, c.Tx.Now)
	if err != nil {
		return chat.Reply{}, err
	}
	for _, m := range meetings {
		for _, subject := range []storage.Subject{storage.MeetingSubject(m.ID), storage.MinutesSubject(m.ID)} {
			if ok, err := h.onPosted(c, subject); err != nil || ok {
				return chat.Reply{}, err
			}
		}
	}
	r := show(cards.MeetingAction(a, h.opt.Calendar.Date(c.Tx.Now)))
	r.Replace = c.Kind == chat.Action
	return r, nil
}

func (h *Handlers) actionDone(c *Call) (chat.Reply, error) {
	a, err := c.Tx.MeetingAction(c.Arg)
	if err == nil {
		err = a.MayClose(c.By)
	}
	if err != nil {
		return chat.Reply{}, err
	}
	a.ClosedAt, a.ClosedBy = c.Tx.Now, c.By.ID
	return h.actionMoved(c, a, "taskforce.done")
}

func (h *Handlers) dropForm(c *Call) (chat.Reply, error) {
	a, err := c.Tx.MeetingAction(c.Arg)
	if err == nil {
		err = a.MayClose(c.By)
	}
	return ask(cards.DropActionForm(a)), err
}

func (h *Handlers) dropSent(c *Call) (chat.Reply, error) {
	a, err := c.Tx.MeetingAction(c.Arg)
	if err == nil {
		err = a.MayClose(c.By)
	}
	if err != nil {
		return chat.Reply{}, err
	}
	if a.Why, err = truce.CheckText(c.Values["text"], "reason"); err != nil {
		return fault("text", truce.Sentence(err)), nil
	}
	a.ClosedAt, a.ClosedBy, a.Dropped = c.Tx.Now, c.By.ID, true
	return h.actionMoved(c, a, "taskforce.drop")
}

// reopenAction takes back that an action has ended.
func (h *Handlers) reopenAction(c *Call) (chat.Reply, error) {
	a, err := c.Tx.MeetingAction(c.Arg)
	if err != nil {
		return chat.Reply{}, err
	}
	if a.ClosedAt.IsZero() {
		return chat.Reply{}, truce.Errorf(truce.Conflict, "%s is open already. Nothing changed.", a.ID)
	}
	a.ClosedAt, a.ClosedBy, a.Dropped, a.Why = time.Time{}, "", false, ""
	if err := a.MayClose(c.By); err != nil {
		return chat.Reply{}, err
	}
	return h.actionMoved(c, a, "taskforce.reopen")
}

// wasThere is "I was there": each one's own press, while it runs and for a while after.
func (h *Handlers) wasThere(c *Call) (chat.Reply, error) {
	f, err := c.Tx.MeetingFile(c.Arg)
	switch {
	case err != nil:
		return chat.Reply{}, err
	case !f.Meeting.CancelledAt.IsZero():
		return chat.Reply{}, f.Meeting.UnderWay(c.Tx.Now)
	case c.Tx.Now.Before(f.Meeting.At.Add(-truce.MeetingOpens)):
		return chat.Reply{}, truce.Errorf(truce.Conflict, "The meeting has not begun. Nothing changed.")
	case !c.Tx.Now.Before(f.Meeting.At.Add(cards.PresenceAfter)):
		return chat.Reply{}, truce.Errorf(truce.Conflict, "That meeting was more than two weeks ago: who was there can no longer be changed.")
	}
	first, err := c.Tx.WasThere(f.Meeting, c.By.ID)
	if err != nil {
		return chat.Reply{}, err
	}
	if !first {
		return chat.Reply{}, truce.Errorf(truce.Conflict, "Noted before: you were there. Nothing changed.")
	}
	if err := c.log("taskforce.there", f.Meeting.ID, nil); err != nil {
		return chat.Reply{}, err
	}
	return show(cards.WasThere(f.Series.Name, f.Meeting.At, h.opt.Location)), nil
}

// closeTyped closes the meeting that is under way.
func (h *Handlers) closeTyped(c *Call) (chat.Reply, error) {
	open, err := c.Tx.OpenMeetings()
	if err != nil {
		return chat.Reply{}, err
	}
	for _, m := range open {
		if m.UnderWay(c.Tx.Now) == nil {
			return h.closeMeeting(c, m.ID)
		}
	}
	return chat.Reply{}, truce.Errorf(truce.NotFound, "No meeting is under way. /taskforce shows the next one.")
}

// closeMeeting ends a meeting, and sends its minutes.
func (h *Handlers) closeMeeting(c *Call, id string) (chat.Reply, error) {
	f, err := c.Tx.MeetingFile(id)
	if err != nil {
		return chat.Reply{}, err
	}
	if !f.Series.Works(c.By) {
		return chat.Reply{}, truce.Errorf(truce.Forbidden, "Members of %s close its meetings.", f.Series.Name)
	}
	if err := f.Meeting.UnderWay(c.Tx.Now); err != nil {
		return chat.Reply{}, err
	}
	if f.Meeting.Worked == 0 {
		return chat.Reply{}, truce.Errorf(truce.Conflict, "Nobody pressed “I was there”, and no item was worked: it would count as not held. "+
			"Press it first, or cancel the meeting: /taskforce cancel WHY.")
	}
	if err := c.Tx.CloseMeeting(f.Meeting, c.By.ID); err != nil {
		return chat.Reply{}, err
	}
	if err := c.log("taskforce.close", f.Meeting.ID, nil); err != nil {
		return chat.Reply{}, err
	}
	return h.worked(c, f.Meeting.ID)
}

// cancelTyped cancels the next meeting of the oldest series.
func (h *Handlers) cancelTyped(c *Call, why string) (chat.Reply, error) {
	s, err := c.Tx.SeriesNamed("", c.Tx.Now)
	if err != nil {
		return chat.Reply{}, err
	}
	if !s.Leads(c.By) {
		return chat.Reply{}, truce.Errorf(truce.Forbidden, "Who leads %s, or a manager, cancels its meetings.", s.Name)
	}
	open, err := c.Tx.OpenMeetings()
	if err != nil {
		return chat.Reply{}, err
	}
	i := slices.IndexFunc(open, func(m truce.Meeting) bool { return m.SeriesID == s.ID })
	var m truce.Meeting
	if i >= 0 {
		m = open[i]
	} else {
		at, ok := s.Next(h.opt.Calendar, c.Tx.Now)
		if !ok {
			return chat.Reply{}, truce.Errorf(truce.NotFound, "The company's calendar holds no day for its next meeting.")
		}
		if m, err = c.Tx.MeetingAt(s.ID, at); err != nil {
			return chat.Reply{}, err
		}
	}
	if why == "" {
		return ask(cards.CancelForm(m.ID, s.Name, m.At, h.opt.Location)), nil
	}
	return h.cancelMeeting(c, m.ID, why)
}

func (h *Handlers) cancelForm(c *Call) (chat.Reply, error) {
	f, err := c.Tx.MeetingFile(c.Arg)
	if err != nil {
		return chat.Reply{}, err
	}
	if !f.Series.Leads(c.By) {
		return chat.Reply{}, truce.Errorf(truce.Forbidden, "Who leads %s, or a manager, cancels its meetings.", f.Series.Name)
	}
	return ask(cards.CancelForm(f.Meeting.ID, f.Series.Name, f.Meeting.At, h.opt.Location)), nil
}

// cancelMeeting cancels a meeting that is not over, and says so where it would have been.
func (h *Handlers) cancelMeeting(c *Call, id, why string) (chat.Reply, error) {
	why, err := truce.CheckText(why, "reason")
	if err != nil {
		return faultOr(chat.Reply{}, err)
	}
	f, err := c.Tx.MeetingFile(id)
	switch {
	case err != nil:
		return chat.Reply{}, err
	case !f.Series.Leads(c.By):
		return chat.Reply{}, truce.Errorf(truce.Forbidden, "Who leads %s, or a manager, cancels its meetings.", f.Series.Name)
	case !f.Meeting.CancelledAt.IsZero():
		return chat.Reply{}, truce.Errorf(truce.Conflict, "It was cancelled already: “%s” Nothing changed.", f.Meeting.Why)
	case f.Meeting.Over(c.Tx.Now):
		return chat.Reply{}, truce.Errorf(truce.Conflict, "That meeting is over. Nothing changed.")
	}
	m := f.Meeting
	m.CancelledAt, m.CancelledBy, m.Why = c.Tx.Now, c.By.ID, why
	if err := c.Tx.SaveMeeting(m); err != nil {
		return chat.Reply{}, err
	}
	if m.PostedAt.IsZero() {
		if err := c.Tx.PostMeeting(f.Series, storage.MeetingSubject(m.ID)); err != nil {
			return chat.Reply{}, err
		}
	}
	if err := c.log("taskforce.cancel", m.ID, map[string]string{"text": why}); err != nil {
		return chat.Reply{}, err
	}
	return h.worked(c, m.ID)
}

// holdAfterAll takes a cancellation back while the meeting is still to come.
func (h *Handlers) holdAfterAll(c *Call) (chat.Reply, error) {
	f, err := c.Tx.MeetingFile(c.Arg)
	switch {
	case err != nil:
		return chat.Reply{}, err
	case !f.Series.Leads(c.By):
		return chat.Reply{}, truce.Errorf(truce.Forbidden, "Who leads %s, or a manager, decides that.", f.Series.Name)
	case f.Meeting.CancelledAt.IsZero():
		return chat.Reply{}, truce.Errorf(truce.Conflict, "It is not cancelled. Nothing changed.")
	case !f.Meeting.At.After(c.Tx.Now):
		return chat.Reply{}, truce.Errorf(truce.Conflict, "Its time is over. Nothing changed.")
	}
	m := f.Meeting
	m.CancelledAt, m.CancelledBy, m.Why = time.Time{}, "", ""
	if err := c.Tx.SaveMeeting(m); err != nil {
		return chat.Reply{}, err
	}
	if err := c.log("taskforce.hold", m.ID, nil); err != nil {
		return chat.Reply{}, err
	}
	return h.worked(c, m.ID)
}
