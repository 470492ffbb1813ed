// Package salesforce reads a Salesforce org by its REST API, with the client credentials of an external client app: leads with the dated
// history of their status, opportunities, contact roles, accounts, users, tasks and events, campaign members. What Salesforce does was read
// in its object reference and REST guide in November 2026.
package salesforce

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"truce"
	"truce/handlers/intake/pull/crm"
	"truce/handlers/intake/sheet"
	"truce/storage"
)

// Config says what is read of an org. Fields are API names.
type Config struct {
	Login        string // https://example.my.salesforce.com
	ClientID     string
	ClientSecret string
	MQLField     string // a lead with a value in it is one, and that is the date it qualified
	Source       string // "" is LeadSource
	Campaign     string // "" is none
	Score        string // "" is none
	Segment      string // "" is Industry
	Attributes   []string
	Currency     string       // of amounts in an org of one currency
	Value        []sheet.Pair // what lead statuses mean
}

const (
	version   = "v68.0"
	data      = "/services/data/" + version
	perSecond = 10
)

// Salesforce is an org.
type Salesforce struct {
	cfg      Config
	client   *crm.Client
	token    string
	statuses crm.Statuses
	has      map[string]map[string]bool // fields, by object; an object that we may not see has none
}

// New prepares to read an org. It does no network.
func New(cfg Config) (*Salesforce, error) {
	if cfg.Source == "" {
		cfg.Source = "LeadSource"
	}
	if cfg.Segment == "" {
		cfg.Segment = "Industry"
	}
	s := &Salesforce{cfg: cfg}
	s.client = crm.NewClient(cfg.Login, func() string { return s.token }, perSecond)
	var err error
	s.statuses, err = crm.NewStatuses(map[string]truce.Status{"open - not contacted": crm.Nothing, "open": crm.Nothing, "new": crm.Nothing,
		"working - contacted": truce.Accepted,
		"working":             truce.Accepted, "contacted": truce.Accepted, "nurturing": truce.Recycled, "closed - converted": truce.SQL,
		"converted": truce.SQL, "qualified": truce.SQL,
		"closed - not converted": truce.Rejected, "unqualified": truce.Rejected}, cfg.Value)
	return s, err
}

// Client is what asks, for tests and to count.
func (s *Salesforce) Client() *crm.Client { return s.client }

// Faster divides every wait, for tests.
func (s *Salesforce) Faster(by int) { s.client.Faster(by) }

// Name is "salesforce".
func (s *Salesforce) Name() string { return "salesforce" }

// The streams.
const (
	users    = "users"
	accounts = "accounts"
	leads    = "leads"
	there    = "whether leads are there"
	deals    = "opportunities"
	roles    = "contact roles of open opportunities"
	tasks    = "tasks"
	events   = "events"
	members  = "campaign members"

	dealsThere   = "whether opportunities are there"
	touchesThere = "whether tasks and events are there"
	membersThere = "whether campaign members are there"
)

// Streams are what is read, in this order.
func (s *Salesforce) Streams() []crm.Stream {
	return []crm.Stream{
		{Name: users, Kind: sheet.People, Always: true},
		{Name: accounts, Kind: sheet.Accounts},
		{Name: leads, Kind: sheet.Leads, Purges: storage.CRMLeads},
		{Name: there, Kind: sheet.Leads, Daily: true, Checks: []string{leads}},
		{Name: deals, Kind: sheet.Deals, Purges: storage.CRMDeals},
		{Name: roles, Kind: sheet.Deals, Daily: true},
		{Name: tasks, Kind: sheet.Touches},
		{Name: events, Kind: sheet.Touches},
		{Name: members, Kind: sheet.Engagements, Purges: storage.CRMEngagements},
		{Name: dealsThere, Kind: sheet.Deals, Daily: true, Checks: []string{deals}},
		{Name: touchesThere, Kind: sheet.Touches, Daily: true, Checks: []string{tasks, events}},
		{Name: membersThere, Kind: sheet.Engagements, Daily: true, Checks: []string{members}},
	}
}

