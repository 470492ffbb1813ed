package handlers

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/storage"
)

// This file decides whether somebody is let in. Unknown is not a member: who was vouched for once is answered at once by what the
// platform said last, whether it is there now or not; of whom it never spoke, what they tell is kept, and all else waits for it.

// How long somebody whom the platform never spoke of waits for its word: what they tell is kept at once after the first, all else is
// put off after the second. Slack shows an error after three seconds.
const (
	patienceToKeep = 700 * time.Millisecond
	patienceToShow = 1200 * time.Millisecond
)

const (
	askLimit   = 10 * time.Second // of one look-up, which goes on when nobody waits for it any more
	askEvery   = 15 * time.Second // how often the platform is asked again about those who wait for its word
	askAtOnce  = 10               // so many at a time: far below any platform's limits
	askForget  = time.Hour        // who has not come again by then is not asked about any more
	tellAdmins = 5 * time.Minute  // how long somebody waits in vain before the admins hear of it
)

// vouching asks the platforms who somebody is.
type vouching struct {
	directories map[string]chat.Directory // by network; set before the first event

	mu    sync.Mutex
	under map[string]*inquiry // look-ups under way, by user
	waits map[string]*waiting // whom no platform has spoken of, by user
	life  context.Context
	end   context.CancelFunc
	work  sync.WaitGroup
}

// inquiry is a look-up; its result may be read once done is closed.
type inquiry struct {
	done chan struct{}
	user chat.User
	err  error
}

// waiting is somebody who was put off.
type waiting struct {
	since, last time.Time // they came first, and last
	why         error     // what the platform said last
}

// Ask gives the handlers the platforms' directories, by network. Called once, before the first event.
func (h *Handlers) Ask(directories map[string]chat.Directory) { h.vouch.directories = directories }

// Close ends what is asked of the platforms, and returns when it has ended. Events are answered afterwards too.
func (h *Handlers) Close() {
	h.vouch.end()
	h.vouch.work.Wait()
}

// who is the user of an event as far as is known: what the platform says now, else what it said last, else what it says in time. why is
// what it said in place of an answer.
func (h *Handlers) who(ctx context.Context, ev chat.Event) (u chat.User, why, err error) {
	if u = ev.User; u.ID == "" || u.Standing != chat.Unknown {
		return u, nil, nil
	}
	u.Email = "" // nobody vouches for it
	var last storage.Standing
	known := false
	err = h.store.View(ctx, func(tx *storage.Tx) (err error) {
		if last, err = tx.Standing(u.ID); err != nil {
			return err
		}
		_, err = tx.PersonByUser(u.ID)
		if known = err == nil; truce.KindOf(err) == truce.NotFound {
			err = nil
		}
		return err
	})
	if err != nil {
		return u, nil, fmt.Errorf("read what is known of %s: %w", u.ID, err)
	}
	if u.Standing = chat.Standing(last.Is); settled(u.Standing, known) {
		return u, nil, nil
	}
	said, why := h.ask(ctx, u.ID, h.patience(ev))
	switch {
	case errors.Is(why, chat.ErrDeactivated):
		u.Standing = chat.Former
	case why == nil && said.Standing != chat.Unknown:
		u.Standing, u.Email, u.Name, u.Zone = said.Standing, said.Email, cmp.Or(said.Name, u.Name), cmp.Or(said.Zone, u.Zone)
	}
	return u, why, nil
}

// settled reports whether what a platform said last of somebody is enough, and it need not be asked: not of whom was never heard, nor of
// a member of whom nothing but that is known.
func settled(last chat.Standing, known bool) bool {
	return last.Refused() || known && last == chat.Member
}

func (h *Handlers) patience(ev chat.Event) time.Duration {
	if h.keeps(ev) {
		return patienceToKeep
	}
	return patienceToShow
}

