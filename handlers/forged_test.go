package handlers_test

import (
	"database/sql"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strings"
	"testing"

	_ "github.com/mattn/go-sqlite3"

	"truce/bot/chat"
	"truce/bot/golden"
	"truce/bot/transcript"
)

// forgers are everybody who may send a press, whatever a card showed them. What is pressed is ann's or Marketing's.
var forgers = []struct {
	name, title string
	standing    chat.Standing
}{
	{"gus", "guest", chat.Guest}, {"olga", "outsider", chat.Outside}, {"fred", "has left", chat.Former}, {"uma", "unknown", chat.Unknown},
	{"dan", "no role", chat.Member}, {"ann", "the rep", chat.Member}, {"cat", "another rep", chat.Member},
	{"mia", "the marketer", chat.Member}, {"max", "another marketer", chat.Member},
	{"sam", "sales manager", chat.Member}, {"mona", "marketing manager", chat.Member}, {"pat", "sponsor", chat.Member},
	{"adi", "admin", chat.Member},
}

// forgedWorld has something of each kind that can be pressed.
const forgedWorld = `
dan: /truce help
lead L1 source=Webinar company="Northfield Labs" owner=ann@example.com email=kim@northfield.example segment=pharma score=82 campaign=Spring
lead L2 source=Webinar company="Glenrock Core" owner=ann@example.com email=lee@glenrock.example segment=pharma score=20
lead L3 source=Webinar company="Silverton" owner=ann@example.com email=sil@silverton.example
outcome L3 status=won amount=850000 currency=USD
ann: /dispute L-1 wrong person: she left the company
ann: /lead mine
ann: /lead L-2
ann: /objection they say we are too slow
ann: they loved the slide on repeat runs, it clicked at once
ann: - they say we are too expensive - the champion left and nobody follows up since, stuck in evaluation
ann: /field drafts
mia: /objection answer turnaround time
mia sends body="Time to reportable result is shorter." claim=competitor
mia: /objection answers turnaround time
ann: /objection answer turnaround time
ann sends body="Ask how often they repeat a run today."
mia: /objection answers
ann: /objection top
ann: /objection new
mia: /dispute rules
mia: /outcome interview Glenrock
mia presses Outcome…
mia sends direction=shorten measure="the time" object="until a result is reportable" quote="If a batch fails I lose the day." importance=9 satisfaction=3
mia presses A new one
mia: /outcome
mia: /outcome mine
pat: /charter start
pat sends why="We win or lose a lab together." goals="" marketing="leads in 13 weeks: 600" sales="first touch in time: 90 %" sponsor="decisions in two business days: 100 %"
sam presses Yes
mona presses Yes
time +2m
ann: /charter
ann presses I cannot sign this, because…
ann sends text="I cover two territories."
mia: /icp propose
mia presses Add a criterion…
mia sends attribute=segment test=one_of value="pharma, biotech" counts=points points=40 threshold=30
mia: /icp
adi: /icp start
ann: /icp start
ann presses Begin
ann: /icp
ann: /icp check L2
sam in #alignment: /taskforce start
sam sends name="Task force" members="Sam, Mona, Ann, Mia, Pat" chair="Sam" every=week day=4 at=10:00 place=members
ann: /taskforce add decide whether we go to the spring fair
ann: /taskforce add what the webinar leads ask first
mia: /activity
mia presses Add an activity…
mia sends name="Spring booth" kind="trade show" side=marketing cost="41,000 USD" starts=2026-02-18 ends=2026-02-19
mia presses Add a link…
mia sends what=words words="badge scans" expected=120 unit=scans date=2026-03-03 of=campaign
mia: /journey add evaluation barrier nobody has time to validate a new reader
mia: /journey evaluation
mia: /journey
ann: /digest
ann: /digest weekly
ann: /digest mine
ann: /truce mydata
ann: /truce home
adi: /truce roles
ann: /truce proposals
time 2026-03-05T10:05:00Z
sam: /taskforce agenda
ann presses Action…
ann sends text="Call them all" owner=P-1 due=2026-03-19
ann: /taskforce actions
lead L4 source=Webinar company="Westbrook" owner=ann@example.com email=wes@westbrook.example
ann: /dispute L-4 wrong person: he retired
ann: /lead L-2
pat: /charter propose
pat sends why="We win or lose a lab together." goals="" marketing="leads in 13 weeks: 600" sales="first touch in time: 85 %" sponsor="decisions in two business days: 100 %"
sam: /truce proposals
ann opens home
`

