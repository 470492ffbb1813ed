package web

import (
	"errors"
	"strings"
	"testing"

	"truce/bot/chat"
	"truce/bot/chat/chattest"
)

// TestEachReaderHasTheButtonsThatAreTheirs: one message in a channel; the rep may withdraw the case, Marketing may answer it, a
// manager may do nothing, and whom the card does not name sees what was posted. Pressing changes nobody else's buttons.
func TestEachReaderHasTheButtonsThatAreTheirs(t *testing.T) {
	w := newWorld(t, &chattest.Memory{})
	may := map[string][]chat.Block{
		"ann":  {chat.ButtonRow(chat.Press("Withdraw", "dispute.withdraw", "D-12"))},
		"mara": {chat.ButtonRow(chat.Press("Uphold", "dispute.uphold", "D-12"), chat.Ask("Decline…", "dispute.decline", "D-12"))},
		"tom":  nil,
	}
	w.h.own = func(ev chat.Event) chat.Reply {
		if ev.Name != "dispute" || ev.Arg != "D-12" || ev.Place.ID != prefix+"lead-disputes" || ev.Source.ID == "" {
			t.Errorf("asked for %+v", ev)
		}
		blocks, known := may[strings.TrimPrefix(ev.User.ID, prefix)]
		if !known {
			return chat.Reply{}
		}
		return chat.Reply{Card: &chat.Card{Summary: "D-12", Blocks: append([]chat.Block{chat.Para("As one may see it")}, blocks...)}}
	}
	ref, err := w.Send(t.Context(), chat.Outgoing{To: chat.Place{ID: prefix + "lead-disputes"},
		Card: chat.Card{Summary: "D-12", Own: &chat.Own{Name: "dispute", Arg: "D-12",
			For: []string{prefix + "mara", prefix + "ann", prefix + "tom"}},
			Blocks: []chat.Block{chat.Para("As all see it"), chat.ButtonRow(chat.Press("Uphold", "dispute.uphold", "D-12"))}}})
	if err != nil {
		t.Fatal(err)
	}
	all := []string{"Uphold", "Decline…", "Withdraw", "As one may see it", "As all see it"}
	check := func(what, html string, want ...string) {
		t.Helper()
		for _, s := range all {
			has, wants := strings.Contains(html, ">"+s+"<"), strings.Contains(strings.Join(want, "|"), s)
			if has != wants {
				t.Errorf("%s has %q: %v, want %v", what, s, has, wants)
			}
		}
	}
	look := func(as string, want ...string) {
		t.Helper()
		_, page := w.get(t, "/as/"+as+"/c/lead-disputes")
		check(as+"'s page", page, want...)
		_, event := w.firstEvent(t, as, "lead-disputes", "0")
		check("what "+as+"'s open page is told", event, want...)
		_, thread := w.get(t, "/as/"+as+"/c/lead-disputes?thread="+ref.ID)
		check(as+"'s thread", thread, want...)
	}
	look("ann", "As one may see it", "Withdraw")
	look("mara", "As one may see it", "Uphold", "Decline…")
	look("tom", "As one may see it")
	look("ines", "As all see it", "Uphold")

	// The answer to a press takes the place of the message for all; it is as Mara may see it, and stays hers.
	status, answer := w.post(t, "/as/mara/act", map[string]string{"place": "lead-disputes", "message": ref.ID,
		"press": "a=dispute.uphold&g=D-12"})
	if status != 200 {
		t.Fatalf("status %d: %s", status, answer)
	}
	check("Mara's answer", answer, "As one may see it", "Uphold", "Decline…")
	look("ann", "As one may see it", "Withdraw")

	w.h.mu.Lock()
	w.h.err = errors.New("the disk is full")
	w.h.mu.Unlock()
	_, page := w.get(t, "/as/ann/c/lead-disputes")
	if !strings.Contains(page, "now go to nurture") { // what was stored
		t.Error("where no answer comes, the message is not shown as it was sent")
	}
}
