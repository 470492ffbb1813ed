// Package quillwater invents the demo's company: Quillwater Assays sells an 85,000 USD benchtop immunoassay reader and the
// kits that are reordered for it. A seeded generator makes its leads and what became of them, so that the real digests find
// what was planted and do not claim what was not. Everything in it is invented; the same seed, size and day give the same
// company.
package quillwater

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"truce"
)

// Company is an invented company as it is on the morning of Today.
type Company struct {
	Today     time.Time    // midnight of the day the demo starts, in the company's zone; nothing is dated later
	Leads     []Case       // the oldest first
	Customers []Customer   // who bought without a lead
	Costs     []truce.Cost // what was paid for the leads
}

// Case is a lead with what became of it.
type Case struct {
	Lead truce.Lead
	Fate

	// Coming is what becomes of it on Today and after, for a demo that lives on.
	Coming Fate

	taken bool // a story uses it
}

// Fate is what becomes of a lead.
type Fate struct {
	Outcomes    []truce.Outcome
	Ratings     []truce.RatingOf
	Touches     []truce.Touch
	Orders      []truce.Order
	Engagements []truce.Engagement
}

// DefaultLeads is how many leads the story is told with: a year's.
const DefaultLeads = 2400

const span = 365 // days of leads

// source is one source of leads and how its leads fare.
type source struct {
	name      string
	share     int // of DefaultLeads
	campaigns []string
	score     float64 // mean
	segments  []share
	sentBack  float64 // of those judged
	reasons   []share
	wins      map[string]float64 // by segment, of those that are worked and had the time; "" for all others
	touch     float64            // median business hours to the first touch
	cost      int64              // US dollars a year, for share leads
}

type share struct {
	name   string
	weight float64
}

const (
	syndication = "Content syndication"
	kit         = "Evaluation kit"
	webinar     = "Webinar"
	booth       = "Trade show"

	coreFacility = "Core facility"
	biotech      = "Biotech"
	pharma       = "Pharma"
	academic     = "Academic lab"
	cro          = "CRO"

	coreKit = "Core facility kit"
)

// usualReasons is why reps send back leads of the better sources.
var usualReasons = []share{{"not-ready", 3}, {"no-budget", 3}, {"unable-to-reach", 2}, {"wrong-person", 1.5}, {"outside-icp", 1.2},
	{"duplicate", 1}, {"wrong-territory", 0.6}}

// sources hold what is planted. Webinars beat trade shows overall and lose to them in each segment, because webinars reach
// biotech; nobody of content syndication ever bought; core facilities are sent back though they buy.
var sources = []source{
	{webinar, 430, []string{"Faster panels", "Multiplex basics"}, 66, []share{{biotech, 78}, {academic, 22}}, 0.12, usualReasons,
		map[string]float64{biotech: 0.115, academic: 0.03}, 4, 38_000},
	{booth, 360, []string{"Spring proteomics", "Autumn assay days"}, 61, []share{{biotech, 26}, {academic, 74}}, 0.13, usualReasons,
		map[string]float64{biotech: 0.15, academic: 0.05}, 42, 142_000},
	{syndication, 412, []string{"Whitepaper network"}, 81, []share{{biotech, 30}, {academic, 25}, {pharma, 25}, {cro, 20}}, 0.39,
		[]share{{"wrong-person", 58}, {"outside-icp", 24}, {"student-competitor", 14}, {"bad-contact-data", 2}, {"no-need", 2}},
		map[string]float64{}, 6, 96_000},
	{"Paid search", 390, []string{"Immunoassay reader", "ELISA alternatives", "Brand"}, 58,
		[]share{{biotech, 40}, {academic, 25}, {pharma, 20}, {cro, 15}}, 0.13, usualReasons, map[string]float64{"": 0.08}, 4, 88_000},
	{kit, 350, []string{"Kit request"}, 62, []share{{biotech, 45}, {pharma, 30}, {cro, 25}}, 0.10, usualReasons, map[string]float64{"": 0.17},
		1.2, 64_000},
	{"Referral", 150, []string{"Customer referral"}, 70, []share{{biotech, 50}, {pharma, 30}, {cro, 20}}, 0.07, usualReasons,
		map[string]float64{"": 0.20}, 3, 9_000},
	{"Distributor", 170, []string{"Partner portal"}, 55, []share{{academic, 40}, {pharma, 30}, {cro, 30}}, 0.14, usualReasons,
		map[string]float64{"": 0.09}, 5, 21_000},
	{"Rep-sourced", 138, []string{"Outbound"}, 52, []share{{biotech, 40}, {pharma, 40}, {cro, 20}}, 0.06, usualReasons,
		map[string]float64{"": 0.16}, 1.5, 0},
}

