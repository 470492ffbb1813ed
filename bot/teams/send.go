package teams

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"truce/bot/chat"
)

// destination is where an activity goes, resolved.
type destination struct {
	serviceURL   string
	conversation string // with thread
	place        chat.Place
	user         string // of a personal chat: whose, to mark them when they cannot be reached
	bot          account
	replyTo      string
	edit         string // the activity to change
	note         string // what to say instead of the reply
	only         string // the id of the one person in the conversation who sees it; "" is all
}

// Send posts a message, or edits one. Where an earlier attempt may have arrived, Teams offers no way to look, so the message says
// that it may be a repeat.
func (a *Adapter) Send(ctx context.Context, m chat.Outgoing) (chat.Ref, error) {
	if !a.cfg.Enabled() {
		return chat.Ref{}, &chat.SendError{Trouble: chat.Refused, Err: errors.New("teams.app_id is empty: the platform is switched off")}
	}
	if m.Again && m.Edit.IsZero() {
		m.Card.Blocks = append(append([]chat.Block(nil), m.Card.Blocks...),
			chat.Small("You may see this twice: Teams did not say whether the first one arrived."))
	}
	card, err := paint(m.Card, painter{tenant: a.cfg.TenantID, viewers: a.viewers(ctx, m.Card.Own)})
	if err != nil {
		return chat.Ref{}, &chat.SendError{Trouble: chat.Refused, Err: err}
	}
	to := m.To
	if !m.Edit.IsZero() {
		to = m.Edit.Place
	}
	dest, err := a.resolve(ctx, to)
	if err != nil {
		return chat.Ref{}, err
	}
	return a.transmit(ctx, dest, m.Edit.ID, a.cardMessage(m.Card, card))
}

// resolve finds how to reach a place: a person's own chat, a conversation we have heard from, or a channel of our tenant.
func (a *Adapter) resolve(ctx context.Context, p chat.Place) (destination, error) {
	if p.ID == "" {
		return a.personal(ctx, p.User)
	}
	tenant, id, ok := splitID(p.ID)
	if ok && tenant == "" { // a channel configured by its name
		named, found, err := a.named(ctx, id)
		switch {
		case err != nil:
			return destination{}, a.trouble(ctx, err, destination{place: p, conversation: id}, false)
		case !found:
			return destination{}, &chat.SendError{Trouble: chat.NotMember, Err: errNoChannel(id), Remedy: remedyNamed(p)}
		}
		named.Name = p.Name
		return a.resolve(ctx, named)
	}
	if !ok || !strings.EqualFold(tenant, a.cfg.TenantID) {
		return destination{}, &chat.SendError{Trouble: chat.Gone, Err: fmt.Errorf("%q is no place of this tenant", p.ID)}
	}
	p.ID = makeID(a.cfg.TenantID, id) // a configured one may be written in another case
	ref, found, err := recall[conversationRef](ctx, a.mem, conversationKey(p.ID))
	if err != nil {
		return destination{}, &chat.SendError{Trouble: chat.Later, Err: err}
	}
	if !found {
		if p.Kind == chat.DM {
			return destination{}, &chat.SendError{Trouble: chat.Unreachable, Err: errors.New("the personal chat is not known any more"),
				Remedy: askToInstall}
		}
		ref, found, err = a.anyConversation(ctx)
		if err != nil || !found {
			return destination{}, &chat.SendError{Trouble: chat.NotMember,
				Err: errors.Join(errors.New("nothing has been heard from this tenant yet"), err), Remedy: addToTeam(p)}
		}
		ref.ID, ref.Kind, ref.User = id, p.Kind, ""
	}
	if ref.Kind == chat.DM && ref.User != "" {
		u, _, err := recall[userRef](ctx, a.mem, userKey(ref.User))
		if err != nil {
			return destination{}, &chat.SendError{Trouble: chat.Later, Err: err}
		}
		if u.Unreachable != "" {
			return destination{}, unreachable(u.Unreachable)
		}
	}
	p.Kind = ref.Kind
	if p.Name == "" {
		p.Name = ref.Name
	}
	return destination{serviceURL: ref.ServiceURL, conversation: conversationID(p), place: p, user: ref.User, bot: ref.Bot}, nil
}

