package handlers

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/handlers/intake/profile"
	"truce/storage"
)

// This file is the ideal customer profile: the one in force, a draft and a proposal of another one, its versions.

// Ideal computes of all leads what a profile's cards say. It only reads. Package schedules/ideal satisfies it.
type Ideal interface {
	// Effect says what a profile would have done in the year before a moment, against the one in force (nil where none is).
	Effect(tx *storage.Tx, p truce.Profile, inForce *truce.Profile, at time.Time) (string, error)
	// Told says in a line what the books tell of the attributes of accounts.
	Told(tx *storage.Tx, at time.Time) (string, error)
	// Controls are n accounts that have bought, drawn by a lot, without some of them, by their folded names.
	Controls(tx *storage.Tx, n int, without []string, seed uint64, at time.Time) ([]truce.Booked, error)
	// Books are what is known of companies: won, orders, months since the first win. By folded name.
	Books(tx *storage.Tx, keys []string, at time.Time) (map[string]truce.Booked, error)
}

// effectAtOnce is of how many leads a proposal's effect is computed while its proposer waits; of more it comes a minute later.
const effectAtOnce = 20_000

// icp shows and changes whom both sides want as a customer.
func (h *Handlers) icp() Command {
	return Command{
		Name:  "icp",
		Usage: "check COMPANY or LEAD | start | propose [DOCUMENT] | except LEAD WHY | history",
		Help:  "The ideal customer both sides agree on, and what it says of a lead.",
		Examples: []string{"icp", "icp check Northfield Labs", "icp check L-12", "icp start", "icp propose",
			"icp except L-12 a reference for the new market"},
		Reads: func(c *Call) bool {
			first, _ := cut(c.Text)
			return !slices.Contains([]string{"propose", "start", "lists", "except"}, strings.ToLower(first))
		},
		Run: func(c *Call) (chat.Reply, error) {
			first, rest := cut(c.Text)
			switch strings.ToLower(first) {
			case "", "show":
				return h.showICP(c)
			case "check":
				return h.checkICP(c, rest)
			case "account":
				return h.showAccount(c, rest)
			case "history":
				return h.icpHistory(c)
			case "propose":
				return h.proposeICP(c, pasted(rest))
			case "start", "lists":
				return h.icpLists(c)
			case "except":
				return h.exceptICP(c, rest)
			}
			r, err := h.checkICP(c, c.Text) // a name alone
			if truce.KindOf(err) == truce.NotFound {
				err = truce.Errorf(truce.Invalid, "I do not know what to do with %q: there is no lead and no company of that name. /icp check "+
					"COMPANY says what the profile makes of one; /icp shows the profile.", c.Text)
			}
			return r, err
		},
		Looks: map[string]Action{
			"icp.show":    h.showICP,
			"icp.check":   func(c *Call) (chat.Reply, error) { return h.checkICP(c, c.Arg) },
			"icp.account": func(c *Call) (chat.Reply, error) { return h.showAccount(c, c.Arg) },
			"icp.history": h.icpHistory,
			"icp.effect":  h.draftEffect,
			"icp.overlap": h.showOverlap,
		},
		Actions: map[string]Action{
			"icp.draft":    func(c *Call) (chat.Reply, error) { return h.proposeICP(c, "") },
			"icp.add":      h.criterionForm,
			"icp.remove":   h.removeCriterion,
			"icp.discard":  h.discardDraft,
			"icp.document": h.draftForm,
			"icp.propose":  h.profileForm,
			"icp.lists":    h.icpLists,
			"icp.begin":    h.beginLists,
			"icp.pick":     h.listForm,
			"icp.open":     h.openListsNow,
			"icp.except":   h.exceptForm,
		},
		Forms: map[string]Action{
			"icp.add":      h.criterionSent,
			"icp.document": h.documentSent,
			"icp.propose":  h.profileSent,
			"icp.pick":     h.listSent,
			"icp.except":   h.exceptSent,
		},
	}
}

// pasted is a document without what chats put around it: a code block's fences, and non-breaking spaces in front of its lines.
func pasted(s string) string {
	s = strings.TrimSpace(strings.ReplaceAll(s, "\u00a0", " "))
	if rest, ok := strings.CutPrefix(s, "```"); ok {
		s = strings.TrimSuffix(strings.TrimSpace(rest), "```")
		if first, rest, ok := strings.Cut(s, "\n"); ok && slices.Contains([]string{"yaml", "yml"}, strings.ToLower(strings.TrimSpace(first))) {
			s = rest
		}
	}
	return strings.TrimSpace(s)
}

