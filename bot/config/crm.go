package config

import (
	"net/url"
	"slices"
	"strings"

	"truce"
	"truce/handlers/intake/sheet"
)

// HubSpot is an account that truce sync reads, by a service key. Properties are HubSpot's internal names.
type HubSpot struct {
	Token            truce.Secret `yaml:"token"`             // "" leaves HubSpot out
	APIURL           string       `yaml:"api_url"`           // "" is HubSpot's
	MQLProperty      string       `yaml:"mql_property"`      // whoever has a value in it is a lead, qualified on that date
	SourceProperty   string       `yaml:"source_property"`   //
	CampaignProperty string       `yaml:"campaign_property"` //
	ScoreProperty    string       `yaml:"score_property"`    //
	SegmentProperty  string       `yaml:"segment_property"`  //
	Attributes       []string     `yaml:"attributes"`        // further properties that are kept
	Value            Pairs        `yaml:"value"`             // what the words of the lead status mean
	CustomerIsWon    bool         `yaml:"customer_is_won"`   // the lifecycle stage customer is a win without a deal
	Currency         string       `yaml:"currency"`          // of deals that have none; "" is the account's
	Write            string       `yaml:"write"`             // verdicts, or "" for nothing
}

// Salesforce is an org that truce sync reads, by an external client app with client credentials. Fields are API names.
type Salesforce struct {
	Domain        string       `yaml:"domain"`         // MYDOMAIN.my.salesforce.com
	LoginURL      string       `yaml:"login_url"`      // "" is https:// and the domain
	ClientID      string       `yaml:"client_id"`      // "" leaves Salesforce out
	ClientSecret  truce.Secret `yaml:"client_secret"`  //
	MQLField      string       `yaml:"mql_field"`      // whoever has a value in it is a lead, qualified on that date
	SourceField   string       `yaml:"source_field"`   //
	CampaignField string       `yaml:"campaign_field"` //
	ScoreField    string       `yaml:"score_field"`    //
	SegmentField  string       `yaml:"segment_field"`  //
	Attributes    []string     `yaml:"attributes"`     // further fields that are kept
	Value         Pairs        `yaml:"value"`          // what the words of the lead status mean
	Currency      string       `yaml:"currency"`       // of amounts in an org of one currency
	Write         string       `yaml:"write"`          // verdicts, or "" for nothing
}

// CRM says under which addresses the CRM shows its records, whichever way they come in; {id} is the record's id.
type CRM struct {
	LeadURL    string `yaml:"lead_url"`
	DealURL    string `yaml:"deal_url"`
	AccountURL string `yaml:"account_url"`
}

// Links are the addresses as cards need them.
func (c CRM) Links() truce.CRMLinks {
	return truce.CRMLinks{Lead: c.LeadURL, Deal: c.DealURL, Account: c.AccountURL}
}

func (c CRM) check(f *faultList) {
	for key, address := range map[string]string{"crm.lead_url": c.LeadURL, "crm.deal_url": c.DealURL, "crm.account_url": c.AccountURL} {
		if address == "" {
			continue
		}
		u, err := url.Parse(strings.ReplaceAll(address, "{id}", "1"))
		host, rest, _ := strings.Cut(strings.TrimPrefix(address, "https://"), "/")
		if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || !strings.Contains(rest, "{id}") ||
			strings.ContainsAny(host, "{}?#") {
			f.add(key, "must be an https address with {id} where the record's id stands, such as https://crm.example.com/leads/{id}")
		}
	}
}

// Enabled tells whether the account is read.
func (h HubSpot) Enabled() bool { return h.Token != "" }

// Enabled tells whether the org is read.
func (s Salesforce) Enabled() bool { return s.ClientID != "" }

// Asked are the names of all that truce sync asks, in its order.
func (c Config) Asked() []string {
	var names []string
	if c.HubSpot.Enabled() {
		names = append(names, "hubspot")
	}
	if c.Salesforce.Enabled() {
		names = append(names, "salesforce")
	}
	return append(names, c.Sync.Names()...)
}

