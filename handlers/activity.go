package handlers

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
)

// This file is activities in chat: what either side does, and to what end, asked link by link.

// activity is what either side does for the money it shall bring.
func (h *Handlers) activity() Command {
	return Command{
		Name:  "activity",
		Usage: "[list] | add | report | NAME | link NAME | observe NAME | close NAME",
		Help:  "Webinars, fairs, call blitzes: to what end? What each was to bring by when, beside what came.",
		Examples: []string{"activity", "activity add", "activity link Spring booth", "activity observe Spring booth",
			"activity close Spring booth"},
		Run: func(c *Call) (chat.Reply, error) {
			first, rest := cut(c.Text)
			switch strings.ToLower(first) {
			case "", "list":
				return h.activityList(c)
			case "add":
				return h.activityForm(c)
			case "link":
				return h.activityTyped(c, rest, h.linkForm)
			case "observe":
				return h.activityTyped(c, rest, h.observeForm)
			case "close":
				return h.activityTyped(c, rest, h.activityClose)
			case "report":
				if rest == "" {
					return h.activityReport(c)
				}
			}
			return h.activityTyped(c, c.Text, h.activityShow)
		},
		Looks: map[string]Action{"activity.report": h.activityReport},
		Actions: map[string]Action{
			"activity.add":     h.activityForm,
			"activity.show":    h.activityShow,
			"activity.link":    h.linkForm,
			"activity.use":     h.useLinks,
			"activity.unlink":  h.unlink,
			"activity.motive":  h.motiveForm,
			"activity.observe": h.observeForm,
			"activity.close":   h.activityClose,
			"activity.reopen":  h.activityReopen,
		},
		Forms: map[string]Action{"activity.add": h.activitySent, "activity.link": h.linkSent, "activity.motive": h.motiveSent,
			"activity.observe": h.observeSent},
	}
}

func (h *Handlers) activityReport(c *Call) (chat.Reply, error) {
	card, err := h.opt.Reports.ActivityReport(c.Tx, c.Tx.Now)
	return show(card), err
}

// activityTyped finds the activity that is named, and does something with it.
func (h *Handlers) activityTyped(c *Call, name string, do Action) (chat.Reply, error) {
	if name == "" {
		return chat.Reply{}, truce.Errorf(truce.Invalid, "Say which activity: /activity list shows them.")
	}
	a, err := c.Tx.ActivityNamed(name)
	if err != nil {
		return chat.Reply{}, err
	}
	c.Arg = a.ID
	return do(c)
}

// mayActivity reports whether a person may change an activity: its owner, managers, and whoever stands on its side where nobody owns it.
func mayActivity(p truce.Person, a truce.Activity) bool {
	own := a.Owner != "" && (strings.EqualFold(a.Owner, p.Email) || a.Owner == p.ID)
	return own || p.Has(truce.SalesManager, truce.MarketingManager, truce.Sponsor) || a.Owner == "" &&
		(a.Side == truce.NoSide || a.Side == p.TeamSide())
}

// ownActivity finds an activity that the person may change.
func (h *Handlers) ownActivity(c *Call) (truce.Activity, error) {
	a, err := c.Tx.Activity(c.Arg)
	if err == nil && !mayActivity(c.By, a) {
		owner, err := h.activityOwner(c, a)
		if err != nil {
			return a, err
		}
		return a, truce.Errorf(truce.Forbidden, "%s is %s's: they or a manager change it.", a.Name, owner)
	}
	return a, err
}

// activityOwner is the name of an activity's owner, who may be no person Truce knows: then as the import wrote it.
func (h *Handlers) activityOwner(c *Call, a truce.Activity) (string, error) {
	p, err := c.Tx.PersonByEmail(truce.FoldEmail(a.Owner))
	switch {
	case err == nil:
		return p.Name, nil
	case truce.KindOf(err) == truce.NotFound:
		return a.Owner, nil
	}
	return "", err
}

// keepLink stores a link of an activity's chain, and that somebody did.
func (c *Call) keepLink(a truce.Activity, l truce.ActivityLink, action string, detail map[string]any) error {
	if _, err := c.Tx.UpsertActivityLink(l); err != nil {
		return err
	}
	return c.log(action, a.ID, detail)
}

// openChain is openActivity with the links of its chain.
func (h *Handlers) openChain(c *Call) (a truce.Activity, links []truce.ActivityLink, err error) {
	if a, err = h.openActivity(c); err == nil {
		links, err = c.Tx.LinksOf(a.ID)
	}
	return a, links, err
}

// openActivity is ownActivity where it is not closed.
func (h *Handlers) openActivity(c *Call) (truce.Activity, error) {
	a, err := h.ownActivity(c)
	if err == nil && !a.ClosedAt.IsZero() {
		err = truce.Errorf(truce.Conflict, "%s is closed: open it again first. Nothing changed.", a.Name)
	}
	return a, err
}

