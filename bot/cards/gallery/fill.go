package gallery

import (
	"fmt"
	"hash/fnv"
	"io"
	"math"
	"math/rand/v2"
	"reflect"
	"strconv"
	"strings"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
)

// Nasty is text that would be something else wherever it is not made harmless: a mention, a link, markup, a formula, a template,
// letters that turn the line round, control characters.
const Nasty = "<!channel> <@U1> <https://evil.example|x> *b* _i_ ~s~ `c` [l](https://evil.example) **B** # h\n- l\n1. n\n> " +
	"q\n<at>Ann</at> <b>&amp;</b> {{DATE(2026-01-01T00:00:00Z)}} =1+1 \\ | \x00\x1b[31m\u202e 東京 👩🏽‍🔬 \r\nend"

// choices are the values that a named type of ours takes: anything else never leaves the store.
var choices = map[reflect.Type][]any{
	reflect.TypeFor[truce.DisputeState](): {truce.DisputeOpen, truce.DisputeAsked, truce.DisputeDeclined, truce.DisputeEscalated,
		truce.DisputeSponsor, truce.DisputeClosed},
	reflect.TypeFor[truce.DisputeOutcome](): {truce.Upheld, truce.UpheldByLapse, truce.Declined, truce.DeclinedByLapse, truce.Withdrawn,
		truce.NoOutcome},
	reflect.TypeFor[truce.Status](): {truce.Accepted, truce.Rejected, truce.SQL, truce.Opportunity, truce.Won, truce.Lost,
		truce.Recycled},
	reflect.TypeFor[truce.Origin](): {truce.FromPerson, truce.FromImport, truce.FromSilence, truce.FromDispute},
	reflect.TypeFor[truce.Claim](): {truce.TechnicalClaim, truce.PlainClaim, truce.PriceClaim, truce.CompetitorClaim,
		truce.PerformanceClaim, truce.RegulatoryClaim},
	reflect.TypeFor[truce.Side](): {truce.Sales, truce.Marketing, truce.NoSide},
	reflect.TypeFor[truce.Role](): {truce.Rep, truce.Marketer, truce.SalesManager, truce.MarketingManager, truce.Sponsor,
		truce.Admin},
	reflect.TypeFor[truce.PromiseKind](): {truce.AnswerPromise, truce.EvidencePromise, truce.ReplyPromise, truce.RulingPromise,
		truce.VerdictPromise, truce.TouchPromise, truce.RatingPromise},
	reflect.TypeFor[truce.Pause](): {truce.NoPause, truce.NoPause, truce.AwayPause, truce.NobodyPause, truce.NonePause,
		truce.FullPause, truce.DataPause, truce.SoonPause},
	reflect.TypeFor[truce.PromiseResult](): {truce.Running, truce.Paused, truce.Kept, truce.Late, truce.Lapsed, truce.Void},
	reflect.TypeFor[truce.ProposalState](): {truce.ProposalInForce, truce.ProposalOpen, truce.ProposalDeclined, truce.ProposalRetired},
	reflect.TypeFor[truce.NoteKind](): {truce.NoteResonates, truce.NoteObjection, truce.NoteFallsFlat, truce.NoteStuck, truce.NoteTrend,
		truce.NoteCompetitor, truce.NoteWin, truce.NoteLead, truce.NoteQuestion, truce.NoteUnknown},
	reflect.TypeFor[truce.EntryKind](): {truce.JourneyBarrier, truce.JourneyQuestion, truce.JourneyDriver, truce.JourneyHelps,
		truce.JourneyContent},
	reflect.TypeFor[truce.GapKind](): {truce.GapAnswer, truce.GapContent, truce.GapAssumed, truce.GapSlower, truce.GapExit,
		truce.GapUnlooked},
	reflect.TypeFor[truce.Rating](): {truce.Rating(3), truce.Rating(2), truce.Rating(1), truce.Rating(0)},
	reflect.TypeFor[truce.Stage]():  {truce.Stage(1), truce.Stage(0), truce.Stage(2), truce.Stage(3)},
	reflect.TypeFor[cards.FindingKind](): {cards.SentBackMost, cards.PromiseGap, cards.NeverBought, cards.BoughtLeast, cards.BoughtMost,
		cards.SentBackMore, cards.SentBackLess, cards.SentBackAll, cards.TooFew, cards.NothingFound, cards.Listening},
}

