package digests

import (
	"testing"

	"truce"
	"truce/storage"
)

// A lead whose first touch and verdict are both owed is one thing that waits.
func TestALeadWaitsOnce(t *testing.T) {
	ann := truce.Person{ID: "P-1"}
	owed := []storage.Owed{{Subject: "L-1", Kind: "touch", PersonID: "P-1"}, {Subject: "L-1", Kind: "verdict", PersonID: "P-1"},
		{Subject: "L-2", Kind: "touch", PersonID: "P-1"}, {Subject: "L-2", Kind: "verdict", PersonID: "P-2"}}
	got := waitingOf(ann, owed)
	if len(got) != 2 || got[0].Kind != "verdict" || got[1].Subject != "L-2" {
		t.Errorf("waits %+v, want the verdict on L-1 and the touch of L-2", got)
	}
}
