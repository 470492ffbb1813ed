package main

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"truce/bot/chat"
	"truce/bot/slack"
	"truce/bot/slack/slackfake"
	"truce/bot/teams/teamsfake"
	"truce/storage"
)

// This file has one company on two platforms: Sales on Slack, Marketing on Teams, and the built binary between them.

// house is a company with Slack and Teams.
type house struct {
	*office
	teams *teamsfake.Office
}

// The people who are in Teams. Mark and Rita are in Slack too, under the same verified addresses.
var (
	markInTeams = teamsfake.Member{ID: "29:mark", Name: "Mark Weber", AadObjectID: "0b0b0b0b-1111-4222-8333-444444444444",
		Email: "Mark@quillwater.example", TenantID: teamsfake.Tenant, UserRole: "user"}
	ritaInTeams = teamsfake.Member{ID: "29:rita", Name: "Rita", AadObjectID: "0c0c0c0c-1111-4222-8333-444444444444",
		Email: "rita@quillwater.example", TenantID: teamsfake.Tenant, UserRole: "user"}
)

// twoChats starts the binary in both. Rita is admin and rep, Mark is in Marketing.
func twoChats(t *testing.T, env ...string) *house {
	t.Helper()
	f := teamsfake.Start()
	t.Cleanup(f.Close)
	f.AddMember(markInTeams)
	f.AddMember(ritaInTeams)
	o := newOffice(t, slack.ModeHTTP, append([]string{"TRUCE_TEAMS_APP_ID=" + teamsfake.AppID,
		"TRUCE_TEAMS_APP_PASSWORD=" + teamsfake.Password, "TRUCE_TEAMS_TENANT_ID=" + teamsfake.Tenant,
		"TRUCE_TEAMS_OPENID_METADATA_URL=" + f.MetadataURL(), "TRUCE_TEAMS_TOKEN_URL=" + f.TokenURL(),
		"TRUCE_ROLES_REPS=rita@quillwater.example"}, env...)...)
	o.AddChannel(slackfake.Channel{ID: "C7", Name: "lead-disputes", Private: true, Members: []string{"U1", "U2", o.BotUser}})
	h := &house{office: o, teams: &teamsfake.Office{Fake: f}}
	h.start()
	h.teams.Endpoint = "http://" + o.bot.addr + "/api/messages"
	return h
}

// lead imports one lead of Rita's beside the running bot, with the command line.
func (h *house) lead(id, company string) {
	h.t.Helper()
	h.imported("id,mql_at,source,company,owner\n" + id + "," + time.Now().UTC().Format("2006-01-02") + ",Content syndication," + company +
		",rita@quillwater.example\n")
}

// named is a lead of Rita's without a company, who is known by address and name.
func (h *house) named(id, email, name string) {
	h.t.Helper()
	h.imported("id,mql_at,source,email,name,owner\n" + id + "," + time.Now().UTC().Format("2006-01-02") + ",Webinar," + email + "," + name +
		",rita@quillwater.example\n")
}

func (h *house) imported(row string) {
	h.t.Helper()
	file := filepath.Join(h.t.TempDir(), "leads.csv")
	if err := os.WriteFile(file, []byte(row), 0o600); err != nil {
		h.t.Fatal(err)
	}
	cmd := exec.Command(truceBinary(h.t), "import", "leads", file)
	cmd.Env, cmd.Dir = h.env, h.t.TempDir()
	if out, err := cmd.CombinedOutput(); err != nil {
		h.t.Fatalf("import: %v\n%s", err, out)
	}
}

// wrote has somebody write to the bot in Teams, and waits for the answer in their own chat.
func (h *house) wrote(m teamsfake.Member, text string) teamsfake.Message {
	h.t.Helper()
	before := len(h.teams.In(teamsfake.Personal(m)))
	if status, err := h.teams.Write(m, teamsfake.Personal(m), text); err != nil || status != http.StatusOK {
		h.t.Fatalf("write %q in Teams: %d %v\n%s", text, status, err, h.bot.log)
	}
	list := h.teams.In(teamsfake.Personal(m))
	if len(list) != before+1 {
		h.t.Fatalf("%q got %d messages in answer, want exactly 1", text, len(list)-before)
	}
	return list[len(list)-1]
}

func (h *house) pressed(m teamsfake.Member, on teamsfake.Message, title string) string {
	h.t.Helper()
	answer, err := h.teams.Press(m, on, title)
	if err != nil {
		h.t.Fatal(err)
	}
	value, _ := answer["value"].(map[string]any)
	if s, ok := answer["value"].(string); ok {
		return s
	}
	return teamsfake.Text(value)
}

