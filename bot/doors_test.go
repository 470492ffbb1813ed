package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// behind serves a handler behind doors, on a real socket.
func behind(t *testing.T, d *doors, h http.HandlerFunc) (addr string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := d.server(h)
	go srv.Serve(ln)
	t.Cleanup(func() { srv.Close() })
	return ln.Addr().String()
}

func readAll(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, "half", http.StatusBadRequest)
		return
	}
	fmt.Fprintf(w, "read %d", len(body))
}

// half sends a request's beginning and returns the connection.
func half(t *testing.T, addr, sent string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	io.WriteString(c, sent)
	return c
}

const halfBody = "POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"

// TestWhoSaysHalfKeepsNobodyOut: with more half-sent requests open than may be, a whole one is answered at once.
func TestWhoSaysHalfKeepsNobodyOut(t *testing.T) {
	d := newDoors(8)
	addr := behind(t, d, readAll)
	for i := range 60 {
		half(t, addr, map[bool]string{true: halfBody, false: "POST /sl"}[i%2 == 0])
	}
	for _, door := range []string{"/slack/commands", "/api/messages", "/hooks/leads", "/act"} {
		start := time.Now()
		resp, err := http.Post("http://"+addr+door, "text/plain", strings.NewReader("all of it"))
		if err != nil {
			t.Fatal(err)
		}
		got, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if string(got) != "read 9" || time.Since(start) > 2*time.Second {
			t.Errorf("%s: %s after %v", door, got, time.Since(start))
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.waits) > 8 {
		t.Errorf("%d connections that have said nothing whole are open", len(d.waits))
	}
}

// TestAHalfBodyIsGivenUp: also one that comes a byte at a time; one that goes on coming is not.
func TestAHalfBodyIsGivenUp(t *testing.T) {
	d := newDoors(64)
	d.patience = 300 * time.Millisecond
	addr := behind(t, d, readAll)
	silent, dripping := half(t, addr, halfBody), half(t, addr, halfBody)
	go func() {
		for range 50 {
			time.Sleep(50 * time.Millisecond)
			if _, err := io.WriteString(dripping, "x"); err != nil {
				return
			}
		}
	}()
	for name, c := range map[string]net.Conn{"silent": silent, "dripping": dripping} {
		c.SetReadDeadline(time.Now().Add(2 * time.Second))
		resp, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err == nil && resp.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: status %d", name, resp.StatusCode)
		}
		if ne, ok := err.(net.Error); ok && ne.Timeout() {
			t.Errorf("%s: held for two seconds", name)
		}
	}
	steady, send := io.Pipe()
	go func() {
		for range 10 { // twice the patience, at more than the rate
			send.Write(bytes.Repeat([]byte("x"), 2*bodyRate))
			time.Sleep(60 * time.Millisecond)
		}
		send.Close()
	}()
	resp, err := http.Post("http://"+addr, "text/csv", steady)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if got, _ := io.ReadAll(resp.Body); string(got) != fmt.Sprintf("read %d", 20*bodyRate) {
		t.Errorf("a large body that goes on coming: %s", got)
	}
}

// TestAnAnswerMayTakeItsTime: the deadline is the body's, not the answer's.
func TestAnAnswerMayTakeItsTime(t *testing.T) {
	d := newDoors(64)
	d.patience = 100 * time.Millisecond
	ended := make(chan error, 1)
	addr := behind(t, d, func(w http.ResponseWriter, r *http.Request) {
		io.ReadAll(r.Body)
		select {
		case <-time.After(400 * time.Millisecond):
			ended <- nil
		case <-r.Context().Done():
			ended <- context.Cause(r.Context())
		}
	})
	resp, err := http.Post("http://"+addr, "text/plain", strings.NewReader("all"))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if err := <-ended; err != nil {
		t.Errorf("the handler was cut off: %v", err)
	}
}
