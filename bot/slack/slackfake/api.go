package slackfake

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// needs is the scope a method asks for; "" is any token. Methods that are not listed do not exist.
var needs = map[string]string{
	"auth.test": "", "apps.connections.open": "", "blocks.validate": "",
	"chat.postMessage": "chat:write", "chat.update": "chat:write", "chat.postEphemeral": "chat:write",
	"views.open": "", "views.push": "", "views.update": "", "views.publish": "",
	"users.info": "users:read", "users.list": "users:read",
	"users.lookupByEmail":   "users:read.email",
	"users.conversations":   "channels:read", // and groups:read, for private ones
	"conversations.open":    "im:write",
	"conversations.info":    "channels:read", // groups:read for private ones
	"conversations.members": "channels:read",
	"conversations.history": "channels:history", "conversations.replies": "channels:history",
	"usergroups.list": "usergroups:read", "usergroups.users.list": "usergroups:read",
	"files.getUploadURLExternal": "files:write", "files.completeUploadExternal": "files:write",
}

// oops is an answer that is not ok.
type oops struct {
	Code, Needed string
	Messages     []string
}

func (f *Fake) serveAPI(w http.ResponseWriter, r *http.Request) {
	method := r.PathValue("method")
	args, err := arguments(r)
	if err != nil {
		writeJSON(w, map[string]any{"ok": false, "error": "invalid_json"})
		return
	}
	call := Call{Method: method, Args: args}
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	if token != "" {
		call.Token = "header"
	} else if t, ok := args["token"].(string); ok {
		token, call.Token = t, "body"
	}
	f.mu.Lock()
	f.calls = append(f.calls, call)
	fault, failing := f.fault(method)
	f.mu.Unlock()
	if failing && fault.Delay > 0 {
		select {
		case <-time.After(fault.Delay):
		case <-r.Context().Done():
		}
	}
	if failing && !fault.After && (fault.Status != 0 || fault.Error != "" || fault.Cut) {
		fault.write(w)
		return
	}
	f.mu.Lock()
	out, bad := f.call(method, token, args)
	scopes := strings.Join(f.Scopes, ",")
	f.mu.Unlock()
	if failing && fault.After {
		fault.write(w)
		return
	}
	w.Header().Set("X-OAuth-Scopes", scopes)
	switch {
	case bad == nil:
		if out == nil {
			out = map[string]any{}
		}
		out["ok"] = true
		writeJSON(w, out)
	case bad.Code == "ratelimited":
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusTooManyRequests)
		writeJSON(w, map[string]any{"ok": false, "error": bad.Code})
	default:
		writeJSON(w, map[string]any{"ok": false, "error": bad.Code, "needed": bad.Needed,
			"response_metadata": map[string]any{"messages": bad.Messages}})
	}
}

func (fault Fault) write(w http.ResponseWriter) {
	if fault.Cut {
		if c, _, err := w.(http.Hijacker).Hijack(); err == nil {
			c.Close()
		}
		return
	}
	if fault.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(fault.RetryAfter))
	}
	if fault.Error != "" {
		if fault.Status != 0 {
			w.WriteHeader(fault.Status)
		}
		writeJSON(w, map[string]any{"ok": false, "error": fault.Error})
		return
	}
	http.Error(w, "<html>oops</html>", fault.Status)
}

// arguments reads a call's arguments from JSON, a form or the query.
func arguments(r *http.Request) (map[string]any, error) {
	args := map[string]any{}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		raw, err := io.ReadAll(r.Body)
		if err != nil || len(raw) == 0 {
			return args, err
		}
		return args, json.Unmarshal(raw, &args)
	}
	if err := r.ParseForm(); err != nil {
		return nil, err
	}
	for k, v := range r.Form {
		args[k] = v[0]
	}
	return args, nil
}

func str(args map[string]any, key string) string {
	s, _ := args[key].(string)
	return s
}

