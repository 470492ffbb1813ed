package cards

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"truce"
	"truce/bot/chat"
)

// CharterView is the charter as one person sees it.
type CharterView struct {
	truce.CharterMeasured
	Company truce.Signed
	Mine    truce.Signature
	Signs   bool   // the reader is asked to sign
	Sponsor bool   // the reader may change it
	From    string // who proposed it
	CouldNo int    // how many could not sign, to the sponsor
	Loc     *time.Location
}

// promised is what a promise is held to.
func promised(p truce.CharterPromise) string {
	f, _ := truce.CharterFigureOf(p.What)
	return f.Shown(p.Target, "")
}

// charterRow is a promise as a row that one can scan: side and what, kept, target, mark.
func charterRow(p truce.PromiseMeasured) []string {
	f, _ := truce.CharterFigureOf(p.What)
	kept, mark := "–", "not measured" // beside the figures, where it may take two lines on a phone
	if p.Measured != nil {
		kept = f.Shown(*p.Measured, "")
		if p.N != nil && p.K != nil && *p.N < 10 {
			kept = fmt.Sprintf("%d of %d", *p.K, *p.N)
		}
	}
	if p.Withheld {
		mark = "for managers and " + p.Side.Title()
	}
	if p.Kept != nil {
		switch {
		case *p.Kept:
			mark = "✓"
		case !p.Short:
			mark = "not yet enough to tell"
		case f.AtMost:
			mark = "above"
		default:
			mark = "below"
		}
	}
	side := p.Side.Title()
	if p.Side == truce.TheSponsor {
		side = "Sponsor"
	}
	return []string{side + ": " + f.Name, kept, promised(p.CharterPromise), mark}
}

// CharterPromises is the table of promises. notes are what is to be said besides of those that fall short, args lead to what is
// counted, and trends are the weeks, all by what is promised. What is counted in two parts opens to neither, and the weeks stand
// beside the second.
func CharterPromises(m truce.CharterMeasured, notes, args map[string]string, trends map[string][]float64) []chat.Block {
	t := chat.Table{Caption: "Promises of the last 13 weeks",
		Columns: []chat.Column{{Title: "Promise"}, {Title: "Kept", Number: true}, {Title: "Target", Number: true}, {Title: "13 weeks"}}}
	add := func(p truce.PromiseMeasured, when string) {
		var row []chat.Cell
		for _, s := range charterRow(p) {
			row = append(row, chat.Cell{Text: s})
		}
		if row[0].Text += when; when == "" && p.Measured != nil && !p.Withheld {
			row[0] = openCell(row[0].Text, args[p.What])
		}
		if note := notes[p.What]; note != "" && p.Kept != nil && !*p.Kept {
			row[3].Text += "; " + note
		}
		if p.Measured != nil && !p.Withheld {
			row[3].Trend = trends[p.What]
		}
		t.Rows = append(t.Rows, row)
	}
	for _, p := range m.Promises {
		if len(p.Parts) == 0 {
			add(p, "")
		}
		for i, of := range p.Parts {
			when := ", before " + of.To.Format("2 Jan")
			if i > 0 {
				when = ", since " + of.From.Format("2 Jan")
			}
			add(of.PromiseMeasured, when)
			if i < len(p.Parts)-1 {
				t.Rows[len(t.Rows)-1][3].Trend = nil
			}
		}
	}
	if len(t.Rows) == 0 {
		return nil
	}
	return []chat.Block{chat.TableBlock(t)}
}

// CharterGoals are the goals, a line each, and the company's line of who signed.
func CharterGoals(m truce.CharterMeasured) (b []chat.Block) {
	for _, g := range m.Goals {
		f, _ := truce.GoalFigureOf(g.What)
		name := capital(f.Name)
		s := ": not measured"
		if g.Now != nil {
			s = ": " + f.Shown(*g.Now, g.Unit)
			if g.N != nil && g.K != nil && *g.N < 10 {
				s = fmt.Sprintf(": %d of %d", *g.K, *g.N)
			} else if g.Low != nil && g.High != nil {
				s += fmt.Sprintf(" (%s to %s)", f.Shown(*g.Low, g.Unit), f.Shown(*g.High, g.Unit))
			}
		}
		of := " of "
		if g.Low != nil { // a share "of" another would be read as a share of it
			of = "; the goal is "
		}
		s += of + f.Shown(g.Target, g.Unit) + " by " + truce.DayWords(g.By)
		if g.Line != nil {
			line := *g.Line
			if f.Unit == "money" { // a straight line has no cents
				line = math.Round(line/10000) * 10000
			} else if f.Unit == "count" {
				line = math.Round(line)
			}
			s += "; on the way it would be " + f.Shown(line, g.Unit) + " by now"
		}
		b = append(b, chat.Para(chat.B(name), s+"."))
	}
	if m.Signed != nil {
		b = append(b, chat.Small("Charter v"+fmt.Sprint(m.Version)+": "+m.Signed.Line()+"."))
	}
	return b
}

