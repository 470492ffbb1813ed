package slack

import (
	"regexp"
	"slices"
	"strconv"
	"unicode/utf8"

	slackgo "github.com/slack-go/slack"

	"truce/bot/chat"
)

// View is a modal or a home page as Slack takes it.
type View struct {
	Type            string                   `json:"type"` // modal, home
	CallbackID      string                   `json:"callback_id,omitempty"`
	Title           *slackgo.TextBlockObject `json:"title,omitempty"`
	Submit          *slackgo.TextBlockObject `json:"submit,omitempty"`
	Close           *slackgo.TextBlockObject `json:"close,omitempty"`
	NotifyOnClose   bool                     `json:"notify_on_close,omitempty"`
	PrivateMetadata string                   `json:"private_metadata,omitempty"`
	Blocks          []slackgo.Block          `json:"blocks"`
}

// answerID is the action id of an input whose field is named by its block id.
const answerID = "v"

// dateOnly is what a date picker takes.
var dateOnly = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`)

// RenderForm draws a form as a modal. Its private_metadata is empty: Open fills in what the adapter carries.
func RenderForm(f chat.Form) View {
	v := View{
		Type: "modal", CallbackID: cutID(f.Name, maxCallbackID), NotifyOnClose: true,
		Title: plain(orDots(f.Title), maxViewTitle), Close: plain("Cancel", maxViewTitle), Submit: plain("Send", maxViewTitle),
	}
	if s := clean(f.Submit); s != "" {
		v.Submit = plain(s, maxViewTitle)
	}
	d := &drawing{opt: Options{View: true}, max: maxViewBlocks, left: maxTotal}
	d.paragraph(f.Intro)
	for _, field := range f.Fields {
		if len(d.blocks) >= maxViewBlocks {
			break
		}
		d.left = maxTotal // fields are bounded one by one
		d.field(field)
	}
	if len(d.blocks) == 0 {
		d.paragraph(chat.T(orDots(f.Title)))
	}
	v.Blocks = d.blocks
	return v
}

func (d *drawing) field(f chat.Field) {
	if f.Kind == chat.ReadOnly {
		d.facts([]chat.Fact{{Label: f.Label, Value: chat.T(f.Value)}})
		return
	}
	in := &slackgo.InputBlock{
		Type: slackgo.MBTInput, BlockID: cutID(f.Name, maxBlockID), Label: plain(orDots(f.Label), maxLabel),
		Element: d.input(f), Optional: !f.Required,
	}
	if h := clean(f.Hint); h != "" {
		in.Hint = plain(h, maxLabel)
	}
	d.blocks = append(d.blocks, in)
}

func (d *drawing) input(f chat.Field) slackgo.BlockElement {
	switch f.Kind {
	case chat.Radio, chat.Choice:
		if len(f.Options) > 0 {
			return d.pick(f)
		}
	case chat.Several:
		if len(f.Options) > 0 {
			return pickSeveral(f)
		}
	case chat.Search:
		zero := 0
		e := &slackgo.SelectBlockElement{Type: slackgo.OptTypeExternal, ActionID: cutID(f.Suggest, maxActionID), MinQueryLength: &zero,
			Placeholder: plain("Type to search", maxPlaceholder)}
		if f.Value != "" {
			e.InitialOption = drawOption(labelled(f))
		}
		return e
	case chat.DateOf:
		e := &slackgo.DatePickerBlockElement{Type: slackgo.METDatepicker, ActionID: answerID}
		if dateOnly.MatchString(f.Value) {
			e.InitialDate = f.Value
		}
		return e
	case chat.Number:
		e := &slackgo.NumberInputBlockElement{Type: slackgo.METNumber, ActionID: answerID, IsDecimalAllowed: true}
		if _, err := strconv.ParseFloat(f.Value, 64); err == nil {
			e.InitialValue = f.Value
		}
		return e
	case chat.Check:
		o := slackgo.NewOptionBlockObject("true", plain(orDots(f.Label), maxOptionText), nil)
		e := &slackgo.CheckboxGroupsBlockElement{Type: slackgo.METCheckboxGroups, ActionID: answerID, Options: []*slackgo.OptionBlockObject{o}}
		if f.Value == "true" {
			e.InitialOptions = []*slackgo.OptionBlockObject{o}
		}
		return e
	}
	limit := maxInput
	if f.Max > 0 {
		limit = min(f.Max, maxInput)
	}
	// A value that is longer than the field allows is shown whole where Slack can, so that nothing typed is lost.
	limit = min(max(limit, utf8.RuneCountInString(f.Value)), maxInput)
	return &slackgo.PlainTextInputBlockElement{Type: slackgo.METPlainTextInput, ActionID: answerID, Multiline: f.Kind == chat.LongText,
		InitialValue: chat.Shorten(f.Value, limit), MaxLength: limit}
}

// labelled is the option that a filled-in value stands for.
func labelled(f chat.Field) chat.Option {
	for _, o := range f.Options {
		if o.Value == f.Value {
			return o
		}
	}
	return chat.Option{Value: f.Value, Label: f.Value}
}

func (d *drawing) pick(f chat.Field) slackgo.BlockElement {
	list, groups, initial := options(f.Options, f.Value)
	if f.Kind == chat.Radio && len(f.Options) <= maxRadio && groups == nil {
		return &slackgo.RadioButtonsBlockElement{Type: slackgo.METRadioButtons, ActionID: answerID, Options: list, InitialOption: initial}
	}
	return &slackgo.SelectBlockElement{Type: slackgo.OptTypeStatic, ActionID: answerID, Options: list, OptionGroups: groups,
		InitialOption: initial, Placeholder: plain("Choose", maxPlaceholder)}
}

// pickSeveral draws boxes to tick; more of them than Slack takes are a list to choose from.
func pickSeveral(f chat.Field) slackgo.BlockElement {
	list, groups, _ := options(f.Options[:min(len(f.Options), chat.MostOptions)], "")
	chosen := chat.Apart(f.Value)
	var initial []*slackgo.OptionBlockObject
	all := list
	for _, g := range groups {
		all = append(all, g.Options...)
	}
	for _, o := range all {
		if slices.Contains(chosen, o.Value) {
			initial = append(initial, o)
		}
	}
	if groups == nil && len(list) <= maxRadio {
		return &slackgo.CheckboxGroupsBlockElement{Type: slackgo.METCheckboxGroups, ActionID: answerID, Options: list, InitialOptions: initial}
	}
	return &slackgo.MultiSelectBlockElement{Type: slackgo.MultiOptTypeStatic, ActionID: answerID, Options: list, OptionGroups: groups,
		InitialOptions: initial, Placeholder: plain("Choose", maxPlaceholder)}
}

// RenderHome draws a card as a person's home page.
func RenderHome(card chat.Card, opt Options) View {
	opt.View = true
	v := View{Type: "home", Blocks: drawCard(card, opt)}
	if len(v.Blocks) == 0 {
		v.Blocks = []slackgo.Block{plainContext("Nothing waits for you.")}
	}
	return v
}

// cardView shows a card in a modal that can only be closed.
func cardView(card chat.Card, opt Options) View {
	opt.View = true
	title := clean(flat(card.Title))
	if title == "" || utf8.RuneCountInString(title) > maxViewTitle {
		title = "Truce"
	} else {
		card.Title = nil
	}
	v := View{Type: "modal", Title: plain(title, maxViewTitle), Close: plain("Close", maxViewTitle), Blocks: drawCard(card, opt)}
	if len(v.Blocks) == 0 {
		v.Blocks = []slackgo.Block{plainContext(orDots(card.Summary))}
	}
	return v
}
