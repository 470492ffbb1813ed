package teams

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"truce/bot/chat"
)

// inputPrefix stands before a field's name in the ids of a form's inputs, so that none can be taken for our own data.
const inputPrefix = "field-"

// severalPrefix stands before the names of fields in which several may be chosen: Teams writes their values in one, with commas between.
const severalPrefix = "several-"

// RenderForm draws a form as the Adaptive Card of a dialog.
func RenderForm(form chat.Form) (json.RawMessage, error) {
	return renderForm(form, formView{})
}

// formView is what a form shows besides its fields: what was typed before, what was wrong, and where its answers go.
type formView struct {
	values map[string]string
	faults []chat.Fault
	kept   string // under which the form is remembered
	inline bool   // in a message rather than a dialog: its button replaces the card
	tenant string
}

func renderForm(form chat.Form, view formView) (json.RawMessage, error) {
	for options := 100; options >= 5; options /= 2 { // choices are what can make a form large
		p := &painter{tenant: view.tenant, limits: limits{rows: 40, chars: 3000, bars: 20, whole: 60}}
		raw, err := encode(p.form(form, view, options))
		if err != nil {
			return nil, fmt.Errorf("render form %s: %w", form.Name, err)
		}
		if len(raw) <= maxCard {
			return raw, nil
		}
	}
	return nil, fmt.Errorf("render form %s: larger than %d bytes", form.Name, maxCard)
}

func (p *painter) form(form chat.Form, view formView, options int) element {
	var body []element
	if view.inline && form.Title != "" {
		body = append(body, element{"type": "TextBlock", "text": escape(form.Title), "size": "large", "weight": "bolder", "wrap": true,
			"style": "heading"})
	}
	faults := map[string]string{}
	fields := map[string]bool{}
	for _, f := range form.Fields {
		fields[f.Name] = true
	}
	for _, f := range view.faults {
		if fields[f.Field] {
			faults[f.Field] = f.Text
		} else {
			body = append(body, p.lines(chat.T(f.Text), look{color: "attention", bold: true})...)
		}
	}
	body = append(body, p.lines(form.Intro, look{})...)
	for _, f := range form.Fields {
		if v, ok := view.values[f.Name]; ok && f.Kind != chat.ReadOnly {
			f.Value = v
		}
		body = append(body, p.field(f, options)...)
		if text := faults[f.Name]; text != "" {
			wrong := p.lines(chat.T("⚠ "+text), look{color: "attention", bold: true, small: true})
			if len(wrong) > 0 {
				wrong[0]["spacing"] = "none"
			}
			body = append(body, wrong...)
		}
	}
	submit := form.Submit
	if submit == "" {
		submit = "Send"
	}
	data := pressed{Form: form.Name, State: form.State, Kept: view.kept}
	var action element
	if view.inline {
		action = execute(oneLine(submit, 60), form.Name, data, "auto")
	} else {
		action = element{"type": "Action.Submit", "title": oneLine(submit, 60), "data": element{"truce": data}}
	}
	card := p.whole(body, "")
	card["actions"] = []element{action}
	return card
}

