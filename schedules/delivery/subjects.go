package delivery

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/storage"
)

// Subjects are the renderers of everything that is rendered when it is delivered, so that it shows how things stand then:
// what is said once and edited from then on, and what is addressed to one person.
func Subjects(t truce.Terms) map[storage.SubjectKind]Subject {
	list := map[storage.SubjectKind]Subject{}
	for kind, of := range map[storage.SubjectKind]func(subjects, *storage.Tx, string) (chat.Card, error){
		storage.AboutDispute: subjects.dispute, storage.AboutStep: subjects.step, storage.AboutTold: subjects.told,
		storage.AboutReminder: subjects.reminder,
		storage.AboutProposal: subjects.proposal, storage.AboutCharter: subjects.charter, storage.AboutHome: subjects.home,
		storage.AboutRequest: subjects.request, storage.AboutQuotes: subjects.quotes, storage.AboutMeeting: subjects.meeting,
		storage.AboutMinutes: subjects.minutes,
	} {
		list[kind] = func(tx *storage.Tx, id string) (chat.Card, error) {
			now, err := tx.Terms(t)
			if err != nil {
				return chat.Card{}, err
			}
			return of(subjects{now}, tx, id)
		}
	}
	return list
}

type subjects struct{ terms truce.Terms } // those that hold

// errOutdated drops a message that was overtaken before it could leave.
func errOutdated(id string) error { return truce.Errorf(truce.NotFound, "%s has moved on", id) }

// dispute is a case's one message.
func (s subjects) dispute(tx *storage.Tx, id string) (chat.Card, error) {
	f, err := tx.CaseFile(s.terms, id)
	if err != nil {
		return chat.Card{}, err
	}
	readers, err := tx.People()
	if err != nil {
		return chat.Card{}, err
	}
	return cards.DisputePosted(f, readers, s.terms), nil
}

// taken finds the step of a case that made it a version.
func (s subjects) taken(tx *storage.Tx, id string, version int) (d truce.Dispute, action string, step truce.StepTaken, err error) {
	if d, err = tx.Dispute(id); err != nil {
		return d, "", step, err
	}
	log, err := tx.AuditOf(d.ID)
	if err != nil {
		return d, "", step, err
	}
	for _, e := range log {
		var taken truce.StepTaken
		if err := json.Unmarshal(e.Detail, &taken); err != nil {
			return d, "", step, fmt.Errorf("read the log of %s: %w", d.ID, err)
		}
		if taken.Version == version {
			return d, e.Action, taken, nil
		}
	}
	return d, "", step, truce.Errorf(truce.NotFound, "%s has no step %d", d.ID, version)
}

// step is one step of a case, told in its thread as it was when it was taken.
func (s subjects) step(tx *storage.Tx, id string) (chat.Card, error) {
	id, version, err := storage.ReadStep(id)
	if err != nil {
		return chat.Card{}, err
	}
	d, action, taken, err := s.taken(tx, id, version)
	if err != nil {
		return chat.Card{}, err
	}
	d.State, d.Outcome = taken.State, taken.Outcome
	return cards.DisputeStep(d, action, taken.Text, taken.Side), nil
}

// told is what a step means for one person. Once the case has moved on, another message says so.
func (s subjects) told(tx *storage.Tx, id string) (chat.Card, error) {
	if text, person, answer, ok := storage.ReadSigning(id); ok {
		return s.aboutSigning(tx, text, person, answer)
	}
	dispute, version, person, err := storage.ReadTold(id)
	if err != nil {
		return chat.Card{}, err
	}
	d, action, taken, err := s.taken(tx, dispute, version)
	if err != nil {
		return chat.Card{}, err
	}
	stands, err := tx.Posted(storage.AboutTold.Of(id), storage.ToPerson(person))
	if err != nil {
		return chat.Card{}, err
	}
	if taken.State != d.State && stands == nil {
		return chat.Card{}, errOutdated(d.ID)
	}
	by, err := tx.Person(person)
	if err != nil {
		return chat.Card{}, err
	}
	f, err := tx.CaseFile(s.terms, d.ID)
	if err != nil {
		return chat.Card{}, err
	}
	if taken.State != d.State {
		return cards.Dispute(f, &by, s.terms), nil
	}
	return cards.DisputeTold(f, by, s.terms, action), nil
}

