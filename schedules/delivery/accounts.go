package delivery

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/storage"
)

// Accounts keeps what we know of people in step with the platforms: it finds those who are known by their e-mail address only,
// keeps time zones fresh, and notices who has left.
type Accounts struct {
	Store    *storage.Store
	Adapters map[string]chat.Adapter // by network
	Terms    truce.Terms
	Log      *slog.Logger
	Pause    time.Duration // between two look-ups of accounts: what the platform allows is for those who wait for an answer

	mu     sync.Mutex
	asked  map[string]time.Time // by person: when the platforms were last asked in vain
	listed map[string]time.Time // by network: when everybody was last listed
}

const checkAccounts = 50 // in one round and network: far below the platforms' limits

// CheckEvery is how often an account is looked at of itself, so that what is known of anybody is not older than a day; ListEvery how
// often everybody is, where the platform has lists of them.
const (
	CheckEvery = 20 * time.Hour
	ListEvery  = 6 * time.Hour
)

// Once is one round: everybody is listed, if that is due; everybody with a role whom nobody has seen yet is looked for, and so are
// accounts that were not looked at for a time.
func (a *Accounts) Once(ctx context.Context, every time.Duration) error {
	var errs []error
	for network, ad := range a.Adapters {
		if l, ok := ad.(chat.Lister); ok {
			errs = append(errs, a.list(ctx, network, l, every))
		}
	}
	var people []truce.Person
	err := a.Store.View(ctx, func(tx *storage.Tx) (err error) {
		people, err = tx.PeopleWithoutAccount()
		return err
	})
	if err != nil {
		return fmt.Errorf("find people without an account: %w", err)
	}
	for _, p := range people {
		if _, err := a.Find(ctx, p.ID); err != nil {
			errs = append(errs, err)
		}
	}
	for network, ad := range a.Adapters {
		if d, ok := ad.(chat.Directory); ok {
			errs = append(errs, a.check(ctx, network, d, every))
		}
	}
	return errors.Join(errs...)
}

