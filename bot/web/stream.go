package web

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// keepAlive is how often a quiet stream says that it is there.
const keepAlive = 15 * time.Second

// stream keeps an open page up to date: server-sent events whose data are fragments of the page. Each carries the
// revision it brings the page to, so that a browser that was away is given what it missed.
func (a *Adapter) stream(w http.ResponseWriter, r *http.Request, v *viewer) {
	q := r.URL.Query()
	place, thread := q.Get("place"), q.Get("thread")
	if place != "home" && !a.mayEnter(v.ID, place) {
		http.NotFound(w, r)
		return
	}
	select {
	case <-a.stop:
		http.Error(w, "stopping", http.StatusServiceUnavailable)
		return
	default:
	}
	a.streams.Add(1)
	defer a.streams.Done()
	rev, _ := strconv.ParseInt(q.Get("since"), 10, 64)
	if last, err := strconv.ParseInt(r.Header.Get("Last-Event-ID"), 10, 64); err == nil {
		rev = max(rev, last)
	}
	sub := a.book.hub.subscribe(v.ID)
	defer a.book.hub.unsubscribe(sub)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no")
	c := http.NewResponseController(w)
	c.SetWriteDeadline(time.Time{}) // a server's write time-out is for answers, not for streams; not supported is as good
	tick := time.NewTicker(keepAlive)
	defer tick.Stop()
	clock, home := true, place == "home" // it may have changed before the stream was there
	for {
		var out bytes.Buffer
		rev = a.update(r.Context(), &out, v, rev, place, thread, clock, home)
		if out.Len() == 0 {
			fmt.Fprint(w, ": still here\n\n")
		} else {
			writeEvent(w, rev, out.Bytes())
		}
		if c.Flush() != nil {
			return
		}
		select {
		case <-sub.ring:
			clock, home = sub.take()
		case <-tick.C:
			clock, home = true, false
		case <-r.Context().Done():
			return
		case <-a.stop:
			return
		}
	}
}

// update writes what changed on a page since rev and returns the revision it then stands at.
func (a *Adapter) update(ctx context.Context, out *bytes.Buffer, v *viewer, rev int64, place, thread string, clock, home bool) int64 {
	changed, now := a.book.since(rev)
	var here []*message
	elsewhere := false
	for _, m := range changed {
		if !m.seenBy(v.ID) || !a.mayEnter(v.ID, m.Place) {
			continue
		}
		if m.Place == place {
			here = append(here, m)
		} else {
			elsewhere = true
		}
	}
	if len(here) > 0 {
		a.writeMessages(ctx, out, v, here, place, thread)
		a.markSeen(ctx, v, place)
	}
	if elsewhere {
		a.partial(out, "#places", "innerMorph", "places", a.newPage(v, place))
	}
	if home && place == "home" {
		a.partial(out, "#home", "innerMorph", "homebody", a.homeView(v))
	}
	if clock && a.cfg.Advance != nil {
		a.partial(out, "#clock", "innerHTML", "clock", v)
	}
	return now
}

// writeEvent frames data as one server-sent event.
func writeEvent(w http.ResponseWriter, id int64, data []byte) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "id: %d\n", id)
	for line := range bytes.SplitSeq(data, []byte("\n")) {
		b.WriteString("data: ")
		b.Write(bytes.ReplaceAll(line, []byte("\r"), nil))
		b.WriteByte('\n')
	}
	b.WriteByte('\n')
	w.Write(b.Bytes()) // Flush reports a broken connection
}