// anyConversation is a reference of our tenant: all its conversations are served by the same region.
func (a *Adapter) anyConversation(ctx context.Context) (ref conversationRef, found bool, err error) {
	stop := errors.New("found")
	var key string
	err = a.mem.Scan(ctx, "conversation/"+a.cfg.TenantID+":", func(k string, _ []byte) error { key = k; return stop })
	if err != nil && !errors.Is(err, stop) || key == "" {
		return ref, false, err
	}
	return recall[conversationRef](ctx, a.mem, key)
}

// personal is the chat between the bot and a person; it is opened where it is not known yet.
func (a *Adapter) personal(ctx context.Context, user string) (destination, error) {
	tenant, id, ok := splitID(user)
	if !ok || !strings.EqualFold(tenant, a.cfg.TenantID) {
		return destination{}, &chat.SendError{Trouble: chat.Gone, Err: fmt.Errorf("%q is nobody of this tenant", user)}
	}
	u, found, err := recall[userRef](ctx, a.mem, userKey(user))
	if err != nil {
		return destination{}, &chat.SendError{Trouble: chat.Later, Err: err}
	}
	if u.Unreachable != "" {
		return destination{}, unreachable(u.Unreachable)
	}
	if !found { // known from elsewhere, by their aadObjectId, which opens a chat too
		any, known, err := a.anyConversation(ctx)
		if err != nil || !known {
			return destination{}, &chat.SendError{Trouble: chat.Unreachable,
				Err: errors.Join(errors.New("nothing has been heard from this tenant yet"), err), Remedy: askToInstall}
		}
		u = userRef{ServiceURL: any.ServiceURL, Tenant: a.cfg.TenantID, Account: account{ID: id}, Bot: any.Bot}
	}
	dest := destination{serviceURL: u.ServiceURL, user: user, bot: u.Bot}
	if u.Personal == "" {
		res, err := a.conn.create(ctx, u.ServiceURL, user, newConversation{Bot: u.Bot, Members: []account{{ID: u.Account.ID}},
			TenantID:    a.cfg.TenantID,
			ChannelData: element{"tenant": element{"id": a.cfg.TenantID}}})
		if err != nil {
			return destination{}, a.trouble(ctx, err, destination{place: chat.Place{Kind: chat.DM}, user: user}, false)
		}
		if res.ID == "" {
			return destination{}, &chat.SendError{Trouble: chat.Later, Err: errors.New("the connector opened a chat and did not name it")}
		}
		u.Personal = res.ID
		if err := a.keepPersonal(ctx, user, u); err != nil {
			return destination{}, &chat.SendError{Trouble: chat.Later, Err: err}
		}
	}
	dest.conversation = u.Personal
	dest.place = chat.Place{ID: makeID(a.cfg.TenantID, u.Personal), Kind: chat.DM}
	return dest, nil
}

func (a *Adapter) keepPersonal(ctx context.Context, user string, u userRef) error {
	err := a.updateUser(ctx, user, true, func(old *userRef) {
		if old.Account.ID == "" {
			*old = u
		}
		old.Personal = u.Personal
	})
	if err != nil {
		return err
	}
	place := makeID(a.cfg.TenantID, u.Personal)
	return remember(ctx, a.mem, conversationKey(place), conversationRef{ServiceURL: u.ServiceURL, Tenant: a.cfg.TenantID, ID: u.Personal,
		Kind: chat.DM, Bot: u.Bot, User: user})
}

// cardMessage is a message with a card, and what is sent where Teams refuses it.
func (a *Adapter) cardMessage(card chat.Card, drawn json.RawMessage) outgoing {
	summary := oneLine(card.Summary, 200)
	out := outgoing{Type: "message", Summary: summary, Attachments: []attachment{{ContentType: cardType, Content: drawn}}}
	text := plainer(card)
	if simple, err := renderCard(text, a.cfg.TenantID); err == nil {
		out.plainer = append(out.plainer, outgoing{Type: "message", Summary: summary,
			Attachments: []attachment{{ContentType: cardType, Content: simple}}})
	}
	out.plainer = append(out.plainer, outgoing{Type: "message", Summary: summary, TextFormat: "plain",
		Text: clip(chat.PlainText(text, plainWidth), plainMost)})
	return out
}

