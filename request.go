package truce

import (
	"cmp"
	"slices"
	"time"
)

// When objections without an answer become a request to Marketing: so many accounts and people within so many days, at most so
// many requests in seven days, each due after so many business hours.
const (
	RequestAccounts = 3
	RequestPeople   = 2
	RequestDays     = 30
	RequestsAWeek   = 3
	RequestHours    = 24 * time.Hour // of business time: three working days
)

// The states of a request.
const (
	RequestOpen     = "open"
	RequestAnswered = "answered"
	RequestDropped  = "dropped" // Marketing decided not to answer it
)

// Request asks Marketing for an answer to a theme.
type Request struct {
	ID       string
	ThemeID  string
	State    string
	AskedAt  time.Time
	DueAt    time.Time
	ClosedAt time.Time
	AnswerID string
	Accounts int // of the 30 days before it was asked
	People   int
	Times    int
	Pipeline map[string]int64 // open amounts at those accounts, minor units by currency
}

// ChooseRequests picks what to ask Marketing, given how many requests the last seven days had: candidates past the threshold,
// the largest open pipeline first. Amounts are compared within one currency only, the one in which most candidates have a
// pipeline; ties and the others go by accounts, then by people, then by theme.
func ChooseRequests(candidates []Request, asked int) []Request {
	currencies := map[string]int{}
	var list []Request
	for _, c := range candidates {
		if c.Accounts < RequestAccounts || c.People < RequestPeople {
			continue
		}
		list = append(list, c)
		for cur := range c.Pipeline {
			currencies[cur]++
		}
	}
	main := ""
	for cur, n := range currencies {
		if main == "" || n > currencies[main] || n == currencies[main] && cur < main {
			main = cur
		}
	}
	slices.SortFunc(list, func(a, b Request) int {
		return cmp.Or(cmp.Compare(b.Pipeline[main], a.Pipeline[main]), cmp.Compare(b.Accounts, a.Accounts), cmp.Compare(b.People, a.People),
			cmp.Compare(a.ThemeID, b.ThemeID))
	})
	return list[:min(len(list), max(RequestsAWeek-asked, 0))]
}