// forgedArgs are what cards of that world do not show, and what is pressed for it. A new action that no card of the world shows
// needs a line here.
var forgedArgs = map[string]string{
	"activity.close":       "ACT-1",
	"activity.reopen":      "ACT-1",
	"activity.report":      "ACT-1",
	"activity.use":         "ACT-1",
	"answer.approve":       "A-1",
	"answer.helped":        "A-1 O-1",
	"answer.more":          "T-none O-1",
	"answer.not":           "A-1 O-1",
	"answer.recall":        "A-1",
	"charter.propose":      "",
	"charter.reasons":      "1",
	"charter.start":        "",
	"command.open":         "lead mine",
	"deputy.of":            "P-3",
	"lead.all":             "L-1",
	"digest.by":            "a=2026-03-05T10:05:00Z&f=2026-02-23&k=leads&s=Webinar&t=2026-03-02",
	"digest.campaigns":     "a=2026-03-05T10:05:00Z&f=2026-02-23&k=leads&s=Webinar&t=2026-03-02",
	"digest.column.ask":    "segment",
	"digest.column.people": "segment",
	"digest.column.plain":  "segment",
	"digest.column.show":   "segment",
	"digest.deals":         "a=2026-03-05T10:05:00Z&f=2026-02-23&k=leads&s=Webinar&t=2026-03-02",
	"digest.leads":         "a=2026-03-05T10:05:00Z&f=2026-02-23&k=leads&s=Webinar&t=2026-03-02",
	"digest.open":          "leads",
	"digest.resume":        "leads",
	"digest.parts":         "a=2026-03-05T10:05:00Z&f=2026-02-23&k=leads&t=2026-03-02",
	"digest.rows":          "a=2026-03-05T10:05:00Z&f=2026-02-23&k=leads&s=Webinar&t=2026-03-02",
	"digest.subscribe":     "leads",
	"digest.why":           "a=2026-03-05T10:05:00Z&f=2026-02-23&k=leads&s=Webinar&t=2026-03-02",
	"dispute.accept":       "D-2",
	"dispute.agree":        "D-2",
	"dispute.answerall":    "D-2 uphold",
	"dispute.escalate":     "D-2",
	"dispute.keep":         "D-2",
	"dispute.provide":      "D-2",
	"dispute.rule":         "D-2 uphold",
	"dispute.why":          "D-2",
	"form.continue":        "objection ",
	"lead.rateseveral":     "",
	"home.show":            "",
	"home.steps":           "",
	"ramp.open":            "disputes",
	"icp.check":            "L-2",
	"icp.open":             "B-1",
	"icp.except":           "Silverton",
	"icp.history":          "",
	"icp.overlap":          "B-1",
	"journey.answer":       "O-1",
	"journey.ask":          "J-1",
	"journey.request":      "turnaround-time",
	"journey.stages":       "",
	"journey.unask":        "J-1",
	"journey.content":      "evaluation",
	"journey.why":          "evaluation",
	"lead.give":            "L-2",
	"list.more":            "",
	"note.command":         "N-1",
	"note.of":              "note they said so",
	"note.split":           "N-1",
	"note.undo":            "N-1",
	"note.whole":           "N-1",
	"objection.instead":    "O-1",
	"objection.of":         "O-1",
	"outcome.another":      "Glenrock",
	"outcome.back":         "I-1 1",
	"outcome.brief":        "Glenrock",
	"outcome.confirm":      "I-1",
	"outcome.finish":       "I-1",
	"outcome.group":        "S-1",
	"outcome.inventory":    "",
	"outcome.loose":        "",
	"outcome.merge":        "OI-1",
	"outcome.new":          "I-1",
	"outcome.rate":         "I-1",
	"outcome.remove":       "S-1",
	"outcome.rename":       "OI-1",
	"outcome.same":         "I-1",
	"outcome.show":         "S-1",
	"outcome.split":        "OI-1",
	"outcome.whole":        "I-1",
	"proposal.agree":       "T-2", "proposal.argue": "T-2", "proposal.decline": "T-2", "proposal.withdraw": "T-2",
	"proposal.counter":    "T-1",
	"proposal.list":       "",
	"proposal.reopen":     "T-1",
	"proposal.retire":     "T-1",
	"proposal.show":       "T-1",
	"request.drop":        "Q-1",
	"role.give":           "P-3 admin",
	"role.take":           "P-3 admin",
	"rule.agree":          "R-1",
	"rule.propose":        "",
	"rule.refuse":         "R-1",
	"rule.retire":         "R-1",
	"rule.show":           "R-1",
	"setting.propose":     "",
	"taskforce.about":     "dispute D-1",
	"taskforce.actions":   "",
	"taskforce.done":      "X-1",
	"taskforce.drop":      "X-1",
	"taskforce.dropitem":  "M-1 added:I-1",
	"taskforce.hold":      "M-1",
	"taskforce.minutes":   "M-1",
	"taskforce.newaction": "M-1",
	"second.knew":         "L-2 no",
	"second.propose":      "on",
	"taskforce.reopen":    "X-1",
	"taskforce.start":     "",
	"taskforce.decision":  "M-1 added:I-2",
	"taskforce.action":    "M-1 added:I-2",
	"taskforce.discussed": "M-1 added:I-2",
	"taskforce.next":      "M-1 added:I-2",
	"taskforce.undo":      "M-1 added:I-1",
	"theme.edit":          "turnaround-time",
	"theme.merge":         "turnaround-time price",
	"theme.new":           "",
}

