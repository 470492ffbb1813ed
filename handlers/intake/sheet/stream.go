package sheet

import (
	"bytes"
	"encoding/json"

	"truce"
)

// Files of messages, as Singer's taps and Airbyte's sources write them: one a line, of which those of type RECORD carry a row. Sources:
// the Singer specification (hub.meltano.com/singer/spec) and the Airbyte protocol (AirbyteMessage, AirbyteRecordMessage).

// Whose messages a file may hold.
const (
	Singer  = "singer"
	Airbyte = "airbyte"
)

// ParseRecords reads what --records was given.
func ParseRecords(text string) (string, error) {
	switch text {
	case "", Singer, Airbyte:
		return text, nil
	}
	return "", truce.Errorf(truce.Invalid, "--records is singer or airbyte, not %q.", text)
}

// unwrap is the row in a message; other is true for what is no record of the stream: the schema, the state, a line of the log.
func (r *Reader) unwrap(line []byte) (row []byte, other bool, err error) {
	if text := bytes.TrimLeft(line, " \t"); len(text) == 0 || text[0] != '{' {
		return nil, true, nil // Docker and taps log between their messages
	}
	var m struct {
		Type   string
		Stream string
		Record json.RawMessage
	}
	if err := json.Unmarshal(line, &m); err != nil {
		return nil, false, JSONError(err)
	}
	if m.Type != "RECORD" {
		return nil, true, nil
	}
	if r.opts.Records == Airbyte {
		var in struct {
			Stream string
			Data   json.RawMessage
		}
		if err := json.Unmarshal(m.Record, &in); err != nil {
			return nil, false, JSONError(err)
		}
		m.Stream, m.Record = in.Stream, in.Data
	}
	o := r.objects
	switch {
	case r.opts.Stream != "" && m.Stream != r.opts.Stream:
		return nil, true, nil
	case o.stream == "":
		o.stream = m.Stream
	case o.stream != m.Stream:
		return nil, false, truce.Errorf(truce.Invalid, "the records are of several streams, %q and %q; say which one with --stream", o.stream,
			m.Stream)
	}
	return m.Record, false, nil
}
