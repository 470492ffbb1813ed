package truce

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"
)

// OutcomeStatement is one outcome a customer wants, in the form in which outcomes of several can be told to be the same: "shorten the
// time until a result is reportable, when a batch fails" (Ulwick, What Customers Want, 2005), with the words they used.
type OutcomeStatement struct {
	ID           string // S-1
	InterviewID  string
	Direction    string // shorten, reduce, raise, keep, avoid
	Measure      string // the time
	Object       string // until a result is reportable
	Circumstance string // when a batch fails; may be empty
	Quote        string // the buyer's own words
	Rating       OutcomeRating
	CreatedAt    time.Time
	RemovedAt    time.Time // zero: it stands
}

// Directions are what an outcome may ask for.
var Directions = []string{"shorten", "reduce", "raise", "keep", "avoid"}

// String is the statement as a sentence without its end.
func (s OutcomeStatement) String() string {
	t := strings.TrimSpace(s.Direction + " " + s.Measure + " " + s.Object)
	if s.Circumstance != "" {
		t += ", " + s.Circumstance
	}
	return t
}

// Check refuses what is no outcome.
func (s OutcomeStatement) Check() error {
	switch {
	case !slices.Contains(Directions, s.Direction):
		return Errorf(Invalid, "Choose what the customer wants of it: %s.", strings.Join(Directions, ", "))
	case s.Measure == "":
		return Errorf(Invalid, "Say what is measured: the time, the number of repeats, the risk.")
	case s.Object == "":
		return Errorf(Invalid, "Say of what: until a result is reportable.")
	}
	return s.Rating.Check()
}

// OutcomeRating is how important an outcome is to a customer and how satisfied they are with it today, 0 to 10 each; both may be left
// out.
type OutcomeRating struct {
	Importance, Satisfaction       int
	HasImportance, HasSatisfaction bool
}

// Check refuses what is no rating.
func (r OutcomeRating) Check() error {
	if r.HasImportance && (r.Importance < 0 || r.Importance > 10) || r.HasSatisfaction && (r.Satisfaction < 0 || r.Satisfaction > 10) {
		return Errorf(Invalid, "Importance and satisfaction are whole numbers from 0 to 10, or empty.")
	}
	return nil
}

// Opportunity is importance + max(importance - satisfaction, 0), from 0 to 20 (Ulwick 2005); ok is false where one of the two was not
// said.
func (r OutcomeRating) Opportunity() (score float64, ok bool) {
	return float64(r.Importance + max(r.Importance-r.Satisfaction, 0)), r.HasImportance && r.HasSatisfaction
}

// InventoryData is all that an inventory is made of: everything that was ever said and decided, each with its moment.
type InventoryData struct {
	Interviews []Interview
	Statements []OutcomeStatement
	Outcomes   []InventoryOutcome
	Names      []OutcomeName
	Groupings  []Grouping
	Ratings    []AskedRating
}

// InventoryOutcome is an outcome of the inventory: what several customers' statements have in common.
type InventoryOutcome struct {
	ID         string // OI-1
	MergedInto string // "" while it stands for itself
	MergedAt   time.Time
	CreatedAt  time.Time
}

// OutcomeName is what an outcome of the inventory is called from a moment on.
type OutcomeName struct {
	OutcomeID, Name string
	At              time.Time
}

// Grouping is a person's decision that a statement is of an outcome, from a moment on.
type Grouping struct {
	StatementID, OutcomeID string
	At                     time.Time
}

// AskedRating is that an interviewed customer was asked to rate an outcome that others had named, whether they did or not.
type AskedRating struct {
	InterviewID, OutcomeID string
	Rating                 OutcomeRating
	At                     time.Time
}

// Inventory is what customers bought, in their words, as it was known at a moment.
type Inventory struct {
	AsOf       time.Time
	Progress   Progress
	Interviews int
	Outcomes   []InventoryLine // the most named by ideal customers first
	LostOnly   []InventoryLine // which no ideal customer named
	Ungrouped  []OutcomeStatement
	News       []InterviewNews // of the interviews with ideal customers that named anything, oldest first
}

// InventoryLine is one outcome of an inventory.
type InventoryLine struct {
	ID, Name    string
	Ideal, Lost int // customers who named it
	Quotes      []InventoryQuote
	Asked       int // ideal customers' interviews that were asked to rate it
	Rated       int // of those, that did
	Opportunity *OpportunityRank
}

// InventoryQuote is what somebody said of an outcome.
type InventoryQuote struct {
	Interview Interview
	Statement OutcomeStatement
}

// OpportunityRank is how much an outcome is worth working at, beside the others that enough were asked about.
type OpportunityRank struct {
	Median    float64 // of the interviews' opportunities, 0 to 20
	Low, High float64 // of the median, 95 %
	From, To  int     // the ranks it may have, 1 being the largest opportunity, of Of
	Of        int
}