// The core-facility kit requests, of DefaultLeads: how many, how many of them are sent back, and how many of those buy later.
const (
	coreKits     = 190
	coreSentBack = 78
	coreBought   = 9
	coreRevenue  = 18_400_000 // US cents, of the nine together
)

// How much of a lead's latent quality decides whether it buys, shows in the score, and shows to the rep in conversation (of 1).
// Ratings given in time and scores then tell winners from losers about equally well: a difference nobody may claim.
const (
	qualityWins = 1.1
	scoreSees   = 11.0
	repSees     = 0.56
)

// Reps are the e-mail names of the eight reps; the leads are dealt to them in turn.
var Reps = []string{"ann", "ben", "carla", "dev", "elif", "finn", "grace", "hugo"}

// Domain is the company's, of a kind that never exists.
const Domain = "@quillwater.example"

// New invents the company of a day with n leads (100 to 1,000,000), n scaling all that is planted.
func New(n int, today time.Time, seed uint64) Company { return NewFrom(1, n, today, seed) }

// NewFrom is New with the leads numbered from first on: a large company is invented, and written, part by part.
func NewFrom(first, n int, today time.Time, seed uint64) Company {
	return newFrom(first, n, today, seed, false)
}

// NewLater invents what comes after New(n, today, seed): the leads that qualify from today until a day, with all that becomes of them by
// then, numbered from first on, at the pace of n a year. It is at most a year. Their costs are those of the months that begin in it.
func NewLater(first, n int, today, until time.Time, seed uint64) Company {
	c := newFrom(first, n, until, seed+apart, true)
	c.Leads = slices.DeleteFunc(c.Leads, func(l Case) bool { return l.Lead.MQLAt.Before(today) })
	c.Costs = slices.DeleteFunc(c.Costs, func(p truce.Cost) bool { return p.First.At(0, today.Location()).Before(today) })
	return c
}

// apart keeps the randomness of what comes later apart from that of what was.
const apart = 1000

func newFrom(first, n int, today time.Time, seed uint64, later bool) Company {
	g := &generator{r: rand.New(rand.NewPCG(seed, uint64(n))), today: today, hours: truce.NewCalendar(today.Location()), n: n, first: first,
		towns: places, part: first > 1 && !later}
	if later {
		g.towns = laterPlaces
	}
	for i := range sources {
		g.source(&sources[i])
	}
	g.undecided(seed)
	slices.SortStableFunc(g.cases, func(a, b Case) int { return a.Lead.MQLAt.Compare(b.Lead.MQLAt) })
	for i := range g.cases {
		g.name(i)
	}
	g.fits()
	g.purchases()
	if !g.part {
		g.engagements(seed)
	}
	c := Company{Today: today, Leads: g.cases, Costs: g.costs()}
	if first == 1 {
		c.Customers = g.customers()
	}
	return c
}

type generator struct {
	r      *rand.Rand
	today  time.Time
	hours  truce.Calendar
	n      int
	shares int // of the sources so far
	first  int // the number of the first lead
	towns  []string
	part   bool // a further part of a large company
	cases  []Case

	old, again map[truce.ICPFit]int // of the leads that won long enough ago to tell: how many, and how many of them have bought again
}

