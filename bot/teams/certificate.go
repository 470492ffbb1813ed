package teams

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// This file proves to Microsoft who we are with a certificate, in place of a client secret: a client assertion, signed with its key.

// assertionAge is how long an assertion holds; it is used at once.
const assertionAge = 10 * time.Minute

// certificate is a certificate with its private key.
type certificate struct {
	key        *rsa.PrivateKey
	thumbprint string    // SHA-256 of the certificate, as x5t#S256 has it
	ends       time.Time // when it expires
}

// readCertificate reads a PEM file with a certificate and its RSA key, in any order.
func readCertificate(path string) (*certificate, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the certificate: %w", err)
	}
	pair, err := tls.X509KeyPair(text, text)
	if err != nil {
		return nil, fmt.Errorf("read the certificate: %w", err)
	}
	key, ok := pair.PrivateKey.(*rsa.PrivateKey)
	if !ok {
		return nil, errors.New("read the certificate: its key is no RSA key, and Microsoft takes no other")
	}
	leaf, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil {
		return nil, fmt.Errorf("read the certificate: %w", err)
	}
	sum := sha256.Sum256(leaf.Raw)
	return &certificate{key: key, thumbprint: base64.RawURLEncoding.EncodeToString(sum[:]), ends: leaf.NotAfter}, nil
}

// assert is a client assertion for an application at a token endpoint (Microsoft's certificate credentials: PS256, x5t#S256).
func (c *certificate) assert(app, endpoint string, now time.Time) (string, error) {
	if now.After(c.ends) {
		return "", fmt.Errorf("the certificate expired on %s", c.ends.UTC().Format(time.DateOnly))
	}
	token := jwt.NewWithClaims(jwt.SigningMethodPS256, jwt.MapClaims{"aud": endpoint, "iss": app, "sub": app, "jti": rand.Text(),
		"nbf": now.Unix(), "iat": now.Unix(), "exp": now.Add(assertionAge).Unix()})
	token.Header["x5t#S256"] = c.thumbprint
	signed, err := token.SignedString(c.key)
	if err != nil {
		return "", fmt.Errorf("sign the client assertion: %w", err)
	}
	return signed, nil
}
