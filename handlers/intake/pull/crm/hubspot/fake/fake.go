// Package fake is a HubSpot account in memory, for tests: the shapes of its published specifications (2026-09), and the ways in which the
// real one surprises. It shares nothing with the client.
package fake

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Token is what the account takes.
const Token = "pat-eu1-0123456789-abcdef"

// Fault is what goes wrong with a request.
type Fault string

// The faults.
const (
	Fine        Fault = ""
	TooMany     Fault = "too many"       // 429 without Retry-After
	TooManyWait Fault = "too many, wait" // 429 with Retry-After
	Daily       Fault = "daily"          // 429: the day's requests are used up
	Cut         Fault = "cut"            // the answer breaks off
	Broken      Fault = "broken"         // 502 with a page of a proxy
	Revoked     Fault = "revoked"        // 401
	Forbidden   Fault = "forbidden"      // 403: a scope is missing
	HangUp      Fault = "hang up"        // the connection ends without an answer
)

// Account is a HubSpot account.
type Account struct {
	mu       sync.Mutex
	Now      func() time.Time
	Lag      time.Duration                         // for how long searches do not know of a change
	Fault    func(call int, r *http.Request) Fault // nil: all goes well
	Missing  []string                              // contact properties that the account has not
	NoWrite  bool                                  // the key has no scope to write
	ReadOnly map[string]bool                       // properties that refuse to be written
	Batch    func(inputs int)                      // told of each batch that is written

	calls   int
	nextID  int64
	objects map[string]map[string]*object // by type, id
	links   map[string]map[string]bool    // "deals/1/contacts" -> ids
	owners  []Owner
	into    map[string]string // of contacts that were merged
	props   map[string]bool   // of contacts, made here
	Written []map[string]string
}

// Owner is somebody who works there.
type Owner struct {
	ID, Email, First, Last string
	Archived               bool
}

type entry struct {
	value string
	at    time.Time
}

type object struct {
	id               string
	props            map[string]string
	history          map[string][]entry
	created, updated time.Time
	archived         bool
	merged           []string
}

// New is an empty account with its default properties and one pipeline, whose stages are in German.
func New(now func() time.Time) *Account {
	a := &Account{Now: now, nextID: 100, objects: map[string]map[string]*object{}, links: map[string]map[string]bool{},
		props: map[string]bool{}, ReadOnly: map[string]bool{}, into: map[string]string{}}
	for _, p := range []string{"email", "firstname", "lastname", "company", "associatedcompanyid", "hubspot_owner_id", "lifecyclestage",
		"hs_lead_status", "hs_merged_object_ids",
		"hs_calculated_merged_vids", "hs_v2_date_entered_marketingqualifiedlead", "hs_analytics_source", "hs_analytics_source_data_1",
		"hubspotscore", "industry", "region", "createdate", "lastmodifieddate"} {
		a.props[p] = true
	}
	return a
}

// Calls is how many requests came.
func (a *Account) Calls() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.calls
}

// AddOwner adds somebody who works there.
func (a *Account) AddOwner(o Owner) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.owners = append(a.owners, o)
}

// ChangeOwner changes somebody who works there.
func (a *Account) ChangeOwner(id, email string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i := range a.owners {
		if a.owners[i].ID == id {
			a.owners[i].Email = email
		}
	}
}

// Create adds an object and gives its id. props are names and values in turn.
func (a *Account) Create(kind string, props ...string) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.nextID++
	id := strconv.FormatInt(a.nextID, 10)
	if a.objects[kind] == nil {
		a.objects[kind] = map[string]*object{}
	}
	now := a.Now()
	o := &object{id: id, props: map[string]string{"createdate": stamp(now, a.nextID)}, history: map[string][]entry{}, created: now}
	a.objects[kind][id] = o
	a.set(o, props)
	return id
}

// stamp writes a moment as HubSpot does: with and without a fraction, and as milliseconds.
func stamp(t time.Time, n int64) string {
	switch n % 3 {
	case 0:
		return t.UTC().Truncate(time.Second).Format("2006-01-02T15:04:05Z")
	case 1:
		return t.UTC().Format("2006-01-02T15:04:05.000Z")
	}
	return strconv.FormatInt(t.UnixMilli(), 10)
}

func (a *Account) set(o *object, props []string) {
	now := a.Now()
	for i := 0; i+1 < len(props); i += 2 {
		name, value := props[i], props[i+1]
		if o.props[name] != value || len(o.history[name]) == 0 {
			o.history[name] = append(o.history[name], entry{value, now})
		}
		o.props[name] = value
	}
	o.updated = now
}

// Set changes an object.
func (a *Account) Set(kind, id string, props ...string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if o := a.objects[kind][id]; o != nil && !o.archived {
		a.set(o, props)
	}
}

// Get is a property of an object.
func (a *Account) Get(kind, id, name string) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if o := a.objects[kind][id]; o != nil {
		return o.props[name]
	}
	return ""
}

// IDs are the objects of a type that are not in the bin, by id.
func (a *Account) IDs(kind string) []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.sorted(kind, false)
}