func (h *Handlers) activityShow(c *Call) (chat.Reply, error) {
	a, err := c.Tx.Activity(c.Arg)
	if err != nil {
		return chat.Reply{}, err
	}
	return h.showActivity(c, a, false)
}

func (h *Handlers) showActivity(c *Call, a truce.Activity, replacing bool) (chat.Reply, error) {
	v := cards.ActivityView{Activity: a, May: mayActivity(c.By, a), Loc: h.opt.Location}
	var err error
	if v.Links, err = c.Tx.LinksOf(a.ID); err != nil {
		return chat.Reply{}, err
	}
	if v.Chain, err = h.opt.Reports.Activity(c.Tx, a, c.Tx.Now); err != nil {
		return chat.Reply{}, err
	}
	if v.Owner, err = h.activityOwner(c, a); err != nil {
		return chat.Reply{}, err
	}
	if a.ClosedAt.IsZero() && !a.HasEnd(v.Links) {
		if v.Past, v.Next, err = h.offered(c, a, v.Links); err != nil {
			return chat.Reply{}, err
		}
	}
	r := show(cards.Activity(v))
	r.Replace = replacing
	return r, nil
}

// offered is what the company's own past says of an activity's kind, and the links it offers for the leads that its chain expects.
func (h *Handlers) offered(c *Call, a truce.Activity, links []truce.ActivityLink) (*truce.ActivityPast, []truce.ActivityLink, error) {
	past, err := h.opt.Reports.ActivityPast(c.Tx, a.Kind, a.ID, c.Tx.Now)
	if err != nil || past == nil {
		return nil, nil, err
	}
	leads := func(l truce.ActivityLink) bool { return l.What == "leads" }
	i := slices.IndexFunc(links, func(l truce.ActivityLink) bool { return leads(l) && !l.AmongEngaged() })
	if i < 0 {
		i = slices.IndexFunc(links, leads)
	}
	if i < 0 {
		return past, nil, nil
	}
	currency := a.Cost.Currency
	if currency == "" || past.Revenue[currency] == 0 {
		for code, sum := range past.Revenue {
			if sum > past.Revenue[currency] || sum == past.Revenue[currency] && code < currency {
				currency = code
			}
		}
	}
	var next []truce.ActivityLink
	for _, l := range past.NextLinks(a, links[i].Expected, links[i].Date, currency) {
		if !slices.ContainsFunc(links, func(had truce.ActivityLink) bool { return had.What == l.What && !had.AmongEngaged() }) {
			next = append(next, l)
		}
	}
	return past, next, nil
}

func (h *Handlers) activityList(c *Call) (chat.Reply, error) {
	list, err := c.Tx.Activities()
	if err != nil {
		return chat.Reply{}, err
	}
	chains, err := c.Tx.ActivityLinks()
	if err != nil {
		return chat.Reply{}, err
	}
	var open, closed []cards.ActivityView
	for _, a := range slices.Backward(list) { // the newest first
		v := cards.ActivityView{Activity: a, Links: chains[a.ID], Loc: h.opt.Location}
		if a.ClosedAt.IsZero() {
			open = append(open, v)
		} else {
			closed = append(closed, v)
		}
	}
	return show(cards.ActivityList(open, closed)), nil
}

// activityForm opens the form of an activity, with the campaigns of the CRM that none has yet.
func (h *Handlers) activityForm(c *Call) (chat.Reply, error) {
	campaigns, err := c.Tx.CampaignsSince(c.Tx.Now.AddDate(-1, 0, 0))
	if err != nil {
		return chat.Reply{}, err
	}
	list, err := c.Tx.Activities()
	if err != nil {
		return chat.Reply{}, err
	}
	taken := map[string]bool{}
	for _, a := range list {
		for _, w := range a.Words() {
			taken[w] = true
		}
	}
	var options []chat.Option
	for _, s := range campaigns {
		if !taken[truce.FoldText(s.Name)] && len([]rune(s.Name)) <= 75 && len(options) < 100 {
			options = append(options, chat.Option{Value: s.Name, Label: cut75(s.Name + " · " + strconv.Itoa(s.Leads) + " leads")})
		}
	}
	side := c.By.TeamSide()
	if side == truce.NoSide {
		side = truce.Marketing
	}
	return ask(cards.ActivityForm(options, truce.Activity{}, side)), nil
}