// plausible are values of fields by their name; the first field whose name holds the key counts.
var plausible = []struct{ key, value string }{
	{"Email", "lena.hart@northfield.example"}, {"Zone", "Europe/Berlin"}, {"Currency", "EUR"}, {"Revenue", "EUR 48,200"},
	{"Money", "EUR 18,400"}, {"Worked", "Ask what a repeat run costs them."},
	{"Source", "Content syndication"}, {"Campaign", "Autumn assay guide"}, {"Segment", "Contract labs"}, {"Product", "Validation kit"},
	{"Company", "Northfield Labs"},
	{"Account", "Northfield Labs"}, {"Competitor", "Competitor X"}, {"Stage", "evaluation"}, {"Owner", "Rita Vogel"}, {"Author", "Ben Ortiz"},
	{"Typist", "Ann Keller"}, {"Credit", "Ben Ortiz"},
	{"Body", "Time to first result is longer, time to reportable result is shorter: no repeat runs. Ask how often they repeat today."},
	{"Proof", "Repeat-rate one-pager"},
	{"Internal", "Do not name the customer in the study."}, {"Question", "Which laboratory did they work for?"},
	{"Evidence", "The web site lists teaching only."},
	{"Answer", "Core facilities bought nine times last year."}, {"Escalation", "Two like it were upheld in May."},
	{"Text", "They say we are twice as slow as their present supplier."},
	{"Worked", "Ask what a repeat costs."}, {"Why", "validation takes months"}, {"Title", "Northfield Labs"}, {"Theme", "Turnaround time"},
	{"Name", "Turnaround time"}, {"Side", "sales"}, {"Verdict", "missed"}, {"Day", "Tuesdays"},
	{"Median", "34"}, {"Bought", "EUR 96,000 bought 412 leads of Webinar, of which 3 have won so far."}, {"Elsewhere", "EUR 1,200"},
	{"Within", "12 % (8 to 17 %)"}, {"First", "EUR 12,000"}, {"Last", "EUR 9,000"}, {"Linear", "EUR 10,500"}, {"Then", "41"}, {"Now", "34"},
	{"Reason", "wrong person"}, {"Label", "Wrong person"},
	{"Kind", "call"}, {"State", "approved"}, {"By", "theme"}, {"Said", "They say we are too slow."},
}

// filler makes values of any type: plausible ones, or (with r) the largest and nastiest, at random.
type filler struct {
	r     *rand.Rand // nil fills plausibly
	loc   *time.Location
	n     int    // how many ids were made, of the nasty ones
	rows  int    // how many elements the nasty lists have in all
	path  string // of the field that is filled, from the constructor on: values come of it, so that a new field changes no others
	row   int    // of the list that the field is in
	in    string // the type whose field is filled
	depth int
}

// hash is a number below n that belongs to the path; what tells several numbers of one field apart.
func (f *filler) hash(n int, what string) int {
	h := fnv.New32a()
	io.WriteString(h, f.path+what)
	return int(h.Sum32() % uint32(n))
}

// at goes down into a field or an element.
func (f *filler) at(step string, fn func()) {
	path, depth := f.path, f.depth
	f.path, f.depth = path+"."+step, depth+1
	fn()
	f.path, f.depth = path, depth
}

// element goes down into the i-th element of a list.
func (f *filler) element(i int, fn func()) {
	row := f.row
	f.row = i
	f.at(strconv.Itoa(i), fn)
	f.row = row
}

