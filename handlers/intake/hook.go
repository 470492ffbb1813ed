package intake

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"truce"
	"truce/handlers/intake/sheet"
	"truce/storage"
)

// This file takes in what other systems send as it happens: JSON items, read and stored exactly as the rows of a file are.

// HookKinds are the kinds that can be sent.
func HookKinds() []sheet.Kind {
	return []sheet.Kind{sheet.Accounts, sheet.Leads, sheet.Outcomes, sheet.Deals, sheet.Touches, sheet.Costs}
}

// maxItems is how many items one request may hold: they share a transaction.
const maxItems = 1000

// Received is what became of the items of a request.
type Received struct {
	Added     int `json:"added"`
	Changed   int `json:"changed"`
	Unchanged int `json:"unchanged"`
	Nothing   int `json:"nothing"` // items that say nothing that counts
}

// ItemFault is what is wrong with one item of a request.
type ItemFault struct {
	Item  int    `json:"item"` // from 0
	Field string `json:"field,omitempty"`
	Error string `json:"error"`
}

// ItemFaults are why a request was refused as a whole: nothing of it was stored.
type ItemFaults []ItemFault

func (f ItemFaults) Error() string { return fmt.Sprintf("%d items cannot be taken", len(f)) }

// ErrOtherBody is a request whose Idempotency-Key was used before, for another body.
var ErrOtherBody = errors.New("this Idempotency-Key was used for another body before: a key is for one request and its repetitions")

// Receive stores a JSON object, or an array of objects, all of it or nothing. Each has our names of the kind's fields; accounts, leads
// and outcomes may carry "attributes", an object; other objects and lists in it are passed over. maps, where there are any, say
// where our fields stand (email=properties.email), and what they do not name is passed over. Texts, numbers, true, false and null
// are values; a date may also be milliseconds since 1970, as HubSpot sends them. The same key again (empty: none) does nothing
// and gives the first answer; the items' own ids make repetitions harmless without one too. The error is an ItemFaults,
// ErrOtherBody, a *truce.Error for what is no such JSON, or the store's.
func Receive(ctx context.Context, store *storage.Store, kind sheet.Kind, body []byte, key string, loc *time.Location,
	maps ...sheet.Pair) (Received, error) {
	items, err := decodeItems(body, maps)
	if err != nil {
		return Received{}, err
	}
	started, err := startOf(ctx, store)
	if err != nil {
		return Received{}, err
	}
	how, err := readingOf(kind, values{dates: sheet.Dates{Location: loc}, started: started, json: true})
	if err != nil {
		return Received{}, err
	}
	records, faults := readItems(kind, how, mapped(items, maps))
	if len(faults) > 0 {
		return Received{}, faults
	}
	head := string(kind)
	for _, m := range maps {
		head += "\x00" + m.Key + "=" + m.Value
	}
	sum := sha256.Sum256(append([]byte(head+"\n"), body...))
	answer := struct {
		Body     string
		Received Received
	}{Body: hex.EncodeToString(sum[:])}
	event := "hook:" + key
	err = store.Update(ctx, func(tx *storage.Tx) error {
		answer.Received, faults = Received{}, nil
		if key != "" {
			reply, seen, err := tx.Seen(event)
			if err != nil {
				return err
			}
			if seen {
				was := answer.Body
				if err := json.Unmarshal(reply, &answer); err != nil {
					return fmt.Errorf("read the answer to %s: %w", event, err)
				}
				if answer.Body != was {
					answer.Body = was
					return ErrOtherBody
				}
				return nil
			}
		}
		for i, r := range records {
			if r == nil {
				answer.Received.Nothing++
				continue
			}
			change, err := r.save(tx)
			var late *fault
			switch {
			case errors.As(err, &late):
				faults = append(faults, ItemFault{i, late.field, late.Error()})
			case err != nil:
				return fmt.Errorf("store item %d: %w", i, err)
			case change == storage.Added:
				answer.Received.Added++
			case change == storage.Changed:
				answer.Received.Changed++
			default:
				answer.Received.Unchanged++
			}
		}
		if len(faults) > 0 {
			return faults
		}
		if kind == sheet.Leads || kind == sheet.Accounts {
			if _, err := tx.TellLeads(maxItems); err != nil {
				return err
			}
		}
		a := answer.Received
		if err := tx.AddImport(storage.Import{Kind: string(kind), Origin: "hook", Complete: true, Rows: len(records), Added: a.Added,
			Changed: a.Changed, Unchanged: a.Unchanged}); err != nil {
			return err
		}
		if key == "" {
			return nil
		}
		return tx.Done(event, answer)
	})
	return answer.Received, err
}

