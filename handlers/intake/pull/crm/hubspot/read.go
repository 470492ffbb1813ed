package hubspot

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"truce/handlers/intake/pull/crm"
)

// This file reads objects: all of them by list, those that have changed by search.

// asked is what is read of objects.
type asked struct {
	object       string
	properties   []string
	history      []string
	changed      string // the property that says when an object changed
	associations []string
}

// read reads a page of objects, whole or of a window, with what is asked of them but the history.
func (h *HubSpot) read(ctx context.Context, a asked, q crm.Query) (list []object, next string, err error) {
	if q.Whole {
		list, next, err = h.list(ctx, a, q.Cursor, false)
	} else {
		list, next, err = h.search(ctx, a, q)
	}
	return list, next, err
}

// list reads a page of all objects, in the order of their ids.
func (h *HubSpot) list(ctx context.Context, a asked, after string, archived bool) ([]object, string, error) {
	query := url.Values{"limit": {strconv.Itoa(page)}, "archived": {strconv.FormatBool(archived)}}
	if after != "" {
		query.Set("after", after)
	}
	if len(a.associations) > 0 && !archived {
		query.Set("associations", strings.Join(a.associations, ","))
	}
	path := "/crm/objects/" + version + "/" + a.object + "?"
	whole := query
	if !archived {
		whole = url.Values{}
		for k, v := range query {
			whole[k] = v
		}
		whole.Set("properties", strings.Join(a.properties, ","))
	}
	inside := len(path)+len(whole.Encode()) <= maxURL
	if inside {
		query = whole
	}
	var got objects
	if err := h.call(ctx, "GET", path+query.Encode(), nil, &got); err != nil {
		return nil, "", err
	}
	next := ""
	if got.Paging != nil {
		next = got.Paging.Next.After
	}
	if !inside {
		ids := make([]string, len(got.Results))
		for i, o := range got.Results {
			ids[i] = o.ID
		}
		full, err := h.byID(ctx, a, ids, false)
		if err != nil {
			return nil, "", err
		}
		for i, o := range got.Results {
			got.Results[i].Properties = full[o.ID].Properties
		}
	}
	return got.Results, next, nil
}

// search reads a page of the objects that changed in a window. More may have changed at one moment than a search gives, so the pages go
// by id inside the window, each search from the last id on; what changes meanwhile is in the next window.
func (h *HubSpot) search(ctx context.Context, a asked, q crm.Query) ([]object, string, error) {
	type filter struct {
		Property string `json:"propertyName"`
		Operator string `json:"operator"`
		Value    string `json:"value"`
	}
	filters := []filter{{a.changed, "GTE", millis(q.Since)}, {a.changed, "LTE", millis(q.Until)}}
	if q.Cursor != "" {
		last, err := strconv.ParseInt(q.Cursor, 10, 64)
		if err != nil {
			return nil, "", err
		}
		filters = append(filters, filter{"hs_object_id", "GTE", strconv.FormatInt(last+1, 10)})
	}
	body := map[string]any{
		"filterGroups": []any{map[string]any{"filters": filters}},
		"sorts":        []any{map[string]string{"propertyName": "hs_object_id", "direction": "ASCENDING"}},
		"properties":   a.properties, "limit": found,
	}
	if err := h.searches.Wait(ctx); err != nil {
		return nil, "", err
	}
	var got objects
	if err := h.call(ctx, "POST", "/crm/objects/"+version+"/"+a.object+"/search", body, &got); err != nil {
		return nil, "", err
	}
	if len(got.Results) == 0 {
		return nil, "", nil
	}
	var last int64
	for _, o := range got.Results {
		id, err := strconv.ParseInt(o.ID, 10, 64)
		if err != nil {
			return nil, "", err
		}
		last = max(last, id)
	}
	next := ""
	if len(got.Results) == found || got.Paging != nil {
		next = strconv.FormatInt(last, 10)
	}
	return got.Results, next, nil
}

func millis(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }

// byID reads objects by their ids; those that are no more are not there.
func (h *HubSpot) byID(ctx context.Context, a asked, ids []string, withHistory bool) (map[string]object, error) {
	all := make(map[string]object, len(ids))
	size := page
	body := map[string]any{"properties": a.properties}
	if withHistory {
		size = history
		body["propertiesWithHistory"] = a.history
	}
	for some := range slices.Chunk(ids, size) {
		inputs := make([]map[string]string, len(some))
		for i, id := range some {
			inputs[i] = map[string]string{"id": id}
		}
		body["inputs"] = inputs
		var got objects
		if err := h.call(ctx, "POST", "/crm/objects/"+version+"/"+a.object+"/batch/read", body, &got); err != nil {
			return nil, err
		}
		for _, o := range got.Results {
			all[o.ID] = o
		}
	}
	return all, nil
}

// associated are the ids of the objects of another type that objects are associated with, by their ids.
func (h *HubSpot) associated(ctx context.Context, from, to string, ids []string) (map[string][]string, error) {
	type input struct {
		ID    string `json:"id"`
		After string `json:"after,omitempty"`
	}
	all := make(map[string][]string, len(ids))
	ask := make([]input, len(ids))
	for i, id := range ids {
		ask[i].ID = id
	}
	for len(ask) > 0 {
		some := ask[:min(len(ask), 1000)]
		ask = ask[len(some):]
		var got struct {
			Results []struct {
				From struct {
					ID string `json:"id"`
				} `json:"from"`
				To []struct {
					ID any `json:"toObjectId"`
				} `json:"to"`
				Paging *paging `json:"paging"`
			} `json:"results"`
		} // what has none is among its errors, with the status 207: no failure
		if err := h.call(ctx, "POST", "/crm/associations/"+version+"/"+from+"/"+to+"/batch/read", map[string]any{"inputs": some},
			&got); err != nil {
			return nil, err
		}
		for _, r := range got.Results {
			for _, t := range r.To {
				id := idOf(t.ID)
				if !slices.Contains(all[r.From.ID], id) { // one call per kind of association
					all[r.From.ID] = append(all[r.From.ID], id)
				}
			}
			if r.Paging != nil && r.Paging.Next.After != "" {
				ask = append(ask, input{r.From.ID, r.Paging.Next.After})
			}
		}
	}
	return all, nil
}

// idOf is an id that is a text in one version and a number in another.
func idOf(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return ""
}

// linked are the ids that objects are associated with: as the list says, where it says all, else asked for.
func (h *HubSpot) linked(ctx context.Context, a asked, to string, list []object, whole bool) (map[string][]string, error) {
	all := make(map[string][]string, len(list))
	var ask []string
	for _, o := range list {
		of, said := o.Associations[to]
		switch {
		case !whole || said && of.Paging != nil:
			ask = append(ask, o.ID)
		case said:
			for _, r := range of.Results {
				if !slices.Contains(all[o.ID], r.ID) {
					all[o.ID] = append(all[o.ID], r.ID)
				}
			}
		}
	}
	if len(ask) == 0 {
		return all, nil
	}
	more, err := h.associated(ctx, a.object, to, ask)
	for id, ids := range more {
		all[id] = ids
	}
	return all, err
}
