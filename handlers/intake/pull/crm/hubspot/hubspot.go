// Package hubspot reads a HubSpot account by its CRM API of 2026-09, with a service key: contacts with the dated history of their
// stages, deals, companies, owners, pipelines, associations, calls, meetings and mails. What HubSpot does was read in its published
// specifications (HubSpot-public-api-spec-collection, 2026-09) in November 2026.
package hubspot

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"truce"
	"truce/handlers/intake/pull/crm"
	"truce/handlers/intake/sheet"
	"truce/storage"
)

// Config says what is read of an account. The properties are HubSpot's internal names.
type Config struct {
	Token         string
	Address       string // of the API; "" is HubSpot's
	MQLProperty   string // a contact with a value in it is a lead, and that is the date it qualified
	Source        string
	Campaign      string
	Score         string
	Segment       string
	Attributes    []string
	Currency      string       // of deals that have none; "" is the account's
	Value         []sheet.Pair // what lead statuses mean
	CustomerIsWon bool         // the lifecycle stage customer alone is a win
}

// The properties where the configuration names none.
const (
	DefaultMQL      = "hs_v2_date_entered_marketingqualifiedlead"
	DefaultSource   = "hs_analytics_source"
	DefaultCampaign = "hs_analytics_source_data_1"
	DefaultScore    = "hubspotscore"
	DefaultSegment  = "industry"
)

const (
	address = "https://api.hubapi.com"
	version = "2026-09"
	page    = 100    // of a list
	found   = 200    // of a search
	history = 50     // of a reading with history
	maxURL  = 15_000 // characters
)

// The pace: less than any account may, and than searches may.
const (
	perSecond       = 15
	searchPerSecond = 4
)

// HubSpot is an account.
type HubSpot struct {
	cfg      Config
	client   *crm.Client
	searches *rate.Limiter
	lead     crm.Statuses // what the lead status means
	stage    crm.Statuses // what the lifecycle stage means

	has     map[string]bool   // contact properties, by name
	owners  map[string]string // e-mail, by id
	closed  map[string]ending // stages of deals, by pipeline and stage
	company string            // the account's currency
}

// ending is how a stage ends a deal.
type ending struct {
	label  string
	status truce.Status
}

// New prepares to read an account. It does no network.
func New(cfg Config) (*HubSpot, error) {
	for _, d := range []struct {
		to *string
		by string
	}{{&cfg.Address, address}, {&cfg.MQLProperty, DefaultMQL}, {&cfg.Source, DefaultSource}, {&cfg.Campaign, DefaultCampaign},
		{&cfg.Score, DefaultScore}, {&cfg.Segment, DefaultSegment}} {
		if *d.to == "" {
			*d.to = d.by
		}
	}
	h := &HubSpot{cfg: cfg, client: crm.NewClient(cfg.Address, func() string { return cfg.Token }, perSecond),
		searches: rate.NewLimiter(searchPerSecond, 1)}
	var err error
	h.lead, err = crm.NewStatuses(map[string]truce.Status{"new": crm.Nothing, "open": crm.Nothing, "attempted_to_contact": truce.Accepted,
		"in_progress": truce.Accepted,
		"connected":   truce.Accepted, "open_deal": truce.Opportunity, "unqualified": truce.Rejected, "bad_timing": truce.Recycled}, cfg.Value)
	if err != nil {
		return nil, err
	}
	stages := map[string]truce.Status{"subscriber": crm.Nothing, "lead": crm.Nothing, "marketingqualifiedlead": crm.Nothing,
		"salesqualifiedlead": truce.SQL, "opportunity": truce.Opportunity}
	if cfg.CustomerIsWon {
		stages["customer"], stages["evangelist"] = truce.Won, truce.Won
	}
	h.stage, err = crm.NewStatuses(stages, cfg.Value)
	return h, err
}

// Client is what asks, for tests and to count.
func (h *HubSpot) Client() *crm.Client { return h.client }

// Faster divides every wait, for tests.
func (h *HubSpot) Faster(by int) {
	h.client.Faster(by)
	h.searches.SetLimit(rate.Inf)
}

// Name is "hubspot".
func (h *HubSpot) Name() string { return "hubspot" }

// The streams.
const (
	owners     = "owners"
	companies  = "companies"
	contacts   = "contacts"
	deals      = "deals"
	openDeals  = "associations of open deals"
	noContacts = "archived contacts"
	there      = "whether leads are there"

	dealsThere   = "whether deals are there"
	touchesThere = "whether touches are there"
	noDeals      = "archived deals"
)

// touchTypes are the objects that are touches, by what they are.
var touchTypes = []struct{ object, kind string }{{"calls", "call"}, {"meetings", "meeting"}, {"emails", "mail"}}

