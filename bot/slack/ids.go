package slack

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"truce/bot/chat"
)

// Network is the prefix of all ids of this adapter.
const Network = "slack"

// id makes a neutral id of a workspace (or enterprise) and one of Slack's ids.
func id(team, local string) string { return Network + ":" + team + ":" + local }

// split takes a neutral id apart; ok is false where it is not one of ours.
func split(s string) (team, local string, ok bool) {
	rest, ok := strings.CutPrefix(s, Network+":")
	if !ok {
		return "", "", false
	}
	team, local, ok = strings.Cut(rest, ":")
	return team, local, ok && local != ""
}

// digest is a short name for something long: 128 bits of its SHA-256, in hex.
func digest(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:16])
}

// ephemeralMark begins the Ref.ID of messages that only their reader has: Slack lets nobody edit them by id.
const ephemeralMark = "ephemeral:"

// ref names a message of Slack's.
func ref(place chat.Place, ts string, ephemeral bool) chat.Ref {
	if ts == "" {
		return chat.Ref{}
	}
	if ephemeral {
		ts = ephemeralMark + ts
	}
	return chat.Ref{Place: place, ID: ts}
}
