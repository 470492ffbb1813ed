package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"truce"
	"truce/bot/chat"
	"truce/bot/config"
	"truce/schedules/delivery"
	"truce/storage"
)

// spokenIn finds configured channels: ids as they are; a name ("#lead-disputes") among the places that the bot was added to on its
// platform, else as the platform may know it.
func spokenIn(cfg config.Config) delivery.Channel {
	return func(tx *storage.Tx, role string) ([]chat.Place, error) {
		var places []chat.Place
		for _, s := range cfg.Speaks(role) {
			p := s.Place
			if p.ID != "" {
				places = append(places, p)
				continue
			}
			raw, err := tx.PlaceNamed(s.Network, p.Name)
			switch {
			case truce.KindOf(err) == truce.NotFound:
				p.ID = s.Network + "::" + strings.TrimPrefix(s.Line, s.Network+":")
			case err != nil:
				return nil, fmt.Errorf("find the channel %s: %w", s.Line, err)
			default:
				if err := json.Unmarshal(raw, &p); err != nil {
					return nil, fmt.Errorf("find the channel %s: %w", s.Line, err)
				}
				p.Thread = ""
			}
			places = append(places, p)
		}
		return places, nil
	}
}
