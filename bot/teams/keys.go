package teams

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"

	"truce"
)

// How old the signing keys may become, and how often a token with an unknown key id may make us ask again. The second
// bounds both what a forger can make us fetch and how long a new key of Microsoft's is refused.
const (
	keysMaxAge     = time.Hour
	keysRetryAfter = 20 * time.Second
	keysTimeout    = 5 * time.Second
	keysMaxBytes   = 1 << 20
)

var (
	errUnknownKey = errors.New("signed with a key the metadata does not name")
	errNoKeys     = errors.New("no signing keys")
)

// signingKeys are the keys that Microsoft signs activities with, named by the metadata document. keyfunc parses and looks
// them up; the endorsements beside each key, which it drops, are kept here.
type signingKeys struct {
	metadataURL string
	client      *http.Client
	clock       truce.Clock

	mu      sync.Mutex // held while fetching, so that all requests share one fetch
	set     *keySet
	fetched time.Time // the last success
	tried   time.Time // the last attempt
	lastErr error
}

type keySet struct {
	lookup       keyfunc.Keyfunc
	endorsements map[string][]string // by kid
}

// key returns the public key of kid and the channels it is endorsed for. It fetches when there are no keys yet, when they
// are old, or when kid is unknown. A set that cannot be renewed serves on for a day: an outage of the metadata must not take
// the bot down.
func (k *signingKeys) key(ctx context.Context, token *jwt.Token) (any, []string, error) {
	kid, _ := token.Header["kid"].(string)
	if kid == "" {
		return nil, nil, errUnknownKey // without one keyfunc would try all keys, and no endorsements could be held against it
	}
	set, err := k.current(ctx, kid)
	if err != nil {
		return nil, nil, err
	}
	if _, known := set.endorsements[kid]; !known {
		return nil, nil, errUnknownKey
	}
	key, err := set.lookup.Keyfunc(token)
	if err != nil {
		return nil, nil, fmt.Errorf("look up key: %w", err)
	}
	return key, set.endorsements[kid], nil
}

func (k *signingKeys) current(ctx context.Context, kid string) (*keySet, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := k.clock()
	known := false
	if k.set != nil {
		_, known = k.set.endorsements[kid]
	}
	if fresh := known && now.Sub(k.fetched) < keysMaxAge; !fresh && now.Sub(k.tried) >= keysRetryAfter {
		k.fetch(ctx, now)
	}
	if k.set == nil || now.Sub(k.fetched) > 24*time.Hour {
		return nil, fmt.Errorf("%w: %w", errNoKeys, k.lastErr)
	}
	return k.set, nil
}

// load fetches the keys if there are none; Run calls it so that the first request does not wait.
func (k *signingKeys) load(ctx context.Context) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.set == nil {
		k.fetch(ctx, k.clock())
	}
	return k.lastErr
}

func (k *signingKeys) ready() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.set == nil {
		return errors.Join(errNoKeys, k.lastErr)
	}
	return nil
}

// fetch is called with the lock held. The request's own context does not end it: whoever waits for the lock needs it too.
func (k *signingKeys) fetch(ctx context.Context, now time.Time) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keysTimeout)
	defer cancel()
	k.tried = now
	set, err := fetchKeys(ctx, k.client, k.metadataURL)
	if k.lastErr = err; err == nil {
		k.set, k.fetched = set, now
	}
}

func fetchKeys(ctx context.Context, client *http.Client, metadataURL string) (*keySet, error) {
	var metadata struct {
		JWKSURI string `json:"jwks_uri"`
	}
	if err := getJSON(ctx, client, metadataURL, &metadata); err != nil {
		return nil, fmt.Errorf("read OpenID metadata: %w", err)
	}
	if !safeURL(metadata.JWKSURI) {
		return nil, fmt.Errorf("read OpenID metadata: jwks_uri %q is not https", metadata.JWKSURI)
	}
	// Only these members go on to keyfunc: a certificate chain it finds fault with must not cost us the key.
	type jwk struct {
		KTY string `json:"kty"`
		USE string `json:"use,omitempty"`
		ALG string `json:"alg,omitempty"`
		KID string `json:"kid"`
		N   string `json:"n"`
		E   string `json:"e"`
	}
	var published struct {
		Keys []struct {
			jwk
			Endorsements []string `json:"endorsements"`
		} `json:"keys"`
	}
	if err := getJSON(ctx, client, metadata.JWKSURI, &published); err != nil {
		return nil, fmt.Errorf("read signing keys: %w", err)
	}
	set := &keySet{endorsements: map[string][]string{}}
	var usable []jwk
	for _, key := range published.Keys {
		if key.KTY == "RSA" && key.KID != "" && (key.USE == "" || key.USE == "sig") {
			usable = append(usable, key.jwk)
			set.endorsements[key.KID] = key.Endorsements
		}
	}
	if len(usable) == 0 {
		return nil, errors.New("read signing keys: the document holds none")
	}
	raw, err := json.Marshal(map[string]any{"keys": usable})
	if err != nil {
		return nil, fmt.Errorf("read signing keys: %w", err)
	}
	if set.lookup, err = keyfunc.NewJWKSetJSON(raw); err != nil {
		return nil, fmt.Errorf("read signing keys: %w", err)
	}
	return set, nil
}

func getJSON(ctx context.Context, client *http.Client, address string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: %s", address, resp.Status)
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, keysMaxBytes)).Decode(into); err != nil {
		return fmt.Errorf("GET %s: %w", address, err)
	}
	return nil
}
