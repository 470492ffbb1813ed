package teams

import (
	"archive/zip"
	"bytes"
	"cmp"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"truce/bot/chat"
)

// What the program must know of Teams besides its adapter.
var _ chat.Platform = Config{}

// Network is "teams".
func (Config) Network() string { return Network }

// Name is "Teams".
func (Config) Name() string { return "Teams" }

// Summary is the name: there is one way to receive.
func (c Config) Summary() string { return c.Name() }

// SwitchedBy is the id of the Azure bot.
func (Config) SwitchedBy() string { return "teams.app_id" }

// Channel is an example of a channel's name.
func (Config) Channel() string { return "teams:Leads" }

// Whole is the id of a channel that Teams' own is written of: "19:...@thread.tacv2".
func (c Config) Whole(name string) string {
	if !strings.HasPrefix(name, "19:") {
		return ""
	}
	return makeID(strings.ToLower(c.TenantID), name)
}

// Misnamed refuses nothing: channels are called as people like.
func (Config) Misnamed(string) string { return "" }

// Adapter is New.
func (c Config) Adapter(cat chat.Catalog, mem chat.Memory, clock func() time.Time, log *slog.Logger) (chat.Adapter, error) {
	return New(c, cat, mem, clock, log)
}

// Manifest is "truce manifest teams".
func (Config) Manifest() any {
	return &struct {
		Teams manifestCommand `cmd:"" help:"Write the app package that a Teams admin uploads."`
	}{}
}

type manifestCommand struct {
	Out            string `help:"The file to write." default:"truce.zip" placeholder:"FILE"`
	Replace        bool   `help:"Put it in place of a file that is there. A package that Truce wrote for this app is replaced without it."`
	PackageVersion string `help:"The package's version, such as 1.2.4, instead of the program's: Teams takes a package only as an update if it is higher." placeholder:"X.Y.Z"`
	Schema         string `help:"The version of the manifest: 1.29 has answers in channels that one person sees, 1.22 is for tenants that refuse it (default ${default})." enum:"1.29,1.22" default:"1.29"`
}

// Help is shown by "truce manifest teams --help".
func (manifestCommand) Help() string {
	return `Examples:
  truce manifest teams --out truce.zip --config config.yaml
  truce manifest teams --out truce.zip --package-version 1.2.4
  truce manifest teams --out truce.zip --schema 1.22

It needs teams.app_id and http.public_url. Upload the file in the Teams admin center.`
}

// Run writes the app package.
func (m manifestCommand) Run(write chat.Installer) error {
	return write(Network, func(in chat.Installing) (chat.Manifest, error) {
		host := ""
		if u, err := url.Parse(in.PublicURL); err == nil {
			host = u.Host
		}
		cfg, version := in.Section.(Config), cmp.Or(m.PackageVersion, in.Version)
		pack, err := Package(in.Catalog, cfg, host, version, m.Schema)
		return chat.Manifest{Data: pack, File: m.Out, Said: fmt.Sprintf("Wrote %s, version %s\n", m.Out, version),
			Replace: func(path string) bool { return m.Replace || packageOf(path, cfg.AppID) }}, err
	})
}

// packageOf reports whether the file is an earlier package of the app, and not somebody else's.
func packageOf(path, app string) bool {
	old, err := zip.OpenReader(path)
	if err != nil {
		return false
	}
	defer old.Close()
	f, err := old.Open("manifest.json")
	if err != nil {
		return false
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, 1<<20))
	return err == nil && app != "" && bytes.Contains(text, []byte(app))
}
