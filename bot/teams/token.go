package teams

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"truce"
)

// renewEarly is how long before its end a token is replaced.
const renewEarly = 5 * time.Minute

// tokens is the one token for the connector: asked for when needed, kept until shortly before its end, thrown away when refused.
type tokens struct {
	cfg    clientcredentials.Config
	client *http.Client
	clock  truce.Clock

	proof   *certificate // proves who we are in place of a secret; nil where there is a secret
	mu      sync.Mutex
	current *oauth2.Token
	refused error // why our credentials were not taken, last time; nil once they are
}

// refusal is why the credentials are not taken; nil as long as they are, or nobody has asked.
func (t *tokens) refusal() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.refused
}

func newTokens(c Config, proof *certificate, client *http.Client, clock truce.Clock) *tokens {
	secret := string(c.AppPassword)
	if proof != nil {
		secret = ""
	}
	return &tokens{proof: proof, client: client, clock: clock, cfg: clientcredentials.Config{
		ClientID:     c.AppID,
		ClientSecret: secret,
		TokenURL:     c.tokenURL(),
		Scopes:       []string{c.cloud().scope},
		AuthStyle:    oauth2.AuthStyleInParams,
	}}
}

// tokenError is why we got no token: nothing was sent to anybody.
type tokenError struct{ err error }

func (e *tokenError) Error() string { return "get a token: " + e.err.Error() }
func (e *tokenError) Unwrap() error { return e.err }

// rejected reports whether the credentials themselves were refused.
func (e *tokenError) rejected() bool {
	var r *oauth2.RetrieveError
	return errors.As(e.err, &r) && r.Response != nil && r.Response.StatusCode >= 400 && r.Response.StatusCode < 500 &&
		r.Response.StatusCode != http.StatusTooManyRequests
}

func (t *tokens) get(ctx context.Context) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.current != nil && t.clock().Before(t.current.Expiry.Add(-renewEarly)) {
		return t.current.AccessToken, nil
	}
	ctx, cancel := context.WithTimeout(context.WithValue(ctx, oauth2.HTTPClient, t.client), requestTimeout)
	defer cancel()
	cfg := t.cfg
	if t.proof != nil {
		assertion, err := t.proof.assert(cfg.ClientID, cfg.TokenURL, t.clock())
		if err != nil {
			return "", &tokenError{err}
		}
		cfg.EndpointParams = url.Values{"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
			"client_assertion": {assertion}}
	}
	got, err := cfg.Token(ctx)
	if err != nil {
		if e := (&tokenError{describe(err)}); e.rejected() {
			t.refused = e
		}
		if t.current != nil && t.clock().Before(t.current.Expiry) {
			return t.current.AccessToken, nil // early was early enough: the old one still holds
		}
		return "", &tokenError{describe(err)}
	}
	if got.AccessToken == "" {
		return "", &tokenError{errors.New("the token endpoint sent none")}
	}
	got.Expiry = t.clock().Add(lifetime(got))
	t.current, t.refused = got, nil
	return got.AccessToken, nil
}

// lifetime is how long a token holds, as the endpoint said it; it may say it as text. One that does not say is used for a minute.
func lifetime(t *oauth2.Token) time.Duration {
	seconds := 0.0
	switch v := t.Extra("expires_in").(type) {
	case float64:
		seconds = v
	case string:
		seconds, _ = strconv.ParseFloat(v, 64)
	}
	if seconds <= 0 {
		return renewEarly + time.Minute
	}
	return time.Duration(min(seconds, 24*3600) * float64(time.Second))
}

// describe keeps the body of the answer out of errors and logs: only its code and sentence are for operators.
func describe(err error) error {
	var r *oauth2.RetrieveError
	if !errors.As(err, &r) || r.ErrorCode == "" {
		return err
	}
	return fmt.Errorf("%s: %s: %w", r.ErrorCode, oneLine(r.ErrorDescription, 300),
		&oauth2.RetrieveError{Response: r.Response, ErrorCode: r.ErrorCode})
}

// reject forgets a token the connector did not take, unless it has been replaced already.
func (t *tokens) reject(token string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.current != nil && t.current.AccessToken == token {
		t.current = nil
	}
}
