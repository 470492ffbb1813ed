// Package fake is a Salesforce org in memory, for tests: the shapes of its REST API, as much of SOQL as a reader needs, and the
// ways in which the real one surprises. It shares nothing with the client.
package fake

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// What the org takes at its login.
const (
	ClientID     = "3MVG9-client"
	ClientSecret = "0123456789SECRET"
)

// Fault is what goes wrong with a request.
type Fault string

// The faults.
const (
	Fine    Fault = ""
	Expired Fault = "expired" // the session has ended: 401
	Limit   Fault = "limit"   // the day's requests are used up
	Cut     Fault = "cut"     // the answer breaks off
	Broken  Fault = "broken"  // 503
	HangUp  Fault = "hang up" // the connection ends without an answer
)

// Record is a record.
type Record map[string]any

// Org is a Salesforce org.
type Org struct {
	mu       sync.Mutex
	Now      func() time.Time
	Fault    func(call int, r *http.Request) Fault // nil: all goes well
	Many     bool                                  // more than one currency
	NoTrack  bool                                  // the history of Lead.Status is not tracked
	Refused  bool                                  // the login
	Locked   map[string]bool                       // leads that may not be written
	ReadOnly bool                                  // no field of Truce's may be written
	Own      []string                              // fields of Lead that the org has besides
	Page     int                                   // records of a page

	calls, logins int
	token         string
	n             int
	objects       map[string]map[string]Record
	cursors       map[string][]Record
	Written       []Record
}

// New is an empty org.
func New(now func() time.Time) *Org {
	return &Org{Now: now, Page: 200, objects: map[string]map[string]Record{}, cursors: map[string][]Record{}, Locked: map[string]bool{}}
}

// Calls is how many requests came, and Logins how many of them were logins.
func (o *Org) Calls() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.calls
}

// Logins is how many sessions were given.
func (o *Org) Logins() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.logins
}

var prefixes = map[string]string{"Lead": "00Q", "Contact": "003", "Account": "001", "Opportunity": "006", "User": "005", "Task": "00T",
	"Event": "00U", "CampaignMember": "00v", "Campaign": "701",
	"OpportunityContactRole": "00K", "LeadHistory": "017"}

func (o *Org) stamp() string { return o.Now().UTC().Format("2006-01-02T15:04:05.000+0000") }

// Create adds a record and gives its id.
func (o *Org) Create(object string, r Record) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.create(object, r)
}

func (o *Org) create(object string, r Record) string {
	o.n++
	id := fmt.Sprintf("%s%015d", prefixes[object], o.n)
	if o.objects[object] == nil {
		o.objects[object] = map[string]Record{}
	}
	r = maps.Clone(r)
	r["Id"], r["CreatedDate"], r["SystemModstamp"], r["IsDeleted"] = id, o.stamp(), o.stamp(), false
	o.objects[object][id] = r
	return id
}

// Set changes a record. The status of a lead leaves its history.
func (o *Org) Set(object, id string, r Record) {
	o.mu.Lock()
	defer o.mu.Unlock()
	was := o.objects[object][id]
	if was == nil || was["IsDeleted"] == true {
		return
	}
	if s, ok := r["Status"]; ok && object == "Lead" && s != was["Status"] {
		o.create("LeadHistory", Record{"LeadId": id, "Field": "Status", "OldValue": was["Status"], "NewValue": s})
	}
	maps.Copy(was, r)
	was["SystemModstamp"] = o.stamp()
}

// Get is a record.
func (o *Org) Get(object, id string) Record {
	o.mu.Lock()
	defer o.mu.Unlock()
	return maps.Clone(o.objects[object][id])
}

