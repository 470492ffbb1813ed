package digests

import (
	"slices"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/schedules/ideal"
	"truce/schedules/stats"
	"truce/storage"
)

// This file is the block of the ideal customer profile in force: what share of hand-offs is inside, what became of the leads inside and
// outside, declared exceptions, and what is proposed. Nothing is claimed of it: Sales works the leads inside more, so their rates
// differ whatever the profile is worth.

// profileRow is leads of one fit.
type profileRow struct {
	Share     stats.Proportion // of the period's leads that are decided
	Won, Lost int              // of a year's
}

// profileYear is how far back wins are counted: leads that qualified in it.
const profileYear = 364

// profileNow is what the block has gathered.
type profileNow struct {
	Version  int // 0: no profile is in force
	From     time.Time
	Rows     [3]profileRow // by ideal.Fits
	Waiting  int           // of the period: not decided yet
	Since    time.Time     // the year's first day
	Excepted int           // open exceptions
	ExWon    int
	ExLost   int
	Pipeline []openWeek // of the quarter that the period ends in, week by week
	Proposal string     // under way; "" is none
	Title    string
	Effect   string
}

// openWeek is the open opportunities at the end of a week of the quarter, by their fit.
type openWeek struct {
	From     time.Time // its first day
	End      time.Time // the moment it is counted at: its last, or the report's
	By       [3]int    // by ideal.Fits, without those that are
	Excepted int       // declared exceptions
}

// of counts an open opportunity where it belongs.
func (w *openWeek) of(row int, excepted bool) {
	if excepted {
		w.Excepted++
		return
	}
	w.By[row]++
}

// outside is the off-profile share of those of which it is known.
func (w openWeek) outside() stats.Proportion {
	return stats.Proportion{K: w.By[1], N: w.By[0] + w.By[1]}
}

// quarterWeeks are the weeks of a quarter up to a moment, each of seven days from the quarter's first on.
func (d Maker) quarterWeeks(to time.Time) (list []openWeek) {
	last := to.Add(-time.Millisecond)
	for day := d.Calendar.Date(last).Quarter(); ; day = day.Add(7) {
		w := openWeek{From: day.At(0, d.loc()), End: day.Add(7).At(0, d.loc()).Add(-time.Millisecond)}
		if w.From.After(last) {
			return list
		}
		if w.End.After(last) {
			w.End = last
		}
		list = append(list, w)
	}
}

var profileBlock = Block{
	Name:     profileRowsName,
	Compares: true,
	How: []cards.Definition{{Label: "Profile in force",
		How: "of the leads that qualified in the period: inside, outside, or not known, by the version in force at hand-off and what was known " +
			"at the first verdict or two business days later; those with neither yet are left out. Win rates: won of closed, of the leads of the " +
			"year before the period's end. Sales works leads inside more, so a difference says little of the profile. Exceptions: leads that a " +
			"manager declared worth it, with a reason, for 90 days; they count in their row, too. Open pipeline: leads of the year that were open " +
			"opportunities at the end of each week of the quarter, outside of those of which it is known; exceptions stand apart."}},
	Gather: func(d Maker, tx *storage.Tx, s *Study) (err error) {
		*kept[profileNow](s), err = d.readProfile(tx, s)
		return err
	},
	Card: func(d Maker, s *Study) []chat.Block {
		if kept[profileNow](s).Version == 0 {
			return nil
		}
		return cards.ProfileLine(d.profileView(s))
	},
	Figures: func(d Maker, s *Study) []chat.Block {
		if kept[profileNow](s).Version == 0 {
			return nil
		}
		return cards.ProfileFigures(d.profileView(s))
	},
	Missing: func(s *Study) (string, string) {
		if kept[profileNow](s).Version == 0 {
			return "leads inside and outside the ideal customer profile", "a profile that both sides agree on: /icp start"
		}
		return "", ""
	},
	Counts: func(d Maker, s *Study) []figure {
		now, p := kept[profileNow](s), d.period(s.Query)
		if now.Version == 0 {
			return nil
		}
		const how = "by the version in force at hand-off and what was known at the first verdict or two business days later."
		list := []figure{{label: "Inside the profile", how: how, n: now.Rows[0].Share.K,
			arg: p.Arg("n", profileRowsName, "m", "fit", "i", string(truce.InsideICP))},
			{label: "Decided: inside, outside or not known", n: now.Rows[0].Share.N, arg: p.Arg("n", profileRowsName, "m", "decided")},
			{label: "Not known", n: now.Rows[2].Share.K, arg: p.Arg("n", profileRowsName, "m", "fit", "i", string(truce.UnknownICP))}}
		return append(list, figure{label: "Not decided yet", n: now.Waiting, arg: p.Arg("n", profileRowsName, "m", "waiting")})
	},
	Rows: Maker.profileRows,
	JSON: func(_ Maker, s *Study) any {
		if p := kept[profileNow](s); p.Version > 0 {
			return p.json()
		}
		return nil
	},
}

