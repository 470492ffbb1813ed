package handlers

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/storage"
)

// This file is the task force's series, agendas and what people put on them; taskforce_meeting.go is the meeting itself.

// taskforce is where both sides meet.
func (h *Handlers) taskforce() Command {
	return Command{
		Name:  "taskforce",
		Usage: "[agenda] | start | add [decide|discuss|read] TEXT | actions | close | cancel WHY | end",
		Help:  "The meeting of both sides: an agenda that builds itself, decisions, actions and minutes.",
		Examples: []string{"taskforce", "taskforce start", "taskforce add decide whether we go to the spring fair", "taskforce actions",
			"taskforce close", "taskforce cancel the kick-off is on that day"},
		Reads: func(c *Call) bool {
			first, _ := cut(c.Text)
			return first == "" || strings.EqualFold(first, "agenda")
		},
		Run: func(c *Call) (chat.Reply, error) {
			switch first, rest := cut(c.Text); strings.ToLower(first) {
			case "", "agenda", "show":
				return h.showAgenda(c, rest)
			case "start":
				return h.seriesForm(c)
			case "add":
				return h.addTyped(c, rest)
			case "actions":
				return h.listActions(c, "")
			case "close":
				return h.closeTyped(c)
			case "cancel":
				return h.cancelTyped(c, rest)
			case "end":
				return h.endSeries(c, rest)
			}
			return h.unknown(c)
		},
		Looks: map[string]Action{"taskforce.agenda": func(c *Call) (chat.Reply, error) { return h.showAgenda(c, c.Arg) }},
		Actions: map[string]Action{
			"taskforce.start":     h.seriesForm,
			"taskforce.end":       func(c *Call) (chat.Reply, error) { return h.endSeries(c, c.Arg) },
			"taskforce.add":       func(c *Call) (chat.Reply, error) { return h.addForm(c, c.Arg, "", "") },
			"taskforce.about":     h.addAbout,
			"taskforce.takeoff":   h.takeOff,
			"taskforce.actions":   func(c *Call) (chat.Reply, error) { return h.listActions(c, c.Arg) },
			"taskforce.newaction": h.newActionForm,
			"taskforce.done":      h.actionDone,
			"taskforce.drop":      h.dropForm,
			"taskforce.reopen":    h.reopenAction,
			"taskforce.discussed": func(c *Call) (chat.Reply, error) { return h.mark(c, truce.Discussed) },
			"taskforce.next":      func(c *Call) (chat.Reply, error) { return h.mark(c, truce.NextTime) },
			"taskforce.decision":  h.decisionForm,
			"taskforce.action":    h.itemActionForm,
			"taskforce.dropitem":  h.dropItemForm,
			"taskforce.undo":      h.undoMark,
			"taskforce.there":     h.wasThere,
			"taskforce.close":     func(c *Call) (chat.Reply, error) { return h.closeMeeting(c, c.Arg) },
			"taskforce.cancel":    h.cancelForm,
			"taskforce.hold":      h.holdAfterAll,
			"taskforce.minutes":   h.showMinutes,
		},
		Forms: map[string]Action{
			"taskforce.start":    h.seriesSent,
			"taskforce.add":      h.addSent,
			"taskforce.decision": h.decisionSent,
			"taskforce.action":   h.actionSent,
			"taskforce.dropitem": h.dropItemSent,
			"taskforce.drop":     h.dropSent,
			"taskforce.cancel":   func(c *Call) (chat.Reply, error) { return h.cancelMeeting(c, c.Arg, c.value("text")) },
		},
		Own: map[string]Action{cards.OwnMeeting: func(c *Call) (chat.Reply, error) { return h.showMeeting(c, c.Arg, false) }},
		Shortcuts: []Shortcut{{Name: "taskforce.add", Title: "Add to the agenda", Help: "Put what somebody said on the task force's agenda.",
			Run: func(c *Call) (chat.Reply, error) {
				if c.Quoted == nil {
					return h.addForm(c, "", "", "")
				}
				return h.addForm(c, "", c.Quoted.Text, "")
			}}},
	}
}

