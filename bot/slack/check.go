package slack

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"truce/bot/chat"
)

// channelInfo is what is used of conversations.info.
type channelInfo struct {
	Name      string `json:"name"`
	Private   bool   `json:"is_private"`
	Archived  bool   `json:"is_archived"`
	Member    bool   `json:"is_member"`
	Shared    bool   `json:"is_ext_shared"`
	OrgShared bool   `json:"is_org_shared"`
	Pending   bool   `json:"is_pending_ext_shared"`
}

// Check looks at the installation: the token, its scopes, in mode socket the app-level token, and each channel: whether the
// bot is in it, and, for a channel of disputes (its place's or its own name holds "dispute"), that it is private and has no
// guests or outside members.
func (a *Adapter) Check(ctx context.Context, channels []chat.Place) []chat.Finding {
	if err := a.whoAmI(ctx); err != nil {
		return []chat.Finding{{What: "slack: bot token", Detail: err.Error(), Remedy: tokenRemedy(err)}}
	}
	me := a.me()
	found := []chat.Finding{{OK: true, What: "slack: bot token",
		Detail: "bot " + me.BotUser + " in workspace " + me.Team + " (" + me.URL + ")"}, a.checkScopes(me)}
	if a.cfg.Mode == ModeSocket {
		found = append(found, a.checkSocket(ctx))
	}
	if f := a.checkData(ctx); f.What != "" {
		found = append(found, f)
	}
	for _, p := range channels {
		if p.Network() == Network && p.Kind != chat.DM && p.User == "" {
			found = append(found, a.checkChannel(ctx, p)...)
		}
	}
	return found
}

func tokenRemedy(err error) string {
	if codeOf(err) == "" {
		return "See whether this machine reaches the Web API (slack.api_url), also through its proxy."
	}
	return "Install the Slack app again and write the new bot token into slack.bot_token."
}

func (a *Adapter) checkScopes(me identity) chat.Finding {
	f := chat.Finding{OK: true, What: "slack: scopes"}
	if me.Scopes == nil {
		f.Detail = "Slack did not name them"
		return f
	}
	var missing []string
	for _, s := range Scopes(a.cfg) {
		if !me.Scopes[s.Name] {
			missing = append(missing, s.Name)
		}
	}
	if len(missing) > 0 {
		f.OK, f.Detail = false, "missing: "+strings.Join(missing, ", ")
		f.Remedy = "Add them under OAuth & Permissions, or paste the output of truce manifest slack into App Manifest, then install the app " +
			"again."
		return f
	}
	f.Detail = "all that is needed"
	return f
}

// checkSocket asks for a connection's address, without connecting: that takes the app-level token and its scope.
func (a *Adapter) checkSocket(ctx context.Context) chat.Finding {
	f := chat.Finding{OK: true, What: "slack: app-level token", Detail: "may open Socket Mode"}
	app := *a.api
	app.token = a.cfg.AppToken
	if err := app.post(ctx, "apps.connections.open", struct{}{}, nil); err != nil {
		f.OK, f.Detail = false, err.Error()
		f.Remedy = "Make an app-level token with connections:write (Basic Information) for slack.app_token, and switch Socket Mode on."
	}
	return f
}

// checkData says how charts and tables will look; the zero Finding where Slack does not say.
func (a *Adapter) checkData(ctx context.Context) chat.Finding {
	f := chat.Finding{OK: true, What: "slack: charts and tables"}
	switch taken, err := a.validates(ctx, dataSample); {
	case err != nil:
		return chat.Finding{}
	case taken:
		f.Detail = "Slack draws them"
	case a.cfg.ChartImages:
		f.Detail = "this Slack cannot draw them: charts come as pictures, tables as text"
	default:
		f.Detail = "this Slack cannot draw them: their figures come as text (slack.chart_images: true sends charts as pictures)"
	}
	return f
}

