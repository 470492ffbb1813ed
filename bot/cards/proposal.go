package cards

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"truce"
	"truce/bot/chat"
)

// OwnProposal is a proposal as one of its readers may see it: chat.Own.Name.
const OwnProposal = "proposal"

// FromList is what the press of a list of proposals says behind the proposal: it takes the list's place.
const FromList = "list"

// ProposalView is a proposal with what a card of it says besides.
type ProposalView struct {
	truce.ProposalFile
	Loc *time.Location
}

// kind is what a proposal is about.
func (v ProposalView) kind() string {
	if g, ok := truce.GroundOf(v.Kind); ok {
		return g.Name
	}
	return string(v.Kind)
}

// Missing says whose yes a proposal waits for.
func (v ProposalView) Missing() string {
	var list []string
	for _, s := range v.Waiting() {
		if len(v.Keys.Managers[s]) == 0 {
			list = append(list, "the sponsor for "+s.Title())
		} else if v.Keys.Missing(s) {
			list = append(list, "a second person, the sponsor or a manager, for "+s.Title())
		} else {
			list = append(list, "a manager of "+s.Title())
		}
	}
	return strings.Join(list, " and ")
}

// differences are the lines of what changes.
func differences(list []truce.Difference) (b []chat.Block) {
	for i, d := range list {
		if i == 12 {
			return append(b, chat.Small(fmt.Sprintf("and %d more changes", len(list)-i)))
		}
		switch {
		case d.Was == "":
			b = append(b, chat.Para(d.What+": ", chat.B(d.Becomes)))
		case d.Becomes == "":
			b = append(b, chat.Para(d.What+": no more ", chat.B(d.Was)))
		default:
			b = append(b, chat.Para(d.What+" "+d.Was+" to ", chat.B(d.Becomes)))
		}
	}
	return b
}

// Proposal is a proposal: what it changes, what that would have done, and whose yes is missing. by is its reader; nil is a channel.
func Proposal(v ProposalView, by *truce.Person) chat.Card {
	p := v.Proposal
	c := chat.Card{Key: "proposal", Summary: fmt.Sprintf("%s, %s: %s", p.ID, p.State, p.Title)}
	c.Blocks = append(c.Blocks, chat.Para(chat.B(p.ID+" · "+v.kind()), " — "+proposedBy(p.State)+v.Proposer+" ",
		chat.At(p.At, v.Loc, chat.Day)))
	c.Blocks = append(c.Blocks, differences(p.Differences())...)
	if p.Why != "" {
		c.Blocks = append(c.Blocks, chat.Quote(p.Why))
	}
	if p.Effect != "" {
		c.Blocks = append(c.Blocks, chat.Para(p.Effect))
	}
	if p.Counters != "" {
		c.Blocks = append(c.Blocks, chat.Small("Another way instead of "+p.Counters+"."))
	}
	if p.Reopens != "" {
		c.Blocks = append(c.Blocks, chat.Small("Opened again: "+p.Reopens+" expired."))
	}
	switch p.State {
	case truce.ProposalOpen:
		c.Blocks = append(c.Blocks, v.open(by)...)
	case truce.ProposalInForce:
		t := chat.T("In force since ", chat.At(p.InForce, v.Loc, chat.Day), fmt.Sprintf(", version %d.", p.Version))
		if p.Kind == truce.RuleGround {
			t = append(t, chat.T(" It has stopped "+cases(p.Stopped)+" since.")...)
		}
		if p.Alone {
			t = append(t, chat.T(" The sponsor decided it alone: a key was missing, or nobody had answered in time.")...)
		}
		c.Blocks = append(c.Blocks, chat.Block{Text: t})
		if by != nil && p.MayRetire(*by) {
			c.Blocks = append(c.Blocks, chat.ButtonRow(chat.Ask("Retire…", "proposal.retire", p.ID)))
		}
	case truce.ProposalReplaced:
		s := "Replaced by " + p.ReplacedBy
		if p.Closing != "" {
			s += ": “" + p.Closing + "”"
		}
		c.Blocks = append(c.Blocks, chat.Para(s), chat.ButtonRow(chat.Press("See "+p.ReplacedBy, "proposal.show", p.ReplacedBy)))
	case truce.ProposalExpired:
		c.Blocks = append(c.Blocks, chat.Para("Nobody answered in 20 business days. Nothing changed."))
		if by == nil || by.Active {
			c.Blocks = append(c.Blocks, chat.ButtonRow(chat.Press("Open it again", "proposal.reopen", p.ID)))
		}
	default:
		s := capital(string(p.State))
		if p.Closing != "" {
			s += ": “" + p.Closing + "”"
		}
		t := chat.T(s+" ", chat.At(p.ClosedAt, v.Loc, chat.Day))
		if p.Kind == truce.RuleGround && p.State == truce.ProposalRetired {
			t = append(t, chat.T(". Such leads are cases again; it had stopped "+cases(p.Stopped)+".")...)
		}
		c.Blocks = append(c.Blocks, chat.Block{Text: t})
	}
	return c
}

