package sheet

// Our own fields: what each kind of import takes, and what other systems call it. Those that begin with truce_ are what only our
// own exports say.

import (
	"slices"
	"strconv"
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

// Counted is so many rows of the kind, in words: "1 lead", "2 leads".
func (k Kind) Counted(n int) string {
	one := strings.TrimSuffix(string(k), "s")
	switch {
	case n != 1:
		one = string(k)
	case k == People:
		one = "person"
	case k == Touches:
		one = "touch"
	case k == Activities:
		one = "activity"
	}
	return strconv.Itoa(n) + " " + strings.ReplaceAll(one, "_", " ")
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
func (k Kind) Schema() Schema { return schemas[k] }

// field is one that may be missing, must one that may not; also is what other systems call it.
func field(name string, also ...string) Field { return Field{Name: name, Also: also} }
func must(name string, also ...string) Field {
	return Field{Name: name, Required: true, Also: also}
}

// What several kinds have, as other systems call it.
var (
	leadNames = []string{"lead", "contact id", "mql id", "record id", "associated contact ids", "prospect id"}
	currency  = field("currency", "currency code", "amount currency", "currency iso code", "deal currency")
	amounts   = []string{"value", "revenue", "deal amount", "total", "price", "deal value", "arr", "declared monthly revenue"}
	owner     = field("owner", "rep", "sales rep", "sr id", "assigned to", "contact owner", "lead owner", "deal owner", "salesperson")
	icpFit    = field("icp_fit", "icp", "ideal customer", "ideal customer profile", "fit", "in icp", "icp match")
	accounts  = []string{"company", "account name", "company name", "organization", "customer"}
	moments   = []string{"date", "time", "timestamp", "created at", "occurred at", "activity date"}
)

// and is a list with more in it, the list itself left as it is.
func and(list []string, more ...string) []string { return slices.Concat(list, more) }

// schemas is what each kind of import takes.
var schemas = map[Kind]Schema{
	Accounts: {Fields: []Field{
		must("id", "account id", "company id", "organization id", "record id", "customer id"),
		field("name", "account name", "company name", "organization name", "company"),
		field("domain", "company domain name", "website", "web site", "url", "email domain"),
		field("known_at", "known since", "as of"),
	}},
	Leads: {Fields: []Field{
		must("id", "lead id", "mql id", "record id", "contact id", "person id", "prospect id"),
		must("mql_at", "mql date", "qualified at", "qualified date", "became a marketing qualified lead date", "first contact date",
			"create date", "created date", "created at", "date"),
		field("email", "e-mail address", "mail", "email address", "work email"),
		field("name", "full name", "contact name", "lead name", "person"),
		field("company", "company name", "organization", "organisation", "employer"),
		field("source", "lead source", "origin", "channel", "utm source", "original source", "original traffic source", "source channel"),
		field("campaign", "campaign name", "utm campaign", "landing page", "landing page id", "primary campaign source"),
		field("score", "lead score", "hubspot score", "points", "mql score", "grade"),
		owner,
		field("segment", "industry", "business segment", "vertical", "market"),
		field("account", "account name", "account id", "company id"),
		field("product", "product line", "product interest", "interest"),
		icpFit,
		field("qualified", "is mql", "mql", "is qualified"),
		field("handed_off_at", "handoff date", "handed over", "assigned at", "assigned date", "owner assigned date"),
		field("known_at", "known since"),
		field("merged_ids", "merged contact ids", "hs merged object ids", "merged record ids"),
		field("merged_into", "master record id", "masterrecordid"),
		field("truce_ref"), field("truce_owner"),
	}},
	Outcomes: {OneOf: []string{"status", "rating"}, Fields: []Field{
		must("lead_id", leadNames...),
		must("at", and(moments, "won date", "close date", "closed date", "lost date", "stage date", "closed at")...),
		field("status", "stage", "deal stage", "lead status", "outcome", "result", "state"),
		field("rating", "lead rating", "quality", "verdict"),
		field("deal_id", "deal", "opportunity id", "seller id"),
		field("amount", amounts...), currency,
		field("reason", "lost reason", "rejection reason", "disqualification reason", "closed lost reason", "unqualified reason"),
		owner,
		field("rated_at", "rating date", "rated on", "rated"),
		field("truce_origin"), field("truce_person"), field("truce_note"), field("truce_hindsight"), field("truce_until"),
	}},
	Deals: {OneOf: []string{"account", "lead_id"}, Fields: []Field{
		must("id", "deal id", "opportunity id", "record id"),
		must("stage", "deal stage", "status", "stage name", "opportunity stage"),
		field("account", accounts...), field("lead_id", leadNames...),
		field("amount", amounts...), currency,
		field("created_at", "create date", "created date", "deal created", "add time", "created"),
		field("closed_at", "close date", "closed date", "won time", "lost time", "won date", "closed"),
		owner,
		field("product", "product line", "product name", "deal type"),
		field("reason", "lost reason", "closed lost reason", "loss reason"),
		field("name", "deal name", "opportunity name", "title"),
		icpFit, field("truce_until"),
	}},
	Orders: {Fields: []Field{
		must("id", "order id", "order number", "invoice", "invoice number"),
		must("account", accounts...),
		must("at", and(moments, "order date", "paid at", "invoice date", "paid date")...),
		must("amount", amounts...), currency,
		field("product", "product line", "product name", "sku"),
	}},
	Costs: {OneOf: []string{"source", "campaign"}, Fields: []Field{
		field("id", "cost id", "invoice", "invoice number", "line id"),
		field("source", "lead source", "channel", "utm source", "platform", "vendor"),
		field("campaign", "campaign name", "utm campaign", "ad campaign"),
		must("at", and(moments, "month", "day", "period", "invoice date", "reporting starts")...),
		must("amount", "cost", "spend", "amount spent", "spent", "total", "value", "price"), currency,
	}},
	Activities: {Fields: []Field{
		must("id", "activity id", "campaign id", "record id"),
		must("name", "activity", "activity name", "campaign name", "title", "subject"),
		field("side", "department", "team"),
		field("kind", "type", "campaign type", "activity type", "channel"),
		field("owner", "responsible", "campaign owner", "assigned to"),
		field("cost", "amount", "spend", "actual cost", "budget", "budgeted cost", "price"), currency,
		field("starts_at", "start date", "start", "begins", "from", "date"),
		field("ends_at", "end date", "end", "ends", "until", "to"),
		field("matches", "campaigns", "words", "also"),
		field("truce_motive"), field("truce_closed_at"),
	}},
	ActivityLinks: {Fields: []Field{
		must("activity", "activity id", "campaign id"),
		must("what", "link", "to what end", "goal", "metric"),
		field("unit", "currency"),
		must("date", "by", "due", "due date", "until", "target date"),
		must("expected", "target", "number", "plan", "planned", "goal value"),
		field("of", "counted among"),
		field("truce_observed"),
	}},
	Engagements: {OneOf: []string{"lead_id", "email"}, Fields: []Field{
		field("id", "engagement id", "activity id", "event id"),
		field("lead_id", leadNames...), field("email", "e-mail address", "mail", "email address"),
		must("at", moments...),
		must("kind", "type", "engagement", "event", "action", "activity type"),
		field("activity", "asset", "content", "page", "title", "subject"),
		field("campaign", "campaign name", "utm campaign"),
	}},
	Touches: {Fields: []Field{
		field("id", "activity id", "task id", "engagement id"),
		must("lead_id", leadNames...),
		must("at", and(moments, "due date", "completed date")...),
		must("kind", "type", "activity type", "channel"),
		field("by", "owner", "assigned", "activity assigned to", "rep", "user", "assigned to user"),
	}},
	People: {OneOf: []string{"email", "truce_id"}, Fields: []Field{
		field("email", "e-mail address", "mail", "email address", "user email"),
		field("name", "full name", "user", "display name"),
		field("side", "department", "team"),
		field("role", "title", "profile", "position"),
		field("manager", "manager email", "reports to", "boss", "supervisor"),
		field("time_zone", "timezone", "tz", "zone"),
		field("truce_id"), field("truce_active"), field("truce_leave_from"), field("truce_leave_to"),
	}},
	Answers: {Fields: []Field{
		field("id", "answer id"),
		must("theme", "objection", "topic", "question", "category"),
		must("text", "answer", "response", "say this", "reply"),
		field("proof", "source", "link", "evidence", "url"),
		field("internal", "internal only", "background", "notes"),
		field("claim", "claim class", "class", "claim type"),
		field("document", "document version", "version"),
		field("owner", "author", "responsible"),
		field("status", "state", "approved"),
		field("approved_at", "approval date", "approved on"),
		field("approved_by", "approver"),
		field("review_at", "review date", "review by", "valid until", "expires"),
		field("truce_version"), field("truce_credit"), field("truce_replaces"),
	}},
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
