package web

import (
	"bytes"
	"net/http"
	"time"
)

// This file moves the demo's clock on, so that a week is seen in a minute.

// advance moves the demo's clock on.
func (a *Adapter) advance(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	v := a.viewer(r.PostFormValue("as"))
	if a.cfg.Advance == nil || v == nil {
		http.NotFound(w, r)
		return
	}
	now := a.clock()
	var d time.Duration
	switch r.PostFormValue("press") {
	case "hour":
		d = time.Hour
	case "day":
		d = 24 * time.Hour
	case "monday":
		d = nextMonday(now.In(v.Loc)).Sub(now)
	default:
		a.refuse(w, http.StatusBadRequest, "The page is out of date. Reload it and press again.")
		return
	}
	a.cfg.Advance(d)
	a.book.hub.wake(true, "")
	var out bytes.Buffer
	a.partial(&out, "#clock", "innerHTML", "clock", v)
	a.answer(w, http.StatusOK, &out)
}

// nextMonday is the coming Monday at 9:00, in the zone of t.
func nextMonday(t time.Time) time.Time {
	days := (int(time.Monday) - int(t.Weekday()) + 7) % 7
	at := func(days int) time.Time {
		return time.Date(t.Year(), t.Month(), t.Day()+days, 9, 0, 0, 0, t.Location())
	}
	if next := at(days); next.After(t) {
		return next
	}
	return at(days + 7)
}
