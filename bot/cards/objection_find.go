package cards

import (
	"fmt"
	"time"
	"unicode"
	"unicode/utf8"

	"truce"
	"truce/bot/chat"
)

// TopView is what is heard most.
type TopView struct {
	By         string
	Dimensions []string
	Days       int
	Rows       []TopRow
	Page       Page
	Odds       bool // what objections go with can be asked
}

// TopRow is how often one thing was heard, now and in the period before.
type TopRow struct {
	Key, Name      string
	Times, Before  int
	Reps, Accounts int
	Answered       bool
	Rising         bool
}

// KeyName is how a row of "top" is called.
func KeyName(by, name string) string {
	if name == "" && by == "theme" {
		return "No theme yet"
	}
	return name
}

// Top shows what is heard most, each row leading to what was said.
func Top(v TopView) chat.Card {
	c := chat.Card{Key: "objection.top", Title: chat.T("What buyers say, by " + v.By), Summary: "Nothing was logged lately."}
	t := chat.Table{Caption: v.Page.Caption(fmt.Sprintf("The last %d days, and the %d before", v.Days, v.Days)),
		Columns: []chat.Column{{Title: capital(v.By)}, {Title: "Heard", Number: true},
			{Title: "Before", Number: true}, {Title: "Reps", Number: true, Spare: true}, {Title: "Accounts", Number: true}}}
	if v.By == "theme" {
		t.Columns = append(t.Columns, chat.Column{Title: "Answer"})
	}
	rising := false
	for _, r := range v.Rows {
		name := KeyName(v.By, r.Name)
		open := chat.Press(name, "objection.heard", v.By+" "+r.Key)
		if r.Rising {
			name, rising = name+" ↑ rising", true
		}
		row := []chat.Cell{{Text: name, Button: &open}, number(r.Times), number(r.Before), number(r.Reps), number(r.Accounts)}
		if v.By == "theme" {
			row = append(row, chat.Cell{Text: map[bool]string{true: "yes", false: "none yet"}[r.Answered || r.Key == ""]})
		}
		if v.By == "theme" && r.Key == "" {
			row[5].Text = ""
		}
		t.Rows = append(t.Rows, row)
	}
	if len(t.Rows) == 0 {
		c.Blocks = append(c.Blocks, chat.Para(fmt.Sprintf("Nothing was logged in the last %d days. Be the first: ", v.Days),
			chat.Code("/objection and what they say")))
	} else {
		c.Summary = "Most heard: " + KeyName(v.By, v.Rows[0].Name) + "."
		c.Blocks = append(append(c.Blocks, chat.TableBlock(t)), v.Page.More()...)
	}
	if rising {
		c.Blocks = append(c.Blocks, chat.Small("Rising: of all that is heard, each account once a week, its share is larger than in the half "+
			"year before, by more than chance explains over a year of looks; 5 times in the last 8 weeks at least."))
	}
	s := chat.Select{Label: "By", Action: "objection.top", Value: v.By}
	for _, d := range v.Dimensions {
		s.Options = append(s.Options, chat.Option{Value: d, Label: capital(d)})
	}
	c.Blocks = append(c.Blocks, chat.SelectBlock(s))
	if v.Odds {
		c.Blocks = append(c.Blocks, chat.ButtonRow(chat.Press("Against win rates", "objection.odds", "")))
	}
	return c
}

// FoundView is a list of objections.
type FoundView struct {
	Title   string
	Empty   string // what is said where there are none
	Rows    []FoundRow
	Page    Page
	Answer  *truce.Answer // what may be said to all of them
	Others  int           // how many other answers there are
	ThemeID string        // of the Answer
	Now     time.Time
	Loc     *time.Location
}

// FoundRow is one objection of a list.
type FoundRow struct {
	Objection truce.Objection
	Theme     string
}

// Found lists objections: what was said, when, about which theme and at which account. It names nobody.
func Found(v FoundView) chat.Card {
	c := chat.Card{Key: "objection.found", Summary: v.Title, Title: chat.T(v.Title)}
	if v.Answer != nil {
		c.Blocks = append(c.Blocks, answerBlocks(*v.Answer, "", v.Others, v.Now, v.Loc)...)
	} else if v.ThemeID != "" {
		c.Blocks = append(c.Blocks, chat.Para("No approved answer yet."), chat.ButtonRow(chat.Ask("Suggest one", "answer.write", v.ThemeID)))
	}
	if len(v.Rows) == 0 {
		c.Blocks = append(c.Blocks, chat.Para(v.Empty))
		return c
	}
	for _, r := range v.Rows {
		o := r.Objection
		t := chat.T(chat.At(o.CreatedAt, v.Loc, chat.Day))
		for _, s := range []string{r.Theme, o.Stage, o.Competitor, o.Account} {
			if s != "" {
				t = append(t, chat.T(" · "+s)...)
			}
		}
		c.Blocks = append(c.Blocks, chat.Quote(o.Text), chat.Block{Note: t})
	}
	if v.Page.Shown < v.Page.Of {
		c.Title = chat.T(v.Page.Caption(v.Title))
	}
	c.Blocks = append(c.Blocks, v.Page.More()...)
	return c
}

func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return s
	}
	return string(unicode.ToUpper(r)) + s[n:]
}
