package slack

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"truce/bot/chat"
	"truce/bot/slack/slackfake"
)

// BenchmarkCommand is the adapter's own share of /objection over HTTP: verify, decode, draw, answer; no network, no store.
func BenchmarkCommand(b *testing.B) {
	in := deaf(b)
	mux := http.NewServeMux()
	in.Mount(mux, chat.HandlerFunc(func(context.Context, chat.Event) (chat.Reply, error) {
		return chat.Reply{Card: &chat.Card{Summary: "Logged as Turnaround time", Title: chat.T("Logged as Turnaround time"), Blocks: []chat.Block{
			chat.Para(chat.I("evaluation"), " vs. ", chat.B("Competitor X")),
			chat.ButtonRow(chat.Ask("Edit", "e", "O-1"), chat.Press("Undo", "u", "O-1")),
			chat.Heading("Say this"), chat.Quote("Time to first result is longer, time to reportable result is shorter: no repeat runs."),
			chat.ButtonRow(chat.Press("Helped", "h", "A-1"), chat.Press("Did not help", "n", "A-1")),
			chat.Small("Approved 12 Oct, helped 9 of 11 times")}}}, nil
	}))
	n := 0
	for b.Loop() {
		n++
		body := fmt.Sprintf("command=%%2Fobjection&text=they+say+we+are+slow&user_id=U1&team_id=T1&channel_id=C1&channel_name=general&trigger_id=%d", n)
		r := httptest.NewRequest("POST", "/slack/commands", strings.NewReader(body))
		slackfake.Sign(r, "s", body, in.now())
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			b.Fatal(w.Code)
		}
	}
}
