package teams

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"truce"
)

// connector is our client of the Bot Connector REST API (v3). It is given a serviceUrl only out of a stored reference, and those
// came in authenticated activities: our token goes nowhere else.
type connector struct {
	http   *retryablehttp.Client
	tokens *tokens
	limits *limiters
}

// Timeouts of the connector: of one request, and how long a Retry-After we sit out ourselves; a longer one is for the outbox.
const (
	requestTimeout = 10 * time.Second
	maxWait        = 3 * time.Second
	maxAnswer      = 4 << 20
)

// transport is shared by all that leaves this adapter. Redirects are not followed: they would carry the token elsewhere.
func newHTTPClient() *http.Client {
	return &http.Client{
		Timeout:       requestTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func newConnector(client *http.Client, tokens *tokens, clock truce.Clock) *connector {
	c := &connector{tokens: tokens, limits: newLimiters(clock)}
	c.http = &retryablehttp.Client{
		HTTPClient:   client,
		RetryMax:     3,
		RetryWaitMin: 250 * time.Millisecond,
		RetryWaitMax: maxWait,
		CheckRetry:   shouldRetry(clock),
		Backoff:      backoff(clock),
		ErrorHandler: retryablehttp.PassthroughErrorHandler, // the last answer itself, not a sentence about it
	}
	return c
}

// retried are the answers Microsoft's documentation says to repeat.
func retried(status int) bool {
	switch status {
	case http.StatusTooManyRequests, http.StatusPreconditionFailed, http.StatusBadGateway, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// shouldRetry repeats those answers, and what never reached Microsoft. A request that may have reached it is repeated only if that
// does no harm: not a POST.
func shouldRetry(clock truce.Clock) retryablehttp.CheckRetry {
	return func(ctx context.Context, resp *http.Response, err error) (bool, error) {
		switch {
		case ctx.Err() != nil:
			return false, ctx.Err()
		case err != nil:
			return neverSent(err), nil
		case !retried(resp.StatusCode):
			return false, nil
		}
		wait, given := retryAfter(resp.Header, clock())
		return !given || wait <= maxWait, nil
	}
}

// backoff honours Retry-After, else doubles; either with jitter, so that many conversations do not come back at once.
func backoff(clock truce.Clock) retryablehttp.Backoff {
	return func(least, most time.Duration, attempt int, resp *http.Response) time.Duration {
		if resp != nil {
			if wait, given := retryAfter(resp.Header, clock()); given {
				return wait + time.Duration(rand.Int64N(int64(least)))
			}
		}
		wait := min(most, least<<attempt)
		return wait/2 + time.Duration(rand.Int64N(int64(wait/2)+1))
	}
}

// retryAfter reads the header as seconds or as a date.
func retryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	v := h.Get("Retry-After")
	if v == "" {
		return 0, false
	}
	if n, err := strconv.Atoi(v); err == nil {
		return time.Duration(max(0, min(n, 24*3600))) * time.Second, true
	}
	if at, err := http.ParseTime(v); err == nil {
		return max(0, at.Sub(now)), true
	}
	return 0, false
}

// neverSent reports whether a request failed before a byte of it left: no connection was made.
func neverSent(err error) bool {
	var op *net.OpError
	var dns *net.DNSError
	return errors.As(err, &dns) || errors.As(err, &op) && op.Op == "dial"
}

// statusError is an answer of the connector other than success.
type statusError struct {
	Status     int
	Code       string // error.code or error.innerHttpError's: "BotNotInConversationRoster"
	Message    string
	RetryAfter time.Duration
	TraceID    string // for Microsoft's support
}

func (e *statusError) Error() string {
	s := fmt.Sprintf("connector answered %d", e.Status)
	if e.Code != "" {
		s += " " + e.Code
	}
	if e.Message != "" {
		s += ": " + e.Message
	}
	if e.TraceID != "" {
		s += " (trace " + e.TraceID + ")"
	}
	return s
}

// call does one request under /v3/ of a serviceUrl. path's parts are escaped here. into may be nil.
func (c *connector) call(ctx context.Context, method, serviceURL string, path []string, body, into any) error {
	return c.ask(ctx, method, serviceURL, path, nil, body, into)
}

// ask is call with a query.
func (c *connector) ask(ctx context.Context, method, serviceURL string, path []string, query url.Values, body, into any) error {
	if !safeURL(serviceURL) {
		return fmt.Errorf("connector: serviceUrl %q is not https", serviceURL)
	}
	var raw []byte
	if body != nil {
		var err error
		if raw, err = encode(body); err != nil {
			return fmt.Errorf("encode %s: %w", strings.Join(path, "/"), err)
		}
	}
	escaped := make([]string, len(path))
	for i, part := range path {
		if part == "" || part == "." || part == ".." {
			return fmt.Errorf("connector: %q is no id", part)
		}
		escaped[i] = url.PathEscape(part)
	}
	address := strings.TrimRight(serviceURL, "/") + "/v3/" + strings.Join(escaped, "/")
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	for renewed := false; ; renewed = true {
		token, err := c.tokens.get(ctx)
		if err != nil {
			return err
		}
		resp, err := c.once(ctx, method, address, token, raw)
		if err != nil {
			return fmt.Errorf("%s %s: %w", method, address, err)
		}
		if resp.StatusCode == http.StatusUnauthorized && !renewed {
			resp.Body.Close()
			c.tokens.reject(token)
			continue
		}
		return c.answer(resp, method, address, into)
	}
}

func (c *connector) once(ctx context.Context, method, address, token string, raw []byte) (*http.Response, error) {
	var body any
	if raw != nil {
		body = raw
	}
	req, err := retryablehttp.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "truce")
	if raw != nil {
		req.Header.Set("Content-Type", "application/json; charset=utf-8")
	}
	return c.http.Do(req)
}

func (c *connector) answer(resp *http.Response, method, address string, into any) error {
	defer resp.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return fmt.Errorf("%s %s: %w", method, address, readStatus(resp, raw))
	}
	if err != nil {
		return fmt.Errorf("%s %s: read answer: %w", method, address, err)
	}
	if into == nil || len(bytes.TrimSpace(raw)) == 0 {
		return nil
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("%s %s: decode answer: %w", method, address, err)
	}
	return nil
}

func readStatus(resp *http.Response, raw []byte) *statusError {
	e := &statusError{Status: resp.StatusCode, TraceID: oneLine(resp.Header.Get("Ms-Cv"), 80)}
	var said struct {
		Error struct {
			Code    string `json:"code"`
			Message string `json:"message"`
		} `json:"error"`
		SubCode string `json:"subCode"`
		Message string `json:"message"`
	}
	if json.Unmarshal(raw, &said) == nil {
		e.Code, e.Message = oneLine(said.Error.Code, 80), oneLine(said.Error.Message, 200)
		if said.SubCode != "" {
			e.Code = oneLine(said.SubCode, 80)
		}
		if e.Message == "" {
			e.Message = oneLine(said.Message, 200)
		}
	}
	if date, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		e.RetryAfter, _ = retryAfter(resp.Header, date)
	} else {
		e.RetryAfter, _ = retryAfter(resp.Header, time.Time{})
	}
	return e
}

