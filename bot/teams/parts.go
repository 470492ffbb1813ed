package teams

import (
	"slices"
	"strconv"
	"strings"

	"truce/bot/chat"
)

// The parts of a card that are more than text: buttons, choices, tables, charts.

// mostActions is how many buttons stand in a row: more are too many for Microsoft's renderer.
const mostActions = 5

// buttons is a row of actions; what is too much for one goes into a second.
func (p *painter) buttons(buttons []chat.Button) []element {
	var out []element
	for row := range slices.Chunk(buttons, mostActions) {
		actions := []element{}
		for _, b := range row {
			if a := p.action(b); a != nil {
				if p.ear != nil {
					if heard := p.ear.Of(b); heard != "" {
						a["tooltip"] = heard // Teams' screen readers say it instead of the title
					}
				}
				actions = append(actions, a)
			}
		}
		if len(actions) > 0 {
			out = append(out, element{"type": "ActionSet", "actions": actions})
		}
	}
	return out
}

// action is a button; nil for a link that is not https. One that asks first shows the question with a button of its own: Teams has
// no other way to ask.
func (p *painter) action(b chat.Button) element {
	title := oneLine(b.Label, 60)
	if b.URL != "" {
		address, ok := httpsURL(b.URL)
		if !ok {
			return nil
		}
		return element{"type": "Action.OpenUrl", "title": title, "url": address}
	}
	a := p.act(b, title)
	switch b.Style {
	case chat.Primary:
		a["style"] = "positive"
	case chat.Danger:
		a["style"] = "destructive"
	}
	if b.Confirm == "" {
		return a
	}
	style := a["style"]
	delete(a, "style")
	show := element{"type": "Action.ShowCard", "title": title, "card": element{"type": "AdaptiveCard",
		"body": p.lines(chat.T(b.Confirm), look{}), "actions": []element{a}}}
	if style != nil {
		show["style"] = style
	}
	return show
}

// act is the action alone. One that opens a dialog must be an Action.Submit, by Teams' rules; the others are Action.Execute, with
// an Action.Submit for clients that do not know it.
func (p *painter) act(b chat.Button, title string) element {
	data := pressed{Action: b.Action, Arg: b.Arg}
	if p.dialog { // dialogs know no Action.Execute; what is pressed in one is a task/submit
		return element{"type": "Action.Submit", "title": title, "data": element{"truce": data}}
	}
	if b.Form {
		return element{"type": "Action.Submit", "title": title, "associatedInputs": "none",
			"data": element{"msteams": element{"type": "task/fetch"}, "truce": data}}
	}
	return execute(title, b.Action, data, "none")
}

func execute(title, verb string, data pressed, inputs string) element {
	return element{"type": "Action.Execute", "title": title, "verb": verb, "data": element{"truce": data}, "associatedInputs": inputs,
		"fallback": element{"type": "Action.Submit", "title": title, "data": element{"truce": data}, "associatedInputs": inputs}}
}

// selection is a choice and the button that makes it: Teams cannot act on choosing alone.
func (p *painter) selection(s chat.Select) []element {
	offered := choices(s.Options)
	if len(offered) == 0 {
		return nil
	}
	p.inputs++
	id := "select" + strconv.Itoa(p.inputs)
	set := element{"type": "Input.ChoiceSet", "id": id, "label": oneLine(s.Label, 200), "style": "compact", "wrap": true,
		"choices": offered} // not required: with two on a card each would ask for the other
	if s.Value != "" {
		set["value"] = s.Value
	}
	data := pressed{Action: s.Action, Arg: s.Arg, Input: id}
	return []element{set, {"type": "ActionSet", "actions": []element{p.choose(s.Action, data)}}}
}

func (p *painter) choose(action string, data pressed) element {
	if p.dialog {
		return element{"type": "Action.Submit", "title": "Choose", "data": element{"truce": data}}
	}
	return execute("Choose", action, data, "auto")
}

// choices lists options; a group's name stands before each of its options, because Teams has no groups. One without a value cannot be
// chosen there, so it is left out.
func choices(options []chat.Option) []element {
	out := []element{}
	for _, o := range options[:min(len(options), 100)] {
		if o.Value == "" {
			continue
		}
		title := orDash(o.Label)
		if o.Group != "" {
			title = o.Group + ": " + title
		}
		if o.Hint != "" {
			title += " (" + o.Hint + ")"
		}
		out = append(out, element{"title": functions.Replace(orDash(oneLine(title, 160))), "value": o.Value})
	}
	return out
}

