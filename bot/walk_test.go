package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"truce/bot/slack/slackfake"
	"truce/bot/teams/teamsfake"
)

// This file is how a walk through a practice is walked by several people, each on a platform of their own: the same steps on Slack, in
// Teams and in the browser, with nothing but what the documentation says.

// walk is what people do, whoever draws it for them. A message "on" is the newest that holds the text.
type walk interface {
	types(who, text string)                   // a command, or a message to Truce
	presses(who, label, on string)            // a button
	sends(who string, values ...string)       // the form that is open: field, text, field, text
	uses(who, shortcut, on string)            // the menu of a message that the person wrote to Truce
	says(who string, texts ...string)         // waits for a message that holds them
	restart()                                 // the program ends and comes back
	truce(args ...string) string              // the command line beside it
	imports(kind string, rows ...string)      // a file of rows, the first are the columns
	lacks(who string, texts ...string)        // no message of theirs holds all of the texts
	documented(t *testing.T, files ...string) // all that was typed stands in the documentation
}

// does are the second words of commands that say what to do.
const does = "account add check close except history interview link list mine observe paste propose stages start"

// typed is what has been typed so far, for documented.
type typed struct{ commands []string }

func (s *typed) note(text string) {
	if rest, ok := strings.CutPrefix(text, "/"); ok {
		words := strings.Fields(rest)
		s.commands = append(s.commands, "/"+strings.Join(words[:min(2, len(words))], " "))
	}
}

// documented: every command that the walk has typed stands in one of the pages it was walked by, with its second word where that says what
// to do, rather than with whom.
func (s *typed) documented(t *testing.T, files ...string) {
	t.Helper()
	var pages strings.Builder
	for _, f := range files {
		b, err := os.ReadFile(filepath.Join("..", "docs", f))
		if err != nil {
			t.Fatal(err)
		}
		pages.Write(b)
	}
	slices.Sort(s.commands)
	for _, c := range slices.Compact(s.commands) {
		if name, what, _ := strings.Cut(c, " "); !slices.Contains(strings.Fields(does), what) {
			c = name
		}
		if !strings.Contains(pages.String(), c) {
			t.Errorf("%s was typed, and %s do not say so", c, strings.Join(files, " and "))
		}
	}
}