// outgoing is an activity we send. Nothing of schema.Activity is ever marshalled: Go does not omit its empty structs, and clients
// stumble over them.
type outgoing struct {
	Type        string       `json:"type"`
	Summary     string       `json:"summary,omitempty"`
	ReplyToID   string       `json:"replyToId,omitempty"`
	From        *account     `json:"from,omitempty"`
	Recipient   *account     `json:"recipient,omitempty"`
	Attachments []attachment `json:"attachments,omitempty"`
	ChannelData any          `json:"channelData,omitempty"`
	Text        string       `json:"text,omitempty"`
	TextFormat  string       `json:"textFormat,omitempty"`

	plainer []outgoing // what to send instead where Teams refuses the card, the best first
}

type attachment struct {
	ContentType string          `json:"contentType"`
	Content     json.RawMessage `json:"content"`
}

type resource struct {
	ID         string `json:"id"`
	ActivityID string `json:"activityId"`
}

// post adds an activity to a conversation and returns its id.
func (c *connector) post(ctx context.Context, serviceURL, conversation string, act outgoing) (string, error) {
	if err := c.limits.wait(ctx, conversation); err != nil {
		return "", err
	}
	path := []string{"conversations", conversation, "activities"}
	if act.ReplyToID != "" {
		path = append(path, act.ReplyToID)
	}
	var res resource
	var query url.Values
	if act.Recipient != nil && act.Recipient.Targeted {
		query = targetedQuery
	}
	err := c.ask(ctx, http.MethodPost, serviceURL, path, query, act, &res)
	return res.ID, err
}

