package cards

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"truce"
	"truce/bot/chat"
)

// Dispute is a case as it is now. by is its reader; nil is a channel, where the buttons are those of whose turn it is: who
// may press them is decided when they do.
func Dispute(f truce.CaseFile, by *truce.Person, t truce.Terms) chat.Card {
	loc := t.Calendar.Loc
	c := chat.Card{Key: "dispute." + string(f.State), Summary: f.ID + " · " + f.Lead.Title() + ": " + stands(f.Dispute) + "."}
	head := chat.T("⚖️ ", chat.B(f.ID+" · "+f.Lead.Title()))
	if f.Closed() {
		head = append(head, chat.T(" — ")...)
		head = append(head, ended(f)...)
		c.Blocks = append(c.Blocks, chat.Block{Text: head})
		c.Blocks = append(append(c.Blocks, chat.Small(about(f))), quoted(f.Said())...)
		c.Blocks = append(c.Blocks, row(buttonsOf(f, by, t)...)...)
		return c
	}
	head = append(head, chat.T(" — ", chat.I(f.Reason.Info().Label), about(f), ", ", chat.At(f.OpenedAt, loc, chat.DayTime))...)
	c.Blocks = append(append(c.Blocks, chat.Block{Text: head}), quoted(f.Said())...)
	c.Blocks = append(c.Blocks, bothSides(f)...)
	c.Blocks = append(c.Blocks, chat.Block{Text: append(waiting(f, t), precedents(f, t)...)})
	c.Blocks = append(c.Blocks, caseFit(f)...)
	if f.Rule != nil {
		c.Blocks = append(c.Blocks, chat.Block{Note: ruleLine(*f.Rule, loc)})
	}
	c.Blocks = append(c.Blocks, row(buttonsOf(f, by, t)...)...)
	if all := bundleButtons(f, by); len(all) > 0 {
		c.Blocks = append(c.Blocks, chat.Small(fmt.Sprintf("%d cases like it wait for one answer: %s.", len(f.Bundle), join(f.Bundle))),
			chat.ButtonRow(all...))
	}
	return c
}

// bothSides is what was said in an open case after its opening, in its order.
func bothSides(f truce.CaseFile) (b []chat.Block) {
	if f.Question != "" {
		b = append(b, chat.Para(chat.B("Marketing asked: "), f.Question))
	}
	if f.Evidence != "" {
		b = append(b, chat.Para(chat.B("The rep added: "), f.Evidence))
	}
	if f.Answer != "" {
		b = append(b, chat.Para(chat.B("Marketing declined: "), f.Answer))
	}
	if f.Escalation != "" {
		b = append(b, chat.Para(chat.B("The rep escalated: "), f.Escalation))
	}
	for _, r := range f.Rulings {
		b = append(b, chat.Block{Text: ruled(r)})
	}
	return b
}

// DisputePosted is a case as it stands in a channel, where each of its readers has the buttons that are theirs.
func DisputePosted(f truce.CaseFile, readers []truce.Person, t truce.Terms) chat.Card {
	c := Dispute(f, nil, t)
	c.Own = own(OwnDispute, f.ID, readers, func(p truce.Person) bool { return len(buttonsOf(f, &p, t))+len(bundleButtons(f, &p)) > 0 })
	return c
}

// caseFit is what the ideal customer profile says of the lead of a case, where one is in force.
func caseFit(f truce.CaseFile) []chat.Block {
	if f.Fit == nil {
		return nil
	}
	return []chat.Block{chat.Small("ICP " + FitLine(*f.Fit))}
}

// quoted is what somebody wrote, where they wrote anything.
func quoted(s string) []chat.Block {
	if truce.Blank(s) {
		return nil
	}
	return []chat.Block{chat.Quote(s)}
}

// row is the buttons, where there are any.
func row(b ...chat.Button) []chat.Block {
	if len(b) == 0 {
		return nil
	}
	return []chat.Block{chat.ButtonRow(b...)}
}