func (p *painter) field(f chat.Field, options int) []element {
	label := oneLine(f.Label, 200)
	if f.Kind == chat.ReadOnly {
		out := p.lines(chat.T(label), look{bold: true})
		value := p.lines(chat.T(orDash(f.Value)), look{})
		if len(value) > 0 {
			value[0]["spacing"] = "none"
		}
		return append(out, value...)
	}
	in := element{"id": inputPrefix + f.Name, "label": label}
	if f.Required {
		in["isRequired"], in["errorMessage"] = true, requiredText(f)
	}
	if f.Value != "" {
		in["value"] = f.Value
	}
	hint := oneLine(f.Hint, 200)
	switch f.Kind {
	case chat.Choice, chat.Radio, chat.Search:
		in["type"], in["wrap"] = "Input.ChoiceSet", true
		in["choices"] = offered(f, options)
		switch {
		case f.Kind == chat.Radio:
			in["style"] = "expanded"
		case f.Kind == chat.Search:
			in["style"] = "filtered"
			in["choices.data"] = element{"type": "Data.Query", "dataset": f.Suggest}
		default:
			in["style"] = "compact"
		}
		if hint != "" && f.Kind != chat.Radio {
			in["placeholder"] = hint
			hint = ""
		}
	case chat.Several:
		in["type"], in["wrap"], in["isMultiSelect"], in["style"] = "Input.ChoiceSet", true, true, "expanded"
		in["id"] = severalPrefix + f.Name
		in["choices"] = severally(offered(f, chat.MostOptions))
		if f.Value != "" {
			in["value"] = withCommas(f.Value)
		}
	case chat.DateOf:
		in["type"] = "Input.Date"
	case chat.Number:
		in["type"] = "Input.Number"
		if n, err := strconv.ParseFloat(f.Value, 64); err == nil {
			in["value"] = n
		} else {
			delete(in, "value")
			if f.Value != "" { // what was typed is not a number: shown, not lost
				hint = "You typed: " + oneLine(f.Value, 100)
			}
		}
		if !f.Required { // what the reader's device calls a number we do not know
			in["errorMessage"] = "Write a number."
		}
	case chat.Check:
		in["type"], in["title"], in["valueOn"], in["valueOff"], in["wrap"] = "Input.Toggle", "Yes", "true", "false", true
		if f.Value != "true" {
			in["value"] = "false"
		}
	default:
		in["type"] = "Input.Text"
		limit := f.Max
		if limit <= 0 {
			limit = 3000
		}
		in["maxLength"] = limit
		if f.Kind == chat.LongText {
			in["isMultiline"] = true
		}
		if hint != "" {
			in["placeholder"] = hint
			hint = ""
		}
	}
	out := []element{in}
	if hint != "" {
		for _, e := range p.lines(chat.T(hint), look{small: true, subtle: true}) {
			e["spacing"] = "none"
			out = append(out, e)
		}
	}
	return out
}

// noChoice is the value of a choice that chooses nothing: Microsoft's renderer takes neither a list without choices nor an empty value.
const noChoice = "truce:nothing"

// offered are the options of a field: the first of them, and among them what is chosen already, so that it is seen. What a field
// that suggests holds need not be among its options.
func offered(f chat.Field, most int) []element {
	out := f.Options[:min(len(f.Options), most)]
	chosen := func(o chat.Option) bool { return o.Value == f.Value }
	if f.Value != "" && !slices.ContainsFunc(out, chosen) {
		if i := slices.IndexFunc(f.Options, chosen); i >= 0 {
			out = append([]chat.Option{f.Options[i]}, out...)
		} else if f.Kind == chat.Search {
			out = append([]chat.Option{{Value: f.Value, Label: f.Value}}, out...)
		}
	}
	if list := choices(out); len(list) > 0 {
		return list
	}
	nothing := "There is nothing to choose from"
	if f.Kind == chat.Search {
		nothing = "Type to search"
	}
	return choices([]chat.Option{{Value: noChoice, Label: nothing}})
}

// severally escapes the values of choices, so that a comma in one is none between two.
func severally(list []element) []element {
	for _, e := range list {
		if v, ok := e["value"].(string); ok && v != noChoice {
			e["value"] = url.QueryEscape(v)
		}
	}
	return list
}

// withCommas writes what is chosen of several as Teams does; fromCommas reads it.
func withCommas(value string) string {
	list := chat.Apart(value)
	for i, v := range list {
		list[i] = url.QueryEscape(v)
	}
	return strings.Join(list, ",")
}

func fromCommas(s string) string {
	var list []string
	for v := range strings.SplitSeq(s, ",") {
		if v, err := url.QueryUnescape(strings.TrimSpace(v)); err == nil && v != "" && v != noChoice {
			list = append(list, cleanLines(v))
		}
	}
	return chat.Together(list...)
}

func requiredText(f chat.Field) string {
	switch f.Kind {
	case chat.Several:
		return "Choose at least one."
	case chat.Choice, chat.Radio, chat.Search:
		return "Choose one."
	case chat.DateOf:
		return "Choose a date."
	case chat.Number:
		return "Write a number."
	case chat.Check:
		return "Tick this to go on."
	default:
		return "Write something here."
	}
}
