package slack

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	slackgo "github.com/slack-go/slack"

	"truce/bot/chat"
)

// Message is a card as Slack takes it: Text is what notifications and screen readers get.
type Message struct {
	Text        string          `json:"text"`
	Blocks      []slackgo.Block `json:"blocks,omitempty"`
	UnfurlLinks bool            `json:"unfurl_links"` // always false: what others wrote must not load previews
	UnfurlMedia bool            `json:"unfurl_media"`
}

// Options say for whom and where a card is drawn. The zero Options draw a message with everything Slack has.
type Options struct {
	Team     string         // the workspace: mentions notify its people; "" takes any Slack id a mention has
	Private  bool           // only one person sees it: Card.Private is said
	View     bool           // a modal or the home page: twice the blocks, none of the data blocks
	Plain    bool           // none of the data blocks: for a Slack that refuses them
	Pictures map[int]string // with Plain: the file id of the picture of a chart, by the chart's place in the card (0, 1...)
	Repeats  bool           // the message may have arrived before: the footer says so
}

// RenderMessage draws a card. Whatever its content, the result keeps all of Slack's limits, and no text in it can mention
// anybody, link anywhere or load anything that the card did not mean to.
func RenderMessage(card chat.Card, opt Options) Message {
	return Message{Text: fallback(card), Blocks: drawCard(card, opt)}
}

// fallback is the text that notifications and screen readers get: escaped, because Slack reads it as mrkdwn.
func fallback(card chat.Card) string {
	text := clean(card.Summary)
	if text == "" {
		text = clean(flat(card.Title))
	}
	if text == "" {
		text = "Truce"
	}
	n := maxText
	for utf8.RuneCountInString(escape(chat.Shorten(text, n))) > maxText { // never half an entity
		n /= 2
	}
	return escape(chat.Shorten(text, n))
}

// drawing collects the blocks of a card within the limits.
type drawing struct {
	opt     Options
	blocks  []slackgo.Block
	max     int // blocks
	left    int // characters
	ids     int // for action and block ids, which must be unique
	charts  int // of the card, however they were drawn
	natives int // charts that Slack draws
	tables  int
	cut     bool // something did not fit
	ways    bool // rows that are drawn as text have their buttons below: the card has no parts to lead to
	flat    bool // rows that could be pressed are drawn as text

	ear *chat.Ear // whose the next buttons are, for those who hear them
}

func drawCard(card chat.Card, opt Options) []slackgo.Block {
	d := &drawing{opt: opt, max: maxMessageBlocks, left: maxTotal, ear: chat.Listen(card)}
	if opt.View {
		d.max = maxViewBlocks
	}
	d.max -= 3 // room for the footer, what is private, and what was cut
	if card.Parts != nil {
		d.max--
	} else {
		d.ways = true
	}
	d.title(card.Title)
	for i, b := range card.Blocks {
		if len(d.blocks) >= d.max || d.left <= 0 {
			d.cut = true
			d.buttonsOf(card.Blocks[i:]) // what can be done stays in reach
			break
		}
		d.block(b)
	}
	if len(d.blocks) > d.max {
		d.blocks, d.cut = d.blocks[:d.max], true
	}
	if d.cut {
		d.blocks = append(d.blocks, plainContext("Shortened: Slack shows no more in one message."))
	}
	if (d.cut || d.flat) && card.Parts != nil {
		d.blocks = append(d.blocks, slackgo.NewActionBlock("", d.button(*card.Parts)))
	}
	if opt.Private && card.Private != "" {
		d.blocks = append(d.blocks, plainContext(card.Private))
	}
	footer := card.Footer
	if opt.Repeats {
		if len(footer) > 0 {
			footer = append(footer[:len(footer):len(footer)], chat.Span{Text: " · "})
		}
		footer = append(footer, chat.Span{Text: "This message may repeat an earlier one."})
	}
	if b := d.context(footer); b != nil {
		d.blocks = append(d.blocks, b)
	}
	if len(d.blocks) == 0 && card.Summary != "" {
		d.paragraph(chat.T(chat.Shorten(clean(card.Summary), maxText)))
	}
	return d.blocks
}

func (d *drawing) add(b slackgo.Block, text string) {
	d.blocks = append(d.blocks, b)
	d.left -= utf8.RuneCountInString(text)
}

// fit cuts text to what still fits.
func (d *drawing) fit(s string, n int) string {
	if n > d.left {
		n = max(d.left, 1)
	}
	c := chat.Shorten(s, n)
	if len(c) != len(s) {
		d.cut = true
	}
	return c
}