func (a *Adapter) checkChannel(ctx context.Context, p chat.Place) []chat.Finding {
	team, channel, ok := split(p.ID)
	what := "slack: channel " + p.Name
	if ok && team == "" {
		name, err := strings.TrimPrefix(channel, "#"), error(nil)
		if _, channel, err = a.named(ctx, channel); err != nil {
			f := chat.Finding{What: what, Detail: err.Error(), Remedy: "Type /invite @Truce in #" + name +
				": Truce finds by name only the channels it is in."}
			if codeOf(err) == "channel_not_found" {
				f.Detail = "Truce is in no channel of that name"
			}
			return []chat.Finding{f}
		}
	}
	if p.Name == "" {
		what += channel
	}
	if !ok {
		return []chat.Finding{{What: what, Detail: p.ID + " is no channel's id",
			Remedy: "Copy the id from the end of the channel's details in Slack (C...)."}}
	}
	var out struct {
		Channel channelInfo `json:"channel"`
	}
	if _, err := a.api.get(ctx, "conversations.info", url.Values{"channel": {channel}}, &out); err != nil {
		f := chat.Finding{What: what, Detail: err.Error(), Remedy: "Type /invite @Truce in the channel: a private one shows itself to its " +
			"members only."}
		if codeOf(err) == "channel_not_found" {
			f.Detail = "Slack shows Truce no channel " + channel
		}
		if codeOf(err) == "missing_scope" {
			f.Remedy = "Add the scope Slack names, then install the app again."
		}
		return []chat.Finding{f}
	}
	c := out.Channel
	found := []chat.Finding{{OK: true, What: what, Detail: "#" + c.Name + ": Truce is a member"}}
	switch {
	case c.Archived:
		found[0] = chat.Finding{What: what, Detail: "#" + c.Name + " is archived", Remedy: "Unarchive it, or configure another channel."}
	case !c.Member:
		found[0] = chat.Finding{What: what, Detail: "Truce is not in #" + c.Name, Remedy: "Type /invite @Truce in #" + c.Name + "."}
	}
	if strings.Contains(strings.ToLower(p.Name+" "+c.Name), "dispute") {
		found = append(found, a.checkPrivacy(ctx, what+": privacy", channel, c))
	}
	return found
}

// checkPrivacy looks whether a channel of disputes is private and among full members.
func (a *Adapter) checkPrivacy(ctx context.Context, what, channel string, c channelInfo) chat.Finding {
	f := chat.Finding{What: what}
	switch {
	case !c.Private:
		f.Detail, f.Remedy = "#"+c.Name+" is public: everybody can read the cases",
			"Make it private (channel details, Settings), or configure a private channel."
		return f
	case c.Shared || c.Pending:
		f.Detail, f.Remedy = "#"+c.Name+" is shared with another organisation", "Configure a channel that is not shared."
		return f
	}
	others, n, err := a.strangers(ctx, channel)
	switch {
	case err != nil:
		f.Detail, f.Remedy = "its members could not be read: "+err.Error(), "Type /invite @Truce in #"+c.Name+", then check again."
	case len(others) > 0:
		f.Detail = "guests or outside members: " + strings.Join(others, ", ")
		f.Remedy = "Remove them from #" + c.Name + ", or configure a channel of full members only."
	default:
		f.OK, f.Detail = true, fmt.Sprintf("private, %d members, no guests", n)
	}
	return f
}

// strangers names the members of a channel who are guests or of elsewhere; n is how many members were looked at.
func (a *Adapter) strangers(ctx context.Context, channel string) (names []string, n int, err error) {
	me := a.me()
	args := url.Values{"channel": {channel}, "limit": {"200"}}
	for {
		var out struct {
			Members []string `json:"members"`
			Meta    struct {
				Next string `json:"next_cursor"`
			} `json:"response_metadata"`
		}
		if _, err := a.api.get(ctx, "conversations.members", args, &out); err != nil {
			return nil, n, err
		}
		for _, user := range out.Members {
			if n++; user == me.BotUser {
				continue
			}
			c, err := a.lookUp(ctx, me.Team, user)
			if err != nil {
				return nil, n, err
			}
			if c.bot {
				continue
			}
			if c.user.Standing == chat.Guest || c.user.Standing == chat.Outside {
				names = append(names, c.user.Name)
			}
		}
		if out.Meta.Next == "" {
			slices.Sort(names)
			return names, n, nil
		}
		args.Set("cursor", out.Meta.Next)
	}
}