// reminder is of all that a person still owes of what it was written for.
func (s subjects) reminder(tx *storage.Tx, id string) (chat.Card, error) {
	subject, person := storage.AboutReminder.Of(id), storage.ReadReminder(id)
	by, err := tx.Person(person)
	if err != nil {
		return chat.Card{}, err
	}
	list, err := tx.PromisesOnceRemindedBy(string(subject))
	if err != nil {
		return chat.Card{}, err
	}
	second, err := tx.LooksRemindedBy(s.terms, string(subject), by.ID)
	if err != nil {
		return chat.Card{}, err
	}
	waits, err := tx.PendingAmong(s.terms, list, second, by.ID)
	if err != nil {
		return chat.Card{}, err
	}
	stands, err := tx.Posted(subject, storage.ToPerson(person))
	if err != nil {
		return chat.Card{}, err
	}
	if len(waits) == 0 && stands == nil {
		return chat.Card{}, errOutdated("what the reminder is about")
	}
	var over []truce.Pending
	if stands != nil {
		if over, err = tx.Over(list, second, waits); err != nil {
			return chat.Card{}, err
		}
	}
	items, err := tx.Items(s.terms, waits, truce.ShownAtOnce)
	if err != nil {
		return chat.Card{}, err
	}
	return cards.Reminder(cards.ReminderView{Items: items, Count: len(waits), Over: over}, by, s.terms), nil
}

// proposal is a proposal's one message: "T-1", with the moment behind it where it is brought to mind once more.
func (s subjects) proposal(tx *storage.Tx, id string) (chat.Card, error) {
	id, waits := storage.ReadProposal(id)
	f, err := tx.ProposalFile(id)
	if err != nil {
		return chat.Card{}, err
	}
	v := cards.ProposalView{ProposalFile: f, Loc: s.terms.Calendar.Loc}
	if waits {
		if len(f.Waiting()) == 0 {
			return chat.Card{}, errOutdated(id)
		}
		return cards.ProposalWaits(v), nil
	}
	readers, err := tx.People()
	if err != nil {
		return chat.Card{}, err
	}
	return cards.ProposalPosted(v, readers), nil
}

// charter asks to sign a text, perhaps once more, or tells of a version's changed terms.
func (s subjects) charter(tx *storage.Tx, id string) (chat.Card, error) {
	n, terms, again, err := storage.ReadCharter(id)
	if err != nil {
		return chat.Card{}, err
	}
	versions, err := tx.CharterVersions(tx.Now)
	if err != nil {
		return chat.Card{}, err
	}
	if len(versions) == 0 || terms && versions[0].Version != n || !terms && versions[0].Text != n {
		return chat.Card{}, errOutdated("the charter")
	}
	v := versions[0]
	var changes []truce.Difference
	if v.Version > 1 {
		changes = v.Differences()
	}
	if terms {
		return cards.CharterTerms(v.Version, changes), nil
	}
	from, err := tx.Person(v.By)
	if err != nil {
		return chat.Card{}, err
	}
	return cards.CharterSign(v.Version, v.Text, from.Name, v.Charter, changes, again), nil
}

// aboutSigning is what passes between the sponsor and one who could not sign: the reason to the sponsor, the answer back.
func (s subjects) aboutSigning(tx *storage.Tx, text int, person string, answer bool) (chat.Card, error) {
	sig, err := tx.Signature(person, text)
	if err != nil {
		return chat.Card{}, err
	}
	if sig.CouldNot.IsZero() || answer && sig.Answer == "" {
		return chat.Card{}, errOutdated("the signature")
	}
	if answer {
		return cards.CharterAnswered("The sponsor", sig), nil
	}
	by, err := tx.Person(person)
	if err != nil {
		return chat.Card{}, err
	}
	return cards.CouldNotSign(by.Name, sig), nil
}

// home is a person's home page.
func (s subjects) home(tx *storage.Tx, id string) (chat.Card, error) {
	by, err := tx.Person(id)
	if err != nil {
		return chat.Card{}, err
	}
	desk, err := tx.Desk(s.terms, by)
	if err != nil {
		return chat.Card{}, err
	}
	return cards.Home(cards.HomeView{Name: by.Name, Digest: desk.Digest, Loc: s.terms.Calendar.Loc, Waiting: cards.Desk(desk, by, s.terms)}),
		nil
}

