package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/bot/config"
	"truce/handlers"
	"truce/schedules/delivery"
	"truce/storage"
)

// people keeps who has which role in step with the platforms' user groups, and who is there at all with their directories: at
// the start, every few minutes, and when asked to.
type people struct {
	store    *storage.Store
	adapters []chat.Adapter
	groups   map[string][]truce.Role // by handle, as configured; set before Run
	accounts *delivery.Accounts
	log      *slog.Logger
	wake     chan struct{}
}

const refreshPeople = 10 * time.Minute

// atStart is how old what is known of somebody may be at the start: nobody may have listened to the platform's events meanwhile.
const atStart = time.Minute

func newPeople(store *storage.Store, adapters []chat.Adapter, accounts *delivery.Accounts, log *slog.Logger) *people {
	return &people{store: store, adapters: adapters, accounts: accounts, log: log, wake: make(chan struct{}, 1)}
}

// Refresh has the user groups read soon; it does not wait for that.
func (p *people) Refresh() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// Run keeps people up to date until ctx ends.
func (p *people) Run(ctx context.Context) error {
	if err := p.forgetGroups(ctx); err != nil && ctx.Err() == nil {
		p.log.Error("forget user groups that are not configured any more", "error", err)
	}
	tick := time.NewTicker(refreshPeople)
	defer tick.Stop()
	for every := atStart; ; {
		for _, err := range []error{p.accounts.Once(ctx, every), p.readGroups(ctx)} {
			if err != nil && ctx.Err() == nil {
				p.log.Warn("people", "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-p.wake:
			every = 0
		case <-tick.C:
			every = delivery.CheckEvery
		}
	}
}

const groupSource = config.GroupPrefix

// forgetGroups takes the roles of groups that the configuration names no more.
func (p *people) forgetGroups(ctx context.Context) error {
	var sources []string
	err := p.store.View(ctx, func(tx *storage.Tx) (err error) {
		sources, err = tx.RoleSources(groupSource)
		return err
	})
	for _, s := range sources {
		if _, ok := p.groups[strings.TrimPrefix(s, groupSource)]; !ok {
			err = errors.Join(err, handlers.SetRoster(ctx, p.store, s, nil))
		}
	}
	return err
}

// readGroups brings the roles of all configured groups up to date. A group that cannot be read now keeps its people.
func (p *people) readGroups(ctx context.Context) error {
	var errs []error
	for _, group := range slices.Sorted(maps.Keys(p.groups)) {
		members, err := p.members(ctx, group)
		if err == nil || errors.Is(err, chat.ErrNoSuchGroup) { // a group that is no more gives nobody a role
			err = errors.Join(err, handlers.SetRoster(ctx, p.store, groupSource+group, members))
		}
		if err != nil && ctx.Err() == nil {
			errs = append(errs, err, p.tellAdmins(ctx, group, err))
		}
	}
	return errors.Join(errs...)
}

// members are the full members in a group, on whichever platform has it.
func (p *people) members(ctx context.Context, group string) ([]handlers.Member, error) {
	missing := fmt.Errorf("user group %s: %w", group, chat.ErrNoSuchGroup)
	for _, ad := range p.adapters {
		g, ok := ad.(chat.Grouper)
		if !ok {
			continue
		}
		d, ok := ad.(chat.Directory)
		if !ok {
			continue
		}
		users, err := g.Members(ctx, group)
		if errors.Is(err, chat.ErrNoSuchGroup) {
			continue
		}
		if err != nil {
			return nil, err
		}
		var list []handlers.Member
		for _, id := range users {
			u, err := p.member(ctx, d, id)
			switch {
			case truce.KindOf(err) == truce.NotFound: // left; the group still lists them
			case err != nil:
				return nil, fmt.Errorf("read user group %s: %w", group, err)
			case u.Standing == chat.Member:
				list = append(list, handlers.Member{Email: u.Email, Name: u.Name, Zone: u.Zone, Users: []string{u.ID}, Roles: p.groups[group]})
			}
		}
		return list, nil
	}
	return nil, missing
}

// member is somebody of a group: as the platform said last, else as it says now.
func (p *people) member(ctx context.Context, d chat.Directory, id string) (u chat.User, err error) {
	u.ID = id
	err = p.store.View(ctx, func(tx *storage.Tx) error {
		s, err := tx.Standing(id)
		if err != nil {
			return err
		}
		who, err := tx.PersonByUser(id)
		if err == nil && who.Email != "" || s.Is != string(chat.Member) {
			u.Name, u.Email, u.Zone, u.Standing = who.Name, who.Email, who.Zone, chat.Standing(s.Is)
		}
		if truce.KindOf(err) == truce.NotFound {
			err = nil
		}
		return err
	})
	if err == nil && u.Standing == chat.Unknown {
		return d.LookUp(ctx, id)
	}
	return u, err
}

// tellAdmins tells the admins, once a day, why a group cannot be read, where they can mend it.
func (p *people) tellAdmins(ctx context.Context, group string, cause error) error {
	remedy := ""
	switch text := cause.Error(); {
	case errors.Is(cause, chat.ErrNoSuchGroup):
		remedy = "There is no such group any more, so it gives nobody a role: make it again, or name another in the configuration."
	case strings.Contains(text, "missing_scope"):
		remedy = "The app lacks the scope usergroups:read: set slack.user_groups, print the manifest again (truce manifest slack) and install " +
			"the app anew."
	default:
		return nil
	}
	body, err := json.Marshal(cards.GroupTrouble(group, p.groups[group], remedy))
	if err != nil {
		return err
	}
	return p.store.Update(ctx, func(tx *storage.Tx) error {
		admins, err := tx.PeopleWith(truce.Admin)
		if err != nil {
			return err
		}
		for _, a := range admins {
			key := "remedy:group:" + group + ":" + tx.Now.Format(time.DateOnly) + ">" + a.ID
			if err := tx.Send(storage.Message{Key: key, To: storage.ToPerson(a.ID), Body: body, Kind: storage.Notice, PersonID: a.ID}); err != nil {
				return err
			}
		}
		return nil
	})
}
