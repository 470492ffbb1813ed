package cards

import (
	"fmt"
	"time"

	"truce/bot/chat"
)

// This file says what a digest's figures rest on: when the CRM's data came in, and whether it was held against the CRM's own
// list. Two people who read different totals look here first.

// DataView is where the leads of a digest come from.
type DataView struct {
	Held     *HeldAgainst // the last comparison with the CRM's list; nil: there was none
	Imported time.Time    // when leads last came in whole; zero: never
	Stale    time.Time    // since when outcomes are missing; zero: they are not
	File     string       // the file they came in; "" is standard input, or not a file
}

// HeldAgainst is what came of comparing our leads with the CRM's list.
type HeldAgainst struct {
	At         time.Time
	Span       Span // from the file's first lead to its last; zero where it holds none
	Here, File int
	Why        []CountOf // how many differ for each reason, as Truce's reconcile command names them
}

// staleText says since when data is missing, and what waits for it.
func staleText(since time.Time, loc *time.Location) []any {
	return []any{"No outcomes have come from your CRM since ", chat.At(since, loc, chat.DayTime),
		": reminders and clocks about leads wait until they do."}
}

// blocks warns, above everything else, of figures that are older than they look.
func (d DataView) blocks(loc *time.Location) []chat.Block {
	if d.Stale.IsZero() {
		return nil
	}
	return []chat.Block{chat.Small(staleText(d.Stale, loc)...)}
}

// text is the sentence of a footer.
func (d DataView) text(p Period) chat.Text {
	if h := d.Held; h != nil {
		t := chat.T(fmt.Sprintf(" %s here, %s in your CRM's file of ", count(h.Here), count(h.File)), chat.At(h.At, p.Loc, chat.Day))
		if h.Span != (Span{}) {
			t = append(t, chat.T(", leads of "+Period{From: h.Span.From, To: h.Span.To, AsOf: h.Span.To.AddDate(1, 0, 0), Loc: p.Loc}.String())...)
		}
		return append(t, chat.T(": "+h.differences()+".")...)
	}
	if d.Imported.IsZero() {
		return chat.T(" Not held against your CRM's own list yet.")
	}
	t := chat.T(" Leads as imported on ", chat.At(d.Imported, p.Loc, chat.DayTime))
	if d.File != "" {
		t = append(t, chat.T(" from "+d.File)...)
	}
	return append(t, chat.T("; not held against your CRM's own list yet.")...)
}

func (h HeldAgainst) differences() string {
	var list []string
	for _, w := range h.Why {
		if w.N == 0 {
			continue
		}
		s := count(w.N) + " " + w.Name
		switch w.Name {
		case "merged":
		case "test":
			s = plural(w.N, "test lead", "test leads")
		case "below":
			s = plural(w.N, "lead", "leads") + " below the threshold"
		case "rejected":
			s = plural(w.N, "row", "rows") + " that cannot be read"
		case "twice":
			s = plural(w.N, "row", "rows") + " there twice"
		case "missing":
			s = count(w.N) + " never imported"
		case "gone":
			s = count(w.N) + " gone from the file"
		}
		list = append(list, s)
	}
	if len(list) == 0 {
		return "they agree"
	}
	return and(list)
}
