package storage

import (
	"fmt"
	"strings"
	"time"

	"truce"
)

// This file is what the platforms said last of who somebody is. Whoever they vouched for is let in by it at once, whether they
// answer now or not; whoever they called a guest stays one until they say otherwise.

// Standing is what a platform said of a user last; Is is "" and HeardAt zero where it never said anything.
type Standing struct {
	Is      string // a chat.Standing
	HeardAt time.Time
}

// heardAnew is how old what was heard may be before hearing the same is written down again: not each event is a write.
const heardAnew = 6 * time.Hour

// Standing is what the platform said of a user last.
func (tx *Tx) Standing(user string) (s Standing, err error) {
	err = tx.row(`SELECT standing, heard_at FROM standings WHERE user_id = ?`, []any{user}, &s.Is, moment{&s.HeardAt})
	if truce.KindOf(err) == truce.NotFound {
		return Standing{}, nil
	}
	return s, err
}

// News reports whether a standing is worth writing down: it is another one than was heard last, or was not heard for a time.
func (s Standing) News(standing string, now time.Time) bool {
	return standing != "" && (s.Is != standing || now.Sub(s.HeardAt) > heardAnew)
}

// Heard writes down what a platform says of a user. "" says nothing, and changes nothing.
func (tx *Tx) Heard(user, standing string) error {
	if standing == "" {
		return nil
	}
	err := tx.exec(`INSERT INTO standings (user_id, standing, heard_at, asked_at) VALUES (?1, ?2, ?3, ?3)
		ON CONFLICT (user_id) DO UPDATE SET standing = ?2, heard_at = ?3, asked_at = ?3`, user, standing, millis(tx.Now))
	if err != nil {
		return fmt.Errorf("write down the standing of %s: %w", user, err)
	}
	return nil
}

// AskedInVain notes that the platform was asked about a user and did not say: what it said before stays, and others are asked first.
func (tx *Tx) AskedInVain(user string) error {
	err := tx.exec(`INSERT INTO standings (user_id, asked_at) VALUES (?1, ?2) ON CONFLICT (user_id) DO UPDATE SET asked_at = ?2`, user,
		millis(tx.Now))
	if err != nil {
		return fmt.Errorf("note that %s was asked about: %w", user, err)
	}
	return nil
}

// Said is what a platform says of a user.
type Said struct {
	User, Name, Email, Zone, Standing string
	Asked                             bool // it was asked: that it says what it said before is written down too
}

// Hear takes in what a platform says of a user: the standing, and of somebody we know their name, zone and address. Whoever we know by
// their verified address only is known by their account from then on. Of what is no news nothing is written. Somebody who left is
// looked at again soon, because much follows from that.
func (tx *Tx) Hear(s Said) error {
	was, err := tx.Standing(s.User)
	if err != nil || s.Standing == "" {
		return err
	}
	p, err := tx.PersonByUser(s.User)
	known := err == nil
	if err != nil && truce.KindOf(err) != truce.NotFound {
		return err
	}
	if s.Standing == "left" && was.Is == "" && !known { // who left before we met
		return nil
	}
	if s.Asked || was.News(s.Standing, tx.Now) {
		if err := tx.Heard(s.User, s.Standing); err != nil {
			return err
		}
	}
	switch {
	case s.Standing == "left" && known && was.Is != "left":
		return tx.exec(`UPDATE standings SET asked_at = NULL WHERE user_id = ?`, s.User)
	case s.Standing != "member":
		return nil
	case known:
		if p, err = tx.Vouched(p, s.Email, s.User); err != nil {
			return err
		}
	default:
		if p, err = tx.PersonByEmail(s.Email); truce.KindOf(err) == truce.NotFound {
			return nil // nobody we know
		} else if err != nil {
			return err
		}
		if err := tx.Found(p.ID, s.User, s.Name, ""); err != nil {
			return err
		}
		network, _, _ := strings.Cut(s.User, ":")
		if err := tx.Audit("", network, "person.identified", p.ID, s.User); err != nil {
			return err
		}
	}
	if !p.Refresh(s.Name, s.Zone) {
		return nil
	}
	return tx.SavePerson(p)
}
