package storage

import (
	"testing"
	"time"

	"truce"
)

// TestDestinationsAsDatabasesHoldThem says how destinations, subjects and keys are written: databases are full of them, so none of this
// may change, and what SQL makes of them is what Go makes of them.
func TestDestinationsAsDatabasesHoldThem(t *testing.T) {
	s := open(t)
	disputes := ToChannel("disputes")
	for _, tt := range []struct {
		to                  Dest
		written             string
		person, channel, in string
		above               Dest
		subject             Subject
		lane                Dest
		isPlace             bool
	}{
		{to: ToPerson("P-1"), written: "person:P-1", person: "P-1", lane: "person:P-1"},
		{to: disputes, written: "channel:disputes", channel: "disputes", lane: "channel:disputes"},
		{to: disputes.In("teams:t:19:x@thread.tacv2"), written: "channel:disputes@teams:t:19:x@thread.tacv2", channel: "disputes",
			in:   "teams:t:19:x@thread.tacv2",
			lane: "channel:disputes@teams:t:19:x@thread.tacv2"},
		{to: ToThread(disputes, DisputeSubject("D-12")), written: "thread:channel:disputes|dispute:D-12", above: disputes,
			subject: "dispute:D-12", lane: disputes},
		{to: ToThread(disputes, DisputeSubject("D-12")).In("slack:T1:C2"), written: "thread:channel:disputes@slack:T1:C2|dispute:D-12",
			above: "channel:disputes@slack:T1:C2", subject: "dispute:D-12", lane: "channel:disputes@slack:T1:C2"},
		{to: ToPlace(map[string]string{"id": "web:w:1"}), written: `place:{"id":"web:w:1"}`, lane: `place:{"id":"web:w:1"}`, isPlace: true},
	} {
		if string(tt.to) != tt.written {
			t.Errorf("written %q, want %q", tt.to, tt.written)
		}
		person, _ := tt.to.Person()
		channel, in, _ := tt.to.Channel()
		above, subject, _ := tt.to.Thread()
		if person != tt.person || channel != tt.channel || in != tt.in || above != tt.above || subject != tt.subject ||
			tt.to.IsPlace() != tt.isPlace {
			t.Errorf("%s is read as person %q, channel %q in %q, thread below %q in %q", tt.to, person, channel, in, subject, above)
		}
		var lane, of string
		if err := s.View(t.Context(), func(tx *Tx) error {
			return tx.row(`SELECT `+laneOf+`, CASE WHEN `+isPerson+` THEN `+personOf+` ELSE '' END FROM (SELECT ? AS dest)`, []any{string(tt.to)},
				&lane, &of)
		}); err != nil {
			t.Fatal(err)
		}
		if Dest(lane) != tt.lane || of != tt.person {
			t.Errorf("SQL reads %s as of %q in the lane %q", tt.to, of, lane)
		}
	}
	d := truce.Dispute{ID: "D-12", Version: 5}
	at := time.UnixMilli(1772442000000)
	for written, s := range map[string]Subject{
		"dispute:D-12": DisputeSubject(d.ID), "step:D-12/5": StepSubject(d), "told:D-12/5/P-3": ToldSubject(d, "P-3"),
		"reminder:P-3/1772442000000": ReminderSubject("P-3", at),
		"charter:2":                  SignSubject(2, false), "charter:2/again": SignSubject(2, true), "charter:3/terms": TermsSubject(3),
		"told:charter-could-not/2/P-3": CouldNotSubject(2, "P-3"),
		"told:charter-answer/2/P-3":    AnsweredSubject(2, "P-3"), "proposal:PR-1": ProposalSubject("PR-1"),
		"proposal:PR-1/1772442000000":    ProposalWaits("PR-1", at),
		"said:digest:leads:7>person:P-1": SaidSubject(Message{Key: "digest:leads:7>person:P-1"}),
		"erased:told:D-12/5/P-3":         ErasedSubject(ToldSubject(d, "P-3")),
	} {
		if string(s) != written {
			t.Errorf("written %q, want %q", s, written)
		}
	}
	if id, version, person, err := ReadTold("D-12/5/P-3"); id != "D-12" || version != 5 || person != "P-3" || err != nil {
		t.Errorf("told is read as %s, %d, %s, %v", id, version, person, err)
	}
	if n, terms, again, err := ReadCharter("2/again"); n != 2 || terms || !again || err != nil {
		t.Errorf("an asking again is read as %d, %v, %v, %v", n, terms, again, err)
	}
	if text, person, answer, ok := ReadSigning("charter-answer/2/P-3"); text != 2 || person != "P-3" || !answer || !ok {
		t.Errorf("an answer is read as %d, %s, %v, %v", text, person, answer, ok)
	}
	if of, marked := ErasedSubject("dispute:D-1").Unerased(); of != "dispute:D-1" || !marked {
		t.Errorf("an erased subject is read as %s, %v", of, marked)
	}
	if kind, ok := DigestOf(DigestKey("weekly", at, disputes)); kind != "weekly" || !ok {
		t.Errorf("the digest's key is read as %q, %v", kind, ok)
	}
	if key := BeforeFanOut(FannedOut("digest:weekly:7>channel:digests",
		disputes.In("slack:T1:C2"))); key != "digest:weekly:7>channel:digests" {
		t.Errorf("a key that was fanned out was %q", key)
	}
}
