// Package crm reads whole CRMs: contacts, deals, touches and who works there, stream by stream and page by page. What a page says and
// how far the stream has been read are stored together, so a run that is killed goes on where it stood. Whatever came in which order,
// what follows is what would follow from reading everything at once: see storage.CRM.
package crm

import (
	"context"
	"time"

	"truce"
	"truce/handlers/intake/sheet"
	"truce/storage"
)

// System is a CRM.
type System interface {
	// Name is its name in the configuration.
	Name() string
	// Streams are what is read, in this order.
	Streams() []Stream
	// Begin looks whether it can be asked, and for everything that is configured; it gives the CRM's own time.
	Begin(ctx context.Context) (time.Time, error)
	// Page reads a page of a stream.
	Page(ctx context.Context, q Query) (Page, error)
}

// Stream is one kind of records of a CRM.
type Stream struct {
	Name   string
	Kind   sheet.Kind // what is counted of it
	Daily  bool       // it is read once a day, whole
	Always bool       // it is read whole each time
	Purges string     // of this type of storage's records those are let go that a load of everything has not seen
	Checks []string   // it looks whether what these streams brought is there still: not needed where a run has just read them whole
}

// Query asks for a page.
type Query struct {
	Stream       string
	Since, Until time.Time // what changed in [Since, Until]; not where Whole
	Whole        bool      // everything
	Cursor       string    // Page.Next of the page before; "" for the first
	// OpenDeals are deals that are open here, behind an id, in their order.
	OpenDeals func(ctx context.Context, after string, n int) ([]string, error)
	// Known are the ids of the records of one of storage's types that are known here, likewise.
	Known func(ctx context.Context, kind, after string, n int) ([]string, error)
}

// Page is what a page of a stream says.
type Page struct {
	People      []truce.Person // e-mail and name
	Accounts    []truce.Account
	Leads       []storage.CRMLead
	Deals       []storage.CRMDeal
	Links       []Links
	Touches     []storage.CRMTouch
	Engagements []storage.CRMEngagement
	Gone        []Gone
	Merged      []Merged
	Faults      []Fault
	Nothing     int    // records that say nothing that counts
	Next        string // where the stream goes on; "" is its end
}

// Links is whom a record names, where only that was asked.
type Links struct {
	Type  string // of storage's records
	ID    string
	Links []storage.Link
}

// Gone is a record that is no more.
type Gone struct {
	Type string // of storage's records
	ID   string
	Why  string
}

// Merged is a lead that another one has absorbed.
type Merged struct{ ID, Into string }

// Fault is a record that cannot be taken as it is.
type Fault struct {
	Record string // "deal 17"
	Field  string // as the CRM calls it
	Text   string
}