// ask asks the platform who somebody is, and waits for the answer so long. It goes on afterwards, and is written down.
func (h *Handlers) ask(ctx context.Context, user string, patience time.Duration) (chat.User, error) {
	q := h.inquire(user)
	if q == nil {
		return chat.User{}, truce.Errorf(truce.NotFound, "No platform here knows this account.")
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-q.done:
		return q.user, q.err
	case <-timer.C:
		return chat.User{}, context.DeadlineExceeded
	case <-ctx.Done():
		return chat.User{}, ctx.Err()
	}
}

// inquire begins to ask, or joins those who ask already; nil where there is nobody to ask.
func (h *Handlers) inquire(user string) *inquiry {
	v := &h.vouch
	d := v.directories[chat.Network(user)]
	if d == nil {
		return nil
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if q := v.under[user]; q != nil {
		return q
	}
	q := &inquiry{done: make(chan struct{})}
	v.under[user] = q
	v.work.Go(func() {
		ctx, cancel := context.WithTimeout(v.life, askLimit)
		defer cancel()
		q.err = errors.New("the platform's directory panicked")
		defer func() {
			if r := recover(); r != nil {
				h.log.Error("panic while asking who somebody is", "user", user, "what", r)
			}
			v.mu.Lock()
			delete(v.under, user)
			if w := v.waits[user]; w != nil && q.err == nil {
				delete(v.waits, user)
			} else if w != nil {
				w.why = q.err
			}
			v.mu.Unlock()
			close(q.done)
		}()
		if q.user, q.err = d.LookUp(ctx, user); q.err == nil || errors.Is(q.err, chat.ErrDeactivated) {
			said := q.user
			if said.ID = user; q.err != nil {
				said.Standing = chat.Former
			}
			if err := h.hear(ctx, said); err != nil && v.life.Err() == nil {
				h.log.Error("write down who somebody is", "user", user, "error", err)
			}
			return
		}
		if v.life.Err() == nil {
			h.log.Warn("the platform does not say who somebody is", "user", user, "error", q.err)
		}
	})
	return q
}

// hear writes down what a platform says of somebody.
func (h *Handlers) hear(ctx context.Context, u chat.User) error {
	return h.store.Update(ctx, func(tx *storage.Tx) error {
		return tx.Hear(storage.Said{User: u.ID, Name: u.Name, Email: u.Email, Zone: u.Zone, Standing: string(u.Standing)})
	})
}

// told is a platform saying of itself who somebody is now. Most of what it tells is no news.
func (h *Handlers) told(ctx context.Context, u chat.User) error {
	if u.ID == "" || u.Standing == chat.Unknown {
		return nil
	}
	if err := h.hear(ctx, u); err != nil {
		return fmt.Errorf("take in what the platform says of %s: %w", u.ID, err)
	}
	return nil
}

// keeps reports whether an event is somebody telling something, which is kept whoever they are. Sending a form and closing one count.
func (h *Handlers) keeps(ev chat.Event) bool {
	switch ev.Kind {
	case chat.Dismiss:
		return true
	case chat.Submit:
		return slices.ContainsFunc(h.commands, func(c Command) bool { return slices.Contains(c.KeepsForms, ev.Name) })
	case chat.Shortcut:
		return ev.Quoted != nil && slices.ContainsFunc(h.commands, func(c Command) bool {
			return slices.ContainsFunc(c.Shortcuts, func(s Shortcut) bool { return s.Name == ev.Name && s.Keeps })
		})
	case chat.Message, chat.Command:
		cmd, c := h.meaning(ev)
		if cmd == nil {
			return ev.Kind == chat.Message && c.Text != "" && c.Name == "" && h.talk(c.Text) == nil
		}
		return cmd.Keeps != nil && cmd.Keeps(c)
	}
	return false
}

// asksHelp is the help that an event asks for: nobody's secret. nil where it asks for something else.
func (h *Handlers) asksHelp(ev chat.Event) *chat.Card {
	if ev.Kind != chat.Message && ev.Kind != chat.Command {
		return nil
	}
	cmd, c := h.meaning(ev)
	text := strings.ToLower(strings.TrimSpace(c.Text))
	var card chat.Card
	switch {
	case cmd == nil && c.Name == "" && (text == "" || helpAsked[spoken(text)]), cmd != nil && cmd.Name == "truce" && text == "help":
		card = cards.Help(h.Catalog())
	case cmd != nil && cmd.Name != "truce" && text == "help":
		card = cards.CommandHelp(info(*cmd))
	default:
		return nil
	}
	return &card
}

// putOff answers somebody whom no platform has vouched for yet. Nothing was done; what they typed is given back.
func (h *Handlers) putOff(ev chat.Event, why error) chat.Reply {
	h.vouch.mu.Lock()
	now := h.store.Now()
	w := h.vouch.waits[ev.User.ID]
	if w == nil {
		w = &waiting{since: now}
		h.vouch.waits[ev.User.ID] = w
	}
	if w.last = now; why != nil {
		w.why = why
	}
	h.vouch.mu.Unlock()
	s := cards.NotYet
	if said := truce.Sentence(why); truce.KindOf(why) == truce.NotFound && said != "" { // it has answered, and knows nobody by that id
		s = said + " " + cards.NotYet
	}
	switch ev.Kind {
	case chat.Suggest:
		return fault("", s)
	case chat.Look: // the message stays as it stands
		return chat.Reply{}
	}
	return refuse(ev, s)
}

// KeepAsking asks the platforms again about those who wait for their word, until ctx ends, and tells the admins if that lasts.
func (h *Handlers) KeepAsking(ctx context.Context) error {
	tick := time.NewTicker(askEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if err := h.askAgain(ctx); err != nil && ctx.Err() == nil {
			h.log.Error("ask again who somebody is", "error", err)
		}
	}
}

// askAgain is one round of KeepAsking: those who wait the longest first.
func (h *Handlers) askAgain(ctx context.Context) error {
	now := h.store.Now()
	type entry struct {
		user string
		waiting
	}
	var list []entry
	h.vouch.mu.Lock()
	for user, w := range h.vouch.waits {
		if now.Sub(w.last) > askForget {
			delete(h.vouch.waits, user)
			continue
		}
		list = append(list, entry{user, *w})
	}
	h.vouch.mu.Unlock()
	slices.SortFunc(list, func(a, b entry) int { return cmp.Or(a.since.Compare(b.since), cmp.Compare(a.user, b.user)) })
	var asked []*inquiry
	late := map[string]entry{} // by network: who waits the longest of those who wait too long
	for _, e := range list {
		heard := false
		if err := h.store.View(ctx, func(tx *storage.Tx) error {
			s, err := tx.Standing(e.user)
			heard = s.Is != ""
			return err
		}); err != nil {
			return err
		}
		if heard { // it told of itself
			h.vouch.mu.Lock()
			delete(h.vouch.waits, e.user)
			h.vouch.mu.Unlock()
			continue
		}
		if n := chat.Network(e.user); late[n].user == "" && now.Sub(e.since) >= tellAdmins && truce.KindOf(e.why) != truce.NotFound {
			late[n] = e
		}
		if len(asked) < askAtOnce {
			if q := h.inquire(e.user); q != nil {
				asked = append(asked, q)
			}
		}
	}
	for _, q := range asked {
		select {
		case <-q.done:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	for network, e := range late {
		if err := h.tellAdminsOf(ctx, network, e.since, len(list)); err != nil {
			return err
		}
	}
	return nil
}

// tellAdminsOf tells the admins, once a day and network, that a platform does not say who somebody is.
func (h *Handlers) tellAdminsOf(ctx context.Context, network string, since time.Time, n int) error {
	body, err := json.Marshal(cards.NotVouched(network, since.In(h.opt.Location), n))
	if err != nil {
		return err
	}
	return h.store.Update(ctx, func(tx *storage.Tx) error {
		admins, err := tx.PeopleWith(truce.Admin)
		if err != nil {
			return err
		}
		for _, a := range admins {
			key := "remedy:standing:" + network + ":" + tx.Now.Format(time.DateOnly) + ">" + a.ID
			if err := tx.Send(storage.Message{Key: key, To: storage.ToPerson(a.ID), Body: body, Kind: storage.Notice, PersonID: a.ID}); err != nil {
				return err
			}
		}
		return nil
	})
}
