package main

import (
	"fmt"
	"io"
	"log/slog"

	"github.com/alecthomas/kong"

	"truce/bot/chat"
	"truce/bot/config"
	"truce/handlers"
)

// manifestCommand has a command for each platform.
type manifestCommand struct {
	kong.Plugins
}

func newManifestCommand() manifestCommand {
	var m manifestCommand
	for _, platform := range config.Default().Platforms() {
		m.Plugins = append(m.Plugins, platform.Manifest())
	}
	return m
}

// install writes the manifest of a platform.
func (p *program) install(network string, install func(chat.Installing) (chat.Manifest, error)) error {
	cfg, err := p.config()
	if err != nil {
		return err
	}
	m, err := install(chat.Installing{Section: cfg.Platform(network), Catalog: catalog(cfg), PublicURL: cfg.HTTP.PublicURL,
		Version: thisBuild().packageVersion()})
	if err != nil {
		return usage(err)
	}
	if m.File == "" {
		_, err = p.stdout.Write(m.Data)
		return err
	}
	if _, err := writeFile(m.File, m.Replace(m.File), func(w io.Writer) (int, error) { return w.Write(m.Data) }); err != nil {
		return fmt.Errorf("write the app package: %w", err)
	}
	_, err = io.WriteString(p.stdout, m.Said)
	return err
}

// catalog is what people can do, without a database: the manifests come before the first start.
func catalog(cfg config.Config) chat.Catalog {
	return handlers.New(nil, handlerOptions(cfg), slog.New(slog.DiscardHandler)).Catalog()
}
