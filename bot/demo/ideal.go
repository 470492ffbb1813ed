package demo

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"truce"
	"truce/bot/demo/quillwater"
)

// This file is whom Quillwater wants as customers: the two lists that disagree, three versions of the profile, the fourth that is proposed,
// and what nine customers said in interviews.

// labType is the column of the CRM that the profile asks about.
const labType = "lab type"

// The values of labType.
const (
	regulated = "regulated lab" // inside the profile
	facility  = "core facility" // what both sides forgot
	other     = "teaching or consumer lab"
)

// labTypes says of each lead what kind of lab it is: the profile in force finds inside what the CRM calls inside.
func labTypes(c quillwater.Company) {
	for i := range c.Leads {
		l := &c.Leads[i].Lead
		kind := regulated
		if l.ICPFit != truce.InsideICP {
			kind = other
			if strings.EqualFold(l.Segment, facility) {
				kind = facility
			}
		}
		l.Attrs = map[string]string{labType: kind}
	}
}

// The versions of the profile, and the one that is proposed.
const (
	profileV1 = "threshold: 50\ncriteria:\n  - {attribute: lab type, equals: regulated lab, points: 40}\n"
	profileV2 = profileV1 + "  - {attribute: lab type, equals: hospital lab, points: 10, note: two of them never reordered}\n"
	profileV3 = "threshold: 60\ncriteria:\n  - {attribute: lab type, equals: regulated lab, points: 40, note: nine of our ten best}\n  - " +
		"{attribute: lab type, equals: hospital lab, points: 10, note: two of them never reordered}\n"
	profileV4 = profileV3 + "  - {attribute: lab type, equals: core facility, points: 25, note: nine that we had sent back bought later}\n"
)

// ideal tells of the profile.
func (l *past) ideal() {
	l.lists()
	for i, v := range []struct{ document, why string }{
		{profileV1, "what nine of our ten best have in common"},
		{profileV2, "hospital labs buy once; they count a little"},
		{profileV3, "60 percent: hospital labs alone are not enough"},
	} {
		at := l.business(l.start, time.Duration(18+12*i)*time.Hour)
		id := ""
		l.at(at, "profile", func() error {
			if err := l.sends("mia", "icp.propose", "", map[string]string{"yaml": v.document, "text": v.why}); err != nil {
				return err
			}
			if id = l.button("proposal.withdraw"); id == "" {
				return errors.New("no proposal")
			}
			return nil
		})
		l.at(at.Add(40*time.Minute), "Sales says yes", func() error { return l.presses("sam", "proposal.agree", id) })
		l.at(at.Add(70*time.Minute), "Marketing says yes", func() error { return l.presses("mona", "proposal.agree", id) })
	}
	id := ""
	l.at(l.day(1, "11:20"), "the profile's fourth version", func() error {
		err := l.sends("mia", "icp.propose", "", map[string]string{"yaml": profileV4,
			"text": "Core facilities: we sent them back, and nine bought all the same."})
		id = l.button("proposal.withdraw")
		return err
	})
	l.at(l.day(1, "14:05"), "Marketing says yes", func() error { return l.presses("mona", "proposal.agree", id) })
	l.interviews()
}

// lists are the two lists: the sides agree on four of ten.
func (l *past) lists() {
	names := make([]string, 0, 20)
	for _, c := range l.company.Customers {
		if len(names) < cap(names) {
			names = append(names, c.Deal.AccountName)
		}
	}
	var core []string // sent back, and bought later
	for _, c := range l.boughtLater {
		if len(core) < 2 {
			core = append(core, c)
		}
	}
	if len(names) < cap(names) || len(core) < 2 {
		return // a company of a few leads has no lists
	}
	line := func(why string, names ...string) (s string) {
		for _, n := range names {
			s += n + ": " + why + "\n"
		}
		return s
	}
	both := line("reorders, and takes our calls", names[:4]...)
	sales := both + line("three readers in one year", names[4]) + line("quick to decide", names[5:10]...)
	marketing := both + line("a core facility that reordered", core...) + line("speaks for us at conferences", names[10:14]...)
	noSales := line("buys through a consortium", core...) + line("haggles over kits", names[14:17]...)
	noMarketing := line("41 support visits, no reorder", names[4]) + line("no reorder", names[15:18]...)
	at := l.business(l.start, 5*time.Hour)
	l.at(at, "two lists begin", func() error { return l.presses("mona", "icp.begin", "") })
	for i, p := range []struct{ who, best, dead string }{
		{"sam", sales, noSales}, {"mona", marketing, noMarketing}, {"ann", sales, noSales}, {"mia", marketing, noMarketing},
	} {
		l.at(at.Add(time.Duration(20+15*i)*time.Minute), p.who+" names customers", func() error {
			return l.sends(p.who, "icp.pick", "B-1", map[string]string{"best": p.best, "dead": p.dead})
		})
	}
}