func (h HubSpot) check(f *faultList) {
	checkAddress("hubspot.api_url", h.APIURL, f)
	checkWrite("hubspot.write", h.Write, f)
	checkWords("hubspot", h.Value, h.Currency, f)
	if !h.Enabled() && (h.MQLProperty != "" || h.Write != "") {
		f.add("hubspot.token", "is missing: a service key (Settings > Integrations > Service Keys), best as ${HUBSPOT_TOKEN}")
	}
	for key, name := range map[string]string{"mql_property": h.MQLProperty, "source_property": h.SourceProperty,
		"campaign_property": h.CampaignProperty, "score_property": h.ScoreProperty,
		"segment_property": h.SegmentProperty} {
		checkName("hubspot."+key, name, f)
	}
	for _, a := range h.Attributes {
		checkName("hubspot.attributes", a, f)
	}
}

func (s Salesforce) check(f *faultList) {
	checkAddress("salesforce.login_url", s.LoginURL, f)
	checkWrite("salesforce.write", s.Write, f)
	checkWords("salesforce", s.Value, s.Currency, f)
	if strings.ContainsAny(s.Domain, "/: ") || s.Domain != "" && !strings.Contains(s.Domain, ".") {
		f.add("salesforce.domain", "must be a domain such as example.my.salesforce.com, without https://")
	}
	switch {
	case !s.Enabled() && (s.Domain != "" || s.ClientSecret != "" || s.MQLField != ""):
		f.add("salesforce.client_id", "is missing: the consumer key of the external client app")
	case s.Enabled() && s.ClientSecret == "":
		f.add("salesforce.client_secret", "is missing, best as ${SALESFORCE_CLIENT_SECRET}")
	case s.Enabled() && s.Domain == "" && s.LoginURL == "":
		f.add("salesforce.domain", "is missing: My Domain, such as example.my.salesforce.com")
	case s.Enabled() && s.MQLField == "":
		f.add("salesforce.mql_field", "is missing: the field of Lead with the date on which it qualified, such as MQL_Date__c; Salesforce has "+
			"none of its own")
	}
	for key, name := range map[string]string{"mql_field": s.MQLField, "source_field": s.SourceField, "campaign_field": s.CampaignField,
		"score_field": s.ScoreField, "segment_field": s.SegmentField} {
		checkName("salesforce."+key, name, f)
	}
	for _, a := range s.Attributes {
		checkName("salesforce.attributes", a, f)
	}
}

// checkAddress refuses an address that would carry a token in the clear: http is for the machine's own.
func checkAddress(key, address string, f *faultList) {
	if address == "" {
		return
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Path != "" && u.Path != "/" || u.User != nil || u.RawQuery != "" {
		f.add(key, "must be an address such as https://api.example.com")
		return
	}
	if own := slices.Contains([]string{"localhost", "127.0.0.1", "::1"}, u.Hostname()); u.Scheme != "https" && !(u.Scheme == "http" && own) {
		f.add(key, "must begin with https:// (http:// is for 127.0.0.1 and localhost alone, because a token goes there)")
	}
}

func checkWrite(key, write string, f *faultList) {
	if write != "" && write != "verdicts" {
		f.add(key, "must be verdicts, or empty")
	}
}

// checkName refuses what is no internal name: a label, or what would reach into a query.
func checkName(key, name string, f *faultList) {
	if strings.HasPrefix(strings.ToLower(name), "truce_") {
		f.add(key, "must not be %s, which Truce itself writes", name)
	}
	if strings.ContainsFunc(name, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}) {
		f.add(key, "must be an internal name of letters, digits and _, not %q", name)
	}
}

func checkWords(section string, words Pairs, currency string, f *faultList) {
	for _, p := range words {
		if v := strings.ToLower(p.Value); v != sheet.NoOutcome && v != "new" {
			if _, err := truce.ParseStatus(v); err != nil {
				f.add(section+".value", "%s, or open", strings.TrimSuffix(truce.Sentence(err), "."))
			}
		}
	}
	if _, known := truce.CurrencyExponent(strings.ToUpper(currency)); currency != "" && !known {
		f.add(section+".currency", "must be a currency such as EUR")
	}
}
