package transcript

import (
	"context"
	"strings"
	"time"

	"truce"
	"truce/bot/chat"
	"truce/schedules/delivery"
)

// This file is the platform's directory: who is there, and who has left.

// LookUp knows the whole cast, but for those whose account was deactivated.
func (st *Stage) LookUp(_ context.Context, user string) (chat.User, error) {
	name := user[strings.LastIndex(user, ":")+1:]
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.gone[name] {
		return chat.User{}, &truce.Error{Kind: truce.NotFound, Text: name + " is deactivated.", Err: chat.ErrDeactivated}
	}
	return chat.User{ID: user, Name: strings.ToUpper(name[:1]) + name[1:], Email: name + "@example.com", Standing: chat.Member}, nil
}

// leaves deactivates an account, and has Truce look at its accounts, as it does in the course of a day.
func (st *Stage) leaves(name string) error {
	st.mu.Lock()
	if st.gone == nil {
		st.gone = map[string]bool{}
	}
	st.gone[name], st.lost[name] = true, true
	st.now = st.now.Add(5 * time.Millisecond)
	st.mu.Unlock()
	accounts := delivery.Accounts{Store: st.Store, Adapters: map[string]chat.Adapter{st.network: st}, Terms: st.terms, Log: st.Delivery.Log}
	if err := accounts.Once(st.T.Context(), time.Millisecond); err != nil {
		return err
	}
	return st.work()
}
