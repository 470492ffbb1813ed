package slack

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"truce"
)

// signatureWindow is how far a request's time may lie from ours, either way, before it counts as replayed (Slack's own
// rule, docs.slack.dev, verifying requests).
const signatureWindow = 5 * time.Minute

// errUnsigned is the one error for every request that is not Slack's: it tells a forger nothing.
var errUnsigned = errors.New("the request is not signed by Slack, or too old")

// verify checks X-Slack-Signature: v0=hex(HMAC-SHA256(secret, "v0:" + timestamp + ":" + raw body)). Own code, because
// slack-go's verifier reads the real clock and puts the valid signature into its error.
func verify(h http.Header, body []byte, secret truce.Secret, now time.Time) error {
	stamp := h.Get("X-Slack-Request-Timestamp")
	sec, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || secret == "" {
		return errUnsigned
	}
	if age := now.Unix() - sec; age > int64(signatureWindow/time.Second) || age < -int64(signatureWindow/time.Second) {
		return errUnsigned
	}
	hexed, ok := strings.CutPrefix(h.Get("X-Slack-Signature"), "v0=")
	if !ok {
		return errUnsigned
	}
	got, err := hex.DecodeString(hexed)
	if err != nil {
		return errUnsigned
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("v0:" + stamp + ":"))
	mac.Write(body)
	if !hmac.Equal(got, mac.Sum(nil)) {
		return errUnsigned
	}
	return nil
}