// decodeItems reads one object or an array of them, strictly: nothing behind it, no name twice.
func decodeItems(body []byte, maps []sheet.Pair) ([]sheet.Object, error) {
	paths := make([]string, len(maps))
	for i, m := range maps {
		paths[i] = m.Value
	}
	invalid := func(err error) error {
		return truce.Errorf(truce.Invalid, "The body is not a JSON object or an array of objects: %w", sheet.JSONError(err))
	}
	if !utf8.Valid(body) {
		return nil, invalid(errors.New("its text is not UTF-8"))
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var items []sheet.Object
	first, err := d.Token()
	switch {
	case err != nil:
		return nil, invalid(err)
	case first == json.Delim('{'):
		it, err := sheet.DecodeObject(d, paths)
		if err != nil {
			return nil, invalid(err)
		}
		items = append(items, it)
	case first == json.Delim('['):
		for d.More() {
			if t, err := d.Token(); err != nil || t != json.Delim('{') {
				return nil, invalid(fmt.Errorf("item %d is no object", len(items)))
			}
			it, err := sheet.DecodeObject(d, paths)
			if err != nil {
				return nil, invalid(err)
			}
			if items = append(items, it); len(items) > maxItems {
				return nil, truce.Errorf(truce.Invalid, "A request holds at most %d items; send the rest in a further one.", maxItems)
			}
		}
		if _, err := d.Token(); err != nil {
			return nil, invalid(err)
		}
	case first == nil:
		return nil, invalid(errors.New("it is null"))
	default:
		return nil, invalid(fmt.Errorf("it begins with %v", first))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, invalid(errors.New("something stands behind it"))
	}
	for i, it := range items {
		for _, v := range slices.Concat(it.Fields, it.Attributes) {
			if !strings.ContainsRune(v.Text, utf8.RuneError) {
				continue
			}
			if !sheet.HoldsHalfCharacter(body, v.Text) {
				return items, nil // the body spells the character itself: once asked is enough
			}
			return nil, invalid(fmt.Errorf("item %d, %s: %s", i, v.Name, sheet.HalfCharacter))
		}
	}
	return items, nil
}

// mapped are items with our fields where maps say that they stand.
func mapped(items []sheet.Object, maps []sheet.Pair) []sheet.Object {
	if len(maps) == 0 {
		return items
	}
	for i, it := range items {
		var fields []sheet.Value
		for _, m := range maps {
			for _, v := range it.Fields {
				if v.Name == m.Value {
					v.Name = m.Key
					fields = append(fields, v)
				}
			}
		}
		items[i].Fields = fields
	}
	return items
}

// readItems makes rows of the items, under a header of our own names and the attributes', and reads them as those of a file.
func readItems(kind sheet.Kind, how reading, items []sheet.Object) ([]record, ItemFaults) {
	var header []string
	column := map[string]int{}
	for _, f := range kind.Schema().Fields {
		if !strings.HasPrefix(f.Name, "truce_") {
			column[f.Name] = len(header)
			header = append(header, f.Name)
		}
	}
	own := len(header)
	attrs := map[string]int{}
	var faults ItemFaults
	for i, it := range items {
		for _, f := range it.Faults {
			faults = append(faults, ItemFault{i, f.Name, f.Text})
		}
		for _, name := range it.Odd {
			if _, ours := column[name]; ours || name == "attributes" {
				faults = append(faults, ItemFault{i, name, "a value is a text, a number, true, false or null"})
			}
		}
		for _, v := range it.Fields {
			if _, ok := column[v.Name]; !ok {
				faults = append(faults, ItemFault{i, v.Name, "there is no such field; the fields are " + strings.Join(header[:own], ", ") +
					"; other values go into attributes"})
			}
		}
		for _, v := range it.Attributes {
			name := v.Name
			switch _, known := attrs[name]; {
			case known:
			case !kind.KeepsAttributes():
				faults = append(faults, ItemFault{i, "attributes", string(kind) + " have no attributes"})
			case column[name] > 0 || name == header[0]:
				faults = append(faults, ItemFault{i, name, "an attribute cannot have the name of a field"})
			case name == "" || name != strings.TrimSpace(name) || strings.ContainsFunc(name, unicode.IsControl):
				faults = append(faults, ItemFault{i, name, "an attribute needs a name without blanks around and control characters within"})
			default:
				attrs[name] = len(header)
				header = append(header, name)
			}
		}
	}
	if len(faults) > 0 {
		return nil, faults
	}
	b, err := sheet.Bind(header, kind, sheet.BindOptions{})
	if err != nil {
		return nil, ItemFaults{{0, "", err.Error()}} // attributes that read like a field twice
	}
	records := make([]record, len(items))
	for i, it := range items {
		row := sheet.Row{Line: i, Fields: make([]string, len(header))}
		for _, v := range it.Fields {
			row.Fields[column[v.Name]] = v.Text
		}
		for _, v := range it.Attributes {
			row.Fields[attrs[v.Name]] = v.Text
		}
		bad := b.Missing(row)
		if bad == nil {
			records[i], bad = how.read(b, row)
		}
		if bad != nil {
			faults = append(faults, ItemFault{i, bad.Column, withoutOptions(bad.Text)})
		}
	}
	return records, faults
}

// withoutOptions is a fault's text without the advice that names an option of the command line.
func withoutOptions(text string) string {
	if option := strings.Index(text, " --"); option >= 0 {
		if advice := strings.LastIndex(text[:option], "; "); advice >= 0 {
			return text[:advice]
		}
	}
	return text
}