// call does a method's work, under f.mu.
func (f *Fake) call(method, token string, args map[string]any) (map[string]any, *oops) {
	if method == "apps.connections.open" {
		if token != f.AppToken {
			return nil, &oops{Code: "invalid_auth"}
		}
		return map[string]any{"url": "ws" + strings.TrimPrefix(f.server.URL, "http") + "/link"}, nil
	}
	if wrong := f.mayCall(method, token, args); wrong != nil {
		return nil, wrong
	}
	group, _, _ := strings.Cut(method, ".")
	switch group {
	case "users":
		return f.usersCall(method, args)
	case "usergroups":
		return f.groupsCall(method, args)
	case "files":
		return f.filesCall(method, args)
	case "views":
		return f.viewCall(method, args)
	}
	switch method {
	case "auth.test":
		return map[string]any{"url": "https://quillwater.slack.com/", "team": "Quillwater", "user": "truce", "team_id": f.Team,
			"user_id": f.BotUser, "bot_id": "B1"}, nil
	case "blocks.validate":
		var m struct {
			Blocks []any `json:"blocks"`
		}
		if json.Unmarshal([]byte(str(args, "message")), &m) != nil || len(m.Blocks) == 0 {
			return nil, &oops{Code: "invalid_arguments"}
		}
		if faults := f.checkBlocks(m.Blocks, message); len(faults) > 0 {
			return nil, &oops{Code: "invalid_message", Messages: faults}
		}
		return nil, nil
	case "chat.postMessage":
		return f.postMessage(args)
	case "chat.update":
		return f.update(args)
	case "chat.postEphemeral":
		f.show(str(args, "user"), str(args, "channel"), str(args, "thread_ts"), "ephemeral", str(args, "text"), list(args["blocks"]))
		return map[string]any{"message_ts": f.ts()}, nil
	case "conversations.open":
		return f.openCall(str(args, "users"))
	default: // conversations.info, members, history and replies
		return f.conversation(method, args)
	}
}

func (f *Fake) usersCall(method string, args map[string]any) (map[string]any, *oops) {
	switch method {
	case "users.info":
		return f.userInfo(str(args, "user"))
	case "users.list":
		return f.userPage(str(args, "cursor"))
	case "users.lookupByEmail":
		for _, u := range f.Users { // Slack does not find the deactivated ones
			if u.Email != "" && strings.EqualFold(u.Email, str(args, "email")) && !u.Deleted {
				return f.userInfo(u.ID)
			}
		}
		return nil, &oops{Code: "users_not_found"}
	default: // users.conversations
		if strings.Contains(str(args, "types"), "private_channel") && !slices.Contains(f.Scopes, "groups:read") {
			return nil, &oops{Code: "missing_scope", Needed: "groups:read"}
		}
		return f.ourChannels(str(args, "cursor"))
	}
}

func (f *Fake) groupsCall(method string, args map[string]any) (map[string]any, *oops) {
	switch method {
	case "usergroups.list":
		var groups []any
		for _, g := range f.Groups {
			groups = append(groups, map[string]any{"id": g.ID, "handle": g.Handle})
		}
		return map[string]any{"usergroups": groups}, nil
	default: // usergroups.users.list
		if g := f.Groups[str(args, "usergroup")]; g != nil {
			return map[string]any{"users": g.Users}, nil
		}
		return nil, &oops{Code: "no_such_subteam"}
	}
}

func (f *Fake) filesCall(method string, args map[string]any) (map[string]any, *oops) {
	switch method {
	case "files.getUploadURLExternal":
		id := fmt.Sprintf("F%d", f.next())
		f.files[id] = &File{ID: id, Name: str(args, "filename")}
		return map[string]any{"upload_url": f.server.URL + "/upload/" + id, "file_id": id}, nil
	default: // files.completeUploadExternal
		for _, x := range list(args["files"]) {
			m, _ := x.(map[string]any)
			file := f.files[str(m, "id")]
			if file == nil || file.Data == nil {
				return nil, &oops{Code: "file_not_found"}
			}
			file.Complete = true
		}
		return map[string]any{"files": args["files"]}, nil
	}
}

// mayCall is what is wrong with a token or its scopes for a method.
func (f *Fake) mayCall(method, token string, args map[string]any) *oops {
	need, known := needs[method]
	if !known {
		return &oops{Code: "unknown_method"}
	}
	if token == "" {
		return &oops{Code: "not_authed"}
	}
	if token != f.BotToken {
		return &oops{Code: "invalid_auth"}
	}
	if ch := f.Channels[str(args, "channel")]; ch != nil && strings.HasPrefix(method, "conversations.") {
		kind := "channels:"
		switch {
		case ch.IM != "":
			kind = "im:"
		case ch.Private:
			kind = "groups:"
		}
		need = kind + need[strings.IndexByte(need, ':')+1:]
	}
	if need != "" && !slices.Contains(f.Scopes, need) {
		return &oops{Code: "missing_scope", Needed: need}
	}
	return nil
}

func list(v any) []any {
	l, _ := v.([]any)
	return l
}

func (f *Fake) serveUpload(w http.ResponseWriter, r *http.Request) {
	data, err := io.ReadAll(r.Body)
	f.mu.Lock()
	defer f.mu.Unlock()
	file := f.files[r.PathValue("id")]
	if err != nil || file == nil {
		http.Error(w, "no", http.StatusNotFound)
		return
	}
	file.Data = data
	fmt.Fprint(w, "OK")
}

