package sheet

// A JSON object as a row: the hooks and the files of JSON Lines read it here, by the same rules.

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"truce"
)

// Value is a member of an object, as text: null is "", true and false are their words, a number has no exponent.
type Value struct {
	Name, Text string
	number     bool
}

// Object is what one JSON object holds, in its order.
type Object struct {
	Fields     []Value
	Attributes []Value       // the members of its member "attributes"
	Faults     []ObjectFault // what is JSON but no row
	Odd        []string      // the members that are lists, or objects of which nothing is wanted

	wanted []path // within objects
}

// path leads to a value within objects: properties.email.
type path struct {
	name  string // as it was told
	parts []string
}

// pathsOf are the names that may lead into objects.
func pathsOf(names []string) []path {
	var paths []path
	for _, n := range names {
		if parts := strings.Split(n, "."); len(parts) > 1 {
			paths = append(paths, path{n, parts})
		}
	}
	return paths
}

// under are the paths that go on within a member.
func under(paths []path, name string) []path {
	var deeper []path
	for _, p := range paths {
		if len(p.parts) > 0 && strings.EqualFold(p.parts[0], name) {
			deeper = append(deeper, path{p.name, p.parts[1:]})
		}
	}
	return deeper
}

// descend reads the object that a member is, as far as something in it is wanted.
func (o *Object) descend(d *json.Decoder, wanted []path) error {
	return eachMember(d, func(name string, value json.Token) error {
		deeper := under(wanted, name)
		if value == json.Delim('{') && len(deeper) > 0 {
			return o.descend(d, deeper)
		}
		for _, p := range deeper {
			if len(p.parts) == 0 {
				var err error
				o.Fields, err = o.add(d, o.Fields, p.name, value)
				return err
			}
		}
		if value == json.Delim('{') || value == json.Delim('[') {
			return skip(d)
		}
		return nil
	})
}

// ObjectFault is what is wrong with a member.
type ObjectFault struct{ Name, Text string }

// twice is the fault of a name that an object has two times.
const twice = "the name stands there twice"

// attributesMember is the one member that may hold an object.
const attributesMember = "attributes"

// DecodeObject reads an object whose { has been read; the decoder must use json.Number. It may hold other objects, and lists: of these the
// values that paths lead to are read, such as properties.email, and the rest is passed over (Odd names it). The error is the
// decoder's: what follows the object's beginning is not JSON.
func DecodeObject(d *json.Decoder, paths []string) (Object, error) {
	return decodeObject(d, Object{wanted: pathsOf(paths)})
}

func decodeObject(d *json.Decoder, o Object) (Object, error) {
	err := eachMember(d, func(name string, value json.Token) error {
		if value == json.Delim('{') && name == attributesMember {
			return eachMember(d, func(name string, value json.Token) (err error) {
				o.Attributes, err = o.add(d, o.Attributes, name, value)
				return err
			})
		}
		if deeper := under(o.wanted, name); value == json.Delim('{') && len(deeper) > 0 {
			return o.descend(d, deeper)
		}
		var err error
		o.Fields, err = o.add(d, o.Fields, name, value)
		return err
	})
	return o, err
}

// eachMember calls fn with the members of an object whose { has been read, and reads its }.
func eachMember(d *json.Decoder, fn func(name string, value json.Token) error) error {
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		value, err := d.Token()
		if err != nil {
			return err
		}
		if err := fn(name.(string), value); err != nil { // the decoder lets nothing but texts be names
			return err
		}
	}
	_, err := d.Token()
	return err
}

func (o *Object) add(d *json.Decoder, to []Value, name string, value json.Token) ([]Value, error) {
	v := Value{Name: name}
	switch value := value.(type) {
	case nil:
	case string:
		v.Text = value
	case json.Number:
		v.Text, v.number = digits(value.String()), true
	case bool:
		v.Text = strconv.FormatBool(value)
	case json.Delim:
		o.Odd = append(o.Odd, name)
		return to, skip(d)
	}
	if strings.IndexByte(v.Text, 0) >= 0 {
		o.Faults = append(o.Faults, ObjectFault{name, "the text holds a zero byte"})
		return to, nil
	}
	for _, had := range to {
		if had.Name == name {
			o.Faults = append(o.Faults, ObjectFault{name, twice})
		}
	}
	return append(to, v), nil
}

// HalfCharacter is the fault of JSON with half of a pair of surrogates, which a decoder turns into another character.
const HalfCharacter = `a text holds half a character (\ud800 to \udfff stand in pairs)`

// HoldsHalfCharacter reports whether raw, sound UTF-8, has that fault; text is what was decoded from it.
func HoldsHalfCharacter(raw []byte, text string) bool {
	return strings.ContainsRune(text, utf8.RuneError) && !bytes.Contains(raw, []byte("\uFFFD")) &&
		!bytes.Contains(bytes.ToLower(raw), []byte(`\ufffd`))
}

// JSONError says where a text ends too early, not that a file does.
func JSONError(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("it is not closed")
	}
	return err
}

// skip reads to the end of the object or array that has just begun.
func skip(d *json.Decoder) error {
	for depth := 1; depth > 0; {
		t, err := d.Token()
		if err != nil {
			return err
		}
		switch t {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
	}
	return nil
}

// digits writes a number without an exponent.
func digits(number string) string {
	if strings.ContainsAny(number, "eE") {
		if n, err := strconv.ParseFloat(number, 64); err == nil {
			return strconv.FormatFloat(n, 'f', -1, 64)
		}
	}
	return number
}

// written is the value as a cell of a file has it, whose texts write numbers in the format: JSON's own have a point whatever that is.
func (v Value) written(f truce.NumberFormat) string {
	if v.number && f == truce.NumberEU {
		return strings.Replace(v.Text, ".", ",", 1)
	}
	return v.Text
}
