package sheet

import (
	"errors"
	"fmt"

	"truce"
)

// Reason is why a row was not taken, in few words, to count by.
type Reason string

// The reasons that this package gives; an importer adds its own.
const (
	ReasonColumns  Reason = "wrong number of columns"
	ReasonJSON     Reason = "not a JSON object of texts and numbers"
	ReasonQuotes   Reason = "quotes do not match"
	ReasonEncoding Reason = "not text in the file's encoding"
	ReasonTooLarge Reason = "too large"
	ReasonMissing  Reason = "required value missing"
	ReasonDate     Reason = "not a date"
	ReasonNumber   Reason = "not a number"
	ReasonAmount   Reason = "not an amount of money"
	ReasonChoice   Reason = "not one of the accepted values"
	ReasonEmail    Reason = "not an e-mail address"
)

// Bad is what is wrong with one row.
type Bad struct {
	Line   int    // the physical line the row begins on
	Item   int    // Row.Item
	Column string // the column's name in the file, "" where the whole row is meant
	Reason Reason
	Text   string // what is wrong and what to do, without a full stop
	Lead   string // it speaks of this lead, which is not known here yet; "" for every other fault
	Kept   bool   // Row.Raw holds the whole row, so that it can go to the rejects
}

// Error is the line that people see: "line 4, column score: ...", or "line 1, item 4, column score: ..." of a JSON array.
func (b *Bad) Error() string {
	if b.Line == 0 { // of no file that anybody has
		return b.Text
	}
	at := fmt.Sprintf("line %d", b.Line)
	if b.Item > 0 {
		at += fmt.Sprintf(", item %d", b.Item)
	}
	if b.Column != "" {
		at += ", column " + b.Column
	}
	return at + ": " + b.Text
}

// valueError is a fault of one cell, before it is known which.
type valueError struct {
	reason Reason
	text   string
}

func (e *valueError) Error() string { return e.text }

func faulty(reason Reason, format string, args ...any) error {
	return &valueError{reason, fmt.Sprintf(format, args...)}
}

// reasonOf finds the reason and the sentence in an error of a value parser.
func reasonOf(err error, otherwise Reason) (Reason, string) {
	var v *valueError
	if errors.As(err, &v) {
		return v.reason, v.text
	}
	if s := truce.Sentence(err); s != "" {
		return otherwise, s
	}
	return otherwise, err.Error()
}
