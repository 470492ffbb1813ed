package ideal

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"truce"
	"truce/schedules/stats"
)

// Text is the replay in plain words.
func (r Replay) Text(loc *time.Location) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Leads of %s to %s, as known on %s: %d.\n", r.From.In(loc).Format(dayForm),
		r.To.In(loc).Add(-time.Millisecond).Format(dayForm), r.AsOf.In(loc).Format(dayForm), r.Leads)
	if r.Leads == 0 {
		b.WriteString("None qualified in that time: choose another with --from and --to.\n")
		return b.String()
	}
	if r.KnownLater > 0 {
		fmt.Fprintf(&b, "%d of them are decided only by what became known later than %d business days after hand-off; they are in no row.\n",
			r.KnownLater, KnownWithin)
	}
	for _, row := range r.Rows {
		fmt.Fprintf(&b, "\n%s: %s (%s)\n", map[truce.ICPFit]string{truce.InsideICP: "Inside", truce.OutsideICP: "Outside",
			truce.UnknownICP: "Unknown"}[row.Fit], leads(row.Leads), say(r.Share(row)))
		if row.Leads == 0 {
			continue
		}
		fmt.Fprintf(&b, "  became customers  %s\n  won of closed     %s\n  sent back         %s\n", say(row.LeadToWin()), say(row.WinRate()),
			say(row.Back()))
		if row.Repeat.N > 0 {
			fmt.Fprintf(&b, "  bought again      %s\n", say(row.Repeat))
		}
		if len(row.Revenue) > 0 {
			fmt.Fprintf(&b, "  won               %s\n", money(row.Revenue))
		}
		if row.Asked > 0 {
			fmt.Fprintf(&b, "  known of the leads won and lost: %d of %d values that the profile asks for\n", row.Known, row.Asked)
		}
	}
	b.WriteString("\n")
	if back := r.Rows[0].Back(); back.N >= stats.MinRate && back.Rate() >= 0.2 {
		b.WriteString("Sales sent many of the inside ones back: those were not worked to the end, so their rates say little.\n")
	}
	if r.Against != nil {
		fmt.Fprintf(&b, "Against the profile in force: leads that become inside %d, outside %d.\n", r.Against.BecameInside,
			r.Against.BecameOutside)
	} else {
		b.WriteString("No profile is in force to compare with.\n")
	}
	switch n := len(r.Refused); {
	case n == 0:
		b.WriteString("It would have refused no customer of that time.\n")
	default:
		fmt.Fprintf(&b, "It would have refused %s: %s\n", customers(n), strings.Join(r.Refused, ", "))
	}
	return b.String()
}

// say is a rate at its size: under stats.MinRate the counts alone.
func say(p stats.Proportion) string {
	if p.N < stats.MinRate {
		return fmt.Sprintf("%d of %d", p.K, p.N)
	}
	i := p.Interval()
	return fmt.Sprintf("%.1f %% (%.1f to %.1f), %d of %d", 100*p.Rate(), 100*i.Low, 100*i.High, p.K, p.N)
}

func money(amounts map[string]int64) string {
	var list []string
	for currency, n := range amounts {
		list = append(list, truce.Money{Amount: n, Currency: currency}.Decimal()+" "+currency)
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
}

// Text is the evidence in plain words: what held up and what did not first, what too few accounts tell of counted at the end.
func (e Evidence) Text() string {
	if len(e.Values) == 0 {
		return "Nothing can be told yet: import accounts with their attributes, deals that were won and lost, and orders. An account counts " +
			"180 days after its first win.\n" + e.left()
	}
	var b strings.Builder
	b.WriteString("Of accounts that bought, how many bought again; lost ones are a no. The older half guesses, the newer half checks; " +
		"nothing is taken by itself.\n")
	few := 0
	for _, verdict := range []HalfVerdict{HeldUp, DidNotHold, NotClear} {
		for _, v := range e.Values {
			if v.Verdict == verdict {
				said := string(verdict)
				if v.Within != "" {
					said += ", but not among accounts alike in " + v.Within
				}
				fmt.Fprintf(&b, "%s = %s: %s. Older: %s against %s; newer: %s against %s, q %.3f\n", v.Attribute, v.Value, said, say(v.Older.With),
					say(v.Older.Without),
					say(v.Newer.With), say(v.Newer.Without), v.Newer.Q)
			}
		}
	}
	for _, v := range e.Values {
		if v.Verdict == TooFewTell {
			few++
		}
	}
	if few > 0 {
		fmt.Fprintf(&b, "%d values: too few to tell (under %d accounts a side in the newer half).\n", few, minEvidence)
	}
	b.WriteString(e.left())
	return b.String()
}

// left says which attributes were left out, and what would bring them in.
func (e Evidence) left() string {
	s := ""
	if len(e.People) > 0 {
		s += "Left out, because they name people: " + strings.Join(e.People, ", ") + ".\n"
	}
	if len(e.Unsure) > 0 {
		s += fmt.Sprintf("Left out, because they may name people: %s. An admin says once whether they do: /digest leads by %s in a chat.\n",
			strings.Join(e.Unsure, ", "), e.Unsure[0])
	}
	return s
}
