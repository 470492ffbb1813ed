package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"truce/bot/chat"
)

//go:embed static/*.js static/*.css static/*.png
var staticFiles embed.FS

//go:embed templates/*.html
var templateFiles embed.FS

// assets are the embedded files, packed once, under addresses that change with their content, so that browsers may keep them
// for ever.
type assets struct {
	files   map[string]*asset
	pageOne pageOneParts
}

// pageOneParts stand in page one itself, which so is there after one request. Policy lets in these and nothing else.
type pageOneParts struct {
	Style  template.CSS
	Icon   template.URL
	Policy string
}

type asset struct {
	body, packed []byte
	sum, kind    string
}

var contentTypes = map[string]string{".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".png": "image/png"}

func loadAssets() (*assets, error) {
	s := &assets{files: map[string]*asset{}}
	names, err := fs.Glob(staticFiles, "static/*")
	if err != nil {
		return nil, err
	}
	sources := map[string][]byte{}
	for _, f := range names {
		if sources[path.Base(f)], err = staticFiles.ReadFile(f); err != nil {
			return nil, err
		}
	}
	one := slices.Concat(sources["base.css"], sources["start.css"])
	sum := sha256.Sum256(one)
	s.pageOne = pageOneParts{
		Style: template.CSS(one),
		Icon:  template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(sources["icon.png"])),
		Policy: strings.NewReplacer("style-src 'self'", "style-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'",
			"img-src 'self'", "img-src data:").Replace(policy),
	}
	sources["app.css"] = slices.Concat(sources["base.css"], sources["work.css"])
	for _, part := range []string{"base.css", "start.css", "work.css"} {
		delete(sources, part)
	}
	for name, body := range sources {
		sum := sha256.Sum256(body)
		f := &asset{body: body, sum: hex.EncodeToString(sum[:6]), kind: contentTypes[path.Ext(name)]}
		if f.packed, err = pack(body, gzip.BestCompression); err != nil {
			return nil, fmt.Errorf("pack %s: %w", name, err)
		}
		s.files[name] = f
	}
	return s, nil
}

func (s *assets) link(name string) (string, error) {
	f := s.files[name]
	if f == nil {
		return "", fmt.Errorf("no file static/%s", name)
	}
	return "/static/" + name + "?v=" + f.sum, nil
}

func (s *assets) serve(w http.ResponseWriter, r *http.Request) { s.send(w, r, r.PathValue("file")) }

func (s *assets) icon(w http.ResponseWriter, r *http.Request) { s.send(w, r, "icon.png") }

func (s *assets) send(w http.ResponseWriter, r *http.Request, name string) {
	f := s.files[name]
	if f == nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", f.kind)
	if r.URL.Query().Get("v") == f.sum {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		w.Header().Set("Cache-Control", "no-cache")
	}
	write(w, r, f.body, f.packed)
}

// write sends a body, packed where that is smaller and the browser takes it.
func write(w http.ResponseWriter, r *http.Request, body, packed []byte) {
	w.Header().Add("Vary", "Accept-Encoding")
	if len(packed) > 0 && len(packed) < len(body) && takesGzip(r) {
		w.Header().Set("Content-Encoding", "gzip")
		body = packed
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.Write(body) // a browser that went away needs no file
}

// takesGzip reports whether a request accepts gzip; browsers name it plainly, who weighs encodings gets none.
func takesGzip(r *http.Request) bool {
	for e := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		if strings.TrimSpace(e) == "gzip" {
			return true
		}
	}
	return false
}

func pack(body []byte, level int) ([]byte, error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, level)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(body); err != nil {
		return nil, err
	}
	err = z.Close()
	return b.Bytes(), err
}

// figureAndUnit is what a line is not to be broken within.
var figureAndUnit = regexp.MustCompile(`(\d) (%|[A-Z]{3}\b)`)

func (a *Adapter) templates() (*template.Template, error) {
	return template.New("").Funcs(template.FuncMap{
		"static":  a.assets.link,
		"pageOne": func() pageOneParts { return a.assets.pageOne },
		"now":     func(v *viewer) string { return a.clock().In(v.Loc).Format("Mon 2 Jan 15:04") },
		"zone":    func(v *viewer) string { return v.Loc.String() },
		"fault":   faultID,
		"composer": func(p *vPage, c vComposer) map[string]any {
			return map[string]any{"Page": p, "C": c}
		},
		"slashed":   func(example string) string { return "/" + strings.TrimPrefix(example, "/") },
		"unbroken":  func(s string) string { return figureAndUnit.ReplaceAllString(s, "$1\u00a0$2") },
		"truceFace": func() vFace { return vFace{Bot: true} },
		"kind":      func(k chat.FieldKind) string { return string(k) },
	}).ParseFS(templateFiles, "templates/*.html")
}