// saying finds the newest message whose text holds all parts.
func saying(list []teamsfake.Message, parts ...string) (teamsfake.Message, bool) {
	for i := len(list) - 1; i >= 0; i-- {
		said, all := teamsfake.Text(list[i].Card), true
		for _, p := range parts {
			all = all && strings.Contains(said, p)
		}
		if all {
			return list[i], true
		}
	}
	return teamsfake.Message{}, false
}

// shown is the text of a Slack message with that of its blocks.
func shown(m slackfake.Message) string { return m.Text + " " + slackText(m.Blocks) }

func slackText(v any) string {
	switch v := v.(type) {
	case map[string]any:
		s := ""
		for _, key := range []string{"text", "elements", "fields", "rows"} {
			s += slackText(v[key]) + " "
		}
		return s
	case []any:
		s := ""
		for _, x := range v {
			s += slackText(x)
		}
		return s
	case string:
		return v
	}
	return ""
}

func slackSays(list []slackfake.Message, parts ...string) bool {
	for _, m := range list {
		all := true
		for _, p := range parts {
			all = all && strings.Contains(shown(m), p)
		}
		if all {
			return true
		}
	}
	return false
}

// onePersonOn checks that an e-mail address is one person, with one account on each of the platforms.
func (h *house) onePersonOn(email string, networks ...string) {
	h.t.Helper()
	h.beside(func(tx *storage.Tx) error {
		p, err := tx.PersonByEmail(email)
		if err != nil {
			return err
		}
		var on []string
		for _, u := range p.Users {
			on = append(on, chat.Network(u))
		}
		if slices.Sort(on); !slices.Equal(on, networks) {
			h.t.Errorf("%s is %s with the accounts %v, want one on each of %v", email, p.ID, p.Users, networks)
		}
		people, err := tx.People()
		if len(people) != 2 {
			h.t.Errorf("there are %d people, want Rita and Mark: %+v", len(people), people)
		}
		return err
	})
}

// TestOneCaseTwoChats: a rep on Slack opens a case, a marketer answers it in Teams; each sees it where they are.
func TestOneCaseTwoChats(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts the bot")
	}
	teamChannel := teamsfake.Channel("19:disputes@thread.tacv2", "Lead disputes", "")
	for _, tt := range []struct {
		name, channels string
		slack, teams   bool
	}{
		{"the channel is on Slack", "slack:#lead-disputes", true, false},
		{"the channel is on Teams", "teams:Lead disputes", false, true},
		{"a channel on each", "slack:#lead-disputes,teams:19:disputes@thread.tacv2", true, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := twoChats(t, "TRUCE_CHANNELS_DISPUTES="+tt.channels)
			for _, w := range []teamsfake.Where{teamsfake.Personal(markInTeams), teamChannel} {
				if err := h.teams.Install(markInTeams, w); err != nil {
					t.Fatal(err)
				}
			}
			home := h.wrote(markInTeams, "home")
			h.lead("A-1", "Northfield Labs")
			ack := h.Command("U1", "C1", "/dispute A-1 outside ICP: an academic core facility")
			if !strings.Contains(string(ack.Body), "D-1 is open") {
				t.Fatalf("dispute: %d %s", ack.Status, ack.Body)
			}
			inSlack := func() []slackfake.Message { return h.fromBot(h.Messages("C7")) }
			inTeams := func() []teamsfake.Message {
				var list []teamsfake.Message
				for _, m := range h.teams.In(teamChannel) {
					if _, welcome := saying([]teamsfake.Message{m}, "I am Truce"); !welcome {
						list = append(list, m)
					}
				}
				return list
			}
			if tt.slack {
				h.eventually("the case in the Slack channel", func() bool { return slackSays(inSlack(), "D-1", "Northfield Labs", "Uphold") })
			}
			if tt.teams {
				h.eventually("the case in the Teams channel", func() bool { _, ok := saying(inTeams(), "D-1", "Northfield Labs", "Uphold"); return ok })
			}
			h.eventually("the marketer's home card in Teams shows the case", func() bool {
				for _, m := range h.teams.In(teamsfake.Personal(markInTeams)) {
					if m.ID == home.ID {
						return strings.Contains(teamsfake.Text(m.Card), "D-1")
					}
				}
				return false
			})

			card := h.wrote(markInTeams, "dispute show D-1")
			if said := h.pressed(markInTeams, card, "Uphold"); !strings.Contains(said, "upheld by Marketing") {
				t.Errorf("Uphold in Teams answers %q", said)
			}
			if tt.slack {
				h.eventually("the message in the Slack channel is edited, with the step below it", func() bool {
					return slackSays(inSlack(), "D-1", "upheld by Marketing") && slackSays(inSlack(), "Marketing upholds.")
				})
				if list := inSlack(); len(list) != 2 || list[1].Thread != list[0].TS || slackSays(list, "Marketing answers by") {
					t.Errorf("in the Slack channel stand %d messages", len(list))
				}
			} else if n := len(inSlack()); n != 0 {
				t.Errorf("%d messages in a Slack channel that is not configured", n)
			}
			if tt.teams {
				h.eventually("the message in the Teams channel is edited, with the step below it", func() bool {
					m, ok := saying(inTeams(), "D-1", "upheld by Marketing")
					_, step := saying(inTeams(), "Marketing upholds.")
					return ok && m.Edits == 1 && step
				})
				if list := inTeams(); len(list) != 2 || list[0].Conversation != list[1].Conversation {
					t.Errorf("in the Teams channel stand %d messages", len(list))
				}
			} else if n := len(inTeams()); n != 0 {
				t.Errorf("%d messages in a Teams channel that is not configured", n)
			}
			h.eventually("the rep hears on Slack", func() bool { return slackSays(h.fromBot(h.DM("U1")), "Your case is settled.") })
			if n := len(h.teams.In(teamsfake.Personal(ritaInTeams))); n != 0 {
				t.Errorf("the rep, whom Teams has never seen, got %d messages there", n)
			}

			if said := h.pressed(markInTeams, card, "Uphold"); !strings.Contains(said, "Already upheld by Marketing") &&
				!strings.Contains(said, "in our own chat") && said != "Done." {
				t.Errorf("a second click answers %q", said)
			}
			h.eventually("a second click says what happened", func() bool {
				_, ok := saying(h.teams.In(teamsfake.Personal(markInTeams)), "Already upheld by Marketing", "Nothing changed")
				return ok
			})

			// Marketing looks at it on Slack too: the same person.
			if ack := h.Command("U2", "C1", "/dispute show D-1"); !strings.Contains(string(ack.Body), "upheld by Marketing") ||
				!strings.Contains(string(ack.Body), "Say why") {
				t.Errorf("on Slack the one who answered sees %s", ack.Body)
			}
			h.onePersonOn("mark@quillwater.example", "slack", "teams")
			h.onePersonOn("rita@quillwater.example", "slack")
			h.beside(func(tx *storage.Tx) error {
				log, err := tx.AuditOf("D-1")
				if len(log) != 2 || log[0].Network != "slack" || log[1].Network != "teams" {
					t.Errorf("the log says %+v", log)
				}
				return err
			})
		})
	}
}

