package teams

import (
	"strings"

	"truce/bot/chat"
)

// Network is the prefix of all our ids; channelID is the Bot Framework's name for Teams.
const (
	Network   = "teams"
	channelID = "msteams"
)

// Ids are "teams:TENANT:REST". The rest of a user is their aadObjectId, which is the same in every conversation and for every
// bot of the tenant; the rest of a place is the conversation id without its thread. A conversation id holds colons itself.

func makeID(tenant, rest string) string { return Network + ":" + tenant + ":" + rest }

// splitID takes an id apart; ok is false for one of another network.
func splitID(id string) (tenant, rest string, ok bool) {
	name, rest, ok := strings.Cut(id, ":")
	if !ok || name != Network {
		return "", "", false
	}
	tenant, rest, ok = strings.Cut(rest, ":")
	return tenant, rest, ok && rest != ""
}

// threadMark parts a channel's id from the message its thread hangs on: "19:..@thread.tacv2;messageid=1700000000000".
const threadMark = ";messageid="

func cutThread(conversation string) (id, thread string) {
	id, thread, _ = strings.Cut(conversation, threadMark)
	return id, thread
}

// conversationID is the id Teams knows the place by, its thread included.
func conversationID(p chat.Place) string {
	_, id, _ := splitID(p.ID)
	if p.Thread != "" {
		id += threadMark + p.Thread
	}
	return id
}

func placeKind(conversationType string) chat.PlaceKind {
	switch conversationType {
	case "channel":
		return chat.Channel
	case "groupChat":
		return chat.Group
	default:
		return chat.DM
	}
}
