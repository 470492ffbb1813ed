package truce

import "log/slog"

// Secret is a string that prints as dots wherever it might leak: fmt, slog, JSON and YAML.
type Secret string

// String hides the value; convert with string(s) where it is really meant.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "••••"
}

// GoString hides the value from %#v.
func (s Secret) GoString() string { return s.String() }

// LogValue hides the value from slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText hides the value from encoders.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Fault is one thing wrong with the configuration. The parts that own a section return their faults joined with
// errors.Join; the reader of the file adds where it stands.
type Fault struct {
	Key  string // "slack.bot_token"
	Text string // what is wrong and what to write instead: "must start with xoxb-"
}

func (f *Fault) Error() string { return f.Key + ": " + f.Text }
