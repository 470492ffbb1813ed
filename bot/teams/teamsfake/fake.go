// Package teamsfake is a Bot Framework of our own for tests: the OpenID metadata and the signing keys with their rotation, the token
// endpoint, the connector's REST API with rosters and faults, and the signing of activities. It is as strict as Microsoft's where
// we know how strict that is, and listens on loopback only.
package teamsfake

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// The identities of the fake.
const (
	AppID    = "11111111-2222-4333-8444-555555555555"
	Password = "client-secret-of-the-fake"
	Tenant   = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
	BotID    = "28:" + AppID
	Issuer   = "https://api.botframework.com"
)

// Fake is the whole of Microsoft's side. Make one with Start.
type Fake struct {
	Now func() time.Time // for the tokens' times; time.Now if not set before use

	server *httptest.Server

	mu           sync.Mutex
	keys         []*signingKey
	endorsements []string
	tokens       int    // how many have been issued
	valid        string // the one the connector takes
	tokenLife    time.Duration
	trusted      *x509.Certificate // proves the bot in place of its secret; nil: the secret does
	tokenFault   *Fault
	metadata     int // how often it was read
	faults       []Fault
	calls        []Call
	members      map[string]Member
	nextID       int
	personal     map[string]string // member id to conversation
	messages     map[string]Message
	metadataDown bool
	targeted     bool
	teams        map[string][]TeamChannel
}

// TeamChannel is a channel of a team; the first one of a team has no name, as with Microsoft.
type TeamChannel struct {
	ID   string  `json:"id"`
	Name *string `json:"name"`
}

type signingKey struct {
	id  string
	key *rsa.PrivateKey
}

// Call is one request to the connector.
type Call struct {
	Method        string
	Path          string // as it came, escaped
	Targeted      bool   // it is about a message that one person sees
	Body          map[string]any
	Authorization string
	Status        int // what was answered
}

// Message is a message that stands in a conversation.
type Message struct {
	Conversation string
	ID           string
	ReplyTo      string
	Activity     map[string]any
	Card         map[string]any // the content of its first attachment
	Edits        int
	Only         string // the id of the one member who sees it; "" is all
}

// Member is a person in all rosters.
type Member struct {
	ID                string `json:"id"`
	Name              string `json:"name"`
	AadObjectID       string `json:"aadObjectId"`
	Email             string `json:"email,omitempty"`
	UserPrincipalName string `json:"userPrincipalName,omitempty"`
	TenantID          string `json:"tenantId,omitempty"`
	UserRole          string `json:"userRole,omitempty"`
}

// Fault is an answer instead of the right one, for the next request that Match takes (any, if nil).
type Fault struct {
	Match  func(method, path string) bool
	Status int
	Header http.Header
	Body   string
	Cut    bool          // close the connection without an answer
	Wait   time.Duration // before anything else
	After  bool          // do what was asked first, then answer so
}

// Start starts a fake with one signing key, endorsed for Teams. Close it.
func Start() *Fake {
	f := &Fake{Now: time.Now, endorsements: []string{"msteams", "webchat"}, tokenLife: time.Hour,
		members: map[string]Member{}, personal: map[string]string{}, messages: map[string]Message{}}
	f.keys = []*signingKey{newKey("key-1")}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /openid", f.serveMetadata)
	mux.HandleFunc("GET /keys", f.serveKeys)
	mux.HandleFunc("POST /token", f.serveToken)
	mux.HandleFunc("/amer/v3/", f.serveConnector)
	f.server = httptest.NewUnstartedServer(mux) // set before it listens: see slackfake
	f.server.Start()
	return f
}

func newKey(id string) *signingKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err) // crypto/rand does not fail
	}
	return &signingKey{id: id, key: key}
}

// Close ends the fake.
func (f *Fake) Close() { f.server.Close() }

// MetadataURL, TokenURL and ServiceURL are the fake's addresses.
func (f *Fake) MetadataURL() string { return f.server.URL + "/openid" }
func (f *Fake) TokenURL() string    { return f.server.URL + "/token" }
func (f *Fake) ServiceURL() string  { return f.server.URL + "/amer/" }