// open is the part of a proposal that waits: for whom, and what its reader can do.
func (v ProposalView) open(by *truce.Person) (b []chat.Block) {
	p := v.Proposal
	if !p.Agreed.IsZero() {
		return []chat.Block{chat.Para(chat.B("Agreed"), ", in force from ", chat.At(p.InForce, v.Loc, chat.Day),
			". What runs already keeps its terms.")}
	}
	for _, s := range p.Needs {
		if p.Yes(s) != "" {
			b = append(b, chat.Small(s.Title()+" has said yes."))
		}
	}
	if p.From.After(p.At) {
		b = append(b, chat.Small("From ", chat.At(p.From, v.Loc, chat.Day), " on."))
	}
	b = append(b, chat.Para(chat.B("Waiting for a yes"), " of "+v.Missing()+"."))
	if !p.ToSponsor.IsZero() {
		b = append(b, chat.Para(chat.B("Five business days without an answer: the sponsor may decide it alone."), " Managers still can."))
		for _, s := range []truce.Side{truce.Sales, truce.Marketing} {
			said := p.Argument(s)
			if said == "" {
				said = "no argument given"
			}
			b = append(b, chat.Small(s.Title()+": "+said))
		}
	}
	var buttons []chat.Button
	if by == nil || p.MayAnswer(by.ID, v.Keys) {
		buttons = append(buttons, chat.Press("Yes", "proposal.agree", p.ID).As(chat.Primary), chat.Ask("No, because…", "proposal.decline", p.ID))
		if g, ok := truce.GroundOf(p.Kind); !ok || len(g.Proposes) == 0 { // else who answers it cannot propose another
			buttons = append(buttons, chat.Ask("Another way…", "proposal.counter", p.ID))
		}
	}
	if by != nil && by.ID == p.By {
		buttons = append(buttons, chat.Press("Withdraw", "proposal.withdraw", p.ID))
	}
	if by == nil || by.Has(truce.SalesManager, truce.MarketingManager) {
		buttons = append(buttons, chat.Ask("Our argument…", "proposal.argue", p.ID))
	}
	if len(buttons) > 0 {
		b = append(b, chat.ButtonRow(buttons...))
	}
	return b
}

// ProposalPosted is a proposal as it stands where many read it: each has the buttons that are theirs.
func ProposalPosted(v ProposalView, readers []truce.Person) chat.Card {
	c := Proposal(v, nil)
	if v.State == truce.ProposalOpen && v.Agreed.IsZero() {
		c.Own = own(OwnProposal, v.ID, readers, func(p truce.Person) bool { return v.MayAnswer(p.ID, v.Keys) })
	}
	if v.State == truce.ProposalInForce {
		c.Own = own(OwnProposal, v.ID, readers, v.MayRetire)
	}
	return c
}

// Proposals lists what waits, then what was decided of late.
func Proposals(open, recent []ProposalView, p Page, by truce.Person) chat.Card {
	c := chat.Card{Key: "proposals", Summary: fmt.Sprintf("%s under way.", plural(p.Of, "proposal", "proposals")),
		Title: chat.T(p.Caption("Proposals"))}
	if len(open)+len(recent) == 0 {
		c.Blocks = append(c.Blocks, chat.Para("Nothing has been proposed yet. What both sides agree on is changed here: a service level such "+
			"as the time to the first touch, the score threshold, the business hours. "+
			"It holds once one manager of each side has said yes. The promises of the charter are changed by /charter propose."),
			chat.ButtonRow(chat.Ask("Propose a change…", "setting.propose", "")))
		return c
	}
	if len(open) == 0 {
		c.Blocks = append(c.Blocks, chat.Para("Nothing waits for a yes."))
	}
	for _, v := range open {
		wait := chat.T("waiting for " + v.Missing())
		if !v.Agreed.IsZero() {
			wait = chat.T("agreed, in force from ", chat.At(v.InForce, v.Loc, chat.Day))
		} else if v.MayAnswer(by.ID, v.Keys) {
			wait = chat.T(chat.B("waiting for you"))
		}
		c.Blocks = append(c.Blocks, chat.Para(chat.B(v.ID), " "+v.Title+", ", wait),
			chat.ButtonRow(chat.Press("See "+v.ID, "proposal.show", v.ID+" "+FromList)))
	}
	c.Blocks = append(c.Blocks, p.More()...)
	if len(recent) > 0 {
		c.Blocks = append(c.Blocks, chat.Heading("Of late"))
	}
	for _, v := range recent {
		at := v.ClosedAt
		if at.IsZero() {
			at = v.InForce
		}
		c.Blocks = append(c.Blocks, chat.Para(v.ID+" "+v.Title+": "+string(v.State)+" ", chat.At(at, v.Loc, chat.Day)))
	}
	return c
}

