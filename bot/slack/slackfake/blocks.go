package slackfake

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"unicode/utf8"
)

// surface is where blocks stand.
type surface int

const (
	message surface = iota
	modal
	home
)

// checker collects what is wrong with blocks.
type checker struct {
	faults []string
	where  surface
	old    bool
	blocks map[string]bool
	charts int
}

// CheckMessage returns what Slack's documented limits forbid in a message's blocks (as JSON).
func CheckMessage(blocks []byte) []string {
	var list []any
	if err := json.Unmarshal(blocks, &list); err != nil {
		return []string{err.Error()}
	}
	return (&Fake{}).checkBlocks(list, message)
}

// CheckView returns what Slack's documented limits forbid in a view (as JSON).
func CheckView(view []byte) []string {
	var v map[string]any
	if err := json.Unmarshal(view, &v); err != nil {
		return []string{err.Error()}
	}
	return (&Fake{}).checkView(v)
}

func (f *Fake) checkBlocks(blocks []any, where surface) []string {
	c := &checker{where: where, old: f.OldBlocks, blocks: map[string]bool{}}
	limit := 100
	if where == message {
		limit = 50
	}
	if len(blocks) > limit {
		c.fault("%d blocks", len(blocks))
	}
	for i, b := range blocks {
		m, ok := b.(map[string]any)
		if !ok {
			c.fault("block %d is no object", i)
			continue
		}
		c.block(m)
	}
	return c.faults
}

func (f *Fake) checkView(v map[string]any) []string {
	where := modal
	if v["type"] == "home" {
		where = home
	} else if v["type"] != "modal" {
		return []string{"view type"}
	}
	blocks := list(v["blocks"])
	if len(blocks) == 0 {
		return []string{"view without blocks"}
	}
	faults := f.checkBlocks(blocks, where)
	c := &checker{}
	if where == modal {
		c.text(v["title"], "title", 24, true)
		inputs := false
		for _, b := range blocks {
			m, _ := b.(map[string]any)
			inputs = inputs || m["type"] == "input"
		}
		if v["submit"] != nil || inputs {
			c.text(v["submit"], "submit", 24, true)
		}
		if v["close"] != nil {
			c.text(v["close"], "close", 24, true)
		}
	}
	c.size(str(v, "private_metadata"), "private_metadata", 0, 3000)
	c.size(str(v, "callback_id"), "callback_id", 0, 255)
	return append(faults, c.faults...)
}

func (c *checker) fault(format string, args ...any) {
	c.faults = append(c.faults, fmt.Sprintf(format, args...))
}

func (c *checker) size(s, what string, least, most int) {
	if n := utf8.RuneCountInString(s); n < least || n > most {
		c.fault("%s has %d characters, allowed are %d to %d", what, n, least, most)
	}
}

// text checks a text object.
func (c *checker) text(v any, what string, most int, plainOnly bool) {
	m, _ := v.(map[string]any)
	if m == nil {
		c.fault("%s is missing", what)
		return
	}
	switch m["type"] {
	case "plain_text":
	case "mrkdwn":
		if plainOnly {
			c.fault("%s must be plain_text", what)
		}
		if m["emoji"] != nil {
			c.fault("%s: mrkdwn has no emoji", what)
		}
	default:
		c.fault("%s has type %v", what, m["type"])
	}
	c.size(str(m, "text"), what, 1, most)
}