func (a *Account) sorted(kind string, archived bool) []string {
	var ids []string
	for id, o := range a.objects[kind] {
		if o.archived == archived {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, byNumber)
	return ids
}

func byNumber(a, b string) int {
	x, _ := strconv.ParseInt(a, 10, 64)
	y, _ := strconv.ParseInt(b, 10, 64)
	return cmp.Compare(x, y)
}

// Touch gives all objects of a type one moment of change, as HubSpot's own batches do.
func (a *Account) Touch(kind string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.Now()
	for _, o := range a.objects[kind] {
		o.updated = now
	}
}

// Associate links two objects; that alone is no change of either.
func (a *Account) Associate(kind, id, to, other string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.link(kind, id, to, other, true)
}

// Part takes a link away.
func (a *Account) Part(kind, id, to, other string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.link(kind, id, to, other, false)
}

func (a *Account) link(kind, id, to, other string, on bool) {
	for _, p := range [][2]string{{kind + "/" + id + "/" + to, other}, {to + "/" + other + "/" + kind, id}} {
		if a.links[p[0]] == nil {
			a.links[p[0]] = map[string]bool{}
		}
		if on {
			a.links[p[0]][p[1]] = true
		} else {
			delete(a.links[p[0]], p[1])
		}
	}
}

// Archive puts an object into the bin.
func (a *Account) Archive(kind, id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if o := a.objects[kind][id]; o != nil {
		o.archived = true
	}
}

// Restore takes an object out of the bin.
func (a *Account) Restore(kind, id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if o := a.objects[kind][id]; o != nil && o.archived {
		o.archived, o.updated = false, a.Now()
	}
}

// Purge deletes an object for good.
func (a *Account) Purge(kind, id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.objects[kind], id)
	a.unlink(kind, id)
}

func (a *Account) unlink(kind, id string) {
	for _, to := range []string{"contacts", "deals", "companies", "calls", "meetings", "emails"} {
		for other := range a.links[kind+"/"+id+"/"+to] {
			delete(a.links[to+"/"+other+"/"+kind], id)
		}
		delete(a.links, kind+"/"+id+"/"+to)
	}
}

// Merge merges a contact into another, which lists it alone, or with whole its whole chain. What it was linked to goes over.
func (a *Account) Merge(loser, survivor string, whole bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	l, s := a.objects["contacts"][loser], a.objects["contacts"][survivor]
	if l == nil || s == nil || loser == survivor || l.archived || s.archived {
		return
	}
	s.merged = append(s.merged, loser)
	if whole {
		s.merged = append(s.merged, l.merged...)
	}
	for _, kind := range []string{"deals", "companies", "calls", "meetings", "emails"} {
		for _, other := range slices.Sorted(maps.Keys(a.links["contacts/"+loser+"/"+kind])) {
			a.link("contacts", survivor, kind, other, true)
		}
	}
	delete(a.objects["contacts"], loser)
	a.into[loser] = survivor
	a.unlink("contacts", loser)
	a.set(s, []string{"hs_merged_object_ids", strings.Join(s.merged, ";")})
}

// Property makes a contact property.
func (a *Account) Property(name string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.props[name] = true
}

func (a *Account) has(name string) bool { return a.props[name] && !slices.Contains(a.Missing, name) }

// Fails says what goes wrong from the next request on, and how late what was written is found; nil and 0: all goes well.
func (a *Account) Fails(f func(call int, r *http.Request) Fault, lag time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.Fault, a.Lag = f, lag
}

// ServeHTTP answers as the account's API does.
func (a *Account) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.calls++
	w.Header().Set("Date", a.Now().UTC().Format(http.TimeFormat))
	fault := Fine
	if a.Fault != nil {
		fault = a.Fault(a.calls, r)
	}
	if r.Header.Get("Authorization") != "Bearer "+Token {
		fault = Revoked
	}
	switch fault {
	case TooManyWait:
		w.Header().Set("Retry-After", "1")
		fallthrough
	case TooMany:
		fail(w, 429, "RATE_LIMITS", "You have reached your secondly limit.", `,"policyName":"SECONDLY"`)
		return
	case Daily:
		fail(w, 429, "RATE_LIMITS", "You have reached your daily limit.", `,"policyName":"DAILY"`)
		return
	case Broken:
		w.WriteHeader(502)
		fmt.Fprint(w, "<html>Bad gateway</html>")
		return
	case Revoked:
		fail(w, 401, "INVALID_AUTHENTICATION", "Authentication credentials not found.", "")
		return
	case Forbidden:
		fail(w, 403, "MISSING_SCOPES", "This app hasn't been granted all required scopes to make this call.", "")
		return
	case HangUp:
		panic(http.ErrAbortHandler)
	case Cut:
		w = &cutter{ResponseWriter: w}
	}
	a.route(w, r)
	if c, ok := w.(*cutter); ok {
		c.end()
	}
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

func fail(w http.ResponseWriter, status int, category, message, more string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"status":"error","message":%q,"correlationId":"aeb5f871-7f07-4993-9211-075dc63e7cbf","category":%q%s}`, message, category,
		more)
}