// InterviewNews is how many outcomes an interview named, and how many nobody had named before.
type InterviewNews struct {
	InterviewID string
	Named, New  int
	Waits       bool // a statement of it is of no outcome yet: nobody knows whether it is new
}

// AskedLeast is how many must have been asked to rate an outcome before its opportunity is said.
const AskedLeast = 10

// HeardLast is how many interviews in a row that name nothing new say that one has heard it.
const HeardLast = 3

// Heard reports whether the last three interviews named nothing new.
func (v Inventory) Heard() bool {
	if len(v.News) <= HeardLast {
		return false
	}
	for _, n := range v.News[len(v.News)-HeardLast:] {
		if n.New > 0 || n.Waits {
			return false
		}
	}
	return true
}

// Line finds an outcome by its id.
func (v Inventory) Line(id string) (InventoryLine, bool) {
	for _, l := range slices.Concat(v.Outcomes, v.LostOnly) {
		if l.ID == id {
			return l, true
		}
	}
	return InventoryLine{}, false
}

// Resolve is what an outcome was merged into by asOf, or itself.
func (d InventoryData) Resolve(id string, asOf time.Time) string {
	for range len(d.Outcomes) + 1 { // merges end: see Merge
		i := slices.IndexFunc(d.Outcomes, func(o InventoryOutcome) bool { return o.ID == id })
		if i < 0 || d.Outcomes[i].MergedInto == "" || d.Outcomes[i].MergedAt.After(asOf) {
			break
		}
		id = d.Outcomes[i].MergedInto
	}
	return id
}

// Of are the interviews with an account that were finished by asOf, and the outcomes they named; account is as the newest one names it.
func (d InventoryData) Of(name string, asOf time.Time) (account string, list []Interview, statements []OutcomeStatement) {
	account, key := name, FoldAccount(name)
	of := map[string]bool{}
	for _, i := range d.Interviews {
		if i.AccountKey == key && i.State == InterviewDone && !i.FinishedAt.IsZero() && !i.FinishedAt.After(asOf) {
			account, of[i.ID] = i.Account, true
			list = append(list, i)
		}
	}
	for _, s := range d.Statements {
		if of[s.InterviewID] && !s.CreatedAt.After(asOf) && (s.RemovedAt.IsZero() || s.RemovedAt.After(asOf)) {
			s.RemovedAt = time.Time{}
			statements = append(statements, s)
		}
	}
	return account, list, statements
}

// taking is an inventory being made.
type taking struct {
	Inventory
	data   InventoryData
	done   map[string]Interview // by id
	order  []Interview          // as they were finished
	group  map[string]string    // the outcome of a statement; the last decision counts
	names  map[string]string    // of outcomes
	lines  map[string]*gathered
	scored []*gathered
}

// gathered is what was said of one outcome.
type gathered struct {
	InventoryLine
	ideal, lost map[string]bool          // accounts
	ratings     map[string]OutcomeRating // by interview
	values      []float64                // opportunities
}

// Take makes the inventory as it was known at asOf: of interviews finished by then. It changes nothing.
func (d InventoryData) Take(asOf time.Time) Inventory {
	t := taking{Inventory: Inventory{AsOf: asOf}, data: d, done: map[string]Interview{}, group: map[string]string{},
		names: map[string]string{}, lines: map[string]*gathered{}}
	t.interviews()
	for _, g := range sorted(d.Groupings, func(g Grouping) time.Time { return g.At }, asOf) {
		t.group[g.StatementID] = d.Resolve(g.OutcomeID, asOf)
	}
	for _, n := range sorted(d.Names, func(n OutcomeName) time.Time { return n.At }, asOf) {
		t.names[n.OutcomeID] = n.Name
	}
	t.statements()
	t.ratings()
	t.rank()
	for _, l := range t.lines {
		if l.Ideal > 0 {
			t.Outcomes = append(t.Outcomes, l.InventoryLine)
		} else {
			t.LostOnly = append(t.LostOnly, l.InventoryLine)
		}
	}
	most := func(a, b InventoryLine) int {
		return cmp.Or(cmp.Compare(b.Ideal, a.Ideal), cmp.Compare(b.Lost, a.Lost), cmp.Compare(a.Name, b.Name), byNumber(a.ID, b.ID))
	}
	slices.SortFunc(t.Outcomes, most)
	slices.SortFunc(t.LostOnly, most)
	return t.Inventory
}

// interviews are those that were finished, in that order, and how many customers they are.
func (t *taking) interviews() {
	ideal, lost := map[string]bool{}, map[string]bool{}
	for _, i := range t.data.Interviews {
		if i.State != InterviewDone || i.FinishedAt.IsZero() || i.FinishedAt.After(t.AsOf) {
			continue
		}
		t.done[i.ID] = i
		t.order = append(t.order, i)
		if i.Standing == LostCustomer {
			lost[i.AccountKey] = true
		} else {
			ideal[i.AccountKey] = true
		}
	}
	slices.SortStableFunc(t.order, func(a, b Interview) int { return cmp.Or(a.FinishedAt.Compare(b.FinishedAt), byNumber(a.ID, b.ID)) })
	t.Interviews, t.Progress = len(t.order), Progress{len(ideal), len(lost)}
}

