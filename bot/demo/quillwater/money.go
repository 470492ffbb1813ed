package quillwater

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"time"

	"truce"
)

// This file is about money: what was paid for leads, what was sold without one, and who bought again.

// Customer is a company that bought without being a lead: a rep found it alone.
type Customer struct {
	Deal   truce.Deal
	Orders []truce.Order // the first pays the deal, the others are kits
}

// The product lines. Consumer testing is outside the profile: it is sold when a quarter ends, and seldom reordered.
const (
	research = "Research"
	consumer = "Consumer testing"
)

// plan is how many customers of a kind there are, of DefaultLeads.
type plan struct {
	product     string
	old         bool // won 180 days ago or earlier, so that it shows whether they buy again
	quarterEnds bool // won in the last two weeks of a quarter
	n           int
}

// customerPlan makes consumer testing 22 of the 122 deals won in the course of a quarter (18 %), and 11 of the 25 won in its
// last two weeks (44 %). Of all customers, those who came as leads too, 22 outside the profile are old enough, and 91 inside:
// as many of a plan's old ones are won later instead as leads have won already.
var customerPlan = []plan{
	{consumer, true, true, 7}, {consumer, true, false, 15}, {consumer, false, true, 4}, {consumer, false, false, 7},
	{research, true, true, 10}, {research, true, false, 81}, {research, false, true, 4}, {research, false, false, 19},
}

// again is how many of all old customers have bought again, outside and inside the profile; and of the core facilities that were
// sent back and bought, none of whom is old yet.
var (
	again         = map[truce.ICPFit]int{truce.OutsideICP: 3, truce.InsideICP: 52}
	oldCustomers  = map[truce.ICPFit]int{truce.OutsideICP: 22, truce.InsideICP: 91}
	coreReordered = 7
)

// fitOf is whether a product line's customers are inside the profile.
func fitOf(product string) truce.ICPFit {
	if product == consumer {
		return truce.OutsideICP
	}
	return truce.InsideICP
}

// The days since a customer of the plan was won; none is within a day of becoming old enough.
const (
	youngest, youngTo = 12, 175
	oldFrom, oldest   = 184, 540
)

// purchases orders what was sold to leads, and reorders kits for it.
func (g *generator) purchases() {
	known := map[string]bool{}
	core := 0
	g.old, g.again = map[truce.ICPFit]int{}, map[truce.ICPFit]int{}
	bought := map[truce.ICPFit]int{}
	for i := range g.cases {
		c := &g.cases[i]
		g.comingOrders(c)
		n := len(c.Outcomes) - 1
		if n < 0 || c.Outcomes[n].Status != truce.Won {
			continue
		}
		won := &c.Outcomes[n]
		g.settle(c, known)
		account := truce.FoldAccount(c.Lead.Company)
		order := func(at time.Time, amount int64) {
			c.Orders = append(c.Orders, truce.Order{ID: fmt.Sprintf("O%s-%d", c.Lead.ID, len(c.Orders)+1), Account: account,
				AccountName: c.Lead.Company, At: at,
				Amount: truce.Money{Amount: amount, Currency: "USD"}, Product: research})
		}
		order(won.At, won.Amount.Amount)
		fit := c.Lead.ICPFit
		bought[fit]++
		reorders := bought[fit]*again[fit]/oldCustomers[fit] > (bought[fit]-1)*again[fit]/oldCustomers[fit] // every so many-th
		if coreBack(c) {
			core++
			reorders = core <= g.scaled(coreReordered)
		}
		at := won.At.AddDate(0, 0, 28+g.r.IntN(16))
		if reorders = reorders && at.Before(g.today); reorders {
			order(at, g.kits())
		}
		if g.today.Sub(won.At) >= truce.RepeatAge {
			g.old[fit]++
			if reorders {
				g.again[fit]++
			}
		}
	}
}

// comingOrders orders what will be sold to a lead, and the kits that every second of them will want.
func (g *generator) comingOrders(c *Case) {
	for _, won := range c.Coming.Outcomes {
		if won.Status != truce.Won {
			continue
		}
		o := truce.Order{ID: "O" + c.Lead.ID + "-1", Account: truce.FoldAccount(c.Lead.Company), AccountName: c.Lead.Company, At: won.At,
			Amount: won.Amount, Product: research}
		c.Coming.Orders = append(c.Coming.Orders, o)
		if again := won.Amount.Amount / 100_000; again%2 == 0 {
			o.ID, o.At, o.Amount.Amount = "O"+c.Lead.ID+"-2", won.At.AddDate(0, 0, 28+int(again%16)), 420_000+again%12*70_000
			c.Coming.Orders = append(c.Coming.Orders, o)
		}
	}
}