// showAgenda shows the meeting whose agenda is posted, else what the agenda of the next one would be now.
func (h *Handlers) showAgenda(c *Call, name string) (chat.Reply, error) {
	open, err := c.Tx.OpenMeetings()
	if err != nil {
		return chat.Reply{}, err
	}
	s, err := c.Tx.SeriesNamed(strings.TrimSpace(name), c.Tx.Now)
	if err == nil {
		for _, m := range open {
			if m.SeriesID == s.ID {
				return h.showMeeting(c, m.ID, false)
			}
		}
	} else if name != "" || truce.KindOf(err) != truce.NotFound {
		return chat.Reply{}, err
	}
	a, s, err := h.opt.Reports.Agenda(c.Tx, strings.TrimSpace(name), c.Tx.Now)
	if err != nil {
		return chat.Reply{}, err
	}
	may := s.Works(c.By)
	if s.ID == "" {
		may = mayStart(c.By)
	}
	names := map[string]string{}
	if s.Chair != "" {
		if names[s.Chair], err = h.nameOf(c, s.Chair); err != nil {
			return chat.Reply{}, err
		}
	}
	return show(cards.Agenda(cards.AgendaView{Series: s, At: a.Meeting, Items: a.Items(), Actions: a.Actions, More: a.More,
		Today: h.opt.Calendar.Date(c.Tx.Now),
		Loc:   h.opt.Location, May: may, Now: c.Tx.Now, Names: names})), nil
}

// mayStart reports whether a person may begin a series.
func mayStart(p truce.Person) bool {
	return p.Has(truce.SalesManager, truce.MarketingManager, truce.Sponsor, truce.Admin)
}

// seriesForm opens the form of a new series, with the managers of both sides in it.
func (h *Handlers) seriesForm(c *Call) (chat.Reply, error) {
	if !mayStart(c.By) {
		return chat.Reply{}, truce.Errorf(truce.Forbidden, "A manager, the sponsor or an admin begins a task force. Ask one of them; what you "+
			"want to talk about you can add to its agenda then.")
	}
	f := cards.SeriesFields{Days: h.opt.Calendar.Days, Channel: slices.Contains(h.opt.Channels, "alignment")}
	people, err := c.Tx.PeopleWith(truce.SalesManager, truce.MarketingManager, truce.Sponsor)
	if err != nil {
		return chat.Reply{}, err
	}
	if !slices.ContainsFunc(people, func(p truce.Person) bool { return p.ID == c.By.ID }) && c.By.TeamSide() != truce.NoSide &&
		!c.By.Has(truce.Admin) {
		people = append(people, c.By)
	}
	var members []string
	for _, p := range people {
		name, err := h.callName(c, p)
		if err != nil {
			return chat.Reply{}, err
		}
		members = append(members, name)
		if p.ID == c.By.ID {
			f.Chairs = append([]string{name}, f.Chairs...)
		} else {
			f.Chairs = append(f.Chairs, name)
		}
	}
	f.Members = members
	if f.People, err = h.mayMeet(c); err != nil {
		return chat.Reply{}, err
	}
	if c.Place.Kind == chat.Channel || c.Place.Kind == chat.Group {
		place, err := json.Marshal(chat.Place{ID: c.Place.ID, Kind: c.Place.Kind, Name: c.Place.Name})
		if err != nil {
			return chat.Reply{}, fmt.Errorf("write down the channel: %w", err)
		}
		f.Here, f.State = "#"+strings.TrimPrefix(c.Place.Name, "#"), string(place)
	}
	return ask(cards.SeriesForm(f)), nil
}

