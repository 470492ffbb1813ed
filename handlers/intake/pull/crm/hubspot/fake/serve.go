package fake

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// route answers one request.
func (a *Account) route(w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	switch {
	case r.URL.Path == "/settings/currencies/2026-03/company-currency":
		answer(w, 200, map[string]any{"currencyCode": "EUR"})
	case len(parts) >= 4 && parts[0] == "crm" && parts[2] != "2026-09":
		fail(w, 404, "OBJECT_NOT_FOUND", "unknown version", "")
	case r.Method == "GET" && strings.HasPrefix(r.URL.Path, "/crm/owners/"):
		a.serveOwners(w, r)
	case r.Method == "GET" && r.URL.Path == "/crm/pipelines/2026-09/deals":
		a.servePipelines(w)
	case r.URL.Path == "/crm/properties/2026-09/contacts" && r.Method == "GET":
		var list []any
		for p := range a.props {
			if a.has(p) {
				list = append(list, map[string]any{"name": p})
			}
		}
		answer(w, 200, map[string]any{"results": list})
	case r.URL.Path == "/crm/properties/2026-09/contacts/batch/create":
		a.serveCreate(w, r)
	case parts[1] == "associations" && len(parts) == 7:
		a.serveAssociations(w, r, parts[3], parts[4])
	case parts[1] == "objects" && len(parts) == 4 && r.Method == "GET":
		a.serveList(w, r, parts[3])
	case parts[1] == "objects" && len(parts) == 5 && r.Method == "GET":
		id := parts[4]
		for a.into[id] != "" { // a contact that was merged answers as its survivor
			id = a.into[id]
		}
		if o := a.objects[parts[3]][id]; o != nil && !o.archived {
			answer(w, 200, a.view(parts[3], o, nil, nil, nil))
		} else {
			fail(w, 404, "OBJECT_NOT_FOUND", "resource not found", "")
		}
	case parts[1] == "objects" && len(parts) == 5 && parts[4] == "search":
		a.serveSearch(w, r, parts[3])
	case parts[1] == "objects" && len(parts) == 6 && parts[5] == "read":
		a.serveRead(w, r, parts[3])
	case parts[1] == "objects" && len(parts) == 6 && parts[5] == "update":
		a.serveUpdate(w, r, parts[3])
	default:
		fail(w, 404, "OBJECT_NOT_FOUND", "no such address", "")
	}
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v)
}

func next(after string) map[string]any {
	return map[string]any{"next": map[string]any{"after": after, "link": "?after=" + after}}
}

func (a *Account) serveOwners(w http.ResponseWriter, r *http.Request) {
	archived := r.URL.Query().Get("archived") == "true"
	var list []any
	for _, o := range a.owners {
		if o.Archived == archived {
			list = append(list, map[string]any{"id": o.ID, "email": o.Email, "firstName": o.First, "lastName": o.Last, "userId": 7,
				"archived": o.Archived, "type": "PERSON", "teams": []any{}})
		}
	}
	from, _ := strconv.Atoi(r.URL.Query().Get("after"))
	to := min(len(list), from+2) // small pages
	out := map[string]any{"results": list[min(from, len(list)):to]}
	if to < len(list) {
		out["paging"] = next(strconv.Itoa(to))
	}
	answer(w, 200, out)
}

func (a *Account) servePipelines(w http.ResponseWriter) {
	stage := func(id, label, probability, closed string) any {
		m := map[string]string{"probability": probability}
		if closed != "" {
			m["isClosed"] = closed
		}
		return map[string]any{"id": id, "label": label, "displayOrder": 1, "metadata": m, "archived": false}
	}
	answer(w, 200, map[string]any{"results": []any{
		map[string]any{"id": "default", "label": "Vertrieb", "stages": []any{stage("101", "Angebot", "0.4", "false"),
			stage("102", "Gewonnen", "1.0", "true"), stage("103", "Verloren", "0.0", "true"), stage("104", "Erstgespräch", "0.0", "false")}},
		map[string]any{"id": "renewals", "label": "Renewals", "stages": []any{stage("101", "Renewed", "1.0", ""),
			stage("105", "Churned", "0.0", "")}}}})
}