// login asks for a session.
func (s *Salesforce) login(ctx context.Context) error {
	var got struct {
		Token    string `json:"access_token"`
		Instance string `json:"instance_url"`
	}
	s.token = ""
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {s.cfg.ClientID}, "client_secret": {s.cfg.ClientSecret}}
	err := s.client.Form(ctx, strings.TrimRight(s.cfg.Login, "/")+"/services/oauth2/token", form, &got)
	var status *crm.StatusError
	if errors.As(err, &status) {
		var said struct {
			Error       string `json:"error"`
			Description string `json:"error_description"`
		}
		json.Unmarshal(status.Body, &said) // else it says nothing
		return truce.Errorf(truce.Invalid, "Salesforce does not let Truce in (%s: %s): look at client_id, client_secret, and that the external "+
			"client app has the client credentials flow with a user to run as",
			clean(said.Error), clean(said.Description))
	}
	if err != nil {
		return err
	}
	if got.Token == "" {
		return truce.Errorf(truce.Invalid, "Salesforce gave no session")
	}
	s.token = got.Token
	if got.Instance != "" && sameKind(got.Instance, s.cfg.Login) {
		s.client.Base = strings.TrimRight(got.Instance, "/")
	}
	return nil
}

// sameKind reports whether a token may go to the address that a login named: https, or this machine where the login was.
func sameKind(instance, login string) bool {
	return strings.HasPrefix(instance, "https://") || strings.HasPrefix(login, "http://") && strings.HasPrefix(instance, "http://127.0.0.1")
}

func clean(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > 300 {
		text = text[:300] + "…"
	}
	return text
}

// call asks, with a new session where the one there is has ended, and says what Salesforce says in words that help.
func (s *Salesforce) call(ctx context.Context, method, path string, body, into any) error {
	for renewed := false; ; renewed = true {
		if s.token == "" {
			if err := s.login(ctx); err != nil {
				return err
			}
		}
		err := s.client.Do(ctx, method, path, body, into)
		var status *crm.StatusError
		if !errors.As(err, &status) {
			return err
		}
		if status.Status == 401 && !renewed {
			s.token = ""
			continue
		}
		var said []struct {
			Message   string `json:"message"`
			ErrorCode string `json:"errorCode"`
		}
		json.Unmarshal(status.Body, &said) // a proxy's page says nothing
		code, message := "", ""
		if len(said) > 0 {
			code, message = said[0].ErrorCode, clean(said[0].Message)
		}
		what := crm.Short(path)
		switch {
		case status.Status == 401:
			return truce.Errorf(truce.Invalid, "Salesforce ends the session at once (%s): look at the user that the external client app runs as",
				code)
		case code == "REQUEST_LIMIT_EXCEEDED":
			return truce.Errorf(truce.Invalid, "Salesforce's requests of the day are used up: it goes on where it stands when there are some again")
		case status.Status == 403, code == "INSUFFICIENT_ACCESS", code == "INVALID_TYPE", code == "INVALID_FIELD":
			return truce.Errorf(truce.Invalid, "Salesforce does not show this to the user that Truce runs as: give it the permissions that "+
				"docs/sync.md lists. Salesforce says: %s", message)
		case message != "":
			return truce.Errorf(truce.Invalid, "Salesforce answers %d to %s: %s (%s)", status.Status, what, message, code)
		}
		return truce.Errorf(truce.Invalid, "Salesforce answers %d to %s", status.Status, what)
	}
}

// Begin looks which fields there are.
func (s *Salesforce) Begin(ctx context.Context) (time.Time, error) {
	s.has = map[string]map[string]bool{}
	var at time.Time
	for _, object := range []string{"Lead", "LeadHistory", "Opportunity", "OpportunityContactRole", "Account", "User", "Task", "Event",
		"CampaignMember"} {
		var d struct {
			Fields []struct {
				Name string `json:"name"`
			} `json:"fields"`
		}
		err := s.call(ctx, "GET", data+"/sobjects/"+object+"/describe", nil, &d)
		if at.IsZero() {
			at = s.client.Date
		}
		if err != nil {
			var said *truce.Error
			if must := object == "Lead" || object == "Opportunity" || object == "User"; must || !errors.As(err, &said) ||
				!strings.Contains(err.Error(), "404") {
				return at, err
			}
			continue // history that is not tracked, campaigns that nobody uses
		}
		s.has[object] = map[string]bool{}
		for _, f := range d.Fields {
			s.has[object][f.Name] = true
		}
	}
	for _, c := range []struct{ key, name, byDefault string }{{"mql_field", s.cfg.MQLField, ""}, {"source_field", s.cfg.Source, "LeadSource"},
		{"campaign_field", s.cfg.Campaign, ""},
		{"score_field", s.cfg.Score, ""}, {"segment_field", s.cfg.Segment, "Industry"}} {
		if c.name != "" && c.name != c.byDefault && !s.has["Lead"][c.name] {
			return at, truce.Errorf(truce.Invalid, "Salesforce shows no field %q of Lead (salesforce.%s): its API name stands in the Object "+
				"Manager, and the user that Truce runs as must be allowed to read it", c.name, c.key)
		}
	}
	for _, a := range s.cfg.Attributes {
		if !s.has["Lead"][a] {
			return at, truce.Errorf(truce.Invalid, "Salesforce shows no field %q of Lead (salesforce.attributes): its API name stands in the "+
				"Object Manager, and the user that Truce runs as must be allowed to read it", a)
		}
	}
	return at, nil
}