// seriesSent begins a series.
func (h *Handlers) seriesSent(c *Call) (chat.Reply, error) {
	if !mayStart(c.By) {
		return chat.Reply{}, truce.Errorf(truce.Forbidden, "A manager, the sponsor or an admin begins a task force.")
	}
	s := truce.MeetingSeries{Name: c.value("name"), CreatedBy: c.By.ID}
	running, err := c.Tx.MeetingSeries(c.Tx.Now)
	if err != nil {
		return chat.Reply{}, err
	}
	for _, r := range running {
		if truce.FoldText(r.Name) == truce.FoldText(s.Name) {
			return fault("name", fmt.Sprintf("There is a series called %s already, %s: give this one another name.", r.Name, r.When())), nil
		}
	}
	members, bad, err := h.members(c, c.value("members"), true)
	if bad != "" || err != nil {
		return fault("members", bad), err
	}
	for _, p := range members {
		s.Members = append(s.Members, p.ID)
	}
	if said := c.value("chair"); said != "" {
		chair, bad, err := h.members(c, said, false)
		if bad != "" || err != nil {
			return fault("chair", bad), err
		}
		if s.Chair = chair[0].ID; !slices.Contains(s.Members, s.Chair) {
			return fault("chair", "Who leads it is one of its members: add them there, too."), nil
		}
	}
	minutes, err := truce.ParseMinutes(c.value("at"))
	if err != nil {
		return fault("at", "Write the time as 10:00."), nil
	}
	day, err := strconv.Atoi(c.value("day"))
	if err != nil || day < 0 || day > 6 {
		return fault("day", "Choose a day of the week."), nil
	}
	s.Minutes, s.Day = minutes, time.Weekday(day)
	if week, err := strconv.Atoi(c.value("every")); err == nil {
		s.Monthly, s.Week = true, week
	}
	if err := s.Check(h.opt.Calendar); err != nil {
		return fault("name", truce.Sentence(err)), nil
	}
	switch c.value("place") {
	case "alignment":
		s.Place = string(storage.ToChannel("alignment"))
	case "here":
		var place chat.Place
		// only a place that we wrote into the form
		if _, err := c.Tx.Form(c.By.ID, c.Name, c.Arg); err != nil || json.Unmarshal([]byte(c.Arg), &place) != nil || place.IsZero() {
			return fault("place", "I no longer know which channel that was: type /taskforce start there once more."), nil
		}
		s.Place = string(storage.ToPlace(place))
	}
	if s, err = c.Tx.AddSeries(s); err != nil {
		return chat.Reply{}, err
	}
	if err := c.log("taskforce.start", s.ID, map[string]any{"name": s.Name, "when": s.When(), "members": s.Members}); err != nil {
		return chat.Reply{}, err
	}
	chair := ""
	if s.Chair != "" {
		if chair, err = h.nameOf(c, s.Chair); err != nil {
			return chat.Reply{}, err
		}
	}
	at, _ := s.Next(h.opt.Calendar, c.Tx.Now)
	return show(cards.SeriesBegun(s, chair, len(s.Members), at, truce.Later(s.AgendaAt(h.opt.Calendar, at), c.Tx.Now), h.opt.Location)), nil
}

// mayMeet are the people of both sides and the sponsor, by the name by which each alone is meant. More than a list takes: none.
func (h *Handlers) mayMeet(c *Call) ([]chat.Option, error) {
	people, err := c.Tx.People()
	if err != nil {
		return nil, err
	}
	var out []chat.Option
	for _, p := range people {
		side := p.TeamSide()
		if side == truce.NoSide && !p.Has(truce.Sponsor) {
			continue
		}
		name, whose := p.Name, side.Title()
		if len(truce.PeopleCalled(people, name)) != 1 {
			name = p.Address()
		}
		if side == truce.NoSide {
			whose = "Sponsor"
		}
		if strings.ContainsAny(name, ",;\n") || name == "" || len(out) == chat.MostOptions {
			return nil, nil
		}
		out = append(out, chat.Option{Value: name, Label: cards.FirstWords(name, 75), Hint: whose})
	}
	return out, nil
}

// members finds the people that names mean; bad says what is wrong with them. both asks that both sides are there.
func (h *Handlers) members(c *Call, said string, both bool) (list []truce.Person, bad string, err error) {
	sides := map[truce.Side]bool{}
	names := strings.FieldsFunc(said, func(r rune) bool { return r == ',' || r == ';' || r == '\n' })
	for _, name := range names {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		found, err := h.colleagues(c, name)
		switch {
		case truce.KindOf(err) == truce.NotFound:
			return nil, truce.Sentence(err), nil
		case err != nil:
			return nil, "", err
		case len(found) > 1:
			return nil, truce.Sentence(truce.WhichPerson(name, found)), nil
		}
		if !slices.ContainsFunc(list, func(p truce.Person) bool { return p.ID == found[0].ID }) {
			list = append(list, found[0])
		}
		sides[found[0].TeamSide()] = true
	}
	if len(list) == 0 {
		return nil, "Name who comes, with commas between.", nil
	}
	for _, s := range []truce.Side{truce.Sales, truce.Marketing} {
		if both && !sides[s] {
			return nil, "A task force is of both sides: name somebody of " + s.Title() + ", too.", nil
		}
	}
	return list, "", nil
}