// forgedStates are what forms carry that nobody is asked in that world, as it stands.
var forgedStates = map[string]string{
	"answer.recall":      "A-1",
	"dispute.answerall":  "D-2 uphold",
	"dispute.ask":        "D-2",
	"dispute.decline":    "D-2",
	"dispute.escalate":   "D-2",
	"dispute.keep":       "D-2",
	"dispute.provide":    "D-2",
	"dispute.rule":       "D-2 uphold",
	"dispute.why":        "D-2",
	"icp.except":         "silverton",
	"lead.erase":         "L-2",
	"lead.find":          "",
	"lead.rateseveral":   "",
	"outcome.group":      "S-1",
	"outcome.merge":      "OI-1",
	"outcome.rate":       "I-1",
	"outcome.rename":     "OI-1",
	"outcome.split":      "OI-1",
	"proposal.argue":     "T-1",
	"proposal.decline":   "T-1",
	"proposal.retire":    "T-1",
	"rule.propose":       "Webinar|wrong-person",
	"rule.retire":        "R-1",
	"second.propose":     "",
	"source.propose":     "Webinar",
	"taskforce.drop":     "X-1",
	"taskforce.dropitem": "M-1 added:I-1",
	"theme":              "turnaround-time",
	"theme.new":          "",
	"taskforce.action":   "M-1 added:I-2",
	"taskforce.decision": "M-1 added:I-2",
}

