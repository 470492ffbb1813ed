package main

import (
	"context"
	"html"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"truce"
	"truce/bot/chat"
	"truce/bot/chat/chattest"
	"truce/bot/config"
	"truce/bot/slack"
	"truce/bot/slack/slackfake"
	"truce/bot/teams"
	"truce/bot/teams/teamsfake"
	"truce/bot/web"
	"truce/handlers"
	"truce/storage"
)

// overheard is the handlers with what they said last.
type overheard struct {
	*handlers.Handlers
	mu   sync.Mutex
	last chat.Reply
}

func (o *overheard) Handle(ctx context.Context, ev chat.Event) (chat.Reply, error) {
	reply, err := o.Handlers.Handle(ctx, ev)
	if ev.Kind == chat.Message {
		o.mu.Lock()
		o.last = reply
		o.mu.Unlock()
	}
	return reply, err
}

func (o *overheard) said() chat.Reply { o.mu.Lock(); defer o.mu.Unlock(); return o.last }

// TestAMentionIsAnsweredPrivately walks all commands and their examples as mentions in a channel, on all three platforms: what would be
// for one person alone as a command is so as a mention, and the thread says that it was answered.
func TestAMentionIsAnsweredPrivately(t *testing.T) {
	moment := time.Date(2026, 3, 3, 9, 0, 0, 0, time.UTC)
	clock := func() time.Time { return moment }
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	cfg := config.Default()
	place := func(network string, h *overheard, cat chat.Catalog) (mention func(text string) (channel string)) {
		switch network {
		case "slack":
			fake := slackfake.New()
			t.Cleanup(fake.Close)
			fake.Now = clock
			a, err := slack.New(slack.Config{Mode: slack.ModeHTTP, BotToken: "xoxb-fake", SigningSecret: "8f742231b10e8888abcd99yyyzzz85a5",
				APIURL: strings.TrimSuffix(fake.APIURL(), "/")}, cat, &chattest.Memory{}, clock, log)
			if err != nil {
				t.Fatal(err)
			}
			fake.BotURL = runAdapter(t, a, h)
			h.Ask(map[string]chat.Directory{"slack": a})
			return func(text string) string {
				before := len(fake.Messages("C1"))
				fake.Mention("U1", "C1", text, "")
				var all strings.Builder
				for range 500 { // it is posted after the event was acknowledged
					all.Reset()
					for _, m := range fake.Messages("C1")[before:] {
						if m.User != "U1" {
							all.WriteString(m.Text + "\n")
						}
					}
					if all.Len() > 0 || h.said().Card == nil {
						break
					}
					time.Sleep(5 * time.Millisecond)
				}
				return all.String()
			}
		case "teams":
			fake := teamsfake.Start()
			t.Cleanup(fake.Close)
			fake.Now = clock
			a, err := teams.New(teams.Config{AppID: teamsfake.AppID, AppPassword: truce.Secret(teamsfake.Password), TenantID: teamsfake.Tenant,
				OpenIDMetadataURL: fake.MetadataURL(), TokenURL: fake.TokenURL()}, cat, &chattest.Memory{}, clock, log)
			if err != nil {
				t.Fatal(err)
			}
			office := &teamsfake.Office{Fake: fake, Endpoint: runAdapter(t, a, h) + "/api/messages"}
			anna := teamsfake.Member{ID: "29:anna", Name: "Ann", AadObjectID: "aad-anna", Email: "ann@example.com"}
			fake.AddMember(anna)
			h.Ask(map[string]chat.Directory{"teams": a})
			room, n := teamsfake.Channel("19:general@thread.tacv2", "General", "1700"), 1700
			for _, w := range []teamsfake.Where{teamsfake.Personal(anna), room} {
				if err := office.Install(anna, w); err != nil {
					t.Fatal(err)
				}
			}
			return func(text string) string {
				n++ // another thread: Teams takes so many messages in each
				room := teamsfake.Channel("19:general@thread.tacv2", "General", strconv.Itoa(n))
				before := len(fake.In(room))
				if _, err := office.Write(anna, room, "<at>Truce</at> "+text); err != nil {
					t.Fatal(err)
				}
				var all strings.Builder
				for _, m := range fake.In(room)[before:] {
					all.WriteString(teamsfake.Text(m.Card) + "\n")
				}
				return all.String()
			}
		}
		a, err := web.New(web.Config{Personas: []web.Persona{{ID: "ann", Name: "Ann", Email: "ann@example.com"},
			{ID: "ben", Name: "Ben", Email: "ben@example.com"}},
			Channels: []web.Channel{{ID: "general", Name: "general"}}}, cat, &chattest.Memory{}, clock, log)
		if err != nil {
			t.Fatal(err)
		}
		at := runAdapter(t, a, h)
		threads := regexp.MustCompile(`thread=([A-Za-z0-9_.-]+)`)
		n := 0
		return func(text string) string {
			n++
			resp, err := http.PostForm(at+"/as/ann/say", url.Values{"gesture": {"mention-" + strings.Repeat("x", n)[:min(n, 40)] + "-walk" +
				time.Duration(n).String()}, "place": {"general"}, "text": {"@Truce " + text}})
			if err != nil || resp.StatusCode != 200 {
				t.Fatalf("%s: %v %v", text, resp, err)
			}
			resp.Body.Close()
			page := func(path string) string {
				resp, err := http.Get(at + path)
				if err != nil {
					t.Fatal(err)
				}
				defer resp.Body.Close()
				body, _ := io.ReadAll(resp.Body)
				return html.UnescapeString(string(body))
			}
			seen := page("/as/ben/c/general")
			if found := threads.FindAllStringSubmatch(seen, -1); len(found) > 0 {
				seen += page("/as/ben/c/general?thread=" + found[len(found)-1][1])
			}
			return seen
		}
	}
	for _, network := range []string{"slack", "teams", "web"} {
		t.Run(network, func(t *testing.T) {
			store, err := storage.Open(t.Context(), filepath.Join(t.TempDir(), "truce.db"), clock, log)
			if err != nil {
				t.Fatal(err)
			}
			defer store.Close()
			h := &overheard{Handlers: handlers.New(store, handlers.Options{Location: time.UTC, Calendar: truce.NewCalendar(time.UTC),
				Reports: cfg.Digests()}, log)}
			defer h.Close()
			err = store.Update(t.Context(), func(tx *storage.Tx) error {
				p, err := tx.AddPerson(truce.Person{Name: "Ann", Email: "ann@example.com"})
				for _, r := range truce.Roles {
					if err == nil {
						err = tx.GiveRole(p.ID, r, "config")
					}
				}
				if err == nil {
					_, err = tx.UpsertLead(truce.Lead{ID: "00Q1", MQLAt: moment.AddDate(0, 0, -7), Email: "buyer@secret.example", Name: "Secret Buyer",
						Company: "Northfield Labs", Source: "Webinar", Owner: "ann@example.com"})
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			t.Parallel()
			mention := place(network, h, h.Catalog())
			texts := map[string][]string{"": {"lead 00Q1", "lead buyer@secret.example", "mydata", "field drafts"}}
			for _, c := range h.Commands() {
				texts[c.Name] = []string{c.Name, c.Name + " help"}
				if !testing.Short() || network == "web" { // the platforms take a message a second in each conversation
					texts[c.Name] = append(texts[c.Name], c.Examples...)
				}
			}
			for _, name := range slices.Sorted(maps.Keys(texts)) {
				for _, text := range texts[name] {
					text = strings.TrimPrefix(text, "/")
					channel := mention(text)
					reply := h.said()
					open := reply.Open || reply.Public
					for _, secret := range []string{"buyer@secret.example", "Secret Buyer"} {
						if strings.Contains(channel, secret) && !strings.Contains(text, secret) && network != "web" {
							t.Errorf("%q shows %s to the channel:\n%s", text, secret, channel)
						}
					}
					switch told := strings.Contains(channel, chat.AnsweredPrivately().Summary); {
					case reply.Card == nil:
					case open && (told && network != "web" || !strings.Contains(channel, head(reply.Card.Summary)) &&
						!strings.Contains(channel, head(reply.Card.Title.String()))):
						t.Errorf("%q is nobody's secret, and is answered in the channel with:\n%s\nwant %s", text, channel, reply.Card.Summary)
					case !open && !told:
						t.Errorf("%q is answered for one person, and the channel is not told so:\n%s", text, channel)
					case !open && len(reply.Card.Summary) > 12 && !strings.Contains(text, reply.Card.Summary) &&
						strings.Contains(channel, head(reply.Card.Summary)):
						t.Errorf("%q shows %q to the channel:\n%s", text, reply.Card.Summary, channel)
					}
				}
			}
		})
	}
}

// head is the beginning of a text up to what platforms write differently.
func head(s string) string {
	if i := strings.IndexAny(s, "&<>\"'’“”*_"); i >= 0 {
		s = s[:i]
	}
	return strings.TrimSpace(s)
}

// runAdapter runs an adapter behind a server of its own, whose address it returns.
func runAdapter(t *testing.T, a interface {
	Mount(*http.ServeMux, chat.Handler)
	Run(context.Context, chat.Handler) error
}, h chat.Handler) string {
	mux := http.NewServeMux()
	a.Mount(mux, h)
	server := httptest.NewServer(mux)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx, h) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		server.CloseClientConnections()
		server.Close()
	})
	return server.URL
}
