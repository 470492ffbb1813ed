package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// This file is what is seen while the demo's past is made.

// making tells how far the demo's past is: on the terminal, and to whoever opens the demo's address already.
type making struct {
	w    io.Writer
	said atomic.Pointer[string]
	told int // tenths that the terminal was told of
}

// tell notes how far it is; day is the one that is being lived through.
func (m *making) tell(done, of int, day time.Time) {
	percent := 100 * done / max(of, 1)
	s := fmt.Sprintf("Inventing the weeks before today: %s, %d %%", day.Format("Mon 2 Jan 2006"), percent)
	m.said.Store(&s)
	if tenth := percent / 10; m.told <= tenth {
		m.told = tenth + 1
		fmt.Fprintln(m.w, s)
	}
}

// ServeHTTP says how far it is, and that it is not there yet: who waits for the demo goes on waiting.
func (m *making) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Retry-After", "1")
	w.WriteHeader(http.StatusServiceUnavailable)
	said := "Inventing the weeks before today"
	if s := m.said.Load(); s != nil {
		said = *s
	}
	fmt.Fprintf(w, makingPage, said)
}

const makingPage = `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta http-equiv="refresh" content="1"><title>Truce is being set up</title>
<style>body{font:18px/1.5 system-ui,sans-serif;max-width:32em;margin:15vh auto;padding:0 1em;color-scheme:light dark}</style></head>
<body><h1>One moment</h1><p>The demo invents a company, Quillwater Assays, and lets its people work for some weeks. It is done once; later starts are at once.</p>
<p role="status">%s.</p><p>This page goes on by itself.</p></body></html>
`

// serve answers on ln until stop is called; ln goes on listening.
func (m *making) serve(ln net.Listener) (stop func() error, err error) {
	tcp, ok := ln.(*net.TCPListener)
	if !ok {
		return nil, fmt.Errorf("listen on %s: not an address of TCP", ln.Addr())
	}
	srv := &http.Server{Handler: m, ReadHeaderTimeout: 5 * time.Second}
	srv.SetKeepAlivesEnabled(false) // a browser's next request is for the demo itself
	ended := make(chan error, 1)
	go func() { ended <- srv.Serve(lent{tcp}) }()
	return func() error {
		if err := srv.Close(); err != nil {
			return err
		}
		if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve on %s: %w", ln.Addr(), err)
		}
		return tcp.SetDeadline(time.Time{})
	}, nil
}

// lent is a listener that its server gives back instead of closing it: who comes in between waits.
type lent struct{ *net.TCPListener }

// Close ends what accepts.
func (l lent) Close() error { return l.SetDeadline(time.Unix(1, 0)) }