// Charter is the charter with its figures.
func Charter(v CharterView) chat.Card {
	c := chat.Card{Key: "charter", Summary: fmt.Sprintf("The charter, version %d.", v.Version),
		Title: chat.T("What the two sides promise each other")}
	c.Blocks = append(c.Blocks, chat.Para(chat.B(fmt.Sprintf("v%d", v.Version)), ", from "+v.From+", in force since ",
		chat.At(v.InForce, v.Loc, chat.Day)), chat.Quote(v.Why))
	goals := v.CharterMeasured
	goals.Signed = nil
	c.Blocks = append(c.Blocks, CharterPromises(v.CharterMeasured, nil, nil, nil)...)
	c.Blocks = append(c.Blocks, CharterGoals(goals)...)
	c.Blocks = append(c.Blocks, chat.Small(capital(v.Company.Line())+"."))
	var buttons []chat.Button
	switch {
	case !v.Signs:
	case !v.Mine.Signed.IsZero():
		c.Blocks = append(c.Blocks, chat.Small("You signed it ", chat.At(v.Mine.Signed, v.Loc, chat.Day), "."))
	case !v.Mine.CouldNot.IsZero():
		c.Blocks = append(c.Blocks, chat.Small("You said that you cannot sign it; only the sponsor reads why."))
		if v.Mine.Answer != "" {
			c.Blocks = append(c.Blocks, chat.Para("The sponsor answered you:"), chat.Quote(v.Mine.Answer))
		}
		buttons = append(buttons, chat.Press("I sign", "charter.sign", fmt.Sprint(v.Mine.Version)))
	default:
		buttons = signButtons(v.Mine.Version)
	}
	if v.Sponsor {
		buttons = append(buttons, chat.Ask("Change it…", "charter.propose", ""))
		if v.CouldNo > 0 {
			buttons = append(buttons, chat.Press(plural(v.CouldNo, "could not sign", "could not sign"), "charter.reasons", ""))
		}
	}
	buttons = append(buttons, chat.Press("History", "charter.history", ""))
	c.Blocks = append(c.Blocks, chat.ButtonRow(buttons...))
	return c
}

// CharterPrinted is the charter with its figures, for those who cannot press buttons.
func CharterPrinted(m truce.CharterMeasured, from string, loc *time.Location) chat.Card {
	v := CharterView{CharterMeasured: m, From: from, Loc: loc}
	if m.Signed != nil {
		v.Company = *m.Signed
	}
	c := Charter(v)
	c.Blocks = slices.DeleteFunc(c.Blocks, func(b chat.Block) bool { return len(b.Buttons) > 0 })
	return c
}

func signButtons(text int) []chat.Button {
	return []chat.Button{chat.Press("I sign", "charter.sign", fmt.Sprint(text)).As(chat.Primary),
		chat.Ask("I cannot sign this, because…", "charter.cannot", fmt.Sprint(text))}
}

// NoCharter says what to do first.
func NoCharter(sponsor bool, waiting string) chat.Card {
	c := chat.Card{Key: "charter.none", Summary: "There is no charter yet."}
	switch {
	case waiting != "":
		c.Blocks = append(c.Blocks, chat.Para("There is no charter in force yet: "+waiting+" waits for its yes."),
			chat.ButtonRow(chat.Press("See "+waiting, "proposal.show", waiting)))
	case sponsor:
		c.Blocks = append(c.Blocks, chat.Para("There is no charter yet. It says in three sentences why, what you aim at together, and what "+
			"Marketing, Sales and you promise; Truce measures all of it. "+
			"The form begins with a complete example: change what is different with you."), chat.ButtonRow(chat.Ask("Start", "charter.start", "")))
	default:
		c.Blocks = append(c.Blocks, chat.Para("There is no charter yet. The sponsor starts it: /charter start. What you would put into it: "+
			"/charter suggest."))
	}
	return c
}