func (g *generator) scaled(k int) int {
	return int(math.Round(float64(k) * float64(g.n) / DefaultLeads))
}

// source invents the leads of one source.
func (g *generator) source(s *source) {
	g.shares += s.share
	n := g.scaled(g.shares) - len(g.cases) // so that all of them together are n
	first := len(g.cases)
	for i := range n {
		c := Case{Lead: truce.Lead{Source: s.name, Campaign: s.campaigns[g.r.IntN(len(s.campaigns))], Segment: g.pick(s.segments),
			HasScore: true}}
		// Evenly over the year, so that the planted shares hold in every quarter.
		age := (float64(i) + g.r.Float64()) / float64(n) * span
		c.Lead.MQLAt = g.workday(g.today.Add(-time.Duration(age * 24 * float64(time.Hour))))
		c.Lead.Score = g.score(s.score, 9)
		g.cases = append(g.cases, c)
	}
	list := g.cases[first:]
	if s.name == kit { // spread the core facilities over the year
		core := g.scaled(coreKits)
		for j := range core {
			c := &list[j*len(list)/core]
			c.Lead.Campaign, c.Lead.Segment, c.Lead.Score = coreKit, coreFacility, g.score(43.5, 7)
		}
	}
	if s.name == webinar && len(list) > 40 {
		// The "+40 %" nobody may believe: one small campaign, nine leads, this quarter.
		for j := range 9 {
			list[j*len(list)/40].Lead.Campaign = "Lunch and learn"
		}
	}
	g.fates(s, list)
}

// fates decides what becomes of each lead: exact shares, dealt out at random.
func (g *generator) fates(s *source, list []Case) {
	var usual, core []*Case
	for i := range list {
		if list[i].Lead.Campaign == coreKit {
			core = append(core, &list[i])
		} else {
			usual = append(usual, &list[i])
		}
	}
	var judged []*Case
	for _, c := range usual {
		looked := 0.93 // at the newer ones; nearly all of the older ones
		if g.age(c) > 21 {
			looked = 0.99
		}
		if g.age(c) > 1 && g.r.Float64() < looked {
			judged = append(judged, c)
		}
	}
	g.r.Shuffle(len(judged), func(i, j int) { judged[i], judged[j] = judged[j], judged[i] })
	back := int(math.Round(s.sentBack * float64(len(judged))))
	for i, c := range judged {
		if i < back {
			g.sendBack(s, c, g.pick(s.reasons))
		} else {
			g.work(s, c)
		}
	}
	if len(core) == 0 {
		return
	}
	old := slices.DeleteFunc(slices.Clone(core), func(c *Case) bool { return g.age(c) < 200 })
	bought := g.scaled(coreBought)
	g.r.Shuffle(len(core), func(i, j int) { core[i], core[j] = core[j], core[i] })
	sent := 0
	for i, c := range old[:min(bought, len(old))] {
		g.sendBack(s, c, "outside-icp")
		cents := int64(coreRevenue / coreBought / 100 * 100)
		if i == 0 {
			cents = coreRevenue - (coreBought-1)*cents
		}
		g.win(c, c.Lead.MQLAt.AddDate(0, 0, 60+g.r.IntN(90)), cents)
		sent++
	}
	for _, c := range core {
		switch {
		case len(c.Outcomes) > 0 || g.age(c) <= 4:
		case sent < g.scaled(coreSentBack):
			g.sendBack(s, c, "outside-icp")
			sent++
		default:
			g.work(s, c)
		}
	}
}

// age is how many days ago a lead qualified.
func (g *generator) age(c *Case) int { return int(g.today.Sub(c.Lead.MQLAt).Hours() / 24) }