func (t *taking) line(id string) *gathered {
	if t.lines[id] == nil {
		t.lines[id] = &gathered{InventoryLine{ID: id, Name: t.names[id]}, map[string]bool{}, map[string]bool{}, map[string]OutcomeRating{}, nil}
	}
	return t.lines[id]
}

// statements gathers what each interview named, and how much of it nobody had named before.
func (t *taking) statements() {
	of := map[string][]OutcomeStatement{} // by interview
	for _, s := range t.data.Statements {
		if !s.CreatedAt.After(t.AsOf) && (s.RemovedAt.IsZero() || s.RemovedAt.After(t.AsOf)) {
			of[s.InterviewID] = append(of[s.InterviewID], s)
		}
	}
	known := map[string]bool{}
	for _, i := range t.order {
		news := InterviewNews{InterviewID: i.ID}
		named := map[string]bool{}
		for _, s := range of[i.ID] {
			id := t.group[s.ID]
			if id == "" {
				t.Ungrouped = append(t.Ungrouped, s)
				news.Named, news.Waits = news.Named+1, true
				continue
			}
			l := t.line(id)
			l.Quotes = append(l.Quotes, InventoryQuote{i, s})
			if i.Standing == LostCustomer {
				l.lost[i.AccountKey] = true
				continue
			}
			l.ideal[i.AccountKey] = true
			if s.Rating.HasImportance || s.Rating.HasSatisfaction {
				l.ratings[i.ID] = s.Rating
			}
			if !named[id] {
				named[id] = true
				news.Named++
				if !known[id] {
					news.New++
				}
				known[id] = true
			}
		}
		if i.Standing != LostCustomer && news.Named > 0 {
			t.News = append(t.News, news)
		}
	}
}

// ratings adds what ideal customers were asked about outcomes; a rating left empty takes none back.
func (t *taking) ratings() {
	for _, r := range sorted(t.data.Ratings, func(r AskedRating) time.Time { return r.At }, t.AsOf) {
		i, ok := t.done[r.InterviewID]
		l := t.lines[t.data.Resolve(r.OutcomeID, t.AsOf)]
		if !ok || l == nil || i.Standing == LostCustomer {
			continue
		}
		if _, rated := l.ratings[i.ID]; !rated || r.Rating.HasImportance || r.Rating.HasSatisfaction {
			l.ratings[i.ID] = r.Rating
		}
	}
}

// rank counts each outcome, and says which ranks the opportunities of those may have of which enough were asked.
func (t *taking) rank() {
	for _, l := range t.lines {
		l.Ideal, l.Lost, l.Asked = len(l.ideal), len(l.lost), len(l.ratings)
		for _, r := range l.ratings {
			if score, ok := r.Opportunity(); ok {
				l.values = append(l.values, score)
			}
		}
		l.Rated = len(l.values)
		if l.Asked >= AskedLeast && l.Rated > 0 && l.Ideal > 0 {
			l.Opportunity = opportunity(l.values)
			t.scored = append(t.scored, l)
		}
	}
	for _, l := range t.scored {
		l.Opportunity.From, l.Opportunity.To, l.Opportunity.Of = 1, len(t.scored), len(t.scored)
		for _, o := range t.scored {
			switch {
			case o.Opportunity.Low > l.Opportunity.High:
				l.Opportunity.From++
			case o.Opportunity.High < l.Opportunity.Low:
				l.Opportunity.To--
			}
		}
	}
}

// opportunity is the median of the interviews' opportunities with its interval from order statistics: distribution-free, of at least
// 95 % (Conover, Practical Nonparametric Statistics, 3rd edition, section 3.2). Too few values for one (five or less) leave all that
// is possible.
func opportunity(values []float64) *OpportunityRank {
	slices.Sort(values)
	n := len(values)
	o := &OpportunityRank{Median: (values[(n-1)/2] + values[n/2]) / 2, Low: 0, High: 20}
	k, below := 0, 0.0 // the largest k with P(Binomial(n, 1/2) < k) <= 2.5 %
	for p := math.Pow(0.5, float64(n)); ; k++ {
		if below += p; below > 0.025 {
			break
		}
		p *= float64(n-k) / float64(k+1)
	}
	if k > 0 {
		o.Low, o.High = values[k-1], values[n-k]
	}
	return o
}

// sorted are those of list that are not after asOf, in the order of their moments.
func sorted[T any](list []T, at func(T) time.Time, asOf time.Time) []T {
	list = slices.DeleteFunc(slices.Clone(list), func(v T) bool { return at(v).After(asOf) })
	slices.SortStableFunc(list, func(a, b T) int { return at(a).Compare(at(b)) })
	return list
}

// byNumber orders ids of one counter: S-2 before S-10.
func byNumber(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b)) }
