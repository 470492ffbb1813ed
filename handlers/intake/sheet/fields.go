package sheet

// Our own fields: what each kind of import takes, and what other systems call it. Those that begin with truce_ are what only our
// own exports say.

import (
	"slices"
	"strings"
	"unicode"

	"truce"
)

// Kind is what the rows of a file are.
type Kind string

// The kinds of import.
const (
	Accounts    Kind = "accounts"
	Leads       Kind = "leads"
	Outcomes    Kind = "outcomes"
	Deals       Kind = "deals"
	Orders      Kind = "orders"
	Costs       Kind = "costs"
	Engagements Kind = "engagements"
	Touches     Kind = "touches"
	People      Kind = "people"
	Answers     Kind = "answers"

	Activities    Kind = "activities"
	ActivityLinks Kind = "activity_links"
)

// Kinds is every kind, in the order in which a company should import them.
func Kinds() []Kind {
	return []Kind{People, Accounts, Leads, Touches, Engagements, Deals, Outcomes, Orders, Costs, Activities, ActivityLinks, Answers}
}

// Field is one of our fields.
type Field struct {
	Name     string
	Required bool     // a file must have it, and every row a value
	Also     []string // what other systems call it; used for guesses that are shown, never for a silent match
}

// KeepsAttributes reports whether columns that are no field of the kind are kept.
func (k Kind) KeepsAttributes() bool { return k == Accounts || k == Leads || k == Outcomes }

// Schema is what a kind of import takes.
type Schema struct {
	Fields []Field
	OneOf  []string // of these fields a file and each row must have at least one
}

