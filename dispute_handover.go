package truce

import "time"

// HandedOver is what waited for a person who left, and where it went.
type HandedOver struct {
	To      string   `json:"to,omitempty"`      // who speaks for their cases now; "" where there is nobody
	Cases   []string `json:"cases,omitempty"`   // D-1...: opened by them, and open
	Answers []string `json:"answers,omitempty"` // D-2...: theirs to answer for Marketing; somebody else there has them now
	Leads   []string `json:"leads,omitempty"`   // L-1...: waited for their verdict or first touch; nobody's now
	Tell    []string `json:"-"`                 // the people who hear of it: the manager, else those of the side, else the admins
}

// Any reports whether anything waited.
func (h HandedOver) Any() bool { return len(h.Cases)+len(h.Answers)+len(h.Leads) > 0 }

// MayHandOver reports whether a case needs somebody who speaks for the rep: it is not closed, and not with those who rule.
func (d Dispute) MayHandOver() bool {
	return d.State == DisputeOwner || d.State == DisputeOpen || d.State == DisputeAsked || d.State == DisputeDeclined
}

// OwnerGone hands a case that waited for the lead's owner to Marketing, because that rep has left.
func (d *Dispute) OwnerGone(now time.Time) bool {
	if d.State != DisputeOwner {
		return false
	}
	d.toMarketing(now)
	return true
}

// HandOver gives the rep's part in a case to somebody else, because the rep has left. The successor becomes a party to it, and
// never rules on it.
func (d *Dispute) HandOver(to Person, now time.Time) error {
	switch {
	case !d.MayHandOver():
		return Errorf(Conflict, "%s does not wait for the rep any more. Nothing changed.", d.ID)
	case d.AnsweredBy == to.ID:
		return Errorf(Forbidden, "Whoever answered %s for Marketing cannot speak for the rep.", d.ID)
	}
	d.OpenerID = to.ID
	d.party(to.ID)
	d.Version++
	return nil
}
