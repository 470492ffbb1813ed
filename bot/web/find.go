package web

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"truce/bot/chat"
)

// mostFound is how many messages a search lists: what is older is found by one more word.
const mostFound = 8

// vFound is a message that a search has found.
type vFound struct {
	Link, Where, Text string
	When              vTime
}

// find lists messages that hold all the words that are typed, among those that the person may read, the newest first.
func (a *Adapter) find(w http.ResponseWriter, r *http.Request, v *viewer) {
	words := strings.Fields(strings.ToLower(typed(r.URL.Query().Get("q"))))
	var out bytes.Buffer
	if n := utf8.RuneCountInString(strings.Join(words, " ")); n >= 3 && n <= 200 {
		a.render(&out, "found", a.found(v, words))
	}
	a.answer(w, http.StatusOK, &out)
}

func (a *Adapter) found(v *viewer, words []string) (list []vFound) {
	type hit struct {
		m    *message
		text string
		back int // how many messages of the room are newer
		name string
		link string
	}
	var hits []hit
	look := func(place, name, link string) {
		all := a.book.page(v.ID, place, "", 0).messages
		for i, m := range all {
			text := m.words()
			if low := strings.ToLower(text); !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(low, w) }) {
				hits = append(hits, hit{m, text, len(all) - i, name, link})
			}
		}
	}
	look("dm-"+v.ID, "Truce", "/as/"+v.ID+"/dm")
	for i := range a.cfg.Channels {
		if c := &a.cfg.Channels[i]; c.has(v.ID) {
			look(c.ID, "#"+c.ID, "/as/"+v.ID+"/c/"+c.ID)
		}
	}
	slices.SortFunc(hits, func(x, y hit) int { return strings.Compare(y.m.ID, x.m.ID) })
	for _, h := range hits[:min(len(hits), mostFound)] {
		list = append(list, vFound{Link: fmt.Sprintf("%s?n=%d#m-%s", h.link, h.back+20, h.m.ID), Where: h.name, When: a.momentAndDay(v, h.m.At),
			Text: around(h.text, words[0])})
	}
	return list
}

// words are all that a message says.
func (m *message) words() string {
	if m.Card == nil {
		return m.Text
	}
	return strings.Join(strings.Fields(m.Asked+" "+chat.PlainText(*m.Card, 0)), " ")
}

// around is what stands before and behind a word of a text.
func around(text, word string) string {
	const before, most = 30, 110
	runes := []rune(text)
	at := 0
	if i := strings.Index(strings.ToLower(text), word); i >= 0 {
		at = utf8.RuneCountInString(strings.ToLower(text)[:i])
	}
	from := max(0, min(at-before, len(runes)-most))
	to := min(len(runes), from+most)
	out := string(runes[from:to])
	if from > 0 {
		out = "…" + out
	}
	if to < len(runes) {
		out += "…"
	}
	return out
}