// targetedQuery marks what is done with messages that one person sees. See microsoft/teams.ts pull request 443.
var targetedQuery = url.Values{"isTargetedActivity": {"true"}}

// update changes an activity. Whom a targeted one is for cannot be changed, and must not be said again (microsoft/teams.ts issue 738).
func (c *connector) update(ctx context.Context, serviceURL, conversation, id string, act outgoing) error {
	if err := c.limits.wait(ctx, conversation); err != nil {
		return err
	}
	var query url.Values
	if act.Recipient != nil && act.Recipient.Targeted {
		query, act.Recipient = targetedQuery, nil
	}
	return c.ask(ctx, http.MethodPut, serviceURL, []string{"conversations", conversation, "activities", id}, query, act, nil)
}

// newConversation asks for a conversation: a personal chat, or a thread in a channel.
type newConversation struct {
	IsGroup     bool      `json:"isGroup"`
	Bot         account   `json:"bot"`
	Members     []account `json:"members,omitempty"`
	TenantID    string    `json:"tenantId,omitempty"`
	ChannelData any       `json:"channelData,omitempty"`
	Activity    *outgoing `json:"activity,omitempty"`
}

func (c *connector) create(ctx context.Context, serviceURL, limit string, conv newConversation) (resource, error) {
	if err := c.limits.wait(ctx, limit); err != nil {
		return resource{}, err
	}
	var res resource
	err := c.call(ctx, http.MethodPost, serviceURL, []string{"conversations"}, conv, &res)
	return res, err
}

// member is a person as a conversation's roster knows them.
type member struct {
	ID                string `json:"id"`
	Name              string `json:"name"`
	AadObjectID       string `json:"aadObjectId"`
	ObjectID          string `json:"objectId"` // some clients' name for the same
	Email             string `json:"email"`
	UserPrincipalName string `json:"userPrincipalName"`
	TenantID          string `json:"tenantId"`
	UserRole          string `json:"userRole"` // "user", "guest", "anonymous"
}

func (c *connector) member(ctx context.Context, serviceURL, conversation, user string) (member, error) {
	var m member
	err := c.call(ctx, http.MethodGet, serviceURL, []string{"conversations", conversation, "members", user}, nil, &m)
	return m, err
}

// rosterPage is how many members are asked for at once: the most that Teams gives.
const rosterPage = "500"

// members calls fn for each page of a conversation's roster.
func (c *connector) members(ctx context.Context, serviceURL, conversation string, fn func([]member) error) error {
	query := url.Values{"pageSize": {rosterPage}}
	for {
		var page struct {
			Members []member `json:"members"`
			Next    string   `json:"continuationToken"`
		}
		if err := c.ask(ctx, http.MethodGet, serviceURL, []string{"conversations", conversation, "pagedmembers"}, query, nil, &page); err != nil {
			return err
		}
		if err := fn(page.Members); err != nil || page.Next == "" || page.Next == query.Get("continuationToken") {
			return err
		}
		query.Set("continuationToken", page.Next)
	}
}

// channel is one of a team's; the first one has no name.
type channel struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// channels are those of a team that the app was added to.
func (c *connector) channels(ctx context.Context, serviceURL, team string) ([]channel, error) {
	var out struct {
		Conversations []channel `json:"conversations"`
	}
	err := c.call(ctx, http.MethodGet, serviceURL, []string{"teams", team, "conversations"}, nil, &out)
	return out.Conversations, err
}