// ProposalWaits brings a proposal to mind that has stood before somebody for a while.
func ProposalWaits(v ProposalView) chat.Card {
	s := v.ID + " still waits for " + v.Missing() + ": " + v.Title + "."
	return chat.Card{Key: "proposal.waits", Summary: s, Blocks: []chat.Block{chat.Para(s),
		chat.ButtonRow(chat.Press("See "+v.ID, "proposal.show", v.ID))}}
}

// ProposalNoForm asks why not.
func ProposalNoForm(p truce.Proposal) chat.Form {
	f := TextForm("proposal.decline", "No to "+p.ID, "Because", "Both sides read it. One no ends the proposal.", "Say no", p.ID, true)
	f.Intro = chat.T(p.Title)
	return f
}

// ProposalArgueForm asks for a side's argument.
func ProposalArgueForm(p truce.Proposal) chat.Form {
	return TextForm("proposal.argue", "Your side's argument on "+p.ID, "In two sentences at most",
		"Whoever decides reads it beside the other side's.", "Keep it", p.ID, true)
}

// ProposalRetireForm asks why what is in force is to end.
func ProposalRetireForm(p truce.Proposal) chat.Form {
	f := TextForm("proposal.retire", "Retire "+p.ID, "Why", "Both sides read it.", "Retire it", p.ID, true)
	f.Intro = chat.T("It ends at once, for both sides. What it has settled stays settled.")
	return f
}

// ValueForm asks for another value of a setting. instead is the proposal that it is another way of, "" for none.
func ValueForm(name, title, state string, now truce.Value, suggestion string) chat.Form {
	return chat.Form{Name: name, Title: title, Submit: "Propose it", State: state,
		Intro: chat.T("Now: "+now.Name+" ", chat.B(now.String()), ". In force once one manager of each side has said yes."),
		Fields: []chat.Field{
			{Name: "value", Kind: chat.Line1, Label: "New value", Value: suggestion, Required: true, Max: 100},
			{Name: "text", Kind: chat.LongText, Label: "Why", Hint: "Both sides read it.", Required: true, Max: truce.MaxText},
			{Name: "from", Kind: chat.DateOf, Label: "From a day on", Hint: "Empty is from the second yes."},
		}}
}

// SettingNow is a setting that can be changed.
type SettingNow struct{ Key, Name, Now string }

// SettingForm asks which of some settings is to change, and to what.
func SettingForm(list []SettingNow, suggestion string) chat.Form {
	f := ValueForm("setting.propose", "Propose a change", "", truce.Value{}, suggestion)
	f.Intro = chat.T("In force once one manager of each side has said yes. What runs already keeps its terms.")
	what := chat.Field{Name: "what", Kind: chat.Choice, Label: "What", Required: true}
	for _, s := range list {
		what.Options = append(what.Options, chat.Option{Value: s.Key, Label: atMost(s.Name+" (now "+s.Now+")", 75)})
	}
	f.Fields = append([]chat.Field{what}, f.Fields...)
	return f
}

// SourceForm asks for another source of some leads. instead is the proposal that it is another way of, "" for none.
func SourceForm(leads []truce.Lead, instead, suggestion string) chat.Form {
	var refs, now []string
	for _, l := range leads {
		refs = append(refs, l.Ref)
		if s := truce.SourceName(l.Source); !slices.Contains(now, s) {
			now = append(now, s)
		}
	}
	state := strings.Join(refs, " ")
	if instead != "" {
		state += "|" + instead
	}
	return chat.Form{Name: "source.propose", Title: "Propose another source", Submit: "Propose it", State: state,
		Intro: chat.T("Now: " + atMost(strings.Join(now, ", "), 200) +
			". A lead's source is locked when it comes, because the figures of sources rest on it. It changes once one manager of each side has " +
			"said yes."),
		Fields: []chat.Field{
			{Name: "leads", Kind: chat.ReadOnly, Label: "Leads", Value: strings.Join(refs, ", ")},
			{Name: "value", Kind: chat.Line1, Label: "Source", Value: suggestion, Required: true, Max: 100},
			{Name: "text", Kind: chat.LongText, Label: "Why", Hint: "Both sides read it.", Required: true, Max: truce.MaxText},
		}}
}

// atMost cuts a text that is longer.
func atMost(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

// Deputy says who holds a key where a side has nobody to; "" is nobody.
func Deputy(name string) chat.Card {
	s := "Nobody holds a missing key for you any more."
	if name != "" {
		s = name + " holds a key for you where a side has nobody to."
	}
	return chat.Card{Key: "deputy", Summary: s, Blocks: []chat.Block{chat.Para("✓ " + s)}}
}

// proposedBy is how a proposal stands and whose it is; of one that is no more than proposed the one says the other.
func proposedBy(s truce.ProposalState) string {
	if s == truce.ProposalOpen {
		return "proposed by "
	}
	return string(s) + ", proposed by "
}
