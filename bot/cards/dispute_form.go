package cards

import (
	"truce"
	"truce/bot/chat"
)

// DisputeForm asks for a case: the lead where it is not known, the reason where it was not understood.
func DisputeForm(ref, reason, text string) chat.Form {
	f := chat.Form{Name: "dispute.open", Title: "Dispute a lead", Submit: "Send to Marketing", State: ref}
	if ref == "" {
		f.Fields = append(f.Fields, chat.Field{Name: "lead", Kind: chat.Search, Suggest: "leads", Label: "Lead", Required: true, Max: 200,
			Hint: "Its id in the CRM, its e-mail address, or our reference, such as L-12"})
	} else {
		f.Title = "Dispute " + ref
	}
	f.Fields = append(f.Fields,
		chat.Field{Name: "reason", Kind: chat.Choice, Label: "Reason", Value: reason, Required: true, Options: reasonOptions()},
		chat.Field{Name: "text", Kind: chat.LongText, Label: "What you saw", Hint: "A sentence is enough: Marketing decides on it.", Value: text,
			Required: true, Max: truce.MaxText})
	return f
}

// TextForm asks for one text about a case.
func TextForm(name, title, label, hint, submit, state string, required bool) chat.Form {
	return chat.Form{Name: name, Title: title, Submit: submit, State: state,
		Fields: []chat.Field{{Name: "text", Kind: chat.LongText, Label: label, Hint: hint, Required: required, Max: truce.MaxText}}}
}
