package storage

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"truce"
)

// This file alone knows how the subject of a message is written, in Go and in SQL: its kind, a colon, and what it is about, as
// "dispute:D-12", "told:D-12/5/P-3", "reminder:P-3/1772442000000". Databases hold them so.

// Subject is what a message is about that is rendered when it is delivered, and remembered by where it stands.
type Subject string

// SubjectKind is what renders it.
type SubjectKind string

// The kinds of subjects.
const (
	AboutDispute  SubjectKind = "dispute"  // the one message of a case
	AboutStep     SubjectKind = "step"     // a step of it, told in its thread
	AboutTold     SubjectKind = "told"     // what it means for one person; also why somebody could not sign, and the answer
	AboutReminder SubjectKind = "reminder" // of what a person owes
	AboutProposal SubjectKind = "proposal"
	AboutCharter  SubjectKind = "charter"
	AboutHome     SubjectKind = "home"
	AboutRequest  SubjectKind = "request"
	AboutQuotes   SubjectKind = "quotes"
	AboutMeeting  SubjectKind = "meeting"
	AboutMinutes  SubjectKind = "minutes"
	aboutSaid     SubjectKind = "said"   // a finished message, by its key
	aboutErased   SubjectKind = "erased" // another subject, to be shown as erased where it cannot be said any more
)

// Of is the subject of the kind that is about id.
func (k SubjectKind) Of(id string) Subject { return Subject(k) + ":" + Subject(id) }

// Parts are the kind and what it is about.
func (s Subject) Parts() (kind SubjectKind, id string) {
	name, id, _ := strings.Cut(string(s), ":")
	return SubjectKind(name), id
}

// Is reports whether it is of a kind.
func (s Subject) Is(kind SubjectKind) bool { k, _ := s.Parts(); return k == kind }

// Unerased is the subject without the mark of ErasedSubject, and whether it had one.
func (s Subject) Unerased() (of Subject, marked bool) {
	if kind, id := s.Parts(); kind == aboutErased {
		return Subject(id), true
	}
	return s, false
}

// DisputeSubject is the one message of a case.
func DisputeSubject(id string) Subject { return AboutDispute.Of(id) }

// StepSubject is the last step of a case, told in its thread.
func StepSubject(d truce.Dispute) Subject { return AboutStep.Of(fmt.Sprintf("%s/%d", d.ID, d.Version)) }

// ToldSubject is a message about a case to one person, after its last step.
func ToldSubject(d truce.Dispute, person string) Subject {
	return AboutTold.Of(fmt.Sprintf("%s/%d/%s", d.ID, d.Version, person))
}

// ReadStep reads what StepSubject is about.
func ReadStep(id string) (dispute string, version int, err error) {
	dispute, number, _ := strings.Cut(id, "/")
	if version, err = strconv.Atoi(number); err != nil {
		return "", 0, truce.Errorf(truce.NotFound, "no step %q", number)
	}
	return dispute, version, nil
}

// ReadTold reads what ToldSubject is about.
func ReadTold(id string) (dispute string, version int, person string, err error) {
	i := strings.LastIndex(id, "/")
	if i < 0 {
		return "", 0, "", truce.Errorf(truce.NotFound, "nobody to tell in %q", id)
	}
	dispute, version, err = ReadStep(id[:i])
	return dispute, version, id[i+1:], err
}

// ReminderSubject is what a person owes, as it was at a moment.
func ReminderSubject(person string, at time.Time) Subject {
	return AboutReminder.Of(fmt.Sprintf("%s/%d", person, at.UnixMilli()))
}

// ReadReminder reads whom a ReminderSubject reminds.
func ReadReminder(id string) (person string) {
	person, _, _ = strings.Cut(id, "/")
	return person
}

// The parts of the charter's subjects.
const (
	charterTerms    = "/terms"
	charterAgain    = "/again"
	charterCouldNot = "charter-could-not/"
	charterAnswer   = "charter-answer/"
)

// SignSubject asks to sign a text; again where it was asked before.
func SignSubject(text int, again bool) Subject {
	id := strconv.Itoa(text)
	if again {
		id += charterAgain
	}
	return AboutCharter.Of(id)
}

// TermsSubject tells of changed terms.
func TermsSubject(version int) Subject { return AboutCharter.Of(strconv.Itoa(version) + charterTerms) }

// ReadCharter reads what SignSubject (a text, asked for again) and TermsSubject (a version, of its terms) are about.
func ReadCharter(id string) (n int, terms, again bool, err error) {
	number, terms := strings.CutSuffix(id, charterTerms)
	number, again = strings.CutSuffix(number, charterAgain)
	if n, err = strconv.Atoi(number); err != nil {
		err = truce.Errorf(truce.NotFound, "no charter %q", id)
	}
	return n, terms, again, err
}

// CouldNotSubject tells the sponsor why somebody could not sign: it is rendered when it is delivered, so that the words stand in one
// place only.
func CouldNotSubject(text int, person string) Subject {
	return AboutTold.Of(fmt.Sprintf("%s%d/%s", charterCouldNot, text, person))
}

// AnsweredSubject tells somebody what the sponsor answered.
func AnsweredSubject(text int, person string) Subject {
	return AboutTold.Of(fmt.Sprintf("%s%d/%s", charterAnswer, text, person))
}