// CharterSign asks to sign a text. changes are what is new since the version before.
func CharterSign(version, text int, from string, ch truce.Charter, changes []truce.Difference, again bool) chat.Card {
	c := chat.Card{Key: "charter.sign", Summary: fmt.Sprintf("The charter, version %d, asks to be signed.", version)}
	head := chat.Para(chat.B("What our two sides promise each other"), fmt.Sprintf(" · v%d, from %s", version, from))
	if again {
		head = chat.Para(chat.B("The charter still waits for you"),
			fmt.Sprintf(" · v%d, from %s. This is the one reminder; from here on it stands on your home page only.", version, from))
	}
	c.Blocks = append(c.Blocks, head, chat.Quote(ch.Why))
	for _, s := range []truce.Side{truce.Marketing, truce.Sales, truce.TheSponsor} {
		var list []string
		for _, p := range ch.Promises {
			if f, _ := truce.CharterFigureOf(p.What); p.Side == s {
				list = append(list, f.Name+" "+promised(p))
			}
		}
		name := s.Title()
		if s == truce.TheSponsor {
			name = from
		}
		if len(list) > 0 {
			c.Blocks = append(c.Blocks, chat.Para(chat.B(name), ": "+strings.Join(list, ", ")))
		}
	}
	if len(changes) > 0 {
		c.Blocks = append(c.Blocks, chat.Small(fmt.Sprintf("New in v%d:", version)))
		c.Blocks = append(c.Blocks, differences(changes)...)
	}
	c.Blocks = append(c.Blocks, chat.ButtonRow(signButtons(text)...), chat.Small("Your reason goes to "+from+" alone."))
	return c
}

// CharterTerms tells of changed terms, which are not signed.
func CharterTerms(version int, changes []truce.Difference) chat.Card {
	c := chat.Card{Key: "charter.terms", Summary: fmt.Sprintf("The charter's terms changed, version %d.", version)}
	c.Blocks = append(c.Blocks, chat.Para(chat.B(fmt.Sprintf("The charter's terms changed, v%d.", version)),
		" Its text is the same: there is nothing to sign."))
	c.Blocks = append(c.Blocks, differences(changes)...)
	c.Blocks = append(c.Blocks, chat.ButtonRow(chat.Press("The charter", "charter.show", "")),
		chat.Small("You get this because you are asked to sign the charter."))
	return c
}

// Signed thanks somebody who answered.
func Signed(version int, couldNot bool, sponsor string) chat.Card {
	s := fmt.Sprintf("✓ You signed the charter, v%d.", version)
	if couldNot {
		s = fmt.Sprintf("✓ Kept: you cannot sign the charter, v%d, as it is. Your reason goes to %s alone, who may answer you here.", version,
			sponsor)
	}
	return chat.Card{Key: "charter.signed", Summary: s, Blocks: []chat.Block{chat.Para(s),
		chat.ButtonRow(chat.Press("The charter", "charter.show", ""))}}
}

// CouldNotSign tells the sponsor why somebody could not sign.
func CouldNotSign(name string, s truce.Signature) chat.Card {
	t := name + " could not sign the charter. Only you read why."
	c := chat.Card{Key: "charter.could-not", Summary: t, Blocks: []chat.Block{chat.Para(chat.B(name),
		" could not sign the charter. Only you read why:"), chat.Quote(s.Reason)}}
	if s.Answer != "" {
		c.Blocks = append(c.Blocks, chat.Small("You answered: “"+s.Answer+"”"))
	} else {
		c.Blocks = append(c.Blocks, chat.ButtonRow(chat.Ask("Answer…", "charter.answer", fmt.Sprintf("%d %s", s.Version, s.PersonID))))
	}
	return c
}

// Reasons are all of those, to the sponsor.
func Reasons(list []chat.Card) chat.Card {
	c := chat.Card{Key: "charter.reasons", Summary: "Who could not sign, and why: for you alone.",
		Title: chat.T("Could not sign: for you alone")}
	for _, of := range list {
		c.Blocks = append(c.Blocks, of.Blocks...)
	}
	if len(list) == 0 {
		c.Blocks = append(c.Blocks, chat.Para("Nobody has said that they cannot sign."))
	}
	return c
}