// TestForgedPresses has everybody press everything: each action and form that there is, with what stands on somebody's card, sent by
// every role. The table is the permissions as they are. It is made of the list of actions, so a new one must be added to it.
func TestForgedPresses(t *testing.T) {
	if testing.Short() {
		t.Skip("some thousand presses")
	}
	t.Parallel()
	st := transcript.NewStage(t, transcript.Network)
	st.Play(forgedWorld)
	w := &forgery{t: t, st: st, forms: map[string]chat.Form{}, before: map[string]uint64{}, columns: map[string]string{}}
	w.open()
	var actions, forms []string
	for _, c := range st.Handlers.Commands() {
		actions = slices.AppendSeq(actions, maps.Keys(c.Actions))
		actions = slices.AppendSeq(actions, maps.Keys(c.Looks))
		forms = slices.AppendSeq(forms, maps.Keys(c.Forms))
	}
	slices.Sort(actions)
	slices.Sort(forms)
	shown := st.Pressable()
	var b strings.Builder
	b.WriteString("# Who may press and send what, pressed by everybody: . refused, k kept until a platform\n# vouches, r shown, f asked or " +
		"faulted, W done.\n# " + strings.Join(w.titles(), ", ") + "\n")
	presses := 0
	for _, name := range actions {
		ev, ok := shown[name]
		if arg, given := forgedArgs[name]; given {
			ev, ok = chat.Event{Kind: chat.Action, Name: name, Arg: arg, Place: ev.Place}, true
		}
		if !ok {
			t.Errorf("no card of the world shows the action %s: let it, or say in forgedArgs with what it is pressed", name)
			continue
		}
		fmt.Fprintf(&b, "%-22s %s\n", name, w.row(ev))
		presses += len(forgers)
	}
	for _, name := range forms {
		f, asked := w.forms[name]
		state, given := forgedStates[name]
		switch {
		case !asked && given:
			f = chat.Form{State: state, Fields: []chat.Field{{Name: "text"}, {Name: "reason"}, {Name: "name"}}}
		case !asked:
			t.Errorf("nobody is asked the form %s by any action: let one, or say in forgedStates what it carries", name)
			continue
		}
		fmt.Fprintf(&b, "%-22s %s\n", "form "+name, w.row(chat.Event{Kind: chat.Submit, Name: name, Arg: f.State, Values: filledIn(f)}))
		presses += len(forgers)
	}
	t.Logf("%d presses by %d roles", presses, len(forgers))
	golden.Check(t, "forged.golden", b.String())
}

// filledIn answers a form as somebody would who means it.
func filledIn(f chat.Form) map[string]string {
	values := map[string]string{}
	for _, fd := range f.Fields {
		v := fd.Value
		switch {
		case v != "":
		case fd.Kind == chat.Several && len(fd.Options) > 0: // and one that nobody offered
			v = chat.Together(fd.Options[0].Value, "L-999")
		case len(fd.Options) > 0:
			v = fd.Options[0].Value
		case fd.Kind == chat.DateOf:
			v = "2026-03-20"
		case fd.Kind == chat.Number:
			v = "5"
		case fd.Kind == chat.Check:
			v = "true"
		case fd.Kind == chat.ReadOnly:
		default:
			v = "forged"
		}
		values[fd.Name] = v
	}
	return values
}

// forgery presses, sees what came of it, and puts everything back.
type forgery struct {
	t       *testing.T
	st      *transcript.Stage
	db      *sql.DB
	tables  []string
	columns map[string]string // without those that are computed
	before  map[string]uint64
	forms   map[string]chat.Form // as anybody was asked
	n       int
}

// notes are where each event leaves something, refused or not.
var notes = map[string]bool{"inbox": true, "identities": true, "standings": true, "memory": true, "meta": true, "forms": true}

func (w *forgery) open() {
	db, err := sql.Open("sqlite3", "file:"+w.st.Store.Path()+"?_busy_timeout=5000&_foreign_keys=off")
	if err != nil {
		w.t.Fatal(err)
	}
	db.SetMaxOpenConns(1) // it has the copy attached
	w.t.Cleanup(func() { db.Close() })
	w.db = db
	rows, err := db.Query(`SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name`)
	if err != nil {
		w.t.Fatal(err)
	}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			w.t.Fatal(err)
		}
		w.tables = append(w.tables, name)
	}
	rows.Close()
	for _, name := range w.tables {
		var columns string
		if err := db.QueryRow(`SELECT group_concat(name, ', ') FROM pragma_table_info(?)`, name).Scan(&columns); err != nil {
			w.t.Fatal(err)
		}
		w.columns[name] = columns
	}
	w.exec(`ATTACH ':memory:' AS kept`)
	for _, name := range w.tables {
		w.exec(`CREATE TABLE kept.` + name + ` AS SELECT * FROM main.` + name)
		w.before[name] = w.hash(name)
	}
}