func (d *drawing) title(t chat.Text) {
	s := clean(flat(t))
	switch {
	case s == "":
	case plainSpans(t) && utf8.RuneCountInString(s) <= maxHeader && !strings.Contains(s, "\n"):
		d.add(slackgo.NewHeaderBlock(plain(s, maxHeader)), s)
	default:
		d.richText(t, true)
	}
}

// plainSpans reports whether a header, which is plain text, loses nothing that matters of t.
func plainSpans(t chat.Text) bool {
	for _, s := range t {
		if s.Kind == chat.LinkSpan || s.Kind == chat.MentionSpan || s.Kind == chat.TimeSpan {
			return false
		}
	}
	return true
}

func (d *drawing) block(b chat.Block) {
	d.ear.Block(b)
	switch {
	case b.Heading != "":
		if s := d.fit(clean(b.Heading), maxHeader); s != "" {
			d.add(slackgo.NewHeaderBlock(plain(s, maxHeader)), s)
		}
	case len(b.Text) > 0:
		d.paragraph(b.Text)
	case b.Quote != "":
		d.quote(b.Quote)
	case len(b.Facts) > 0:
		d.facts(b.Facts)
	case b.Table != nil:
		d.table(*b.Table)
	case b.Chart != nil:
		d.chart(*b.Chart)
	case len(b.Buttons) > 0:
		d.buttons(b.Buttons)
	case b.Select != nil:
		d.choice(*b.Select)
	case len(b.Note) > 0:
		if c := d.context(b.Note); c != nil {
			d.add(c, flat(b.Note))
		}
	case b.Divider:
		d.add(slackgo.NewDividerBlock(), "")
	}
}

// buttonsOf adds the buttons of blocks that did not fit, as far as there is room.
func (d *drawing) buttonsOf(blocks []chat.Block) {
	var all []chat.Button
	for _, b := range blocks {
		all = append(all, b.Buttons...)
		if b.Table != nil && b.Table.More != nil {
			all = append(all, *b.Table.More)
		}
	}
	if len(all) == 0 {
		return
	}
	if len(d.blocks) >= d.max {
		d.blocks = d.blocks[:d.max-1]
	}
	d.buttons(all[:min(len(all), maxActions)])
}

// unique makes an id of what an action is called: Slack wants each to occur once.
func (d *drawing) unique(name string) string {
	d.ids++
	return cutID(name, maxActionID-8) + "#" + strconv.Itoa(d.ids)
}

// cutID keeps an id within Slack's limit. Ours are short; a longer one is a mistake that the handlers' tests find.
func cutID(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}

func (d *drawing) button(b chat.Button) *slackgo.ButtonBlockElement {
	label := clean(b.Label)
	if label == "" {
		label = "…"
	}
	e := &slackgo.ButtonBlockElement{Type: slackgo.METButton, Text: plain(label, maxButtonText), AccessibilityLabel: clean(d.ear.Of(b))}
	if b.URL != "" {
		e.ActionID = d.unique(actionLink)
		if webAddress(b.URL) {
			e.URL = b.URL
		}
	} else {
		e.ActionID, e.Value = d.unique(b.Action), cutID(b.Arg, maxButtonValue)
	}
	switch b.Style {
	case chat.Primary:
		e.Style = slackgo.StylePrimary
	case chat.Danger:
		e.Style = slackgo.StyleDanger
	}
	if c := clean(b.Confirm); c != "" {
		e.Confirm = slackgo.NewConfirmationBlockObject(plain("Are you sure?", maxConfirmTitle), plain(c, maxConfirmText),
			plain(label, maxConfirmButton), plain("Cancel", maxConfirmButton))
	}
	return e
}

func (d *drawing) buttons(list []chat.Button) {
	for len(list) > 0 && len(d.blocks) < d.max {
		n := min(len(list), maxActions)
		row := make([]slackgo.BlockElement, n)
		for i, b := range list[:n] {
			row[i] = d.button(b)
		}
		d.add(slackgo.NewActionBlock("", row...), "")
		list = list[n:]
	}
	d.cut = d.cut || len(list) > 0
}

// chosen begins the value of a button that stands for an option.
const chosen = "\x01"

// choice draws a select that acts at once. Its Arg travels in the block id; where it is too long for that, each option
// becomes a button, whose value has room.
func (d *drawing) choice(s chat.Select) {
	if len(s.Options) == 0 {
		return
	}
	if len([]rune(s.Arg)) > maxBlockID-12 {
		row := make([]slackgo.BlockElement, 0, maxActions)
		for _, o := range s.Options[:min(len(s.Options), maxActions)] {
			row = append(row, d.button(chat.Button{Label: o.Label, Action: s.Action, Arg: chosen + o.Value + chosen + s.Arg}))
		}
		d.add(slackgo.NewActionBlock("", row...), "")
		d.cut = d.cut || len(s.Options) > maxActions
		return
	}
	e := &slackgo.SelectBlockElement{Type: slackgo.OptTypeStatic, ActionID: d.unique(s.Action),
		Placeholder: plain(orDots(s.Label), maxPlaceholder)}
	e.Options, e.OptionGroups, e.InitialOption = options(s.Options, s.Value)
	d.ids++
	b := slackgo.NewActionBlock("sel:"+strconv.Itoa(d.ids)+":"+s.Arg, e)
	d.add(b, "")
}