// readProfile reads what the block says.
func (d Maker) readProfile(tx *storage.Tx, s *Study) (p profileNow, err error) {
	r := s.Query
	versions, err := tx.Profiles(d.Terms.ICP.Configured, r.AsOf)
	now := truce.ProfileAt(versions, r.AsOf)
	if err != nil || now == nil {
		return p, err
	}
	p.Version, p.From = now.Version, now.From
	to := minTime(r.To, r.AsOf.Add(time.Millisecond))
	p.Since = d.Calendar.Date(to.Add(-time.Millisecond)).Add(1-profileYear).At(0, d.loc())
	fits, excepted, err := d.fits(tx, s, versions, minTime(p.Since, r.From))
	if err != nil {
		return p, err
	}
	p.Excepted = excepted
	counts := [3]int{}
	p.Pipeline = d.quarterWeeks(to)
	for _, f := range fits {
		at := time.UnixMilli(f.at)
		in := !at.Before(r.From) && at.Before(to)
		if f.waiting {
			if in {
				p.Waiting++
			}
			continue
		}
		if in {
			counts[f.row]++
		}
		if f.excepted && f.won {
			p.ExWon++
		} else if f.excepted && f.lost {
			p.ExLost++
		}
		if at.Before(p.Since) {
			continue
		}
		for i := range p.Pipeline {
			if f.open>>i&1 == 1 {
				p.Pipeline[i].of(int(f.row), f.excepted)
			}
		}
		if f.won {
			p.Rows[f.row].Won++
		} else if f.lost {
			p.Rows[f.row].Lost++
		}
	}
	all := counts[0] + counts[1] + counts[2]
	for i, n := range counts {
		p.Rows[i].Share = stats.Proportion{K: n, N: all}
	}
	open, err := tx.ProposalAt(truce.ICPGround, r.AsOf)
	if err != nil || open == nil {
		return p, err
	}
	p.Proposal, p.Title, p.Effect = open.ID, open.Title, open.Effect
	return p, nil
}

// leadFit is what a study says of a lead by the profile.
type leadFit struct {
	at                  int64 // when it qualified, in Unix milliseconds
	row                 int8  // by ideal.Fits
	waiting             bool  // not decided yet; row says nothing
	won, lost, excepted bool
	open                uint16 // in which weeks of the quarter it was an open opportunity at their end, the first week lowest
}

// leadFits are the fits that a study has read.
type leadFits struct {
	from     time.Time // zero: nothing was read
	list     []leadFit
	excepted int // open exceptions
}

// fits are the fits of the leads that qualified from a moment on, up to the study's end and what was known; versions are the newest first.
// A study reads them once, sixteen bytes a lead: it asks for several stretches of the same leads.
func (d Maker) fits(tx *storage.Tx, s *Study, versions []truce.ProfileVersion, from time.Time) ([]leadFit, int, error) {
	k := kept[leadFits](s)
	if k.from.IsZero() || from.Before(k.from) {
		to := minTime(s.To, s.AsOf.Add(time.Millisecond))
		from = minTime(from, minTime(s.From, s.Trail.From))
		if s.whole || s.Kind == WeeklyDigest { // the block of the profile will ask for its year
			from = minTime(from, d.Calendar.Date(to.Add(-time.Millisecond)).Add(1-profileYear).At(0, d.loc()))
		}
		open, err := tx.Exceptions(s.AsOf)
		if err != nil {
			return nil, 0, err
		}
		excepted := map[string]bool{}
		for _, e := range open {
			excepted[e.LeadID] = true
		}
		*k = leadFits{from: from, excepted: len(open)}
		weeks := d.quarterWeeks(to)
		err = d.judge().EachFit(tx, versions, from, to, s.AsOf, func(l *storage.LeadKnown, fit ideal.Kept) error {
			f := leadFit{at: l.Lead.MQLAt.UnixMilli(), row: 2, waiting: fit.Waiting, excepted: excepted[l.Lead.ID]}
			if i := slices.Index(ideal.Fits[:], fit.Fit); i >= 0 {
				f.row = int8(i)
			}
			if len(l.Outcomes) > 0 {
				facts := l.Facts(s.AsOf)
				f.won, f.lost = facts.Wins(), facts.State == truce.Lost && !facts.Joined
				if facts.Stage >= truce.StageOpportunity {
					f.open = openIn(l, weeks)
				}
			}
			k.list = append(k.list, f)
			return nil
		})
		if err != nil {
			return nil, 0, err
		}
	}
	return k.list, k.excepted, nil
}

