package truce

import (
	"encoding/json"
	"strings"
)

// JourneyExit is the payload of a journey stage: what a buyer does when it is over.
type JourneyExit struct {
	Exit string `json:"exit"`
}

// mostExit is how long an exit criterion may be, in characters: one thing a buyer does, readable from two metres.
const mostExit = 140

// journeyGround is the ground of the stages of the journey map.
func journeyGround() Ground {
	read := func(m json.RawMessage) (e JourneyExit) {
		if json.Unmarshal(m, &e) != nil {
			return JourneyExit{}
		}
		return e
	}
	return Ground{Kind: JourneyGround, Name: "journey stage",
		Check: func(_ string, payload json.RawMessage) error {
			switch e := strings.TrimSpace(read(payload).Exit); {
			case e == "":
				return Errorf(Invalid, "Say what a buyer does when the stage is over: they have run their own samples.")
			case len([]rune(e)) > mostExit:
				return Errorf(Invalid, "One thing that a buyer does, in at most %d characters.", mostExit)
			}
			return nil
		},
		Differs: func(thing string, was, payload json.RawMessage) []Difference {
			d := Difference{What: thing + " is over when", Becomes: "“" + read(payload).Exit + "”"}
			if was != nil {
				d.Was = "“" + read(was).Exit + "”"
			}
			return []Difference{d}
		},
	}
}
