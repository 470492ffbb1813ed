package handlers

import (
	"encoding/json"
	"fmt"
	"hash/crc32"
	"strconv"
	"strings"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/storage"
)

// This file is what a person may know and decide about themselves: what came of what they told, what is kept, that it goes.

// A list of records shows so many at a time; an export comes in messages with so many quotes of so many characters: what every
// platform shows whole.
const (
	heldPage     = 20
	exportQuotes = 2
	exportQuote  = 2800
)

// ledTo shows what the person's reports led to.
func (h *Handlers) ledTo(c *Call) (chat.Reply, error) {
	led, err := c.Tx.LedTo(c.By.ID)
	return show(cards.Mine(cards.LedView(led))), err
}

// myData shows what is kept about the person.
func (h *Handlers) myData(c *Call) (chat.Reply, error) {
	counts, err := c.Tx.CountHeld(c.By.ID)
	if err != nil {
		return chat.Reply{}, err
	}
	var kinds []cards.HeldKind
	for _, k := range storage.HeldKinds() {
		kinds = append(kinds, cards.HeldKind{Name: k, N: counts[k]})
	}
	return show(cards.MyData(c.By.Name, c.By.Email, kinds)), nil
}

// heldShow shows the records of a kind; Arg is "objections:20".
func (h *Handlers) heldShow(c *Call) (chat.Reply, error) {
	kind, number, _ := strings.Cut(c.Arg, ":")
	from, err := strconv.Atoi(number)
	if err != nil || from < 0 {
		return chat.Reply{}, truce.Errorf(truce.NotFound, "This button is of an older version. Type /truce mydata.")
	}
	list, err := c.Tx.Held(c.By.ID, kind, from, heldPage)
	if err != nil {
		return chat.Reply{}, err
	}
	counts, err := c.Tx.CountHeld(c.By.ID)
	if err != nil {
		return chat.Reply{}, err
	}
	var rows []cards.HeldRecord
	for _, r := range list {
		rows = append(rows, cards.HeldRecord{Kind: r.Kind, Where: r.Where, Text: r.Text, At: r.At})
	}
	return show(cards.Held(kind, rows, from, counts[kind], h.opt.Location)), nil
}

// exported is one record of the export.
type exported struct {
	Where string `json:"where"`
	At    string `json:"at,omitempty"` // RFC 3339, UTC
	Text  string `json:"text,omitempty"`
}

// heldExport shows everything as JSON, in as many parts as it takes; Arg is "2:9f3c", the part and the sum of the whole it is of, or "".
// The first part is always of the whole as it is now.
func (h *Handlers) heldExport(c *Call) (chat.Reply, error) {
	number, of, later := strings.Cut(c.Arg, ":")
	part := 0
	if later {
		n, err := strconv.Atoi(number)
		if err != nil || n < 1 {
			return chat.Reply{}, truce.Errorf(truce.NotFound, "This button is of an older version. Type /truce mydata.")
		}
		part = n
	} else if err := c.log("mydata.export", c.By.ID, nil); err != nil { // before it is written: later parts hold the entry, too
		return chat.Reply{}, err
	}
	whole, err := h.exportOf(c)
	if err != nil {
		return chat.Reply{}, err
	}
	sum := fmt.Sprintf("%08x", crc32.ChecksumIEEE([]byte(whole)))
	pieces := cards.Pieces(whole, exportQuote)
	parts := (len(pieces) + exportQuotes - 1) / exportQuotes
	changed := later && (of != sum || part >= parts)
	if changed {
		part = 0
	}
	from := part * exportQuotes
	return show(cards.Export(pieces[from:min(from+exportQuotes, len(pieces))], part, parts, sum, changed)), nil
}

// exportOf is everything held of the person, as JSON.
func (h *Handlers) exportOf(c *Call) (string, error) {
	out := map[string]any{"name": c.By.Name, "email": c.By.Email, "zone": c.By.Zone, "side": c.By.Side}
	for _, kind := range storage.HeldKinds() {
		list, err := c.Tx.Held(c.By.ID, kind, 0, -1)
		if err != nil {
			return "", err
		}
		rows := []exported{}
		for _, r := range list {
			e := exported{Where: r.Where, Text: r.Text}
			if !r.At.IsZero() {
				e.At = r.At.Format(time.RFC3339)
			}
			rows = append(rows, e)
		}
		out[kind] = rows
	}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // it is read, and is no HTML
	enc.SetIndent("", " ")
	if err := enc.Encode(out); err != nil {
		return "", fmt.Errorf("write the export of %s: %w", c.By.ID, err)
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}

func (h *Handlers) eraseForm(c *Call) (chat.Reply, error) {
	return ask(cards.EraseForm(c.By.Name)), nil
}

// eraseSent erases the person, here and in chat.
func (h *Handlers) eraseSent(c *Call) (chat.Reply, error) {
	if !strings.EqualFold(c.value("sure"), strings.TrimSpace(c.By.Name)) {
		return fault("sure", "Write your name as it stands above: this cannot be undone."), nil
	}
	open, err := c.Tx.OpenCases(c.By.ID)
	if err != nil {
		return chat.Reply{}, err
	}
	if len(open) > 0 {
		return fault("", fmt.Sprintf("You have open cases: %s. Withdraw them first (/dispute mine): somebody waits for them.",
			strings.Join(open, ", "))), nil
	}
	e, err := c.Tx.Erase(c.By)
	if err != nil {
		return chat.Reply{}, err
	}
	if err := c.Tx.Audit(c.By.ID, "", "person.erased", c.By.ID, nil); err != nil {
		return chat.Reply{}, err
	}
	if f := h.finder.Load(); f != nil {
		c.Tx.AfterCommit(func() {
			f.objections.Remove(e.Objections...)
			f.themes.Forget(e.Objections...)
			f.kinds.Forget(e.Notes...)
		})
	}
	return show(cards.ErasedCard(e.Messages)), nil
}
