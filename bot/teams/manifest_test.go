package teams_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"truce"
	"truce/bot/chat"
	"truce/bot/golden"
	"truce/bot/teams"
	"truce/bot/teams/teamsfake"
)

var rightConfig = teams.Config{AppID: teamsfake.AppID, AppPassword: "x", TenantID: teamsfake.Tenant}

func unzip(t *testing.T, raw []byte) map[string][]byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if out[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func TestPackage(t *testing.T) {
	raw, err := teams.Package(catalog, rightConfig, "truce.quillwater.example", "1.2.3", "1.29")
	if err != nil {
		t.Fatal(err)
	}
	again, err := teams.Package(catalog, rightConfig, "truce.quillwater.example", "1.2.3", "1.29")
	if err != nil || !bytes.Equal(raw, again) {
		t.Errorf("the same words give another package (%v)", err)
	}
	files := unzip(t, raw)
	if len(files) != 3 {
		t.Errorf("%d files", len(files))
	}
	for name, side := range map[string]int{"color.png": 192, "outline.png": 32} {
		img, err := png.Decode(bytes.NewReader(files[name]))
		if err != nil || img.Bounds().Dx() != side || img.Bounds().Dy() != side {
			t.Errorf("%s: %v, %v", name, img, err)
			continue
		}
		_, _, _, corner := img.At(0, 0).RGBA()
		if (corner == 0) != (name == "outline.png") {
			t.Errorf("%s: its corner has the alpha %d", name, corner)
		}
	}
	golden.JSON(t, "manifest"+".json", files["manifest.json"])
}

// TestTheManifestIsMicrosofts holds manifests against the schema Microsoft publishes in npm's @microsoft/app-manifest.
func TestTheManifestIsMicrosofts(t *testing.T) {
	many := chat.Catalog{}
	for i := range 40 {
		name := fmt.Sprintf("command-%d-%s", i, strings.Repeat("x", 60))
		many.Commands = append(many.Commands, chat.CommandInfo{Name: name, Help: strings.Repeat(nasty, 20)})
		many.Shortcuts = append(many.Shortcuts, chat.ShortcutInfo{Name: fmt.Sprint("s", i), Title: strings.Repeat("t", 24),
			Help: strings.Repeat(nasty, 20), Global: i%2 == 0})
	}
	for _, c := range []struct {
		name, schema string
		cat          chat.Catalog
	}{{"ours", "1.29", catalog}, {"too many", "1.29", many}, {"none", "1.29", chat.Catalog{}}, {"ours, for a tenant that lags behind", "1.22", catalog}} {
		t.Run(c.name, func(t *testing.T) {
			raw, err := teams.Package(c.cat, rightConfig, "truce.quillwater.example", "1.2.3", c.schema)
			if err != nil {
				t.Fatal(err)
			}
			manifest := unzip(t, raw)["manifest.json"]
			if !bytes.Contains(manifest, []byte(`"title":"help"`)) {
				t.Error("help is not among the commands")
			}
			var said struct{ ManifestVersion, Version string }
			if err := json.Unmarshal(manifest, &said); err != nil || said.ManifestVersion != c.schema { // draft 4 knows no const
				t.Errorf("manifestVersion %q, %v", said.ManifestVersion, err)
			}
			schema := filepath.Join("testdata", "parse", "node_modules", "@microsoft", "app-manifest", "build", "json-schemas", "teams", "v"+c.schema,
				"MicrosoftTeams.schema.json")
			if _, err := os.Stat(schema); err != nil {
				lacking(t, "npm install --prefix bot/teams/testdata/parse has not been run")
			}
			compiler := jsonschema.NewCompiler()
			compiler.UseRegexpEngine(leniently)
			compiled, err := compiler.Compile(schema)
			if err != nil {
				t.Fatal(err)
			}
			value, err := jsonschema.UnmarshalJSON(bytes.NewReader(manifest))
			if err != nil {
				t.Fatal(err)
			}
			if err := compiled.Validate(value); err != nil {
				t.Errorf("%v", err)
			}
		})
	}
}

// anything stands for a pattern that Go's regular expressions do not know (it looks ahead); the schema has one, for files of Excel.
type anything string

func (anything) MatchString(string) bool { return true }
func (a anything) String() string        { return string(a) }

func leniently(pattern string) (jsonschema.Regexp, error) {
	if re, err := regexp.Compile(pattern); err == nil {
		return re, nil
	}
	return anything(pattern), nil
}

func TestPackageNeedsWhatItSays(t *testing.T) {
	for _, host := range []string{"", "localhost", "https://truce.example.com", "truce.example.com/path", "user@truce.example.com"} {
		if _, err := teams.Package(catalog, rightConfig, host, "1.2.3", "1.29"); truce.KindOf(err) != truce.Invalid {
			t.Errorf("host %q: %v", host, err)
		}
	}
	for _, version := range []string{"", "1", "1.2", "v1.2.3", "1.2.3-rc.1", "1.02.3", "1.2.100000", "1.2.3.4"} {
		if _, err := teams.Package(catalog, rightConfig, "truce.example.com", version, "1.29"); truce.KindOf(err) != truce.Invalid {
			t.Errorf("version %q: %v", version, err)
		}
	}
	if _, err := teams.Package(catalog, teams.Config{}, "truce.example.com", "1.2.3", "1.29"); truce.KindOf(err) != truce.Invalid {
		t.Errorf("switched off: %v", err)
	}
}

func TestConfig(t *testing.T) {
	for _, c := range []struct {
		name string
		cfg  teams.Config
		want []string // the keys at fault
	}{
		{"switched off", teams.Config{}, nil},
		{"right", rightConfig, nil},
		{"a secret without its id", teams.Config{AppPassword: "x"}, []string{"teams.app_id"}},
		{"all wrong at once", teams.Config{AppID: "me", TenantID: "us", OpenIDMetadataURL: "http://evil.example", TokenURL: "ftp://x"},
			[]string{"teams.app_id", "teams.app_password", "teams.tenant_id", "teams.openid_metadata_url", "teams.token_url"}},
		{"on this machine, for tests", teams.Config{AppID: teamsfake.AppID, AppPassword: "x", TenantID: teamsfake.Tenant,
			TokenURL: "http://127.0.0.1:1/token"}, nil},
	} {
		err := c.cfg.Validate()
		var got []string
		if joined, ok := err.(interface{ Unwrap() []error }); ok {
			for _, e := range joined.Unwrap() {
				f, ok := e.(*truce.Fault)
				if !ok {
					t.Fatalf("%s: %T", c.name, e)
				}
				got = append(got, f.Key)
			}
		}
		if len(got) != len(c.want) {
			t.Errorf("%s: faults %v, want %v", c.name, got, c.want)
		}
		for _, k := range c.want {
			if !strings.Contains(err.Error(), k+": ") {
				t.Errorf("%s: no fault of %s in %v", c.name, k, err)
			}
		}
	}
}
