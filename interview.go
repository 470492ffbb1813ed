package truce

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Interview is a conversation with a customer about the outcome they bought, or did not buy: question by question, over days if need
// be. What the customer said leaves Marketing only with their consent.
type Interview struct {
	ID         string // I-1
	Account    string // as it was told
	AccountKey string // FoldAccount of it: interviews of one key are of one customer
	Segment    string // of the account, where it is known: whose reps get the quotes
	Standing   CustomerKind
	Who        string // the one interviewed; "" where it was not told, or is erased
	WhoEmail   string
	WhoRole    string // their role at the account
	Consent    bool   // they may be quoted, with name and role
	By         string // who asks
	State      InterviewState
	Place      int               // of the question that is asked now, from 0; len(Questions) once all were asked
	Questions  []string          // as they were when it began
	Answers    []InterviewAnswer // by Place, without gaps of order; the last may be RestPlace
	StartedAt  time.Time
	ChangedAt  time.Time
	FinishedAt time.Time // zero until it counts
}

// InterviewAnswer is what was said to a question.
type InterviewAnswer struct {
	Place int // of the question; RestPlace is what belongs to none
	Text  string
	At    time.Time
}

// RestPlace is where pasted notes stand that belong to no question.
const RestPlace = 999

// CustomerKind is what an interviewed account is to us.
type CustomerKind string

// The kinds of customers. They are counted apart.
const (
	IdealCustomer CustomerKind = "ideal"
	LostCustomer  CustomerKind = "lost"
)

// Title is the kind as it is said of an account.
func (s CustomerKind) Title() string {
	if s == LostCustomer {
		return "lost customer"
	}
	return "ideal customer"
}

// InterviewState is where an interview stands.
type InterviewState string

// The states. Of one person's interviews at most one is being asked: their messages are its answers.
const (
	Asking          InterviewState = "asking"
	InterviewPaused InterviewState = "paused"
	InterviewDraft  InterviewState = "draft" // pasted notes, split by question, that wait to be confirmed
	InterviewDone   InterviewState = "done"
	Discarded       InterviewState = "discarded"
)

// InterviewRests is how long an interview waits for the next answer before messages of the one who asks are no answers any more: it is
// then as if paused.
const InterviewRests = 4 * time.Hour

// How many customers an inventory rests on: of ideal ones from IdealLeast to IdealMost, and LostAim lost ones.
const (
	IdealLeast = 15
	IdealMost  = 20
	LostAim    = 5
)

// InterviewQuestions are asked where the company has no questions of its own.
var InterviewQuestions = []string{
	"What was happening when you began to look for something new?",
	"What had you tried before, and why was it not enough?",
	"What almost stopped you?",
	"What were you personally afraid would go wrong?",
	"Who else had to be convinced, and of what?",
	"What made you decide just then?",
	"What can you do now that you could not do before, and how would you measure it?",
	"What is still slower, harder or riskier than it should be?",
	"What would you tell somebody in your place before they decide?",
}

// Open reports whether the interview can still be gone on with.
func (i Interview) Open() bool {
	return i.State == Asking || i.State == InterviewPaused || i.State == InterviewDraft
}

// Listens reports whether a message of the one who asks is an answer at t.
func (i Interview) Listens(t time.Time) bool {
	return i.State == Asking && i.Place < len(i.Questions) && t.Sub(i.ChangedAt) < InterviewRests
}

// Question is the question at a place; "" where there is none.
func (i Interview) Question(place int) string {
	if place < 0 || place >= len(i.Questions) {
		return ""
	}
	return i.Questions[place]
}

// Said is what was said to the question at a place; "" where nothing was.
func (i Interview) Said(place int) string {
	for _, a := range i.Answers {
		if a.Place == place {
			return a.Text
		}
	}
	return ""
}

// Answer keeps what was said to the question at a place, in place of what was said before; "" takes it away.
func (i *Interview) Answer(place int, text string, now time.Time) {
	text = strings.TrimSpace(text)
	i.Answers = slices.DeleteFunc(i.Answers, func(a InterviewAnswer) bool { return a.Place == place })
	if text != "" {
		i.Answers = append(i.Answers, InterviewAnswer{place, text, now})
		slices.SortFunc(i.Answers, func(a, b InterviewAnswer) int { return a.Place - b.Place })
	}
	i.ChangedAt = now
}

// At refuses what is meant for another question than the one that is asked now: a click that came too late.
func (i Interview) At(place int) error {
	switch {
	case i.State == InterviewDone:
		return Errorf(Conflict, "%s is finished. Nothing changed.", i.ID)
	case i.State == Discarded:
		return Errorf(Conflict, "%s was discarded. Nothing changed.", i.ID)
	case place != i.Place && i.Place >= len(i.Questions):
		return Errorf(Conflict, "All questions of %s were asked. Nothing changed.", i.ID)
	case place != i.Place:
		return Errorf(Conflict, "%s is at question %d by now. Nothing changed.", i.ID, i.Place+1)
	}
	return nil
}

// Quotes reports whether what was said may be shown to a person: with consent to all, else to Marketing and to the one who asked.
func (i Interview) Quotes(p Person) bool { return i.Consent || p.SpeaksForMarketing() || p.ID == i.By }