// request is a request's one message.
func (s subjects) request(tx *storage.Tx, id string) (chat.Card, error) {
	q, err := tx.Request(id)
	if err != nil {
		return chat.Card{}, err
	}
	v := cards.RequestView{Request: q, Now: tx.Now, Loc: s.terms.Calendar.Loc, By: "Marketing"}
	if v.Theme, err = tx.Theme(q.ThemeID); err != nil {
		return chat.Card{}, err
	}
	if q.AnswerID != "" {
		if v.Answer, err = tx.Answer(q.AnswerID); err != nil {
			return chat.Card{}, err
		}
	}
	said, err := tx.ObjectionsBy("theme", q.ThemeID, q.AskedAt.AddDate(0, 0, -truce.RequestDays), q.AskedAt.Add(time.Millisecond))
	if err != nil {
		return chat.Card{}, err
	}
	for _, o := range said[:min(len(said), 3)] {
		v.Said = append(v.Said, o.Text)
	}
	worked, err := tx.Insteads(q.ThemeID)
	if err != nil {
		return chat.Card{}, err
	}
	if len(worked) > 0 {
		v.Worked = worked[0]
	}
	var sums []string
	for currency, amount := range q.Pipeline {
		sums = append(sums, truce.Money{Amount: amount, Currency: currency}.String())
	}
	slices.Sort(sums)
	v.Money = strings.Join(sums, " and ")
	return cards.Request(v), nil
}

// quotes are three of an interview, as they may be shown now.
func (s subjects) quotes(tx *storage.Tx, id string) (chat.Card, error) {
	i, err := tx.Interview(id)
	if err != nil {
		return chat.Card{}, err
	}
	data, err := tx.InventoryData()
	if err != nil {
		return chat.Card{}, err
	}
	return cards.QuotesForReps(i, i.Three(data.Statements)), nil
}

// WhoIsConcerned are the people who get what belongs in a channel that is not there: Marketing for disputes, digests and
// objections, the managers of both sides for the alignment summary; with nobody in Marketing, the admins.
func WhoIsConcerned(tx *storage.Tx, channel string, m storage.Message) ([]truce.Person, error) {
	roles := []truce.Role{truce.Marketer, truce.MarketingManager}
	if channel == "alignment" {
		roles = []truce.Role{truce.SalesManager, truce.MarketingManager}
	}
	people, err := tx.PeopleWith(roles...)
	if err == nil && len(people) == 0 {
		people, err = tx.PeopleWith(truce.Admin)
	}
	if err != nil || m.Kind != storage.DigestSent {
		return people, err
	}
	return withoutPaused(tx, people, m)
}

// withoutPaused leaves out those who have paused the digest that a message holds. Where all have, nobody gets it.
func withoutPaused(tx *storage.Tx, people []truce.Person, m storage.Message) ([]truce.Person, error) {
	kind, ok := storage.DigestOf(m.Key)
	if !ok {
		return people, nil
	}
	off, err := tx.PrefersDigest(kind, "off")
	if err != nil {
		return nil, err
	}
	there := len(people) > 0
	people = slices.DeleteFunc(people, func(p truce.Person) bool { return slices.Contains(off, p.ID) })
	if there && len(people) == 0 {
		return nil, truce.Errorf(truce.NotFound, "everybody has paused it")
	}
	return people, nil
}

// meeting is a meeting's one message: its agenda, as it is worked.
func (s subjects) meeting(tx *storage.Tx, id string) (chat.Card, error) {
	f, err := tx.MeetingFile(id)
	if err != nil {
		return chat.Card{}, err
	}
	readers, err := tx.People()
	if err != nil {
		return chat.Card{}, err
	}
	return cards.MeetingPosted(cards.MeetingView(f, true, tx.Now, s.terms.Calendar), readers), nil
}

// minutes are what a meeting has brought.
func (s subjects) minutes(tx *storage.Tx, id string) (chat.Card, error) {
	f, err := tx.MeetingFile(id)
	if err != nil {
		return chat.Card{}, err
	}
	return cards.Minutes(cards.MeetingView(f, true, tx.Now, s.terms.Calendar)), nil
}