// TestWhereAPersonIsReached: messages for one person go where they were seen last; where the app was removed, to the other
// platform; where there is none left they wait, and the admin hears of it, once.
func TestWhereAPersonIsReached(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts the bot")
	}
	h := twoChats(t)
	mark := personBy("mark@quillwater.example")
	personal := teamsfake.Personal(markInTeams)
	inTeams := func(text string) bool { _, ok := saying(h.teams.In(personal), text); return ok }
	inSlack := func(text string) bool { return slackSays(h.fromBot(h.DM("U2")), text) }

	if err := h.teams.Install(markInTeams, personal); err != nil {
		t.Fatal(err)
	}
	if n := len(h.teams.In(personal)); n != 1 {
		t.Errorf("an installation that Teams tells of twice is greeted %d times", n)
	}
	h.say(mark, "seen in Teams")
	h.eventually("it comes in Teams", func() bool { return inTeams("seen in Teams") })
	h.Command("U2", "C1", "/truce help")
	h.say(mark, "seen on Slack last")
	h.eventually("it comes on Slack", func() bool { return inSlack("seen on Slack last") })
	h.wrote(markInTeams, "truce help")
	h.say(mark, "back in Teams")
	h.eventually("it comes in Teams again", func() bool { return inTeams("back in Teams") })

	if err := h.teams.Remove(markInTeams, personal); err != nil {
		t.Fatal(err)
	}
	before := len(h.teams.Calls())
	h.say(mark, "after the removal")
	h.eventually("it comes on Slack", func() bool { return inSlack("after the removal") })
	if n := len(h.teams.Calls()) - before; n != 0 {
		t.Errorf("Teams was asked %d times to reach somebody who removed the app", n)
	}

	// Teams refuses, too, whom it never asked about: a person who blocked the bot.
	h.wrote(markInTeams, "truce help")
	h.teams.Fail(teamsfake.Fault{Match: func(method, path string) bool {
		return method == http.MethodPost && strings.Contains(path, "activities")
	},
		Status: http.StatusForbidden, Body: `{"error":{"code":"MessageWritesBlocked","message":"User blocked the conversation with the bot."}}`})
	h.say(mark, "to somebody who blocked it")
	h.eventually("it comes on Slack", func() bool { return inSlack("to somebody who blocked it") })

	// And on Slack he is deactivated: nobody can reach him any more.
	h.Command("U1", "C1", "/truce help")
	h.AddUser(slackfake.User{ID: "U2", Name: "Mark", Email: "mark@quillwater.example", Deleted: true})
	h.Fail("chat.postMessage", slackfake.Fault{Error: "user_disabled"})
	h.say(mark, "to nobody")
	h.eventually("the admin hears that he cannot be reached", func() bool {
		return slackSays(h.fromBot(h.DM("U1")), "I cannot write to Mark", "mark@quillwater.example")
	})
	h.say(mark, "to nobody again")
	time.Sleep(300 * time.Millisecond)
	told := 0
	for _, m := range h.fromBot(h.DM("U1")) {
		if strings.Contains(shown(m), "I cannot write to") {
			told++
		}
	}
	if told != 1 {
		t.Errorf("the admin is told %d times", told)
	}
	if _, err := h.teams.Write(markInTeams, personal, "truce help"); err != nil {
		t.Fatal(err)
	}
	h.eventually("what waited for him comes where he turns up", func() bool { return inTeams("to nobody") && inTeams("to nobody again") })
}