// Streams are what is read, in this order.
func (h *HubSpot) Streams() []crm.Stream {
	list := []crm.Stream{
		{Name: owners, Kind: sheet.People, Always: true},
		{Name: companies, Kind: sheet.Accounts},
		{Name: contacts, Kind: sheet.Leads, Purges: storage.CRMLeads},
		{Name: noContacts, Kind: sheet.Leads, Daily: true},
		{Name: there, Kind: sheet.Leads, Daily: true, Checks: []string{contacts}},
		{Name: deals, Kind: sheet.Deals, Purges: storage.CRMDeals},
		{Name: openDeals, Kind: sheet.Deals, Daily: true},
		{Name: noDeals, Kind: sheet.Deals, Daily: true},
		{Name: dealsThere, Kind: sheet.Deals, Daily: true, Checks: []string{deals}},
	}
	var touches []string
	for _, t := range touchTypes {
		list = append(list, crm.Stream{Name: t.object, Kind: sheet.Touches},
			crm.Stream{Name: "archived " + t.object, Kind: sheet.Touches, Daily: true})
		touches = append(touches, t.object)
	}
	return append(list, crm.Stream{Name: touchesThere, Kind: sheet.Touches, Daily: true, Checks: touches})
}

// object is a record as the API gives it.
type object struct {
	ID         string             `json:"id"`
	Properties map[string]*string `json:"properties"`
	History    map[string][]struct {
		Value     string `json:"value"`
		Timestamp string `json:"timestamp"`
	} `json:"propertiesWithHistory"`
	Archived     bool `json:"archived"`
	Associations map[string]struct {
		Results []struct {
			ID string `json:"id"`
		} `json:"results"`
		Paging *paging `json:"paging"`
	} `json:"associations"`
}

type paging struct {
	Next struct {
		After string `json:"after"`
	} `json:"next"`
}

type objects struct {
	Results []object `json:"results"`
	Paging  *paging  `json:"paging"`
	Errors  []struct {
		Message string `json:"message"`
	} `json:"errors"`
}

func (o object) get(name string) string {
	if v := o.Properties[name]; v != nil {
		return strings.TrimSpace(*v)
	}
	return ""
}

// call asks, and says what HubSpot says in words that help.
func (h *HubSpot) call(ctx context.Context, method, path string, body, into any) error {
	return h.say(h.client.Do(ctx, method, path, body, into), path)
}

// say is an error in words that help.
func (h *HubSpot) say(err error, path string) error {
	var status *crm.StatusError
	if !errors.As(err, &status) {
		return err
	}
	var said struct {
		Message    string `json:"message"`
		Category   string `json:"category"`
		PolicyName string `json:"policyName"`
	}
	json.Unmarshal(status.Body, &said) // a proxy's page says nothing
	what := crm.Short(path)
	switch {
	case status.Status == 401:
		return truce.Errorf(truce.Invalid, "HubSpot does not take the token: it is wrong, or was revoked. Make a new service key (Settings > "+
			"Integrations > Service Keys) and put it into hubspot.token")
	case status.Status == 403:
		return truce.Errorf(truce.Invalid, "HubSpot does not let the service key do this (%s): add the scope it lacks; docs/sync.md lists "+
			"them. HubSpot says: %s", what, clean(said.Message))
	case status.Status == 429 && said.PolicyName == "DAILY":
		return truce.Errorf(truce.Invalid, "HubSpot's requests of the day are used up: it goes on tomorrow where it stands")
	case status.Status == 429:
		return truce.Errorf(truce.Invalid, "HubSpot answers that there are too many requests, again and again: another program uses the "+
			"account's")
	case said.Message != "":
		return truce.Errorf(truce.Invalid, "HubSpot answers %d to %s: %s", status.Status, what, clean(said.Message))
	}
	return truce.Errorf(truce.Invalid, "HubSpot answers %d to %s", status.Status, what)
}

// clean is a text of HubSpot's on one line, not too long.
func clean(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > 300 {
		text = text[:300] + "…"
	}
	return text
}

// Begin looks for the properties, owners and stages of the account.
func (h *HubSpot) Begin(ctx context.Context) (time.Time, error) {
	var props struct {
		Results []struct {
			Name string `json:"name"`
		} `json:"results"`
	}
	if err := h.call(ctx, "GET", "/crm/properties/"+version+"/contacts", nil, &props); err != nil {
		return time.Time{}, err
	}
	at := h.client.Date
	h.has = map[string]bool{}
	for _, p := range props.Results {
		h.has[p.Name] = true
	}
	for _, c := range []struct{ key, name, byDefault string }{{"mql_property", h.cfg.MQLProperty, ""},
		{"source_property", h.cfg.Source, DefaultSource}, {"campaign_property", h.cfg.Campaign, DefaultCampaign},
		{"score_property", h.cfg.Score, DefaultScore}, {"segment_property", h.cfg.Segment, DefaultSegment}} {
		if !h.has[c.name] && c.name != c.byDefault {
			return at, truce.Errorf(truce.Invalid, "HubSpot has no contact property %q (hubspot.%s): its internal name stands in the property's "+
				"settings", c.name, c.key)
		}
	}
	for _, a := range h.cfg.Attributes {
		if !h.has[a] {
			return at, truce.Errorf(truce.Invalid, "HubSpot has no contact property %q (hubspot.attributes): its internal name stands in the "+
				"property's settings", a)
		}
	}
	if err := h.readPipelines(ctx); err != nil {
		return at, err
	}
	h.owners = map[string]string{}
	h.company = h.cfg.Currency
	if h.company == "" {
		var c struct {
			CurrencyCode string `json:"currencyCode"`
		}
		// needs a scope of its own, and is not needed where deals have theirs
		if err := h.client.Do(ctx, "GET", "/settings/currencies/2026-03/company-currency", nil, &c); err == nil {
			h.company = c.CurrencyCode
		}
	}
	return at, nil
}