// insideOf is which share of a source's leads is inside the ideal customer profile; core facilities that are sent back are not.
func insideOf(source string) float64 {
	if source == syndication {
		return 0.5
	}
	return 0.75
}

// coreBack reports whether a lead is a core facility that was sent back.
func coreBack(c *Case) bool {
	return c.Lead.Segment == coreFacility && len(c.Outcomes) > 0 && c.Outcomes[0].Status == truce.Rejected
}

// fits says of each lead whether it is inside the profile: of those won in the last two weeks of a quarter 44 % are not, of the
// others that were won 18 %. It draws from its own randomness, so that nothing else changes with it.
func (g *generator) fits() {
	r := rand.New(rand.NewPCG(uint64(g.n), uint64(g.first)))
	won := map[bool][]*Case{}
	for i := range g.cases {
		c := &g.cases[i]
		c.Lead.ICPFit = truce.OutsideICP
		if r.Float64() < insideOf(c.Lead.Source) && !coreBack(c) {
			c.Lead.ICPFit = truce.InsideICP
		}
		if n := len(c.Outcomes); n > 0 && c.Outcomes[n-1].Status == truce.Won {
			late := quarterEnds(c.Outcomes[n-1].At)
			won[late] = append(won[late], c)
		}
	}
	for _, late := range []bool{false, true} {
		share := map[bool]float64{false: 0.18, true: 0.44}[late]
		r.Shuffle(len(won[late]), func(i, j int) { won[late][i], won[late][j] = won[late][j], won[late][i] })
		outside := int(math.Round(share * float64(len(won[late]))))
		for _, c := range won[late] {
			if coreBack(c) {
				outside--
			}
		}
		for _, c := range won[late] {
			switch {
			case coreBack(c):
			case outside > 0:
				c.Lead.ICPFit = truce.OutsideICP
				outside--
			default:
				c.Lead.ICPFit = truce.InsideICP
			}
		}
	}
}

// settle gives the company of a lead that bought a place of its own, so that no other lead is taken for its.
func (g *generator) settle(c *Case, known map[string]bool) {
	name, domain := c.Lead.Company, ""
	for i := 0; known[truce.FoldAccount(c.Lead.Company)] || i == 0; i++ {
		c.Lead.Company = name + " " + g.towns[(g.r.IntN(len(g.towns))+i)%len(g.towns)]
		if i > 2*len(g.towns) { // a company of a million leads has more winners than there are places
			c.Lead.Company = fmt.Sprintf("%s %d", c.Lead.Company, i)
		}
	}
	known[truce.FoldAccount(c.Lead.Company)] = true
	if g.part {
		c.Lead.Company = fmt.Sprintf("%s %d", c.Lead.Company, g.first) // each part of a large company has customers of its own
	}
	c.Lead.Email, domain, _ = strings.Cut(c.Lead.Email, "@")
	c.Lead.Email += "@" + strings.TrimSuffix(domain, ".example") +
		strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(c.Lead.Company, name), " ", "-")) + ".example"
}

// kits is the price of a few kits, in US cents.
func (g *generator) kits() int64 { return 420_000 + int64(g.r.IntN(12))*70_000 }