// about is what a case is about, in one line.
func about(f truce.CaseFile) string {
	s := ""
	if f.Closed() {
		s = f.Reason.Info().Label
	}
	if f.Lead.HasScore {
		s += " · score " + chat.Figure(f.Lead.Score, "")
	}
	s += " · source " + truce.SourceName(f.Source) + " · "
	verb := "opened by "
	if f.Round > 1 {
		verb = "re-opened; by "
	}
	if f.ByOwner() {
		return s + verb + "the lead's owner"
	}
	return s + verb + "a rep"
}

// ended is how a case ended, what was said, and what becomes of the lead.
func ended(f truce.CaseFile) chat.Text {
	word, rest := "", ""
	switch {
	case f.Outcome == truce.Withdrawn:
		word, rest = "withdrawn", " by the rep"
	case f.Outcome == truce.KeptByOwner:
		word, rest = "kept", " by the lead's owner"
	case f.Outcome.Upheld():
		word, rest = "upheld", f.Ended()[len("upheld"):]
	default:
		word, rest = "declined", f.Ended()[len("declined"):]
	}
	if f.Outcome == truce.Upheld && len(f.Rulings) == 0 && f.Took > 0 {
		rest += " in " + span(f.Took)
	}
	t := chat.T(chat.B(word), rest)
	switch last := lastText(f); {
	case last != "":
		t = append(t, chat.T(": “"+last+"”")...)
	default:
		t = append(t, chat.T(".")...)
	}
	switch {
	case f.Outcome.Upheld() && !f.SentBack:
		t = append(t, chat.T(" The lead was worked: it stays as it is, until a person says otherwise.")...)
	case f.Outcome.Upheld():
		t = append(t, chat.T(" The lead is "+string(f.Reason.SentBackAs())+".")...)
	}
	return t
}

// lastText is the last word in a closed case: of the ruling that settled it, else of Marketing.
func lastText(f truce.CaseFile) string {
	for _, r := range slices.Backward(f.Rulings) {
		if r.Text != "" {
			return r.Text
		}
	}
	if f.Outcome == truce.Withdrawn {
		return ""
	}
	return f.Answer
}

func ruled(r truce.Ruling) chat.Text {
	verb := "declines"
	if r.Uphold {
		verb = "upholds"
	}
	t := chat.T(chat.B("The manager of "+r.Side.Title()+" "+verb), ".")
	if r.Text != "" {
		t = chat.T(chat.B("The manager of "+r.Side.Title()+" "+verb+": "), r.Text)
	}
	return t
}

// stands is where a case stands, in a few words.
func stands(d truce.Dispute) string {
	switch d.State {
	case truce.DisputeOwner:
		return "waiting for the lead's owner"
	case truce.DisputeOpen:
		return "waiting for Marketing"
	case truce.DisputeAsked, truce.DisputeDeclined:
		return "waiting for the rep"
	case truce.DisputeEscalated:
		return "waiting for one manager of each side"
	case truce.DisputeSponsor:
		return "waiting for the sponsor"
	}
	return d.Ended()
}

// precedents says how like cases were ruled.
func precedents(f truce.CaseFile, t truce.Terms) chat.Text {
	up, down := f.Precedents.Upheld, f.Precedents.Declined
	s := ""
	switch {
	case up+down == 0:
		return nil
	case down == 0:
		s = fmt.Sprintf("%d like it in %d days, all upheld", up, t.PrecedentDay)
	case up == 0:
		s = fmt.Sprintf("%d like it in %d days, all declined", down, t.PrecedentDay)
	default:
		s = fmt.Sprintf("%d like it in %d days: %d upheld, %d declined", up+down, t.PrecedentDay, up, down)
	}
	if up+down == 1 {
		s = fmt.Sprintf("1 like it in %d days, upheld", t.PrecedentDay)
		if down == 1 {
			s = fmt.Sprintf("1 like it in %d days, declined", t.PrecedentDay)
		}
	}
	return chat.T(" · " + s)
}

