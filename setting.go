package truce

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// This file is about the settings that both sides agree on: what the configuration says of service levels, the score threshold and
// business hours until two keys say otherwise. From then on what was agreed holds, whatever the file says.

// Targets are what the sides have promised each other in numbers. Zero is no promise.
type Targets struct {
	LeadsPerQuarter int     // by Marketing
	ICPShare        float64 // of the leads inside the ideal customer profile
	InTimeShare     float64 // of first touches, verdicts and answers in time
	MQLScore        float64 // from which a lead qualifies, as Marketing's system has it
}

// Setting is one of them.
type Setting struct {
	Key  string // in the configuration: "promises.first_touch_hours"
	Name string // what people call it: "time to the first touch"
	Unit string // "h", "%", "" where there is none
	Kind ProposalKind
	get  func(Terms) string
	set  func(*Terms, string) error
}

// Settings are all, in the order in which they read.
var Settings = slices.Concat(
	[]Setting{
		{"promises.mql_score", "score threshold", "", ThresholdGround, func(t Terms) string { return decimal(t.Targets.MQLScore) },
			func(t *Terms, s string) error { return number(&t.Targets.MQLScore, s, 0, 100, "a score") }},
		{"promises.leads_per_quarter", "leads promised a quarter", "", LevelGround,
			func(t Terms) string { return strconv.Itoa(t.Targets.LeadsPerQuarter) },
			func(t *Terms, s string) error {
				return wholeNumber(&t.Targets.LeadsPerQuarter, s, 0, 10_000_000, "leads")
			}},
		shareSetting("icp_share", "share inside the ICP promised", func(t *Terms) *float64 { return &t.Targets.ICPShare }),
		shareSetting("in_time_share", "share in time promised", func(t *Terms) *float64 { return &t.Targets.InTimeShare }),
		{"promises.urgent", "words of urgent leads", "", LevelGround, func(t Terms) string { return strings.Join(t.Urgent, ", ") }, setWords},
		hoursSetting("accept_hours", "time for a verdict", func(t *Terms) *time.Duration { return &t.Verdict }),
		hoursSetting("accept_hours_urgent", "time for a verdict on an urgent lead", func(t *Terms) *time.Duration { return &t.UrgentVerdict }),
		hoursSetting("first_touch_hours", "time to the first touch", func(t *Terms) *time.Duration { return &t.Touch }),
		hoursSetting("first_touch_hours_urgent", "time to the first touch of an urgent lead",
			func(t *Terms) *time.Duration { return &t.UrgentTouch }),
		hoursSetting("answer_hours", "time for an answer to a dispute", func(t *Terms) *time.Duration { return &t.Answer }),
		hoursSetting("ask_once_hours", "time for an answer to Marketing's question", func(t *Terms) *time.Duration { return &t.Evidence }),
		hoursSetting("rep_hours", "time for a reply to a declined dispute", func(t *Terms) *time.Duration { return &t.Reply }),
		hoursSetting("rule_hours", "time for a ruling", func(t *Terms) *time.Duration { return &t.Ruling }),
		{"promises.rating_after_days", "business days until a rating is asked for", "", LevelGround,
			func(t Terms) string { return strconv.Itoa(t.RatingAfter) },
			func(t *Terms, s string) error { return wholeNumber(&t.RatingAfter, s, 1, 250, "business days") }},
		{"calendar.hours", "business hours", "", HoursGround, func(t Terms) string { return t.Calendar.Hours.String() }, setHours},
		{"calendar.days", "business days", "", HoursGround, func(t Terms) string { return DaysText(t.Calendar.Days) }, setDays},
	})

func hoursSetting(key, name string, of func(*Terms) *time.Duration) Setting {
	return Setting{"promises." + key, name, "h", LevelGround,
		func(t Terms) string { return decimal(of(&t).Hours()) },
		func(t *Terms, s string) error {
			var h float64
			if err := number(&h, strings.TrimRight(s, " h"), 0.5, 1000, "business hours"); err != nil {
				return err
			}
			*of(t) = time.Duration(h * float64(time.Hour))
			return nil
		}}
}

// shareSetting is a share, written in per cent; a fraction such as 0.75 is what the configuration says.
func shareSetting(key, name string, of func(*Terms) *float64) Setting {
	return Setting{"promises." + key, name, "%", LevelGround,
		func(t Terms) string { return decimal(math.Round(*of(&t)*1e4) / 100) },
		func(t *Terms, s string) error {
			plain := strings.TrimRight(s, " %")
			var v float64
			if err := number(&v, plain, 0, 100, "per cent"); err != nil {
				return err
			}
			if plain != s || v > 1 || !strings.Contains(plain, ".") {
				v /= 100
			}
			*of(t) = v
			return nil
		}}
}