// customers are the companies that reps found alone.
func (g *generator) customers() []Customer {
	var list []Customer
	left, old := map[truce.ICPFit]int{}, map[truce.ICPFit]int{}
	for fit, n := range again {
		left[fit] = g.scaled(n) - g.again[fit]
	}
	for _, p := range customerPlan {
		for range g.scaled(p.n) {
			i, p := len(list), p
			fit := fitOf(p.product)
			if n := max(1, g.scaled(oldCustomers[fit])); p.old {
				old[fit]++
				p.old = old[fit]*g.old[fit]/n == (old[fit]-1)*g.old[fit]/n
			}
			kinds, price := researchKinds, 8_500_000+int64(g.r.IntN(24))*100_000
			if p.product == consumer {
				kinds, price = consumerKinds, 6_800_000+int64(g.r.IntN(10))*100_000
			}
			name := customerNames[i%len(customerNames)] + " " + kinds[i/len(customerNames)%len(kinds)]
			won := g.day(p)
			d := truce.Deal{ID: fmt.Sprintf("DC%04d", i+1), Account: truce.FoldAccount(name), AccountName: name, Name: name + ", reader",
				Stage: "Closed won", Status: truce.Won,
				CreatedAt: won.AddDate(0, 0, -40-g.r.IntN(60)), ClosedAt: won, Amount: truce.Money{Amount: price, Currency: "USD"}, HasAmount: true,
				Owner: Reps[i%len(Reps)] + Domain, Product: p.product, ICPFit: fit}
			c := Customer{Deal: d}
			order := func(at time.Time, amount int64) {
				c.Orders = append(c.Orders, truce.Order{ID: fmt.Sprintf("O%s-%d", d.ID, len(c.Orders)+1), Account: d.Account, AccountName: name, At: at,
					Amount: truce.Money{Amount: amount, Currency: "USD"}, Product: p.product})
			}
			order(won, price)
			if p.old && left[fit] > 0 {
				left[fit]--
				order(won.AddDate(0, 0, 25+g.r.IntN(120)), g.kits())
			}
			list = append(list, c)
		}
	}
	return list
}

// day is when a customer was won.
func (g *generator) day(p plan) time.Time {
	from, to := youngest, youngTo
	if p.old {
		from, to = oldFrom, oldest
	}
	for {
		at := g.today.AddDate(0, 0, -from-g.r.IntN(to-from))
		if at.Weekday() != time.Saturday && at.Weekday() != time.Sunday && quarterEnds(at) == p.quarterEnds {
			return at.Add(time.Duration(9+g.r.IntN(8)) * time.Hour)
		}
	}
}

// quarterEnds reports whether a day is in the last two weeks of a quarter.
func quarterEnds(day time.Time) bool {
	y, m, _ := day.Date()
	next := time.Date(y, m-(m-1)%3+3, 1, 0, 0, 0, 0, day.Location())
	return !day.Before(next.AddDate(0, 0, -14))
}

// costs are the invoices of each first of a month in the year of the leads.
func (g *generator) costs() []truce.Cost {
	var days []truce.Date
	for at := g.today.AddDate(0, 0, 1-g.today.Day()); g.today.Sub(at).Hours() < span*24; at = at.AddDate(0, -1, 0) {
		days = append(days, truce.DateOf(at))
	}
	var list []truce.Cost
	for i, s := range sources {
		total := s.cost * 100 * int64(g.n) / DefaultLeads
		for j, day := range days {
			amount := total / int64(len(days))
			if j == 0 {
				amount = total - amount*int64(len(days)-1)
			}
			if amount > 0 {
				list = append(list, truce.Cost{ID: fmt.Sprintf("C%d-%d-%s", g.first, i, day), Source: s.name, First: day, Days: 1,
					Amount: truce.Money{Amount: amount, Currency: "USD"}})
			}
		}
	}
	return list
}

var (
	places = []string{"Aarhus", "Basel", "Cork", "Delft", "Espoo", "Freiburg", "Ghent", "Halifax", "Izmir", "Jena", "Kobe", "Lund", "Malaga",
		"Nantes", "Oulu", "Porto", "Quebec", "Reno", "Siena", "Turku", "Utrecht", "Verona", "Waterloo", "York", "Zagreb"}
	laterPlaces = []string{"Antwerp", "Bergen", "Coimbra", "Dresden", "Essen", "Florence", "Gdansk", "Haarlem", "Ipswich", "Kaunas", "Leeds",
		"Mainz", "Namur", "Odense", "Padua", "Rennes", "Sevilla", "Tampere", "Uppsala", "Vienna", "Windsor"}
	customerNames = []string{"Aldermoor", "Blackwell", "Coldstream", "Dovecote", "Elmhurst", "Foxglove", "Greyfriars", "Hollybank",
		"Inverness", "Jasper", "Kingsmead", "Larkspur", "Millbrook", "Nettlefield", "Orchard", "Penrose", "Ravensworth", "Stonebridge",
		"Tamarack", "Underhill", "Vantage", "Whitmore", "Yellowwood"}
	researchKinds = []string{"Biologics", "Diagnostics", "Clinical Research", "Vaccines", "Assay Labs", "Proteomics", "Antibodies"}
	consumerKinds = []string{"Consumer Labs", "Home Tests", "Wellness", "Food Testing", "Cosmetics", "Pet Health", "Nutrition"}
)
