package config

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"net"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"truce"
	"truce/schedules"
)

// Validate returns every fault of the values, joined, each a *truce.Fault.
func (c Config) Validate() error {
	var f faultList
	if c.Storage.Path == "" || c.Storage.Path == ":memory:" || strings.ContainsAny(c.Storage.Path, "?#") {
		f.add("storage.path", "must be the path of a file, without ? and #, such as /var/lib/truce/truce.db")
	}
	c.HTTP.check(&f)
	c.Metrics.check(c.HTTP, &f)
	c.Retention.check(&f)
	loc, err := location(c.TimeZone)
	if err != nil {
		f.add("time_zone", "%s", err)
		loc = time.UTC
	}
	_, faults := c.Calendar.calendar(loc)
	f = append(f, faults...)
	c.Roles.check(&f)
	c.checkGroups(&f)
	checkPeople(c.People, &f)
	for key, line := range c.Channels.ByKey() {
		seen := map[string]bool{}
		for _, one := range lines(line) {
			if wrong := c.checkChannel(one); wrong != "" {
				f.add("channels."+key, "%s", wrong)
			} else if seen[one] {
				f.add("channels."+key, "names %s twice", one)
			}
			seen[one] = true
		}
	}
	for key, line := range map[string]string{"digest_leads": c.Schedules.Leads, "digest_weekly": c.Schedules.Weekly,
		"digest_monthly": c.Schedules.Monthly, "recap": c.Schedules.Recap} {
		if _, err := parseSchedule(line, loc); err != nil {
			f.add("schedules."+key, "%s, or \"off\"", err)
		}
	}
	c.Promises.check(&f)
	c.Ramp.check(&f)
	for key, n := range map[string]int{"rep_per_day": c.Budget.Rep, "marketer_per_day": c.Budget.Marketer, "manager_per_day": c.Budget.Manager,
		"sponsor_per_week": c.Budget.Sponsor} {
		if n < 0 || n > 1000 {
			f.add("budget."+key, "must be from 0 (never) to 1000 messages")
		}
	}
	if c.Hooks.Token != "" && len(c.Hooks.Token) < 20 {
		f.add("hooks.token", "must have at least 20 characters, best random ones: openssl rand -hex 32")
	}
	c.Sync.check(loc, &f)
	c.HubSpot.check(&f)
	c.Salesforce.check(&f)
	c.CRM.check(&f)
	if err := new(slog.Level).UnmarshalText([]byte(c.Log.Level)); err != nil ||
		!slices.Contains([]string{"debug", "info", "warn", "error"}, c.Log.Level) {
		f.add("log.level", "must be debug, info, warn or error")
	}
	if c.Log.Format != "text" && c.Log.Format != "json" {
		f.add("log.format", "must be text or json")
	}
	c.Journey.check(&f)
	faultsOf := []error{f.errors()}
	for _, platform := range c.Platforms() {
		faultsOf = append(faultsOf, platform.Validate())
	}
	return errors.Join(faultsOf...)
}

// faultList collects faults in the order found.
type faultList []*truce.Fault

func (f *faultList) add(key, format string, args ...any) {
	*f = append(*f, &truce.Fault{Key: key, Text: fmt.Sprintf(format, args...)})
}

func (f faultList) errors() error {
	errs := make([]error, len(f))
	for i, fault := range f {
		errs[i] = fault
	}
	return errors.Join(errs...)
}

// shortest is for how many days is kept, at the least, what figures compare with a year ago; drafts are read for a month.
const (
	shortest       = 400
	shortestDrafts = 30
)

func (c Retention) check(f *faultList) {
	for _, k := range []struct {
		key   string
		days  int
		least int
	}{
		{"drafts", c.Drafts, shortestDrafts}, {"authors", c.Authors, shortest}, {"touches", c.Touches, shortest},
		{"audit", c.Audit, shortest}, {"digests", c.Digests, shortestDrafts}, {"leads", c.Leads, shortest},
	} {
		if k.days != 0 && k.days < k.least {
			f.add("retention."+k.key, "must be 0, which keeps everything, or a number of days from %d on", k.least)
		}
	}
}

func (c Metrics) check(http HTTP, f *faultList) {
	switch {
	case c.Listen == "":
	case !isAddress(c.Listen):
		f.add("metrics.listen", "must be host:port such as 127.0.0.1:9464, or empty for no metrics")
	case c.Listen == http.Listen && !strings.HasSuffix(c.Listen, ":0"):
		f.add("metrics.listen", "must be another address than http.listen, which others reach: choose another port")
	}
}