// Rotate replaces the signing key by a new one and returns the name of the old, with which SignWith still signs.
func (f *Fake) Rotate() (old string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	old = f.keys[len(f.keys)-1].id
	f.keys = append(f.keys, newKey(fmt.Sprintf("key-%d", len(f.keys)+1)))
	return old
}

// Targeting gives the tenant targeted messages, or takes them away.
func (f *Fake) Targeting(on bool) { f.mu.Lock(); f.targeted = on; f.mu.Unlock() }

// Endorse sets the channels the key is endorsed for; none leaves the member out.
func (f *Fake) Endorse(channels ...string) { f.mu.Lock(); f.endorsements = channels; f.mu.Unlock() }

// MetadataDown makes metadata and keys answer 503, or serve again.
func (f *Fake) MetadataDown(down bool) { f.mu.Lock(); f.metadataDown = down; f.mu.Unlock() }

// MetadataReads is how often the metadata was read.
func (f *Fake) MetadataReads() int { f.mu.Lock(); defer f.mu.Unlock(); return f.metadata }

// Tokens is how many tokens were issued.
func (f *Fake) Tokens() int { f.mu.Lock(); defer f.mu.Unlock(); return f.tokens }

// RevokeToken makes the connector refuse the token it took so far.
func (f *Fake) RevokeToken() { f.mu.Lock(); f.valid = "revoked"; f.mu.Unlock() }

// FailToken makes the token endpoint answer so; nil ends it.
func (f *Fake) FailToken(fault *Fault) { f.mu.Lock(); f.tokenFault = fault; f.mu.Unlock() }

// Fail adds faults, each for one request, in order.
func (f *Fake) Fail(faults ...Fault) {
	f.mu.Lock()
	f.faults = append(f.faults, faults...)
	f.mu.Unlock()
}

// AddMember puts a person into all rosters.
func (f *Fake) AddMember(m Member) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.members[m.ID] = m
	f.members[m.AadObjectID] = m
}

// AddChannel puts a channel into a team; "" is the name of the first.
func (f *Fake) AddChannel(team, id, name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.teams == nil {
		f.teams = map[string][]TeamChannel{}
	}
	c := TeamChannel{ID: id}
	if name != "" {
		c.Name = &name
	}
	f.teams[team] = append(f.teams[team], c)
}

// Calls are the requests to the connector so far.
func (f *Fake) Calls() []Call {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]Call(nil), f.calls...)
}

// Messages are the messages in a conversation, in the order they came; "" takes all.
func (f *Fake) Messages(conversation string) []Message {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []Message
	for i := 1; i <= f.nextID; i++ {
		if m, ok := f.messages[strconv.Itoa(i)]; ok && (conversation == "" || m.Conversation == conversation) {
			out = append(out, m)
		}
	}
	return out
}

// Claims are those of a right token, to be changed by a test.
func (f *Fake) Claims() jwt.MapClaims {
	now := f.Now()
	return jwt.MapClaims{"iss": Issuer, "aud": AppID, "serviceurl": f.ServiceURL(), "nbf": now.Add(-time.Minute).Unix(),
		"exp": now.Add(time.Hour).Unix()}
}

// Sign makes a token with the newest key.
func (f *Fake) Sign(claims jwt.Claims) string {
	f.mu.Lock()
	id := f.keys[len(f.keys)-1].id
	f.mu.Unlock()
	return f.SignWith(id, claims)
}

// SignWith makes a token with a key of this name, also one rotated out.
func (f *Fake) SignWith(id string, claims jwt.Claims) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, k := range f.keys {
		if k.id == id {
			return signed(k, claims)
		}
	}
	panic("no such key: " + id)
}

// SignAsStranger makes a token with a key that was never published, under the name of one that was.
func (f *Fake) SignAsStranger(claims jwt.Claims) string { return signed(newKey("key-1"), claims) }

func signed(k *signingKey, claims jwt.Claims) string {
	t := jwt.NewWithClaims(jwt.SigningMethodRS256, claims)
	t.Header["kid"] = k.id
	s, err := t.SignedString(k.key)
	if err != nil {
		panic(err) // the key is ours
	}
	return s
}

// PublicKey is the newest key's public half in PKIX-like bytes, for forgers who use it as an HMAC secret.
func (f *Fake) PublicKey() []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.keys[len(f.keys)-1].key.N.Bytes()
}

