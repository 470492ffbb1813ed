package cards

import (
	"slices"
	"time"

	"truce"
	"truce/bot/chat"
)

// DrillGroup is a campaign in a drill-down.
type DrillGroup struct {
	Name               string
	Leads, Judged, Won int
	SentBack, Fault    Share // of the judged
	Due                bool  // any were handed off over three business days ago
	NotWorked          Share // of those; of none: not measured
	Arg                string
}

// DrillGroups is a table of campaigns, each leading to its leads.
func DrillGroups(rows []DrillGroup) chat.Table {
	t := chat.Table{Caption: "Campaigns, most leads first",
		Columns: []chat.Column{{Title: "Campaign"}, counted(truce.CountedLeads), spare(counted(truce.CountedJudged)),
			counted(truce.CountedSentBack), counted(truce.CountedSourceFault), counted(truce.CountedWon)}}
	due := slices.ContainsFunc(rows, func(r DrillGroup) bool { return r.Due })
	if due {
		t.Columns = append(t.Columns, chat.Column{Title: "Not worked", Number: true})
		t.Caption += "; not worked: no touch, no verdict in 3 business days"
	}
	for _, r := range rows {
		row := []chat.Cell{openCell(r.Name, r.Arg), number(r.Leads), number(r.Judged), r.SentBack.cell(), r.Fault.cell(), number(r.Won)}
		if due {
			row = append(row, notWorked(r.Due, r.NotWorked))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// DrillReason is a reason in a drill-down.
type DrillReason struct {
	Label, Kind string
	N           int
	Arg         string
}

// DrillReasons is a table of reasons, each leading to its leads.
func DrillReasons(rows []DrillReason) chat.Table {
	t := chat.Table{Caption: "Reasons, most frequent first; only source faults count against a source",
		Columns: []chat.Column{{Title: "Reason"}, {Title: "Kind"}, {Title: "Leads", Number: true}}}
	for _, r := range rows {
		b := chat.Press(r.Label, "digest.leads", r.Arg)
		t.Rows = append(t.Rows, []chat.Cell{{Text: r.Label, Button: &b}, {Text: r.Kind}, number(r.N)})
	}
	return t
}

// DrillLead is a lead in a drill-down.
type DrillLead struct {
	Ref, Title    string
	MQLAt         time.Time
	Score         float64
	HasScore      bool
	State, Reason string
	Money         string
}

// DrillLeads is a table of leads, each leading to its card.
func DrillLeads(rows []DrillLead, loc *time.Location) chat.Table {
	t := chat.Table{Caption: "Leads, newest first", Columns: []chat.Column{{Title: "Lead"}, {Title: "Qualified"},
		{Title: "Score", Number: true}, {Title: "Stands at"}, {Title: MoneyLabel, Number: true}}}
	for _, r := range rows {
		b := chat.Press(r.Ref, "lead.show", r.Ref)
		state, score := r.State, "–"
		switch state {
		case "":
			state = "open"
		case "sql":
			state = "SQL"
		}
		if r.Reason != "" {
			state += ", " + r.Reason
		}
		if r.HasScore {
			score = chat.Figure(r.Score, "")
		}
		t.Rows = append(t.Rows, []chat.Cell{{Text: r.Ref + " " + r.Title, Button: &b}, {Text: r.MQLAt.In(loc).Format("2 Jan 2006")},
			{Text: score, Value: r.Score}, {Text: state}, {Text: r.Money}})
	}
	return t
}