// view is an object as the API gives it.
func (a *Account) view(kind string, o *object, properties, withHistory, associations []string) map[string]any {
	props := map[string]any{"hs_object_id": o.id, "createdate": o.props["createdate"]}
	for _, p := range properties {
		if v, ok := o.props[p]; ok {
			props[p] = v
		} else {
			props[p] = nil
		}
	}
	out := map[string]any{"id": o.id, "properties": props, "createdAt": o.created.UTC().Format(time.RFC3339Nano),
		"updatedAt": o.updated.UTC().Format(time.RFC3339Nano), "archived": o.archived}
	if len(withHistory) > 0 {
		all := map[string]any{}
		for _, p := range withHistory {
			list := []any{}
			for i := len(o.history[p]) - 1; i >= 0; i-- { // the newest first
				e := o.history[p][i]
				list = append(list, map[string]any{"value": e.value, "timestamp": e.at.UTC().Format("2006-01-02T15:04:05.000Z"),
					"sourceType": "CRM_UI"})
			}
			all[p] = list
		}
		out["propertiesWithHistory"] = all
	}
	of := map[string]any{}
	for _, to := range associations {
		ids := a.linked(kind, o.id, to)
		if len(ids) == 0 {
			continue
		}
		some := ids[:min(len(ids), 3)]
		var results []any
		for _, id := range some {
			results = append(results, map[string]any{"id": id, "type": kind + "_to_" + to},
				map[string]any{"id": id, "type": kind + "_to_" + to + "_unlabeled"})
		}
		m := map[string]any{"results": results}
		if len(some) < len(ids) {
			m["paging"] = next("3")
		}
		of[to] = m
	}
	if len(of) > 0 {
		out["associations"] = of
	}
	return out
}

func (a *Account) linked(kind, id, to string) []string {
	var ids []string
	for other := range a.links[kind+"/"+id+"/"+to] {
		if o := a.objects[to][other]; o != nil && !o.archived {
			ids = append(ids, other)
		}
	}
	slices.SortFunc(ids, byNumber)
	return ids
}

func list(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ",")
}

func (a *Account) serveList(w http.ResponseWriter, r *http.Request, kind string) {
	q := r.URL.Query()
	limit, _ := strconv.Atoi(q.Get("limit"))
	histories := list(q.Get("propertiesWithHistory"))
	switch {
	case len(r.URL.String()) > 16_000:
		fail(w, 414, "VALIDATION_ERROR", "URI too long", "")
		return
	case limit > 100 || len(histories) > 0 && limit > 50:
		fail(w, 400, "VALIDATION_ERROR", "The limit is too large", "")
		return
	}
	ids := a.sorted(kind, q.Get("archived") == "true")
	if after := q.Get("after"); after != "" {
		i, found := slices.BinarySearchFunc(ids, after, byNumber)
		if found {
			i++
		}
		ids = ids[i:]
	}
	some := ids[:min(len(ids), limit)]
	results := []any{}
	for _, id := range some {
		results = append(results, a.view(kind, a.objects[kind][id], list(q.Get("properties")), histories, list(q.Get("associations"))))
	}
	out := map[string]any{"results": results}
	if len(some) < len(ids) {
		out["paging"] = next(some[len(some)-1])
	}
	answer(w, 200, out)
}

func (a *Account) serveSearch(w http.ResponseWriter, r *http.Request, kind string) {
	var q struct {
		FilterGroups []struct {
			Filters []struct{ PropertyName, Operator, Value, HighValue string }
		}
		Properties []string
		Limit      int
		After      string
	}
	if err := json.NewDecoder(r.Body).Decode(&q); err != nil || q.Limit > 200 || len(q.FilterGroups) != 1 {
		fail(w, 400, "VALIDATION_ERROR", "Invalid search", "")
		return
	}
	changed := "hs_lastmodifieddate"
	if kind == "contacts" {
		changed = "lastmodifieddate"
	}
	var found []*object
	for _, id := range a.sorted(kind, false) {
		o := a.objects[kind][id]
		ok := !o.updated.After(a.Now().Add(-a.Lag)) // the index is behind
		for _, f := range q.FilterGroups[0].Filters {
			n, _ := strconv.ParseInt(f.Value, 10, 64)
			v, _ := strconv.ParseInt(id, 10, 64)
			switch f.PropertyName {
			case changed:
				v = o.updated.UnixMilli()
			case "hs_object_id":
			default:
				fail(w, 400, "VALIDATION_ERROR", "There was a problem with the property "+f.PropertyName, "")
				return
			}
			switch f.Operator {
			case "GTE":
				ok = ok && v >= n
			case "LTE":
				ok = ok && v <= n
			case "GT":
				ok = ok && v > n
			case "LT":
				ok = ok && v < n
			}
		}
		if ok {
			found = append(found, o)
		}
	}
	from, _ := strconv.Atoi(q.After)
	if from+q.Limit > 10_000 {
		fail(w, 400, "VALIDATION_ERROR", "There was a problem with paging: at most 10,000", "")
		return
	}
	to := min(len(found), from+q.Limit)
	results := []any{}
	for _, o := range found[min(from, len(found)):to] {
		results = append(results, a.view(kind, o, q.Properties, nil, nil)) // no associations
	}
	out := map[string]any{"total": len(found), "results": results}
	if to < len(found) {
		out["paging"] = next(strconv.Itoa(to))
	}
	answer(w, 200, out)
}