// CharterAnswered tells somebody what the sponsor answered to their reason.
func CharterAnswered(sponsor string, s truce.Signature) chat.Card {
	t := sponsor + " answered why you could not sign the charter."
	return chat.Card{Key: "charter.answered", Summary: t, Blocks: []chat.Block{chat.Para(t + " You wrote:"), chat.Quote(s.Reason),
		chat.Para("The answer, to you alone:"), chat.Quote(s.Answer),
		chat.ButtonRow(chat.Press("I sign", "charter.sign", fmt.Sprint(s.Version)))}}
}

// CharterHistory lists the versions.
func CharterHistory(list []truce.Proposal, loc *time.Location) chat.Card {
	c := chat.Card{Key: "charter.history", Summary: "The charter's versions.", Title: chat.T("The charter's versions")}
	if len(list) == 0 {
		c.Blocks = append(c.Blocks, chat.Para("There is no version in force yet."))
	}
	for _, p := range list {
		c.Blocks = append(c.Blocks, chat.Para(chat.B(fmt.Sprintf("v%d", p.Version)), " in force since ", chat.At(p.InForce, loc, chat.Day),
			", "+p.ID))
		if p.Version > 1 {
			c.Blocks = append(c.Blocks, differences(p.Differences())...)
		}
	}
	return c
}

// CharterForm asks for a charter.
func CharterForm(ch truce.Charter, first bool) chat.Form {
	f := chat.Form{Name: "charter.propose", Title: "Change the charter", Submit: "Propose it",
		Intro: chat.T("A promise that changes needs a yes of its side's manager; the rest is yours. A line for each."),
		Fields: []chat.Field{
			{Name: "why", Kind: chat.LongText, Label: "Why, in three sentences at most", Value: wholeLines(ch.Why, 600), Required: true, Max: 600},
			{Name: "goals", Kind: chat.LongText, Label: "Goals you share", Hint: "won revenue USD: 0 on 2026-01-01 to 2400000 by 2027-01-01",
				Value: wholeLines(ch.GoalLines(), 1000), Max: 1000},
			{Name: "marketing", Kind: chat.LongText, Label: "Marketing promises", Value: wholeLines(ch.PromiseLines(truce.Marketing), 600),
				Max: 600},
			{Name: "sales", Kind: chat.LongText, Label: "Sales promises", Value: wholeLines(ch.PromiseLines(truce.Sales), 600), Max: 600},
			{Name: "sponsor", Kind: chat.LongText, Label: "You promise", Value: wholeLines(ch.PromiseLines(truce.TheSponsor), 600), Max: 600},
			{Name: "from", Kind: chat.DateOf, Label: "From a day on", Hint: "Empty is from the last yes."},
		}}
	if first {
		f.Title, f.Intro = "Start the charter", chat.T("An example to begin with: change what is different with you. Each promise needs a yes "+
			"of its side's manager.")
	}
	return f
}

// wholeLines are as many of a text's lines as a field holds. What came through the form fits; only what did not is left out.
func wholeLines(s string, most int) string {
	for len([]rune(s)) > most {
		i := strings.LastIndexByte(s, '\n')
		if i < 0 {
			return string([]rune(s)[:most])
		}
		s = s[:i]
	}
	return s
}

// CannotSignForm asks why somebody cannot sign.
func CannotSignForm(text string) chat.Form {
	return TextForm("charter.cannot", "I cannot sign this", "Because",
		"Goes to the sponsor alone: it is in no export, no log and nobody else's view.", "Send", text, true)
}

// AnswerSignForm asks the sponsor for an answer.
func AnswerSignForm(name, state string) chat.Form {
	return TextForm("charter.answer", "Answer "+name, "Your answer", "To "+name+" alone.", "Send", state, true)
}

// SuggestForm asks for what somebody would put into the charter.
func SuggestForm() chat.Form {
	return TextForm("charter.suggest", "Suggest for the charter", "What would you change", "The sponsor reads it and may propose it.", "Send",
		"", true)
}

// Suggested tells the sponsor what somebody would change.
func Suggested(name, text string) chat.Card {
	return chat.Card{Key: "charter.suggested", Summary: name + " suggests a change of the charter.",
		Blocks: []chat.Block{chat.Para(chat.B(name), " suggests for the charter:"), chat.Quote(text),
			chat.ButtonRow(chat.Ask("Change it…", "charter.propose", "")), chat.Small("You get this because you are the sponsor.")}}
}

// SuggestionSent thanks.
func SuggestionSent() chat.Card {
	return chat.Card{Key: "charter.suggestion", Summary: "✓ The sponsor reads it.",
		Blocks: []chat.Block{chat.Para("✓ The sponsor reads it, and may propose it.")}}
}