// buttonsOf are what can be done with a case now, by its reader where there is one.
func buttonsOf(f truce.CaseFile, by *truce.Person, t truce.Terms) []chat.Button {
	var b []chat.Button
	marketing := by == nil || by.SpeaksForMarketing() && by.ID != f.OpenerID
	opener := by == nil || by.ID == f.OpenerID
	switch f.State {
	case truce.DisputeOwner:
		if by == nil || by.ID == f.Dispute.OwnerID || by.Manages(truce.Sales) && !opener {
			b = append(b, chat.Press("Let Marketing decide", "dispute.agree", f.ID).As(chat.Primary),
				chat.Ask("Keep the lead…", "dispute.keep", f.ID))
		}
	case truce.DisputeOpen:
		if marketing {
			b = append(b, chat.Press("Uphold", "dispute.uphold", f.ID).As(chat.Primary), chat.Ask("Decline…", "dispute.decline", f.ID))
			if f.Question == "" {
				b = append(b, chat.Ask("Ask once…", "dispute.ask", f.ID))
			}
		}
	case truce.DisputeAsked:
		if opener {
			b = append(b, chat.Ask("Answer…", "dispute.provide", f.ID).As(chat.Primary))
		}
		if marketing && by != nil {
			b = append(b, chat.Press("Uphold", "dispute.uphold", f.ID))
		}
	case truce.DisputeDeclined:
		if opener {
			b = append(b, chat.Press("Accept that", "dispute.accept", f.ID).As(chat.Primary), chat.Ask("Escalate…", "dispute.escalate", f.ID))
		}
	case truce.DisputeEscalated, truce.DisputeSponsor:
		if by == nil || mayRule(f.Dispute, *by, t) {
			b = append(b, chat.Ask("Rule: uphold…", "dispute.rule", f.ID+" uphold"), chat.Ask("Rule: decline…", "dispute.rule", f.ID+" decline"))
		}
	case truce.DisputeClosed:
		if f.Outcome.Upheld() && !f.SentBack && by != nil && f.Lead.OwnerID == by.ID && f.Lead.MayReject(*by) == nil {
			b = append(b, chat.Ask("Reject the lead…", "lead.reject", f.Lead.Ref))
		}
		if proposable(f, t) && (by == nil || by.SpeaksForMarketing() || by.Manages(truce.Sales) || by.Has(truce.Sponsor)) {
			b = append(b, chat.Ask("Propose as a rule…", "rule.propose", f.ID))
		}
		if f.Outcome == truce.Upheld && len(f.Rulings) == 0 && f.Answer == "" && (by == nil || by.ID == f.AnsweredBy) {
			b = append(b, chat.Ask("Say why…", "dispute.why", f.ID))
		}
		if f.Round == 1 && f.Outcome != truce.KeptByOwner && (by == nil || f.MayReopen(t, *by, f.ClosedAt) == nil) {
			b = append(b, chat.Ask("Re-open…", "dispute.reopen", f.ID))
		}
	}
	if by != nil && opener && !f.Closed() {
		b = append(b, chat.Press("Withdraw", "dispute.withdraw", f.ID))
	}
	return b
}

func mayRule(d truce.Dispute, by truce.Person, t truce.Terms) bool {
	_, err := d.RulesAs(t, by, d.MovedAt)
	return err == nil
}

// proposable reports whether enough like cases were ruled the same way to make a rule of them. The case itself counts.
func proposable(f truce.CaseFile, t truce.Terms) bool {
	if f.Rule != nil || !f.Settled() {
		return false
	}
	p := f.Precedents
	if f.Outcome == truce.Upheld {
		p.Upheld++
	} else {
		p.Declined++
	}
	_, n := p.Equal()
	return n >= t.Precedents
}

func bundleButtons(f truce.CaseFile, by *truce.Person) []chat.Button {
	if len(f.Bundle) < 2 || f.State != truce.DisputeOpen || by != nil && !by.SpeaksForMarketing() {
		return nil
	}
	n := strconv.Itoa(len(f.Bundle))
	return []chat.Button{chat.Ask("Uphold all "+n+"…", "dispute.answerall", f.Dispute.Bundle+" uphold"),
		chat.Ask("Decline all "+n+"…", "dispute.answerall", f.Dispute.Bundle+" decline")}
}

func join(ids []string) string {
	s := ""
	for i, id := range ids {
		switch {
		case i == 0:
			s = id
		case i == len(ids)-1:
			s += " and " + id
		default:
			s += ", " + id
		}
	}
	return s
}