// TestComingAndGoingOnSlack: the channels that the bot was added to are known, and forgotten when it leaves them or the workspace.
func TestComingAndGoingOnSlack(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts the bot")
	}
	h := twoChats(t)
	places := func(name string) (found bool) {
		h.beside(func(tx *storage.Tx) error {
			var err error
			found, err = tx.KnowsPlace(name)
			return err
		})
		return found
	}
	joined := map[string]any{"type": "member_joined_channel", "user": h.BotUser, "channel": "C7"}
	if ack := h.Event(joined); ack.Status != http.StatusOK || !places("slack:T1:C7") {
		t.Errorf("joining a channel: %d\n%s", ack.Status, h.bot.log)
	}
	h.eventually("a welcome in the channel", func() bool { return slackSays(h.fromBot(h.Messages("C7")), "I am Truce") })
	left := map[string]any{"type": "channel_left", "channel": "C7", "actor_id": "U1"}
	if ack := h.Event(left); ack.Status != http.StatusOK || places("slack:T1:C7") {
		t.Errorf("leaving a channel: %d\n%s", ack.Status, h.bot.log)
	}
	h.Event(joined)
	h.Command("U1", "C1", "/truce help")
	if ack := h.Event(map[string]any{"type": "app_uninstalled"}); ack.Status != http.StatusOK || places("slack:T1:C7") {
		t.Errorf("removing the app: %d\n%s", ack.Status, h.bot.log)
	}
	h.beside(func(tx *storage.Tx) error {
		p, err := tx.PersonByEmail("rita@quillwater.example")
		if err != nil {
			return err
		}
		ids, err := tx.Identities(p.ID)
		if len(ids) != 1 || ids[0].Unreachable.IsZero() {
			t.Errorf("after the app was removed Rita counts as reachable: %+v", ids)
		}
		return err
	})
}

// TestCheckOnlineOnBoth: what an admin types on Monday, beside the running bot.
func TestCheckOnlineOnBoth(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts the bot")
	}
	h := twoChats(t, "TRUCE_CHANNELS_DISPUTES=slack:#lead-disputes,teams:Lead disputes", "TRUCE_CHANNELS_DIGESTS=slack:T1:C1",
		"TRUCE_CHANNELS_OBJECTIONS=#nowhere")
	h.teams.AddChannel("19:team@thread.tacv2", "19:general@thread.tacv2", "")
	h.teams.AddChannel("19:team@thread.tacv2", "19:disputes@thread.tacv2", "Lead disputes")
	check := func() (string, error) {
		cmd := exec.Command(truceBinary(t), "check", "--online")
		cmd.Env, cmd.Dir = h.env, t.TempDir()
		out, err := cmd.Output()
		return string(out), err
	}
	out, err := check()
	if err == nil {
		t.Errorf("with channels missing it is content:\n%s", out)
	}
	for _, want := range []string{"ok   slack: bot token", "ok   slack: scopes",
		"ok   slack: channel disputes lead-disputes: #lead-disputes: Truce is a member",
		"ok   slack: channel disputes lead-disputes: privacy: private, 3 members, no guests",
		"FAIL slack: channel objections nowhere: Truce is in no channel of that name",
		"/invite @Truce in #nowhere", "ok   teams: signing keys", "ok   teams: token", "FAIL teams: disputes Lead disputes"} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not say %q:\n%s", want, out)
		}
	}
	if err := h.teams.Install(markInTeams, teamsfake.Channel("19:general@thread.tacv2", "", "")); err != nil {
		t.Fatal(err)
	}
	if out, _ := check(); !strings.Contains(out, "ok   teams: disputes Lead disputes: found in a team that Truce was added to") {
		t.Errorf("after the app was added to the team it says\n%s", out)
	}
}
