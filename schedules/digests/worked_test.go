package digests_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/schedules/digests"
	"truce/storage"
)

// workedJSON is the part of a report's JSON that tells what was worked.
type workedJSON struct {
	K    *int     `json:"k"`
	N    int      `json:"n"`
	Rate *float64 `json:"rate"`
}

func (w *workedJSON) String() string {
	switch {
	case w == nil:
		return "nothing due"
	case w.K == nil:
		return "not measured"
	}
	return fmt.Sprintf("%d of %d", *w.K, w.N)
}

// workedReport is the figure by group of a leads report over all of May 2026: "" is all leads, "s " a source, "c " a campaign.
func workedReport(t *testing.T, s *storage.Store, d digests.Maker, asOf time.Time) map[string]string {
	t.Helper()
	var whole struct {
		Totals struct {
			NotWorked *workedJSON `json:"not_worked"`
		}
		BySource []struct {
			Source    string
			NotWorked *workedJSON `json:"not_worked"`
		} `json:"by_source"`
		ByCampaign []struct {
			Campaign  string
			NotWorked *workedJSON `json:"not_worked"`
		} `json:"by_campaign"`
	}
	read(t, s, func(tx *storage.Tx) error {
		rep, err := d.Report(tx, digests.Query{Kind: digests.LeadsDigest, From: day(1), To: day(32), AsOf: asOf})
		if err != nil {
			return err
		}
		text, err := json.Marshal(rep)
		if err != nil {
			return err
		}
		return json.Unmarshal(text, &whole)
	})
	got := map[string]string{"": whole.Totals.NotWorked.String()}
	for _, g := range whole.BySource {
		got["s "+g.Source] = g.NotWorked.String()
	}
	for _, g := range whole.ByCampaign {
		got["c "+g.Campaign] = g.NotWorked.String()
	}
	return got
}

// day is a midnight of May 2026, whose 1st is a Friday; may is a moment of it.
func day(d int) time.Time               { return time.Date(2026, 5, d, 0, 0, 0, 0, time.UTC) }
func may(d, hour, minute int) time.Time { return time.Date(2026, 5, d, hour, minute, 0, 0, time.UTC) }

