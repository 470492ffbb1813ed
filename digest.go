package truce

import "time"

// SentDigest is a digest that was sent, as a home page speaks of it.
type SentDigest struct {
	ID       string // G-1
	Kind     string // leads, weekly, monthly
	Headline string // its one sentence
	At       time.Time
}

// DigestConcerns reports whether a digest concerns a person: by role, or because they have subscribed to it, unless they have
// paused it. pref is their PrefDigest setting of the kind.
func DigestConcerns(kind string, p Person, pref string) bool {
	switch {
	case pref == "off":
		return false
	case pref == "on":
		return true
	}
	switch kind {
	case "leads":
		return p.SpeaksForMarketing()
	case "weekly":
		return p.Has(SalesManager, MarketingManager, Sponsor)
	case "monthly":
		return p.Has(Sponsor)
	}
	return false
}
