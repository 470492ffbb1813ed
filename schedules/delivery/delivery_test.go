package delivery

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"truce/bot/chat"
	"truce/storage"
)

func TestOneThatFailsHoldsUpItsConversationOnly(t *testing.T) {
	o := newDelivery(t)
	o.say(storage.ToPerson(ann), "1", "2", "3")
	o.say(storage.ToPerson(bea), "other")
	o.a.goWrong(func(m chat.Outgoing) fault {
		if m.Card.Summary == "1" {
			return troubled(chat.Later, false)
		}
		return fault{}
	})
	o.deliver()
	if got := o.a.texts("dm-a:t:ann"); got != "" {
		t.Errorf("while the first waits, Ann has %q", got)
	}
	if got := o.a.texts("dm-a:t:bea"); got != "other|" {
		t.Errorf("Bea has %q", got)
	}
	o.a.goWrong(nil)
	o.deliver() // not yet: it waits before it tries again
	if got := o.a.texts("dm-a:t:ann"); got != "" {
		t.Errorf("at once Ann has %q", got)
	}
	o.pass(time.Minute)
	o.deliver()
	if got := o.a.texts("dm-a:t:ann"); got != "1|2|3|" {
		t.Errorf("in the end Ann has %q", got)
	}
}

// TestTroubles says what becomes of a message after each trouble.
func TestTroubles(t *testing.T) {
	channel := storage.ToChannel("disputes")
	t.Run("later: after the time that the platform asks for", func(t *testing.T) {
		o := newDelivery(t)
		o.say(storage.ToPerson(ann), "x")
		o.a.once(fault{err: &chat.SendError{Trouble: chat.Later, RetryAfter: 7 * time.Second, Err: errors.New("429")}})
		o.deliver()
		if m := o.stored(storage.ToPerson(ann), "x"); !m.NotBefore.Equal(o.now.Add(7*time.Second)) || m.Unclear || m.Attempts != 1 {
			t.Errorf("it waits as %+v", m)
		}
		o.pass(7 * time.Second)
		o.deliver()
		if got := o.a.in(""); len(got) != 1 || got[0].again {
			t.Errorf("got %+v", got)
		}
	})
	for _, f := range []fault{troubled(chat.Unclear, true), troubled(chat.Unclear, false),
		{err: errors.New("an error that says nothing"), came: true}} {
		t.Run(fmt.Sprintf("unclear, came through %v", f.came), func(t *testing.T) {
			o := newDelivery(t)
			o.say(storage.ToPerson(ann), "x")
			o.a.once(f)
			o.deliver()
			if m := o.stored(storage.ToPerson(ann), "x"); !m.Unclear || m.Attempts != 1 {
				t.Errorf("it waits as %+v", m)
			}
			o.pass(time.Minute)
			o.deliver()
			if got := o.a.in(""); len(got) != 1 || got[0].again != !f.came {
				t.Errorf("where the platform can look, it stands there as %+v", got)
			}
		})
	}
	t.Run("unclear, where the platform cannot look: twice, recognisably", func(t *testing.T) {
		o := newDelivery(t)
		o.channels["disputes"] = []chat.Place{{ID: "b:t:disputes", Kind: chat.Channel}}
		o.say(channel, "x")
		o.b.once(troubled(chat.Unclear, true))
		o.deliver()
		o.pass(time.Minute)
		o.deliver()
		if got := o.b.in(""); len(got) != 2 || got[0].again || !got[1].again || got[0].key != got[1].key {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("refused: given up, the next one goes", func(t *testing.T) {
		o := newDelivery(t)
		o.say(storage.ToPerson(ann), "x", "y")
		o.a.once(troubled(chat.Refused, false))
		o.deliver()
		if got := o.a.texts(""); got != "y|" || o.waiting() != 0 {
			t.Errorf("Ann has %q, %d wait", got, o.waiting())
		}
	})
	for _, trouble := range []chat.Trouble{chat.NotMember, chat.Gone} {
		t.Run(string(trouble)+": the people concerned get it, an admin the remedy, once", func(t *testing.T) {
			o := newDelivery(t)
			o.say(channel, "x")
			o.say(channel, "y")
			o.a.goWrong(func(m chat.Outgoing) fault {
				if m.To.Kind == chat.Channel {
					return troubled(trouble, false)
				}
				return fault{}
			})
			o.deliver()
			if got := o.a.texts("dm-a:t:bea"); got != "x|y|" {
				t.Errorf("Marketing has %q", got)
			}
			if got := o.a.texts("dm-a:t:dan"); strings.Count(got, "Mend it.") != 1 || strings.Count(got, "|") != 1 {
				t.Errorf("the admin has %q", got)
			}
		})
	}
	t.Run("gone: an edit of what was deleted is said anew", func(t *testing.T) {
		o := newDelivery(t)
		o.change(channel, "v1")
		o.deliver()
		o.a.posts = nil
		o.a.goWrong(func(m chat.Outgoing) fault {
			if !m.Edit.IsZero() {
				return troubled(chat.Gone, false)
			}
			return fault{}
		})
		o.change(channel, "v2")
		o.deliver()
		if got := o.a.texts(""); got != "T v2|" {
			t.Errorf("the channel has %q", got)
		}
	})
	t.Run("unauthorized: it waits for the admin to mend it", func(t *testing.T) {
		o := newDelivery(t)
		o.say(storage.ToPerson(ann), "x")
		o.a.goWrong(func(chat.Outgoing) fault { return troubled(chat.Unauthorized, false) })
		for range 20 {
			o.deliver()
			o.pass(lastBackoff)
		}
		o.a.goWrong(nil)
		o.deliver()
		got := strings.Split(o.a.texts(""), "|") // in the lane of either
		slices.Sort(got)
		if !slices.Equal(got, []string{"", "A does not let me send anything: it refuses my credentials. Mend it. What I have to say there " +
			"waits until then.", "x"}) {
			t.Errorf("Ann has %q", got)
		}
	})
	t.Run("unreachable: on the other platform, at once", func(t *testing.T) {
		o := newDelivery(t)
		o.say(storage.ToPerson(ann), "x")
		o.a.goWrong(func(chat.Outgoing) fault { return troubled(chat.Unreachable, false) })
		o.deliver()
		if got := o.b.texts("dm-b:t:ann"); got != "x|" {
			t.Errorf("on the other platform Ann has %q", got)
		}
		o.a.goWrong(nil)
		o.say(storage.ToPerson(ann), "y")
		o.deliver()
		if got := o.b.texts("dm-b:t:ann"); got != "x|y|" {
			t.Errorf("a platform that refused her is tried again: %q", got)
		}
	})
	t.Run("unreachable everywhere: the admin hears of it once, and it waits", func(t *testing.T) {
		o := newDelivery(t)
		o.say(storage.ToPerson(bea), "x", "y")
		o.say(storage.ToPerson(cem), "z") // whom nobody has seen anywhere
		o.a.goWrong(func(m chat.Outgoing) fault {
			if m.To.User == "a:t:bea" {
				return troubled(chat.Unreachable, false)
			}
			return fault{}
		})
		o.deliver()
		for range 5 {
			o.pass(waitForPerson)
			o.deliver()
		}
		got := o.a.texts("dm-a:t:dan")
		if strings.Count(got, "cannot write to Bea") != 1 || strings.Count(got, "cannot write to Cem") != 1 || strings.Count(got, "|") != 2 ||
			!strings.Contains(got, "Mend it.") {
			t.Errorf("the admin has %q", got)
		}
		o.a.goWrong(nil)
		o.write(func(tx *storage.Tx) error {
			return errors.Join(tx.SeenUser("a:t:bea"), tx.Identify(cem, "b:t:cem", "Cem", "member"))
		})
		o.deliver() // at once, not in an hour
		if o.a.texts("dm-a:t:bea") != "x|y|" || o.b.texts("dm-b:t:cem") != "z|" {
			t.Errorf("when they turn up, Bea has %q and Cem %q", o.a.texts("dm-a:t:bea"), o.b.texts("dm-b:t:cem"))
		}
	})
	t.Run("what cannot be drawn holds up nobody", func(t *testing.T) {
		o := newDelivery(t)
		broken := true
		o.delivery.Subjects["odd"] = func(*storage.Tx, string) (chat.Card, error) {
			if broken {
				return chat.Card{}, errors.New("a bug of ours")
			}
			return chat.Card{Summary: "odd"}, nil
		}
		o.write(func(tx *storage.Tx) error {
			return tx.Send(storage.Message{To: channel, Subject: "odd:1", Kind: storage.CaseMessage})
		})
		o.say(channel, "x")
		o.deliver()
		if got := o.a.texts(""); got != "x|" {
			t.Errorf("the channel has %q", got)
		}
		broken = false
		o.pass(time.Hour)
		o.deliver()
		if got := o.a.texts(""); got != "x|odd|" {
			t.Errorf("after it was mended the channel has %q", got)
		}
	})
}

func TestEditsCoalesce(t *testing.T) {
	channel := storage.ToChannel("disputes")
	t.Run("while they wait", func(t *testing.T) {
		o := newDelivery(t)
		sends := 0
		o.a.goWrong(func(chat.Outgoing) fault { sends++; return troubled(chat.Later, false) })
		for i := range 5 {
			o.change(channel, fmt.Sprint("v", i))
			o.deliver()
		}
		o.pass(time.Hour)
		o.a.goWrong(func(chat.Outgoing) fault { sends++; return fault{} })
		o.deliver()
		if got := o.a.in(""); len(got) != 1 || got[0].text != "T v4" || got[0].edits != 0 || sends != 2 {
			t.Errorf("after %d sends there stands %+v", sends, got)
		}
	})
	t.Run("what changes while one is under way is said by another", func(t *testing.T) {
		o := newDelivery(t)
		o.change(channel, "v1")
		changed := false
		o.a.goWrong(func(chat.Outgoing) fault {
			if !changed {
				changed = true
				o.change(channel, "v2")
			}
			return fault{}
		})
		o.deliver()
		if got := o.a.in(""); len(got) != 1 || got[0].text != "T v2" || got[0].edits != 1 {
			t.Errorf("there stands %+v", got)
		}
	})
	t.Run("what changes after an attempt that may have come through", func(t *testing.T) {
		o := newDelivery(t)
		o.change(channel, "v1")
		o.a.once(troubled(chat.Unclear, true))
		o.deliver()
		o.change(channel, "v2") // the first is found as it stands: v1
		o.pass(time.Minute)
		o.deliver()
		if got := o.a.in(""); len(got) != 1 || got[0].text != "T v2" {
			t.Errorf("there stands %+v", got)
		}
	})
}

// TestAKillBetweenSendingAndRecording: the message may stand already, so the next attempt has the same key and says so.
func TestAKillBetweenSendingAndRecording(t *testing.T) {
	o := newDelivery(t)
	o.say(storage.ToPerson(ann), "x")
	o.a.goWrong(func(chat.Outgoing) fault {
		o.store.Close() // whatever comes of it is not recorded
		return fault{came: true}
	})
	o.delivery.Once(context.Background())
	o.a.goWrong(nil)
	o.open()
	o.deliver()
	if got := o.a.in(""); len(got) != 1 || o.waiting() != 0 {
		t.Errorf("it stands there as %+v, %d wait", got, o.waiting())
	}
}

func TestHeldBackMessagesArePassedBy(t *testing.T) {
	o := newDelivery(t)
	until := o.now.Add(3 * time.Hour)
	o.delivery.Hold = func(_ *storage.Tx, m storage.Message) (time.Time, error) {
		if strings.HasSuffix(m.Key, "held") && o.clock().Before(until) {
			return until, nil
		}
		return time.Time{}, nil
	}
	o.say(storage.ToPerson(ann), "held", "urgent")
	o.deliver()
	if got := o.a.texts(""); got != "urgent|" {
		t.Errorf("Ann has %q", got)
	}
	o.pass(3 * time.Hour)
	o.deliver()
	if got := o.a.in(""); len(got) != 2 || got[1].text != "held" || got[1].again {
		t.Errorf("in the end Ann has %+v", got)
	}
}

// TestAChannelInTwoPlaces: each place has its own message and thread, edited in step.
func TestAChannelInTwoPlaces(t *testing.T) {
	channel := storage.ToChannel("disputes")
	thread := storage.Dest("thread:" + string(channel) + "|thing:T")
	onA, onB := chat.Place{ID: "a:t:disputes", Kind: chat.Channel, Name: "disputes"},
		chat.Place{ID: "b:t:disputes", Kind: chat.Channel, Name: "disputes"}
	o := newDelivery(t)
	o.change(channel, "v1") // posted while the channel was on a alone
	o.deliver()
	o.channels["disputes"] = []chat.Place{onA, onB}
	o.change(channel, "v2")
	o.say(thread, "a step")
	o.deliver()
	o.pass(time.Minute)
	o.deliver()
	for _, p := range []*platform{o.a, o.b} {
		got := p.in("")
		if len(got) != 2 || got[0].text != "T v2" || got[1].text != "a step" || got[1].thread != got[0].id {
			t.Errorf("on %s stands %+v", p.name, got)
		}
	}
	if got := o.a.in(""); got[0].edits != 1 {
		t.Errorf("the message that stood on a already was not edited: %+v", got)
	}
	// Back to one place: its message is edited on, the other's is left as it is.
	o.channels["disputes"] = []chat.Place{onB}
	o.change(channel, "v3")
	o.deliver()
	if a, b := o.a.in("")[0], o.b.in("")[0]; a.text != "T v2" || b.text != "T v3" || len(o.b.in("")) != 2 {
		t.Errorf("on a stands %+v, on b %+v", a, b)
	}
	// A place that does not take it gives it to the people concerned, once.
	o.channels["disputes"] = []chat.Place{onA, onB}
	for _, p := range []*platform{o.a, o.b} {
		p.goWrong(func(m chat.Outgoing) fault {
			if m.To.Kind == chat.Channel {
				return troubled(chat.NotMember, false)
			}
			return fault{}
		})
	}
	o.say(channel, "for both")
	o.deliver()
	if got := o.a.texts("dm-a:t:bea"); got != "for both|" {
		t.Errorf("Marketing has %q", got)
	}
}

// TestASlowChannelHoldsUpNobodyElse drains a thousand messages of one channel and its threads at the pace of the platform, while
// other people get theirs at once.
func TestASlowChannelHoldsUpNobodyElse(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	o := newDelivery(t)
	channel := storage.ToChannel("disputes")
	const pace = 2 * time.Millisecond
	o.a.goWrong(func(m chat.Outgoing) fault {
		if m.To.Kind == chat.Channel {
			time.Sleep(pace)
		}
		return fault{}
	})
	o.write(func(tx *storage.Tx) error {
		for i := range 600 {
			if err := tx.Send(message(channel, fmt.Sprintf("%04d", i))); err != nil {
				return err
			}
		}
		for i := range 400 {
			subject := fmt.Sprintf("thing:%d", i)
			if err := errors.Join(tx.SetPosted(storage.Subject(subject), channel,
				chat.Ref{Place: chat.Place{ID: "a:t:disputes", Kind: chat.Channel}, ID: subject}),
				tx.Send(message(storage.ToThread(channel, storage.Subject(subject)), "step"))); err != nil {
				return err
			}
		}
		return nil
	})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- o.delivery.Run(ctx) }()
	defer func() { cancel(); <-ended }()
	var slowest time.Duration
	for i := range 20 {
		time.Sleep(10 * time.Millisecond)
		text, start := fmt.Sprint("at once ", i), time.Now()
		o.say(storage.ToPerson(bea), text)
		for !strings.HasSuffix(o.a.texts("dm-a:t:bea"), text+"|") {
			if time.Since(start) > 10*time.Second {
				t.Fatalf("%q did not come in 10 s; the channel has %d", text, len(o.a.in("a:t:disputes")))
			}
			time.Sleep(time.Millisecond)
		}
		slowest = max(slowest, time.Since(start))
	}
	if n := len(o.a.in("a:t:disputes")); n >= 1000 {
		t.Skipf("the channel was drained before the others came (%d)", n)
	}
	for start := time.Now(); len(o.a.in("a:t:disputes")) < 1000; time.Sleep(10 * time.Millisecond) {
		if time.Since(start) > 120*time.Second {
			t.Fatalf("the channel has %d of 1000 messages", len(o.a.in("a:t:disputes")))
		}
	}
	var order []string
	for _, p := range o.a.in("a:t:disputes") {
		if p.thread == "" {
			order = append(order, p.text)
		}
	}
	if !slices.IsSorted(order) || len(order) != 600 {
		t.Errorf("%d messages, out of their order: %v", len(order), order)
	}
	if slowest > 2*time.Second {
		t.Errorf("the slowest of the others took %s", slowest)
	}
	t.Logf("the slowest of the others took %s", slowest)
}

// TestAnotherProcessWrites: what an import beside the running bot puts into the outbox leaves within two seconds.
func TestAnotherProcessWrites(t *testing.T) {
	o := newDelivery(t)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- o.delivery.Run(ctx) }()
	defer func() { cancel(); <-ended }()
	time.Sleep(50 * time.Millisecond)
	other, err := storage.Open(t.Context(), o.path, o.clock, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	start := time.Now()
	if err := other.Update(t.Context(), func(tx *storage.Tx) error {
		return tx.Send(message(storage.ToPerson(bea),
			"imported"))
	}); err != nil {
		t.Fatal(err)
	}
	for o.a.texts("") != "imported|" {
		if time.Since(start) > 10*time.Second {
			t.Fatal("it did not come in 10 s")
		}
		time.Sleep(5 * time.Millisecond)
	}
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("it took %s", took)
	}
}

// TestALongOutboxDoesNotFillMemory: what waits stays in the store.
func TestALongOutboxDoesNotFillMemory(t *testing.T) {
	o := newDelivery(t)
	const n, size = 5000, 4 << 10
	o.write(func(tx *storage.Tx) error {
		for i := range n {
			if err := tx.Send(message(storage.ToChannel("disputes"), fmt.Sprintf("%05d %s", i, strings.Repeat("x", size)))); err != nil {
				return err
			}
		}
		return nil
	})
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	hold, held := make(chan struct{}), sync.OnceFunc(func() {})
	o.a.goWrong(func(chat.Outgoing) fault { held(); <-hold; return troubled(chat.Later, false) })
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- o.delivery.Run(ctx) }()
	time.Sleep(1500 * time.Millisecond) // several looks at all that waits
	grown := int64(heap()) - int64(before)
	cancel()
	close(hold)
	<-ended
	if grown > 4<<20 {
		t.Errorf("with %d MiB waiting, the heap grew by %d KiB", n*size>>20, grown>>10)
	}
	t.Logf("with %d MiB waiting, the heap grew by %d KiB", n*size>>20, grown>>10)
}

