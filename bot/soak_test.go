package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"truce/bot/slack"
	"truce/bot/slack/slackfake"
	"truce/storage"
)

// soakKills is how often the bot is killed, soakPause how long it lives each time; people write and things go wrong all the while,
// and on until enough was written.
const (
	soakKills    = 4
	soakPause    = 2800 * time.Millisecond
	soakCommands = 100
	soakMessages = 30
)

// At full length: go test ./bot -run 'TestSoak|TestKillLoses' -timeout 3h -soak 1h -kills 200 -v
var (
	soakFor   = flag.Duration("soak", 15*time.Second, "how long TestSoak lets the bot live on after the kills, on each transport")
	killTimes = flag.Int("kills", 20, "how often TestKillLosesNothingAcknowledged kills the bot")
)

// TestSoak lets six people write while Slack refuses, is slow, cuts connections and loses answers, and the bot is killed and
// started again. In the end what was acknowledged is stored once, and what had to be said was seen: at least once, and where
// twice, recognisably the same.
func TestSoak(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes most of a minute")
	}
	bothTransports(t, func(t *testing.T, mode string) {
		o := newOffice(t, mode, "TRUCE_CHANNELS_DISPUTES=#lead-disputes", "TRUCE_METRICS_LISTEN=127.0.0.1:0")
		o.AddChannel(slackfake.Channel{ID: "C7", Name: "lead-disputes", Private: true, Members: []string{"U1", o.BotUser}})
		users := []string{"U1", "U2", "U21", "U22", "U23", "U24"}
		for _, u := range users[2:] {
			o.AddUser(slackfake.User{ID: u, Name: "Rep " + u, Email: strings.ToLower(u) + "@quillwater.example"})
		}
		o.start()
		for _, u := range users { // all are known before things go wrong
			o.Command(u, "C1", "/truce help")
		}
		s := &soak{office: o, commands: map[string]bool{}, messages: map[string]heard{}, outbox: map[string]string{},
			waits: map[string][]time.Duration{}}
		s.run(users)
		s.settle()
		s.quiet(users)
		s.judge()
	})
}

// soak is what was done, and acknowledged.
type soak struct {
	*office
	mu       sync.Mutex
	starting sync.RWMutex // the bot is being killed and started
	commands map[string]bool
	messages map[string]heard
	outbox   map[string]string // text -> the channel it goes to, or "" for Mark's DM
	kills    int
	waits    map[string][]time.Duration // for an acknowledgement, while things go wrong and when all is well
}

const (
	spoilt = "while things go wrong"
	well   = "when all is well"
)

// heard is a message to the bot that Slack may have to deliver again.
type heard struct{ user, ts string }

func (s *soak) run(users []string) {
	ctx, end := context.WithCancel(s.t.Context())
	var wg sync.WaitGroup
	for i, user := range users {
		wg.Go(func() { s.write(ctx, user, rand.New(rand.NewPCG(uint64(i), 11))) })
	}
	wg.Go(func() { s.spoil(ctx, rand.New(rand.NewPCG(99, 11))) })
	wg.Go(func() { s.import_(ctx) })
	wg.Go(func() { s.beside_(ctx) })
	for range soakKills {
		time.Sleep(soakPause)
		s.kill()
	}
	s.live(*soakFor)
	for late := time.Now().Add(time.Minute); !s.enough() && time.Now().Before(late); {
		time.Sleep(soakPause)
	}
	end()
	wg.Wait()
}

// enough reports whether so much was written that what is not lost says something.
func (s *soak) enough() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.commands) >= soakCommands && len(s.messages) >= soakMessages
}

// write has a person log objections and write to the bot.
func (s *soak) write(ctx context.Context, user string, r *rand.Rand) {
	for i := 0; ctx.Err() == nil; i++ {
		time.Sleep(time.Duration(50+r.IntN(200)) * time.Millisecond)
		s.starting.RLock()
		if i%4 != 3 {
			text := fmt.Sprintf("objection %d of %s in the soak", i, user)
			s.objects(user, text, spoilt)
		} else {
			text := fmt.Sprintf("note %d of %s in the soak", i, user)
			ack, ts := s.Write(user, text)
			s.mu.Lock()
			s.messages[text] = heard{user, ts}
			s.mu.Unlock()
			for range 2 { // Slack delivers again what was not acknowledged, and now and then what was
				if ack.Status == http.StatusOK && r.IntN(3) > 0 {
					break
				}
				ack = s.Event(slackfake.DirectMessage(user, "D"+user[1:], ts, text))
			}
		}
		s.starting.RUnlock()
	}
}

