package config

import "truce"

// This file says which settings figures rest on, so that a change of one is kept with its date and shown with the figures.

// Thresholds are the settings that decide what counts, what is promised and what is kept in time, in the terms that hold: the
// configured ones, or those with what was agreed in chat.
func (c Config) Thresholds(t truce.Terms) (list []truce.Threshold) {
	for _, s := range truce.Settings {
		list = append(list, truce.Threshold{Key: s.Key, Name: s.Name, Value: s.Of(t).String()})
	}
	return append(list, truce.Threshold{Key: "time_zone", Name: "time zone", Value: c.TimeZone})
}
