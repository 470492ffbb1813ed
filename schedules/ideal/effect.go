package ideal

import (
	"fmt"
	"strings"
	"time"

	"truce"
	"truce/schedules/stats"
	"truce/storage"
)

// maxNamed is how many customers a proposal's card names.
const maxNamed = 5

// Effect is what a profile would have done to the leads of the year before a moment, against the one in force (nil where none is): as it
// stands on a proposal's card before anybody says yes.
func (j *Judge) Effect(tx *storage.Tx, p truce.Profile, inForce *truce.Profile, at time.Time) (string, error) {
	from := truce.DateOf(at.In(j.Calendar.Loc)).At(0, j.Calendar.Loc).AddDate(-1, 0, 0)
	r, err := j.Replay(tx, p, inForce, from, at.Add(time.Millisecond), at)
	if err != nil {
		return "", err
	}
	return r.effect(), nil
}

func (r Replay) effect() string {
	n := r.Leads - r.KnownLater
	if n == 0 {
		return "No lead qualified in the last year: there is nothing to replay it on."
	}
	var b strings.Builder
	inside, outside, unknown := r.Rows[0], r.Rows[1], r.Rows[2]
	if a := r.Against; a != nil {
		change := inside.Leads - a.InsideBefore
		switch {
		case change > 0:
			fmt.Fprintf(&b, "Last year it would have counted %s more as inside (", leads(change))
		case change < 0:
			fmt.Fprintf(&b, "Last year it would have counted %s fewer as inside (", leads(-change))
		default:
			b.WriteString("Last year it would have counted as many leads as inside as the one in force (")
		}
		fmt.Fprintf(&b, "%s to %s of %s; %s not known).", percent(a.InsideBefore, n), percent(inside.Leads, n), leads(n),
			percent(unknown.Leads, n))
	} else {
		fmt.Fprintf(&b, "Last year it would have counted %d of %s as inside (%s; %s not known).", inside.Leads, leads(n),
			percent(inside.Leads, n), percent(unknown.Leads, n))
	}
	fmt.Fprintf(&b, " Inside: %s became customers; outside: %s.", brief(inside.LeadToWin()), brief(outside.LeadToWin()))
	if a := r.Against; a != nil && a.BecameInside > 0 {
		back := stats.Proportion{K: a.AddedBack, N: a.BecameInside}
		fmt.Fprintf(&b, " Of the leads that it adds, Sales had sent back %s", brief(back))
		if back.N >= stats.MinRate && back.Rate() >= 0.2 {
			b.WriteString(": those were not worked to the end, so their rate says little")
		}
		b.WriteString(".")
	}
	b.WriteString(r.refusal())
	return b.String()
}

// refusal says whom it would have refused, beside how many the one in force refuses: most are often the same.
func (r Replay) refusal() string {
	k, beside := len(r.Refused), ""
	if a := r.Against; a != nil && (k > 0 || a.Refused > 0) {
		beside = fmt.Sprintf(" (the one in force %d)", a.Refused)
	}
	if k == 0 {
		return " It would have refused no customer" + beside + "."
	}
	s := fmt.Sprintf(" It would have refused %s%s: %s", customers(k), beside, strings.Join(r.RefusedNames[:min(k, maxNamed)], ", "))
	if k > maxNamed {
		s += fmt.Sprintf(" and %d more", k-maxNamed)
	}
	return s + "."
}

func leads(n int) string {
	if n == 1 {
		return "1 lead"
	}
	return fmt.Sprintf("%d leads", n)
}

func customers(n int) string {
	if n == 1 {
		return "1 customer"
	}
	return fmt.Sprintf("%d customers", n)
}

func percent(k, n int) string { return fmt.Sprintf("%.0f %%", 100*float64(k)/float64(n)) }

// brief is a rate at its size, without its counts where it has an interval.
func brief(p stats.Proportion) string {
	if p.N < stats.MinRate {
		return fmt.Sprintf("%d of %d", p.K, p.N)
	}
	i := p.Interval()
	return fmt.Sprintf("%.1f %% of %d (%.1f to %.1f)", 100*p.Rate(), p.N, 100*i.Low, 100*i.High)
}