// isAddress reports whether s is host:port.
func isAddress(s string) bool {
	_, port, err := net.SplitHostPort(s)
	n, perr := strconv.ParseUint(port, 10, 16)
	return err == nil && perr == nil && n <= math.MaxUint16
}

func (c HTTP) check(f *faultList) {
	if !isAddress(c.Listen) {
		f.add("http.listen", "must be host:port such as 127.0.0.1:8080; port 0 takes a free one")
	}
	if c.PublicURL == "" {
		return
	}
	u, err := url.Parse(c.PublicURL)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		f.add("http.public_url", "must be an address such as https://truce.example.com")
	}
}

// location refuses "Local" and "", which mean another zone on another machine.
func location(name string) (*time.Location, error) {
	if name == "" || name == "Local" {
		return nil, errors.New("must name a time zone such as Europe/Berlin")
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("%q is not a time zone; write one such as Europe/Berlin, America/New_York or UTC", name)
	}
	return loc, nil
}

// calendar turns the section into the calendar it describes. Everything that is wrong is in faults.
func (c Calendar) calendar(loc *time.Location) (cal truce.Calendar, f faultList) {
	cal = truce.NewCalendar(loc)
	var err error
	if cal.Hours, err = truce.ParseWindow(c.Hours); err != nil {
		f.add("calendar.hours", "%s", err)
	}
	if cal.Days, err = truce.ParseDays(c.Days); err != nil {
		f.add("calendar.days", "%s", err)
	}
	if cal.NoDeadlineBefore, err = truce.ParseMinutes(c.NoDeadlineBefore); err != nil {
		f.add("calendar.no_deadline_before", "%s", err)
	} else if len(f) == 0 && cal.NoDeadlineBefore >= cal.Hours.To {
		f.add("calendar.no_deadline_before", "must come before the end of calendar.hours, %s", cal.Hours)
	}

	cal.Dates = map[truce.Date]truce.Window{}
	for i, name := range c.Holidays {
		if err := addHolidays(cal.Dates, name); err != nil {
			f.add(item("calendar.holidays", i), "%s", err)
		}
	}
	named := map[truce.Date]string{}
	date := func(key, s string) (truce.Date, bool) {
		d, err := truce.ParseDate(s)
		switch {
		case err != nil:
			f.add(key, "%s", err)
		case named[d] != "":
			f.add(key, "%s is already in %s", d, named[d])
		default:
			named[d] = listOf(key)
			return d, true
		}
		return d, false
	}
	for i, s := range c.Also {
		if d, ok := date(item("calendar.also", i), s); ok {
			cal.Dates[d] = truce.Window{}
		}
	}
	for i, s := range c.Except {
		if d, ok := date(item("calendar.except", i), s); ok {
			delete(cal.Dates, d)
		}
	}
	for _, s := range slices.Sorted(maps.Keys(c.Half)) {
		key := "calendar.half." + s
		w, err := truce.ParseWindow(c.Half[s])
		if err != nil {
			f.add(key, "%s", err)
		}
		if d, ok := date(key, s); ok && err == nil {
			cal.Dates[d] = w
		}
	}
	return cal, f
}

func parseSchedule(line string, loc *time.Location) (schedules.Spec, error) {
	if line == "off" {
		return schedules.Spec{}, nil
	}
	return schedules.Parse(line, loc)
}

// isGroup reports whether s is "group:" and the handle or id of a user group. A regular expression of this would take three megabytes.
func isGroup(s string) bool {
	handle, ok := strings.CutPrefix(s, GroupPrefix)
	handle = strings.TrimPrefix(handle, "@")
	for i, r := range handle {
		if !unicode.IsLetter(r) && !unicode.IsNumber(r) && (i == 0 || !strings.ContainsRune("._-", r)) {
			return false
		}
	}
	return ok && handle != "" && utf8.RuneCountInString(handle) <= 80
}

func isEmail(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s && len(s) <= 254
}

func (c Roles) lists() map[string][]string {
	return map[string][]string{
		"admins": c.Admins, "reps": c.Reps, "marketers": c.Marketers,
		"sales_managers": c.SalesManagers, "marketing_managers": c.MarketingManagers, "sponsor": c.Sponsor,
	}
}