// ReadSigning reads what CouldNotSubject and AnsweredSubject are about; ok is false where a told message is about something else.
func ReadSigning(id string) (text int, person string, answer, ok bool) {
	rest, ok := strings.CutPrefix(id, charterCouldNot)
	if !ok {
		rest, answer = strings.CutPrefix(id, charterAnswer)
	}
	number, person, _ := strings.Cut(rest, "/")
	text, err := strconv.Atoi(number)
	return text, person, answer, (ok || answer) && err == nil
}

// HomeSubject is a person's home page.
func HomeSubject(person string) Subject { return AboutHome.Of(person) }

// ProposalSubject is the one message of a proposal.
func ProposalSubject(id string) Subject { return AboutProposal.Of(id) }

// ProposalWaits draws the eye to a proposal that stands there already; ReadProposal reads what both are about.
func ProposalWaits(id string, at time.Time) Subject {
	return AboutProposal.Of(fmt.Sprintf("%s/%d", id, at.UnixMilli()))
}

// ReadProposal reads a proposal's id, and whether it waits for somebody.
func ReadProposal(id string) (proposal string, waits bool) {
	proposal, _, waits = strings.Cut(id, "/")
	return proposal, waits
}

// RequestSubject is the one message of a request for an answer.
func RequestSubject(id string) Subject { return AboutRequest.Of(id) }

// QuotesSubject are the quotes of an interview, as they may be shown at the moment.
func QuotesSubject(interview string) Subject { return AboutQuotes.Of(interview) }

// MeetingSubject is a meeting's one message: its agenda, as it is worked.
func MeetingSubject(id string) Subject { return AboutMeeting.Of(id) }

// MinutesSubject is the message that holds a meeting's minutes.
func MinutesSubject(id string) Subject { return AboutMinutes.Of(id) }

// SaidSubject is under what a finished message is remembered after it was sent: it can be edited into ErasedMessage.
func SaidSubject(m Message) Subject { return aboutSaid.Of(m.Key) }

// ErasedSubject has a message that stands somewhere shown as it is now, or, where it cannot be said any more, as erased.
func ErasedSubject(s Subject) Subject { return aboutErased.Of(string(s)) }

// toldFrom is where what people were told of a case begins and ends, in the order of subjects.
func toldFrom(dispute string) (from, to string) {
	return string(AboutTold.Of(dispute + "/")), string(AboutTold.Of(dispute + "0"))
}

// The same in SQL, of a column subject.
const (
	kindOf = `substr(subject, 1, instr(subject, ':') - 1)`

	// ofPerson1 are the home page of the first parameter and what they were told, remindsPerson1 their reminders.
	ofPerson1      = `(subject = '` + string(AboutHome) + `:' || ?1 OR subject LIKE '` + string(AboutTold) + `:%/' || ?1)`
	remindsPerson1 = `subject LIKE '` + string(AboutReminder) + `:' || ?1 || '/%'`

	// The messages about the case, the request, the proposal, the answer ?1, and about the lead ?1, by its reference.
	caseMessages = `subject = '` + string(AboutDispute) + `:' || ?1 OR subject LIKE '` + string(AboutStep) +
		`:' || ?1 || '/%' OR subject LIKE '` + string(AboutTold) + `:' || ?1 || '/%'
	OR EXISTS (SELECT 1 FROM clocks c WHERE c.subject = ?1 AND (posted.subject = c.reminder OR posted.subject LIKE '` + string(aboutSaid) +
		`:missed:' || c.id || '>%'))`
	requestMessages  = `subject = '` + string(AboutRequest) + `:' || ?1`
	proposalMessages = `subject = '` + string(AboutProposal) + `:' || ?1 OR subject LIKE '` + string(AboutProposal) + `:' || ?1 || '/%'`
	answerMessages   = `subject = '` + string(aboutSaid) + `:credit:' || ?1 OR subject LIKE '` + string(aboutSaid) + `:answer:' || ?1 || '>%'
	OR subject LIKE '` + string(aboutSaid) + `:recall:' || ?1 || '>%' OR subject LIKE '` + string(aboutSaid) + `:review:' || ?1 || ':%'`
	leadMessages = `subject LIKE '` + string(aboutSaid) + `:given:' || ?1 || ':%' OR EXISTS (SELECT 1 FROM clocks c WHERE c.subject = ?1
	AND (subject LIKE '` + string(aboutSaid) + `:missed:' || c.id || '>%' OR subject = '` + string(aboutSaid) +
		`:rating:' || c.id OR posted.subject = c.reminder))`
)

// movesReminder gives the reminders of ?1 to ?2, in a column that holds subjects or the keys that are the same.
func movesReminder(table, column, or string) string {
	return fmt.Sprintf(`UPDATE %[3]s %[1]s SET %[2]s = '%[4]s:' || ?2 || substr(%[2]s, length('%[4]s:' || ?1) + 1)
		WHERE %[2]s LIKE '%[4]s:' || ?1 || '/%%'`, table, column, or, AboutReminder)
}

// movesSubject gives the subjects that end in a person, home:P-1 and told:.../P-1, to ?2.
func movesSubject(table, or string) string {
	return fmt.Sprintf(`UPDATE %[2]s %[1]s SET subject = substr(subject, 1, length(subject) - length(?1)) || ?2 WHERE %[3]s`, table, or,
		ofPerson1)
}
