package main

import (
	"archive/zip"
	"bytes"
	"cmp"
	"fmt"
	"io"
	"log/slog"
	"net/url"

	"truce/bot/chat"
	"truce/bot/config"
	"truce/bot/slack"
	"truce/bot/teams"
	"truce/handlers"
)

type manifestCommand struct {
	Slack slackManifest `cmd:"" help:"Print the manifest from which Slack makes the app."`
	Teams teamsManifest `cmd:"" help:"Write the app package that a Teams admin uploads."`
}

type slackManifest struct {
	Format string `help:"yaml or json." enum:"yaml,json" default:"yaml"`
}

// Help is shown by "truce manifest slack --help".
func (slackManifest) Help() string {
	return `Examples:
  truce manifest slack
  truce manifest slack --format json --config config.yaml

Paste it at api.slack.com/apps, "Create New App", "From a manifest". In mode http the addresses come from http.public_url.`
}

// Run prints the manifest of exactly what the configuration switches on. It needs no token: the app has none yet.
func (m slackManifest) Run(p *program) error {
	cfg, err := p.config()
	if err != nil {
		return err
	}
	asYAML, asJSON, err := slack.Manifest(catalog(cfg), cfg.Slack, cfg.HTTP.PublicURL)
	if err != nil {
		return usage(err)
	}
	if m.Format == "json" {
		asYAML = asJSON
	}
	_, err = p.stdout.Write(asYAML)
	return err
}

type teamsManifest struct {
	Out            string `help:"The file to write." default:"truce.zip" placeholder:"FILE"`
	Replace        bool   `help:"Put it in place of a file that is there. A package that Truce wrote for this app is replaced without it."`
	PackageVersion string `help:"The package's version, such as 1.2.4, instead of the program's: Teams takes a package only as an update if it is higher." placeholder:"X.Y.Z"`
}

// Help is shown by "truce manifest teams --help".
func (teamsManifest) Help() string {
	return `Examples:
  truce manifest teams --out truce.zip --config config.yaml
  truce manifest teams --out truce.zip --package-version 1.2.4

It needs teams.app_id and http.public_url. Upload the file in the Teams admin center.`
}

// Run writes the app package.
func (m teamsManifest) Run(p *program) error {
	cfg, err := p.config()
	if err != nil {
		return err
	}
	host := ""
	if u, err := url.Parse(cfg.HTTP.PublicURL); err == nil {
		host = u.Host
	}
	version := cmp.Or(m.PackageVersion, thisBuild().packageVersion())
	pack, err := teams.Package(catalog(cfg), cfg.Teams, host, version)
	if err != nil {
		return usage(err)
	}
	if err := m.write(pack, cfg.Teams.AppID); err != nil {
		return fmt.Errorf("write the app package: %w", err)
	}
	_, err = fmt.Fprintf(p.stdout, "Wrote %s, version %s\n", m.Out, version)
	return err
}

// write puts the package where a file of somebody else is not.
func (m teamsManifest) write(pack []byte, app string) error {
	replace := m.Replace
	if old, err := zip.OpenReader(m.Out); err == nil {
		if f, err := old.Open("manifest.json"); err == nil {
			text, _ := io.ReadAll(io.LimitReader(f, 1<<20))
			replace = replace || app != "" && bytes.Contains(text, []byte(app))
			f.Close()
		}
		old.Close()
	}
	_, err := writeFile(m.Out, replace, func(w io.Writer) (int, error) { return w.Write(pack) })
	return err
}

// catalog is what people can do, without a database: the manifests come before the first start.
func catalog(cfg config.Config) chat.Catalog {
	return handlers.New(nil, handlerOptions(cfg), slog.New(slog.DiscardHandler)).Catalog()
}
