package handlers

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/storage"
)

// This file is what a person may know and decide about themselves: what came of what they told, what is kept, that it goes.

// A list of records shows so many at a time; an export in chat holds so many of each kind, and so many bytes.
const (
	heldPage    = 20
	exportEach  = 200
	exportBytes = 12000
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

// heldExport shows everything as JSON, to copy; where it does not fit a message it says so.
func (h *Handlers) heldExport(c *Call) (chat.Reply, error) {
	out := map[string]any{"name": c.By.Name, "email": c.By.Email, "zone": c.By.Zone, "side": c.By.Side}
	cut := false
	for each := exportEach; ; each /= 2 {
		for _, kind := range storage.HeldKinds() {
			list, err := c.Tx.Held(c.By.ID, kind, 0, each+1)
			if err != nil {
				return chat.Reply{}, err
			}
			cut = cut || len(list) > each
			rows := []exported{}
			for _, r := range list[:min(len(list), each)] {
				e := exported{Where: r.Where, Text: r.Text}
				if !r.At.IsZero() {
					e.At = r.At.Format(time.RFC3339)
				}
				rows = append(rows, e)
			}
			out[kind] = rows
		}
		b, err := json.MarshalIndent(out, "", " ")
		if err != nil {
			return chat.Reply{}, fmt.Errorf("write the export of %s: %w", c.By.ID, err)
		}
		if len(b) <= exportBytes || each == 1 {
			return show(cards.Export(string(b), cut)), c.log("mydata.export", c.By.ID, nil)
		}
		cut = true
	}
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
		return fault("", fmt.Sprintf("You have open cases: %s. Withdraw them first (/dispute mine): somebody waits for them.", strings.Join(open, ", "))), nil
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