// Schema is what the kind takes; empty for a kind that does not exist.
func (k Kind) Schema() Schema {
	f := func(name string, also ...string) Field { return Field{Name: name, Also: also} }
	must := func(name string, also ...string) Field { return Field{Name: name, Required: true, Also: also} }
	leadID := []string{"lead", "contact id", "mql id", "record id", "associated contact ids", "prospect id"}
	currency := f("currency", "currency code", "amount currency", "currency iso code", "deal currency")
	amount := []string{"value", "revenue", "deal amount", "total", "price", "deal value", "arr", "declared monthly revenue"}
	owner := f("owner", "rep", "sales rep", "sr id", "assigned to", "contact owner", "lead owner", "deal owner", "salesperson")
	icp := f("icp_fit", "icp", "ideal customer", "ideal customer profile", "fit", "in icp", "icp match")
	account := []string{"company", "account name", "company name", "organization", "customer"}
	at := []string{"date", "time", "timestamp", "created at", "occurred at", "activity date"}
	switch k {
	case Accounts:
		return Schema{Fields: []Field{
			must("id", "account id", "company id", "organization id", "record id", "customer id"),
			f("name", "account name", "company name", "organization name", "company"),
			f("domain", "company domain name", "website", "web site", "url", "email domain"),
			f("known_at", "known since", "as of"),
		}}
	case Leads:
		return Schema{Fields: []Field{
			must("id", "lead id", "mql id", "record id", "contact id", "person id", "prospect id"),
			must("mql_at", "mql date", "qualified at", "qualified date", "became a marketing qualified lead date", "first contact date", "create date", "created date", "created at", "date"),
			f("email", "e-mail address", "mail", "email address", "work email"),
			f("name", "full name", "contact name", "lead name", "person"),
			f("company", "company name", "organization", "organisation", "employer"),
			f("source", "lead source", "origin", "channel", "utm source", "original source", "original traffic source", "source channel"),
			f("campaign", "campaign name", "utm campaign", "landing page", "landing page id", "primary campaign source"),
			f("score", "lead score", "hubspot score", "points", "mql score", "grade"),
			owner,
			f("segment", "industry", "business segment", "vertical", "market"),
			f("account", "account name", "account id", "company id"),
			f("product", "product line", "product interest", "interest"),
			icp,
			f("qualified", "is mql", "mql", "is qualified"),
			f("handed_off_at", "handoff date", "handed over", "assigned at", "assigned date", "owner assigned date"),
			f("known_at", "known since"),
			f("merged_ids", "merged contact ids", "hs merged object ids", "merged record ids"), f("merged_into", "master record id", "masterrecordid"),
			f("truce_ref"), f("truce_owner"),
		}}
	case Outcomes:
		return Schema{OneOf: []string{"status", "rating"}, Fields: []Field{
			must("lead_id", leadID...),
			must("at", append(at, "won date", "close date", "closed date", "lost date", "stage date", "closed at")...),
			f("status", "stage", "deal stage", "lead status", "outcome", "result", "state"),
			f("rating", "lead rating", "quality", "verdict"),
			f("deal_id", "deal", "opportunity id", "seller id"),
			f("amount", amount...), currency,
			f("reason", "lost reason", "rejection reason", "disqualification reason", "closed lost reason", "unqualified reason"),
			owner,
			f("rated_at", "rating date", "rated on", "rated"),
			f("truce_origin"), f("truce_person"), f("truce_note"), f("truce_hindsight"), f("truce_until"),
		}}
	case Deals:
		return Schema{OneOf: []string{"account", "lead_id"}, Fields: []Field{
			must("id", "deal id", "opportunity id", "record id"),
			must("stage", "deal stage", "status", "stage name", "opportunity stage"),
			f("account", account...), f("lead_id", leadID...),
			f("amount", amount...), currency,
			f("created_at", "create date", "created date", "deal created", "add time", "created"),
			f("closed_at", "close date", "closed date", "won time", "lost time", "won date", "closed"),
			owner,
			f("product", "product line", "product name", "deal type"),
			f("reason", "lost reason", "closed lost reason", "loss reason"),
			f("name", "deal name", "opportunity name", "title"),
			icp, f("truce_until"),
		}}
	case Orders:
		return Schema{Fields: []Field{
			must("id", "order id", "order number", "invoice", "invoice number"),
			must("account", account...),
			must("at", append(at, "order date", "paid at", "invoice date", "paid date")...),
			must("amount", amount...), currency,
			f("product", "product line", "product name", "sku"),
		}}
	case Costs:
		return Schema{OneOf: []string{"source", "campaign"}, Fields: []Field{
			f("id", "cost id", "invoice", "invoice number", "line id"),
			f("source", "lead source", "channel", "utm source", "platform", "vendor"),
			f("campaign", "campaign name", "utm campaign", "ad campaign"),
			must("at", append(at, "month", "day", "period", "invoice date", "reporting starts")...),
			must("amount", "cost", "spend", "amount spent", "spent", "total", "value", "price"), currency,
		}}
	case Activities:
		return Schema{Fields: []Field{
			must("id", "activity id", "campaign id", "record id"),
			must("name", "activity", "activity name", "campaign name", "title", "subject"),
			f("side", "department", "team"),
			f("kind", "type", "campaign type", "activity type", "channel"),
			f("owner", "responsible", "campaign owner", "assigned to"),
			f("cost", "amount", "spend", "actual cost", "budget", "budgeted cost", "price"), currency,
			f("starts_at", "start date", "start", "begins", "from", "date"),
			f("ends_at", "end date", "end", "ends", "until", "to"),
			f("matches", "campaigns", "words", "also"),
			f("truce_motive"), f("truce_closed_at"),
		}}
	case ActivityLinks:
		return Schema{Fields: []Field{
			must("activity", "activity id", "campaign id"),
			must("what", "link", "to what end", "goal", "metric"),
			f("unit", "currency"),
			must("date", "by", "due", "due date", "until", "target date"),
			must("expected", "target", "number", "plan", "planned", "goal value"),
			f("of", "counted among"),
			f("truce_observed"),
		}}
	case Engagements:
		return Schema{OneOf: []string{"lead_id", "email"}, Fields: []Field{
			f("id", "engagement id", "activity id", "event id"),
			f("lead_id", leadID...), f("email", "e-mail address", "mail", "email address"),
			must("at", at...),
			must("kind", "type", "engagement", "event", "action", "activity type"),
			f("activity", "asset", "content", "page", "title", "subject"),
			f("campaign", "campaign name", "utm campaign"),
		}}
	case Touches:
		return Schema{Fields: []Field{
			f("id", "activity id", "task id", "engagement id"),
			must("lead_id", leadID...),
			must("at", append(at, "due date", "completed date")...),
			must("kind", "type", "activity type", "channel"),
			f("by", "owner", "assigned", "activity assigned to", "rep", "user", "assigned to user"),
		}}
	case People:
		return Schema{OneOf: []string{"email", "truce_id"}, Fields: []Field{
			f("email", "e-mail address", "mail", "email address", "user email"),
			f("name", "full name", "user", "display name"),
			f("side", "department", "team"),
			f("role", "title", "profile", "position"),
			f("manager", "manager email", "reports to", "boss", "supervisor"),
			f("time_zone", "timezone", "tz", "zone"),
			f("truce_id"), f("truce_active"), f("truce_leave_from"), f("truce_leave_to"),
		}}
	case Answers:
		return Schema{Fields: []Field{
			f("id", "answer id"),
			must("theme", "objection", "topic", "question", "category"),
			must("text", "answer", "response", "say this", "reply"),
			f("proof", "source", "link", "evidence", "url"),
			f("internal", "internal only", "background", "notes"),
			f("claim", "claim class", "class", "claim type"),
			f("document", "document version", "version"),
			f("owner", "author", "responsible"),
			f("status", "state", "approved"),
			f("approved_at", "approval date", "approved on"),
			f("approved_by", "approver"),
			f("review_at", "review date", "review by", "valid until", "expires"),
			f("truce_version"), f("truce_credit"), f("truce_replaces"),
		}}
	}
	return Schema{}
}

// normal is a name without case and separators, under which "MQL At", "mql-at" and "mql_at" are one.
func normal(name string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsLetter(c) || unicode.IsDigit(c) {
			return unicode.ToLower(c)
		}
		return -1
	}, name)
}

// words are the parts of a name, in lower case.
func words(name string) []string {
	return strings.FieldsFunc(strings.ToLower(name), func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) })
}

// likeness says how much a foreign name looks like one of ours: 0 for not at all, 3 for a name known to mean it.
func (f Field) likeness(name string) int {
	n := normal(name)
	if n == "" {
		return 0
	}
	for _, also := range append([]string{f.Name}, f.Also...) {
		if normal(also) == n {
			return 3
		}
	}
	own := words(f.Name)
	its := words(name)
	all := len(f.Name) > 2 // "id" and "at" stand in too many names
	for _, w := range own {
		all = all && slices.Contains(its, w)
	}
	if all {
		return 2
	}
	if len(n) > 3 && truce.Misspelt(n, normal(f.Name)) <= len(n)/4 {
		return 1
	}
	return 0
}
