package main

import (
	"os"
	"syscall"
	"testing"

	"truce"
	"truce/bot/slack"
	"truce/storage"
)

// TestAnInterviewOutlivesTheProgram: somebody interviews a customer in the chat with Truce; the program is killed after the first answer
// and ended after the second. The next message is the answer to the next question each time, nothing is asked twice, and the pause
// survives as well.
func TestAnInterviewOutlivesTheProgram(t *testing.T) {
	t.Parallel()
	o := moveIn(t, slack.ModeSocket)
	stands := func() (i truce.Interview) {
		t.Helper()
		o.beside(func(tx *storage.Tx) (err error) {
			if i, err = tx.Interview("I-1"); truce.KindOf(err) == truce.NotFound {
				err = nil
			}
			return err
		})
		return i
	}
	o.Write("U2", "outcome interview Glenrock")
	o.eventually("the first question is asked", func() bool { return stands().ID == "I-1" })
	for n, said := range []string{"We outgrew the old reader.", "A second one of the same kind.", "Our auditor.", "Losing a study."} {
		o.Write("U2", said)
		o.eventually("the answer is kept: "+said, func() bool { return stands().Place == n+1 })
		switch n {
		case 0:
			o.restart(syscall.SIGKILL)
		case 1:
			o.restart(os.Interrupt)
		case 2:
			o.Write("U2", "pause")
			o.eventually("it waits", func() bool { return stands().State == truce.InterviewPaused })
			o.restart(syscall.SIGKILL)
			o.Write("U2", "outcome mine")
			o.eventually("it is offered", func() bool { return having(o.fromBot(o.DM("U2")), "open interview") > 0 })
			if a := o.Press("U2", o.dm("U2"), "Go on"); a.Status >= 300 {
				t.Fatalf("going on: %+v", a)
			}
			o.eventually("it is asked again", func() bool { return stands().State == truce.Asking })
		}
	}
	i := stands()
	if i.Place != 4 || len(i.Answers) != 4 || i.Said(0) != "We outgrew the old reader." || i.Said(3) != "Losing a study." {
		t.Errorf("it stands at %d with %+v", i.Place, i.Answers)
	}
}

// dm is the channel of a person's chat with the bot.
func (o *office) dm(user string) string {
	o.t.Helper()
	list := o.DM(user)
	if len(list) == 0 {
		o.t.Fatalf("nothing stands in the chat with %s", user)
	}
	return list[0].Channel
}