// profiles are the versions of the profile, the newest first.
func (h *Handlers) profiles(c *Call) ([]truce.ProfileVersion, error) {
	return c.Tx.Profiles(h.terms.ICP.Configured, c.Tx.Now)
}

// profileNow is the version in force; nil where none is.
func (h *Handlers) profileNow(c *Call) (*truce.ProfileVersion, error) {
	list, err := h.profiles(c)
	return truce.ProfileAt(list, c.Tx.Now), err
}

func (h *Handlers) showICP(c *Call) (chat.Reply, error) {
	v := cards.ProfileView{Loc: h.opt.Location}
	var err error
	if v.Version, err = h.profileNow(c); err != nil {
		return chat.Reply{}, err
	}
	if v.Version != nil && v.Version.By != "" {
		p, err := c.Tx.Proposal(v.Version.ID)
		if err != nil {
			return chat.Reply{}, err
		}
		if v.Proposer, err = h.nameOf(c, p.By); err != nil {
			return chat.Reply{}, err
		}
		for _, vote := range p.Votes {
			if vote.Said != truce.SaidYes {
				continue
			}
			name, err := h.nameOf(c, vote.PersonID)
			if err != nil {
				return chat.Reply{}, err
			}
			v.Agreed = append(v.Agreed, name)
		}
	}
	if p, err := c.Tx.OpenProposal(truce.ICPGround, ""); err != nil {
		return chat.Reply{}, err
	} else if p != nil {
		v.Waiting, v.Title = p.ID, p.Title
	}
	if _, v.Draft, err = h.draft(c); err != nil {
		return chat.Reply{}, err
	}
	if h.opt.Ideal != nil {
		if v.Evidence, err = h.opt.Ideal.Told(c.Tx, c.Tx.Now); err != nil {
			return chat.Reply{}, err
		}
	}
	return show(cards.Profile(v)), nil
}

func (h *Handlers) icpHistory(c *Call) (chat.Reply, error) {
	list, err := c.Tx.Versions(truce.ICPGround, "")
	if err != nil {
		return chat.Reply{}, err
	}
	names := map[string]string{}
	for _, p := range list {
		ids := []string{p.By}
		for _, v := range p.Votes {
			ids = append(ids, v.PersonID)
		}
		for _, id := range ids {
			if id == "" || names[id] != "" {
				continue
			}
			if names[id], err = h.nameOf(c, id); err != nil {
				return chat.Reply{}, err
			}
		}
	}
	return show(cards.ProfileHistory(list, names, h.opt.Location)), nil
}

// The draft of a profile is what its proposer has typed into the form that proposes it, and not sent.
const draftForm = "icp.propose"

// draft is the person's draft; ok is false where there is none.
func (h *Handlers) draft(c *Call) (document string, ok bool, err error) {
	f, err := c.Tx.Form(c.By.ID, draftForm, "")
	if truce.KindOf(err) == truce.NotFound {
		return "", false, nil
	}
	document = f.Typed["yaml"]
	return document, document != "", err
}

// draftOrNow is the draft, else the profile in force, else an empty one that begins at 60 percent.
func (h *Handlers) draftOrNow(c *Call) (p truce.Profile, err error) {
	document, ok, err := h.draft(c)
	if err != nil {
		return p, err
	}
	if ok {
		if p, faults := profile.Read([]byte(pasted(document))); len(faults) == 0 {
			return p, nil
		}
	}
	now, err := h.profileNow(c)
	if err != nil || now == nil {
		return truce.Profile{Threshold: 60}, err
	}
	return now.Profile, nil
}

// keepDraft keeps a profile as the person's draft.
func (h *Handlers) keepDraft(c *Call, p truce.Profile) error {
	document, err := profile.Write(p)
	if err != nil {
		return err
	}
	opened, err := json.Marshal(cards.ProfileForm(string(document), ""))
	if err != nil {
		return fmt.Errorf("write down the form of a profile: %w", err)
	}
	f, err := c.Tx.Form(c.By.ID, draftForm, "")
	if err != nil && truce.KindOf(err) != truce.NotFound {
		return err
	}
	typed := map[string]string{"text": f.Typed["text"], "from": f.Typed["from"], "yaml": string(document)}
	return c.Tx.SaveForm(storage.Form{PersonID: c.By.ID, Name: draftForm, Opened: opened, Typed: typed})
}