func (h *Handlers) activitySent(c *Call) (chat.Reply, error) {
	a := truce.Activity{Name: c.value("name"), Kind: c.value("kind"), Side: truce.Side(c.value("side")),
		Matches: truce.ParseMatches(c.value("matches")), Owner: c.By.Address()}
	campaign := c.value("campaign")
	if a.Name == "" {
		a.Name = campaign
	}
	if campaign != "" && !slices.Contains(a.Matches, campaign) {
		a.Matches = append([]string{campaign}, a.Matches...)
	}
	switch {
	case a.Name == "":
		return fault("name", "Give it a name, or start from a campaign."), nil
	case a.Kind == "":
		return fault("kind", "Say what it is: webinar, trade show, call blitz."), nil
	case a.Side != truce.Sales && a.Side != truce.Marketing:
		return fault("side", "Choose whose it is."), nil
	}
	if had, err := c.Tx.ActivityNamed(a.Name); err == nil && truce.FoldText(had.Name) == truce.FoldText(a.Name) {
		return fault("name", "There is one called so already, "+had.ID+": give this one another name."), nil
	} else if truce.KindOf(err) == truce.Internal {
		return chat.Reply{}, err
	}
	var err error
	if said := c.value("cost"); said != "" {
		if a.Cost, a.HasCost, err = truce.ParseCost(said); err != nil || a.Cost.Amount < 0 {
			return fault("cost", "Write the cost with its currency, such as 41000 USD, or leave it empty."), nil
		}
	}
	first, err := truce.ParseDate(c.value("starts"))
	if err != nil {
		return fault("starts", "Write the first day as 2026-12-01."), nil
	}
	last := first
	if said := c.value("ends"); said != "" {
		if last, err = truce.ParseDate(said); err != nil || last.Compare(first) < 0 {
			return fault("ends", "Write the last day as 2026-12-02, not before the first."), nil
		}
	}
	a.StartsAt, a.EndsAt = first.At(0, h.opt.Location).UTC(), last.Add(1).At(0, h.opt.Location).Add(-time.Millisecond).UTC()
	if a.ID, err = c.Tx.NextActivityID(); err != nil {
		return chat.Reply{}, err
	}
	if err := c.Tx.SaveActivity(a); err != nil {
		return chat.Reply{}, err
	}
	if err := c.log("activity.add", a.ID, map[string]string{"name": a.Name}); err != nil {
		return chat.Reply{}, err
	}
	return h.showActivity(c, a, false)
}

func (h *Handlers) linkForm(c *Call) (chat.Reply, error) {
	a, links, err := h.openChain(c)
	if err != nil {
		return chat.Reply{}, err
	}
	day := h.opt.Calendar.Date(c.Tx.Now).Add(30)
	if n := len(links); n > 0 {
		day = links[n-1].Date
	}
	return ask(cards.LinkForm(a, day, "")), nil
}

func (h *Handlers) linkSent(c *Call) (chat.Reply, error) {
	a, err := h.openActivity(c)
	if err != nil {
		return chat.Reply{}, err
	}
	unit := c.value("unit")
	if what := c.value("what"); unit == "" && what != "revenue" && what != "repeat_revenue" {
		unit = map[string]string{"won": "deals", "meetings": "meetings", "opportunities": "opportunities"}[what]
		if unit == "" && what != "words" {
			unit = "leads"
		}
	} else if unit == "" {
		unit = a.Cost.Currency
	}
	l, field, err := truce.NewLink(a.ID, c.value("what"), c.value("words"), unit, c.value("date"), c.value("expected"), c.value("of"))
	if err != nil {
		return fault(field, truce.Sentence(err)), nil
	}
	if err := c.keepLink(a, l, "activity.link", map[string]any{"what": l.What, "expected": l.Expected, "unit": l.Unit,
		"date": l.Date.String(), "of": l.Of}); err != nil {
		return chat.Reply{}, err
	}
	return h.showActivity(c, a, false)
}

// useLinks takes the links that the company's own past offers.
func (h *Handlers) useLinks(c *Call) (chat.Reply, error) {
	a, links, err := h.openChain(c)
	if err != nil {
		return chat.Reply{}, err
	}
	_, next, err := h.offered(c, a, links)
	if err != nil {
		return chat.Reply{}, err
	}
	if len(next) == 0 || a.HasEnd(links) {
		return chat.Reply{}, truce.Errorf(truce.Conflict, "The chain has these already, or has an end. Nothing changed.")
	}
	for _, l := range next {
		if err := c.keepLink(a, l, "activity.link", map[string]any{"what": l.What, "expected": l.Expected, "unit": l.Unit,
			"date": l.Date.String(), "of": l.Of, "from": "own past"}); err != nil {
			return chat.Reply{}, err
		}
	}
	return h.showActivity(c, a, true)
}