func writeRows(t *testing.T, kind string, rows []string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), kind+".csv")
	if err := os.WriteFile(file, []byte(strings.Join(rows, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func runBeside(t *testing.T, env []string, args ...string) string {
	t.Helper()
	cmd := exec.Command(truceBinary(t), args...)
	cmd.Env, cmd.Dir = env, t.TempDir()
	out, err := cmd.Output()
	if err != nil {
		why := &exec.ExitError{}
		errors.As(err, &why)
		t.Fatalf("truce %s: %v\n%s%s", strings.Join(args, " "), err, out, why.Stderr)
	}
	return string(out)
}

// inTwoChats is a walk in which some are on Slack and the others in Teams.
type inTwoChats struct {
	typed
	*house
	onSlack map[string]string            // by name: the user
	inTeams map[string]teamsfake.Member  // by name
	windows map[string]map[string]any    // the dialog that is open in Teams: its card
	from    map[string]teamsfake.Message // which it was opened from
}

// walksInTwoChats starts the program with an empty database. Ann and Sam sell, Mia and Mona are in Marketing; those named are in Teams.
func walksInTwoChats(t *testing.T, teams ...string) *inTwoChats {
	t.Helper()
	t.Parallel()
	if testing.Short() {
		t.Skip("starts the bot")
	}
	const at = "@quillwater.example"
	h := twoChats(t, "TRUCE_ROLES_SALES_MANAGERS=sam"+at, "TRUCE_ROLES_MARKETING_MANAGERS=mona"+at, "TRUCE_ROLES_REPS=ann"+at,
		"TRUCE_ROLES_MARKETERS=mia"+at)
	w := &inTwoChats{house: h, onSlack: map[string]string{}, inTeams: map[string]teamsfake.Member{}, windows: map[string]map[string]any{},
		from: map[string]teamsfake.Message{}}
	for i, name := range []string{"ann", "sam", "mia", "mona"} {
		title := strings.ToUpper(name[:1]) + name[1:]
		if !slices.Contains(teams, name) {
			user := fmt.Sprint("U", 10+i)
			h.AddUser(slackfake.User{ID: user, Name: title, Email: name + at, Zone: "Europe/Berlin"})
			w.onSlack[name] = user
			if ack, _ := h.Write(user, "help"); ack.Status != 200 {
				t.Fatalf("%s is answered %d", name, ack.Status)
			}
			h.eventually(name+" is welcomed", func() bool { return len(h.fromBot(h.DM(user))) > 0 })
			continue
		}
		m := teamsfake.Member{ID: "29:" + name, Name: title, AadObjectID: fmt.Sprintf("0e0e0e0e-1111-4222-8333-%012d", i), Email: name + at,
			TenantID: teamsfake.Tenant, UserRole: "user"}
		h.teams.AddMember(m)
		w.inTeams[name] = m
		if err := h.teams.Install(m, teamsfake.Personal(m)); err != nil {
			t.Fatal(err)
		}
		h.wrote(m, "help")
	}
	return w
}

func (w *inTwoChats) types(who, text string) {
	w.t.Helper()
	w.note(text)
	delete(w.windows, who)
	if user, ok := w.onSlack[who]; ok {
		var ack slackfake.Ack
		if strings.HasPrefix(text, "/") {
			ack = w.Command(user, w.dm(user), text)
		} else {
			ack, _ = w.Write(user, text)
		}
		if ack.Status != 200 {
			w.t.Fatalf("%s types %q: %d %s\n%s", who, text, ack.Status, ack.Body, w.bot.log)
		}
		return
	}
	m := w.inTeams[who]
	if status, err := w.teams.Write(m, teamsfake.Personal(m), strings.TrimPrefix(text, "/")); err != nil || status != 200 {
		w.t.Fatalf("%s types %q: %d %v\n%s", who, text, status, err, w.bot.log)
	}
}

func (w *inTwoChats) presses(who, label, on string) {
	w.t.Helper()
	if user, ok := w.onSlack[who]; ok {
		w.eventually(who+" has "+label+" on "+on, func() bool {
			ack := w.PressOn(user, w.dm(user), label, on)
			if ack.Status != 0 && ack.Status != 200 {
				w.t.Fatalf("%s presses %s: %d %s\n%s", who, label, ack.Status, ack.Body, w.bot.log)
			}
			return ack.Status == 200
		})
		return
	}
	m := w.inTeams[who]
	if open := w.windows[who]; open != nil && teamsfake.Button(open, label) != nil && holding([]string{teamsfake.Text(open)}, []string{on}) {
		answer, err := w.teams.PressIn(m, w.from[who], open, label)
		w.answered(who, label, answer, err)
		return
	}
	var found teamsfake.Message
	w.eventually(who+" has "+label+" on "+on, func() bool {
		for _, x := range slices.Backward(w.teams.In(teamsfake.Personal(m))) {
			if holding([]string{teamsfake.Text(x.Card)}, []string{on}) && teamsfake.Button(x.Card, label) != nil {
				found = x
				return true
			}
		}
		return false
	})
	w.from[who] = found
	answer, err := w.teams.Press(m, found, label)
	w.answered(who, label, answer, err)
}

// answered keeps what an answer of Teams has opened.
func (w *inTwoChats) answered(who, did string, answer map[string]any, err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatalf("%s, %s: %v\n%s", who, did, err, w.bot.log)
	}
	delete(w.windows, who)
	if code, ok := answer["statusCode"].(float64); ok && code >= 400 {
		w.t.Fatalf("%s, %s: %v", who, did, answer)
	}
	task, _ := answer["task"].(map[string]any)
	switch value := task["value"].(type) {
	case string:
		w.t.Fatalf("%s, %s: a window says %q", who, did, value)
	case map[string]any:
		card, _ := value["card"].(map[string]any)
		w.windows[who], _ = card["content"].(map[string]any)
	}
}

func (w *inTwoChats) sends(who string, values ...string) {
	w.t.Helper()
	filled := map[string]string{}
	for i := 0; i < len(values); i += 2 {
		filled[values[i]] = values[i+1]
	}
	if user, ok := w.onSlack[who]; ok {
		w.eventually(who+" sees a form", func() bool { return w.Modal(user) != nil })
		for field := range filled {
			if !strings.Contains(fmt.Sprint(w.Modal(user).View["blocks"]), "block_id:"+field+" ") {
				w.t.Fatalf("the form has no field %s: %v", field, w.Modal(user).View["blocks"])
			}
		}
		if ack, faults := w.Submit(user, filled); ack.Status != 200 || len(faults) > 0 {
			w.t.Fatalf("%s sends %v: %d %v\n%s", who, filled, ack.Status, faults, w.bot.log)
		}
		return
	}
	m, open, on, form := w.inTeams[who], w.windows[who], w.from[who], w.windows[who]
	if open == nil { // a form that a command asks for stands in the chat
		w.eventually(who+" sees a form", func() bool {
			list := w.teams.In(teamsfake.Personal(m))
			on = list[len(list)-1]
			return len(teamsfake.Inputs(on.Card)) > 0
		})
		form = on.Card
	}
	answer, err := w.teams.Submit(m, on, open, filled)
	w.answered(who, fmt.Sprint("sends ", filled), answer, err)
	if shown := w.windows[who]; shown != nil && len(teamsfake.Inputs(shown)) > 0 && teamsfake.FormName(shown) == teamsfake.FormName(form) {
		w.t.Fatalf("%s sends %v: %s", who, filled, teamsfake.Text(shown))
	}
}

func (w *inTwoChats) uses(who, shortcut, on string) {
	w.t.Helper()
	delete(w.from, who)
	if user, ok := w.onSlack[who]; ok {
		for _, m := range slices.Backward(w.DM(user)) {
			if m.User == user && m.Text == on {
				if ack := w.MessageShortcut(user, m.Channel, m.TS, shortcut); ack.Status != 200 {
					w.t.Fatalf("%s uses %s: %d", who, shortcut, ack.Status)
				}
				return
			}
		}
		w.t.Fatalf("%s has not written %q", who, on)
	}
	m := w.inTeams[who]
	message := map[string]any{"id": "1699", "createdDateTime": time.Now().UTC().Format(time.RFC3339),
		"from": map[string]any{"user": map[string]any{"id": m.AadObjectID, "displayName": m.Name}},
		"body": map[string]any{"contentType": "text", "content": on}}
	status, answer, err := w.teams.Send(w.teams.Activity(m, teamsfake.Personal(m), "invoke", map[string]any{
		"name":  "composeExtension/fetchTask",
		"value": map[string]any{"commandId": shortcut, "commandContext": "message", "messagePayload": message}}))
	if err == nil && status != 200 {
		err = fmt.Errorf("status %d", status)
	}
	w.answered(who, shortcut, answer, err)
}

// seen are the texts of all messages that somebody sees in their chat with Truce, the newest last.
func (w *inTwoChats) seen(who string) (texts []string) {
	if user, ok := w.onSlack[who]; ok {
		dm := w.dm(user)
		for _, m := range w.DM(user) {
			texts = append(texts, strings.Join(strings.Fields(shown(m)), " "))
		}
		for _, m := range w.Seen(user) {
			if m.Channel == dm {
				texts = append(texts, strings.Join(strings.Fields(shown(m)), " "))
			}
		}
		return texts
	}
	for _, m := range w.teams.In(teamsfake.Personal(w.inTeams[who])) {
		texts = append(texts, teamsfake.Text(m.Card))
	}
	if open := w.windows[who]; open != nil {
		texts = append(texts, teamsfake.Text(open))
	}
	return texts
}

// holding reports whether one of the texts holds all parts, however the platform has set the blanks between them.
func holding(texts, parts []string) bool {
	return slices.ContainsFunc(texts, func(s string) bool {
		return !slices.ContainsFunc(parts, func(p string) bool { return !strings.Contains(squeezed(s), squeezed(p)) })
	})
}

func squeezed(s string) string { return strings.Join(strings.Fields(s), "") }

func (w *inTwoChats) says(who string, texts ...string) {
	w.t.Helper()
	for deadline := time.Now().Add(patience); !holding(w.seen(who), texts); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			all := w.seen(who)
			w.t.Fatalf("%s does not see %q, but\n%s\n%s", who, texts, strings.Join(all[max(0, len(all)-8):], "\n---\n"), w.bot.log)
		}
	}
}