// A lead is not worked if by the end of the third business day after its hand-off nobody has touched or judged it.
func TestWhatCountsAsNotWorked(t *testing.T) {
	const lead = "L"
	touch := func(at time.Time) func(*storage.Tx) error {
		return func(tx *storage.Tx) error {
			_, err := tx.AddTouch(truce.Touch{LeadID: lead, At: at, Kind: "call"})
			return err
		}
	}
	said := func(status truce.Status, origin truce.Origin, at time.Time) func(*storage.Tx) error {
		return func(tx *storage.Tx) error {
			_, err := tx.AddOutcome(truce.Outcome{LeadID: lead, Status: status, At: at, Origin: origin})
			return err
		}
	}
	wednesday := may(13, 10, 0) // its third business day is Monday the 18th
	ends := day(19)
	for _, tt := range []struct {
		name    string
		handed  time.Time // zero: before Truce's start
		asOf    time.Time // zero: June
		nobody  bool      // logs touches; else somebody does, since January
		holiday int       // in May
		done    []func(*storage.Tx) error
		want    string
	}{
		{name: "nothing was done", handed: wednesday, want: "1 of 1"},
		{name: "a touch at the deadline is in time", handed: wednesday, done: []func(*storage.Tx) error{touch(ends)}, want: "0 of 1"},
		{name: "a touch after the deadline is not", handed: wednesday, done: []func(*storage.Tx) error{touch(ends.Add(time.Millisecond))},
			want: "1 of 1"},
		{name: "a touch on the evening of the third day", handed: wednesday, done: []func(*storage.Tx) error{touch(may(18, 21, 0))},
			want: "0 of 1"},
		{name: "a touch before the hand-off", handed: wednesday, done: []func(*storage.Tx) error{touch(may(12, 9, 0))}, want: "0 of 1"},
		{name: "a weekend is no business day", handed: may(16, 10, 0), done: []func(*storage.Tx) error{touch(may(20, 23, 59))}, want: "0 of 1"},
		{name: "nor does it make three of four", handed: may(16, 10, 0), done: []func(*storage.Tx) error{touch(may(21, 0, 1))}, want: "1 of 1"},
		{name: "a holiday moves the deadline", handed: wednesday, holiday: 14, done: []func(*storage.Tx) error{touch(may(19, 15, 0))},
			want: "0 of 1"},
		{name: "by one day", handed: wednesday, holiday: 14, done: []func(*storage.Tx) error{touch(may(20, 15, 0))}, want: "1 of 1"},
		{name: "accepted by a person", handed: wednesday, done: []func(*storage.Tx) error{said(truce.Accepted, truce.FromPerson, may(15, 9, 0))},
			want: "0 of 1"},
		{name: "accepted by silence", handed: wednesday, done: []func(*storage.Tx) error{said(truce.Accepted, truce.FromSilence, may(15, 9, 0))},
			want: "1 of 1"},
		{name: "rejected without a touch", handed: wednesday, done: []func(*storage.Tx) error{said(truce.Rejected, truce.FromImport,
			may(14, 9, 0))}, want: "0 of 1"},
		{name: "a later stage", handed: wednesday, done: []func(*storage.Tx) error{said(truce.SQL, truce.FromImport, may(18, 9, 0))},
			want: "0 of 1"},
		{name: "judged too late", handed: wednesday, done: []func(*storage.Tx) error{said(truce.Rejected, truce.FromPerson, may(20, 9, 0))},
			want: "1 of 1"},
		{name: "a second run is no second hand-off, and its acceptance does not undo the first's", handed: wednesday,
			done: []func(*storage.Tx) error{
				func(tx *storage.Tx) error {
					l, err := tx.Lead(lead)
					if err != nil {
						return err
					}
					return tx.SavePromise(truce.Promise{Subject: l.Ref, Kind: truce.VerdictPromise, Side: truce.Sales, StartedAt: wednesday,
						DueAt: may(15, 10, 0), RemindAt: may(14, 10, 0), Result: truce.Kept, StoppedAt: may(14, 9, 0)})
				},
				said(truce.Recycled, truce.FromDispute, may(22, 9, 0)), said(truce.Accepted, truce.FromPerson, may(28, 9, 0))}, want: "0 of 1"},
		{name: "recycled by silence, and left lying", handed: wednesday,
			done: []func(*storage.Tx) error{said(truce.Recycled, truce.FromSilence, may(15, 9, 0))}, want: "1 of 1"},
		{name: "nobody logs touches", handed: wednesday, nobody: true, want: "not measured"},
		{name: "nobody logs touches, judged too late", handed: wednesday, nobody: true,
			done: []func(*storage.Tx) error{said(truce.Rejected, truce.FromPerson, may(20, 9, 0))}, want: "not measured"},
		{name: "nobody logs touches, judged in time", handed: wednesday, nobody: true,
			done: []func(*storage.Tx) error{said(truce.Rejected, truce.FromPerson, may(14, 9, 0))}, want: "0 of 1"},
		{name: "touches are logged only since its deadline", handed: wednesday, nobody: true,
			done: []func(*storage.Tx) error{touch(may(25, 9, 0))}, want: "not measured"},
		{name: "its days are not over", handed: wednesday, asOf: ends.Add(-time.Millisecond), want: "nothing due"},
		{name: "its days are just over", handed: wednesday, asOf: ends, want: "1 of 1"},
		{name: "a moment past knows no later touch of anybody", handed: wednesday, asOf: may(22, 9, 0), nobody: true,
			done: []func(*storage.Tx) error{touch(may(25, 9, 0))}, want: "not measured"},
		{name: "handed off before Truce's start", want: "nothing due"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := openStore(t, func() time.Time { return noon })
			write(t, s, func(tx *storage.Tx) error {
				if _, err := tx.UpsertLead(truce.Lead{ID: "other", MQLAt: day(1).AddDate(0, -4, 0)}); err != nil {
					return err
				}
				if !tt.nobody {
					if _, err := tx.AddTouch(truce.Touch{LeadID: "other", At: day(1).AddDate(0, -4, 0), Kind: "mail"}); err != nil {
						return err
					}
				}
				if _, err := tx.UpsertLead(truce.Lead{ID: lead, MQLAt: may(12, 8, 0), HandedOffAt: tt.handed, Source: "Fair"}); err != nil {
					return err
				}
				for _, do := range tt.done {
					if err := do(tx); err != nil {
						return err
					}
				}
				return nil
			})
			d := maker()
			if tt.holiday > 0 {
				d.Calendar.Dates = map[truce.Date]truce.Window{{Year: 2026, Month: 5, Day: tt.holiday}: {}}
			}
			asOf := tt.asOf
			if asOf.IsZero() {
				asOf = noon
			}
			if got := workedReport(t, s, d, asOf); got[""] != tt.want || got["s Fair"] != tt.want {
				t.Errorf("all %s, the source %s, want %s", got[""], got["s Fair"], tt.want)
			}
		})
	}
}