// sendBack rejects a lead.
func (g *generator) sendBack(s *source, c *Case, reason string) {
	at := g.verdict(s, c)
	g.touch(s, c, at.Add(-20*time.Minute))
	g.add(c, truce.Rejected, at, truce.Reason(reason))
	if g.r.Float64() < 0.5 {
		g.rate(c, truce.Rating(1+g.r.IntN(2)), at.Add(2*time.Hour))
	}
}

// work follows a lead from acceptance to its end, as far as it has come by today.
func (g *generator) work(s *source, c *Case) {
	g.add(c, truce.Accepted, g.verdict(s, c), "")
	at := g.touch(s, c, time.Time{})
	chance, ok := s.wins[c.Lead.Segment]
	if !ok {
		chance = s.wins[""]
	}
	// The latent quality: what the buyer is really like. The score sees some of it, the rep in conversation a little more.
	quality := g.r.NormFloat64()
	if s.name != syndication {
		c.Lead.Score = math.Round(clamp(c.Lead.Score+scoreSees*quality, 0, 100))
	}
	won := g.r.Float64() < clamp(chance*math.Exp(qualityWins*quality)/math.Exp(qualityWins*qualityWins/2)/0.9, 0, 0.9)
	// Few of the leads that nobody buys from get far.
	far := 0.45
	if chance == 0 {
		far = 0.2
	}
	sql := won || g.r.Float64() < far
	opportunity := won || sql && g.r.Float64() < far+0.05
	rating := truce.Fair
	switch seen := repSees*quality + (1-repSees)*g.r.NormFloat64(); {
	case seen > 0.55:
		rating = truce.Good
	case seen < -0.55:
		rating = truce.Poor
	}
	if g.r.Float64() < 0.62 {
		g.rate(c, rating, at.Add(time.Duration(24+g.r.IntN(90))*time.Hour))
	}
	step := c.Lead.MQLAt.AddDate(0, 0, 6+g.r.IntN(14))
	if sql {
		g.add(c, truce.SQL, step, "")
	}
	if !opportunity {
		if g.r.Float64() < 0.93 {
			g.add(c, truce.Recycled, step.AddDate(0, 0, 4+g.r.IntN(40)),
				truce.Reason(g.pick([]share{{"not-ready", 3}, {"no-budget", 2}, {"no-need", 2}})))
		}
		return
	}
	step = step.AddDate(0, 0, 5+g.r.IntN(15))
	g.add(c, truce.Opportunity, step, "")
	close := c.Lead.MQLAt.AddDate(0, 0, int(math.Round(118*math.Exp(0.45*g.r.NormFloat64()))))
	if close.Before(step) {
		close = step.AddDate(0, 0, 7)
	}
	if won {
		g.win(c, close, 8_500_000+int64(g.r.IntN(24))*100_000)
	} else {
		g.add(c, truce.Lost, close, truce.Reason(g.pick([]share{{"no-budget", 3}, {"no-need", 1}, {"turnaround-time", 3}, {"competitor", 2}})))
	}
	// Some reps rate when they know how it ended: hindsight, which must not count as foresight.
	if len(c.Ratings) == 0 && g.r.Float64() < 0.7 && len(c.Coming.Ratings) == 0 {
		late := truce.Poor
		if won {
			late = truce.Good
		}
		g.rate(c, late, close.AddDate(0, 0, 1))
	}
}

// touch is the first touch of a lead, a call or a personal mail, in business hours; not after latest where that is given. On
// Tuesdays half the team sits in the forecast call, and what comes in then waits for days.
func (g *generator) touch(s *source, c *Case, latest time.Time) time.Time {
	hours := s.touch * math.Exp(0.7*g.r.NormFloat64())
	if c.Lead.MQLAt.Weekday() == time.Tuesday && g.r.Float64() < 0.5 {
		hours += 26 + 14*g.r.Float64()
	}
	at := g.later(c.Lead.MQLAt, hours)
	if !latest.IsZero() && at.After(latest) {
		at = latest
	}
	if !at.Before(g.today) {
		c.Coming.Touches = append(c.Coming.Touches, truce.Touch{At: at, Kind: "call"})
		return at
	}
	kind := "call"
	if g.r.IntN(3) == 0 {
		kind = "mail"
	}
	c.Touches = append(c.Touches, truce.Touch{At: at, Kind: kind})
	return at
}