func (h *Handlers) endSeries(c *Call, name string) (chat.Reply, error) {
	s, err := c.Tx.SeriesNamed(strings.TrimSpace(name), c.Tx.Now)
	if err != nil {
		return chat.Reply{}, err
	}
	if !s.Leads(c.By) {
		return chat.Reply{}, truce.Errorf(truce.Forbidden, "Who leads %s, a manager, the sponsor or an admin ends it.", s.Name)
	}
	if err := c.Tx.EndSeries(s.ID); err != nil {
		return chat.Reply{}, err
	}
	return show(cards.SeriesEnded(s)), c.log("taskforce.end", s.ID, nil)
}

// addTyped is "/taskforce add decide TEXT".
func (h *Handlers) addTyped(c *Call, text string) (chat.Reply, error) {
	wants := truce.ToDiscuss
	if first, rest := cut(text); slices.Contains([]string{string(truce.ToDecide), string(truce.ToDiscuss), string(truce.ToRead)},
		strings.ToLower(first)) && rest != "" {
		wants, text = truce.Section(strings.ToLower(first)), rest
	}
	if text == "" {
		return h.addForm(c, "", "", "")
	}
	s, err := c.Tx.SeriesNamed("", c.Tx.Now)
	if err != nil {
		return chat.Reply{}, err
	}
	return h.addItem(c, truce.AddedItem{SeriesID: s.ID, Wants: wants, Title: text})
}

// addForm opens the form of a new item. about is "KIND REF" of the record it is about.
func (h *Handlers) addForm(c *Call, series, text, about string) (chat.Reply, error) {
	list, err := c.Tx.MeetingSeries(c.Tx.Now)
	if err != nil {
		return chat.Reply{}, err
	}
	if len(list) == 0 {
		_, err := c.Tx.SeriesNamed("", c.Tx.Now)
		return chat.Reply{}, err
	}
	slices.SortStableFunc(list, func(a, b truce.MeetingSeries) int {
		switch {
		case a.ID == series && b.ID != series:
			return -1
		case b.ID == series && a.ID != series:
			return 1
		}
		return 0
	})
	_, ref := cut(about)
	return ask(cards.AddItemForm(list, text, ref, about)), nil
}

// withAgenda offers to put what a card shows on the agenda, where a task force meets: about is "KIND REF".
func withAgenda(c *Call, r chat.Reply, about string) (chat.Reply, error) {
	if r.Card == nil || c.Kind == chat.Look { // what stands in a channel keeps its buttons
		return r, nil
	}
	list, err := c.Tx.MeetingSeries(c.Tx.Now)
	if err == nil && len(list) > 0 {
		r.Card.Blocks = append(r.Card.Blocks, chat.ButtonRow(chat.Ask("Add to the agenda…", "taskforce.about", about)))
	}
	return r, err
}

// addAbout opens the form for a record that a card shows: Arg is "KIND REF".
func (h *Handlers) addAbout(c *Call) (chat.Reply, error) {
	kind, ref := cut(c.Arg)
	title := ref
	switch kind {
	case "dispute":
		d, err := c.Tx.Dispute(ref)
		if err == nil && !c.By.SeesCase(d) {
			err = noCaseOfYours(d.ID)
		}
		if err != nil {
			return chat.Reply{}, err
		}
		lead, err := c.Tx.Lead(d.LeadID)
		if err != nil {
			return chat.Reply{}, err
		}
		title = d.ID + " · " + lead.Title() + ", " + d.Reason.Info().Label
	case "proposal":
		p, err := c.Tx.Proposal(ref)
		if err != nil {
			return chat.Reply{}, err
		}
		title = p.ID + " · " + p.Title
	case "objection":
		o, err := c.counted(ref)
		if err != nil {
			return chat.Reply{}, err
		}
		title = o.Text
	case "note":
		n, err := h.myNote(c, ref)
		if err != nil {
			return chat.Reply{}, err
		}
		title = n.Text
	default:
		return chat.Reply{}, truce.Errorf(truce.NotFound, "That cannot be put on an agenda any more: say it in words, /taskforce add.")
	}
	return h.addForm(c, "", title, kind+" "+ref)
}

func (h *Handlers) addSent(c *Call) (chat.Reply, error) {
	s, err := c.Tx.SeriesNamed(c.value("series"), c.Tx.Now)
	if err != nil {
		return chat.Reply{}, err
	}
	wants := truce.Section(c.value("wants"))
	if !slices.Contains([]truce.Section{truce.ToDecide, truce.ToDiscuss, truce.ToRead}, wants) {
		return fault("wants", "Choose what it is for: to decide, to discuss or to read."), nil
	}
	kind, ref := cut(c.Arg)
	r, err := h.addItem(c, truce.AddedItem{SeriesID: s.ID, Wants: wants, Title: c.value("text"), Kind: kind, Ref: ref})
	return faultOr(r, err)
}

