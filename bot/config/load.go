package config

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"truce"
)

// envPrefix begins the name of every environment variable of ours: TRUCE_ and the key's path in capitals, joined by _.
const envPrefix = "TRUCE_"

// envElsewhere is the variables that begin so and are read elsewhere: by the command line and by tests.
func envElsewhere(name string) bool {
	return strings.HasPrefix(name, "TRUCE_TEST_") || slices.Contains([]string{"TRUCE_CONFIG", "TRUCE_BROWSER", "TRUCE_UPDATE",
		"TRUCE_SCREENSHOTS"}, name)
}

// maxConfig is the most we read of a configuration file, in bytes.
const maxConfig = 1 << 20

// Load reads the file at path, then the environment ("NAME=value" each), and checks the whole. A missing file is the
// defaults, unless it was asked for by name (explicit).
//
// Every key is also a variable, TRUCE_STORAGE_PATH for storage.path, which wins over the file: lists are comma-separated,
// slack.commands is a=b pairs, people is YAML. In the file's values ${NAME} stands for a variable, $${ for "${". The error
// holds every fault, one a line, each with where it stands and its key; it repeats no secret.
func Load(path string, explicit bool, environ []string) (Config, error) {
	r := reader{file: path, env: map[string]string{}, origins: map[string]origin{}, overridden: map[string]string{}}
	for _, e := range environ {
		if name, value, ok := strings.Cut(e, "="); ok {
			r.env[name] = value
		}
	}
	cfg := Default()
	leaves := configKeys(reflect.TypeFor[Config](), "")
	names := map[string]string{} // TRUCE_STORAGE_PATH -> storage.path
	for _, key := range leaves {
		names[envName(key)] = key
	}
	for _, name := range slices.Sorted(maps.Keys(r.env)) {
		switch key, ok := names[name]; {
		case ok:
			r.overridden[key] = name
		case strings.HasPrefix(name, envPrefix) && !envElsewhere(name):
			r.add(origin{env: name}, "", "unknown variable"+didYouMean(name, slices.Collect(maps.Keys(names))))
		}
	}

	root, err := readYAML(path, explicit)
	var broken *located
	switch {
	case errors.As(err, &broken):
		broken.file = path
		r.faults = append(r.faults, broken)
	case err != nil:
		return Config{}, err
	case root != nil:
		r.value(reflect.ValueOf(&cfg).Elem(), root, "")
	}
	for _, key := range slices.Sorted(maps.Keys(r.overridden)) {
		r.fromEnv(&cfg, key)
	}
	if broken == nil { // a file that could not be read would only bring follow-up faults
		cfg.fold()
		cfg.Sync.fold(filepath.Dir(path))
		r.addChecked(cfg.Validate())
	}
	if err := r.err(); err != nil {
		return Config{}, err
	}
	return cfg, nil
}

