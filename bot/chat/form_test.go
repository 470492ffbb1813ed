package chat_test

import (
	"slices"
	"testing"

	"truce/bot/chat"
)

func TestWhatIsChosenOfSeveral(t *testing.T) {
	if s := chat.Together("L-1", "Keller, Ann", "a b"); !slices.Equal(chat.Apart(s), []string{"L-1", "Keller, Ann", "a b"}) {
		t.Errorf("%q is read as %q", s, chat.Apart(s))
	}
	if got := chat.Apart("\n L-1 \n\nL-1\r\nL-2"); !slices.Equal(got, []string{"L-1", "L-2"}) {
		t.Errorf("what is forged is read as %q", got)
	}
	if got := chat.Apart(chat.Together()); len(got) != 0 {
		t.Errorf("nothing is read as %q", got)
	}
}
