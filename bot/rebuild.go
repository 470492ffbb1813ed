package main

import (
	"errors"
	"fmt"

	"truce/storage"
)

type rebuildCommand struct{}

// Help is shown by "truce rebuild --help".
func (rebuildCommand) Help() string {
	return `Digests add up sums that are kept beside the leads. This counts them anew, day by day, beside a running bot too; nothing else
changes. Until it is done digests read the leads themselves. Stopped in between, it goes on at the bot's next start.

Examples:
  truce check --deep
  truce rebuild`
}

// Run counts the roll-ups anew.
func (rebuildCommand) Run(p *program) error {
	cfg, err := p.config()
	if err != nil {
		return err
	}
	log := p.logger(cfg.Log)
	store, err := p.open(cfg, log)
	if err != nil {
		return err
	}
	defer closeStore(store, log)
	rebuild := func() error { return store.RebuildRollUps(p.ctx, cfg.Location()) }
	if err := store.Relax(p.ctx, rebuild); err != nil { // it is safe to repeat
		return fmt.Errorf("count the roll-ups anew: %w", err)
	}
	_, err = fmt.Fprintln(p.stdout, "The sums behind the digests are counted anew.")
	return err
}

// wrongShown is how many differences a deep check lists.
const wrongShown = 20

// checkDeep counts all leads anew and holds the roll-ups against it.
func (p *program) checkDeep(store *storage.Store) error {
	damaged, err := store.CheckFile(p.ctx, wrongShown)
	if err != nil {
		return err
	}
	for _, w := range damaged {
		fmt.Fprintf(p.stdout, "FAIL %s: %s\n", store.Path(), w)
	}
	if len(damaged) > 0 {
		return errors.New("the database is damaged or cannot be written to: see the lines marked FAIL; restore a backup where pages are damaged")
	}
	wrong, err := store.CheckRollUps(p.ctx, wrongShown)
	if err != nil {
		return fmt.Errorf("check the roll-ups: %w", err)
	}
	if len(wrong) == 0 {
		_, err := fmt.Fprintln(p.stdout, "The sums behind the digests are right: all leads were counted anew.")
		return err
	}
	for _, w := range wrong {
		fmt.Fprintf(p.stdout, "FAIL %s\n", w)
	}
	return errors.New("the sums behind the digests are not right: run truce rebuild")
}
