package main

import (
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"truce/bot/chat"
	"truce/bot/config"
	"truce/storage"
)

// TestChannelsOfTheConfiguration says which places a line of the configuration names, on a company's platforms.
func TestChannelsOfTheConfiguration(t *testing.T) {
	const tenant = "AAAAAAAA-bbbb-4ccc-8ddd-eeeeeeeeeeee"
	known := []chat.Place{
		{ID: "slack:T1:C7", Kind: chat.Channel, Name: "leads"},
		{ID: "teams:" + strings.ToLower(tenant) + ":19:x@thread.tacv2", Kind: chat.Channel, Name: "Leads", Thread: "1700"},
		{ID: "teams:" + strings.ToLower(tenant) + ":19:y@thread.tacv2", Kind: chat.Channel, Name: "Lead disputes"},
	}
	store, err := storage.Open(t.Context(), filepath.Join(t.TempDir(), "truce.db"), time.Now, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if err := store.Update(t.Context(), func(tx *storage.Tx) error {
		for _, p := range known {
			if err := tx.SetPlace(p.ID, p, true); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, line   string
		slack, teams bool
		want         string
	}{
		{"nothing", "", true, true, ""},
		{"a name on Slack", "#leads", true, false, "slack:T1:C7"},
		{"a name on Teams, in any letters", "leads", false, true, "teams:TENANT:19:x@thread.tacv2"},
		{"a name alone is Slack's where both are", "#leads", true, true, "slack:T1:C7"},
		{"a name that says its platform", "teams:Leads", true, true, "teams:TENANT:19:x@thread.tacv2"},
		{"a name with a space", "teams:lead disputes", true, true, "teams:TENANT:19:y@thread.tacv2"},
		{"one on each", "slack:#leads, teams:Leads", true, true, "slack:T1:C7 teams:TENANT:19:x@thread.tacv2"},
		{"whole ids", "slack:T1:C9,teams:TENANT:19:z@thread.tacv2", true, true, "slack:T1:C9 teams:TENANT:19:z@thread.tacv2"},
		{"Teams' own id", "19:z@thread.tacv2", true, true, "teams:TENANT:19:z@thread.tacv2"},
		{"Teams' own id with its platform", "teams:19:z@thread.tacv2", true, true, "teams:TENANT:19:z@thread.tacv2"},
		{"a name nobody has heard of, on Slack", "#elsewhere", true, true, "slack::#elsewhere"},
		{"a name nobody has heard of, on Teams", "teams:Elsewhere", true, true, "teams::Elsewhere"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg := config.Default()
			cfg.Channels.Disputes = strings.ReplaceAll(tt.line, "TENANT", strings.ToLower(tenant))
			cfg.Teams.TenantID = tenant
			if tt.slack {
				cfg.Slack.BotToken = "xoxb-1"
			}
			if tt.teams {
				cfg.Teams.AppID = "11111111-2222-4333-8444-555555555555"
			}
			var ids []string
			if err := store.View(t.Context(), func(tx *storage.Tx) error {
				places, err := spokenIn(cfg)(tx, "disputes")
				for _, p := range places {
					if p.Kind != chat.Channel || p.Thread != "" {
						t.Errorf("%+v is no channel", p)
					}
					ids = append(ids, p.ID)
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
			if got := strings.ReplaceAll(strings.Join(ids, " "), strings.ToLower(tenant), "TENANT"); got != tt.want {
				t.Errorf("%q is %q, want %q", tt.line, got, tt.want)
			}
			if wrong := channelFaults(cfg); wrong != "" && tt.line != "" {
				t.Errorf("%q is refused: %s", tt.line, wrong)
			}
		})
	}
	cfg := config.Default()
	cfg.Slack.BotToken, cfg.Channels.Disputes = "xoxb-1", "teams:Leads"
	if wrong := channelFaults(cfg); !strings.Contains(wrong, "switched off") {
		t.Errorf("a channel on a platform that is off: %q", wrong)
	}
}

// channelFaults is what the configuration finds wrong with its channels.
func channelFaults(cfg config.Config) string {
	var found []string
	if err := cfg.Validate(); err != nil {
		for line := range strings.SplitSeq(err.Error(), "\n") {
			if strings.HasPrefix(line, "channels.") {
				found = append(found, line)
			}
		}
	}
	return strings.Join(found, "\n")
}
