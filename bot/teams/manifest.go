package teams

import (
	"archive/zip"
	"bytes"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"

	"truce"
	"truce/bot/chat"
)

// The app package an admin uploads: manifest.json and two icons at the root of a zip.

// The versions of the manifest that we write: the first that knows targeted messages and slash commands, and one that tenants which lag
// behind take too.
const (
	newestManifest = "1.29"
	olderManifest  = "1.22"
	maxCommands    = 10 // of a bot's list, and of a message extension
)

// Package makes the app package for Teams: deterministic, so that it changes only when what it says changes. host is the public
// name of the machine, without scheme ("truce.quillwater.example"). version is three numbers ("1.2.3"): Teams takes a package as an
// update of another only if its version is higher. schema is the version of the manifest, newestManifest or olderManifest.
func Package(cat chat.Catalog, cfg Config, host, version, schema string) ([]byte, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if !cfg.Enabled() {
		return nil, truce.Errorf(truce.Invalid, "Teams is switched off. Write the Application (client) ID of the Azure bot to teams.app_id "+
			"first; docs/teams.md says where it is.")
	}
	if u, err := url.Parse("https://" + host); err != nil || u.Host != host || u.Hostname() == "" || !strings.Contains(u.Hostname(), ".") {
		return nil, truce.Errorf(truce.Invalid, "%q is no public host name. Teams needs one that the internet can reach, like truce.example.com.",
			host)
	}
	if !threeNumbers.MatchString(version) {
		return nil, truce.Errorf(truce.Invalid, "%q is no version that Teams takes: write three numbers, like 1.2.3.", version)
	}
	manifest, err := encode(manifestOf(cat, cfg, host, version, schema))
	if err != nil {
		return nil, fmt.Errorf("encode manifest: %w", err)
	}
	color, outline, err := icons()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range []struct {
		name string
		data []byte
	}{{"manifest.json", manifest}, {"color.png", color}, {"outline.png", outline}} {
		w, err := z.CreateHeader(&zip.FileHeader{Name: f.name, Method: zip.Deflate, Modified: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)})
		if err != nil {
			return nil, fmt.Errorf("package %s: %w", f.name, err)
		}
		if _, err := w.Write(f.data); err != nil {
			return nil, fmt.Errorf("package %s: %w", f.name, err)
		}
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("close package: %w", err)
	}
	return b.Bytes(), nil
}

var threeNumbers = regexp.MustCompile(`^(0|[1-9]\d{0,4})(\.(0|[1-9]\d{0,4})){2}$`)

func manifestOf(cat chat.Catalog, cfg Config, host, version, schema string) element {
	home := "https://" + host
	out := element{
		"$schema":         "https://developer.microsoft.com/json-schemas/teams/v" + schema + "/MicrosoftTeams.schema.json",
		"manifestVersion": schema,
		"version":         version,
		"id":              strings.ToLower(cfg.AppID),
		"developer": element{"name": "Truce", "websiteUrl": home + "/teams/about", "privacyUrl": home + "/teams/privacy",
			"termsOfUseUrl": home + "/teams/terms"},
		"name": element{"short": "Truce", "full": "Truce: Sales and Marketing on the same facts"},
		"description": element{
			"short": "Catches what the field hears and settles lead disputes, where you talk.",
			"full": "Truce sits where Sales and Marketing already talk. A rep logs an objection between two calls and gets the best approved " +
				"answer in the same second; " +
				"rates and disputes leads with one tap and hears back by a known date. Marketing answers from the message itself. Scheduled digests " +
				"hold lead quality against what was really sold. " +
				"Write \"help\" to it to see all it can do.",
		},
		"icons":        element{"color": "color.png", "outline": "outline.png"},
		"accentColor":  accentHex,
		"bots":         []element{botOf(cat, cfg, schema)},
		"permissions":  []string{"identity", "messageTeamMembers"},
		"validDomains": []string{strings.Split(host, ":")[0]},
	}
	out["composeExtensions"] = []element{{"botId": cfg.AppID, "canUpdateConfiguration": false, "commands": extensionCommands(cat)}}
	return out
}

// botOf is the bot with its commands: after a mention and, where the manifest knows them, after a slash, for the one who types it alone.
func botOf(cat chat.Catalog, cfg Config, schema string) element {
	scopes := []string{"personal", "team", "groupChat"}
	commands := element{"scopes": scopes, "commands": commandList(cat)}
	bot := element{"botId": cfg.AppID, "scopes": scopes, "supportsFiles": false, "isNotificationOnly": false,
		"commandLists": []element{commands}}
	if schema != olderManifest {
		bot["supportsTargetedMessages"], commands["triggers"] = true, []string{"mention", "slash"}
	}
	return bot
}

// commandList are the commands Teams suggests while somebody writes to the bot: the catalog's first, and help in any case.
func commandList(cat chat.Catalog) []element {
	out := []element{}
	add := func(name, help string) {
		out = append(out, element{"title": clip(name, 32), "description": oneLine(orDash(help), 128)})
	}
	help := false
	for _, c := range cat.Commands {
		last := len(out) == maxCommands-1
		if last && !help && c.Name != "help" {
			continue // its place is kept for help
		}
		if len(out) < maxCommands {
			add(c.Name, c.Help)
			help = help || c.Name == "help"
		}
	}
	if !help && len(out) < maxCommands {
		add("help", "What Truce can do, with examples.")
	}
	return out
}

// answersSearch finds approved answers; which one is taken is counted.
const answersSearch = "answers"

// extensionCommands are "Log as ..." on messages, what can be started anywhere, and the two searches.
func extensionCommands(cat chat.Catalog) []element {
	out := []element{}
	for _, s := range cat.Shortcuts {
		if len(out) == maxCommands-2 {
			break
		}
		context := []string{"message"}
		if s.Global {
			context = []string{"compose", "commandBox"}
		}
		out = append(out, element{"id": s.Name, "type": "action", "context": context, "fetchTask": true,
			"title": clip(s.Title, 32), "description": oneLine(orDash(s.Help), 128)})
	}
	for _, q := range []struct{ id, title, help string }{
		{"objections", "Find objections", "What the field hears, to put into a message."},
		{answersSearch, "Find answers", "The approved answers to objections, to put into a message."},
	} {
		out = append(out, element{"id": q.id, "type": "query", "context": []string{"compose", "commandBox"}, "initialRun": true,
			"title": q.title, "description": q.help,
			"parameters": []element{{"name": "text", "title": "Text", "description": "Words they use", "inputType": "text"}}})
	}
	return out
}
