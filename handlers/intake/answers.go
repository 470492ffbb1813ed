package intake

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"truce"
	"truce/handlers/intake/sheet"
	"truce/storage"
)

// answers reads what to say to objections, so that a team starts with some.
type answers struct{ values }

func (k answers) read(b *sheet.Binding, row sheet.Row) (record, *sheet.Bad) {
	c := cells{values: k.values, b: b, row: row}
	r := &answer{own: k.own, theme: c.text("theme"), owner: c.text("owner"), approver: c.text("approved_by"), credit: c.ours("truce_credit")}
	a := &r.answer
	a.ID, a.Replaces, a.Version = c.ours("id"), c.ours("truce_replaces"), 1
	a.Internal, a.Proof, a.Claim, a.State = c.text("internal"), c.text("proof"), truce.PlainClaim, truce.AnswerDraft
	if doc := c.text("document"); doc != "" {
		a.Proof = strings.TrimSpace(a.Proof + " " + doc)
	}
	var err error
	if a.Body, err = truce.CheckText(c.text("text"), "answer"); err != nil {
		c.fail("text", err)
	}
	if claim := c.text("claim"); claim != "" {
		var words []string
		for _, cl := range truce.Claims {
			words = append(words, string(cl))
		}
		word, err := sheet.ParseChoice(claim, words...)
		if err != nil {
			c.fail("claim", err)
		}
		a.Claim = truce.Claim(word)
	}
	if status := c.text("status"); status != "" {
		states := []string{truce.AnswerDraft, truce.AnswerWaiting, truce.AnswerApproved}
		if k.own {
			states = append(states, truce.AnswerReplaced, truce.AnswerRecalled)
		}
		if a.State, err = sheet.ParseChoice(status, states...); err != nil {
			c.fail("status", err)
		}
	}
	a.ApprovedAt, a.ReviewAt = c.date("approved_at"), c.date("review_at")
	if v := c.ours("truce_version"); v != "" {
		if a.Version, err = strconv.Atoi(v); err != nil || a.Version < 1 {
			c.fail("truce_version", fmt.Errorf("%q is not a version", v))
		}
	}
	if a.State == truce.AnswerApproved && a.Claim.NeedsApprover() && (r.approver == "" || strings.EqualFold(r.approver, r.owner)) {
		c.miss("approved_by", "a %s claim is approved by somebody other than its owner; name them in approved_by, or give it the status waiting",
			a.Claim)
	}
	if c.bad != nil {
		return nil, c.bad
	}
	return r, nil
}

type answer struct {
	answer                         truce.Answer
	theme, owner, approver, credit string
	own                            bool
}

func (r *answer) save(tx *storage.Tx) (storage.Change, error) {
	a := r.answer
	var err error
	for _, who := range []struct {
		field, text string
		id          *string
	}{{"owner", r.owner, &a.OwnerID}, {"approved_by", r.approver, &a.ApprovedBy}, {"truce_credit", r.credit, &a.CreditID}} {
		if *who.id, err = personID(tx, who.field, who.text, r.own); err != nil {
			return "", err
		}
	}
	theme, err := findTheme(tx, r.theme)
	if err != nil {
		return "", err
	}
	a.ThemeID = theme.ID
	if a.State == truce.AnswerApproved {
		if a.ApprovedAt.IsZero() {
			a.ApprovedAt = tx.Now
		}
		if a.ReviewAt.IsZero() {
			a.ReviewAt = a.ApprovedAt.AddDate(0, 0, a.Claim.ReviewDays())
		}
	}
	old, err := r.old(tx, a)
	switch {
	case err != nil:
		return "", err
	case old == nil:
		if err := tx.AddTheme(theme); err != nil {
			return "", err
		}
		if a, err = tx.AddAnswer(a); err != nil {
			return "", err
		}
		return storage.Added, tx.Audit("", "import", "answer."+a.State, a.ID, nil)
	}
	after := *old
	after.ThemeID, after.Body, after.Internal, after.Proof, after.Claim, after.State, after.OwnerID = a.ThemeID, a.Body, a.Internal, a.Proof,
		a.Claim, a.State, a.OwnerID
	after.ApprovedBy, after.CreditID = a.ApprovedBy, a.CreditID
	if !r.answer.ApprovedAt.IsZero() || old.State != a.State { // a moment that was not told is that of the first time
		after.ApprovedAt = whole(a.ApprovedAt)
	}
	if !r.answer.ReviewAt.IsZero() || old.State != a.State {
		after.ReviewAt = whole(a.ReviewAt)
	}
	if after == *old {
		return storage.Unchanged, nil
	}
	if err := tx.SaveAnswer(after); err != nil {
		return "", err
	}
	return storage.Changed, tx.Audit("", "import", "answer."+after.State, after.ID, nil)
}

func whole(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

// old is the answer that the row speaks of: by our id, else the one of the theme with the same words.
func (r *answer) old(tx *storage.Tx, a truce.Answer) (*truce.Answer, error) {
	if a.ID != "" {
		old, err := tx.Answer(a.ID)
		if truce.KindOf(err) == truce.NotFound {
			return nil, nil
		}
		return &old, err
	}
	list, err := tx.Answers(a.ThemeID, truce.AnswerDraft, truce.AnswerWaiting, truce.AnswerApproved)
	if err != nil {
		return nil, err
	}
	for _, old := range list {
		if old.Body == a.Body {
			return &old, nil
		}
	}
	return nil, nil
}

// personID finds a person by e-mail, in our own exports by id; "" for an empty text.
func personID(tx *storage.Tx, field, text string, own bool) (string, error) {
	if text == "" {
		return "", nil
	}
	find := tx.PersonByEmail
	if own && strings.HasPrefix(text, "P-") {
		find = tx.Person
	}
	p, err := find(text)
	if truce.KindOf(err) == truce.NotFound {
		return "", &fault{field: field, reason: ReasonUnknown, err: fmt.Errorf("%q is nobody we know; give an e-mail address, and import "+
			"people first", text)}
	}
	return p.ID, err
}

// findTheme finds a theme by its name or id, whatever the case; a new name makes one, not stored yet.
func findTheme(tx *storage.Tx, name string) (truce.Theme, error) {
	themes, err := tx.Themes()
	if err != nil {
		return truce.Theme{}, err
	}
	id := themeID(name)
	for _, t := range themes {
		if strings.EqualFold(t.Name, name) || strings.EqualFold(t.ID, name) || t.ID == id {
			return t, nil
		}
	}
	if id == "" {
		return truce.Theme{}, &fault{field: "theme", reason: sheet.ReasonChoice,
			err: fmt.Errorf("%q has no letter that a theme could be named by", name)}
	}
	return truce.Theme{ID: id, Name: name, State: "active"}, nil
}

// themeID is a theme's name in lower case, its words joined by hyphens.
func themeID(name string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(name), func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) }),
		"-")
}