func (w *forgery) exec(query string) {
	w.t.Helper()
	if _, err := w.db.Exec(query); err != nil {
		w.t.Fatalf("%s: %v", query, err)
	}
}

// hash is of all that a table holds.
func (w *forgery) hash(table string) uint64 {
	rows, err := w.db.Query(`SELECT * FROM main.` + table)
	if err != nil {
		w.t.Fatal(err)
	}
	defer rows.Close()
	cols, _ := rows.Columns()
	vals, ptrs := make([]any, len(cols)), make([]any, len(cols))
	for i := range vals {
		ptrs[i] = &vals[i]
	}
	var sum uint64
	for rows.Next() {
		if err := rows.Scan(ptrs...); err != nil {
			w.t.Fatal(err)
		}
		h := fnv.New64a()
		fmt.Fprint(h, vals...)
		sum += h.Sum64()
	}
	return sum
}

// changed are the tables in which something is other than before.
func (w *forgery) changed() (list []string) {
	for _, name := range w.tables {
		if w.hash(name) != w.before[name] {
			list = append(list, name)
		}
	}
	return list
}

func (w *forgery) restore(tables []string) {
	for _, name := range tables {
		w.exec(`DELETE FROM main.` + name)
		columns := w.columns[name]
		w.exec(`INSERT INTO main.` + name + ` (` + columns + `) SELECT ` + columns + ` FROM kept.` + name)
	}
}

func (w *forgery) titles() []string {
	var list []string
	for _, f := range forgers {
		list = append(list, f.title)
	}
	return list
}

// row is what came of an event, by each role.
func (w *forgery) row(ev chat.Event) string {
	var b strings.Builder
	for _, f := range forgers {
		w.n++
		ev.ID = fmt.Sprintf("forged-%d", w.n)
		ev.User = chat.User{ID: "test:t:" + f.name, Name: f.name, Standing: f.standing}
		reply, err := w.st.Handlers.Handle(w.t.Context(), ev)
		if err != nil {
			w.t.Errorf("%s %s by %s: %v", ev.Kind, ev.Name, f.title, err)
		}
		changed := w.changed()
		w.restore(changed)
		kept := slices.Contains(changed, "forms") && f.standing == chat.Unknown
		changed = slices.DeleteFunc(changed, func(name string) bool { return notes[name] })
		refused := reply.Card != nil && slices.Contains([]string{"refusal", "members-only", "kept"}, reply.Card.Key) ||
			len(reply.Faults) == 1 && strings.HasPrefix(reply.Faults[0].Text, "No platform here knows this account.")
		if refused { // what was pressed is drawn anew
			changed = slices.DeleteFunc(changed, func(name string) bool { return name == "outbox" })
		}
		cell := "r"
		switch {
		case kept: // what they told, and that they are there: nothing of it is shown or counts
			cell = "k"
			changed = slices.DeleteFunc(changed, func(name string) bool { return slices.Contains([]string{"people", "audit", "counters"}, name) })
		case refused:
			cell = "."
		case reply.Form != nil:
			if _, asked := w.forms[reply.Form.Name]; !asked {
				w.forms[reply.Form.Name] = *reply.Form
			}
			cell = "f"
		case len(changed) > 0:
			cell = "W"
		case len(reply.Faults) > 0:
			cell = "f"
		}
		if refused && len(changed) > 0 && f.standing == chat.Member || f.standing != chat.Member && (len(changed) > 0 || !refused) {
			w.t.Errorf("%s %s %q by %s, who may not: %s, changed %v, said %+v", ev.Kind, ev.Name, ev.Arg, f.title, cell, changed, reply)
		}
		b.WriteString(cell)
	}
	return b.String()
}
