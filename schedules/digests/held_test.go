package digests

import (
	"math/rand/v2"
	"reflect"
	"testing"

	"truce"
	"truce/schedules/stats"
)

// TestWhatWasClaimedStaysUntilItEnds plays random looks over: a claim begins only where its level is reached, stays however often chance
// would explain it by itself, ends where it leans that way no more, and is the same whether it is asked for at its own look or later.
func TestWhatWasClaimedStaysUntilItEnds(t *testing.T) {
	r := rand.New(rand.NewPCG(14, 1))
	verdicts := []stats.Verdict{stats.TooFew, stats.TooClose, stats.Lower, stats.Higher, stats.Higher, stats.Higher}
	ended, flickered := 0, 0
	for range 400 {
		looks := mondays{truce.Date{Year: 2026, Month: 1, Day: 5}, 1 + r.IntN(60)}
		sees := make([]seen, looks.n)
		for i := range sees {
			if sees[i].leans = verdicts[r.IntN(len(verdicts))]; r.IntN(3) == 0 {
				sees[i].claim = sees[i].leans // one look of three would claim it by itself
			}
		}
		see := func(look int, _ truce.Date) seen { return sees[look] }
		whole := looks.hold(see)
		var now *Held
		for look := range looks.n {
			before := now
			if now != nil && sees[look].leans != now.verdict() {
				now = nil
				ended++
			} else if now == nil && (sees[look].claim == stats.Higher || sees[look].claim == stats.Lower) {
				now = &Held{Higher: sees[look].claim == stats.Higher, Since: looks.at(look), Before: look == 0}
			} else if now != nil && sees[look].claim != now.verdict() {
				flickered++
			}
			then := mondays{looks.first, look + 1}.hold(see)
			got, ok := then.now()
			if ok != (now != nil) || ok && got != *now {
				t.Fatalf("look %d: %+v %v, want %+v", look, got, ok, now)
			}
			if says := then.endedIn(looks.at(look).Add(-7), looks.at(look)); (len(says) == 1) != (before != nil && now == nil) {
				t.Fatalf("look %d: %+v ended, it was %+v and is %+v", look, says, before, now)
			}
			for i, h := range then { // what later looks say of this one is what it said
				if h.Ended == (truce.Date{}) {
					h.Ended, h.Silent = whole[i].Ended, whole[i].Silent
				}
				if !reflect.DeepEqual(h, whole[i]) {
					t.Fatalf("look %d said %+v, later %+v", look, then[i], whole[i])
				}
			}
		}
	}
	if ended < 100 || flickered < 100 {
		t.Errorf("%d ended, %d would have flickered: too few to tell", ended, flickered)
	}
}

// TestNoSentenceSaysWhatItsNumbersDeny: what was claimed at a look is not said where the digest's own figures go the other way.
func TestNoSentenceSaysWhatItsNumbersDeny(t *testing.T) {
	more := holds{{Higher: true, Since: truce.Date{Year: 2026, Month: 8, Day: 3}}}
	for _, of := range []struct{ alone, leans, want stats.Verdict }{
		{stats.TooClose, stats.Higher, stats.Higher}, {stats.TooFew, stats.Higher, stats.Higher},
		{stats.Lower, stats.Lower, stats.TooClose}, {stats.TooFew, stats.TooClose, stats.TooFew},
	} {
		if got := more.verdict(of.alone, of.leans); got != of.want {
			t.Errorf("%+v: %v", of, got)
		}
	}
	if got := (holds{}).verdict(stats.Higher, stats.Higher); got != stats.TooClose {
		t.Errorf("never told at a look: %v", got)
	}
}

// TestMoreThanHalfSentBackKeepsItsDate: of all leads, too, a claim has a date, and each look said it for itself.
func TestMoreThanHalfSentBackKeepsItsDate(t *testing.T) {
	w := drawn(3, 3, 8, 104, func(_, week int) float64 {
		if week >= 60 && week < 80 {
			return .7
		}
		return .3
	})
	list := w.Half()
	if len(list) != 1 || list[0].Ended == (truce.Date{}) {
		t.Fatalf("%+v, want one claim that ended", list)
	}
	since, end := (list[0].Since.Number()-w.First.Number())/7, (list[0].Ended.Number()-w.First.Number())/7
	if since < 62 || since > 76 || end < 81 || end > 95 {
		t.Errorf("since week %d, ended at %d; it was so from 60 to 80", since, end)
	}
	for week := 54; week <= w.N; week++ {
		h, ok := w.upTo(week).Half().now()
		if ok != (week >= since && week < end) || ok && h.Since != list[0].Since {
			t.Errorf("look %d: %+v %v", week, h, ok)
		}
	}
}