// several are plausible values that differ from row to row, by type and field.
var several = map[string][]string{
	"Person.Name": {"Rita Vogel", "Ben Ortiz", "Ann Keller"}, "Lead.Name": {"Lena Hart", "Omar Said"},
	"Lead.Company":   {"Northfield Labs", "Ardmore Bio", "Kestrel Foods"},
	"SourceRow.Name": {"Webinar", "Content syndication", "Trade show"}, "GroupRow.Name": {"Webinar", "Content syndication", "Trade show"},
	"DrillGroup.Name":    {"Autumn assay guide", "Kit trial"},
	"DrillActivity.Name": {"Faster panels webinars", "Keynote dinner, Basel"}, "DrillActivity.Cost": {"19,000 USD", ""},
	"Finding.Name": {"Content syndication"}, "PromiseView.Name": {"First touches", "Verdicts"}, "CountOf.Name": {"upheld", "declined"},
	"DisputeRow.Name": {"outside ICP", "duplicate"}, "ChangeView.Name": {"Leads", "Won"}, "GroupTable.Name": {"Source", "Segment"},
	"SinceView.Name": {"Median days to win", "Repeat rate"}, "Restatement.Name": {"leads", "won"}, "Restatement.Was": {"212", "3"},
	"Restatement.Is": {"219", "4"}, "HeardView.Name": {"Validation effort", "Turnaround time"}, "SideView.Side": {"Sales", "Marketing"},
	"Theme.Name": {"Turnaround time", "Validation effort", "Price"}, "StuckView.Stage": {"evaluation"}, "MovedView.Stage": {"evaluation"},
	"Decision.Text": {"Rule on D-12", "Agree on the rule for Syndication"}, "CommandInfo.Name": {"objection", "dispute"},
	"CommandInfo.Usage":    {"[what they say]", "LEAD REASON"},
	"CommandInfo.Help":     {"Log what a buyer says and get the best approved answer.", "Dispute a lead."},
	"CommandInfo.Examples": {"objection they say we are too slow", "dispute L-12 outside ICP"},
	"TopRow.Name":          {"Turnaround time", "Validation effort"}, "CreditView.Source": {"Webinar", "Trade show"},
	"CreditView.Sourced": {"EUR 7,500"}, "ProductView.Name": {"Reader", "Kits"}, "SalesView.Won": {"EUR 48,200"},
	"SalesView.Again": {"EUR 2,400"}, "FiguresView.Repeat": {"23 % (52 of 226)"}, "AnswerUseView.Theme": {"Turnaround time"},
	"OddsView.Theme": {"Turnaround time", "Price"}, "OddsView.Verdict": {"lower", ""}, "Period.By": {"Region"},
	"AttributeView.Others": {"segment", "product"}, "FiguresView.Attributes": {"segment", "Region"}, "SourceRow.Cost": {"EUR 96,000"},
	"CostView.Name": {"Content syndication", "Webinar"}, "CostView.Cost": {"EUR 96,000"}, "CostView.PerWon": {"EUR 8,000"},
	"StandoutView.Name": {"EU", "Asia"}, "StandoutsView.Depends": {"US"},
	"Changed.Text": {"score threshold 50 to 60", "rule R-4 (Webinar, outside ICP) in force"}, "QuarterEndsView.Claim": {"higher"},
	"QuarterEndsView.AgainClaim": {"few"}, "DrillDeal.Again": {"yes", "too early to tell"},
	"DrillReason.Label": {"Wrong person", "Outside ICP"}, "TopView.Dimensions": {"theme", "stage"},
	"HandedOver.To": {"P-7"}, "Finding.Flips": {"Contract labs"}, "Finding.Side": {"sales"}, "Promise.PersonID": {"P-3"},
	"AnswerLine.Owner": {"Mia Brandt"},
}

// written are the fields that hold what people wrote, which may be long.
var written = map[string]bool{"Text": true, "Body": true, "Internal": true, "Question": true, "Evidence": true, "Answer": true,
	"Escalation": true, "Note": true, "Said": true, "Texts": true,
	"Parts": true, "Worked": true, "": true}

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// value makes one of a type; name is of the field it is for.
func (f *filler) value(t reflect.Type, name string) reflect.Value {
	v := reflect.New(t).Elem()
	f.fill(v, name)
	return v
}