func (w *inTwoChats) lacks(who string, texts ...string) {
	w.t.Helper()
	if all := w.seen(who); holding(all, texts) {
		w.t.Errorf("%s sees %q:\n%s", who, texts, strings.Join(all, "\n---\n"))
	}
}

func (w *inTwoChats) restart() {
	w.t.Helper()
	w.office.restart(os.Interrupt)
	w.teams.Endpoint = "http://" + w.bot.addr + "/api/messages"
}

func (w *inTwoChats) truce(args ...string) string {
	w.t.Helper()
	return runBeside(w.t, w.env, args...)
}

func (w *inTwoChats) imports(kind string, rows ...string) {
	w.t.Helper()
	w.truce("import", kind, writeRows(w.t, kind, rows))
}

// inBrowser is a walk in the local workspace, each in a window of their own.
type inBrowser struct {
	typed
	t    *testing.T
	p    *process
	file string
	tabs map[string]*tab
}

// walksInBrowser starts the local workspace with an empty database.
func walksInBrowser(t *testing.T) *inBrowser {
	t.Helper()
	needBrowser(t)
	t.Parallel()
	w := &inBrowser{t: t, file: filepath.Join(t.TempDir(), "empty.db"), tabs: map[string]*tab{}}
	if err := os.WriteFile(w.file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	w.p = start(t, nil, "demo", "--listen", "127.0.0.1:0", "--data", w.file, "--now", demoNow)
	return w
}

func (w *inBrowser) tab(who string) *tab {
	w.t.Helper()
	b := w.tabs[who]
	if b == nil {
		b = opens(w.t, w.p.addr, "/as/"+who+"/dm", chromedp.EmulateViewport(1280, 1600))
		w.tabs[who] = b
	}
	return b
}

func (w *inBrowser) types(who, text string) {
	w.t.Helper()
	w.note(text)
	b := w.tab(who)
	if !strings.Contains(text, "\n") {
		b.types(text)
		return
	}
	b.eval(fmt.Sprintf(`(() => { const e = document.querySelector("#text"); e.focus(); e.value = %q;
		e.dispatchEvent(new Event("input", {bubbles: true})) })()`, text))
	b.enters()
}

func (w *inBrowser) presses(who, label, on string) {
	w.t.Helper()
	w.tab(who).presses(label, on)
}

func (w *inBrowser) sends(who string, values ...string) {
	w.t.Helper()
	w.tab(who).sends(values...)
}

func (w *inBrowser) uses(who, shortcut, on string) {
	w.t.Helper()
	b := w.tab(who)
	b.waits("the message stands there", fmt.Sprintf(`window.found = [...document.querySelectorAll("#log > .msg")].reverse()
		.find(m => m.innerText.includes(%q))`, on))
	b.eval(`window.found.querySelector("[data-menu]").click()`)
	b.waits("its menu is open", `document.querySelector("#menu:popover-open [value='`+shortcut+`']")`)
	b.eval(`document.querySelector("#menu [value='` + shortcut + `']").click()`)
}

func (w *inBrowser) says(who string, texts ...string) {
	w.t.Helper()
	list, err := json.Marshal(texts)
	if err != nil {
		w.t.Fatal(err)
	}
	w.tab(who).waits("a message with "+strings.Join(texts, " and "), fmt.Sprintf(`[...document.querySelectorAll(".msg")].some(m =>
		%s.every(t => m.textContent.replace(/\s+/g, " ").includes(t) || m.innerText.replace(/\s+/g, " ").includes(t)))`, list))
}

func (w *inBrowser) lacks(who string, texts ...string) {
	w.t.Helper()
	list, err := json.Marshal(texts)
	if err != nil {
		w.t.Fatal(err)
	}
	if w.tab(who).eval(fmt.Sprintf(`[...document.querySelectorAll(".msg")].some(m =>
		%s.every(t => m.innerText.replace(/\s+/g, " ").includes(t)))`, list)) == "true" {
		w.t.Errorf("%s sees %q", who, texts)
	}
}

// leaves ends the program; a page that is left open would ask for what is gone.
func (w *inBrowser) leaves() {
	w.t.Helper()
	for _, who := range slices.Sorted(maps.Keys(w.tabs)) {
		w.tabs[who].do(chromedp.Navigate("about:blank"))
	}
	if status := w.p.stop(w.t, os.Interrupt); status != exitOK {
		w.t.Errorf("exit status %d\n%s", status, w.p.log)
	}
	for _, b := range w.tabs {
		b.forgives() // the browser reports the stream that broke
	}
}

func (w *inBrowser) restart() {
	w.t.Helper()
	w.leaves()
	w.p = start(w.t, nil, "demo", "--listen", w.p.addr, "--data", w.file)
	for who, b := range w.tabs {
		b.goes("/as/" + who + "/dm")
	}
}

func (w *inBrowser) env() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "HOME=" + w.t.TempDir(), "TRUCE_STORAGE_PATH=" + w.file}
}

func (w *inBrowser) truce(args ...string) string {
	w.t.Helper()
	return runBeside(w.t, w.env(), args...)
}

func (w *inBrowser) imports(kind string, rows ...string) {
	w.t.Helper()
	w.truce("import", kind, writeRows(w.t, kind, rows))
}