// Find looks for a person by their e-mail address on the platforms that can, and remembers the account it finds. It asks once an
// hour at most.
func (a *Accounts) Find(ctx context.Context, person string) (found bool, err error) {
	now := a.Store.Now()
	a.mu.Lock()
	recently := now.Sub(a.asked[person]) < waitForPerson
	a.mu.Unlock()
	if recently {
		return false, nil
	}
	var p truce.Person
	var known []storage.Identity
	err = a.Store.View(ctx, func(tx *storage.Tx) (err error) {
		if p, err = tx.Person(person); err != nil {
			return err
		}
		known, err = tx.Identities(person)
		return err
	})
	if err != nil || p.Email == "" || !p.Active {
		return false, err
	}
	has := map[string]bool{}
	for _, i := range known {
		has[chat.Network(i.UserID)] = true
	}
	for network, ad := range a.Adapters {
		f, ok := ad.(chat.Finder)
		if !ok || has[network] {
			continue
		}
		u, err := f.FindByEmail(ctx, p.Email)
		if errors.Is(err, chat.ErrNoSuchUser) || err == nil && (u.Standing != chat.Member || truce.FoldEmail(u.Email) != p.Email) {
			continue
		}
		if err != nil {
			return found, fmt.Errorf("look for person %s on %s: %w", p.ID, network, err)
		}
		if err := a.Store.Update(ctx, func(tx *storage.Tx) error { return identify(tx, p, u) }); err != nil {
			return found, fmt.Errorf("remember %s as %s: %w", u.ID, p.ID, err)
		}
		found = true
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.asked == nil {
		a.asked = map[string]time.Time{}
	}
	if delete(a.asked, person); !found {
		a.asked[person] = now
	}
	return found, nil
}

// identify joins an account to a person. Somebody who has it already, and whom nobody vouched for, is that person.
func identify(tx *storage.Tx, p truce.Person, u chat.User) error {
	other, err := tx.PersonByUser(u.ID)
	if err == nil {
		_, err = tx.Vouched(other, u.Email, u.ID)
	}
	if truce.KindOf(err) != truce.NotFound {
		return err
	}
	if err := tx.Found(p.ID, u.ID, u.Name, string(u.Standing)); err != nil {
		return err
	}
	if p.Refresh(u.Name, u.Zone) {
		if err := tx.SavePerson(p); err != nil {
			return err
		}
	}
	return tx.Audit("", chat.Network(u.ID), "person.identified", p.ID, u.ID)
}

// hear takes in what a platform says of users.
func (a *Accounts) hear(ctx context.Context, users ...chat.User) error {
	return a.Store.Update(ctx, func(tx *storage.Tx) error {
		for _, u := range users {
			if err := tx.Hear(storage.Said{User: u.ID, Name: u.Name, Email: u.Email, Zone: u.Zone, Standing: string(u.Standing),
				Asked: true}); err != nil {
				return fmt.Errorf("take in what the platform says of %s: %w", u.ID, err)
			}
		}
		return nil
	})
}

// list hears of everybody on a network, in whole pages, if that was not done for a time.
func (a *Accounts) list(ctx context.Context, network string, l chat.Lister, every time.Duration) error {
	now := a.Store.Now()
	a.mu.Lock()
	recently := now.Sub(a.listed[network]) < min(every, ListEvery)
	a.mu.Unlock()
	if recently {
		return nil
	}
	if err := l.Everybody(ctx, func(page []chat.User) error { return a.hear(ctx, page...) }); err != nil {
		return fmt.Errorf("list the people on %s: %w", network, err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.listed == nil {
		a.listed = map[string]time.Time{}
	}
	a.listed[network] = now
	return nil
}

// check looks at the accounts on one network that are due, those first that were not looked at for the longest.
func (a *Accounts) check(ctx context.Context, network string, d chat.Directory, every time.Duration) error {
	var due []storage.Account
	err := a.Store.View(ctx, func(tx *storage.Tx) (err error) {
		due, err = tx.AccountsToCheck(network, tx.Now.Add(-every), checkAccounts)
		return err
	})
	if err != nil {
		return err
	}
	for i, acc := range due {
		if i > 0 && !pause(ctx, a.Pause) {
			return ctx.Err()
		}
		u, err := d.LookUp(ctx, acc.UserID)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		switch {
		case errors.Is(err, chat.ErrDeactivated):
			err = a.Store.Update(ctx, func(tx *storage.Tx) error { return a.gone(tx, acc) })
		case truce.KindOf(err) == truce.NotFound: // not there to be seen, which need not mean gone
			err = a.Store.Update(ctx, func(tx *storage.Tx) error { return tx.AskedInVain(acc.UserID) })
		case err != nil: // the platform is in trouble: the rest waits for the next round
			return fmt.Errorf("check account %s: %w", acc.UserID, err)
		default:
			u.ID = acc.UserID
			err = a.hear(ctx, u)
		}
		if err != nil {
			return fmt.Errorf("check account %s: %w", acc.UserID, err)
		}
	}
	return nil
}

// pause waits; false means that ctx ended first.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// gone notes that an account was deactivated. Whose last one it was has left: what waits for them is handed over, and the
// manager of their side hears of it.
func (a *Accounts) gone(tx *storage.Tx, acc storage.Account) error {
	last, err := tx.GoneAccount(acc.UserID)
	if err != nil || acc.PersonID == "" {
		return err
	}
	p, err := tx.Person(acc.PersonID)
	if err != nil {
		return err
	}
	if err := tx.Audit("", chat.Network(acc.UserID), "account.gone", p.ID, acc.UserID); err != nil || !last || !p.Active {
		return err
	}
	p.Active = false
	if err := tx.SavePerson(p); err != nil {
		return err
	}
	terms, err := tx.Terms(a.Terms)
	if err != nil {
		return err
	}
	handed, err := tx.HandOver(terms, p)
	if err != nil {
		return fmt.Errorf("hand over what waits for %s: %w", p.ID, err)
	}
	if err := tx.Audit("", chat.Network(acc.UserID), "person.left", p.ID, handed); err != nil {
		return err
	}
	body, err := json.Marshal(cards.PersonLeft(p, handed))
	if err != nil {
		return err
	}
	for _, m := range handed.Tell {
		key := fmt.Sprintf("left:%s/%d>%s", p.ID, tx.Now.UnixMilli(), m)
		if err := tx.Send(storage.Message{Key: key, To: storage.ToPerson(m), Body: body, Kind: storage.Notice, PersonID: m}); err != nil {
			return err
		}
	}
	return nil
}
