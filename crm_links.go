package truce

import (
	"net/url"
	"strings"
)

// CRMLinks are the addresses under which the CRM shows its records, with {id} for the record's id; "" is none.
type CRMLinks struct{ Lead, Deal, Account string }

// CRMLink is the address of one record; "" where the CRM has none, or the record no id.
func CRMLink(template, id string) string {
	if template == "" || id == "" {
		return ""
	}
	return strings.ReplaceAll(template, "{id}", url.PathEscape(id))
}
