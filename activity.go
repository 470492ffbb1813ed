package truce

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Activity is something one side does for the money it shall bring: a webinar, a trade show, a call blitz. "To what end?" is asked of
// it link by link, until a link is a revenue figure or a business motive says why money cannot be said.
type Activity struct {
	ID         string
	Name       string
	Side       Side
	Kind       string // webinar, trade show: what its own past is looked up by
	Owner      string // as the file says it, or a person's address
	Cost       Money
	HasCost    bool      // false: not known, which is not zero
	StartsAt   time.Time // zero: not said
	EndsAt     time.Time // zero: not said
	Matches    []string  // the activities of engagements and the campaigns of leads that are its own, compared folded
	Motive     string    // why money cannot be said of it, in words
	ClosedAt   time.Time // zero while it goes on
	RecordedAt time.Time
}

// LinkOf says whose doings a link counts.
type LinkOf string

// What a link counts.
const (
	OfCampaign LinkOf = "campaign" // of the leads of the activity's campaigns
	OfEngaged  LinkOf = "engaged"  // of the leads that something of the activity's engaged
)

// ActivityLink is one link of an activity's chain: what shall have come of it by the end of a day of the company's zone.
type ActivityLink struct {
	Activity   string // its id
	Place      int    // in the chain, from 1
	What       string // one of LinkWhats, or what its owner alone can see, in words
	Unit       string // of the number: leads, a currency...
	Date       Date
	Expected   float64
	Of         LinkOf
	Observed   float64 // what its owner saw, where Truce cannot compute it
	HasSeen    bool
	RecordedAt time.Time
}

// LinkWhats are what Truce computes by itself: counts of leads by the stage they have reached, meetings held, money in the currency
// of the unit.
var LinkWhats = []string{"leads", "accepted", "sql", "opportunities", "won", "revenue", "repeat_revenue", "meetings"}

// Computed reports whether Truce observes the link by itself.
func (l ActivityLink) Computed() bool { return slices.Contains(LinkWhats, l.What) }

// AmongEngaged reports whether Truce counts the link among the leads engaged; what its owner alone can see it counts among none.
func (l ActivityLink) AmongEngaged() bool { return l.Computed() && l.Of == OfEngaged }

// Title is what the link counts, by a name for it: that it is counted among the leads engaged is part of it.
func (l ActivityLink) Title(name string) string {
	switch {
	case !l.AmongEngaged():
		return name
	case l.What == "leads":
		return name + " engaged"
	}
	return name + " of leads engaged"
}

// Same reports whether two links of one activity say the same matter, so that the later one corrects the earlier: for the same day, of
// what Truce counts among the same leads, of money in the same currency.
func (l ActivityLink) Same(as ActivityLink) bool {
	if l.What != as.What || l.Date != as.Date || l.AmongEngaged() != as.AmongEngaged() {
		return false
	}
	return !l.Money() || strings.EqualFold(strings.TrimSpace(l.Unit), strings.TrimSpace(as.Unit))
}

// Money reports whether the link is a revenue figure, which ends a chain.
func (l ActivityLink) Money() bool { return l.What == "revenue" || l.What == "repeat_revenue" }

// HasEnd reports whether the chain ends: in a revenue figure, or in a motive in words.
func (a Activity) HasEnd(links []ActivityLink) bool {
	return strings.TrimSpace(a.Motive) != "" || slices.ContainsFunc(links, ActivityLink.Money)
}

// Goes reports whether the activity has begun by asOf and had not ended before from; what says no dates is always on.
func (a Activity) Goes(from, asOf time.Time) bool {
	return !a.StartsAt.After(asOf) && (a.EndsAt.IsZero() || !a.EndsAt.Before(from))
}

// Words are the activity's matches as they are compared; without any, its own name.
func (a Activity) Words() []string {
	var words []string
	for _, m := range a.Matches {
		if w := FoldText(m); w != "" && !slices.Contains(words, w) {
			words = append(words, w)
		}
	}
	if len(words) == 0 {
		if w := FoldText(a.Name); w != "" {
			words = append(words, w)
		}
	}
	return words
}

// ParseMatches reads words separated by semicolons.
func ParseMatches(s string) (list []string) {
	for _, m := range strings.Split(s, ";") {
		if m = strings.TrimSpace(m); m != "" && !slices.Contains(list, m) {
			list = append(list, m)
		}
	}
	return list
}

// Landmark is how engaged leads are held beside others without counting the time in which they could not yet have been engaged: who
// is engaged is settled at the landmark, and only what comes after it counts (Anderson, Cain and Gelber 1983).
type Landmark struct {
	Days, Window int // from the MQL date to the landmark, and from there to the end of the look; days of 24 hours
}