func decimal(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

func number(to *float64, s string, low, high float64, what string) error {
	if strings.EqualFold(strings.TrimSpace(s), "none") {
		s = "0"
	}
	v, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if err != nil || !(v >= low && v <= high) {
		return Errorf(Invalid, "%q: write %s from %s to %s.", strings.TrimSpace(s), what, decimal(low), decimal(high))
	}
	*to = v
	return nil
}

func wholeNumber(to *int, s string, low, high int, what string) error {
	if strings.EqualFold(strings.TrimSpace(s), "none") {
		s = "0"
	}
	v, err := strconv.Atoi(strings.ReplaceAll(strings.TrimSpace(s), ",", ""))
	if err != nil || v < low || v > high {
		return Errorf(Invalid, "%q: write a whole number of %s from %d to %d.", strings.TrimSpace(s), what, low, high)
	}
	*to = v
	return nil
}

func setWords(t *Terms, s string) error {
	var words []string
	for w := range strings.SplitSeq(s, ",") {
		if w = strings.TrimSpace(w); w != "" && w != "none" {
			words = append(words, w)
		}
	}
	t.Urgent = words
	return nil
}

func setHours(t *Terms, s string) error {
	w, err := ParseWindow(s)
	if err != nil {
		return Errorf(Invalid, "%w.", err)
	}
	if w.To <= t.Calendar.NoDeadlineBefore {
		return Errorf(Invalid, "No deadline ends before %02d:%02d: the hours must go on after it.", t.Calendar.NoDeadlineBefore/60,
			t.Calendar.NoDeadlineBefore%60)
	}
	t.Calendar.Hours = w
	return nil
}

func setDays(t *Terms, s string) (err error) {
	days, err := ParseDays(s)
	if err != nil {
		return Errorf(Invalid, "%w.", err)
	}
	t.Calendar.Days = days
	return nil
}

// SettingOf finds a setting by its key, the end of its key, or its name, in any case of its letters.
func SettingOf(s string) (Setting, bool) {
	fold := foldWords(s)
	i := slices.IndexFunc(Settings, func(x Setting) bool {
		return strings.EqualFold(x.Key, s) || fold != "" && (foldWords(x.Key[strings.IndexByte(x.Key, '.')+1:]) == fold ||
			foldWords(x.Name) == fold)
	})
	if i < 0 {
		return Setting{}, false
	}
	return Settings[i], true
}

// SettingsLike are those whose name or key holds all the words.
func SettingsLike(s string) (list []Setting) {
	words := strings.Fields(foldWords(s))
	for _, x := range Settings {
		in := " " + foldWords(x.Name+" "+x.Key)
		if len(words) > 0 && !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(in, " "+w) }) {
			list = append(list, x)
		}
	}
	return list
}

// Of is what the setting is in some terms.
func (s Setting) Of(t Terms) Value { return Value{Name: s.Name, Value: s.get(t), Unit: s.Unit} }

// Parse reads a value as people write it; current are the terms that it would change.
func (s Setting) Parse(text string, current Terms) (Value, error) {
	if err := s.set(&current, strings.TrimSpace(text)); err != nil {
		return Value{}, err
	}
	return s.Of(current), nil
}

// Read are terms in which the setting is what a text says.
func (s Setting) Read(t Terms, text string) (Terms, error) {
	err := s.set(&t, strings.TrimSpace(text))
	return t, err
}

// With are terms in which the setting is what a payload says.
func (s Setting) With(t Terms, payload json.RawMessage) (Terms, error) {
	err := s.set(&t, readValue(payload).Value)
	return t, err
}

// InFile is the value as the configuration writes it.
func (s Setting) InFile(v Value) string {
	switch {
	case s.Unit == "%":
		n, _ := strconv.ParseFloat(v.Value, 64) // our own
		return decimal(math.Round(n*100) / 1e4)
	case s.Key == "promises.urgent":
		return "[" + v.Value + "]"
	case s.Key == "calendar.hours":
		return strconv.Quote(v.Value)
	}
	return v.Value
}

// Agreed are the versions of the settings that two keys agreed on, by key, the newest first: what VersionsOf reads.
type Agreed map[string][]Proposal

// Terms are the terms that hold at a moment: the configured ones, and over them what was agreed. Of a setting that was agreed on only
// later it is what was there before, whatever the configuration says today.
func (a Agreed) Terms(t Terms, at time.Time) Terms {
	for _, s := range Settings {
		versions := a[s.Key]
		if len(versions) == 0 {
			continue
		}
		payload := versions[len(versions)-1].Was
		if p := a.inForce(s.Key, at); p != nil {
			payload = p.Payload
		}
		if payload != nil {
			_ = s.set(&t, readValue(payload).Value) // it was read when it was proposed; what cannot be read any more changes nothing
		}
	}
	return t
}

// Version is the version of a setting in force at a moment; nil where the configuration still holds.
func (a Agreed) Version(key string, at time.Time) *Proposal { return a.inForce(key, at) }

func (a Agreed) inForce(key string, at time.Time) *Proposal {
	versions := a[key]
	i := slices.IndexFunc(versions, func(p Proposal) bool { return !p.InForce.After(at) })
	if i < 0 {
		return nil
	}
	return &versions[i]
}

// Unlike are the settings that were agreed on and differ from the configured terms: what was agreed holds.
func (a Agreed) Unlike(configured Terms, at time.Time) (list []Unlike) {
	effective := a.Terms(configured, at)
	for _, s := range Settings {
		p := a.inForce(s.Key, at)
		if file, chat := s.Of(configured), s.Of(effective); p != nil && file != chat {
			list = append(list, Unlike{Setting: s, File: file, Agreed: chat, By: *p})
		}
	}
	return list
}

// Unlike is a setting of which the configuration says something else than was agreed.
type Unlike struct {
	Setting
	File, Agreed Value
	By           Proposal // by which it was agreed
}

// Values are what a proposal of a setting changes: what was there, and what takes its place.
func (p Proposal) Values() (was, becomes Value) { return readValue(p.Was), readValue(p.Payload) }

// readValue reads a payload; of what is no value it is empty.
func readValue(m json.RawMessage) (v Value) {
	if json.Unmarshal(m, &v) != nil {
		return Value{}
	}
	return v
}