// orDash keeps an empty cell from having no element at all.
func orDash(s string) string {
	if strings.TrimSpace(s) == "" {
		return "–"
	}
	return s
}

// chart is drawn by Teams itself, and where it cannot be, shown as a table.
func (p *painter) chart(c chat.Chart) []element {
	n := min(len(c.Categories), p.limits.bars)
	p.less = p.less || n < len(c.Categories)
	c.Categories = c.Categories[:n]
	series := []chat.Series{}
	for _, s := range c.Series[:min(len(c.Series), 6)] {
		s.Values = s.Values[:min(len(s.Values), n)]
		series = append(series, s)
	}
	c.Series = series
	var note []element
	for _, m := range c.Words() {
		note = append(note, p.lines(chat.T(m), look{small: true, subtle: true})...)
	}
	inWords := p.figures(c)
	if n == 0 || len(series) == 0 {
		return append([]element{inWords}, note...)
	}
	axis := c.Unit
	if len(series) == 1 && axis == "" {
		axis = series[0].Name
	}
	// Not every client draws a chart's own title, so it stands above as text, and in the chart for screen readers.
	title := element{"type": "TextBlock", "text": escape(clip(c.Title, 100)), "weight": "bolder", "wrap": true, "spacing": "medium"}
	drawn := element{"title": oneLine(c.Title, 50), "showTitle": false, "fallback": inWords}
	if axis != "" {
		drawn["yAxisTitle"] = oneLine(axis, 40)
	}
	bars := []element{drawn}
	switch {
	case c.Kind == chat.Line:
		data := []element{}
		for _, s := range series {
			data = append(data, element{"legend": oneLine(s.Name, 40), "values": points(c.Categories, s.Values)})
		}
		drawn["type"], drawn["data"] = "Chart.Line", data
	default:
		bars = p.bars(drawn, series, c.Categories, axis)
	}
	if strings.TrimSpace(c.Title) == "" {
		return append(bars, note...)
	}
	return append(append([]element{title}, bars...), note...)
}

// barColors differ in lightness too, for those who do not tell colours apart.
var barColors = []string{"categoricalBlue", "categoricalMarigold", "categoricalTeal", "categoricalPurple", "categoricalLime",
	"categoricalRed"}

// bars draws a chart of horizontal bars a series: Teams has no grouped ones, and cuts the names below vertical ones to "Con…".
func (p *painter) bars(first element, series []chat.Series, categories []string, axis string) []element {
	out := []element{}
	for i, s := range series {
		drawn := element{"title": first["title"], "showTitle": false, "fallback": "drop"}
		if i == 0 {
			drawn["fallback"] = first["fallback"]
		}
		drawn["type"], drawn["data"], drawn["displayMode"] = "Chart.HorizontalBar", points(categories, s.Values), "AbsoluteWithAxis"
		drawn["color"] = barColors[i%len(barColors)]
		if axis != "" { // the values run along x here
			drawn["xAxisTitle"] = oneLine(axis, 40)
		}
		if len(series) > 1 {
			drawn["title"] = oneLine(s.Name, 50)
			out = append(out, p.lines(chat.T(s.Name), look{small: true})...)
		}
		out = append(out, drawn)
	}
	return out
}

func points(categories []string, values []float64) []element {
	out := []element{}
	for i, v := range values {
		out = append(out, element{"x": oneLine(orDash(categories[i]), 60), "y": v})
	}
	return out
}

// figures is a chart in words, a line a category: what stands where a chart cannot be drawn is read on phones too.
func (p *painter) figures(c chat.Chart) element {
	g := c.Grid()
	list := []string{}
	for _, r := range g.Rows {
		var said []string
		for i, cell := range r[1:] {
			said = append(said, g.Columns[i+1].Title+" "+orDash(cell.Text))
		}
		list = append(list, orDash(r[0].Text)+": "+strings.Join(said, ", "))
	}
	return element{"type": "Container", "items": p.lines(chat.T(strings.Join(list, "\n")), look{})}
}
