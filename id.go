package truce

import (
	"crypto/rand"
	"encoding/hex"
	"strconv"
	"strings"
	"time"
)

// NewID makes a text id that sorts by the moment it was made: milliseconds since 1970 in hex, then 64 random bits.
func NewID(now time.Time) string {
	var b [8]byte
	rand.Read(b[:]) // never fails, by its documentation
	ms := strconv.FormatInt(now.UnixMilli(), 16)
	return strings.Repeat("0", max(0, 11-len(ms))) + ms + hex.EncodeToString(b[:])
}