// actionOf is what a pressed element stands for.
func actionOf(a actionTaken) (name, arg string, values map[string]string) {
	name, _, _ = strings.Cut(a.ActionID, "#")
	if i := strings.LastIndexByte(a.ActionID, '#'); i >= 0 {
		name = a.ActionID[:i]
	}
	arg = a.Value
	if rest, ok := strings.CutPrefix(a.Value, chosen); ok {
		value, carried, _ := strings.Cut(rest, chosen)
		return name, carried, map[string]string{"value": value}
	}
	if a.Selected != nil {
		values = map[string]string{"value": a.Selected.Value}
		if rest, ok := strings.CutPrefix(a.BlockID, "sel:"); ok {
			_, arg, _ = strings.Cut(rest, ":")
		}
	}
	return name, arg, values
}

// options draws choices: in groups where any has one, or where there are more than a list holds. initial is nil where value
// is none of them.
func options(list []chat.Option, value string) (flatList []*slackgo.OptionBlockObject, groups []*slackgo.OptionGroupBlockObject,
	initial *slackgo.OptionBlockObject) {
	list = list[:min(len(list), maxOptions*maxOptions)]
	grouped := len(list) > maxOptions
	for _, o := range list {
		grouped = grouped || o.Group != ""
	}
	for i, o := range list {
		e := drawOption(o)
		if initial == nil && value != "" && o.Value == value {
			initial = e
		}
		if !grouped {
			flatList = append(flatList, e)
			continue
		}
		label := clean(o.Group)
		if label == "" {
			label = "Other"
			if len(list) > maxOptions {
				label = fmt.Sprintf("%d to %d", i/maxOptions*maxOptions+1, min(len(list), (i/maxOptions+1)*maxOptions))
			}
		}
		last := len(groups) - 1
		if last < 0 || groups[last].Label.Text != chat.Shorten(label, maxOptionText) || len(groups[last].Options) == maxOptions {
			if len(groups) == maxOptions {
				break
			}
			groups = append(groups, slackgo.NewOptionGroupBlockElement(plain(label, maxOptionText)))
			last++
		}
		groups[last].Options = append(groups[last].Options, e)
	}
	return flatList, groups, initial
}

func drawOption(o chat.Option) *slackgo.OptionBlockObject {
	e := slackgo.NewOptionBlockObject(cutID(o.Value, maxOptionValue), plain(orDots(o.Label), maxOptionText), nil)
	if e.Value == "" {
		e.Value = " " // Slack takes no empty value; cleaned away when it comes back
	}
	if h := clean(o.Hint); h != "" {
		e.Description = plain(h, maxOptionText)
	}
	return e
}

// suggestions answers a field that suggests.
func suggestions(list []chat.Option) any {
	flatList, groups, _ := options(list[:min(len(list), maxOptions)], "")
	if groups != nil {
		return map[string]any{"option_groups": groups}
	}
	if flatList == nil {
		flatList = []*slackgo.OptionBlockObject{}
	}
	return map[string]any{"options": flatList}
}

func orDots(s string) string {
	if s = clean(s); s == "" {
		return "…"
	}
	return s
}

// plain is a plain_text object: Slack shows it as it is, and turns no :name: into a picture.
func plain(s string, n int) *slackgo.TextBlockObject {
	no := false
	return &slackgo.TextBlockObject{Type: slackgo.PlainTextType, Text: chat.Shorten(s, n), Emoji: &no}
}

func plainContext(s string) *slackgo.ContextBlock {
	return slackgo.NewContextBlock("", plain(orDots(s), maxContext))
}

// context draws small print: plain where nothing else is meant, so that nothing can be read as formatting.
func (d *drawing) context(t chat.Text) slackgo.Block {
	if clean(flat(t)) == "" {
		return nil
	}
	only := true
	for _, s := range t {
		only = only && s.Kind == chat.PlainSpan
	}
	if only {
		return plainContext(flat(t))
	}
	return slackgo.NewContextBlock("", &slackgo.TextBlockObject{Type: slackgo.MarkdownType, Text: mrkdwn(t, d.opt.Team, maxContext),
		Verbatim: true})
}
