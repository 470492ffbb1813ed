package web

import "sync"

// hub wakes the open pages when there is something new. It carries no content: each page looks up what its reader may see.
type hub struct {
	mu   sync.Mutex
	subs map[*subscriber]bool
}

type subscriber struct {
	persona string
	ring    chan struct{} // has room for one

	mu          sync.Mutex
	clock, home bool
}

func (h *hub) subscribe(persona string) *subscriber {
	s := &subscriber{persona: persona, ring: make(chan struct{}, 1)}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.subs == nil {
		h.subs = map[*subscriber]bool{}
	}
	h.subs[s] = true
	return s
}

func (h *hub) unsubscribe(s *subscriber) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.subs, s)
}

// wake rings at every page: messages have changed; and the clock, or the home page of a persona, where said.
func (h *hub) wake(clock bool, home string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.subs {
		s.mu.Lock()
		s.clock = s.clock || clock
		s.home = s.home || home != "" && home == s.persona
		s.mu.Unlock()
		select {
		case s.ring <- struct{}{}:
		default:
		}
	}
}

// take returns and clears what rang besides messages.
func (s *subscriber) take() (clock, home bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	clock, home = s.clock, s.home
	s.clock, s.home = false, false
	return clock, home
}

// turns lets one request at a time do the same gesture.
type turns struct {
	mu   sync.Mutex
	busy map[string]*turn
}

type turn struct {
	mu      sync.Mutex
	waiting int
}

// take waits for the gesture's turn; the function it returns gives it back.
func (t *turns) take(gesture string) func() {
	t.mu.Lock()
	if t.busy == nil {
		t.busy = map[string]*turn{}
	}
	g := t.busy[gesture]
	if g == nil {
		g = &turn{}
		t.busy[gesture] = g
	}
	g.waiting++
	t.mu.Unlock()
	g.mu.Lock()
	return func() {
		g.mu.Unlock()
		t.mu.Lock()
		defer t.mu.Unlock()
		if g.waiting--; g.waiting == 0 {
			delete(t.busy, gesture)
		}
	}
}