// IDs are the records of an object that are not deleted.
func (o *Org) IDs(object string) []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	var ids []string
	for id, r := range o.objects[object] {
		if r["IsDeleted"] != true {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// Delete puts a record into the bin.
func (o *Org) Delete(object, id string) {
	o.Set(object, id, Record{"IsDeleted": true})
}

// Undelete takes a record out of the bin.
func (o *Org) Undelete(object, id string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if r := o.objects[object][id]; r != nil && r["MasterRecordId"] == nil {
		r["IsDeleted"], r["SystemModstamp"] = false, o.stamp()
	}
}

// Purge empties the bin of a record.
func (o *Org) Purge(object, id string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.objects[object], id)
}

// Convert converts a lead: account, contact and, where wanted, an opportunity.
func (o *Org) Convert(lead string, deal Record) (contact, opportunity string) {
	contact = o.Create("Contact", Record{})
	account := o.Create("Account", Record{"Name": "Account of " + lead})
	if deal != nil {
		deal["AccountId"] = account
		opportunity = o.Create("Opportunity", deal)
		o.Create("OpportunityContactRole", Record{"OpportunityId": opportunity, "ContactId": contact})
	}
	o.Set("Lead", lead, Record{"Status": "Closed - Converted", "IsConverted": true, "ConvertedDate": o.Now().UTC().Format(time.DateOnly),
		"ConvertedContactId": contact, "ConvertedAccountId": account,
		"ConvertedOpportunityId": opportunity})
	return contact, opportunity
}

// Merge merges a lead into another. Its tasks go over.
func (o *Org) Merge(loser, survivor string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	l, s := o.objects["Lead"][loser], o.objects["Lead"][survivor]
	if l == nil || s == nil || loser == survivor || l["IsDeleted"] == true || s["IsDeleted"] == true || l["IsConverted"] == true ||
		s["IsConverted"] == true {
		return
	}
	for _, object := range []string{"Task", "Event"} {
		for _, r := range o.objects[object] {
			if r["WhoId"] == loser {
				r["WhoId"], r["SystemModstamp"] = survivor, o.stamp()
			}
		}
	}
	for _, r := range o.objects["CampaignMember"] {
		if r["LeadId"] == loser {
			r["LeadId"], r["SystemModstamp"] = survivor, o.stamp()
		}
	}
	l["IsDeleted"], l["MasterRecordId"], l["SystemModstamp"] = true, survivor, o.stamp()
	s["SystemModstamp"] = o.stamp()
}

// fields are what an object has.
func (o *Org) fields(object string) []string {
	all := map[string]string{
		"Lead": "Email Name Company Status OwnerId IsConverted ConvertedDate ConvertedOpportunityId ConvertedAccountId " +
			"ConvertedContactId MasterRecordId LeadSource Industry MQL_Date__c Score__c Region__c Campaign__c",
		"LeadHistory":            "LeadId Field OldValue NewValue",
		"Opportunity":            "Name StageName IsClosed IsWon Amount CloseDate AccountId OwnerId Type Loss_Reason__c",
		"OpportunityContactRole": "OpportunityId ContactId",
		"Account":                "Name Website",
		"User":                   "Email Name IsActive UserType",
		"Task":                   "WhoId OwnerId TaskSubtype Type IsClosed CompletedDateTime ActivityDate Status",
		"Event":                  "WhoId OwnerId StartDateTime ActivityDateTime ActivityDate",
		"CampaignMember":         "LeadId ContactId CampaignId Status HasResponded FirstRespondedDate",
	}
	if o.NoTrack {
		delete(all, "LeadHistory")
	}
	names, ok := all[object]
	if !ok {
		return nil
	}
	list := append(strings.Fields(names), "Id", "CreatedDate", "IsDeleted")
	if object != "LeadHistory" {
		list = append(list, "SystemModstamp")
	}
	if object == "Opportunity" && o.Many {
		list = append(list, "CurrencyIsoCode")
	}
	if object == "Lead" {
		list = append(list, o.Own...)
	}
	return list
}

// Fails says what goes wrong from the next request on; nil: all goes well.
func (o *Org) Fails(f func(call int, r *http.Request) Fault) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.Fault = f
}

// ServeHTTP answers as the org's API does.
func (o *Org) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.calls++
	w.Header().Set("Date", o.Now().UTC().Format(http.TimeFormat))
	w.Header().Set("Sforce-Limit-Info", "api-usage="+strconv.Itoa(o.calls)+"/100000")
	fault := Fine
	if o.Fault != nil {
		fault = o.Fault(o.calls, r)
	}
	if r.URL.Path == "/services/oauth2/token" {
		o.login(w, r)
		return
	}
	switch {
	case fault == Expired:
		o.token = ""
	case fault == Limit:
		fail(w, 403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
		return
	case fault == Broken:
		w.WriteHeader(503)
		return
	case fault == HangUp:
		panic(http.ErrAbortHandler)
	case fault == Cut:
		w = &cutter{ResponseWriter: w}
	}
	if o.token == "" || r.Header.Get("Authorization") != "Bearer "+o.token {
		fail(w, 401, "INVALID_SESSION_ID", "Session expired or invalid")
		return
	}
	o.route(w, r)
	if c, ok := w.(*cutter); ok {
		c.end()
	}
}

func (o *Org) login(w http.ResponseWriter, r *http.Request) {
	if r.PostFormValue("grant_type") != "client_credentials" || r.PostFormValue("client_id") != ClientID ||
		r.PostFormValue("client_secret") != ClientSecret || o.Refused {
		answer(w, 400, map[string]string{"error": "invalid_grant", "error_description": "no client credentials user enabled"})
		return
	}
	o.logins++
	o.token = fmt.Sprintf("00D!session.%d", o.logins)
	answer(w, 200, map[string]string{"access_token": o.token, "instance_url": "http://" + r.Host, "id": "http://" + r.Host + "/id/00D/005",
		"token_type": "Bearer", "issued_at": "1700000000000",
		"signature": "x", "scope": "api"})
}

// cutter promises more than it sends.
type cutter struct {
	http.ResponseWriter
	body []byte
}

func (c *cutter) Write(b []byte) (int, error) {
	c.body = append(c.body, b...)
	return len(b), nil
}

func (c *cutter) end() {
	c.ResponseWriter.Header().Set("Content-Length", strconv.Itoa(len(c.body)))
	c.ResponseWriter.Write(c.body[:len(c.body)/2])
	panic(http.ErrAbortHandler)
}

func fail(w http.ResponseWriter, status int, code, message string) {
	answer(w, status, []map[string]string{{"message": message, "errorCode": code}})
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v)
}