// profileDraft shows a draft with what it changes.
func (h *Handlers) profileDraft(c *Call, p truce.Profile, effect string) (chat.Reply, error) {
	now, err := h.profileNow(c)
	if err != nil {
		return chat.Reply{}, err
	}
	var changes []truce.Difference
	if now != nil && !sameProfile(now.Profile, p) {
		changes = p.Differs(now.Profile)
	}
	r := show(cards.ProfileDraft(p, changes, effect))
	r.Replace = c.Kind == chat.Action && c.Name != "icp.draft"
	return r, nil
}

func sameProfile(a, b truce.Profile) bool {
	x, err := a.MarshalJSON()
	y, err2 := b.MarshalJSON()
	return err == nil && err2 == nil && truce.SameJSON(x, y)
}

// mayPropose refuses those who belong to no side.
func mayPropose(c *Call) error {
	if c.By.TeamSide() == truce.NoSide && !c.By.Has(truce.Sponsor) {
		return truce.Errorf(truce.Forbidden, "People of Sales and Marketing propose a profile. Ask an admin for your role: /truce roles.")
	}
	return nil
}

// proposeICP shows the draft; a document that was pasted becomes it.
func (h *Handlers) proposeICP(c *Call, document string) (chat.Reply, error) {
	if err := mayPropose(c); err != nil {
		return chat.Reply{}, err
	}
	if document != "" {
		p, faults := profile.Read([]byte(document))
		if len(faults) > 0 {
			return h.faulty(c, faults, document)
		}
		if err := h.keepDraft(c, p); err != nil {
			return chat.Reply{}, err
		}
		return h.profileDraft(c, p, "")
	}
	if said, ok, err := h.draft(c); err != nil {
		return chat.Reply{}, err
	} else if ok {
		if _, faults := profile.Read([]byte(pasted(said))); len(faults) > 0 {
			return h.faulty(c, faults, said)
		}
	}
	p, err := h.draftOrNow(c)
	if err != nil {
		return chat.Reply{}, err
	}
	return h.profileDraft(c, p, "")
}

// faulty tells what is wrong with a pasted document, and keeps it to be mended.
func (h *Handlers) faulty(c *Call, faults []profile.Fault, document string) (chat.Reply, error) {
	opened, err := json.Marshal(cards.DraftForm(document))
	if err != nil {
		return chat.Reply{}, fmt.Errorf("write down the form of a draft: %w", err)
	}
	if len(document) <= 3000 {
		err = c.Tx.SaveForm(storage.Form{PersonID: c.By.ID, Name: "icp.document", Opened: opened, Typed: map[string]string{"yaml": document}})
	}
	return show(cards.ProfileFaults(faultLines(faults), document)), err
}

func faultLines(faults []profile.Fault) (lines []string) {
	for _, f := range faults {
		lines = append(lines, f.String())
	}
	return lines
}

// faultsIn is the reply to a form whose document has faults.
func faultsIn(faults []profile.Fault) chat.Reply {
	const most = 5
	lines := faultLines(faults)
	if n := len(lines); n > most {
		lines = append(lines[:most], fmt.Sprintf("and %d more", n-most))
	}
	return fault("yaml", strings.Join(lines, "\n"))
}

func (h *Handlers) draftEffect(c *Call) (chat.Reply, error) {
	p, err := h.draftOrNow(c)
	if err != nil {
		return chat.Reply{}, err
	}
	effect, err := h.effect(c, p)
	if err != nil {
		return chat.Reply{}, err
	}
	return h.profileDraft(c, p, cmp.Or(effect, "There is nothing to replay it on here."))
}

// effect is what a profile would have done.
func (h *Handlers) effect(c *Call, p truce.Profile) (string, error) {
	now, err := h.profileNow(c)
	if err != nil || h.opt.Ideal == nil {
		return "", err
	}
	var inForce *truce.Profile
	if now != nil {
		inForce = &now.Profile
	}
	return h.opt.Ideal.Effect(c.Tx, p, inForce, c.Tx.Now)
}