// objects logs an objection, and notes how long its acknowledgement took.
func (s *soak) objects(user, text, when string) {
	asked := time.Now()
	ack := s.Command(user, "C1", "/objection "+text)
	took := time.Since(asked)
	if ack.Status != http.StatusOK || !strings.Contains(string(ack.Body), text) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.commands[text] = true
	s.waits[when] = append(s.waits[when], took)
}

// spoil makes Slack misbehave.
func (s *soak) spoil(ctx context.Context, r *rand.Rand) {
	methods := []string{"chat.postMessage", "chat.postMessage", "chat.postMessage", "conversations.open", "users.info", "views.publish",
		"conversations.history"}
	faults := []slackfake.Fault{
		{Status: http.StatusTooManyRequests, RetryAfter: 1}, {Status: http.StatusInternalServerError},
		{Status: http.StatusBadGateway, After: true},
		{Cut: true}, {Cut: true, After: true}, {Delay: 1500 * time.Millisecond}, {Error: "internal_error"}, {Error: "ratelimited"},
	}
	for ctx.Err() == nil {
		s.Fail(methods[r.IntN(len(methods))], faults[r.IntN(len(faults))])
		if s.mode == slack.ModeSocket && r.IntN(12) == 0 {
			s.Disconnect([]string{"warning", "refresh_requested"}[r.IntN(2)])
		}
		time.Sleep(time.Duration(100+r.IntN(300)) * time.Millisecond)
	}
}

// import_ writes messages into the outbox beside the bot, as an import does.
func (s *soak) import_(ctx context.Context) {
	for i := 0; ctx.Err() == nil; i++ {
		text := fmt.Sprintf("outbox %d in the soak", i)
		if i%2 == 0 {
			s.say(toChannel("disputes"), text)
			s.outbox[text] = "C7"
		} else {
			s.say(personBy("mark@quillwater.example"), text)
			s.outbox[text] = ""
		}
		time.Sleep(1200 * time.Millisecond)
	}
}

func (s *soak) kill() {
	if err := s.bot.cmd.Process.Kill(); err != nil { // in the middle of what is under way
		s.t.Error(err)
	}
	s.starting.Lock()
	defer s.starting.Unlock()
	s.bot.done <- <-s.bot.done
	s.kills++
	s.start()
}

// settle ends the faults, delivers again what Slack would still deliver, and waits until nothing is left to say.
func (s *soak) settle() {
	s.Heal()
	for text, m := range s.messages {
		if ack := s.Event(slackfake.DirectMessage(m.user, "D"+m.user[1:], m.ts, text)); ack.Status != http.StatusOK {
			s.t.Errorf("after all is well, %q is answered %d", text, ack.Status)
		}
	}
	// What was refused time and again waits the longest, two minutes; and of what waits a conversation takes one a second.
	deadline := time.Now().Add(4*time.Minute + *soakFor)
	for time.Now().Before(deadline) {
		var at time.Time
		s.beside(func(tx *storage.Tx) (err error) { at, err = tx.NextWaiting(); return err })
		if at.IsZero() && s.answered() == len(s.messages) {
			return
		}
		time.Sleep(200 * time.Millisecond)
	}
}

// quiet has the same people write as much when all is well, and tells how long they waited before, beside that.
func (s *soak) quiet(users []string) {
	var wg sync.WaitGroup
	for i, user := range users {
		r := rand.New(rand.NewPCG(uint64(i), 12))
		wg.Go(func() {
			for n := range 20 {
				time.Sleep(time.Duration(50+r.IntN(200)) * time.Millisecond)
				s.objects(user, fmt.Sprintf("objection %d00000 of %s in the soak", n+1, user), well)
			}
		})
	}
	wg.Wait()
	at := func(when string, part float64) time.Duration {
		list := slices.Sorted(slices.Values(s.waits[when]))
		return list[int(part*float64(len(list)-1))]
	}
	if len(s.waits[spoilt]) == 0 || len(s.waits[well]) == 0 {
		s.t.Errorf("%d acknowledgements %s, %d %s", len(s.waits[spoilt]), spoilt, len(s.waits[well]), well)
		return
	}
	for _, part := range []float64{0.5, 0.95, 0.99} {
		s.t.Logf("of %.0f %% the acknowledgement took %.2f times as long %s as %s", 100*part,
			at(spoilt, part).Seconds()/at(well, part).Seconds(), spoilt, well)
	}
}