func (f *filler) fill(v reflect.Value, name string) {
	if list := choices[v.Type()]; list != nil {
		v.Set(reflect.ValueOf(list[f.pick(len(list))]))
		return
	}
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(f.time(name)))
		return
	case *time.Location:
		v.Set(reflect.ValueOf(f.loc))
		return
	case time.Duration:
		v.SetInt(int64(time.Duration(3+f.pick(1000)) * time.Hour))
		return
	case truce.Terms:
		v.Set(reflect.ValueOf(truce.NewTerms(truce.NewCalendar(f.loc))))
		return
	case truce.Calendar:
		v.Set(reflect.ValueOf(truce.NewCalendar(f.loc)))
		return
	case truce.Reason:
		v.SetString(string(truce.Reasons[f.pick(len(truce.Reasons))].Reason))
		if f.r != nil && f.r.IntN(5) == 0 {
			v.SetString(f.text("Reason")) // a CRM's own
		}
		return
	case cards.Share:
		n := 103
		if f.r != nil {
			n = f.r.IntN(100_000)
		}
		k := n * 38 / 100
		if f.r == nil {
			k = n * (10 + f.hash(50, "share")) / 100
		}
		v.Set(reflect.ValueOf(cards.Share{K: k, N: n, Low: max(0, float64(k)/float64(max(n, 1))-.09), High: float64(k)/float64(max(n, 1)) + .1}))
		return
	case cards.Period:
		kinds := []string{"leads", "weekly", "mine", "monthly"}
		from := time.Date(2026, 11, 16, 0, 0, 0, 0, f.loc)
		v.Set(reflect.ValueOf(cards.Period{Kind: kinds[f.pick(len(kinds))], From: from, To: from.AddDate(0, 0, 7),
			AsOf: from.AddDate(0, 0, 7).Add(9 * time.Hour), Loc: f.loc}))
		return
	case cards.Span:
		to := time.Date(2026, 11, 23, 0, 0, 0, 0, f.loc)
		v.Set(reflect.ValueOf(cards.Span{From: to.AddDate(0, 0, -91), To: to}))
		return
	case chat.Block:
		v.Set(reflect.ValueOf(f.block()))
		return
	case chat.Button:
		v.Set(reflect.ValueOf(chat.Press(f.text("Label"), "lead.show", f.id("L"))))
		return
	case chat.Text:
		v.Set(reflect.ValueOf(chat.T(f.text(name))))
		return
	case chat.Table:
		v.Set(reflect.ValueOf(*f.table()))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(f.text(name))
	case reflect.Bool:
		v.SetBool(f.r == nil && name != "Late" && name != "BySilence" && name != "Hindsight" || f.r != nil && f.r.IntN(2) == 0)
	case reflect.Int, reflect.Int64, reflect.Int32, reflect.Uint64:
		v.SetInt(int64(f.int()))
	case reflect.Float64:
		v.SetFloat(f.float(name))
	case reflect.Pointer:
		if f.depth > 6 || f.r != nil && f.r.IntN(4) == 0 {
			return
		}
		v.Set(reflect.New(v.Type().Elem()))
		f.at("*", func() { f.fill(v.Elem(), name) })
	case reflect.Slice:
		n := f.many()
		s := reflect.MakeSlice(v.Type(), n, n)
		for i := range n {
			f.element(i, func() { f.fill(s.Index(i), name) })
		}
		v.Set(s)
	case reflect.Array:
		for i := range v.Len() {
			f.element(i, func() { f.fill(v.Index(i), name) })
		}
	case reflect.Map:
		m := reflect.MakeMap(v.Type())
		for i := range min(f.many(), 20) {
			f.element(i, func() { m.SetMapIndex(f.value(v.Type().Key(), "Key"), f.value(v.Type().Elem(), name)) })
		}
		v.Set(m)
	case reflect.Struct:
		outer := f.in
		f.in = v.Type().Name()
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				field := v.Type().Field(i).Name
				f.at(field, func() { f.fill(v.Field(i), field) })
			}
		}
		f.in = outer
		if d, ok := v.Addr().Interface().(*cards.DraftView); ok {
			d.Sure = d.Sure && len(d.Likely) > 0 // of the first
		}
	}
}

// pick is the first of n, or any.
func (f *filler) pick(n int) int {
	if f.r == nil {
		return 0
	}
	return f.r.IntN(n)
}

// mostRows is how many elements all nasty lists of one card have together: lists in lists of lists would fill a minute.
const mostRows = 1000

// many is how long a list is.
func (f *filler) many() int {
	if f.r == nil {
		return 2
	}
	if f.depth > 12 { // of a type that holds itself
		return 0
	}
	n := f.r.IntN(3)
	if f.depth <= 3 && f.rows < mostRows {
		n = []int{0, 1, 3, 40, 250}[f.r.IntN(5)]
	}
	f.rows += n
	return n
}

