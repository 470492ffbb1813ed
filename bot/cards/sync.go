package cards

import (
	"fmt"
	"time"

	"truce/bot/chat"
)

// SyncTrouble tells admins that a source of truce sync does not come whole any more. heard is when it last did; zero: never.
func SyncTrouble(source, why string, heard time.Time, loc *time.Location) chat.Card {
	text := chat.T("The source ", chat.B(source), " does not come: ")
	text = append(text, chat.T(why)...)
	last := chat.T(" It never has.")
	if !heard.IsZero() {
		last = chat.T(" It last came ", chat.At(heard, loc, chat.DayTime), ".")
	}
	return chat.Card{Key: "sync.trouble", Summary: "The source " + source + " does not come. " + why, Blocks: []chat.Block{
		{Text: append(text, last...)},
		chat.Small("Truce asks it for the same each time until it comes, and says here when it does. Try it: ", chat.Code("truce check --online"),
			".")}}
}

// SyncWell tells admins that a source comes again.
func SyncWell(source string, since time.Time, loc *time.Location) chat.Card {
	return chat.Card{Key: "sync.well", Summary: "The source " + source + " comes again.", Blocks: []chat.Block{
		{Text: chat.T("The source ", chat.B(source), " comes again. It had not since ", chat.At(since, loc, chat.DayTime),
			"; nothing is missing.")}}}
}

// GoneFromCRM marks a lead that is kept here alone. why is deleted, archived, merged or unqualified.
func GoneFromCRM(at time.Time, why string, loc *time.Location) chat.Block {
	return chat.Small("Gone from the CRM since ", chat.At(at, loc, chat.Day),
		" ("+why+"). It is kept because people judged or disputed it here.")
}

// SourceView is how a source of truce sync stands.
type SourceView struct {
	Name    string
	Heard   time.Time // it last came whole; zero: never
	Failing time.Time // since when it does not; zero: it does
	Why     string
	Waiting int // rows that wait for their leads
}

// SyncSources lists how the sources stand.
func SyncSources(list []SourceView, loc *time.Location) []chat.Block {
	if len(list) == 0 {
		return nil
	}
	b := []chat.Block{chat.Heading("Where the data comes from")}
	for _, s := range list {
		text := chat.T(chat.B(s.Name), ": ")
		switch {
		case s.Heard.IsZero() && s.Failing.IsZero():
			text = append(text, chat.T("not asked yet")...)
		case s.Heard.IsZero():
			text = append(text, chat.T("never came whole")...)
		default:
			text = append(text, chat.T("last came ", chat.At(s.Heard, loc, chat.DayTime))...)
		}
		if !s.Failing.IsZero() {
			text = append(text, chat.T("; fails since ", chat.At(s.Failing, loc, chat.DayTime), ": "+s.Why)...)
		}
		if s.Waiting > 0 {
			text = append(text, chat.T(fmt.Sprintf("; %s for a lead that has not come", more(s.Waiting, "row waits", "rows wait")))...)
		}
		b = append(b, chat.Block{Text: text})
	}
	return b
}

// LastBackup tells an admin how old the newest backup is.
func LastBackup(last, now time.Time, loc *time.Location) []chat.Block {
	if last.IsZero() {
		return []chat.Block{chat.Para(chat.B("Backup: "), "none was ever made with truce backup. ", chat.Code("truce backup --keep 30 DIR"),
			" once a day makes and keeps them.")}
	}
	age := now.Sub(last)
	line := chat.T(chat.B("Backup: "), "the newest is of ", chat.At(last, loc, chat.DayTime))
	if days := int(age / (24 * time.Hour)); days >= 2 {
		line = append(line, chat.T(fmt.Sprintf(", %d days ago. Is the daily ", days), chat.Code("truce backup"), " still run?")...)
	}
	return []chat.Block{{Text: line}}
}
