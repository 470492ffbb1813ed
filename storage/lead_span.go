package storage

import (
	"time"
)

// LeadSpan is when the first and the last lead qualified; ok is false where there are none.
func (tx *Tx) LeadSpan() (first, last time.Time, ok bool, err error) {
	err = tx.row(`SELECT (SELECT min(mql_at) FROM leads), (SELECT max(mql_at) FROM leads)`, nil, moment{&first}, moment{&last})
	return first, last, !first.IsZero(), err
}