// TestNothingIsLost plays random faults, pauses, kills and restarts. In the end every message stands where it belongs, in its
// order, and twice only where it says so.
func TestNothingIsLost(t *testing.T) {
	seeds := 12
	if testing.Short() {
		seeds = 3
	}
	for seed := range seeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			o := newDelivery(t)
			r := rand.New(rand.NewPCG(uint64(seed), 7))
			o.a.looks = seed%2 == 0
			dests := []storage.Dest{storage.ToPerson(bea), storage.ToPerson(dan), storage.ToChannel("disputes")}
			place := map[storage.Dest]string{dests[0]: "dm-a:t:bea", dests[1]: "dm-a:t:dan", dests[2]: "a:t:disputes"}
			said := map[storage.Dest][]string{}
			var mu sync.Mutex // the faults are drawn by several lanes
			o.a.goWrong(func(m chat.Outgoing) fault {
				mu.Lock()
				defer mu.Unlock()
				switch r.IntN(10) {
				case 0, 1:
					return troubled(chat.Later, false)
				case 2:
					return troubled(chat.Unclear, false)
				case 3:
					return troubled(chat.Unclear, true)
				case 4:
					return troubled(chat.Unauthorized, false)
				case 5:
					o.store.Close() // kill -9 after it came through, before that is recorded
					return fault{came: true}
				}
				return fault{}
			})
			n := 0
			for range 60 {
				to := dests[r.IntN(len(dests))]
				for range 1 + r.IntN(2) {
					n++
					text := fmt.Sprintf("%03d", n)
					o.say(to, text)
					said[to] = append(said[to], text)
				}
				if r.IntN(3) == 0 {
					o.change(dests[2], fmt.Sprint("v", n))
				}
				if _, err := o.delivery.Once(context.Background()); err != nil && !strings.Contains(err.Error(), "closed") {
					t.Fatal(err)
				}
				o.store.Close()
				o.open()
				o.pass(time.Millisecond + time.Duration(r.IntN(90))*time.Second)
			}
			o.a.goWrong(nil)
			for range 40 {
				o.deliver()
				o.pass(lastBackoff)
			}
			if n := o.waiting(); n != 0 {
				t.Errorf("%d messages still wait", n)
			}
			twice := 0
			for to, want := range said {
				var first []string
				for _, p := range o.a.in(place[to]) {
					if strings.HasPrefix(p.text, "T ") || strings.Contains(p.text, "refuses my credentials") { // what admins are told of it
						continue
					}
					if slices.Contains(first, p.text) {
						if twice++; !p.again {
							t.Errorf("%q stands in %s twice and does not say so", p.text, to)
						}
						continue
					}
					first = append(first, p.text)
				}
				if !slices.Equal(first, want) {
					t.Errorf("in %s stands\n%v\nwritten was\n%v", to, first, want)
				}
			}
			things := 0
			for _, p := range o.a.in(place[dests[2]]) {
				if strings.HasPrefix(p.text, "T ") {
					things++
				}
			}
			if o.a.looks && (twice > 0 || things != 1) {
				t.Errorf("the platform can look, and %d messages stand there twice, the edited one %d times", twice, things)
			}
			var state string
			o.write(func(tx *storage.Tx) (err error) { state, err = tx.Meta("thing"); return err })
			newest := ""
			for _, p := range o.a.in(place[dests[2]]) {
				if strings.HasPrefix(p.text, "T ") {
					newest = p.text
				}
			}
			if newest != "T "+state {
				t.Errorf("the edited message says %q, it is %q", newest, state)
			}
		})
	}
}