func (h *Handlers) criterionForm(c *Call) (chat.Reply, error) {
	if err := mayPropose(c); err != nil {
		return chat.Reply{}, err
	}
	p, err := h.draftOrNow(c)
	if err != nil {
		return chat.Reply{}, err
	}
	known, err := c.Tx.ProfileAttributes()
	return ask(cards.CriterionForm(p.Threshold, known)), err
}

// criterionSent adds a criterion to the draft, by the parser that reads documents.
func (h *Handlers) criterionSent(c *Call) (chat.Reply, error) {
	if err := mayPropose(c); err != nil {
		return chat.Reply{}, err
	}
	p, err := h.draftOrNow(c)
	if err != nil {
		return chat.Reply{}, err
	}
	if p.Threshold, err = strconv.ParseFloat(c.value("threshold"), 64); err != nil {
		return fault("threshold", "Write a number from 0 to 100."), nil
	}
	cr, at, err := typedCriterion(c)
	if err != nil {
		return fault(at, truce.Sentence(err)), nil
	}
	p.Criteria = append(slices.Clone(p.Criteria), cr)
	document, err := profile.Write(p)
	if err != nil {
		return chat.Reply{}, err
	}
	read, faults := profile.Read(document)
	if len(faults) > 0 {
		f := faults[0]
		_, key, _ := strings.Cut(f.Key, "].")
		field := map[string]string{"attribute": "attribute", "points": "points", "must": "counts", "exclude": "counts", "note": "note"}[key]
		if field == "" && f.Key == "threshold" {
			field = "threshold"
		}
		return fault(cmp.Or(field, "value"), cmp.Or(key, f.Key)+" "+f.Text), nil
	}
	if err := h.keepDraft(c, read); err != nil {
		return chat.Reply{}, err
	}
	return replaced(h.profileDraft(c, read, ""))
}

// typedCriterion is what the form says; at is the field that cannot be read.
func typedCriterion(c *Call) (cr truce.Criterion, at string, err error) {
	cr = truce.Criterion{Attribute: c.value("attribute"), Test: truce.ProfileTest(c.value("test")), Note: c.value("note"), Low: math.Inf(-1),
		High: math.Inf(1),
		Must: c.value("counts") == "must", Exclude: c.value("counts") == "exclude"}
	if s := c.value("points"); s != "" {
		if cr.Points, err = strconv.Atoi(s); err != nil {
			return cr, "points", truce.Errorf(truce.Invalid, "Write a whole number, such as 20.")
		}
	}
	value := c.value("value")
	if value == "" && cr.Test != truce.TestExists {
		return cr, "value", truce.Errorf(truce.Invalid, "Say which values: pharma, core facility.")
	}
	switch cr.Test {
	case truce.TestExists:
		cr.Wanted = true
	case truce.TestContains:
		cr.Texts = []string{value}
	case truce.TestRange:
		if cr.Low, cr.High, err = typedRange(value); err != nil {
			return cr, "value", err
		}
	default:
		cr.Test = truce.TestOneOf
		for _, v := range strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ';' }) {
			if v = strings.TrimSpace(v); v != "" {
				cr.Texts = append(cr.Texts, v)
			}
		}
		if len(cr.Texts) == 0 {
			return cr, "value", truce.Errorf(truce.Invalid, "Say which values: pharma, core facility.")
		}
	}
	return cr, "", nil
}

// typedRange reads 50 to 200, 50-200, 50 to, to 200.
func typedRange(s string) (low, high float64, err error) {
	low, high = math.Inf(-1), math.Inf(1)
	wrong := truce.Errorf(truce.Invalid, "Write a range such as 50 to 200; leave an end out where it is open: 50 to.")
	first, last, ok := strings.Cut(" "+strings.ToLower(s)+" ", " to ")
	if !ok {
		if low, high, ok = truce.ParseSpan(s); !ok {
			return low, high, wrong
		}
		return low, high, nil
	}
	for text, end := range map[*string]*float64{&first: &low, &last: &high} {
		if t := strings.TrimSpace(*text); t != "" {
			if *end, ok = truce.ParseNumber(t); !ok {
				return low, high, wrong
			}
		}
	}
	return low, high, nil
}