func (c *checker) block(b map[string]any) {
	if id := str(b, "block_id"); id != "" {
		c.size(id, "block_id", 1, 255)
		if c.blocks[id] {
			c.fault("block_id %q twice", id)
		}
		c.blocks[id] = true
	}
	kind := str(b, "type")
	switch kind {
	case "section":
		if b["text"] != nil {
			c.text(b["text"], "section", 3000, false)
		}
		if n := len(list(b["fields"])); n > 10 || n == 0 && b["text"] == nil {
			c.fault("section with %d fields", n)
		}
		for _, f := range list(b["fields"]) {
			c.text(f, "field", 2000, false)
		}
	case "header":
		c.text(b["text"], "header", 150, true)
	case "divider":
	case "context":
		n := len(list(b["elements"]))
		if n < 1 || n > 10 {
			c.fault("context with %d elements", n)
		}
		for _, e := range list(b["elements"]) {
			c.text(e, "context", 3000, false)
		}
	case "actions":
		n := len(list(b["elements"]))
		if n < 1 || n > 25 {
			c.fault("actions with %d elements", n)
		}
		ids := map[string]bool{}
		for _, e := range list(b["elements"]) {
			m, _ := e.(map[string]any)
			if ids[str(m, "action_id")] {
				c.fault("action_id %q twice", str(m, "action_id"))
			}
			ids[str(m, "action_id")] = true
			c.element(m, false)
		}
	case "input":
		if c.where == message {
			c.fault("input in a message")
		}
		c.text(b["label"], "label", 2000, true)
		if b["hint"] != nil {
			c.text(b["hint"], "hint", 2000, true)
		}
		e, _ := b["element"].(map[string]any)
		c.element(e, true)
	case "image":
		c.size(str(b, "alt_text"), "alt_text", 1, 2000)
		if b["title"] != nil {
			c.text(b["title"], "image title", 2000, true)
		}
		if (b["image_url"] == nil) == (b["slack_file"] == nil) {
			c.fault("image needs image_url or slack_file")
		}
	case "rich_text":
		c.richText(b)
	case "data_table", "data_visualization":
		if c.old || c.where != message {
			c.fault("unsupported block %s", kind)
		} else if kind == "data_table" {
			c.table(b)
		} else {
			c.chart(b)
		}
	default:
		c.fault("unsupported block %q", kind)
	}
}

func (c *checker) richText(b map[string]any) {
	if len(list(b["elements"])) == 0 {
		c.fault("rich_text without elements")
	}
	for _, x := range list(b["elements"]) {
		m, _ := x.(map[string]any)
		switch m["type"] {
		case "rich_text_section", "rich_text_quote", "rich_text_preformatted":
		default:
			c.fault("rich_text element %v", m["type"])
		}
		if len(list(m["elements"])) == 0 {
			c.fault("%v without elements", m["type"])
		}
		for _, y := range list(m["elements"]) {
			e, _ := y.(map[string]any)
			switch e["type"] {
			case "text":
				c.size(str(e, "text"), "rich text", 1, 4000)
			case "link":
				c.size(str(e, "url"), "link", 1, 3000)
			case "user":
				c.size(str(e, "user_id"), "user", 1, 20)
			case "date":
				c.size(str(e, "format"), "date format", 1, 100)
			default:
				c.fault("rich text %v", e["type"])
			}
		}
	}
}

func (c *checker) element(e map[string]any, inInput bool) {
	c.size(str(e, "action_id"), "action_id", 1, 255)
	if e["placeholder"] != nil {
		c.text(e["placeholder"], "placeholder", 150, true)
	}
	kind := str(e, "type")
	switch kind {
	case "button":
		c.text(e["text"], "button", 75, true)
		c.size(str(e, "value"), "button value", 0, 2000)
		c.size(str(e, "url"), "button url", 0, 3000)
		if u := str(e, "url"); u != "" && !strings.HasPrefix(u, "https://") {
			c.fault("button url %q", u)
		}
		if s := e["style"]; s != nil && s != "primary" && s != "danger" {
			c.fault("button style %v", s)
		}
		if m, ok := e["confirm"].(map[string]any); ok {
			c.text(m["title"], "confirm title", 100, true)
			c.text(m["text"], "confirm text", 300, false)
			c.text(m["confirm"], "confirm button", 30, true)
			c.text(m["deny"], "deny button", 30, true)
		}
	case "static_select", "multi_static_select":
		opts, groups := list(e["options"]), list(e["option_groups"])
		if (len(opts) == 0) == (len(groups) == 0) || len(opts) > 100 || len(groups) > 100 {
			c.fault("select with %d options and %d groups", len(opts), len(groups))
		}
		c.options(opts)
		for _, g := range groups {
			m, _ := g.(map[string]any)
			c.text(m["label"], "group", 75, true)
			if n := len(list(m["options"])); n == 0 || n > 100 {
				c.fault("group with %d options", n)
			}
			c.options(list(m["options"]))
		}
	case "external_select":
	case "radio_buttons", "checkboxes":
		if n := len(list(e["options"])); n == 0 || n > 10 {
			c.fault("%s with %d options", kind, n)
		}
		c.options(list(e["options"]))
	case "plain_text_input":
		most, ok := e["max_length"].(float64)
		if !ok || most < 1 || most > 3000 {
			c.fault("max_length %v", e["max_length"])
		}
		c.size(str(e, "initial_value"), "initial_value", 0, int(most))
	case "number_input", "datepicker":
	default:
		c.fault("element %q", kind)
	}
	inputOnly := kind == "plain_text_input" || kind == "number_input"
	if inInput && kind == "button" || !inInput && inputOnly {
		c.fault("element %q where it cannot be", kind)
	}
	if o, given := e["initial_options"]; given {
		if len(list(o)) == 0 {
			c.fault("%s with no initial_options", kind)
		}
		c.options(list(o))
	}
	for _, k := range []string{"initial_option"} {
		if o, ok := e[k].(map[string]any); ok {
			c.options([]any{o})
		}
	}
}