// record is a row of an answer: texts, numbers, truth values, and records within.
type record map[string]any

func (r record) get(name string) string {
	object, rest, within := strings.Cut(name, ".")
	v := r[object]
	if within {
		m, _ := v.(map[string]any)
		return record(m).get(rest)
	}
	switch v := v.(type) {
	case string:
		return strings.TrimSpace(v)
	case json.Number:
		return v.String()
	case bool:
		if v {
			return "true"
		}
		return "false"
	}
	return ""
}

func (r record) is(name string) bool { return r.get(name) == "true" }

type batch struct {
	Done    bool   `json:"done"`
	Next    string `json:"nextRecordsUrl"`
	Records []record
}

// UnmarshalJSON keeps numbers as they are written.
func (a *batch) UnmarshalJSON(b []byte) error {
	var raw struct {
		Done    bool     `json:"done"`
		Next    string   `json:"nextRecordsUrl"`
		Records []record `json:"records"`
	}
	d := json.NewDecoder(strings.NewReader(string(b)))
	d.UseNumber()
	err := d.Decode(&raw)
	a.Done, a.Next, a.Records = raw.Done, raw.Next, raw.Records
	return err
}

// fields are those of names that an object has.
func (s *Salesforce) fields(object string, names ...string) []string {
	var list []string
	for _, n := range names {
		field := n
		if rel, _, within := strings.Cut(n, "."); within { // Owner.Email goes by OwnerId
			field = rel + "Id"
		}
		if n != "" && (s.has[object][n] || strings.Contains(n, ".") && s.has[object][field]) && !slices.Contains(list, n) {
			list = append(list, n)
		}
	}
	return list
}

// moment is a moment as SOQL has it.
func moment(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// perPage is how many records a page has. The pages go by moment of change and id, because a cursor of the server's does not outlive a day,
// and many records may have changed at one moment.
const perPage = 2000

// ids is a list for SOQL. Ids are letters and digits: what is not is left out.
func ids(list []string) string {
	var quoted []string
	for _, id := range list {
		if id != "" && !strings.ContainsFunc(id, func(r rune) bool {
			return (r < '0' || r > '9') && (r < 'a' || r > 'z') &&
				(r < 'A' || r > 'Z')
		}) {
			quoted = append(quoted, "'"+id+"'")
		}
	}
	return "(" + strings.Join(quoted, ",") + ")"
}

// query reads all pages of a query.
func (s *Salesforce) query(ctx context.Context, soql string) (list []record, err error) {
	path := data + "/queryAll?q=" + url.QueryEscape(soql)
	for path != "" {
		var a batch
		if err := s.call(ctx, "GET", path, nil, &a); err != nil {
			return nil, err
		}
		list = append(list, a.Records...)
		if path = a.Next; a.Done {
			path = ""
		}
	}
	return list, nil
}

// changed reads a page of an object's records in the order of their changes, deleted ones included. The cursor is the last record's moment
// and id.
func (s *Salesforce) changed(ctx context.Context, object, where string, names []string, q crm.Query) (list []record, next string,
	err error) {
	names = append([]string{"Id", "SystemModstamp", "IsDeleted"}, names...)
	conditions := []string{"SystemModstamp <= " + moment(q.Until)}
	if !q.Whole {
		conditions = append(conditions, "SystemModstamp >= "+moment(q.Since))
	}
	if where != "" {
		conditions = append(conditions, where)
	}
	if at, id, ok := strings.Cut(q.Cursor, " "); ok {
		conditions = append(conditions, "(SystemModstamp > "+at+" OR (SystemModstamp = "+at+" AND Id > '"+id+"'))")
	}
	soql := "SELECT " + strings.Join(s.fields(object, names...), ", ") + " FROM " + object + " WHERE " + strings.Join(conditions, " AND ") +
		" ORDER BY SystemModstamp, Id LIMIT 2000"
	if list, err = s.query(ctx, soql); err != nil || len(list) < perPage {
		return list, "", err
	}
	last := list[len(list)-1]
	at, err := crm.Moment(last.get("SystemModstamp"))
	return list, moment(at) + " " + last.get("Id"), err
}
