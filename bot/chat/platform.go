package chat

import (
	"log/slog"
	"time"
)

// Platform is a chat platform as a company has configured it: the section of the configuration that belongs to an adapter, and all that
// the program must know of the platform besides. The program has one list of them, the sections in bot/config.
type Platform interface {
	// Network is the prefix of all its ids, and the name of its section ("slack").
	Network() string
	// Name is what people call it ("Slack").
	Name() string
	// Summary is its name with what matters of how it is configured ("Slack (socket)").
	Summary() string
	// Enabled reports whether it is switched on; SwitchedBy is the key that does it ("slack.bot_token").
	Enabled() bool
	SwitchedBy() string
	// Validate finds everything wrong with the section.
	Validate() error
	// Adapter makes what speaks with the platform. It does no network.
	Adapter(cat Catalog, mem Memory, clock func() time.Time, log *slog.Logger) (Adapter, error)
	// Whole is the id of a channel that is written in the platform's own way; "" where name is only what the channel is called.
	Whole(name string) (id string)
	// Misnamed says why no channel of the platform can be called so; "" where one can.
	Misnamed(name string) string
	// Channel is how a channel is written in the configuration, as an example ("slack:#leads").
	Channel() string
	// Manifest is a pointer to a struct with one command, as kong reads it: what makes that from which the platform installs the
	// app. Its Run takes an Installer.
	Manifest() any
}

// Grouped is a platform whose user groups can give roles.
type Grouped interface {
	// GroupsOff is the key that must be set for it, and what to say of it; "" where it is.
	GroupsOff() (key, text string)
}

// Installer writes what install makes of the platform's section; a fault of install is one of the configuration.
type Installer func(network string, install func(Installing) (Manifest, error)) error

// Installing is what a manifest is made of.
type Installing struct {
	Section   Platform
	Catalog   Catalog
	PublicURL string
	Version   string // of the program, as packages count: "1.2.3"
}

// Manifest is that from which a platform installs the app.
type Manifest struct {
	Data    []byte
	File    string                 // where it goes; "" is standard output
	Replace func(path string) bool // whether a file that is there may go
	Said    string                 // once it is written
}
