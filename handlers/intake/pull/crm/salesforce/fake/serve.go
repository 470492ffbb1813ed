package fake

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// route answers a request of a session.
func (o *Org) route(w http.ResponseWriter, r *http.Request) {
	path, ok := strings.CutPrefix(r.URL.Path, "/services/data/v68.0")
	parts := strings.Split(strings.Trim(path, "/"), "/")
	switch {
	case !ok:
		fail(w, 404, "NOT_FOUND", "The requested resource does not exist")
	case len(parts) == 3 && parts[0] == "sobjects" && parts[2] == "describe":
		fields := o.fields(parts[1])
		if fields == nil {
			fail(w, 404, "NOT_FOUND", "The requested resource does not exist")
			return
		}
		list := make([]map[string]string, len(fields))
		for i, f := range fields {
			list[i] = map[string]string{"name": f}
		}
		answer(w, 200, map[string]any{"name": parts[1], "fields": list})
	case parts[0] == "queryAll" && len(parts) == 1:
		o.serveQuery(w, r.URL.Query().Get("q"))
	case parts[0] == "query" && len(parts) == 2: // where queryAll's pages go on
		o.servePage(w, parts[1])
	case parts[0] == "composite" && r.Method == http.MethodPatch:
		o.serveUpdate(w, r)
	default:
		fail(w, 404, "NOT_FOUND", "The requested resource does not exist")
	}
}

func (o *Org) serveQuery(w http.ResponseWriter, soql string) {
	q, err := parse(soql)
	if err != nil {
		fail(w, 400, "MALFORMED_QUERY", err.Error())
		return
	}
	known := o.fields(q.object)
	for _, f := range q.fields {
		if rel, _, within := strings.Cut(f, "."); within {
			f = rel + "Id"
		}
		if !slices.Contains(known, f) {
			fail(w, 400, "INVALID_FIELD", fmt.Sprintf("No such column '%s' on entity '%s'", f, q.object))
			return
		}
	}
	var found []Record
	for _, r := range o.objects[q.object] {
		if q.where(r) {
			found = append(found, r)
		}
	}
	slices.SortFunc(found, func(a, b Record) int {
		for _, f := range q.order {
			if c := strings.Compare(text(a[f]), text(b[f])); c != 0 {
				return c
			}
		}
		return 0
	})
	if q.limit > 0 {
		found = found[:min(len(found), q.limit)]
	}
	out := make([]Record, len(found))
	for i, r := range found {
		out[i] = o.view(q, r)
	}
	cursor := fmt.Sprintf("01g%d", o.calls)
	o.cursors[cursor] = out
	o.servePage(w, cursor+"-0")
}

// view is a record as the API gives it.
func (o *Org) view(q query, r Record) Record {
	v := Record{"attributes": map[string]string{"type": q.object, "url": "/services/data/v68.0/sobjects/" + q.object + "/" + text(r["Id"])}}
	for _, f := range q.fields {
		rel, field, within := strings.Cut(f, ".")
		switch {
		case !within:
			v[f] = r[f]
		case v[rel] != nil:
			v[rel].(Record)[field] = o.of(rel, r)[field]
		case o.of(rel, r) != nil:
			v[rel] = Record{"attributes": map[string]string{"type": rel}, field: o.of(rel, r)[field]}
		default:
			v[rel] = nil
		}
	}
	return v
}

// of is the record that another one refers to.
func (o *Org) of(rel string, r Record) Record {
	object := rel
	if rel == "Owner" {
		object = "User"
	}
	return o.objects[object][text(r[rel+"Id"])]
}

func (o *Org) servePage(w http.ResponseWriter, cursor string) {
	name, at, _ := strings.Cut(cursor, "-")
	from, _ := strconv.Atoi(at)
	list, ok := o.cursors[name]
	if !ok {
		fail(w, 400, "INVALID_QUERY_LOCATOR", "invalid query locator")
		return
	}
	to := min(len(list), from+o.Page)
	out := map[string]any{"totalSize": len(list), "done": to == len(list), "records": list[min(from, len(list)):to]}
	if to < len(list) {
		out["nextRecordsUrl"] = fmt.Sprintf("/services/data/v68.0/query/%s-%d", name, to)
	}
	answer(w, 200, out)
}

func (o *Org) serveUpdate(w http.ResponseWriter, r *http.Request) {
	var q struct {
		AllOrNone bool `json:"allOrNone"`
		Records   []Record
	}
	if err := json.NewDecoder(r.Body).Decode(&q); err != nil || len(q.Records) > 200 || q.AllOrNone {
		fail(w, 400, "JSON_PARSER_ERROR", "at most 200")
		return
	}
	var results []map[string]any
	for _, rec := range q.Records {
		id := text(rec["id"])
		bad := func(code, message string, fields ...string) {
			results = append(results, map[string]any{"success": false,
				"errors": []any{map[string]any{"statusCode": code, "message": message, "fields": fields}}})
		}
		was := o.objects["Lead"][id]
		unknown := ""
		for f := range rec {
			if f != "id" && f != "attributes" && (!slices.Contains(o.fields("Lead"), f) || o.ReadOnly) {
				unknown = f
			}
		}
		switch {
		case unknown != "":
			bad("INVALID_FIELD_FOR_INSERT_UPDATE", "Unable to create/update fields: "+unknown+". Please check the security settings of this field",
				unknown)
		case was == nil || was["IsDeleted"] == true:
			bad("ENTITY_IS_DELETED", "entity is deleted")
		case o.Locked[id] || was["IsConverted"] == true:
			bad("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
		default:
			for f, v := range rec {
				if f != "id" && f != "attributes" {
					was[f] = v
				}
			}
			was["SystemModstamp"] = o.stamp()
			o.Written = append(o.Written, rec)
			results = append(results, map[string]any{"id": id, "success": true, "errors": []any{}})
		}
	}
	answer(w, 200, results)
}