// writable finds the channel a message may go to.
func (f *Fake) writable(id string) (*Channel, *oops) {
	c := f.Channels[id]
	if c == nil && f.Users[id] != nil {
		c = f.Channels[f.openDM(id)]
	}
	switch {
	case c == nil:
		return nil, &oops{Code: "channel_not_found"}
	case c.Archived:
		return nil, &oops{Code: "is_archived"}
	case !slices.Contains(c.Members, f.BotUser):
		if c.Private {
			return nil, &oops{Code: "channel_not_found"}
		}
		return nil, &oops{Code: "not_in_channel"}
	}
	return c, nil
}

func (f *Fake) postMessage(args map[string]any) (map[string]any, *oops) {
	c, bad := f.writable(str(args, "channel"))
	if bad != nil {
		return nil, bad
	}
	if f.Strict {
		if last, ok := f.lastPost[c.ID]; ok && time.Since(last) < 500*time.Millisecond {
			return nil, &oops{Code: "ratelimited"}
		}
		f.lastPost[c.ID] = time.Now()
	}
	if str(args, "text") == "" && len(list(args["blocks"])) == 0 {
		return nil, &oops{Code: "no_text"}
	}
	if faults := f.checkBlocks(list(args["blocks"]), message); len(faults) > 0 {
		return nil, &oops{Code: "invalid_blocks", Messages: faults}
	}
	meta, _ := args["metadata"].(map[string]any)
	m := &Message{Channel: c.ID, TS: f.ts(), Thread: str(args, "thread_ts"), User: f.BotUser, Text: str(args, "text"),
		Blocks: list(args["blocks"]), Metadata: meta}
	c.Messages = append(c.Messages, m)
	return map[string]any{"channel": c.ID, "ts": m.TS, "message": map[string]any{"text": m.Text, "blocks": m.Blocks}}, nil
}

func (f *Fake) update(args map[string]any) (map[string]any, *oops) {
	c, bad := f.writable(str(args, "channel"))
	if bad != nil {
		return nil, bad
	}
	for _, m := range c.Messages {
		if m.TS != str(args, "ts") {
			continue
		}
		if m.User != f.BotUser {
			return nil, &oops{Code: "cant_update_message"}
		}
		if faults := f.checkBlocks(list(args["blocks"]), message); len(faults) > 0 {
			return nil, &oops{Code: "invalid_blocks", Messages: faults}
		}
		m.Text, m.Blocks = str(args, "text"), list(args["blocks"])
		m.Edits++
		return map[string]any{"channel": c.ID, "ts": m.TS}, nil
	}
	return nil, &oops{Code: "message_not_found"}
}

func (f *Fake) userInfo(id string) (map[string]any, *oops) {
	u := f.Users[id]
	if u == nil {
		return nil, &oops{Code: "user_not_found"}
	}
	return map[string]any{"user": f.userObject(u)}, nil
}

// userPage is a page of the user list, of 50 whatever limit is asked for.
func (f *Fake) userPage(cursor string) (map[string]any, *oops) {
	ids := slices.Sorted(maps.Keys(f.Users))
	from, _ := strconv.Atoi(cursor)
	to, next := min(from+50, len(ids)), ""
	if to < len(ids) {
		next = strconv.Itoa(to)
	}
	members := []any{}
	for _, id := range ids[min(from, to):to] {
		members = append(members, f.userObject(f.Users[id]))
	}
	return map[string]any{"members": members, "response_metadata": map[string]any{"next_cursor": next}}, nil
}

// ChangeUser changes what Slack says of a user and tells the bot.
func (f *Fake) ChangeUser(id string, change func(*User)) Ack {
	f.mu.Lock()
	change(f.Users[id])
	said := f.userObject(f.Users[id])
	f.mu.Unlock()
	return f.Event(map[string]any{"type": "user_change", "user": said, "event_ts": "1.1"})
}

func (f *Fake) userObject(u *User) map[string]any {
	profile := map[string]any{"display_name": u.Name, "real_name": u.Name}
	if slices.Contains(f.Scopes, "users:read.email") {
		profile["email"] = u.Email
	}
	return map[string]any{
		"id": u.ID, "team_id": u.Team, "name": strings.ToLower(u.Name), "deleted": u.Deleted, "is_bot": u.Bot, "tz": u.Zone,
		"is_restricted": u.Restricted || u.Ultra, "is_ultra_restricted": u.Ultra, "is_stranger": u.Stranger, "profile": profile,
	}
}

func (f *Fake) openCall(user string) (map[string]any, *oops) {
	u := f.Users[user]
	switch {
	case u == nil:
		return nil, &oops{Code: "users_not_found"}
	case u.Deleted:
		return nil, &oops{Code: "user_disabled"}
	case u.Bot:
		return nil, &oops{Code: "cannot_dm_bot"}
	}
	return map[string]any{"channel": map[string]any{"id": f.openDM(user)}}, nil
}