// span is business time as people say it: "1 h 40 min".
func span(d time.Duration) string {
	h, m := int(d.Hours()), int(d.Minutes())%60
	switch {
	case h == 0:
		return fmt.Sprintf("%d min", max(1, m))
	case m == 0 || h >= 10:
		return fmt.Sprintf("%d h", h)
	}
	return fmt.Sprintf("%d h %d min", h, m)
}

// DisputeOpened confirms to the rep that a case is open, and when there will be an answer.
func DisputeOpened(f truce.CaseFile, t truce.Terms) chat.Card {
	c := chat.Card{Key: "dispute.opened", Summary: f.ID + " is open: " + f.Lead.Title() + "."}
	said := chat.T(chat.B("✓ "+f.ID+" is open"), ": "+f.Lead.Title()+", "+f.Reason.Info().Label+". ")
	said = append(said, waiting(f, t)...)
	if f.Unanswerable() {
		said = append(said, chat.T(". The admins know.")...)
	} else {
		said = append(said, chat.T("; you will hear from me.")...)
	}
	c.Blocks = append(c.Blocks, chat.Block{Text: said})
	if p := precedents(f, t); len(p) > 0 {
		c.Blocks = append(c.Blocks, chat.Small(p.String()[len(" · "):]+"."))
	}
	c.Blocks = append(c.Blocks, chat.ButtonRow(chat.Press("Withdraw", "dispute.withdraw", f.ID),
		chat.Press("Show "+f.ID, "dispute.show", f.ID)))
	return c
}

// DisputeRefused says why a lead cannot be disputed anew, and leads on to the case that is in the way.
func DisputeRefused(why, typed string, d truce.Dispute, by truce.Person, t truce.Terms, now time.Time) chat.Card {
	c := chat.Card{Key: "dispute.refused", Summary: why, Blocks: []chat.Block{chat.Para(why)}}
	b := []chat.Button{chat.Press("Show "+d.ID, "dispute.show", d.ID)}
	if d.MayReopen(t, by, now) == nil {
		b = append(b, chat.Ask("Re-open…", "dispute.reopen", d.ID))
	}
	c.Blocks = append(c.Blocks, chat.ButtonRow(b...))
	return givenBack(c, typed)
}

// DisputeTold tells one person what came of a case, or that it is their turn, after an action.
func DisputeTold(f truce.CaseFile, by truce.Person, t truce.Terms, action string) chat.Card {
	c := Dispute(f, &by, t)
	said := ""
	switch {
	case f.Closed() && by.ID == f.OpenerID:
		said = "Your case is settled."
	case f.Closed() && by.ID == f.Dispute.OwnerID:
		said = "A colleague's case about your lead is settled."
	case f.State == truce.DisputeOwner && by.ID == f.Dispute.OwnerID:
		said = "A colleague would send your lead back. You say first: let Marketing decide, or keep it. A lead you have worked is never taken " +
			"by silence."
	case f.State == truce.DisputeOpen && action == "dispute.agree":
		said = "The lead's owner lets Marketing decide."
	case f.State == truce.DisputeOpen && action == "lapse.owner":
		said = "The lead's owner did not say otherwise in time: Marketing decides."
	case f.State == truce.DisputeOpen && action == "dispute.ownergone":
		said = "The lead's owner has left: Marketing decides."
	case f.Unanswerable() && by.Has(truce.Admin):
		said = "A case was opened, and nobody is in Marketing to answer it. Give somebody the role; its time begins then."
	case f.State == truce.DisputeAsked && by.ID == f.OpenerID:
		said = "Marketing asks you one thing."
	case f.State == truce.DisputeDeclined && by.ID == f.OpenerID:
		said = "Marketing declined your case. Accept that, or take it to one manager of each side."
	case f.State == truce.DisputeEscalated:
		said = "A case needs your ruling, with one manager of the other side."
	case f.State == truce.DisputeSponsor && by.Has(truce.Sponsor) && action == "dispute.escalate":
		said = "A case needs your ruling: one side has no manager who is not a party to it."
	case f.State == truce.DisputeSponsor && by.Has(truce.Sponsor):
		said = "A case needs your ruling: the managers did not settle it."
	case f.State == truce.DisputeSponsor:
		said = "A case waits for a sponsor, and there is none who may rule. Give somebody the role; its time begins then."
	case f.State == truce.DisputeOpen && by.ID == f.OpenerID:
		said = "Your case is open again."
	case action == "lapse.evidence":
		said = "The rep added nothing in time. It is Marketing's turn again."
	case f.State == truce.DisputeOpen:
		said = "The rep has answered. It is Marketing's turn again."
	}
	if said != "" {
		c.Blocks = append([]chat.Block{chat.Para(said)}, c.Blocks...)
	}
	return c
}

