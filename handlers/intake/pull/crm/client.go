package crm

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"
	"golang.org/x/time/rate"

	"truce"
)

// Client asks a CRM's REST interface: at its pace, again where it says so, and never following a redirect, which would carry the token
// elsewhere.
type Client struct {
	Base  string        // https://api.hubapi.com
	Token func() string // the bearer's
	Pace  *rate.Limiter // of all requests
	Calls int           // that were made
	Date  time.Time     // the CRM's time, as its last answer said

	http *retryablehttp.Client
}

// How often, and how long, a request is tried.
const (
	maxTries       = 6
	leastWait      = time.Second
	mostWait       = 60 * time.Second
	requestTimeout = 60 * time.Second
	maxAnswer      = 64 << 20
)

// NewClient prepares to ask.
func NewClient(base string, token func() string, perSecond float64) *Client {
	c := &Client{Base: strings.TrimRight(base, "/"), Token: token, Pace: rate.NewLimiter(rate.Limit(perSecond), max(1, int(perSecond)))}
	c.http = &retryablehttp.Client{
		HTTPClient: &http.Client{Timeout: requestTimeout, CheckRedirect: func(*http.Request,
			[]*http.Request) error {
			return http.ErrUseLastResponse
		}},
		RetryMax: maxTries - 1, RetryWaitMin: leastWait, RetryWaitMax: mostWait,
		CheckRetry: again, Backoff: backoff, ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	return c
}

// Faster divides every wait, for tests.
func (c *Client) Faster(by int) {
	c.http.RetryWaitMin /= time.Duration(by)
	c.http.RetryWaitMax /= time.Duration(by)
	c.Pace.SetLimit(rate.Inf)
	c.http.Backoff = func(least, most time.Duration, n int, resp *http.Response) time.Duration {
		return backoff(leastWait, mostWait, n, resp) / time.Duration(by)
	}
}

// again says which answers are asked for again: too many requests, and what is the server's fault. All our requests may be repeated.
func again(ctx context.Context, resp *http.Response, err error) (bool, error) {
	switch {
	case ctx.Err() != nil:
		return false, ctx.Err()
	case err != nil:
		return true, nil
	case resp.StatusCode == http.StatusTooManyRequests:
		return !daily(resp), nil
	}
	return resp.StatusCode >= 500 && resp.StatusCode != http.StatusNotImplemented, nil
}

// daily reports whether the day's requests are used up: waiting does not help. The body is left to be read.
func daily(resp *http.Response) bool {
	raw, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<16))
	resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(raw))
	return bytes.Contains(raw, []byte(`"DAILY"`)) || resp.Header.Get("X-HubSpot-RateLimit-Daily-Remaining") == "0"
}

// backoff honours Retry-After, which is not always there, else doubles, with jitter.
func backoff(least, most time.Duration, attempt int, resp *http.Response) time.Duration {
	if resp != nil {
		if n, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && n >= 0 {
			return min(time.Duration(n)*time.Second, 5*time.Minute) + time.Duration(rand.Int64N(int64(least)))
		}
	}
	wait := min(most, least<<min(attempt, 10))
	return wait/2 + time.Duration(rand.Int64N(int64(wait/2)+1))
}

// StatusError is an answer other than success.
type StatusError struct {
	Status int
	Body   []byte // at most some KB
}

func (e *StatusError) Error() string { return fmt.Sprintf("the answer has the status %d", e.Status) }

// Do asks, and reads the answer into into, which may be nil. An answer that breaks off is asked for again.
func (c *Client) Do(ctx context.Context, method, path string, body, into any) error {
	var raw []byte
	if body != nil {
		var err error
		if raw, err = json.Marshal(body); err != nil {
			return fmt.Errorf("write the request %s: %w", path, err)
		}
	}
	return c.ask(ctx, method, path, "application/json", raw, into)
}

// Form sends a form, as a login does.
func (c *Client) Form(ctx context.Context, address string, form url.Values, into any) error {
	return c.ask(ctx, http.MethodPost, address, "application/x-www-form-urlencoded", []byte(form.Encode()), into)
}

func (c *Client) ask(ctx context.Context, method, path, kind string, raw []byte, into any) error {
	address := path
	if !strings.HasPrefix(path, "http") {
		address = c.Base + path
	}
	for try := 1; ; try++ {
		if err := c.Pace.Wait(ctx); err != nil {
			return err
		}
		answer, err := c.once(ctx, method, address, kind, raw)
		var cut *cutError
		if errors.As(err, &cut) && try < maxTries && ctx.Err() == nil {
			continue
		}
		if err != nil {
			return err
		}
		if into == nil || len(bytes.TrimSpace(answer)) == 0 {
			return nil
		}
		if err := json.Unmarshal(answer, into); err != nil {
			return fmt.Errorf("read the answer to %s: %w", Short(path), err)
		}
		return nil
	}
}

// cutError is an answer that broke off.
type cutError struct{ error }

func (e *cutError) Unwrap() error { return e.error }

func (c *Client) once(ctx context.Context, method, address, kind string, raw []byte) ([]byte, error) {
	var body any
	if raw != nil {
		body = raw
	}
	req, err := retryablehttp.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return nil, errors.New("the address of the CRM cannot be read")
	}
	if t := c.Token(); t != "" {
		req.Header.Set("Authorization", "Bearer "+t)
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "truce")
	if raw != nil {
		req.Header.Set("Content-Type", kind)
	}
	c.Calls++
	resp, err := c.http.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err
		}
		return nil, truce.Errorf(truce.Invalid, "%s cannot be reached: %s", host(address), err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if at, bad := http.ParseTime(resp.Header.Get("Date")); bad == nil {
		c.Date = at
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return nil, &StatusError{resp.StatusCode, answer[:min(len(answer), 8<<10)]}
	}
	if err != nil {
		return nil, &cutError{truce.Errorf(truce.Invalid, "the answer of %s broke off", host(address))}
	}
	return answer, nil
}

func host(address string) string {
	if u, err := url.Parse(address); err == nil {
		return u.Host
	}
	return "the CRM"
}

// Short is a path without its query, for messages.
func Short(path string) string {
	path, _, _ = strings.Cut(path, "?")
	return path
}
