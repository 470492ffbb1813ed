package hubspot

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"truce"
	"truce/handlers/intake/pull/crm"
)

// ownProperties are the contact properties that Truce writes, and nothing else.
var ownProperties = []struct{ name, label, kind, field string }{
	{"truce_verdict", "Truce verdict", "string", "text"}, {"truce_verdict_date", "Truce verdict date", "date", "date"},
	{"truce_reason", "Truce reason", "string", "text"},
	{"truce_rating", "Truce rating", "string", "text"}, {"truce_dispute", "Truce dispute", "string", "text"},
}

// Batch is how many contacts a request may hold.
func (h *HubSpot) Batch() int { return page }

// CreateFields makes the properties that Truce writes, those that are not there.
func (h *HubSpot) CreateFields(ctx context.Context) (made []string, err error) {
	if _, err := h.Begin(ctx); err != nil {
		return nil, err
	}
	var inputs []any
	for _, p := range ownProperties {
		if !h.has[p.name] {
			made = append(made, p.name)
			inputs = append(inputs, map[string]string{"name": p.name, "label": p.label, "type": p.kind, "fieldType": p.field,
				"groupName":   "contactinformation",
				"description": "Written by Truce: what Sales says of this lead."})
		}
	}
	if len(inputs) == 0 {
		return nil, nil
	}
	return made, h.call(ctx, "POST", "/crm/properties/"+version+"/contacts/batch/create", map[string]any{"inputs": inputs}, nil)
}

// Write writes verdicts. HubSpot refuses a whole batch for one record that is not valid: then each is written by itself.
func (h *HubSpot) Write(ctx context.Context, batch []crm.Verdict) (map[string]string, error) {
	if h.has == nil {
		if _, err := h.Begin(ctx); err != nil {
			return nil, err
		}
	}
	for _, p := range ownProperties {
		if !h.has[p.name] {
			return nil, truce.Errorf(truce.Invalid, "HubSpot has no contact property %q, so nothing is written: make the five with truce sync "+
				"hubspot --create-fields", p.name)
		}
	}
	inputs := make([]any, len(batch))
	for i, v := range batch {
		inputs[i] = map[string]any{"id": v.LeadID, "properties": map[string]string{"truce_verdict": v.Verdict, "truce_verdict_date": v.Date,
			"truce_reason": v.Reason, "truce_rating": v.Rating,
			"truce_dispute": v.State}}
	}
	var got struct {
		Errors []struct {
			Message string `json:"message"`
			Context struct {
				IDs []string `json:"ids"`
			} `json:"context"`
		} `json:"errors"`
	}
	path := "/crm/objects/" + version + "/contacts/batch/update"
	err := h.client.Do(ctx, "POST", path, map[string]any{"inputs": inputs}, &got)
	var status *crm.StatusError
	if errors.As(err, &status) && status.Status == 400 && !missing(status.Body) {
		refused := map[string]string{}
		if len(batch) == 1 {
			refused[batch[0].LeadID] = messageOf(status.Body)
			return refused, nil
		}
		for i := range batch {
			one, err := h.Write(ctx, batch[i:i+1])
			if err != nil {
				return nil, err
			}
			for id, why := range one {
				refused[id] = why
			}
		}
		return refused, nil
	}
	if err != nil {
		return nil, h.say(err, path)
	}
	refused := map[string]string{}
	for _, e := range got.Errors {
		for _, id := range e.Context.IDs {
			refused[id] = clean(e.Message)
		}
	}
	return refused, nil
}

// missing reports whether an answer says that a property is not there.
func missing(body []byte) bool {
	said := messageOf(body)
	return strings.Contains(said, "PROPERTY_DOESNT_EXIST") || strings.Contains(said, "does not exist")
}

func messageOf(body []byte) string {
	var said struct {
		Message string `json:"message"`
	}
	json.Unmarshal(body, &said) // else it says nothing
	return clean(said.Message)
}