// At is the landmark of a lead.
func (m Landmark) At(l Lead) time.Time { return l.MQLAt.Add(time.Duration(m.Days) * 24 * time.Hour) }

// End is the end of the look at a lead.
func (m Landmark) End(l Lead) time.Time { return m.At(l).Add(time.Duration(m.Window) * 24 * time.Hour) }

// ActivityPast is what came of the leads that activities of a kind, or the source of its name, brought in a stretch of time, all of
// them old enough to tell: counted within Days of the date they qualified.
type ActivityPast struct {
	Kind                                string
	From, To                            Date // of the dates the leads qualified, the last included
	Days                                int
	Leads, Accepted, SQL, Opportunities int
	Won                                 int
	Low, High                           float64 // the interval of the share won
	MedianDays                          int     // to win
	Revenue                             map[string]int64
}

// Per is what a count among the past's leads comes to for n leads.
func (p ActivityPast) Per(count int, n float64) float64 {
	if p.Leads == 0 {
		return 0
	}
	return n * float64(count) / float64(p.Leads)
}

// NextLinks are the links that the past offers for a chain that expects n leads by a day, in the currency it has: accepted, won and
// revenue, on the day on which they can be told.
func (p ActivityPast) NextLinks(a Activity, n float64, day Date, currency string) (list []ActivityLink) {
	if p.Leads == 0 || n <= 0 {
		return nil
	}
	add := func(what, unit string, x float64, after int) {
		if x > 0 {
			list = append(list, ActivityLink{Activity: a.ID, What: what, Unit: unit, Date: day.Add(after), Expected: RoundFigure(x), Of: OfCampaign})
		}
	}
	add("accepted", "leads", p.Per(p.Accepted, n), 30)
	add("won", "deals", p.Per(p.Won, n), p.Days)
	if sum := p.Revenue[currency]; sum > 0 {
		each, _ := strconv.ParseFloat(Money{Amount: sum, Currency: currency}.Decimal(), 64) // our own digits
		add("revenue", currency, each*n/float64(p.Leads), p.Days)
	}
	return list
}

// RoundFigure is an expected figure as one would say it: two significant digits, and whole from ten on.
func RoundFigure(x float64) float64 {
	if x <= 0 {
		return 0
	}
	unit := math.Pow(10, math.Floor(math.Log10(x))-1)
	return math.Round(x/unit) * unit
}

// mostExpected is more than anything can be expected to bring.
const mostExpected = 1e15

// NewLink reads a link as a person writes it, and says what is wrong by the field: what, unit, date, expected.
func NewLink(activity, what, words, unit, date, expected, of string) (l ActivityLink, field string, err error) {
	l = ActivityLink{Activity: activity, What: what, Unit: strings.TrimSpace(unit), Of: LinkOf(of)}
	if what == "words" {
		if l.What = strings.TrimSpace(words); l.What == "" {
			return l, "words", Errorf(Invalid, "Say in words what shall have come of it.")
		}
		if slices.Contains(LinkWhats, l.What) {
			return l, "words", Errorf(Invalid, "Truce counts %s by itself: choose it above.", l.What)
		}
	} else if !l.Computed() {
		return l, "what", Errorf(Invalid, "Choose what shall have come of it, or “something else”.")
	}
	if len([]rune(l.What)) > 100 {
		return l, "words", Errorf(Invalid, "Say it in at most 100 characters.")
	}
	if l.Of != OfEngaged {
		l.Of = OfCampaign
	}
	if l.Money() {
		code := strings.ToUpper(l.Unit)
		if _, known := CurrencyExponent(code); !known {
			return l, "unit", Errorf(Invalid, "Write the currency as three letters, such as USD.")
		}
		l.Unit = code
	}
	n, err := strconv.ParseFloat(strings.NewReplacer(",", "", " ", "", "'", "").Replace(strings.TrimSpace(expected)), 64)
	if err != nil || !(n >= 0 && n < mostExpected) {
		return l, "expected", Errorf(Invalid, "Write a number, such as 30 or 340000.")
	}
	l.Expected = math.Abs(n) // also of -0
	if l.Date, err = ParseDate(strings.TrimSpace(date)); err != nil {
		return l, "date", Errorf(Invalid, "Write the day as 2026-12-01.")
	}
	return l, "", nil
}

// ParseCost reads what an activity costs: "41,000 USD" or "USD 41000". known is false where nothing is said.
func ParseCost(said string) (m Money, known bool, err error) {
	said = strings.ReplaceAll(strings.TrimSpace(said), ",", "")
	for _, word := range strings.Fields(said) {
		if _, ok := CurrencyExponent(strings.ToUpper(word)); ok {
			return ParseAmount(said, strings.ToUpper(word), NumberPlain)
		}
	}
	return m, false, Errorf(Invalid, "%q names no currency", said)
}
