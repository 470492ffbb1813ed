package web

import (
	"net/http"
	"net/url"
	"strings"
)

// This file shows two people side by side: two pages of the workspace in one window.

// bothLink is the page with two others in it; each is a path below /as/.
func bothLink(left, right string) string {
	return "/both?" + url.Values{"left": {left}, "right": {right}}.Encode()
}

// both is the page. It frames nothing but pages of people whom we know.
func (a *Adapter) both(w http.ResponseWriter, r *http.Request) {
	type side struct {
		Who  *Persona
		Face vFace
		Path string
	}
	var sides []side
	for _, name := range []string{"left", "right"} {
		u, err := url.Parse(r.URL.Query().Get(name))
		if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil {
			http.NotFound(w, r)
			return
		}
		rest, ok := strings.CutPrefix(u.Path, "/as/")
		id, _, _ := strings.Cut(rest, "/")
		p := a.people[id]
		if !ok || p == nil {
			http.NotFound(w, r)
			return
		}
		sides = append(sides, side{p, a.face(p.ID), u.RequestURI()})
	}
	w.Header().Set("Content-Security-Policy", policy+"; frame-src 'self'")
	a.show(w, r, "both", sides)
}
