package teams

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/infracloudio/msbotbuilder-go/connector/auth"
	"github.com/infracloudio/msbotbuilder-go/schema"

	"truce"
)

// clockSkew is the leeway Microsoft's documentation gives for exp and nbf.
const clockSkew = 5 * time.Minute

// validator checks the bearer tokens of incoming requests by the rules of the Bot Connector authentication documentation:
// RS256 with a key of the metadata, issuer, audience, expiry.
type validator struct {
	appID  string
	issuer string
	keys   *signingKeys
	parser *jwt.Parser
}

func newValidator(appID, issuer string, keys *signingKeys, clock truce.Clock) *validator {
	return &validator{appID: appID, issuer: issuer, keys: keys, parser: jwt.NewParser(
		jwt.WithValidMethods([]string{"RS256"}),
		jwt.WithIssuer(issuer),
		jwt.WithAudience(appID),
		jwt.WithExpirationRequired(),
		jwt.WithLeeway(clockSkew),
		jwt.WithTimeFunc(clock),
	)}
}

// voucher is what a valid token says: where its bearer may be talked to, and for which channels its key stands.
type voucher struct {
	serviceURL   string
	endorsements []string
}

type connectorClaims struct {
	jwt.RegisteredClaims
	ServiceURL string `json:"serviceurl"`
}

// verify checks the Authorization header alone; what the token vouches for is held against the activity afterwards.
func (v *validator) verify(ctx context.Context, header string) (voucher, error) {
	if v.appID == "" {
		return voucher{}, errors.New("no app_id: nobody can be authenticated")
	}
	scheme, raw, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") || raw == "" || len(raw) > 16<<10 || strings.Count(raw, ".") != 2 {
		return voucher{}, errors.New("no bearer token")
	}
	var claims connectorClaims
	var endorsements []string
	_, err := v.parser.ParseWithClaims(raw, &claims, func(t *jwt.Token) (any, error) {
		key, e, err := v.keys.key(ctx, t)
		endorsements = e
		return key, err
	})
	if err != nil {
		return voucher{}, fmt.Errorf("token: %w", err)
	}
	if claims.ServiceURL == "" {
		return voucher{}, errors.New("token: no serviceurl claim")
	}
	return voucher{serviceURL: claims.ServiceURL, endorsements: endorsements}, nil
}

// bound is msbotbuilder-go's TokenValidator for one request whose token has been verified already: it holds the activity
// against what the token vouches for. The tenant of the people in it is checked where channelData is read.
type bound struct {
	voucher voucher
	asked   bool // the library got as far as asking
}

// AuthenticateRequest checks serviceUrl and channelId of an activity against the token.
func (b *bound) AuthenticateRequest(_ context.Context, act schema.Activity, _ string, _ auth.CredentialProvider,
	_ string) (auth.ClaimsIdentity, error) {
	b.asked = true
	if !sameServiceURL(b.voucher.serviceURL, act.ServiceURL) {
		return nil, fmt.Errorf("serviceUrl %q is not the token's %q", act.ServiceURL, b.voucher.serviceURL)
	}
	if !safeURL(act.ServiceURL) {
		return nil, fmt.Errorf("serviceUrl %q is not https", act.ServiceURL)
	}
	if act.ChannelID != channelID {
		return nil, fmt.Errorf("channelId %q is not %s", act.ChannelID, channelID)
	}
	if e := b.voucher.endorsements; len(e) > 0 && !slices.Contains(e, act.ChannelID) {
		return nil, fmt.Errorf("the signing key is not endorsed for channel %q", act.ChannelID)
	}
	return auth.NewClaimIdentity(map[string]any{"serviceurl": b.voucher.serviceURL}, true), nil
}

// sameServiceURL compares as Microsoft's SDK does: without case and trailing slash.
func sameServiceURL(a, b string) bool {
	return a != "" && strings.EqualFold(strings.TrimRight(a, "/"), strings.TrimRight(b, "/"))
}