// answered is how many messages have an answer that quotes them.
func (s *soak) answered() int {
	n, said := 0, map[string]map[string]int{}
	for text, m := range s.messages {
		if said[m.user] == nil {
			said[m.user] = s.sayings(s.DM(m.user))
		}
		if said[m.user][text] > 0 {
			n++
		}
	}
	return n
}

// spoken is what people and imports write in the soak.
var spoken = regexp.MustCompile(`(?:objection|note) \d+ of \w+ in the soak|outbox \d+ in the soak`)

// sayings counts, for each text of the soak, the bot's messages that hold it: in one go, for a long soak has thousands of both.
func (s *soak) sayings(list []slackfake.Message) map[string]int {
	n := map[string]int{}
	for _, m := range s.fromBot(list) {
		held := spoken.FindAllString(shown(m), -1)
		slices.Sort(held)
		for _, text := range slices.Compact(held) {
			n[text]++
		}
	}
	return n
}

func (s *soak) judge() {
	stored := s.stored()
	notes := map[string]int{}
	s.beside(func(tx *storage.Tx) error {
		people, err := tx.People()
		for _, p := range people {
			drafts, err := tx.Drafts(p.ID, tx.Now.Add(-time.Hour), tx.Now.Add(time.Hour))
			if err != nil {
				return err
			}
			for _, n := range drafts {
				notes[n.Text]++
			}
		}
		return err
	})
	for text := range s.commands {
		if stored[text] != 1 {
			s.t.Errorf("acknowledged, and stored %d times: %s", stored[text], text)
		}
	}
	twice := 0
	dms, inChannel := map[string]map[string]int{}, s.sayings(s.Messages("C7"))
	dm := func(user string) map[string]int {
		if dms[user] == nil {
			dms[user] = s.sayings(s.DM(user))
		}
		return dms[user]
	}
	for text, m := range s.messages {
		if notes[text]+stored[text] != 1 {
			s.t.Errorf("stored %d times: %s", notes[text]+stored[text], text)
		}
		switch n := dm(m.user)[text]; {
		case n == 0:
			s.t.Errorf("never answered: %s", text)
		case n > 1:
			twice++
			s.recognisable(s.DM(m.user), text)
		}
	}
	for text, channel := range s.outbox {
		list, said := s.DM("U2"), dm("U2")
		if channel != "" {
			list, said = s.Messages(channel), inChannel
		}
		switch n := said[text]; {
		case n == 0:
			s.t.Errorf("never seen: %s", text)
		case n > 1:
			twice++
			s.recognisable(list, text)
		}
	}
	if !s.enough() {
		s.t.Errorf("only %d commands and %d messages with %d kills: that is no soak", len(s.commands), len(s.messages), s.kills)
	}
	s.t.Logf("%d commands acknowledged, %d messages, %d from the outbox, %d kills, %d seen twice", len(s.commands), len(s.messages),
		len(s.outbox), s.kills, twice)
	if s.t.Failed() {
		s.t.Logf("the bot's last life:\n%s", s.bot.log)
	}
	if strings.Contains(s.bot.log.String(), "in the soak") {
		s.t.Error("what people wrote is in the log")
	}
}

// recognisable: of a message that stands twice, all but the first say so, or all carry the same mark.
func (s *soak) recognisable(list []slackfake.Message, text string) {
	marks := map[string]bool{}
	said := 0
	for _, m := range s.fromBot(list) {
		if !strings.Contains(shown(m), text) {
			continue
		}
		marks[fmt.Sprint(m.Metadata)] = true
		if strings.Contains(shown(m), "may repeat") {
			said++
		}
	}
	if len(marks) != 1 && said == 0 {
		s.t.Errorf("seen twice, and not recognisably the same: %s", text)
	}
}
