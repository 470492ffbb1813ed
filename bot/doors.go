package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// This file keeps the doors: whoever has not said all they have to say holds nothing for long. It stands before every route, of all
// platforms, hooks and the workspace, because nobody's signature can be checked before the body is there.

const (
	headerTimeout = 10 * time.Second // for a request's head
	bodyTimeout   = 10 * time.Second // for its body, and longer only
	bodyRate      = 16 << 10         // ... by a second for so many bytes that have come: a large import on a slow line is let in
	idleTimeout   = 2 * time.Minute  // for the next request on a connection
	maxHeader     = 64 << 10
)

// doors are the connections that have said nothing whole yet: those that have just come, those in the middle of a head or a body, and
// those that wait between two requests. Past max the one that has been so for the longest is closed: who comes with a whole request
// is never kept out by those who do not.
type doors struct {
	max      int
	patience time.Duration // for a body

	mu    sync.Mutex
	waits map[net.Conn]int64 // by when they came, as a count
	n     int64
}

func newDoors(limit int) *doors {
	return &doors{max: limit, patience: bodyTimeout, waits: map[net.Conn]int64{}}
}

// server makes the server of a handler behind the doors.
func (d *doors) server(h http.Handler) *http.Server {
	return &http.Server{
		Handler: d.bodies(h), ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader,
		ConnContext: func(ctx context.Context, c net.Conn) context.Context { return context.WithValue(ctx, connKey{}, c) },
		ConnState: func(c net.Conn, s http.ConnState) {
			switch s {
			case http.StateNew, http.StateIdle:
				d.wait(c)
			case http.StateClosed, http.StateHijacked:
				d.heard(c)
			}
		},
	}
}

type connKey struct{}

// wait counts a connection among those that have said nothing whole; past the limit the oldest goes.
func (d *doors) wait(c net.Conn) {
	d.mu.Lock()
	d.n++
	d.waits[c] = d.n
	var oldest net.Conn
	if len(d.waits) > d.max {
		for other, at := range d.waits {
			if oldest == nil || at < d.waits[oldest] {
				oldest = other
			}
		}
		delete(d.waits, oldest)
	}
	d.mu.Unlock()
	if oldest != nil {
		oldest.Close()
	}
}

// openAtOnce is how many connections that have said nothing whole are open at once, of so many files that the process may have open: a
// quarter, at least 16 and at most 512.
func openAtOnce(files uint64) int { return int(min(max(files/4, 16), 512)) }

// heard takes a connection off the list: its request is whole, or it is closed.
func (d *doors) heard(c net.Conn) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.waits, c)
}

// bodies gives each request's body a deadline, and counts the request as whole once its body is.
func (d *doors) bodies(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, _ := r.Context().Value(connKey{}).(net.Conn)
		if r.Body == nil || r.Body == http.NoBody {
			d.heard(conn)
			h.ServeHTTP(w, r)
			return
		}
		b := &body{ReadCloser: r.Body, control: http.NewResponseController(w), start: time.Now(), patience: d.patience,
			whole: func() { d.heard(conn) }}
		b.extend()
		r.Body = b
		h.ServeHTTP(w, r)
	})
}

// body is a request's body on its way in.
type body struct {
	io.ReadCloser
	control  *http.ResponseController
	start    time.Time // a stopwatch, not the time of anything
	patience time.Duration
	read     int64
	next     int64 // read from which on the deadline is moved
	whole    func()
}

func (b *body) extend() {
	b.control.SetReadDeadline(b.start.Add(b.patience + time.Duration(b.read)*time.Second/bodyRate))
	b.next = b.read + bodyRate
}

// Read moves the deadline on with what has come, and takes it off once all is there: the answer may take its time.
func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.read += int64(n)
	switch {
	case err == io.EOF:
		b.control.SetReadDeadline(time.Time{})
		b.whole()
	case err == nil && b.read >= b.next:
		b.extend()
	}
	return n, err
}
