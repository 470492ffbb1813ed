package slack

import (
	"sync"
	"time"
)

// keepAnswers is how long an answer with an effect is remembered: longer than a signed request can be repeated.
const keepAnswers = 6 * time.Minute

// maxAnswers bounds the memory of answers; beyond it the oldest goes. A repetition after that reaches the handlers, which
// answer the same from their inbox.
const maxAnswers = 4096

// deliveries answers one delivery id once: a repetition that comes meanwhile waits for the first one's answer, one that
// comes later gets it again where it was kept.
type deliveries struct {
	mu    sync.Mutex
	byID  map[string]*repeat
	order []string // kept ids, oldest first
}

type repeat struct {
	done chan struct{}
	ans  ack
	at   time.Time
}

// do returns the answer for id, running fn unless it runs or ran already; again is then true.
func (d *deliveries) do(id string, now time.Time, fn func() ack) (ans ack, again bool) {
	d.mu.Lock()
	if d.byID == nil {
		d.byID = map[string]*repeat{}
	}
	for len(d.order) > 0 && (len(d.order) > maxAnswers || now.Sub(d.byID[d.order[0]].at) > keepAnswers) {
		delete(d.byID, d.order[0])
		d.order = d.order[1:]
	}
	if old, ok := d.byID[id]; ok {
		d.mu.Unlock()
		<-old.done
		return old.ans, true
	}
	mine := &repeat{done: make(chan struct{}), at: now, ans: ack{status: 500}}
	d.byID[id] = mine
	d.mu.Unlock()
	defer func() { // also when fn panics
		d.mu.Lock()
		if mine.ans.keep {
			d.order = append(d.order, id)
		} else {
			delete(d.byID, id)
		}
		d.mu.Unlock()
		close(mine.done)
	}()
	mine.ans = fn()
	return mine.ans, false
}
