package main

import "fmt"

type checkCommand struct{}

// Help is shown by "truce check --help".
func (checkCommand) Help() string {
	return `Examples:
  truce check --config config.yaml`
}

// Run reads the configuration and opens the database; it uses no network.
func (checkCommand) Run(p *program) error {
	cfg, err := p.config()
	if err != nil {
		return err
	}
	store, err := p.open(cfg, p.logger(cfg.Log))
	if err != nil {
		return err
	}
	if err := store.Close(); err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.stdout, "The configuration is right. Database: %s\n", cfg.Storage.Path)
	return err
}