func (h *Handlers) removeCriterion(c *Call) (chat.Reply, error) {
	p, err := h.draftOrNow(c)
	if err != nil {
		return chat.Reply{}, err
	}
	i := slices.IndexFunc(p.Criteria, func(cr truce.Criterion) bool { return cr.Key() == c.Values["value"] })
	if i < 0 {
		return chat.Reply{}, truce.Errorf(truce.Conflict, "That criterion is not in your draft any more. /icp propose shows it. Nothing changed.")
	}
	p.Criteria = slices.Delete(slices.Clone(p.Criteria), i, i+1)
	if len(p.Criteria) == 0 { // an empty profile cannot be kept: it begins anew
		if err := c.Tx.ForgetForm(c.By.ID, draftForm, "", time.Time{}); err != nil {
			return chat.Reply{}, err
		}
		return h.profileDraft(c, truce.Profile{Threshold: p.Threshold}, "")
	}
	if err := h.keepDraft(c, p); err != nil {
		return chat.Reply{}, err
	}
	return h.profileDraft(c, p, "")
}

func (h *Handlers) discardDraft(c *Call) (chat.Reply, error) {
	if err := c.Tx.ForgetForm(c.By.ID, draftForm, "", time.Time{}); err != nil {
		return chat.Reply{}, err
	}
	return replaced(h.showICP(c))
}

// documentOf is the draft, or what it begins with, as a document.
func (h *Handlers) documentOf(c *Call) (string, error) {
	document, ok, err := h.draft(c)
	if err != nil || ok {
		return document, err
	}
	now, err := h.profileNow(c)
	if err != nil || now == nil {
		return truce.ExampleProfile, err
	}
	text, err := profile.Write(now.Profile)
	return string(text), err
}

func (h *Handlers) draftForm(c *Call) (chat.Reply, error) {
	if err := mayPropose(c); err != nil {
		return chat.Reply{}, err
	}
	document, err := h.documentOf(c)
	return ask(cards.DraftForm(document)), err
}

func (h *Handlers) documentSent(c *Call) (chat.Reply, error) {
	if err := mayPropose(c); err != nil {
		return chat.Reply{}, err
	}
	p, faults := profile.Read([]byte(pasted(c.Values["yaml"])))
	if len(faults) > 0 {
		return faultsIn(faults), nil
	}
	if err := h.keepDraft(c, p); err != nil {
		return chat.Reply{}, err
	}
	return replaced(h.profileDraft(c, p, ""))
}

func (h *Handlers) profileForm(c *Call) (chat.Reply, error) {
	if err := mayPropose(c); err != nil {
		return chat.Reply{}, err
	}
	document, err := h.documentOf(c)
	return ask(cards.ProfileForm(document, "")), err
}

// counterProfile opens the form of another way.
func counterProfile(_ *Handlers, _ *Call, p truce.Proposal) (chat.Reply, error) {
	other, err := truce.ReadProfile(p.Payload)
	if err != nil {
		return chat.Reply{}, err
	}
	document, err := profile.Write(other)
	return ask(cards.ProfileForm(string(document), p.ID)), err
}

// profileSent proposes the profile that the form holds, with what it would have done.
func (h *Handlers) profileSent(c *Call) (chat.Reply, error) {
	if err := mayPropose(c); err != nil {
		return chat.Reply{}, err
	}
	p, faults := profile.Read([]byte(pasted(c.Values["yaml"])))
	if len(faults) > 0 {
		return faultsIn(faults), nil
	}
	if _, err := truce.CheckText(c.Values["text"], "reason"); err != nil {
		return fault("text", truce.Sentence(err)), nil
	}
	payload, err := p.MarshalJSON()
	if err != nil {
		return chat.Reply{}, fmt.Errorf("write the profile: %w", err)
	}
	effect := ""
	n, err := c.Tx.LeadsQualified(c.Tx.Now.AddDate(-1, 0, 0), c.Tx.Now)
	if err == nil && n <= effectAtOnce {
		effect, err = h.effect(c, p)
	}
	if err != nil {
		return chat.Reply{}, err
	}
	r, err := h.propose(c, truce.ICPGround, "", payload, nil, effect, c.Arg, "yaml")
	var told *truce.Error
	if errors.As(err, &told) && told.Kind == truce.Conflict { // another one is under way: the draft is kept
		return fault("yaml", truce.Sentence(err)), nil
	}
	return r, err
}
