package handlers_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"truce"
	"truce/bot/chat"
	"truce/storage"
)

// TestWhatIsSuggestedWhileTyping says what each source offers, and to whom.
func TestWhatIsSuggestedWhileTyping(t *testing.T) {
	h, store := open(t, filepath.Join(t.TempDir(), "truce.db"))
	ctx := context.Background()
	for i, text := range []string{"your turnaround is too slow for our study", "the price is twice what we pay now",
		"results take far too long to come back"} {
		if _, err := h.Handle(ctx, chat.Event{ID: fmt.Sprint("test:", i), Kind: chat.Command, Name: "objection", Text: text,
			User: ann}); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.Update(ctx, func(tx *storage.Tx) error {
		for _, a := range []truce.Answer{
			{ThemeID: "price", Body: "A failed run costs more than the kit.", Internal: "floor price is 80", State: truce.AnswerApproved},
			{ThemeID: "turnaround-time", Body: "Ten business days, or the rush fee is ours.", State: truce.AnswerApproved},
			{ThemeID: "price", Body: "We are cheaper.", State: truce.AnswerDraft},
		} {
			if _, err := tx.Theme(a.ThemeID); err != nil {
				return err
			}
			if _, err := tx.AddAnswer(a); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	ask := func(user chat.User, source, text string) string {
		t.Helper()
		r, err := h.Handle(ctx, chat.Event{Kind: chat.Suggest, Name: source, Text: text, User: user})
		if err != nil {
			t.Fatal(err)
		}
		s := ""
		for _, o := range r.Options {
			s += o.Value + " " + o.Label + " (" + o.Hint + ")\n"
		}
		return s
	}
	for _, tt := range []struct {
		source, text string
		want, not    []string
	}{
		{"objections", "", []string{"O-1 ", "O-2 ", "O-3 ", "2 Mar 2026"}, []string{"Ann"}},
		{"objections", "they are slow", []string{"O-1 ", "turnaround"}, nil},
		{"answers", "", []string{"A-1 ", "A-2 "}, []string{"A-3 ", "floor"}},
		{"answers", "ten business days", []string{"A-2 ", "Ten business days"}, []string{"A-1 "}},
		{"answers", "they say the price is too high", []string{"A-1 "}, []string{"cheaper"}},
		{"answers", "zebra", nil, []string{"A-"}},
		{"themes", "tur", []string{"turnaround-time "}, []string{"price "}},
		{"themes", "", []string{"turnaround-time ", "price "}, nil},
		{"nothing of ours", "x", nil, []string{" "}},
	} {
		got := ask(ann, tt.source, tt.text)
		for _, w := range tt.want {
			if !strings.Contains(got, w) {
				t.Errorf("%s %q lacks %q: %s", tt.source, tt.text, w, got)
			}
		}
		for _, n := range tt.not {
			if strings.Contains(got, n) {
				t.Errorf("%s %q holds %q: %s", tt.source, tt.text, n, got)
			}
		}
	}
	for who, u := range map[string]chat.User{
		"a guest":                         {ID: "test:t:gus", Standing: chat.Guest},
		"somebody of elsewhere":           {ID: "test:t:otto", Standing: chat.Outside},
		"somebody the platform knows not": {ID: "test:t:una"},
		"a guest who was a member":        {ID: ann.ID, Standing: chat.Guest},
	} {
		if got := ask(u, "objections", "slow") + ask(u, "answers", "") + ask(u, "leads", "x"); got != "" {
			t.Errorf("%s is suggested %s", who, got)
		}
	}
	if got := ask(chat.User{ID: "test:t:new", Standing: chat.Member}, "answers", "rush"); got == "" {
		t.Error("a member who has never written to us is suggested nothing")
	}

	// What is taken into a message counts as shown: its reader hears when it is recalled.
	take := func(id string, user chat.User, answer string) chat.Reply {
		t.Helper()
		r, err := h.Handle(ctx, chat.Event{ID: id, Kind: chat.Pick, Name: "answers", Arg: answer, User: user})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	for range 2 { // the platform may tell of it twice
		r := take("test:pick", ann, "A-1")
		if said := chat.PlainText(*r.Card, 100); !strings.Contains(said, "A failed run costs more than the kit.") ||
			strings.Contains(said, "floor price") {
			t.Errorf("into a message that others read goes\n%s", said)
		}
	}
	if r := take("test:pick2", ann, "A-3"); r.Card != nil || len(r.Faults) != 1 || !strings.Contains(r.Faults[0].Text, "not approved") {
		t.Errorf("a draft is taken as %+v", r)
	}
	if r := take("test:pick3", chat.User{ID: "test:t:gus", Standing: chat.Guest}, "A-1"); r.Card != nil || len(r.Faults) != 1 {
		t.Errorf("a guest takes %+v", r)
	}
	if err := store.View(ctx, func(tx *storage.Tx) error {
		p, err := tx.PersonByUser(ann.ID)
		if err != nil {
			return err
		}
		to, err := tx.ShownTo("A-1", tx.Now.Add(-time.Hour))
		if a, _ := tx.Answer("A-1"); !slices.Equal(to, []string{p.ID}) || a.Shown != 1 {
			t.Errorf("A-1 was shown to %v, %d times; want Ann once", to, a.Shown)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// TestALeadIsFoundByWhatIsTyped: what does not fit is not offered, not even where it is one's own.
func TestALeadIsFoundByWhatIsTyped(t *testing.T) {
	h, store := open(t, filepath.Join(t.TempDir(), "truce.db"))
	ctx := context.Background()
	if _, err := h.Handle(ctx, chat.Event{ID: "test:1", Kind: chat.Command, Name: "lead", Text: "mine", User: ann}); err != nil {
		t.Fatal(err)
	}
	if err := store.Update(ctx, func(tx *storage.Tx) error {
		me, err := tx.PersonByUser(ann.ID)
		if err != nil {
			return err
		}
		for i, l := range []truce.Lead{
			{Company: "Kestrel Labs", Name: "Emre North", OwnerID: me.ID},
			{Company: "Northfield Labs", Name: "Vera Haddad", Email: "vera@northfield.example", OwnerID: me.ID},
			{Company: "Glenrock Bio", Name: "Zane Yilmaz", OwnerID: me.ID},
			{Company: "North Fork Inc.", Name: "Ida Falk"},
			{Company: "North Fork", Name: "Ole Berg"},
			{Company: "Far North Dx", Name: "Ina Moe"}, // nobody's, and begins otherwise: its words are not looked for
		} {
			l.ID, l.MQLAt = fmt.Sprint("Q", i+1), time.Date(2026, 2, 1+i, 9, 0, 0, 0, time.UTC)
			if _, err := tx.UpsertLead(l); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"":                        "L-3 L-2 L-1",
		"north":                   "L-2 L-1 L-5 L-4",
		"NORTHFIELD":              "L-2",
		"vera north":              "L-2",
		"north fork":              "L-5 L-4",
		"north fork, inc.":        "L-4",
		"yilmaz":                  "L-3",
		"l-3":                     "L-3",
		"Q6":                      "L-6",
		"vera@northfield.example": "L-2",
		"zebra":                   "",
	} {
		r, err := h.Handle(ctx, chat.Event{Kind: chat.Suggest, Name: "leads", Text: text, User: ann})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, o := range r.Options {
			got = append(got, o.Value)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q offers %v, want %s", text, got, want)
		}
	}
}