// Head says whose interview it is: "Glenrock, Dr. Amsel, ideal customer, quotes allowed".
func (i Interview) Head() string {
	parts := []string{i.Account}
	if i.Who != "" {
		parts = append(parts, i.Who)
	}
	if i.WhoRole != "" {
		parts = append(parts, i.WhoRole)
	}
	parts = append(parts, i.Standing.Title())
	if i.Consent {
		parts = append(parts, "quotes allowed")
	} else {
		parts = append(parts, "quotes stay in Marketing")
	}
	return strings.Join(parts, ", ")
}

// Speaker is who is quoted: nobody's name without consent.
func (i Interview) Speaker() string {
	if !i.Consent {
		return ""
	}
	var parts []string
	for _, s := range []string{i.Who, i.WhoRole, i.Account} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, ", ")
}

// Three picks the quotes of an interview that are worth passing on: the words that stand behind its outcomes first, then its longest
// answers, at most three.
func (i Interview) Three(statements []OutcomeStatement) []string {
	var list []string
	add := func(s string) {
		if s = strings.TrimSpace(s); s != "" && len(list) < 3 &&
			!slices.ContainsFunc(list, func(o string) bool { return strings.EqualFold(o, s) }) {
			list = append(list, s)
		}
	}
	for _, s := range statements {
		if s.InterviewID == i.ID && s.RemovedAt.IsZero() {
			add(s.Quote)
		}
	}
	answers := slices.DeleteFunc(slices.Clone(i.Answers), func(a InterviewAnswer) bool {
		return a.Place == RestPlace || utf8.RuneCountInString(a.Text) > 400
	})
	slices.SortStableFunc(answers, func(a, b InterviewAnswer) int { return utf8.RuneCountInString(b.Text) - utf8.RuneCountInString(a.Text) })
	for _, a := range answers {
		add(a.Text)
	}
	return list
}

var numberedLine = regexp.MustCompile(`(?i)^(?:q(?:uestion)?\s*)?(\d{1,2})\s*[.):]\s*(.*)$`)

// likeQuestion is which share of a question's words a line of notes must hold to stand for it.
const likeQuestion = 0.6

// SplitNotes finds which part of somebody's notes answers which question: lines that begin with a question's number, or hold most of
// its words, begin its answer, as far as the questions come in their order. What stands before the first is the rest. Nothing is
// lost: every line is in one of the answers or in the rest, but for the lines that only repeat a question.
func SplitNotes(questions []string, notes string) (answers []string, rest string) {
	parts := make([][]string, len(questions))
	var loose []string
	now := -1
	put := func(s string) {
		if now < 0 {
			loose = append(loose, s)
		} else {
			parts[now] = append(parts[now], s)
		}
	}
	for line := range strings.Lines(notes) {
		line = strings.TrimRight(line, "\r\n")
		bare := strings.TrimSpace(strings.TrimLeft(strings.TrimSpace(line), "-*•#> "))
		if m := numberedLine.FindStringSubmatch(bare); m != nil {
			if n, _ := strconv.Atoi(m[1]); n > now+1 && n <= len(questions) {
				now = n - 1
				if _, said := heads(questions[now:now+1], m[2]); said != "" {
					put(said)
				}
				continue
			}
		}
		if i, said := heads(questions[now+1:], bare); i >= 0 {
			if now += 1 + i; said != "" {
				put(said)
			}
			continue
		}
		put(line)
	}
	answers = make([]string, len(questions))
	for i, p := range parts {
		answers[i] = strings.TrimSpace(strings.Join(p, "\n"))
	}
	return answers, strings.TrimSpace(strings.Join(loose, "\n"))
}

// heads finds the question that a line begins with, and what stands behind it; -1 and the line where there is none.
func heads(questions []string, line string) (which int, said string) {
	head, tail := line, ""
	if i := strings.IndexAny(line, "?:"); i >= 0 {
		head, tail = line[:i], strings.TrimSpace(line[i+1:])
	}
	best, share := -1, 0.0
	there := distinctWords(head)
	for i, q := range questions {
		asked, n := distinctWords(q), 0
		for w := range asked {
			if there[w] {
				n++
			}
		}
		if s := float64(n) / float64(max(1, len(asked))); s >= likeQuestion && s > share {
			best, share = i, s
		}
	}
	if best < 0 {
		return -1, line
	}
	return best, tail
}

// distinctWords are the words of a text that tell it from another: three letters or more, in lower case.
func distinctWords(s string) map[string]bool {
	words := map[string]bool{}
	for _, w := range strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) }) {
		if utf8.RuneCountInString(w) > 2 {
			words[w] = true
		}
	}
	return words
}

// Progress is how far an inventory has come, in customers.
type Progress struct {
	Ideal, Lost int // customers interviewed
}

// String says it in one line: "6 of 15 to 20 ideal customers, 2 of 5 lost ones".
func (p Progress) String() string {
	return fmt.Sprintf("%d of %d to %d ideal customers, %d of %d lost ones", p.Ideal, IdealLeast, IdealMost, p.Lost, LostAim)
}