// Deliver posts an activity to a bot, signed as Microsoft would.
func (f *Fake) Deliver(endpoint string, activity any) (status int, body []byte, err error) {
	raw, err := json.Marshal(activity)
	if err != nil {
		return 0, nil, fmt.Errorf("deliver: %w", err)
	}
	return f.DeliverAs(endpoint, "Bearer "+f.Sign(f.Claims()), raw)
}

// DeliverAs posts a body with an Authorization header of the caller's.
func (f *Fake) DeliverAs(endpoint, authorization string, raw []byte) (status int, body []byte, err error) {
	req, err := http.NewRequest(http.MethodPost, endpoint, bytes.NewReader(raw))
	if err != nil {
		return 0, nil, fmt.Errorf("deliver: %w", err)
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	if authorization != "" {
		req.Header.Set("Authorization", authorization)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, fmt.Errorf("deliver: %w", err)
	}
	defer resp.Body.Close()
	body, err = io.ReadAll(resp.Body)
	return resp.StatusCode, body, err
}

func (f *Fake) serveMetadata(w http.ResponseWriter, _ *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.metadata++
	if f.metadataDown {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{"issuer": Issuer, "jwks_uri": f.server.URL + "/keys",
		"id_token_signing_alg_values_supported": []string{"RS256"}})
}

func (f *Fake) serveKeys(w http.ResponseWriter, _ *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.metadataDown {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	k := f.keys[len(f.keys)-1]
	jwk := map[string]any{"kty": "RSA", "use": "sig", "kid": k.id, "x5t": k.id, "x5c": []string{"bm90IGEgY2VydGlmaWNhdGU="},
		"n": base64.RawURLEncoding.EncodeToString(k.key.N.Bytes()), "e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(k.key.E)).Bytes())}
	if len(f.endorsements) > 0 {
		jwk["endorsements"] = f.endorsements
	}
	writeJSON(w, http.StatusOK, map[string]any{"keys": []any{jwk, map[string]any{"kty": "EC", "kid": "odd"}}})
}

func (f *Fake) serveToken(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.tokenFault != nil {
		writeJSON(w, f.tokenFault.Status, json.RawMessage(f.tokenFault.Body))
		return
	}
	proven := r.FormValue("client_secret") == Password
	if f.trusted != nil {
		proven = r.FormValue("client_secret") == "" && f.asserted(r) == nil
	}
	if r.FormValue("grant_type") != "client_credentials" || r.FormValue("client_id") != AppID || !proven ||
		r.FormValue("scope") != Issuer+"/.default" {
		writeJSON(w, http.StatusUnauthorized, map[string]string{"error": "invalid_client",
			"error_description": "AADSTS7000215: Invalid client secret provided."})
		return
	}
	f.tokens++
	f.valid = fmt.Sprintf("token-%d", f.tokens)
	writeJSON(w, http.StatusOK, map[string]any{"token_type": "Bearer", "expires_in": int(f.tokenLife.Seconds()), "access_token": f.valid})
}

// Trust has the token endpoint take client assertions of a certificate, and no secret any more.
func (f *Fake) Trust(cert *x509.Certificate) { f.mu.Lock(); f.trusted = cert; f.mu.Unlock() }

// asserted checks a client assertion as Microsoft documents it.
func (f *Fake) asserted(r *http.Request) error {
	if r.FormValue("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" {
		return errors.New("no assertion")
	}
	var claims jwt.RegisteredClaims
	token, err := jwt.ParseWithClaims(r.FormValue("client_assertion"), &claims,
		func(*jwt.Token) (any, error) { return f.trusted.PublicKey, nil },
		jwt.WithValidMethods([]string{"PS256"}), jwt.WithAudience(f.server.URL+"/token"), jwt.WithIssuer(AppID), jwt.WithSubject(AppID),
		jwt.WithExpirationRequired(), jwt.WithTimeFunc(f.Now))
	if err != nil {
		return err
	}
	sum := sha256.Sum256(f.trusted.Raw)
	if token.Header["x5t#S256"] != base64.RawURLEncoding.EncodeToString(sum[:]) || claims.ID == "" {
		return errors.New("not of this certificate")
	}
	return nil
}

func (f *Fake) takeFault(r *http.Request) *Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, fault := range f.faults {
		if fault.Match == nil || fault.Match(r.Method, r.URL.EscapedPath()) {
			f.faults = append(f.faults[:i:i], f.faults[i+1:]...)
			return &fault
		}
	}
	return nil
}

func (f *Fake) serveConnector(w http.ResponseWriter, r *http.Request) {
	raw, _ := io.ReadAll(r.Body)
	path := strings.TrimPrefix(r.URL.EscapedPath(), "/amer")
	if strings.HasSuffix(path, "/pagedmembers") {
		path += "?" + r.URL.RawQuery
	}
	call := Call{Method: r.Method, Path: path, Authorization: r.Header.Get("Authorization")}
	call.Targeted = r.URL.Query().Get("isTargetedActivity") == "true"
	json.Unmarshal(raw, &call.Body)
	fault := f.takeFault(r)
	if fault != nil {
		time.Sleep(fault.Wait)
	}
	status, body := 0, any(nil)
	if fault == nil || fault.After || fault.Status == 0 && !fault.Cut {
		status, body = f.act(call, len(raw))
	}
	if fault != nil && fault.Status != 0 {
		status, body = fault.Status, json.RawMessage(fault.Body)
	}
	call.Status = status
	f.mu.Lock()
	f.calls = append(f.calls, call)
	f.mu.Unlock()
	if fault != nil {
		if fault.Cut {
			if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
				conn.Close()
			}
			return
		}
		for k, v := range fault.Header {
			w.Header()[k] = v
		}
	}
	writeJSON(w, status, body)
}

func refusal(status int, code, message string) (int, any) {
	return status, map[string]any{"error": map[string]string{"code": code, "message": message}}
}

// act does what a call asks for.
func (f *Fake) act(c Call, size int) (int, any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.valid == "" || c.Authorization != "Bearer "+f.valid {
		return refusal(http.StatusUnauthorized, "Unauthorized", "Authorization has been denied for this request.")
	}
	if size > 100<<10 {
		return refusal(http.StatusRequestEntityTooLarge, "MessageSizeTooBig", "Message size too large.")
	}
	parts := strings.Split(strings.TrimPrefix(c.Path, "/v3/"), "/")
	for i, p := range parts {
		parts[i], _ = url.PathUnescape(p)
	}
	if len(parts) == 3 && parts[0] == "teams" && parts[2] == "conversations" && c.Method == http.MethodGet {
		list, ok := f.teams[parts[1]]
		if !ok {
			return refusal(http.StatusNotFound, "NotFound", "no such team, or the app is not in it")
		}
		return http.StatusOK, map[string]any{"conversations": list}
	}
	if parts[0] != "conversations" {
		return refusal(http.StatusNotFound, "NotFound", "no such path")
	}
	switch {
	case len(parts) == 1 && c.Method == http.MethodPost:
		return f.createConversation(c)
	case len(parts) >= 3 && parts[2] == "activities" && c.Method == http.MethodPost:
		replyTo := ""
		if len(parts) > 3 {
			replyTo = parts[3]
		}
		only, status, refused := f.onlyFor(c)
		if status != 0 {
			return status, refused
		}
		id := f.add(parts[1], replyTo, c.Body)
		m := f.messages[id]
		m.Only = only
		f.messages[id] = m
		return http.StatusCreated, map[string]string{"id": id}
	case len(parts) == 4 && parts[2] == "activities" && (c.Method == http.MethodPut || c.Method == http.MethodDelete):
		m, ok := f.messages[parts[3]]
		if !ok || base(m.Conversation) != base(parts[1]) {
			return refusal(http.StatusNotFound, "ActivityNotFoundInConversation", "no such activity")
		}
		if c.Method == http.MethodDelete {
			delete(f.messages, parts[3])
			return http.StatusOK, map[string]string{}
		}
		if c.Targeted != (m.Only != "") || c.Targeted && c.Body["recipient"] != nil {
			return refusal(http.StatusBadRequest, "BadArgument", "Cannot edit Recipient of Targeted Message")
		}
		m.Activity, m.Card, m.Edits = c.Body, cardOf(c.Body), m.Edits+1
		f.messages[parts[3]] = m
		return http.StatusOK, map[string]string{"id": m.ID}
	case len(parts) == 3 && strings.HasPrefix(parts[2], "pagedmembers?") && c.Method == http.MethodGet:
		return f.rosterPage(strings.TrimPrefix(parts[2], "pagedmembers?"))
	case len(parts) == 4 && parts[2] == "members" && c.Method == http.MethodGet:
		m, ok := f.members[parts[3]]
		if !ok {
			return refusal(http.StatusNotFound, "MemberNotFoundInConversation", "no such member")
		}
		return http.StatusOK, m
	}
	return refusal(http.StatusMethodNotAllowed, "MethodNotAllowed", c.Method)
}

// onlyFor is whom a targeted message is for, as microsoft/teams.ts sends it; a status other than 0 refuses it.
func (f *Fake) onlyFor(c Call) (id string, status int, refused any) {
	if !c.Targeted {
		return "", 0, nil
	}
	to, _ := c.Body["recipient"].(map[string]any)
	id, _ = to["id"].(string)
	if !f.targeted || id == "" || to["isTargeted"] != true {
		status, refused = refusal(http.StatusBadRequest, "BadArgument", "Missing recipient when creating targeted message.")
		return "", status, refused
	}
	if _, ok := f.members[id]; !ok {
		status, refused = refusal(http.StatusForbidden, "BotNotInConversationRoster", "The recipient is not part of the conversation.")
		return "", status, refused
	}
	return id, 0, nil
}

// rosterPage is two members of the roster, and how to go on.
func (f *Fake) rosterPage(query string) (int, any) {
	var all []Member
	for key, m := range f.members {
		if key == m.AadObjectID {
			all = append(all, m)
		}
	}
	slices.SortFunc(all, func(a, b Member) int { return strings.Compare(a.AadObjectID, b.AadObjectID) })
	v, err := url.ParseQuery(query)
	if err != nil {
		return refusal(http.StatusBadRequest, "BadSyntax", err.Error())
	}
	from, _ := strconv.Atoi(v.Get("continuationToken"))
	from = min(from, len(all))
	to := min(from+2, len(all))
	page := map[string]any{"members": all[from:to]}
	if to < len(all) {
		page["continuationToken"] = strconv.Itoa(to)
	}
	return http.StatusOK, page
}

func base(conversation string) string {
	id, _, _ := strings.Cut(conversation, ";")
	return id
}

func (f *Fake) createConversation(c Call) (int, any) {
	if c.Body["isGroup"] == true {
		data, _ := c.Body["channelData"].(map[string]any)
		channel, _ := data["channel"].(map[string]any)
		id, _ := channel["id"].(string)
		act, _ := c.Body["activity"].(map[string]any)
		if id == "" || act == nil {
			return refusal(http.StatusBadRequest, "BadSyntax", "Incorrect conversation creation parameters")
		}
		activity := f.add(id, "", act)
		m := f.messages[activity]
		m.Conversation = id + ";messageid=" + activity
		f.messages[activity] = m
		return http.StatusCreated, map[string]string{"id": m.Conversation, "activityId": activity}
	}
	members, _ := c.Body["members"].([]any)
	if len(members) != 1 || c.Body["tenantId"] != Tenant {
		return refusal(http.StatusBadRequest, "BadSyntax", "Incorrect conversation creation parameters")
	}
	first, _ := members[0].(map[string]any)
	id, _ := first["id"].(string)
	m, ok := f.members[id]
	if !ok {
		return refusal(http.StatusForbidden, "ForbiddenOperationException", "Bot is not installed in user's personal scope")
	}
	if f.personal[m.ID] == "" {
		f.personal[m.ID] = "a:personal-" + m.AadObjectID
	}
	return http.StatusCreated, map[string]string{"id": f.personal[m.ID]}
}

func (f *Fake) add(conversation, replyTo string, activity map[string]any) string {
	f.nextID++
	id := strconv.Itoa(f.nextID)
	f.messages[id] = Message{Conversation: conversation, ID: id, ReplyTo: replyTo, Activity: activity, Card: cardOf(activity)}
	return id
}

func cardOf(activity map[string]any) map[string]any {
	attachments, _ := activity["attachments"].([]any)
	if len(attachments) == 0 {
		return nil
	}
	first, _ := attachments[0].(map[string]any)
	card, _ := first["content"].(map[string]any)
	return card
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v)
}
