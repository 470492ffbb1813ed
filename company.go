package truce

import "time"

// Company is a company as it is found: by its account, or only by what leads and deals call it.
type Company struct {
	Key       string // folded name
	Name      string
	AccountID string // the CRM's; "" where no account was imported
	Domain    string // folded; "" where none is known
}

// CompanyFile is what is known of a company: its newest leads, its deals, orders, objections and interviews.
type CompanyFile struct {
	Company
	Leads           []Lead // the newest
	AllLeads        int
	Deals           []Deal // the newest
	Won, Lost, Open int
	Paid            []Money // of won deals, by currency
	Orders          int
	LastOrder       time.Time
	Ordered         []Money           // by currency
	Objections      []Objection       // the newest
	Themes          map[string]string // names, by id
	Heard           int               // objections in all
	Interviews      []Interview
}