// said is one outcome that customers named.
type said struct{ direction, measure, object, circumstance string }

// What customers named. The third and the fourth are on nobody's website, our own included.
var named = []said{
	{"shorten", "the time", "until a result is reportable", "when a batch fails"},
	{"reduce", "the number of repeat runs", "in a study", "when samples are few"},
	{"keep", "the audit trail", "complete", "when the operator changes in the middle of a study"},
	{"avoid", "a new validation", "of the method", "when the kit's lot changes"},
	{"reduce", "the days", "until a new operator works alone", ""},
}

// interviewed are nine customers, the oldest first: seven of the ideal ones, two that were lost. says are places in named.
var interviewed = []struct {
	who, role, quote string
	lost             bool
	says             []int
}{
	{"Dr. Amsel", "lab head", "A failed plate on Friday used to cost us the whole weekend.", false, []int{0, 1}},
	{"Ines Baum", "study director", "When my operator left, nobody could say who had run plate seven.", false, []int{2, 0}},
	{"Jo Calder", "lab manager", "Every new lot meant two weeks of validation.", false, []int{3, 1}},
	{"Dr. Dahl", "head of quality", "Our auditor would not accept a new reader in the middle of a study.", true, []int{2}},
	{"Kim Eriksen", "lab head", "Three samples per patient: there is nothing left to repeat with.", false, []int{1, 0}},
	{"Lena Fuchs", "operator", "I was alone with it after four days.", false, []int{4, 0}},
	{"Mo Grant", "procurement", "It was the second validation that nobody had budgeted.", true, []int{3}},
	{"Dr. Hale", "study director", "Two operators, one trail: that is what we paid for.", false, []int{2, 0}},
	{"Nia Ivers", "lab manager", "We repeat one plate in twenty now, not one in six.", false, []int{1, 3}},
}

// interviews are asked by Mia in the last five weeks.
func (l *past) interviews() {
	if len(l.company.Customers) < 30 {
		return
	}
	from := l.calendar.Week(l.now, -digestWeeks)
	known := map[int]bool{}
	for i, w := range interviewed {
		account := l.company.Customers[i].Deal.AccountName
		l.at(l.spread(i, len(interviewed), from, l.day(2, "16:00")), "interview with "+w.who, func() error {
			standing := truce.IdealCustomer
			if w.lost {
				standing = truce.LostCustomer
			}
			err := l.sends("mia", "outcome.whole", "", map[string]string{"account": account, "standing": string(standing), "who": w.who,
				"role": w.role, "consent": "true",
				"q0": "We had outgrown what we had.", "q2": w.quote, "q6": "We know on the day whether a run counts."})
			id := l.button("outcome.add")
			if err != nil || id == "" {
				return fmt.Errorf("no interview: %w", err)
			}
			for _, n := range w.says {
				s := named[n]
				if err := l.sends("mia", "outcome.add", id, map[string]string{"direction": s.direction, "measure": s.measure, "object": s.object,
					"circumstance": s.circumstance, "quote": w.quote}); err != nil {
					return err
				}
				action := "outcome.new"
				if known[n] {
					action = "outcome.same"
				}
				known[n] = true
				if arg := l.button(action); arg != "" {
					if err := l.presses("mia", action, arg); err != nil {
						return err
					}
				}
			}
			return l.presses("mia", "outcome.finish", id)
		})
	}
}