// addItem puts an item on the agenda: of the meeting whose agenda is posted, else of the next.
func (h *Handlers) addItem(c *Call, i truce.AddedItem) (chat.Reply, error) {
	title, err := truce.CheckText(i.Title, "item")
	if err == nil && len([]rune(title)) > 200 {
		err = truce.Errorf(truce.Invalid, "An item is a line of at most 200 characters: the rest is said in the meeting.")
	}
	if err != nil {
		return chat.Reply{}, err
	}
	i.Title, i.AddedBy = title, c.By.ID
	if i, err = c.Tx.AddToAgenda(i); err != nil {
		return chat.Reply{}, err
	}
	s, err := c.Tx.SeriesByID(i.SeriesID)
	if err != nil {
		return chat.Reply{}, err
	}
	at, _ := s.Next(h.opt.Calendar, c.Tx.Now)
	noRoom := false
	open, err := c.Tx.OpenMeetings()
	if err != nil {
		return chat.Reply{}, err
	}
	for _, m := range open {
		if m.SeriesID != s.ID {
			continue
		}
		at = m.At
		if noRoom, err = h.putOn(c, m, i); err != nil {
			return chat.Reply{}, err
		}
	}
	if err := c.log("taskforce.add", i.ID, map[string]string{"title": i.Title}); err != nil {
		return chat.Reply{}, err
	}
	return show(cards.ItemAdded(i, s.Name, at, noRoom, h.opt.Location)), nil
}

// putOn writes an item at the end of a posted agenda; noRoom reports that its section is full, and it is to be read.
func (h *Handlers) putOn(c *Call, m truce.Meeting, i truce.AddedItem) (noRoom bool, err error) {
	items, err := c.Tx.MeetingItems(m.ID, c.Tx.Now)
	if err != nil {
		return false, err
	}
	n := 0
	for _, other := range items {
		if other.Section == i.Wants {
			n++
		}
	}
	p := truce.PastItem{Section: i.Wants, AgendaItem: truce.AgendaItem{Kind: "added", Ref: i.ID, Title: i.Title,
		Why: fmt.Sprintf("Added by %s on %s.", c.By.Name, h.opt.Calendar.Date(c.Tx.Now).Words())}}
	if i.Ref != "" {
		p.Evidence = []string{i.Ref}
	}
	if i.Wants == truce.ToDecide && n >= truce.MostDecisions || i.Wants == truce.ToDiscuss && n >= truce.MostDiscussions {
		noRoom, p.Section = true, truce.ToRead
	}
	if err := c.Tx.PutItems(m.ID, []truce.PastItem{p}); err != nil {
		return false, err
	}
	return noRoom, c.Tx.SaveMeeting(m)
}

// takeOff takes back what somebody put on the agenda: who added it, or a manager.
func (h *Handlers) takeOff(c *Call) (chat.Reply, error) {
	i, err := c.Tx.AddedItem(c.Arg)
	switch {
	case err != nil:
		return chat.Reply{}, err
	case !i.EndedAt.IsZero():
		return chat.Reply{}, truce.Errorf(truce.Conflict, "It is off the agenda already. Nothing changed.")
	case i.AddedBy != c.By.ID && !c.By.Has(truce.SalesManager, truce.MarketingManager, truce.Sponsor):
		return chat.Reply{}, truce.Errorf(truce.Forbidden, "Who added it, or a manager, takes it off.")
	}
	if err := c.Tx.TakeOff(i); err != nil {
		return chat.Reply{}, err
	}
	return replace(cards.ItemTakenOff(i)), c.log("taskforce.takeoff", i.ID, nil)
}

// listActions lists the open actions of a series, "" is all.
func (h *Handlers) listActions(c *Call, series string) (chat.Reply, error) {
	list, err := c.Tx.MeetingActions(series, c.Tx.Now)
	if err != nil {
		return chat.Reply{}, err
	}
	var own, others []truce.MeetingAction
	for _, a := range list {
		switch {
		case !a.ClosedAt.IsZero():
		case a.OwnerID == c.By.ID:
			own = append(own, a)
		default:
			others = append(others, a)
		}
	}
	return show(cards.MeetingActions(own, others, h.opt.Calendar.Date(c.Tx.Now), series)), nil
}
