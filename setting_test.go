package truce

import (
	"encoding/json"
	"testing"
	"time"
)

// TestSettingsAreReadAndWritten reads values as people write them, and writes what can be read again.
func TestSettingsAreReadAndWritten(t *testing.T) {
	terms := NewTerms(NewCalendar(time.UTC))
	for _, tt := range []struct{ name, said, want, inFile string }{
		{"first_touch_hours", "16", "16 h", "16"}, {"promises.first_touch_hours", "16.5 h", "16.5 h", "16.5"},
		{"time to the first touch", "0", "", ""},
		{"first_touch_hours", "1e9", "", ""}, {"first_touch_hours", "NaN", "", ""}, {"first_touch_hours", "", "", ""},
		{"icp_share", "75 %", "75 %", "0.75"}, {"icp_share", "0.75", "75 %", "0.75"}, {"icp_share", "1 %", "1 %", "0.01"},
		{"icp_share", "1", "1 %", "0.01"}, {"icp_share", "100", "100 %", "1"},
		{"icp_share", "101", "", ""}, {"icp_share", "28.5%", "28.5 %", "0.285"}, {"in_time_share", "none", "none", "0"},
		{"leads_per_quarter", "1,200", "1200", "1200"}, {"leads_per_quarter", "-1", "", ""}, {"leads_per_quarter", "6.5", "", ""},
		{"score threshold", "62.5", "62.5", "62.5"}, {"score threshold", "101", "", ""},
		{"urgent", "demo, , kit", "demo, kit", "[demo, kit]"}, {"urgent", "none", "none", "[]"},
		{"business hours", "8:00-18:00", "08:00-18:00", `"08:00-18:00"`}, {"business hours", "18:00-08:00", "", ""},
		{"business hours", "06:00-10:00", "", ""},
		{"calendar.days", "Sun-Thu", "sun-thu", "sun-thu"}, {"calendar.days", "mon,tue,fri", "mon,tue,fri", "mon,tue,fri"},
		{"calendar.days", "someday", "", ""},
		{"rating_after_days", "0", "", ""}, {"rating_after_days", "3", "3", "3"},
	} {
		s, ok := SettingOf(tt.name)
		if !ok {
			t.Errorf("there is no setting %q", tt.name)
			continue
		}
		v, err := s.Parse(tt.said, terms)
		if (err != nil) != (tt.want == "") {
			t.Errorf("%s %q: %v, %v; want %q", tt.name, tt.said, v, err, tt.want)
			continue
		}
		if err != nil {
			if KindOf(err) != Invalid {
				t.Errorf("%s %q: %v is not said to a person", tt.name, tt.said, err)
			}
			continue
		}
		if v.String() != tt.want || s.InFile(v) != tt.inFile {
			t.Errorf("%s %q reads %q, in the file %q; want %q, %q", tt.name, tt.said, v, s.InFile(v), tt.want, tt.inFile)
		}
		if again, err := s.Parse(v.Value+" "+v.Unit, terms); err != nil || again != v {
			t.Errorf("%s: %v is read again as %v, %v", tt.name, v, again, err)
		}
	}
	if _, ok := SettingOf("stale_after_hours"); ok {
		t.Error("how old data may be is nothing that the sides promise each other")
	}
}

// TestDaysText writes every week so that it is read as the same.
func TestDaysText(t *testing.T) {
	for n := 1; n < 128; n++ {
		var days [7]bool
		for d := range 7 {
			days[d] = n>>d&1 == 1
		}
		text := DaysText(days)
		if got, err := ParseDays(text); err != nil || got != days {
			t.Errorf("%v is written %q, read %v, %v", days, text, got, err)
		}
	}
}

