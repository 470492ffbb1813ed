package truce

import "time"

// Threshold is a setting of the company that figures rest on or are held against: a promised share, the hours that a promise
// allows, the score from which a lead qualifies. When it changes, figures before and after are not of the same kind, so each
// change is kept with its date and shown with the figures.
type Threshold struct {
	Key   string // where it is set: "promises.icp_share"
	Name  string // what people call it: "share of leads inside the ICP promised"
	Value string // as people read it: "75 %"; "none" where nothing is set
}

// ThresholdChange is a threshold, or a lead definition rule, that came to have another value.
type ThresholdChange struct {
	At          time.Time // since when it counts
	Key, Name   string
	Was, Became string
}

// String says the change: "score threshold 50 to 60", "R-1 (Webinar, outside ICP) in force".
func (c ThresholdChange) String() string {
	if c.Was == "" {
		return c.Name + " " + c.Became
	}
	return c.Name + " " + c.Was + " to " + c.Became
}