// TestTheLogHoldsNoTexts delivers, fails and gives up with all that is logged kept.
func TestTheLogHoldsNoTexts(t *testing.T) {
	o := newDelivery(t)
	var log strings.Builder
	var mu sync.Mutex
	o.delivery.Log = slog.New(slog.NewTextHandler(writer(func(p []byte) (int, error) { mu.Lock(); defer mu.Unlock(); return log.Write(p) }),
		&slog.HandlerOptions{Level: slog.LevelDebug}))
	for _, trouble := range []chat.Trouble{"", chat.Later, chat.Unclear, chat.Refused, chat.NotMember, chat.Gone, chat.Unauthorized,
		chat.Unreachable} {
		if trouble != "" {
			o.a.once(troubled(trouble, false))
		}
		o.say(storage.ToChannel("disputes"), "Northfield buys through a consortium, "+string(trouble))
		o.say(storage.ToPerson(ann), "Northfield buys through a consortium, "+string(trouble))
		o.say(storage.ToPlace(chat.Place{ID: "a:t:c", Name: "Project Northfield"}), "for Northfield, "+string(trouble))
		o.deliver()
		o.pass(time.Hour)
	}
	if s := log.String(); strings.Contains(s, "Northfield") || !strings.Contains(s, "msg=delivered") ||
		!strings.Contains(s, "trouble=refused") {
		t.Errorf("the log says\n%s", s)
	}
}

type writer func(p []byte) (int, error)

func (w writer) Write(p []byte) (int, error) { return w(p) }

var _ io.Writer = writer(nil)