// readYAML reads the one document of the file; nil where there is nothing in it.
func readYAML(path string, explicit bool) (*yaml.Node, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) && !explicit {
		return nil, nil
	} else if err != nil {
		return nil, fmt.Errorf("read the configuration: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxConfig+1))
	if err != nil {
		return nil, fmt.Errorf("read the configuration: %w", err)
	}
	if len(data) > maxConfig {
		return nil, &located{text: fmt.Sprintf("is larger than %d bytes", maxConfig)}
	}
	return parseYAML(data)
}

// parseYAML parses one document; nil where there is none in it. Its error is a *located without a file.
func parseYAML(data []byte) (*yaml.Node, error) {
	var doc yaml.Node
	err := yaml.Load(data, &doc)
	var fault *yaml.LoadError
	switch {
	case errors.As(err, &fault) && strings.Contains(fault.Message, "no documents in stream"):
		return nil, nil
	case errors.As(err, &fault) && strings.Contains(fault.Message, "multiple"):
		return nil, &located{text: "holds more than one document: keep one, without further lines ---"}
	case errors.As(err, &fault) && strings.Contains(fault.Message, "anchor"): // which it quotes, and it may be a password
		return nil, &located{origin: origin{line: fault.Mark.Line}, text: "is not YAML: a value that begins with * needs quotes"}
	case errors.As(err, &fault):
		return nil, &located{origin: origin{line: fault.Mark.Line}, text: "is not YAML: " + strings.TrimPrefix(fault.Message, "yaml: ")}
	case err != nil:
		return nil, &located{text: "is not YAML: " + err.Error()}
	case len(doc.Content) == 0:
		return nil, nil
	}
	return doc.Content[0], nil
}

// fold makes e-mail addresses comparable; those that are keys already are.
func (c *Config) fold() {
	for _, who := range c.Roles.lists() {
		for i := range who {
			if !strings.HasPrefix(who[i], GroupPrefix) {
				who[i] = strings.ToLower(who[i])
			}
		}
	}
	for email, p := range c.People {
		p.Manager = strings.ToLower(p.Manager)
		c.People[email] = p
	}
}

// envName is the variable of a key: storage.path -> TRUCE_STORAGE_PATH.
func envName(key string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

// configKeys is every key of a section's type that holds a value of its own, in order.
func configKeys(t reflect.Type, prefix string) []string {
	var keys []string
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Tag.Get("yaml") == "-" {
			continue
		}
		key := join(prefix, f.Tag.Get("yaml"))
		if f.Type.Kind() == reflect.Struct {
			keys = append(keys, configKeys(f.Type, key)...)
		} else {
			keys = append(keys, key)
		}
	}
	return keys
}

func join(prefix, key string) string {
	if prefix == "" {
		return key
	}
	return prefix + "." + key
}

// origin is where a key's value came from: a line of the file or a variable.
type origin struct {
	line int
	env  string
}

// located is a fault and where it stands.
type located struct {
	origin
	file, key, text string
}

// Error is "config.yaml:5: slack.bot_token: must ..." or "TRUCE_SLACK_BOT_TOKEN: must ...".
func (l *located) Error() string {
	var b strings.Builder
	switch {
	case l.env != "":
		b.WriteString(l.env)
	case l.line > 0:
		fmt.Fprintf(&b, "%s:%d", l.file, l.line)
	case l.file != "":
		b.WriteString(l.file)
	default:
		b.WriteString("configuration")
	}
	if l.key != "" && envName(l.key) != l.env {
		b.WriteString(": " + l.key)
	}
	return b.String() + ": " + l.text
}

// reader collects what a load finds.
type reader struct {
	file       string
	env        map[string]string
	overridden map[string]string // key -> the variable that wins over the file
	origins    map[string]origin // key -> where it was said
	from       string            // the variable being read; "" while the file is
	faults     []*located
}

func (r *reader) add(at origin, key, text string) {
	file := ""
	if at.env == "" {
		file = r.file
	}
	r.faults = append(r.faults, &located{origin: at, file: file, key: listKey(key), text: text})
}

// addChecked adds the faults of Validate, with where each key was said. A key that could not even be read is left out: its
// value is not the one that was written.
func (r *reader) addChecked(err error) {
	read := map[string]bool{}
	for _, f := range r.faults {
		read[f.key] = true
	}
	for _, f := range flatten(err) {
		if !read[listKey(f.Key)] {
			r.add(r.origin(f.Key), f.Key, f.Text)
		}
	}
}

// origin is where a key was said; where it was not, its section's line, else the variable that would say it.
func (r *reader) origin(key string) origin {
	if at, ok := r.origins[key]; ok {
		return at
	}
	if at, ok := r.origins[listKey(key)]; ok {
		return at
	}
	for section := key; ; {
		i := strings.LastIndex(section, ".")
		if i < 0 {
			break
		}
		section = section[:i]
		if at, ok := r.origins[section]; ok {
			return at
		}
	}
	return origin{env: envName(listKey(key))}
}

// err joins the faults: those of the file by line, then those of variables by name.
func (r *reader) err() error {
	slices.SortStableFunc(r.faults, func(a, b *located) int {
		return cmp.Or(cmp.Compare(a.env, b.env), cmp.Compare(a.line, b.line), cmp.Compare(a.key, b.key))
	})
	var errs []error
	for _, f := range r.faults {
		errs = append(errs, f)
	}
	return errors.Join(errs...)
}

// flatten is the *truce.Faults in a joined error; anything else becomes one without a key.
func flatten(err error) []*truce.Fault {
	if err == nil {
		return nil
	}
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		var all []*truce.Fault
		for _, e := range many.Unwrap() {
			all = append(all, flatten(e)...)
		}
		return all
	}
	var f *truce.Fault
	if errors.As(err, &f) {
		return []*truce.Fault{f}
	}
	return []*truce.Fault{{Text: err.Error()}}
}

var index = regexp.MustCompile(`\[\d+\]`)

// listKey is the key as people know it, without the number of a list's element.
func listKey(key string) string { return index.ReplaceAllString(key, "") }