func (a *Account) serveRead(w http.ResponseWriter, r *http.Request, kind string) {
	var q struct {
		Inputs                            []struct{ ID string }
		Properties, PropertiesWithHistory []string
	}
	err := json.NewDecoder(r.Body).Decode(&q)
	if err != nil || len(q.Inputs) > 100 || len(q.PropertiesWithHistory) > 0 && len(q.Inputs) > 50 {
		fail(w, 400, "VALIDATION_ERROR", "The limit is too large", "")
		return
	}
	results, status := []any{}, 200
	for _, in := range q.Inputs {
		if o := a.objects[kind][in.ID]; o != nil && !o.archived {
			results = append(results, a.view(kind, o, q.Properties, q.PropertiesWithHistory, nil))
		} else {
			status = 207
		}
	}
	answer(w, status, map[string]any{"status": "COMPLETE", "results": results})
}

func (a *Account) serveAssociations(w http.ResponseWriter, r *http.Request, from, to string) {
	var q struct{ Inputs []struct{ ID, After string } }
	if err := json.NewDecoder(r.Body).Decode(&q); err != nil || len(q.Inputs) > 1000 {
		fail(w, 400, "VALIDATION_ERROR", "The limit is too large", "")
		return
	}
	results, faults := []any{}, []any{}
	for _, in := range q.Inputs {
		ids := a.linked(from, in.ID, to)
		start, _ := strconv.Atoi(in.After)
		if len(ids) == 0 {
			faults = append(faults, map[string]any{"status": "error", "category": "OBJECT_NOT_FOUND",
				"subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND", "context": map[string]any{"fromObjectId": []string{in.ID}}})
			continue
		}
		end := min(len(ids), start+4) // small pages
		var of []any
		for _, id := range ids[min(start, len(ids)):end] {
			of = append(of, map[string]any{"toObjectId": id, "associationTypes": []any{map[string]any{"category": "HUBSPOT_DEFINED", "typeId": 3,
				"label": nil}}})
		}
		m := map[string]any{"from": map[string]any{"id": in.ID}, "to": of}
		if end < len(ids) {
			m["paging"] = next(strconv.Itoa(end))
		}
		results = append(results, m)
	}
	out, status := map[string]any{"status": "COMPLETE", "results": results}, 200
	if len(faults) > 0 {
		out["errors"], out["numErrors"], status = faults, len(faults), 207
	}
	answer(w, status, out)
}

func (a *Account) serveCreate(w http.ResponseWriter, r *http.Request) {
	var q struct {
		Inputs []struct{ Name, Label, Type, FieldType, GroupName string }
	}
	if a.NoWrite {
		fail(w, 403, "MISSING_SCOPES", "This app hasn't been granted all required scopes to make this call.", "")
		return
	}
	if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
		fail(w, 400, "VALIDATION_ERROR", "no JSON", "")
		return
	}
	for _, p := range q.Inputs {
		if p.Name == "" || p.Label == "" || p.Type == "" || p.FieldType == "" || p.GroupName == "" {
			fail(w, 400, "VALIDATION_ERROR", "a property needs a name, a label, a type, a field type and a group", "")
			return
		}
		a.props[p.Name] = true
	}
	answer(w, 201, map[string]any{"status": "COMPLETE", "results": []any{}})
}

func (a *Account) serveUpdate(w http.ResponseWriter, r *http.Request, kind string) {
	var q struct {
		Inputs []struct {
			ID         string
			Properties map[string]string
		}
	}
	switch err := json.NewDecoder(r.Body).Decode(&q); {
	case a.NoWrite:
		fail(w, 403, "MISSING_SCOPES", "This app hasn't been granted all required scopes to make this call.", "")
		return
	case err != nil || len(q.Inputs) > 100:
		fail(w, 400, "VALIDATION_ERROR", "The limit is too large", "")
		return
	}
	if a.Batch != nil {
		a.Batch(len(q.Inputs))
	}
	results, faults := []any{}, []any{}
	for _, in := range q.Inputs {
		for p := range in.Properties {
			if !a.has(p) {
				fail(w, 400, "VALIDATION_ERROR", fmt.Sprintf("Property values were not valid: [{\"isValid\":false,\"message\":\"Property \\\"%s\\\" "+
					"does not exist\",\"error\":\"PROPERTY_DOESNT_EXIST\"}]", p), "")
				return
			}
		}
		o := a.objects[kind][in.ID]
		if o == nil || o.archived || a.ReadOnly[in.ID] {
			faults = append(faults, map[string]any{"status": "error", "category": "OBJECT_NOT_FOUND", "message": "Could not update it",
				"context": map[string]any{"ids": []string{in.ID}}})
			continue
		}
		var props []string
		for name, v := range in.Properties {
			props = append(props, name, v)
		}
		a.set(o, props)
		a.Written = append(a.Written, in.Properties)
		results = append(results, map[string]any{"id": in.ID})
	}
	out, status := map[string]any{"status": "COMPLETE", "results": results}, 200
	if len(faults) > 0 {
		out["errors"], out["numErrors"], status = faults, len(faults), 207
	}
	answer(w, status, out)
}