const (
	plainWidth = 80
	plainMost  = 12_000 // characters: far below what Teams takes
	plainRows  = 4      // rows of buttons
)

// plainer is a card without what a client or Teams may stumble over: its text, and its first buttons.
func plainer(card chat.Card) chat.Card {
	text, p := card, chat.Card{Key: card.Key, Summary: card.Summary, Title: card.Title}
	text.Title, text.Blocks, text.Own = nil, nil, nil
	for _, b := range card.Blocks {
		if len(b.Buttons) > 0 {
			if len(p.Blocks) < plainRows {
				p.Blocks = append(p.Blocks, b)
			}
			continue
		}
		if b.Select == nil {
			text.Blocks = append(text.Blocks, b)
		}
	}
	p.Blocks = append([]chat.Block{chat.Para(clip(chat.PlainText(text, plainWidth), plainMost))}, p.Blocks...)
	return p
}

// cardRefused reports whether Teams does not take what a message holds, rather than the message.
func cardRefused(err error) bool {
	var status *statusError
	if !errors.As(err, &status) {
		return false
	}
	// A ServiceError is what Teams answers where the app is not installed.
	return status.Status == http.StatusRequestEntityTooLarge || status.Status == http.StatusBadRequest && status.Code != "ServiceError"
}

// transmit posts an activity, or changes the one with the id edit. A card that Teams refuses is followed by plainer ones.
func (a *Adapter) transmit(ctx context.Context, d destination, edit string, out outgoing) (chat.Ref, error) {
	ref, err := a.put(ctx, d, edit, out)
	if d.only != "" && err != nil {
		return chat.Ref{}, a.trouble(ctx, err, d, edit == "") // who sent it knows another way
	}
	for _, simpler := range out.plainer {
		if !cardRefused(err) {
			break
		}
		a.log.Warn("card refused, sending a plainer one", "summary", out.Summary, "err", err)
		ref, err = a.put(ctx, d, edit, simpler)
	}
	if err != nil {
		return chat.Ref{}, a.trouble(ctx, err, d, edit == "")
	}
	return ref, nil
}

// put is one attempt of transmit; its errors are the connector's.
func (a *Adapter) put(ctx context.Context, d destination, edit string, out outgoing) (chat.Ref, error) {
	if d.only != "" {
		out.Recipient = &account{ID: d.only, Targeted: true}
	}
	if edit != "" {
		if err := a.conn.update(ctx, d.serviceURL, d.conversation, edit, out); err != nil {
			return chat.Ref{}, err
		}
		return chat.Ref{Place: d.place, ID: edit}, nil
	}
	if d.place.Kind == chat.Channel && d.place.Thread == "" && d.only == "" {
		return a.newThread(ctx, d, out)
	}
	out.ReplyToID = d.replyTo
	id, err := a.conn.post(ctx, d.serviceURL, d.conversation, out)
	if err != nil {
		return chat.Ref{}, err
	}
	return chat.Ref{Place: d.place, ID: id}, nil
}

// newThread begins a thread in a channel. Its key is the id of its first message.
func (a *Adapter) newThread(ctx context.Context, d destination, out outgoing) (chat.Ref, error) {
	res, err := a.conn.create(ctx, d.serviceURL, d.conversation,
		newConversation{IsGroup: true, Bot: d.bot, TenantID: a.cfg.TenantID, Activity: &out,
			ChannelData: element{"channel": element{"id": d.conversation}, "tenant": element{"id": a.cfg.TenantID}}})
	if err != nil {
		return chat.Ref{}, err
	}
	place := d.place
	if _, place.Thread = cutThread(res.ID); place.Thread == "" {
		place.Thread = res.ActivityID
	}
	id := res.ActivityID
	if id == "" {
		id = place.Thread
	}
	return chat.Ref{Place: place, ID: id}, nil
}