// TestAgreedTerms holds what was agreed over what is configured, by the day: before the first agreement it is what was there then, though
// the file has been changed since.
func TestAgreedTerms(t *testing.T) {
	day := func(n int) time.Time { return proposedAt.AddDate(0, 0, n) }
	version := func(was, is string, from time.Time) Proposal {
		return Proposal{Kind: LevelGround, Thing: "promises.first_touch_hours", Was: touchIn(was), Payload: touchIn(is), InForce: from,
			State: ProposalInForce}
	}
	configured := NewTerms(NewCalendar(time.UTC))
	configured.Touch, configured.Answer = 48*time.Hour, 10*time.Hour
	agreed := Agreed{"promises.first_touch_hours": {version("16", "12", day(20)), version("24", "16", day(10))}}
	for _, tt := range []struct {
		at   int
		want time.Duration
	}{{0, 24 * time.Hour}, {9, 24 * time.Hour}, {10, 16 * time.Hour}, {19, 16 * time.Hour}, {20, 12 * time.Hour}, {400, 12 * time.Hour}} {
		once := agreed.Terms(configured, day(tt.at))
		if once.Touch != tt.want || once.Answer != configured.Answer {
			t.Errorf("on day %d the first touch has %v, want %v; an answer %v", tt.at, once.Touch, tt.want, once.Answer)
		}
		if back := agreed.Terms(agreed.Terms(configured, day(400)), day(tt.at)); back.Touch != tt.want {
			t.Errorf("from terms that hold already, on day %d: %v, want %v", tt.at, back.Touch, tt.want)
		}
	}
	unlike := agreed.Unlike(configured, day(30))
	if len(unlike) != 1 || unlike[0].File.String() != "48 h" || unlike[0].Agreed.String() != "12 h" {
		t.Errorf("unlike: %+v", unlike)
	}
	if configured.Touch = 12 * time.Hour; len(agreed.Unlike(configured, day(30))) != 0 {
		t.Error("a file that says what was agreed is not unlike it")
	}
}

// TestUnderOtherTerms asks of promises that ran how they would have gone.
func TestUnderOtherTerms(t *testing.T) {
	terms := NewTerms(NewCalendar(time.UTC))
	shorter := terms
	shorter.Touch = 8 * time.Hour
	start := proposedAt // Monday 9:00; 24 h are Wednesday 17:00, 8 h Monday 17:00
	p := func(result PromiseResult, due, stopped time.Time) Promise {
		return Promise{Kind: TouchPromise, StartedAt: start, DueAt: due, StoppedAt: stopped, Result: result}
	}
	at := func(day, hour int) time.Time { return time.Date(2026, 3, day, hour, 0, 0, 0, time.UTC) }
	for _, tt := range []struct {
		name      string
		p         Promise
		kept, due bool
	}{
		{"done in time", p(Kept, at(4, 17), at(2, 17)), true, true},
		{"done in time of the longer terms only", p(Kept, at(4, 17), at(3, 9).Add(time.Minute)), false, true},
		{"late anyway", p(Late, at(4, 17), at(5, 9)), false, true},
		{"paused for a day, which counts for nobody", p(Kept, at(5, 17), at(3, 16)), true, true},
		{"nothing was done", p(Lapsed, at(4, 17), at(4, 17)), false, true},
		{"runs, and would be due", p(Running, at(4, 17), time.Time{}), false, true},
	} {
		if kept, due := terms.Under(shorter, tt.p, false, at(3, 12)); kept != tt.kept || due != tt.due {
			t.Errorf("%s: kept %v, due %v; want %v, %v", tt.name, kept, due, tt.kept, tt.due)
		}
	}
	if _, due := terms.Under(shorter, p(Running, at(4, 17), time.Time{}), false, at(2, 12)); due {
		t.Error("what still has time is not due")
	}
}

func TestSourcesReadable(t *testing.T) {
	g, _ := GroundOf(SourceGround)
	becomes, was := SourceOf([]Lead{{Ref: "L-12", Source: "Webinar"}, {Ref: "L-2", Source: "Webinar"}, {Ref: "L-3", Source: ""}}, "Partner")
	a, _ := json.Marshal(was)
	b, _ := json.Marshal(becomes)
	list := g.Differs(becomes.Thing(), a, b)
	if becomes.Thing() != "L-2 L-3 L-12" || len(list) != 2 || list[0].String() != "source of L-2, L-12 Webinar to Partner" {
		t.Errorf("%q: %v", becomes.Thing(), list)
	}
	if err := g.Check("", json.RawMessage(`{"L-1":" "}`)); KindOf(err) != Invalid {
		t.Errorf("an empty source: %v", err)
	}
}
