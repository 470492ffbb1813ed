package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"truce"
)

// api calls Slack's Web API. It is our own because of three things slack-go does: it puts the bot token into the body of
// most calls, it has no limit on time, and it decodes the whole message that Slack echoes, so that an element it does not
// know makes a delivered message look like a failed one. Here the token stands in the Authorization header only, and only
// the fields asked for are decoded.
type api struct {
	base   string
	token  truce.Secret
	client *http.Client
	pace   *pace
}

// apiTimeout bounds a whole call; callers in a hurry bring a shorter context.
const apiTimeout = 10 * time.Second

// maxAnswer bounds what is read of an answer of Slack's.
const maxAnswer = 16 << 20

func newAPI(base string, token truce.Secret) *api {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = 16
	t.ResponseHeaderTimeout = apiTimeout
	return &api{base: base, token: token, pace: &pace{}, client: &http.Client{
		Timeout:   apiTimeout,
		Transport: t,
		// A redirect would carry the token elsewhere; Slack's API has none.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// apiError is a call that did not succeed.
type apiError struct {
	Method     string
	Code       string        // Slack's error ("channel_not_found"); "" where no answer of Slack's came
	Needed     string        // with missing_scope
	Messages   []string      // what Slack says about invalid arguments
	Status     int           // HTTP status; 0 where none came
	RetryAfter time.Duration // with ratelimited
	Unsent     bool          // the request cannot have reached Slack
	Err        error
}

func (e *apiError) Error() string {
	switch {
	case e.Code != "" && e.Needed != "":
		return fmt.Sprintf("%s: %s (needs %s)", e.Method, e.Code, e.Needed)
	case e.Code != "" && len(e.Messages) > 0:
		return fmt.Sprintf("%s: %s (%s)", e.Method, e.Code, strings.Join(e.Messages, "; "))
	case e.Code != "":
		return e.Method + ": " + e.Code
	case e.Status != 0 && e.Err == nil:
		return fmt.Sprintf("%s: status %d", e.Method, e.Status)
	default:
		return fmt.Sprintf("%s: %v", e.Method, e.Err)
	}
}
func (e *apiError) Unwrap() error { return e.Err }

// codeOf is Slack's error code in err's chain, "" where there is none.
func codeOf(err error) string {
	var e *apiError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// post calls a method with JSON arguments; out may be nil.
func (c *api) post(ctx context.Context, method string, args, out any) error {
	body, err := json.Marshal(args)
	if err != nil {
		return &apiError{Method: method, Unsent: true, Err: err}
	}
	_, err = c.do(ctx, http.MethodPost, method, "", bytes.NewReader(body), out)
	return err
}

// get calls a reading method; its arguments stand in the query, so nothing secret may be among them.
func (c *api) get(ctx context.Context, method string, args url.Values, out any) (http.Header, error) {
	return c.do(ctx, http.MethodGet, method, args.Encode(), nil, out)
}

func (c *api) do(ctx context.Context, verb, method, query string, body io.Reader, out any) (http.Header, error) {
	target := c.base + method
	if query != "" {
		target += "?" + query
	}
	req, err := http.NewRequestWithContext(ctx, verb, target, body)
	if err != nil {
		return nil, &apiError{Method: method, Unsent: true, Err: err}
	}
	if err := c.pace.wait(ctx, method); err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+string(c.token))
	if body != nil {
		req.Header.Set("Content-Type", "application/json; charset=utf-8")
	}
	resp, err := c.client.Do(req)
	if err != nil {
		return nil, &apiError{Method: method, Unsent: unsent(err), Err: bare(err)}
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return nil, &apiError{Method: method, Status: resp.StatusCode, Err: err}
	}
	if resp.StatusCode == http.StatusTooManyRequests {
		after := retryAfter(resp.Header)
		c.pace.hold(method, after)
		return nil, &apiError{Method: method, Code: "ratelimited", Status: resp.StatusCode, RetryAfter: after}
	}
	var head struct {
		OK     bool   `json:"ok"`
		Error  string `json:"error"`
		Needed string `json:"needed"`
		Meta   struct {
			Messages []string `json:"messages"`
		} `json:"response_metadata"`
	}
	if resp.StatusCode != http.StatusOK || json.Unmarshal(raw, &head) != nil {
		return nil, &apiError{Method: method, Status: resp.StatusCode}
	}
	if !head.OK {
		return nil, &apiError{Method: method, Code: head.Error, Needed: head.Needed, Messages: head.Meta.Messages, Status: resp.StatusCode,
			RetryAfter: retryAfter(resp.Header)}
	}
	if out != nil {
		if err := json.Unmarshal(raw, out); err != nil {
			return nil, &apiError{Method: method, Status: resp.StatusCode, Err: err}
		}
	}
	return resp.Header, nil
}

// retryAfter reads the seconds of a Retry-After header; a 429 without one counts as a second.
func retryAfter(h http.Header) time.Duration {
	n, err := strconv.Atoi(h.Get("Retry-After"))
	if err != nil || n < 1 {
		return time.Second
	}
	return time.Duration(min(n, 3600)) * time.Second
}

// unsent reports whether a request with this error cannot have reached Slack: no connection came about.
func unsent(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// bare is err without the address http.Client puts into it: response URLs are secrets.
func bare(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// respond posts to a response URL: without a token, to Slack's own hosts (or the configured API's) only.
func (c *api) respond(ctx context.Context, responseURL string, message any) error {
	const method = "response_url"
	if !c.slackHost(responseURL) {
		return &apiError{Method: method, Code: "not_slack", Unsent: true}
	}
	body, err := json.Marshal(message)
	if err != nil {
		return &apiError{Method: method, Unsent: true, Err: err}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, responseURL, bytes.NewReader(body))
	if err != nil {
		return &apiError{Method: method, Unsent: true, Err: bare(err)}
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	resp, err := c.client.Do(req)
	if err != nil {
		return &apiError{Method: method, Unsent: unsent(err), Err: bare(err)}
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if err != nil {
		return &apiError{Method: method, Status: resp.StatusCode, Err: err}
	}
	// The answer is "ok" as text, or {"ok":false,"error":"expired_url"}, with status 200, 404 or 500.
	var head struct {
		OK    bool   `json:"ok"`
		Error string `json:"error"`
	}
	if json.Unmarshal(raw, &head) == nil && head.Error != "" {
		return &apiError{Method: method, Code: head.Error, Status: resp.StatusCode}
	}
	if resp.StatusCode != http.StatusOK {
		return &apiError{Method: method, Status: resp.StatusCode, RetryAfter: retryAfter(resp.Header)}
	}
	return nil
}

// slackHost reports whether an address is Slack's own, or of the configured API.
func (c *api) slackHost(s string) bool {
	u, err := url.Parse(s)
	if err != nil {
		return false
	}
	if base, err := url.Parse(c.base); err == nil && c.base != DefaultAPIURL && u.Scheme == base.Scheme && u.Host == base.Host {
		return true
	}
	host := strings.ToLower(u.Hostname())
	return u.Scheme == "https" && (host == "slack.com" || strings.HasSuffix(host, ".slack.com") ||
		host == "slack-gov.com" || strings.HasSuffix(host, ".slack-gov.com"))
}

// upload puts bytes at an address that files.getUploadURLExternal gave.
func (c *api) upload(ctx context.Context, uploadURL string, data []byte) error {
	const method = "upload"
	if !c.slackHost(uploadURL) {
		return &apiError{Method: method, Code: "not_slack", Unsent: true}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, uploadURL, bytes.NewReader(data))
	if err != nil {
		return &apiError{Method: method, Unsent: true, Err: bare(err)}
	}
	req.Header.Set("Content-Type", "application/octet-stream")
	resp, err := c.client.Do(req)
	if err != nil {
		return &apiError{Method: method, Err: bare(err)}
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return &apiError{Method: method, Status: resp.StatusCode}
	}
	return nil
}