// ourChannels are the channels the bot is in. Pages of one, whatever limit is asked for: a reader must follow the cursor.
func (f *Fake) ourChannels(cursor string) (map[string]any, *oops) {
	var ids []string
	for id, c := range f.Channels {
		if c.IM == "" && !c.Archived && slices.Contains(c.Members, f.BotUser) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	at, _ := strconv.Atoi(cursor)
	var page []any
	next := ""
	if at < len(ids) {
		page = append(page, map[string]any{"id": ids[at], "name": f.Channels[ids[at]].Name})
	}
	if at+1 < len(ids) {
		next = strconv.Itoa(at + 1)
	}
	return map[string]any{"channels": page, "response_metadata": map[string]any{"next_cursor": next}}, nil
}

func (f *Fake) conversation(method string, args map[string]any) (map[string]any, *oops) {
	c := f.Channels[str(args, "channel")]
	if c == nil || c.Private && !slices.Contains(c.Members, f.BotUser) {
		return nil, &oops{Code: "channel_not_found"}
	}
	switch method {
	case "conversations.info":
		return map[string]any{"channel": map[string]any{"id": c.ID, "name": c.Name, "is_private": c.Private, "is_archived": c.Archived,
			"is_ext_shared": c.Shared, "is_member": slices.Contains(c.Members, f.BotUser)}}, nil
	case "conversations.members":
		// Pages of two, whatever limit is asked for: a reader must follow the cursor.
		from, _ := strconv.Atoi(str(args, "cursor"))
		to, next := min(from+2, len(c.Members)), ""
		if to < len(c.Members) {
			next = strconv.Itoa(to)
		}
		return map[string]any{"members": c.Members[from:to], "response_metadata": map[string]any{"next_cursor": next}}, nil
	default:
		if !slices.Contains(c.Members, f.BotUser) {
			return nil, &oops{Code: "not_in_channel"}
		}
		var out []any
		for _, m := range slices.Backward(c.Messages) {
			if thread := str(args, "ts"); method == "conversations.replies" && m.Thread != thread && m.TS != thread {
				continue
			}
			j := map[string]any{"type": "message", "user": m.User, "text": m.Text, "ts": m.TS}
			if m.Metadata != nil && str(args, "include_all_metadata") == "true" {
				j["metadata"] = m.Metadata
			}
			out = append(out, j)
		}
		return map[string]any{"messages": out}, nil
	}
}

// viewCall opens, pushes, updates or publishes a view.
func (f *Fake) viewCall(method string, args map[string]any) (map[string]any, *oops) {
	v, _ := args["view"].(map[string]any)
	if v == nil {
		return nil, &oops{Code: "invalid_arguments"}
	}
	if faults := f.checkView(v); len(faults) > 0 {
		return nil, &oops{Code: "invalid_arguments", Messages: faults}
	}
	if method == "views.publish" {
		user := str(args, "user_id")
		if f.Users[user] == nil {
			return nil, &oops{Code: "user_not_found"}
		}
		if h := str(args, "hash"); h != "" && (f.homes[user] == nil || h != f.homes[user].Hash) {
			return nil, &oops{Code: "hash_conflict"}
		}
		f.homes[user] = f.newView(user, v)
		return map[string]any{"view": map[string]any{"id": f.homes[user].ID}}, nil
	}
	if method == "views.update" {
		old := f.views[str(args, "view_id")]
		if old == nil {
			return nil, &oops{Code: "not_found"}
		}
		if h := str(args, "hash"); h != "" && h != old.Hash {
			return nil, &oops{Code: "hash_conflict"}
		}
		f.updateView(old, v)
		return map[string]any{"view": map[string]any{"id": old.ID}}, nil
	}
	t := f.triggers[str(args, "trigger_id")]
	switch {
	case t == nil:
		return nil, &oops{Code: "invalid_trigger_id"}
	case t.used:
		return nil, &oops{Code: "exchanged_trigger_id"}
	case f.Now().Sub(t.at) > 3*time.Second:
		return nil, &oops{Code: "expired_trigger_id"}
	case method == "views.push" && len(f.stacks[t.user]) == 0:
		return nil, &oops{Code: "push_limit_reached"}
	case method == "views.push" && len(f.stacks[t.user]) >= 3:
		return nil, &oops{Code: "push_limit_reached"}
	}
	t.used = true
	nv := f.newView(t.user, v)
	f.views[nv.ID] = nv
	if method == "views.open" {
		f.stacks[t.user] = nil
	}
	f.stacks[t.user] = append(f.stacks[t.user], nv.ID)
	return map[string]any{"view": map[string]any{"id": nv.ID}}, nil
}

func (f *Fake) newView(user string, v map[string]any) *View {
	return &View{ID: fmt.Sprintf("V%d", f.next()), User: user, Hash: fmt.Sprintf("h%d", f.next()), View: v}
}

func (f *Fake) updateView(old *View, v map[string]any) {
	old.View, old.Hash = v, fmt.Sprintf("h%d", f.next())
	old.Updates++
}