func (f *filler) int() int {
	if f.r == nil {
		return 3 + f.hash(40, "")
	}
	return []int{0, 1, 2, 12, 99, 100_000, math.MaxInt32}[f.r.IntN(7)]
}

func (f *filler) float(name string) float64 {
	if f.r == nil {
		if name == "Score" || name == "MeanScore" {
			return 82
		}
		return float64(10+f.hash(80, "")) / 100
	}
	return []float64{0, 1, .5, 12.345, 99.999, 1e15, math.NaN(), math.Inf(1), -3}[f.r.IntN(9)]
}

func (f *filler) time(name string) time.Time {
	switch {
	case f.r != nil && f.r.IntN(4) == 0:
		return time.Time{}
	case f.r == nil && (name == "UndoneAt" || name == "EditedAt" || name == "ClosedAt" || name == "LeaveFrom" || name == "LeaveTo" ||
		name == "StoppedAt"):
		return time.Time{}
	case strings.Contains(name, "Due") || name == "ReviewAt" || name == "To" || strings.Contains(name, "Remind"):
		return noon.Add(26 * time.Hour)
	}
	return noon.Add(-time.Duration(1+f.hash(200, "")) * time.Hour)
}

// id is a short id of ours; nasty ones are as nasty as a CRM's may be, and as short.
func (f *filler) id(prefix string) string {
	f.n++
	switch {
	case f.r == nil:
		return fmt.Sprintf("%s-%d", prefix, 1+f.hash(999, ""))
	case f.r.IntN(3) == 0:
		return "00Q<b>&*_" + fmt.Sprint(f.n)
	}
	return fmt.Sprintf("%s-%d", prefix, f.n)
}

func (f *filler) text(name string) string {
	for suffix, prefix := range map[string]string{"ID": "P", "Ref": "L", "Arg": "x", "Key": "k", "Replaces": "A", "Bundle": "D",
		"Subject": "D", "Reminder": "r", "Reader": "P", "ClosedBy": "P", "AnsweredBy": "P",
		"ApprovedBy": "P", "ProposedBy": "P", "LoggedBy": "P", "Parties": "P", "Keys": "P", "Cases": "D", "Answers": "D", "Leads": "L",
		"MergedInto": "t", "Before": "G"} {
		if name == suffix || len(suffix) == 2 && strings.HasSuffix(name, suffix) || suffix == "Ref" && strings.HasSuffix(name, "Ref") {
			return f.id(prefix)
		}
	}
	if f.r != nil {
		switch n := f.r.IntN(5); {
		case n == 0 && name != "Name" && name != "Label" && name != "Dimensions": // those are never empty
			return ""
		case n == 1:
			return strings.Repeat("W", 200) // a name as long as a CRM has them
		case n == 2:
			if written[name] {
				return strings.Repeat(Nasty+" ", 12) // 3,000 characters, the most that people may write
			}
		}
		return Nasty
	}
	if list := several[f.in+"."+name]; list != nil {
		return list[f.row%len(list)]
	}
	for _, p := range plausible {
		if strings.Contains(name, p.key) {
			return p.value
		}
	}
	return "Northfield Labs"
}

func (f *filler) table() *chat.Table {
	t := chat.Table{Caption: f.text("Title"), Columns: []chat.Column{{Title: f.text("Name")}, {Title: "Leads", Number: true}}}
	for i := range f.many() {
		f.element(i, func() {
			n := f.int()
			t.Rows = append(t.Rows, []chat.Cell{{Text: f.text("Name")}, {Text: fmt.Sprint(n), Value: float64(n)}})
		})
	}
	return &t
}

func (f *filler) block() chat.Block {
	switch f.pick(6) {
	case 1:
		return chat.Quote(f.text("Text"))
	case 2:
		return chat.TableBlock(*f.table())
	case 3:
		return chat.ButtonRow(chat.Press(f.text("Label"), "lead.show", f.id("L")))
	case 4:
		return chat.Heading(f.text("Title"))
	case 5:
		return chat.Rule()
	}
	return chat.Para(f.text("Text"))
}