// DisputeStep is one step of a case as its thread tells it.
func DisputeStep(d truce.Dispute, action, text string, side truce.Side) chat.Card {
	said := map[string]string{
		"dispute.agree":     "The lead's owner lets Marketing decide.",
		"dispute.keep":      "The lead's owner keeps it. The case is closed.",
		"dispute.ownergone": "The lead's owner has left: Marketing decides.",
		"lapse.owner":       "The lead's owner did not say otherwise in time: Marketing decides.",
		"dispute.uphold":    "Marketing upholds.",
		"dispute.decline":   "Marketing declines. The rep accepts that, or takes it to one manager of each side.",
		"dispute.ask":       "Marketing asks once; its time waits for the rep.",
		"dispute.provide":   "The rep answers; Marketing's time goes on.",
		"dispute.accept":    "The rep accepts that. The case is closed.",
		"dispute.escalate":  "The rep escalates: one manager of each side rules.",
		"dispute.withdraw":  "The rep withdraws the case.",
		"dispute.reopen":    "Re-opened, once, with new evidence. Marketing answers.",
		"dispute.rule":      side.Title() + " has ruled.",
		"dispute.why":       "Marketing says why.",
		"dispute.handover":  "The rep has left; a manager of Sales speaks for them now.",
		"lapse.answer":      "No answer came in time: upheld by lapse. It counts in no figure about the lead.",
		"lapse.evidence":    "Nothing was added in time. Marketing decides on what there is; its time goes on.",
		"lapse.reply":       "No reply came in time: the decline stands.",
		"lapse.ruling":      "No agreement came in time: the sponsor decides.",
		"lapse.sponsor":     "No ruling came in time: Marketing's answer stands.",
	}[action]
	if action == "dispute.rule" && d.State == truce.DisputeSponsor {
		said += " The two do not agree: the sponsor decides."
	}
	if action == "dispute.escalate" && d.State == truce.DisputeSponsor {
		said = "The rep escalates. One side has no manager who is not a party to it: the sponsor decides."
	}
	if action == "dispute.rule" && d.Closed() {
		said = "The case is " + d.Ended() + "."
	}
	if d.Stood {
		said = "Re-opened, and nobody settled it in time: what people had decided stands."
	}
	c := chat.Card{Key: "dispute.step", Summary: d.ID + ": " + said, Blocks: []chat.Block{chat.Para(said)}}
	if text != "" {
		c.Blocks = append(c.Blocks, chat.Quote(text))
	}
	return c
}

// Disputes lists cases, each with a button that shows it.
func Disputes(heading, none string, files []truce.CaseFile, p Page, terms truce.Terms) chat.Card {
	c := chat.Card{Key: "disputes", Summary: heading}
	if len(files) == 0 {
		c.Summary = none
		c.Blocks = append(c.Blocks, chat.Para(none))
		return c
	}
	t := chat.Table{Caption: p.Caption(heading), Columns: []chat.Column{{Title: "Case"}, {Title: "Lead"}, {Title: "Reason"},
		{Title: "Source", Spare: true}, {Title: "Stands"}, {Title: "Due"}}}
	for _, f := range files {
		b := chat.Press(f.ID, "dispute.show", f.ID)
		t.Rows = append(t.Rows, []chat.Cell{{Text: f.ID, Button: &b}, {Text: f.Lead.Title()}, {Text: f.Reason.Info().Label},
			{Text: truce.SourceName(f.Source)},
			{Text: stands(f.Dispute)}, {Text: dueCell(f, terms)}})
	}
	c.Blocks = append(append(c.Blocks, chat.TableBlock(t)), p.More()...)
	return c
}