// unlink takes the last link of a chain back.
func (h *Handlers) unlink(c *Call) (chat.Reply, error) {
	a, links, err := h.openChain(c)
	if err != nil {
		return chat.Reply{}, err
	}
	if len(links) == 0 {
		return chat.Reply{}, truce.Errorf(truce.Conflict, "The chain has no link. Nothing changed.")
	}
	last := links[len(links)-1]
	if err := c.Tx.RemoveLink(last); err != nil {
		return chat.Reply{}, err
	}
	if err := c.log("activity.unlink", a.ID, map[string]any{"what": last.What, "expected": last.Expected,
		"unit": last.Unit, "date": last.Date.String(), "of": last.Of}); err != nil {
		return chat.Reply{}, err
	}
	return h.showActivity(c, a, true)
}

func (h *Handlers) motiveForm(c *Call) (chat.Reply, error) {
	a, err := h.openActivity(c)
	return ask(cards.MotiveForm(a)), err
}

func (h *Handlers) motiveSent(c *Call) (chat.Reply, error) {
	a, err := h.openActivity(c)
	if err != nil {
		return chat.Reply{}, err
	}
	if a.Motive, err = truce.CheckText(c.Values["text"], "motive"); err != nil {
		return fault("text", truce.Sentence(err)), nil
	}
	if err := c.Tx.SaveActivity(a); err != nil {
		return chat.Reply{}, err
	}
	if err := c.log("activity.motive", a.ID, map[string]string{"text": a.Motive}); err != nil {
		return chat.Reply{}, err
	}
	return h.showActivity(c, a, false)
}

// told are the links that only the owner can see.
func told(links []truce.ActivityLink) (list []truce.ActivityLink) {
	for _, l := range links {
		if !l.Computed() {
			list = append(list, l)
		}
	}
	return list
}

func (h *Handlers) observeForm(c *Call) (chat.Reply, error) {
	a, err := h.ownActivity(c)
	if err != nil {
		return chat.Reply{}, err
	}
	links, err := c.Tx.LinksOf(a.ID)
	if err != nil {
		return chat.Reply{}, err
	}
	var options []chat.Option
	for i, l := range told(links) {
		options = append(options, chat.Option{Value: strconv.Itoa(i), Label: cut75(l.What + ", by " + l.Date.Words())})
	}
	if len(options) == 0 {
		return chat.Reply{}, truce.Errorf(truce.Invalid, "Truce counts every link of %s by itself: there is nothing that only you can see. "+
			"/activity %s shows the chain.", a.Name, a.ID)
	}
	return ask(cards.ObserveForm(a, options)), nil
}

func (h *Handlers) observeSent(c *Call) (chat.Reply, error) {
	a, err := h.ownActivity(c)
	if err != nil {
		return chat.Reply{}, err
	}
	links, err := c.Tx.LinksOf(a.ID)
	if err != nil {
		return chat.Reply{}, err
	}
	list := told(links)
	i, err := strconv.Atoi(c.value("link"))
	if err != nil || i < 0 || i >= len(list) {
		return fault("link", "Choose what you saw."), nil
	}
	n, err := strconv.ParseFloat(strings.ReplaceAll(c.value("seen"), ",", ""), 64)
	if err != nil || !(n >= 0 && n < 1e15) {
		return fault("seen", "Write a number, such as 133."), nil
	}
	l := list[i]
	l.Observed, l.HasSeen = n, true
	if err := c.keepLink(a, l, "activity.observe", map[string]any{"what": l.What, "seen": n}); err != nil {
		return chat.Reply{}, err
	}
	return h.showActivity(c, a, false)
}

// activityClose ends an activity. Without an end of its chain it is refused.
func (h *Handlers) activityClose(c *Call) (chat.Reply, error) {
	a, links, err := h.openChain(c)
	if err != nil {
		return chat.Reply{}, err
	}
	if !a.HasEnd(links) {
		return chat.Reply{}, truce.Errorf(truce.Conflict, "%s has no end yet: add a link that is revenue, or say why money cannot be said. "+
			"Then it can be closed.", a.Name)
	}
	a.ClosedAt = c.Tx.Now
	if err := c.Tx.SaveActivity(a); err != nil {
		return chat.Reply{}, err
	}
	if err := c.log("activity.close", a.ID, nil); err != nil {
		return chat.Reply{}, err
	}
	return h.showActivity(c, a, c.Kind == chat.Action)
}

func (h *Handlers) activityReopen(c *Call) (chat.Reply, error) {
	a, err := h.ownActivity(c)
	if err != nil {
		return chat.Reply{}, err
	}
	if a.ClosedAt.IsZero() {
		return chat.Reply{}, truce.Errorf(truce.Conflict, "%s is open already. Nothing changed.", a.Name)
	}
	a.ClosedAt = time.Time{}
	if err := c.Tx.SaveActivity(a); err != nil {
		return chat.Reply{}, err
	}
	if err := c.log("activity.reopen", a.ID, nil); err != nil {
		return chat.Reply{}, err
	}
	return h.showActivity(c, a, true)
}
