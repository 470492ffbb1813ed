package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"

	"truce/bot/chat"
)

//go:embed static/*.js static/*.css static/*.svg
var staticFiles embed.FS

//go:embed templates/*.html
var templateFiles embed.FS

// assets are the embedded files, under addresses that change with their content, so that browsers may keep them for ever.
type assets struct {
	body map[string][]byte
	sum  map[string]string
}

func loadAssets() (*assets, error) {
	s := &assets{body: map[string][]byte{}, sum: map[string]string{}}
	files, err := fs.Glob(staticFiles, "static/*")
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		data, err := staticFiles.ReadFile(f)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(data)
		s.body[path.Base(f)], s.sum[path.Base(f)] = data, hex.EncodeToString(sum[:6])
	}
	return s, nil
}

func (s *assets) link(name string) (string, error) {
	if s.sum[name] == "" {
		return "", fmt.Errorf("no file static/%s", name)
	}
	return "/static/" + name + "?v=" + s.sum[name], nil
}

var contentTypes = map[string]string{".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}

func (s *assets) serve(w http.ResponseWriter, r *http.Request) { s.send(w, r, r.PathValue("file")) }

func (s *assets) icon(w http.ResponseWriter, r *http.Request) { s.send(w, r, "icon.svg") }

func (s *assets) send(w http.ResponseWriter, r *http.Request, name string) {
	body, ok := s.body[name]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", contentTypes[path.Ext(name)])
	if r.URL.Query().Get("v") == s.sum[name] {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		w.Header().Set("Cache-Control", "no-cache")
	}
	w.Write(body) // a browser that went away needs no file
}

func (a *Adapter) templates() (*template.Template, error) {
	return template.New("").Funcs(template.FuncMap{
		"static": a.assets.link,
		"now":    func(v *viewer) string { return a.clock().In(v.Loc).Format("Mon 2 Jan 15:04") },
		"zone":   func(v *viewer) string { return v.Loc.String() },
		"fault":  faultID,
		"composer": func(p *vPage, c vComposer) map[string]any {
			return map[string]any{"Page": p, "C": c}
		},
		"truceFace": func() vFace { return vFace{Bot: true} },
		"kind":      func(k chat.FieldKind) string { return string(k) },
	}).ParseFS(templateFiles, "templates/*.html")
}
