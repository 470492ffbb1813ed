package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"truce/bot/golden"
	"truce/bot/slack"
	"truce/bot/slack/slackfake"
	"truce/storage"
)

// This file plays one written conversation with the built binary in a fake Slack, over HTTP and over Socket Mode: both must show
// people exactly what testdata/slack.txt says they see. Lines that begin with "  |" are what is shown; -update writes them anew.
//
//	rita: /objection too slow              a command, typed in #general
//	rita writes they liked the kit         a message to the bot
//	rita mentions in #general: top         a mention; "in the thread of TEXT" for a reply to somebody's message
//	rita presses Undo in #general          a button or an option: in a channel, in the DM, at home or in the form
//	rita sends text="too slow" theme=price the form that is open
//	rita types tur into theme              in a field that suggests
//	rita closes text="half a sen"          the form, without sending it
//	rita opens home
//	mark says they want FFPE               a person's message in #general
//	rita uses objection.log on they want   a shortcut on the message that begins so; without "on" from anywhere
func TestSlackTranscript(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts the bot")
	}
	script, err := os.ReadFile("testdata/slack.txt")
	if err != nil {
		t.Fatal(err)
	}
	bothTransports(t, func(t *testing.T, mode string) {
		o := newOffice(t, mode, "TRUCE_CHANNELS_DISPUTES=#lead-disputes",
			"TRUCE_ROLES_REPS=rita@quillwater.example")
		o.AddChannel(slackfake.Channel{ID: "C7", Name: "lead-disputes", Private: true, Members: []string{o.BotUser, "U1", "U2"}})
		leads := filepath.Join(t.TempDir(), "leads.csv")
		day := time.Now().Add(-time.Hour).UTC().Format(time.RFC3339)
		if err := os.WriteFile(leads, []byte("id,mql_at,source,company,owner\n00Q1,"+day+",Webinar,Northfield Labs,rita@quillwater.example\n"+
			"00Q2,"+day+",Trade show,Ashgrove Clinic,rita@quillwater.example\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(truceBinary(t), "import", "leads", leads)
		cmd.Env, cmd.Dir = o.env, t.TempDir()
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("import: %v\n%s", err, out)
		}
		o.start()
		p := &slackPlay{office: o, printed: map[string]string{}}
		o.eventually("it has read what was logged: before that it does not guess", func() bool {
			return !strings.Contains(string(o.Command("U1", "C1", "/objection search price").Body), "I have just started")
		})
		p.news() // what the start brings
		var got strings.Builder
		for line := range strings.Lines(string(script)) {
			line = strings.TrimSuffix(line, "\n")
			if strings.HasPrefix(line, "  |") {
				continue
			}
			got.WriteString(line + "\n")
			if line == "" || strings.HasPrefix(line, "#") {
				continue
			}
			said := p.does(line)
			for _, l := range append(said, p.news()...) {
				got.WriteString(strings.TrimRight("  | "+l, " ") + "\n")
			}
		}
		if golden.Updating() && mode == slack.ModeHTTP {
			if err := os.WriteFile("testdata/slack.txt", []byte(got.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		} else if !golden.Updating() && got.String() != string(script) {
			t.Errorf("people see something else: run with -update and read the diff\n%s", golden.Difference(string(script), got.String()))
		}
	})
}

// slackPlay plays a script.
type slackPlay struct {
	*office
	printed map[string]string // by message, view or home page: as last printed
}

var slackPeople = map[string]string{"rita": "U1", "mark": "U2"}

var slackLine = regexp.MustCompile(`^(rita|mark)(:| writes| mentions in| presses| sends| types| closes| opens home| says| uses)(?: (.*))?$`)

// place is the channel of a name: "#general", "the DM".
func (p *slackPlay) place(user, name string) string {
	switch name {
	case "#general":
		return "C1"
	case "#lead-disputes":
		return "C7"
	case "the DM":
		return "D" + strings.TrimPrefix(user, "U")
	}
	p.t.Fatalf("no place %q", name)
	return ""
}

// does plays a line, and returns what its answer itself says.
func (p *slackPlay) does(line string) (said []string) {
	p.t.Helper()
	m := slackLine.FindStringSubmatch(line)
	if m == nil {
		p.t.Fatalf("cannot read %q", line)
	}
	user, what := slackPeople[m[1]], m[3]
	var ack slackfake.Ack
	switch strings.TrimSpace(m[2]) {
	case ":":
		ack = p.Command(user, "C1", what)
	case "writes":
		ack, _ = p.Write(user, what)
	case "mentions in":
		where, text, _ := strings.Cut(what, ": ")
		if of, ok := strings.CutPrefix(where, "the thread of "); ok {
			ack = p.Mention(user, "C1", text, p.messageOf(of))
		} else {
			ack = p.Mention(user, p.place(user, where), text, "")
		}
	case "presses":
		i := strings.LastIndex(what, " in ")
		if label, ok := strings.CutSuffix(what, " at home"); ok {
			ack = p.PressHome(user, label)
		} else if label, where := what[:i], what[i+4:]; where == "the form" {
			ack = p.PressModal(user, label)
		} else {
			ack = p.Press(user, p.place(user, where), label)
		}
	case "sends":
		var faults map[string]string
		ack, faults = p.Submit(user, slackValues(what))
		for _, field := range sortedKeys(faults) {
			said = append(said, "beside "+field+": "+faults[field])
		}
	case "types":
		text, field, _ := strings.Cut(what, " into ")
		ack = p.Suggest(user, field, text)
		said = append(said, "suggested: "+strings.Join(suggested(ack.Body), " | "))
	case "closes":
		ack = p.CloseModal(user, slackValues(what))
	case "opens home":
		ack = p.OpenHome(user)
	case "says":
		p.Say(user, "C1", what)
		ack.Status = http.StatusOK
	case "uses":
		if name, on, ok := strings.Cut(what, " on "); ok {
			ack = p.MessageShortcut(user, "C1", p.messageOf(on), name)
		} else {
			ack = p.GlobalShortcut(user, what)
		}
	}
	if ack.Status != http.StatusOK {
		said = append(said, fmt.Sprintf("Slack says that it failed (%d)", ack.Status))
	}
	return said
}

// messageOf is the newest message in #general that begins with a text.
func (p *slackPlay) messageOf(text string) string {
	for _, m := range slices.Backward(p.Messages("C1")) {
		if strings.HasPrefix(m.Text, text) {
			return m.TS
		}
	}
	p.t.Fatalf("nobody said %q", text)
	return ""
}

var slackValue = regexp.MustCompile(`(\w+)=(?:"([^"]*)"|(\S+))`)

func slackValues(s string) map[string]string {
	values := map[string]string{}
	for _, m := range slackValue.FindAllStringSubmatch(s, -1) {
		values[m[1]] = m[2] + m[3]
	}
	return values
}

func suggested(body []byte) (labels []string) {
	var out struct {
		Options []any `json:"options"`
		Groups  []struct {
			Options []any `json:"options"`
		} `json:"option_groups"`
	}
	if json.Unmarshal(body, &out) != nil {
		return []string{string(body)}
	}
	for _, g := range out.Groups {
		out.Options = append(out.Options, g.Options...)
	}
	for _, o := range out.Options {
		labels = append(labels, strings.TrimSpace(slackText(o)))
	}
	return labels
}

// news is what people see that they did not see before, once nothing moves any more.
func (p *slackPlay) news() (lines []string) {
	p.t.Helper()
	calls := -1
	p.eventually("the bot rests", func() bool {
		var at time.Time
		p.beside(func(tx *storage.Tx) (err error) { at, err = tx.NextWaiting(); return err })
		n := len(p.Calls(""))
		still := n == calls && (at.IsZero() || time.Until(at) > time.Minute)
		calls = n
		time.Sleep(60 * time.Millisecond)
		return still && n == len(p.Calls(""))
	})
	show := func(key, title string, body []string) {
		text := strings.Join(body, "\n")
		was, old := p.printed[key]
		if was == text {
			return
		}
		p.printed[key] = text
		if old {
			title += " (changed)"
		}
		lines = append(lines, title)
		for _, l := range body {
			lines = append(lines, "  "+l)
		}
	}
	messages := func(title string, list []slackfake.Message) {
		for i, m := range list {
			if m.User != p.BotUser {
				continue
			}
			where := title
			if m.Thread != "" {
				where += ", in a thread"
			}
			body := slackLines(m.Blocks)
			if len(body) == 0 {
				body = strings.Split(m.Text, "\n")
			}
			show(title+fmt.Sprint(i), where, body)
		}
	}
	for _, name := range sortedKeys(slackPeople) {
		user := slackPeople[name]
		messages(name+" alone sees", p.Seen(user))
		messages(name+" gets", p.DM(user))
		if v := p.Modal(user); v != nil {
			show("form"+v.ID, name+" has the form "+slackText(v.View["title"]), slackLines(v.View["blocks"]))
		}
		if home := p.Home(user); home != nil {
			show("home"+name, name+"'s home", slackLines(home["blocks"]))
		}
	}
	messages("#general", p.Messages("C1"))
	messages("#lead-disputes", p.Messages("C7"))
	return lines
}

// momentary is what differs from run to run: the run is today.
var momentary = regexp.MustCompile(`<!date\^[^>]*>|\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d{1,2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)( \d{4})?( \d\d:\d\d)?\b|` +
	`\b\d\d:\d\d\b|\b\d{4}-\d\d-\d\d\b|\b\d+ min\b`)

// slackLines are blocks as lines of text.
func slackLines(blocks any) (lines []string) {
	raw, _ := json.Marshal(blocks)
	var list []map[string]any
	_ = json.Unmarshal(raw, &list)
	for _, b := range list {
		var s string
		switch b["type"] {
		case "divider":
			s = "---"
		case "actions":
			var labels []string
			for _, e := range b["elements"].([]any) {
				labels = append(labels, slackElement(e.(map[string]any)))
			}
			s = strings.Join(labels, " ")
		case "input":
			s = strings.TrimSpace(slackText(b["label"])) + ": " + slackElement(b["element"].(map[string]any)) + " as " + fmt.Sprint(b["block_id"])
		case "data_table":
			s = "table: " + fmt.Sprint(b["caption"])
			for _, row := range b["rows"].([]any) {
				s += "\n"
				for _, c := range row.([]any) {
					if cell := c.(map[string]any); cell["type"] == "action_cell" {
						s += slackElement(cell["element"].(map[string]any)) + " "
					} else {
						s += fmt.Sprint(cell["text"]) + " | "
					}
				}
			}
		case "data_visualization":
			s = "chart: " + fmt.Sprint(b["title"])
		default:
			s = slackRich(b)
		}
		s = momentary.ReplaceAllString(strings.TrimRight(s, " \n"), "‹then›")
		lines = append(lines, strings.Split(s, "\n")...)
	}
	return lines
}

// slackRich is the text of a block of words.
func slackRich(b map[string]any) string {
	var s strings.Builder
	switch b["type"] {
	case "date":
		return "‹then›"
	case "user":
		return fmt.Sprint("@", b["user_id"])
	case "rich_text_quote":
		s.WriteString("> ")
	}
	switch text := b["text"].(type) {
	case string:
		s.WriteString(text)
	case map[string]any:
		s.WriteString(slackRich(text))
	}
	if list, ok := b["elements"].([]any); ok {
		for _, e := range list {
			s.WriteString(slackRich(e.(map[string]any)))
		}
	}
	return s.String()
}

// slackElement is a button, a choice or a field.
func slackElement(e map[string]any) string {
	switch e["type"] {
	case "button":
		return "[" + strings.TrimSpace(slackText(e["text"])) + "]"
	case "external_select":
		return "(type to search)"
	case "static_select", "multi_static_select", "radio_buttons", "checkboxes":
		var labels []string
		options, _ := e["options"].([]any)
		groups, _ := e["option_groups"].([]any)
		for _, g := range groups {
			of, _ := g.(map[string]any)["options"].([]any)
			options = append(options, of...)
		}
		for _, o := range options[:min(len(options), 3)] {
			labels = append(labels, strings.TrimSpace(slackText(o.(map[string]any)["text"])))
		}
		if len(options) > 3 {
			labels = append(labels, fmt.Sprintf("%d more", len(options)-3))
		}
		return "(" + strings.Join(labels, " | ") + ")"
	}
	value, _ := e["initial_value"].(string)
	return fmt.Sprintf("%q", value)
}
