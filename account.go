package truce

import (
	"slices"
	"strings"
	"time"
)

// Account is a company as the CRM keeps it, with what was known of it and since when.
type Account struct {
	ID     string // the CRM's, case-sensitive
	Name   string
	Domain string  // folded: see FoldDomain
	Values []Known // by attribute, of each the first known one first
}

// Known is a value of an attribute and the moment since which it is known.
type Known struct {
	Attribute, Value string
	At               time.Time // zero: it came with the first import, which counts as known before everything
}

// Attribute is what was known of an attribute at a moment, by a profile's name for it: "" for nothing.
func (a Account) Attribute(name string, at time.Time) string {
	name = FoldAttribute(name)
	value := ""
	var since time.Time
	for _, k := range a.Values {
		if FoldAttribute(k.Attribute) == name && !k.At.After(at) && (value == "" || k.At.After(since)) {
			value, since = strings.TrimSpace(k.Value), k.At
		}
	}
	if value != "" {
		return value
	}
	switch name {
	case "name", "company":
		return a.Name
	case "domain":
		return a.Domain
	}
	return ""
}

// AccountKey is by what an account is looked for.
type AccountKey int

// The keys, in the order in which they are tried.
const (
	ByAccountID     AccountKey = iota // as the CRM writes it
	ByAccountName                     // folded: FoldAccount
	ByAccountDomain                   // folded: FoldDomain
)

// MatchAccount finds the account of a lead, a deal or an order: by what it says of its account, an id or a name; else by its
// company's name; else by the domain of its e-mail address. A key that several accounts have matches none of them, and so does a
// domain that many companies share: of free mail, or one of shared. Subdomains are other domains. find gives the ids of all
// accounts that have a key; "" is no account.
func MatchAccount(told, company, email string, shared []string, find func(by AccountKey, key string) ([]string, error)) (string, error) {
	type try struct {
		by  AccountKey
		key string
	}
	tries := []try{{ByAccountID, told}, {ByAccountName, FoldAccount(told)}, {ByAccountName, FoldAccount(company)}}
	if domain := EmailDomain(email); domain != "" && !slices.Contains(shared, domain) {
		tries = append(tries, try{ByAccountDomain, domain})
	}
	for _, t := range tries {
		if t.key == "" {
			continue
		}
		ids, err := find(t.by, t.key)
		if err != nil {
			return "", err
		}
		if len(ids) == 1 {
			return ids[0], nil
		}
	}
	return "", nil
}

// FreeMail reports whether anybody has an address under a domain.
func FreeMail(domain string) bool { return slices.Contains(freeMail, domain) }

// EmailDomain is the domain of an address by which an account may be found; "" of none, and of free mail.
func EmailDomain(email string) string {
	if _, domain, ok := strings.Cut(FoldEmail(email), "@"); ok && !FreeMail(domain) {
		return domain
	}
	return ""
}

// FoldDomain is the domain of a company's web address or of what a CRM calls its domain: "https://www.Acme.com/about" is acme.com.
func FoldDomain(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	if _, rest, ok := strings.Cut(s, "://"); ok {
		s = rest
	}
	if i := strings.IndexAny(s, "/?#: "); i >= 0 {
		s = s[:i]
	}
	return strings.Trim(strings.TrimPrefix(s, "www."), ".")
}

// freeMail are domains under which anybody has an address.
var freeMail = strings.Fields(`gmail.com googlemail.com yahoo.com yahoo.co.uk yahoo.de yahoo.fr yahoo.co.in yahoo.co.jp ymail.com rocketmail.com outlook.com outlook.de outlook.fr
	hotmail.com hotmail.co.uk hotmail.de hotmail.fr hotmail.it hotmail.es live.com live.co.uk live.de live.fr msn.com icloud.com me.com mac.com aol.com gmx.com gmx.de gmx.net
	gmx.at gmx.ch web.de t-online.de freenet.de mail.com email.com proton.me protonmail.com protonmail.ch pm.me tutanota.com tuta.io yandex.com yandex.ru ya.ru mail.ru bk.ru
	inbox.ru list.ru rambler.ru qq.com 163.com 126.com sina.com foxmail.com naver.com daum.net hanmail.net zoho.com fastmail.com hey.com hushmail.com orange.fr free.fr
	wanadoo.fr laposte.net sfr.fr libero.it virgilio.it tiscali.it alice.it terra.com.br uol.com.br bol.com.br ig.com.br seznam.cz centrum.cz wp.pl o2.pl onet.pl interia.pl
	bluewin.ch btinternet.com sky.com virginmedia.com comcast.net verizon.net att.net sbcglobal.net cox.net bellsouth.net charter.net earthlink.net shaw.ca rogers.com
	bigpond.com optusnet.com.au rediffmail.com`)

// Moments are when something of the account became known, the first one first; never none: an account is known at least at the zero moment.
func (a Account) Moments() []time.Time {
	var list []time.Time
	for _, k := range a.Values {
		list = append(list, k.At)
	}
	slices.SortFunc(list, time.Time.Compare)
	if list = slices.CompactFunc(list, time.Time.Equal); len(list) == 0 {
		list = append(list, time.Time{})
	}
	return list
}
