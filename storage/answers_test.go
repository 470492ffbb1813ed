package storage

import (
	"testing"

	"truce"
)

// What an answer was worth is counted: how often it was shown, how often somebody said something, and how often that was yes.
func TestAnswerIsCounted(t *testing.T) {
	s := open(t)
	err := s.Update(t.Context(), func(tx *Tx) error {
		var ids []string
		for range 2 {
			a, err := tx.AddAnswer(truce.Answer{ThemeID: "price", Body: "Per reportable result it is less.", State: truce.AnswerApproved})
			if err != nil {
				return err
			}
			ids = append(ids, a.ID)
		}
		for i, voted := range []string{"", "yes", "no", "yes"} {
			objection := string(rune('a' + i))
			if err := tx.Shown(ids[0], objection, "P-1"); err != nil {
				return err
			}
			if voted == "" {
				continue
			}
			if err := tx.Vote(ids[0], objection, "P-1", voted == "yes", ""); err != nil {
				return err
			}
		}
		list, err := tx.Answers("price", truce.AnswerApproved)
		if err != nil || len(list) != 2 {
			t.Fatalf("got %d answers, %v", len(list), err)
		}
		for _, a := range list {
			got, want := [3]int{a.Helped, a.Voted, a.Shown}, [3]int{2, 3, 4}
			if a.ID != ids[0] {
				want = [3]int{}
			}
			if got != want {
				t.Errorf("%s: helped, voted, shown are %v, want %v", a.ID, got, want)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestForgedPressesCountOnce: what a press names that the person was never shown is one and the same use, however often it comes.
func TestForgedPressesCountOnce(t *testing.T) {
	s := open(t)
	err := s.Update(t.Context(), func(tx *Tx) error {
		a, err := tx.AddAnswer(truce.Answer{ThemeID: "price", Body: "Per reportable result it is less.", State: truce.AnswerApproved})
		if err != nil {
			return err
		}
		if err := tx.Shown(a.ID, "O-1", "P-1"); err != nil {
			return err
		}
		for _, objection := range []string{"O-1", "O-1", "O-7", "O-8", "O-9", "", "nonsense"} {
			if err := tx.Vote(a.ID, objection, "P-1", true, ""); err != nil {
				return err
			}
		}
		if a, err = tx.Answer(a.ID); err != nil {
			return err
		}
		if a.Helped != 2 || a.Voted != 2 {
			t.Errorf("helped %d of %d; want 2 of 2: the use that was shown, and all forged ones once", a.Helped, a.Voted)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