// The figures are what looking at each lead for itself gives, in a zone that has days of its own.
func TestNotWorkedIsWhatLookingAtEachLeadGives(t *testing.T) {
	loc, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Skip(err)
	}
	for seed := range uint64(6) {
		r := rand.New(rand.NewPCG(seed, 95))
		s := openStore(t, func() time.Time { return noon })
		d := maker()
		d.Calendar.Loc = loc
		holiday := truce.Date{Year: 2026, Month: 5, Day: 4 + r.IntN(20)}
		d.Calendar.Dates = map[truce.Date]truce.Window{holiday: {}}
		type known struct {
			source, campaign string
			mql, handed      time.Time
			touches, said    []time.Time
		}
		var leads []known
		var logged time.Time
		write(t, s, func(tx *storage.Tx) error {
			for i := range 250 {
				k := known{source: []string{"Web", "Fair", ""}[r.IntN(3)], campaign: fmt.Sprint("c", r.IntN(4)),
					mql: day(1).Add(time.Duration(r.IntN(31*24*60)) * time.Minute)}
				if r.IntN(6) > 0 {
					k.handed = k.mql.Add(time.Duration(r.IntN(300)) * time.Minute)
				}
				after := func() time.Time { return k.mql.Add(time.Duration(r.IntN(8*24*60)-600) * time.Minute) }
				l := truce.Lead{ID: fmt.Sprint(i), Source: k.source, Campaign: k.campaign, MQLAt: k.mql, HandedOffAt: k.handed}
				if _, err := tx.UpsertLead(l); err != nil {
					return err
				}
				for range r.IntN(3) {
					at := after()
					if seed == 0 || seed < 3 && at.Before(day(14)) { // nobody logs touches; only since the 14th
						continue
					}
					if k.touches = append(k.touches, at); logged.IsZero() || at.Before(logged) {
						logged = at
					}
					if _, err := tx.AddTouch(truce.Touch{LeadID: l.ID, At: at, Kind: "call"}); err != nil {
						return err
					}
				}
				for _, status := range []truce.Status{truce.Accepted, truce.Rejected, truce.SQL} {
					if r.IntN(3) > 0 {
						continue
					}
					o := truce.Outcome{LeadID: l.ID, Status: status, At: after(),
						Origin: []truce.Origin{truce.FromImport, truce.FromPerson, truce.FromSilence}[r.IntN(3)]}
					if o.Origin != truce.FromSilence {
						k.said = append(k.said, o.At)
					}
					if _, err := tx.AddOutcome(o); err != nil {
						return err
					}
				}
				leads = append(leads, k)
			}
			return nil
		})
		for _, asOf := range []time.Time{may(9, 1, 0), may(16, 4, 0), may(21, 4, 0), may(29, 17, 0), noon} {
			type tally struct{ k, n, early, untold int }
			tallies := map[string]*tally{"": {}}
			for _, l := range leads {
				groups := []string{"", "s " + truce.SourceName(l.source), "c " + l.campaign}
				for _, g := range groups {
					if !l.mql.After(asOf) && tallies[g] == nil {
						tallies[g] = &tally{}
					}
				}
				if l.handed.IsZero() || l.mql.After(asOf) {
					continue
				}
				end := l.handed.In(loc) // counts days one by one
				for business := 0; business < 3; {
					end = time.Date(end.Year(), end.Month(), end.Day()+1, 0, 0, 0, 0, loc)
					if wd := end.Weekday(); wd != time.Saturday && wd != time.Sunday && end.Day() != holiday.Day {
						business++
					}
				}
				if end = time.Date(end.Year(), end.Month(), end.Day()+1, 0, 0, 0, 0, loc); end.After(asOf) {
					continue
				}
				inTime := func(list []time.Time) (ok bool) {
					for _, at := range list {
						ok = ok || !at.After(end)
					}
					return ok
				}
				touched, judged := inTime(l.touches), inTime(l.said)
				for _, g := range groups {
					y := tallies[g]
					switch {
					case logged.IsZero() || logged.After(end):
						if y.early++; !judged {
							y.untold++
						}
					default:
						if y.n++; !touched && !judged {
							y.k++
						}
					}
				}
			}
			want := map[string]string{}
			for g, y := range tallies {
				if y.untold == 0 {
					y.n += y.early
				}
				switch {
				case y.n > 0:
					want[g] = fmt.Sprintf("%d of %d", y.k, y.n)
				case y.early > 0:
					want[g] = "not measured"
				default:
					want[g] = "nothing due"
				}
			}
			if got := workedReport(t, s, d, asOf); !maps.Equal(got, want) {
				t.Errorf("seed %d as of %s: %v\nwant %v", seed, asOf, got, want)
			}
		}
	}
}