func (c *checker) options(opts []any) {
	for _, o := range opts {
		m, _ := o.(map[string]any)
		c.text(m["text"], "option", 75, true)
		c.size(str(m, "value"), "option value", 1, 150)
		if m["description"] != nil {
			c.text(m["description"], "option description", 75, true)
		}
	}
}

func (c *checker) table(b map[string]any) {
	c.size(str(b, "caption"), "caption", 1, 3000)
	rows := list(b["rows"])
	if len(rows) < 2 || len(rows) > 101 {
		c.fault("data_table with %d rows", len(rows))
	}
	total, width := 0, -1
	for i, r := range rows {
		cells := list(r)
		if width < 0 {
			width = len(cells)
		}
		if len(cells) != width || width < 1 || width > 20 {
			c.fault("row %d has %d cells", i, len(cells))
		}
		for _, x := range cells {
			m, _ := x.(map[string]any)
			switch m["type"] {
			case "raw_text":
				c.size(str(m, "text"), "cell", 1, 4000)
				total += utf8.RuneCountInString(str(m, "text"))
			case "raw_number":
				if _, ok := m["value"].(float64); !ok || i == 0 {
					c.fault("raw_number")
				}
				total += utf8.RuneCountInString(str(m, "text"))
			case "action_cell":
				e, _ := m["element"].(map[string]any)
				c.element(e, false)
				if i == 0 {
					c.fault("action_cell in the header")
				}
			default:
				c.fault("cell %v", m["type"])
			}
		}
	}
	if total > 10_000 {
		c.fault("data_table with %d characters", total)
	}
}

func (c *checker) chart(b map[string]any) {
	if c.charts++; c.charts > 2 {
		c.fault("more than 2 charts in a message")
	}
	c.size(str(b, "title"), "chart title", 1, 50)
	chart, _ := b["chart"].(map[string]any)
	if k := chart["type"]; k != "bar" && k != "line" {
		c.fault("chart %v", k)
	}
	axis, _ := chart["axis_config"].(map[string]any)
	categories := list(axis["categories"])
	series := list(chart["series"])
	if len(series) < 1 || len(series) > 6 || len(categories) < 1 || len(categories) > 20 {
		c.fault("chart with %d series and %d categories", len(series), len(categories))
	}
	names := map[string]bool{}
	for _, x := range series {
		s, _ := x.(map[string]any)
		c.size(str(s, "name"), "series", 1, 20)
		if names[str(s, "name")] {
			c.fault("series %q twice", str(s, "name"))
		}
		names[str(s, "name")] = true
		data := list(s["data"])
		if len(data) != len(categories) {
			c.fault("series with %d points for %d categories", len(data), len(categories))
			continue
		}
		for i, p := range data {
			m, _ := p.(map[string]any)
			v, ok := m["value"].(float64)
			if m["label"] != categories[i] || !ok || math.IsInf(v, 0) {
				c.fault("point %d", i)
			}
			c.size(str(m, "label"), "label", 1, 20)
		}
	}
}