const askToInstall = "Ask them to open Apps in Teams, find Truce and choose Add, or have an admin install it for them."

// anotherChannel is what an admin does about a channel that is no more.
func anotherChannel(p chat.Place) string {
	name := "that channel"
	if p.Name != "" {
		name = p.Name
	}
	return "Choose another channel: " + name + " is no longer there in Teams, or its team is gone."
}

func addToTeam(p chat.Place) string {
	name := "that channel"
	if p.Name != "" {
		name = p.Name
	}
	return "In Teams, open the team or chat of " + name + ", choose Apps, and add Truce there."
}

func unreachable(why string) *chat.SendError {
	return &chat.SendError{Trouble: chat.Unreachable, Err: errors.New(why), Remedy: askToInstall}
}

// trouble says what a failure means for the message, and marks a person who cannot be reached until they write again. post is
// whether trying again could show the message twice.
func (a *Adapter) trouble(ctx context.Context, err error, d destination, post bool) error {
	se := &chat.SendError{Err: err}
	unsure := chat.Later
	if post {
		unsure = chat.Unclear
	}
	var token *tokenError
	var wait *waitError
	var status *statusError
	switch {
	case errors.As(err, &token):
		se.Trouble = chat.Later
		if token.rejected() {
			se.Trouble, se.Remedy = chat.Unauthorized, credentialsRemedy(a.cfg)
		}
	case errors.As(err, &wait):
		se.Trouble, se.RetryAfter = chat.Later, wait.after
	case errors.As(err, &status):
		a.judge(se, status, d, unsure)
	case neverSent(err):
		se.Trouble = chat.Later
	default: // a timeout, a cut connection
		se.Trouble = unsure
	}
	if se.Trouble == chat.Unreachable && d.user != "" {
		why := oneLine(err.Error(), 200)
		if status != nil {
			why = status.Error()
		}
		if err := a.updateUser(ctx, d.user, true, func(u *userRef) { u.Unreachable = why }); err != nil {
			a.log.Warn("unreachable person not marked", "err", err)
		}
	}
	return se
}

func (a *Adapter) judge(se *chat.SendError, status *statusError, d destination, unsure chat.Trouble) {
	if strings.Contains(strings.ToLower(status.Code+status.Message), "channeldeleted") {
		se.Trouble, se.Remedy = chat.Gone, anotherChannel(d.place)
		return
	}
	switch status.Status {
	case http.StatusUnauthorized:
		se.Trouble, se.Remedy = chat.Unauthorized, "Check that the Azure bot's app id is teams.app_id and its type is Single Tenant in "+
			"teams.tenant_id."
	case http.StatusForbidden:
		if d.place.Kind == chat.DM {
			se.Trouble, se.Remedy = chat.Unreachable, askToInstall
		} else {
			se.Trouble, se.Remedy = chat.NotMember, addToTeam(d.place)
		}
	case http.StatusBadRequest:
		switch {
		case strings.Contains(status.Code, "Syntax") || strings.Contains(status.Code, "Size") || strings.Contains(status.Code, "Card") ||
			d.place.Kind != chat.DM:
			se.Trouble = chat.Refused
		default:
			se.Trouble, se.Remedy = chat.Unreachable, askToInstall
		}
	case http.StatusNotFound:
		se.Trouble = chat.Gone
		if d.place.Kind != chat.DM && unsure == chat.Unclear { // nothing that was there is to be changed: the channel itself is gone
			se.Remedy = anotherChannel(d.place)
		}
		if d.conversation == "" { // no such person to open a chat with
			se.Trouble, se.Remedy = chat.Unreachable, askToInstall
		}
	case http.StatusRequestEntityTooLarge:
		se.Trouble = chat.Refused
	case http.StatusTooManyRequests, http.StatusPreconditionFailed, http.StatusServiceUnavailable:
		se.Trouble, se.RetryAfter = chat.Later, status.RetryAfter
	default:
		se.Trouble = unsure
		if status.Status < 500 {
			se.Trouble = chat.Refused
		}
	}
}
