package main

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"truce"
	"truce/bot/chat"
	"truce/bot/config"
	"truce/bot/demo"
	"truce/bot/demo/quillwater"
	"truce/handlers"
	"truce/schedules/delivery"
	"truce/storage"
)

// This file lives through the days on which a program can trip: each day of the week, the ends of months, 29 February, and both
// changes of the clock. The moment is injected, so it matters nothing on which day the tests run.

// postbox is a platform that keeps what it was given, with the moment.
type postbox struct {
	mu   sync.Mutex
	now  truce.Clock
	loc  *time.Location
	sent []string // "Thu 24 Feb 14:00 alignment"
}

func (*postbox) Name() string                                  { return "web" }
func (*postbox) Run(ctx context.Context, _ chat.Handler) error { <-ctx.Done(); return nil }
func (p *postbox) Send(_ context.Context, m chat.Outgoing) (chat.Ref, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !m.Edit.IsZero() {
		return m.Edit, nil
	}
	p.sent = append(p.sent, p.now().In(p.loc).Format("Mon 2 Jan 15:04 ")+cmp.Or(m.To.Name, "to one person"))
	return chat.Ref{Place: m.To, ID: fmt.Sprint(len(p.sent))}, nil
}

// TestDigestsComeOnTheirDay walks hour by hour, on the clock of a wall in Berlin, over the days on which the calendar is odd: each
// digest comes once, on its day, at its time.
func TestDigestsComeOnTheirDay(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	at := func(year int, month time.Month, day int) time.Time {
		return time.Date(year, month, day, 0, 0, 0, 0, berlin)
	}
	for _, tt := range []struct {
		name     string
		from, to time.Time
		want     []string // the sponsor's month, beside the weekly ones; on a Saturday it waits for Monday
	}{
		{"29 February, and the first of March", at(2028, 2, 21), at(2028, 3, 6), []string{"Wed 1 Mar 09:00 to one person"}},
		{"the clock goes forward, and a quarter ends", at(2028, 3, 24), at(2028, 4, 4), []string{"Mon 3 Apr 09:00 to one person"}},
		{"the clock goes back, and a month ends on a Tuesday", at(2028, 10, 27), at(2028, 11, 3), []string{"Wed 1 Nov 09:00 to one person"}},
		{"a year ends", at(2026, 12, 28), at(2027, 1, 5), []string{"Fri 1 Jan 09:00 to one person"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cfg := config.Default()
			cfg.TimeZone = "Europe/Berlin"
			cfg.Channels = config.Channels{Digests: "leads", Alignment: "weekly"}
			now := tt.from
			clock := func() time.Time { return now.UTC() }
			store, err := storage.Open(t.Context(), filepath.Join(t.TempDir(), "truce.db"), clock, testLog)
			if err != nil {
				t.Fatal(err)
			}
			defer store.Close()
			if err := install(t.Context(), store, "truce"); err != nil {
				t.Fatal(err)
			}
			box := &postbox{now: clock, loc: berlin}
			sponsor := handlers.Member{Email: "pat@quillwater.example", Name: "Pat", Users: []string{"web:demo:pat"},
				Roles: []truce.Role{truce.Sponsor}}
			if err := handlers.SetRoster(t.Context(), store, "config", []handlers.Member{sponsor}); err != nil {
				t.Fatal(err)
			}
			if err := quillwater.New(100, tt.to, 1).Store(t.Context(), store, func(int) {}); err != nil {
				t.Fatal(err)
			}
			a := newApp(store, handlers.New(store, handlerOptions(cfg), testLog), places, []chat.Adapter{box}, cfg.Terms(), testLog)
			a.sendDigests(cfg)
			want := slices.Clone(tt.want)
			for day := tt.from; day.Before(tt.to); day = day.AddDate(0, 0, 1) {
				switch day.Weekday() {
				case time.Monday:
					want = append(want, day.Format("Mon 2 Jan ")+"09:00 leads")
				case time.Thursday:
					want = append(want, day.Format("Mon 2 Jan ")+"14:00 weekly")
				}
			}
			for now = tt.from; now.Before(tt.to); now = now.Add(time.Hour) {
				if err := a.catchUp(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			got := box.sent
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		})
	}
}

// places are channels called by their role, of the postbox.
func places(_ *storage.Tx, role string) ([]chat.Place, error) {
	name, ok := map[string]string{"digests": "leads", "alignment": "weekly"}[role]
	if !ok {
		return nil, nil
	}
	return []chat.Place{{ID: "web:demo:" + name, Kind: chat.Channel, Name: name}}, nil
}

var _ delivery.Channel = places

// TestTheDemosPresent starts the demo's clock at a moment that was asked for, and not before what has happened.
func TestTheDemosPresent(t *testing.T) {
	now := time.Date(2028, 2, 29, 12, 0, 0, 0, time.UTC)
	clock := demo.NewClock(func() time.Time { return time.Date(2026, 11, 29, 1, 0, 0, 0, time.UTC) })
	file := filepath.Join(t.TempDir(), "demo.db")
	store, err := storage.Open(t.Context(), file, clock.Now, testLog)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if err := clock.Set(t.Context(), store, now); err != nil || !clock.Now().Equal(now) {
		t.Errorf("the clock stands at %s, want %s: %v", clock.Now(), now, err)
	}
	if err := store.Update(t.Context(), func(tx *storage.Tx) error { return tx.Audit("", "", "try", "it", nil) }); err != nil {
		t.Fatal(err)
	}
	if err := clock.Set(t.Context(), store, now.Add(-time.Minute)); truce.KindOf(err) != truce.Conflict || !clock.Now().Equal(now) {
		t.Errorf("set back: %v, the clock stands at %s", err, clock.Now())
	}
	later := demo.NewClock(func() time.Time { return time.Date(2026, 11, 29, 2, 0, 0, 0, time.UTC) })
	if err := later.Load(t.Context(), store); err != nil || !later.Now().Equal(now.Add(time.Hour)) {
		t.Errorf("an hour later it stands at %s: %v", later.Now(), err)
	}

	present := func(text string) (time.Time, error) {
		return demoCommand{Now: text}.present(&program{now: clock.Now})
	}
	for text, want := range map[string]time.Time{"": now, "2028-03-01": now.AddDate(0, 0, 1),
		"2028-03-01T13:00:00+01:00": now.AddDate(0, 0, 1)} {
		if got, err := present(text); err != nil || !got.Equal(want) {
			t.Errorf("--now %q is %s, want %s: %v", text, got, want, err)
		}
	}
	for _, text := range []string{"tomorrow", "2028-02-30", "12:00"} {
		if _, err := present(text); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("--now %s: %v", text, err)
		}
	}
}
