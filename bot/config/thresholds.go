package config

import (
	"math"
	"strconv"
	"strings"

	"truce"
)

// This file says which settings figures rest on, so that a change of one is kept with its date and shown with the figures.

// Thresholds are the settings that decide what counts, what is promised and what is kept in time.
func (c Config) Thresholds() []truce.Threshold {
	p := c.Promises
	number := func(n float64, unit string) string {
		if n == 0 {
			return "none"
		}
		return strconv.FormatFloat(n, 'f', -1, 64) + unit
	}
	share := func(f float64) string { return number(math.Round(f*1e4)/100, " %") }
	list := []truce.Threshold{
		{Key: "promises.mql_score", Name: "score threshold", Value: number(p.MQLScore, "")},
		{Key: "promises.leads_per_quarter", Name: "leads promised a quarter", Value: number(float64(p.LeadsPerQuarter), "")},
		{Key: "promises.icp_share", Name: "share inside the ICP promised", Value: share(p.ICPShare)},
		{Key: "promises.in_time_share", Name: "share in time promised", Value: share(p.InTimeShare)},
		{Key: "promises.urgent", Name: "words of urgent leads", Value: orNone(strings.Join(p.Urgent, ", "))},
	}
	for _, h := range []struct {
		key, name string
		hours     float64
	}{{"accept_hours", "time for a verdict", p.AcceptHours}, {"accept_hours_urgent", "time for a verdict on an urgent lead", p.AcceptHoursUrgent}, {"first_touch_hours", "time to the first touch", p.FirstTouchHours},
		{"first_touch_hours_urgent", "time to the first touch of an urgent lead", p.FirstTouchHoursUrgent}, {"answer_hours", "time for an answer to a dispute", p.AnswerHours},
		{"ask_once_hours", "time for an answer to Marketing's question", p.AskOnceHours}, {"rep_hours", "time for a reply to a declined dispute", p.RepHours}, {"rule_hours", "time for a ruling", p.RuleHours}} {
		list = append(list, truce.Threshold{Key: "promises." + h.key, Name: h.name, Value: number(h.hours, " h")})
	}
	return append(list, truce.Threshold{Key: "calendar.hours", Name: "business hours", Value: c.Calendar.Hours}, truce.Threshold{Key: "calendar.days", Name: "business days", Value: c.Calendar.Days},
		truce.Threshold{Key: "time_zone", Name: "time zone", Value: c.TimeZone})
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}