// verdict is when a rep accepts a lead or sends it back: mostly on the day.
func (g *generator) verdict(s *source, c *Case) time.Time {
	return g.later(c.Lead.MQLAt, min(s.touch, 3)*math.Exp(0.6*g.r.NormFloat64())+0.5)
}

// later is so many business hours after t.
func (g *generator) later(t time.Time, hours float64) time.Time {
	at, _ := g.hours.Add(t, time.Duration(hours*float64(time.Hour))) // every week has business hours
	return at
}

func (g *generator) win(c *Case, at time.Time, cents int64) {
	if days := g.today.Sub(at).Hours() / 24; days > 177 && days < 182 {
		at = at.AddDate(0, 0, -5) // whether it is old enough to have bought again shall not change while the demo runs
	}
	o := g.add(c, truce.Won, at, "")
	o.Amount, o.HasAmount = truce.Money{Amount: cents, Currency: "USD"}, true
}

// add notes an outcome, among what is coming where it lies in the future.
func (g *generator) add(c *Case, s truce.Status, at time.Time, r truce.Reason) *truce.Outcome {
	list := &c.Outcomes
	if !at.Before(g.today) {
		list = &c.Coming.Outcomes
	}
	*list = append(*list, truce.Outcome{Status: s, At: at, Reason: r, Origin: truce.FromImport})
	return &(*list)[len(*list)-1]
}

func (g *generator) rate(c *Case, v truce.Rating, at time.Time) {
	list := &c.Ratings
	if !at.Before(g.today) {
		list = &c.Coming.Ratings
	}
	*list = append(*list, truce.RatingOf{Value: v, At: at})
}

// undecidedFor is how many days old a lead is at most that nobody has looked at yet and somebody will.
const undecidedFor = 4

// undecided says what will become of the leads that came in last and of which nothing is known today. It draws from its own
// randomness, so that nothing else changes with it.
func (g *generator) undecided(seed uint64) {
	morning := g.later(g.today, 0.5)
	own := *g
	own.r, own.today = rand.New(rand.NewPCG(seed, 43)), time.Time{} // for it, all lies in the future
	for i := range g.cases {
		c := &g.cases[i]
		if g.age(c) > undecidedFor || len(c.Outcomes)+len(c.Touches)+len(c.Coming.Outcomes) > 0 {
			continue
		}
		s := &sources[slices.IndexFunc(sources, func(s source) bool { return s.name == c.Lead.Source })]
		if own.r.Float64() < s.sentBack {
			own.sendBack(s, c, own.pick(s.reasons))
		} else {
			score := c.Lead.Score // it stays as it was handed over
			own.work(s, c)
			c.Lead.Score = score
		}
		c.Coming.from(morning)
	}
}

// from moves what lies before a moment to it.
func (f *Fate) from(t time.Time) {
	for i := range f.Touches {
		f.Touches[i].At = notBefore(f.Touches[i].At, t)
	}
	for i := range f.Outcomes {
		f.Outcomes[i].At = notBefore(f.Outcomes[i].At, t.Add(20*time.Minute))
	}
	for i := range f.Ratings {
		f.Ratings[i].At = notBefore(f.Ratings[i].At, t.Add(time.Hour))
	}
}

func (g *generator) score(mean, spread float64) float64 {
	return math.Round(clamp(mean+spread*g.r.NormFloat64(), 1, 99))
}