// openIn are the weeks at whose end a lead was an open opportunity, the first lowest: a quarter has at most fourteen.
func openIn(l *storage.LeadKnown, weeks []openWeek) (open uint16) {
	for i, w := range weeks {
		if then := l.Facts(w.End); !l.Lead.MQLAt.After(w.End) && then.Stage >= truce.StageOpportunity && then.Open() {
			open |= 1 << i
		}
	}
	return open
}

// wins is won of closed.
func (r profileRow) wins() stats.Proportion { return stats.Proportion{K: r.Won, N: r.Won + r.Lost} }

// profileArg leads to the leads of a fit.
func (d Maker) profileArg(s *Study, fit truce.ICPFit) string {
	since := kept[profileNow](s).Since
	return d.period(s.Query).Arg("n", profileRowsName, "i", string(fit), "o", d.Calendar.Date(since).String())
}

func (d Maker) profileView(s *Study) cards.ProfileReportView {
	p := kept[profileNow](s)
	v := cards.ProfileReportView{Period: d.period(s.Query), Version: p.Version, Waiting: p.Waiting, Exceptions: p.Excepted,
		ExceptedWon: p.ExWon, ExceptedLost: p.ExLost,
		Proposal: p.Proposal, Title: p.Title, Effect: p.Effect, Year: p.Since.In(d.loc())}
	for i, fit := range ideal.Fits {
		row := cards.ProfileRowView{Arg: d.profileArg(s, fit), Name: string(fit),
			Share: share(p.Rows[i].Share), Wins: share(p.Rows[i].wins())}
		v.Rows = append(v.Rows, row)
	}
	for n, w := range p.Pipeline {
		v.Pipeline = append(v.Pipeline, cards.PipelineWeek{Number: n + 1, From: w.From, Open: w.By[0] + w.By[1] + w.By[2] + w.Excepted,
			Outside: share(w.outside()), Unknown: w.By[2], Excepted: w.Excepted,
			Arg: v.Arg("n", profileRowsName, "q", d.Calendar.Date(w.From).String())})
	}
	return v
}

// profileRowJSON is a row of the block, by docs/digest-json.md.
type profileRowJSON struct {
	Share   shareJSON `json:"share"`
	Won     int       `json:"won"`
	Lost    int       `json:"lost"`
	WinRate shareJSON `json:"win_rate"`
}

// shareJSON is a proportion with its counts; the rate is null of nothing.
type shareJSON struct {
	ofJSON
	rateJSON
}

func newShareJSON(p stats.Proportion) shareJSON { return shareJSON{ofJSON(p), proportionJSON(p)} }

func (p profileNow) json() any {
	type exceptions struct {
		Open int `json:"open"`
		Won  int `json:"won"`
		Lost int `json:"lost"`
	}
	type proposed struct {
		Proposal string  `json:"proposal"`
		Change   string  `json:"change"`
		Effect   *string `json:"effect"` // null until it is computed
	}
	type week struct {
		Week     int       `json:"week"`
		From     string    `json:"from"`
		Outside  shareJSON `json:"outside"`
		Unknown  int       `json:"unknown"`
		Excepted int       `json:"excepted"`
	}
	weeks := []week{}
	for n, w := range p.Pipeline {
		weeks = append(weeks, week{n + 1, w.From.Format(time.DateOnly), newShareJSON(w.outside()), w.By[2], w.Excepted})
	}
	row := func(i int) profileRowJSON {
		r := p.Rows[i]
		return profileRowJSON{newShareJSON(r.Share), r.Won, r.Lost, newShareJSON(r.wins())}
	}
	j := struct {
		Version    int            `json:"version"`
		Inside     profileRowJSON `json:"inside"`
		Outside    profileRowJSON `json:"outside"`
		Unknown    profileRowJSON `json:"unknown"`
		Waiting    int            `json:"waiting"`
		Exceptions exceptions     `json:"exceptions"`
		Proposed   *proposed      `json:"proposed"` // null where nothing is
		Pipeline   []week         `json:"open_pipeline"`
	}{p.Version, row(0), row(1), row(2), p.Waiting, exceptions{p.Excepted, p.ExWon, p.ExLost}, nil, weeks}
	if p.Proposal != "" {
		j.Proposed = &proposed{Proposal: p.Proposal, Change: p.Title}
		if p.Effect != "" {
			j.Proposed.Effect = &p.Effect
		}
	}
	return j
}