// What Sales has let lie stands beside the rates and in Sales' line of the summary; all that is said of the sources stays as it is.
func TestNotWorkedIsNoPartOfASourcesQuality(t *testing.T) {
	build := func(touched bool) (figures, drill, weekly string, rest map[string]any) {
		s := openStore(t, func() time.Time { return noon })
		write(t, s, func(tx *storage.Tx) error {
			for i := range 80 {
				l := truce.Lead{ID: fmt.Sprint(i), MQLAt: may(4, 8, 0), HandedOffAt: may(4, 9, 0), Source: []string{"Fair", "Web"}[i%2],
					Campaign: fmt.Sprint("c", i%4), Segment: []string{"pharma", "core"}[i/40]}
				if _, err := tx.UpsertLead(l); err != nil {
					return err
				}
				if i == 79 || touched && i%2 == 0 {
					if _, err := tx.AddTouch(truce.Touch{LeadID: l.ID, At: may(5, 9, 0), Kind: "call"}); err != nil {
						return err
					}
				}
				if i >= 60 {
					if _, err := tx.AddOutcome(truce.Outcome{LeadID: l.ID, Status: []truce.Status{truce.Accepted, truce.Rejected}[i/2%2],
						At: may(12, 9, 0), Origin: truce.FromPerson, Reason: "no-need"}); err != nil {
						return err
					}
				}
			}
			return nil
		})
		read(t, s, func(tx *storage.Tx) error {
			d, r := maker(), digests.Query{Kind: digests.LeadsDigest, From: day(1), To: day(32), AsOf: noon}
			card, err := d.Card(tx, r, true)
			if err != nil {
				return err
			}
			figures = strings.Join(strings.Fields(chat.PlainText(card, 150)), " ")
			below, err := d.Drill(tx, cards.Period{Kind: r.Kind, From: r.From, To: r.To, AsOf: r.AsOf, Loc: time.UTC}, truce.Person{}, "campaigns",
				url.Values{"s": {"Web"}})
			if err != nil {
				return err
			}
			drill = strings.Join(strings.Fields(chat.PlainText(below, 150)), " ")
			rep, err := d.Report(tx, r)
			if err != nil {
				return err
			}
			text, err := json.Marshal(rep)
			if err != nil {
				return err
			}
			if err := json.Unmarshal(text, &rest); err != nil {
				return err
			}
			for _, part := range append(append([]any{rest["totals"]}, rest["by_source"].([]any)...), rest["by_campaign"].([]any)...) {
				delete(part.(map[string]any), "not_worked")
			}
			r.Kind = digests.WeeklyDigest
			card, err = d.Card(tx, r, false)
			weekly = strings.Join(strings.Fields(chat.PlainText(card, 150)), " ")
			return err
		})
		return figures, drill, weekly, rest
	}
	lazy, drill, lazyWeek, lazyRest := build(false)
	busy, _, busyWeek, busyRest := build(true)
	for text, wants := range map[string][]string{
		lazy: {"Source Leads Open Not worked Accepted", "Fair 40 35 40 of 40 (100 %)", "Web 40 35 39 of 40 (98 %)",
			"pharma 40 40 40 of 40 (100 %)", "not worked: no touch, no verdict in 3 business days"},
		busy: {"Fair 40 35 0 of 40 (0 %)", "core 40 30 19 of 40 (48 %)"},
		drill: {"Campaign Leads Judged Sent back Source fault Won Not worked", "c1 20 5 0 of 5 0 of 5 0 20 of 20 (100 %)",
			"c3 20 5 5 of 5 0 of 5 0 19 of 20 (95 %)"},
		lazyWeek: {"Sales: not worked in 3 days 79 of 80"},
		busyWeek: {"Sales: not worked in 3 days 39 of 80"},
	} {
		for _, want := range wants {
			if !strings.Contains(text, want) {
				t.Errorf("no %q in %s", want, text)
			}
		}
	}
	if !reflect.DeepEqual(lazyRest, busyRest) {
		t.Errorf("what is said of the sources has changed with the touches: %v\nwas %v", busyRest, lazyRest)
	}
	if headline := func(s string) string { return s[:strings.Index(s, ".")] }; headline(lazy) != headline(busy) {
		t.Errorf("the headline %q was %q", headline(busy), headline(lazy))
	}
}