// workday moves a moment into business hours of its day, or of the Friday before.
func (g *generator) workday(t time.Time) time.Time {
	for t.Weekday() == time.Saturday || t.Weekday() == time.Sunday {
		t = t.AddDate(0, 0, -1)
	}
	y, m, d := t.Date()
	return time.Date(y, m, d, 8+g.r.IntN(9), g.r.IntN(60), 0, 0, t.Location())
}

func (g *generator) pick(list []share) string {
	total := 0.0
	for _, s := range list {
		total += s.weight
	}
	x := g.r.Float64() * total
	for _, s := range list {
		if x -= s.weight; x < 0 {
			return s.name
		}
	}
	return list[len(list)-1].name
}

// name gives the i-th lead its id, person, company and owner.
func (g *generator) name(i int) {
	c := &g.cases[i]
	first, last := firstNames[g.r.IntN(len(firstNames))], lastNames[g.r.IntN(len(lastNames))]
	company := companyNames[g.r.IntN(len(companyNames))] + " " + companyKinds[c.Lead.Segment][g.r.IntN(len(companyKinds[c.Lead.Segment]))]
	l := &c.Lead
	l.ID = fmt.Sprintf("Q%06d", g.first+i)
	l.Name, l.Company = first+" "+last, company
	l.Email = strings.ToLower(first + "." + last + "@" + strings.ReplaceAll(company, " ", "-") + ".example")
	l.Owner = Reps[i%len(Reps)] + Domain
	names(*l, c.Outcomes, c.Ratings, c.Touches)
	names(*l, c.Coming.Outcomes, c.Coming.Ratings, c.Coming.Touches)
}

// names says of what becomes of a lead which lead it is.
func names(l truce.Lead, outcomes []truce.Outcome, ratings []truce.RatingOf, touches []truce.Touch) {
	for j := range outcomes {
		outcomes[j].LeadID, outcomes[j].Owner = l.ID, l.Owner
		if outcomes[j].Status.Stage() == truce.StageOpportunity {
			outcomes[j].DealID = "D" + l.ID
		}
	}
	for j := range ratings {
		ratings[j].LeadID, ratings[j].Rater = l.ID, l.Owner
	}
	for j := range touches {
		touches[j].LeadID, touches[j].By = l.ID, l.Owner
	}
}

func clamp(x, low, high float64) float64 { return max(low, min(high, x)) }

var (
	firstNames = []string{"Ada", "Bram", "Chiara", "Dana", "Emre", "Freya", "Gil", "Hana", "Ines", "Jonas", "Kofi", "Lena", "Marek", "Nora",
		"Omar", "Priya", "Quinn", "Rosa", "Stefan", "Tara", "Uma", "Vera", "Wim", "Yara", "Zane"}
	lastNames = []string{"Abara", "Bergman", "Castillo", "Dubois", "Eriksen", "Fontaine", "Grünwald", "Haddad", "Ivanov", "Jansen", "Kimura",
		"Larsen", "Moreau", "Novak", "Osei", "Petrova", "Quist", "Romano", "Schmid", "Tanaka", "Ueda", "Vargas", "Weber", "Yilmaz", "Zhou"}
	companyNames = []string{"Northfield", "Ashgrove", "Brightwater", "Cedar Point", "Dunmore", "Eastlake", "Fairhaven", "Glenrock", "Harrow",
		"Ironbridge", "Juniper", "Kestrel", "Lakeshore", "Maplewood", "Newbury", "Oakridge", "Pinecrest", "Quarry Hill", "Riverbend", "Silverton",
		"Thornbury", "Upland", "Valemont", "Westbrook", "Yarrow"}
	companyKinds = map[string][]string{
		coreFacility: {"Core Facility", "University Core", "Shared Resources"},
		biotech:      {"Bio", "Therapeutics", "Biosciences"},
		pharma:       {"Pharma", "Medicines"},
		academic:     {"University", "Institute"},
		cro:          {"Labs", "Research Services"},
	}
)
