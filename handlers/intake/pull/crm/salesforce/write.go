package salesforce

import (
	"context"

	"truce"
	"truce/handlers/intake/pull/crm"
)

// ownFields are the fields of Lead that Truce writes, and nothing else.
var ownFields = []string{"Truce_Verdict__c", "Truce_Verdict_Date__c", "Truce_Reason__c", "Truce_Rating__c", "Truce_Dispute__c"}

// Batch is how many leads a request may hold.
func (s *Salesforce) Batch() int { return 200 }

// Write writes verdicts.
func (s *Salesforce) Write(ctx context.Context, batch []crm.Verdict) (map[string]string, error) {
	if s.has == nil {
		if _, err := s.Begin(ctx); err != nil {
			return nil, err
		}
	}
	for _, f := range ownFields {
		if !s.has["Lead"][f] {
			return nil, truce.Errorf(truce.Invalid, "Salesforce shows no field %q of Lead, so nothing is written: docs/sync.md lists the five "+
				"fields, and who must be allowed to edit them", f)
		}
	}
	value := func(text string) any {
		if text == "" {
			return nil
		}
		return text
	}
	records := make([]any, len(batch))
	for i, v := range batch {
		records[i] = map[string]any{"attributes": map[string]string{"type": "Lead"}, "id": v.LeadID, "Truce_Verdict__c": value(v.Verdict),
			"Truce_Verdict_Date__c": value(v.Date),
			"Truce_Reason__c":       value(v.Reason), "Truce_Rating__c": value(v.Rating), "Truce_Dispute__c": value(v.State)}
	}
	var got []struct {
		Success bool `json:"success"`
		Errors  []struct {
			Code    string `json:"statusCode"`
			Message string `json:"message"`
		} `json:"errors"`
	}
	if err := s.call(ctx, "PATCH", data+"/composite/sobjects", map[string]any{"allOrNone": false, "records": records}, &got); err != nil {
		return nil, err
	}
	if len(got) != len(batch) {
		return nil, truce.Errorf(truce.Invalid, "Salesforce answers of %d leads where %d were written", len(got), len(batch))
	}
	refused := map[string]string{}
	for i, r := range got {
		if r.Success {
			continue
		}
		why := "no reason was given"
		if len(r.Errors) > 0 {
			if why = clean(r.Errors[0].Message) + " (" + r.Errors[0].Code + ")"; r.Errors[0].Code == "INVALID_FIELD_FOR_INSERT_UPDATE" ||
				r.Errors[0].Code == "INVALID_FIELD" {
				return nil, truce.Errorf(truce.Invalid, "Salesforce does not let Truce edit its fields, so nothing is written: give the user that it "+
					"runs as the right to edit them. Salesforce says: %s", why)
			}
		}
		refused[batch[i].LeadID] = why
	}
	return refused, nil
}