func (c Roles) check(f *faultList) {
	for key, who := range c.lists() {
		for i, s := range who {
			if !isEmail(s) && !isGroup(s) {
				f.add(item("roles."+key, i), "%q is neither an e-mail address nor group:handle", s)
			}
		}
	}
}

// Groups is the user groups that roles are taken from, without "group:".
func (c Roles) Groups() []string {
	var groups []string
	for _, who := range c.lists() {
		for _, s := range who {
			if handle, ok := strings.CutPrefix(s, GroupPrefix); ok {
				groups = append(groups, strings.TrimPrefix(handle, "@"))
			}
		}
	}
	slices.Sort(groups)
	return slices.Compact(groups)
}

// userID is a chat.User.ID: network:tenant:user.
var userID = regexp.MustCompile(`^(slack|teams|web):[^\s:]+:\S+$`)

func checkPeople(people map[string]Person, f *faultList) {
	owner := map[string]string{}
	for _, email := range slices.Sorted(maps.Keys(people)) {
		p, key := people[email], "people."+email
		if !isEmail(email) {
			f.add(key, "is not an e-mail address")
		}
		for i, id := range p.IDs {
			switch {
			case !userID.MatchString(id):
				f.add(item(key+".ids", i), "%q is not network:tenant:user such as slack:T012AB:U034CD", id)
			case owner[id] != "":
				f.add(item(key+".ids", i), "%s already belongs to %s", id, owner[id])
			}
			owner[id] = email
		}
		if p.Side != "" && p.Side != "sales" && p.Side != "marketing" {
			f.add(key+".side", "must be sales or marketing")
		}
		if p.Manager != "" && !isEmail(p.Manager) {
			f.add(key+".manager", "%q is not an e-mail address", p.Manager)
		}
		if p.Manager == email {
			f.add(key+".manager", "must be somebody else")
		}
	}
}

func (c Ramp) check(f *faultList) {
	for key, week := range map[string]int{"disputes_from_week": c.Disputes, "comparisons_from_week": c.Comparisons} {
		if week < 1 || week > 52 {
			f.add("ramp."+key, "must be a week from 1 (from the first day) to 52")
		}
	}
	if c.Comparisons < c.Disputes && c.Comparisons >= 1 {
		f.add("ramp.comparisons_from_week", "must not be before disputes_from_week (%d): what is compared rests on cases, too", c.Disputes)
	}
}

func (c Promises) check(f *faultList) {
	if c.LeadsPerQuarter < 0 {
		f.add("promises.leads_per_quarter", "must be 0 (no promise) or more")
	}
	if !(c.MQLScore >= 0 && c.MQLScore <= 100) {
		f.add("promises.mql_score", "must be a score from 0 (not told) to 100")
	}
	for key, share := range map[string]float64{"icp_share": c.ICPShare, "in_time_share": c.InTimeShare} {
		if !(share >= 0 && share <= 1) {
			f.add("promises."+key, "must be a share from 0 to 1, such as 0.75")
		}
	}
	for key, h := range map[string]float64{
		"accept_hours": c.AcceptHours, "accept_hours_urgent": c.AcceptHoursUrgent, "first_touch_hours": c.FirstTouchHours,
		"first_touch_hours_urgent": c.FirstTouchHoursUrgent,
		"answer_hours":             c.AnswerHours, "ask_once_hours": c.AskOnceHours, "rep_hours": c.RepHours, "rule_hours": c.RuleHours,
	} {
		if !(h >= 0.5 && h <= 1000) {
			f.add("promises."+key, "must be from 0.5 to 1000 business hours")
		}
	}
	if !(c.StaleAfterHours >= 0 && c.StaleAfterHours <= 1000) {
		f.add("promises.stale_after_hours", "must be from 0 to 1000 hours; 0 never pauses")
	}
	if c.RatingAfterDays < 1 || c.RatingAfterDays > 250 {
		f.add("promises.rating_after_days", "must be from 1 to 250 business days")
	}
	for i, word := range c.Urgent {
		if strings.TrimSpace(word) == "" {
			f.add(item("promises.urgent", i), "is empty and would make every lead urgent")
		}
	}
}

// item is the key of an element of a list; listOf is the list's again.
func item(key string, i int) string { return fmt.Sprintf("%s[%d]", key, i) }

func listOf(key string) string {
	if base, _, ok := strings.Cut(key, "["); ok {
		return base
	}
	if i := strings.LastIndex(key, "."); strings.HasPrefix(key, "calendar.half.") {
		return key[:i]
	}
	return key
}