// readPipelines learns which stages end a deal, whatever they are called.
func (h *HubSpot) readPipelines(ctx context.Context) error {
	var list struct {
		Results []struct {
			ID     string `json:"id"`
			Stages []struct {
				ID       string            `json:"id"`
				Label    string            `json:"label"`
				Metadata map[string]string `json:"metadata"`
			} `json:"stages"`
		} `json:"results"`
	}
	if err := h.call(ctx, "GET", "/crm/pipelines/"+version+"/deals", nil, &list); err != nil {
		return err
	}
	h.closed = map[string]ending{}
	for _, p := range list.Results {
		for _, s := range p.Stages {
			end := ending{s.Label, truce.Opportunity}
			sure, never := s.Metadata["probability"] == "1.0" || s.Metadata["probability"] == "1", s.Metadata["probability"] == "0.0" ||
				s.Metadata["probability"] == "0"
			switch said := s.Metadata["isClosed"]; {
			case said == "false":
			case sure:
				end.status = truce.Won
			case never || said == "true":
				end.status = truce.Lost
			}
			h.closed[p.ID+"/"+s.ID] = end
		}
	}
	return nil
}

// Page reads a page of a stream.
func (h *HubSpot) Page(ctx context.Context, q crm.Query) (crm.Page, error) {
	if archived, of := strings.CutPrefix(q.Stream, "archived "); of {
		return h.archived(ctx, archived, q)
	}
	switch q.Stream {
	case owners:
		return h.readOwners(ctx, q.Cursor)
	case companies:
		return h.readCompanies(ctx, q)
	case contacts:
		return h.readContacts(ctx, q)
	case deals:
		return h.readDeals(ctx, q)
	case there:
		return h.readThere(ctx, q)
	case dealsThere:
		return h.readDealsThere(ctx, q)
	case touchesThere:
		return h.readTouchesThere(ctx, q)
	case openDeals:
		return h.readOpenDeals(ctx, q)
	}
	return h.readTouches(ctx, q)
}

// readOwners reads who works there. Queues are nobody.
func (h *HubSpot) readOwners(ctx context.Context, after string) (crm.Page, error) {
	var list struct {
		Results []struct {
			ID        string `json:"id"`
			Email     string `json:"email"`
			FirstName string `json:"firstName"`
			LastName  string `json:"lastName"`
			Type      string `json:"type"`
			Archived  bool   `json:"archived"`
		} `json:"results"`
		Paging *paging `json:"paging"`
	}
	var p crm.Page
	query := url.Values{"limit": {"100"}}
	archived, token := strings.CutPrefix(after, "archived:")
	if token {
		query.Set("archived", "true") // who left owns leads on
	} else {
		archived = after
	}
	if archived != "" {
		query.Set("after", archived)
	}
	if err := h.call(ctx, "GET", "/crm/owners/"+version+"?"+query.Encode(), nil, &list); err != nil {
		return p, err
	}
	for _, o := range list.Results {
		if email := crm.Email(o.Email); email != "" {
			h.owners[o.ID] = truce.FoldEmail(email)
			if (o.Type == "" || o.Type == "PERSON") && !o.Archived && !token {
				p.People = append(p.People, truce.Person{Email: email, Name: strings.TrimSpace(o.FirstName + " " + o.LastName)})
			}
		}
	}
	switch {
	case list.Paging != nil && list.Paging.Next.After != "" && token:
		p.Next = "archived:" + list.Paging.Next.After
	case list.Paging != nil && list.Paging.Next.After != "":
		p.Next = list.Paging.Next.After
	case !token:
		p.Next = "archived:"
	}
	return p, nil
}

// owner is an owner's address, or what HubSpot calls them where it is not known.
func (h *HubSpot) owner(id string) string {
	if email := h.owners[id]; email != "" {
		return email
	}
	return id
}

// known are those of the contact properties that the account has.
func (h *HubSpot) known(names ...string) []string {
	var list []string
	for _, n := range names {
		if h.has[n] && !slices.Contains(list, n) {
			list = append(list, n)
		}
	}
	return list
}
