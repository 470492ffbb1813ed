package slack

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	slackgo "github.com/slack-go/slack"

	"truce/bot/chat"
)

// Slack brought its data blocks (data_table, data_visualization) to workspaces one after another. A message that is refused
// for them can be drawn again; the answer to a command, which is the body of a response, cannot. So the adapter asks at its
// start, and remembers what Slack last did with them.

// nativeKey is where Memory keeps it: "yes", or since when it is "no".
const nativeKey = "native"

// askAgain is how long a refusal is believed.
const askAgain = 24 * time.Hour

// native is what is known of Slack and its data blocks.
type native int

const (
	nativeUnknown native = iota
	nativeTaken
	nativeRefused
)

// takesData is what is known, from this run or an earlier one.
func (a *Adapter) takesData(ctx context.Context) native {
	a.mu.Lock()
	state, read := a.native, a.nativeRead
	a.mu.Unlock()
	if !read {
		raw, err := a.mem.Get(ctx, nativeKey)
		if err != nil {
			a.log.Error("slack: read memory", "error", err)
			return nativeUnknown
		}
		a.mu.Lock()
		defer a.mu.Unlock()
		a.nativeRead = true
		if a.native = string(raw); a.native == "" {
			return nativeUnknown
		}
		state = a.native
	}
	if state == "" {
		return nativeUnknown
	}
	if state == "yes" {
		return nativeTaken
	}
	if since, err := time.Parse(time.RFC3339, state); err == nil && a.now().Sub(since) < askAgain {
		return nativeRefused
	}
	return nativeUnknown
}

// noteData remembers what Slack did with a message of data blocks.
func (a *Adapter) noteData(ctx context.Context, taken bool) {
	state := "yes"
	if !taken {
		state = a.now().UTC().Format(time.RFC3339)
	}
	a.mu.Lock()
	same := a.native == state
	a.native, a.nativeRead = state, true
	a.mu.Unlock()
	if same {
		return
	}
	if err := a.mem.Put(context.WithoutCancel(ctx), nativeKey, []byte(state)); err != nil {
		a.log.Error("slack: keep memory", "error", err)
	}
}

// askData asks Slack whether it takes data blocks, where that is not known: blocks.validate posts nothing and needs no scope (D
// reference/methods/blocks.validate). A Slack without that method leaves it unknown.
func (a *Adapter) askData(ctx context.Context) {
	if a.takesData(ctx) != nativeUnknown {
		return
	}
	switch taken, err := a.validates(ctx, dataSample); {
	case err != nil:
		a.log.Info("slack: ask for charts and tables", "error", err)
	default:
		a.noteData(ctx, taken)
	}
}

// dataSample holds one of each of Slack's data blocks.
var dataSample = chat.Card{Summary: "Charts and tables", Blocks: []chat.Block{
	chat.TableBlock(chat.Table{Caption: "Table", Columns: []chat.Column{{Title: "Source"}, {Title: "Leads", Number: true}},
		Rows: [][]chat.Cell{{{Text: "Webinar"}, {Text: "7", Value: 7}}}}),
	chat.ChartBlock(chat.Chart{Kind: chat.Bar, Title: "Chart", Categories: []string{"Webinar"},
		Series: []chat.Series{{Name: "Leads", Values: []float64{7}}}}),
}}

// validates asks Slack whether it would take a card as a message.
func (a *Adapter) validates(ctx context.Context, card chat.Card) (bool, error) {
	blocks, err := json.Marshal(map[string]any{"blocks": drawCard(card, Options{})})
	if err != nil {
		return false, err
	}
	err = a.api.post(ctx, "blocks.validate", map[string]string{"message": string(blocks)}, nil)
	switch codeOf(err) {
	case "invalid_message", "invalid_blocks":
		return false, nil
	}
	return err == nil, err
}

// hasData reports whether a message holds data blocks.
func hasData(m Message) bool {
	for _, b := range m.Blocks {
		if t := b.BlockType(); t == slackgo.MBTDataTable || t == slackgo.MBTDataVisualization {
			return true
		}
	}
	return false
}

// body draws a card as the body of a response. Where nobody could find out whether Slack takes the card's data blocks, it says
// the summary only, and the card follows by the response URL: once per installation.
func (in receiver) body(ctx context.Context, o origin, card chat.Card, public bool, evID string) ack {
	ans := ack{status: http.StatusOK}
	r := in.response(o, card, public, in.takesData(ctx) == nativeRefused)
	if hasData(r.Message) && in.takesData(ctx) == nativeUnknown && o.responseURL != "" {
		r.Blocks = nil
		ans.keep = true // the card has been brought: a repetition must not bring it again
		in.work.do(ctx, 0, handleLimit+apiTimeout, func(ctx context.Context) {
			sleep(ctx, 300*time.Millisecond) // the response goes first
			if err := in.show(ctx, o, card, public, false, evID); err != nil {
				in.log.Error("slack: show reply", "id", evID, "card", card.Key, "error", err)
			}
		})
	}
	ans.body = r
	return ans
}
