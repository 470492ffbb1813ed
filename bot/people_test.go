package main

import (
	"slices"
	"strings"
	"syscall"
	"testing"

	"truce"
	"truce/bot/slack"
	"truce/bot/slack/slackfake"
	"truce/storage"
)

// TestPeopleComeFromSlack: on day one nobody has written to the bot, and yet the right people hear of what concerns them; their
// roles follow the user groups.
func TestPeopleComeFromSlack(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts the bot")
	}
	o := newOffice(t, slack.ModeHTTP, "TRUCE_SLACK_USER_GROUPS=true", "TRUCE_ROLES_MARKETERS=group:@marketing")
	o.Scopes = append(o.Scopes, "usergroups:read")
	o.AddUser(slackfake.User{ID: "U3", Name: "Nora", Email: "nora@quillwater.example", Zone: "Asia/Tokyo"})
	o.AddUser(slackfake.User{ID: "U7", Name: "Gus", Email: "gus@agency.example", Restricted: true})
	o.AddUser(slackfake.User{ID: "U8", Name: "Dora", Email: "dora@quillwater.example", Deleted: true})
	group := slackfake.Group{ID: "S1", Handle: "marketing", Users: []string{"U2", "U7", "U8"}}
	o.SetGroup(group)
	o.start()

	marketers := func() (names []string) {
		o.beside(func(tx *storage.Tx) error {
			list, err := tx.PeopleWith(truce.Marketer)
			for _, p := range list {
				names = append(names, p.Name)
			}
			return err
		})
		return names
	}
	o.eventually("Marketing is who is in the group, but for guests and those who left",
		func() bool { return slices.Equal(marketers(), []string{"Mark"}) })
	o.say(toChannel("disputes"), "the first case")
	o.eventually("Marketing hears of a case, though nobody there has ever written to the bot",
		func() bool { return having(o.DM("U2"), "the first case") == 1 })
	o.say(personBy("rita@quillwater.example"), "hello, admin")
	o.eventually("the admin of the configuration is found by e-mail", func() bool { return having(o.DM("U1"), "hello, admin") == 1 })
	o.beside(func(tx *storage.Tx) error {
		for email, want := range map[string]string{"mark@quillwater.example": "America/New_York", "rita@quillwater.example": "Europe/Berlin"} {
			p, err := tx.PersonByEmail(email)
			if err != nil {
				return err
			}
			if p.Zone != want || strings.Contains(p.Name, "@") {
				t.Errorf("%s is %q in the zone %q, want %q", email, p.Name, p.Zone, want)
			}
		}
		return nil
	})

	t.Run("a time zone follows its person", func(t *testing.T) {
		o.AddUser(slackfake.User{ID: "U4", Name: "Tom", Email: "tom@quillwater.example", Zone: "Europe/Paris"})
		o.Command("U4", "C1", "/truce help")
		o.beside(func(tx *storage.Tx) error {
			p, err := tx.PersonByEmail("tom@quillwater.example")
			if err != nil || p.Zone != "Europe/Paris" {
				t.Errorf("Tom's zone is %q, %v", p.Zone, err)
			}
			return err
		})
		o.ChangeUser("U4", func(u *slackfake.User) { u.Zone = "America/Chicago" })
		o.beside(func(tx *storage.Tx) error {
			p, err := tx.PersonByEmail("tom@quillwater.example")
			if p.Zone != "America/Chicago" {
				t.Errorf("Tom's zone is %q still", p.Zone)
			}
			return err
		})
	})
	t.Run("who becomes a guest is one at once, and after a restart with Slack silent", func(t *testing.T) {
		o.ChangeUser("U4", func(u *slackfake.User) { u.Restricted = true })
		if ack := o.Command("U4", "C1", "/objection top"); !strings.Contains(string(ack.Body), "full members of this workspace only") {
			t.Errorf("Tom: %s", ack.Body)
		}
		for range 2 {
			if ack := o.Command("U7", "C1", "/objection top"); !strings.Contains(string(ack.Body), "full members of this workspace only") {
				t.Errorf("Gus: %s", ack.Body)
			}
			if ack := o.Command("U1", "C1", "/truce roles"); !strings.Contains(string(ack.Body), "Mark") {
				t.Errorf("Rita, an admin by the configuration: %s", ack.Body)
			}
			for _, method := range []string{"users.info", "users.list"} {
				o.Fail(method, slackfake.Fault{Status: 500, Times: 1000})
			}
			o.restart(syscall.SIGTERM)
		}
		o.Heal()
		o.ChangeUser("U4", func(u *slackfake.User) { u.Restricted = false })
	})
	t.Run("an admin has the groups read again; nobody else can", func(t *testing.T) {
		o.SetGroup(slackfake.Group{ID: "S1", Handle: "marketing", Users: []string{"U2", "U3"}})
		if ack := o.Command("U4", "C1", "/truce refresh"); !strings.Contains(string(ack.Body), "An admin can do that") {
			t.Errorf("Tom: %s", ack.Body)
		}
		if ack := o.Command("U1", "C1", "/truce refresh"); !strings.Contains(string(ack.Body), "reading people") {
			t.Errorf("Rita: %s", ack.Body)
		}
		o.eventually("Nora is in Marketing too", func() bool { return slices.Equal(marketers(), []string{"Mark", "Nora"}) })
	})
	t.Run("a group in trouble keeps its people; one that is gone has none, and the admin hears of it", func(t *testing.T) {
		o.Fail("usergroups.list", slackfake.Fault{Error: "internal_error"})
		o.Command("U1", "C1", "/truce refresh")
		o.eventually("Slack is asked", func() bool { return len(o.Calls("usergroups.list")) >= 3 })
		if got := marketers(); len(got) != 2 {
			t.Errorf("Marketing is %v after Slack failed", got)
		}
		o.SetGroup(slackfake.Group{ID: "S1"})
		o.Command("U1", "C1", "/truce refresh")
		o.eventually("nobody is in Marketing", func() bool { return len(marketers()) == 0 })
		o.eventually("the admin hears why", func() bool { return having(o.DM("U1"), "There is no such group any more") == 1 })
	})
	t.Run("a group that is not configured any more gives nothing", func(t *testing.T) {
		o.SetGroup(group)
		o.Command("U1", "C1", "/truce refresh")
		o.eventually("Mark is in Marketing again", func() bool { return slices.Equal(marketers(), []string{"Mark"}) })
		o.env = append(o.env, "TRUCE_ROLES_MARKETERS=nora@quillwater.example")
		o.restart(syscall.SIGTERM)
		o.eventually("only Nora is", func() bool { return slices.Equal(marketers(), []string{"Nora"}) })
	})
}
