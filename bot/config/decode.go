package config

import (
	"fmt"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v4"
)

// The parsed YAML is put into the Config by our own hands, because each fault must know its key, values from the
// environment must pass the same checks, and what is written must stay as it is written: "off" is no boolean here, and
// 2026-12-31 no moment.

// value puts a node into v, which is the value of key.
func (r *reader) value(v reflect.Value, n *yaml.Node, key string) {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if _, ok := r.overridden[key]; ok && r.from == "" {
		return // its variable wins, whatever the file says
	}
	switch {
	case n.Style&yaml.TaggedStyle != 0:
		r.fault(key, n, "has a YAML tag: put quotes around a value that begins with !")
	case n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" && n.Anchor != "":
		r.fault(key, n, "is an anchor without a value: put quotes around a value that begins with &")
	case n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null":
		// nothing said: the default holds
	case v.Type() == reflect.TypeFor[Pairs]():
		r.sheetPairs(v, n, key)
	default:
		switch v.Kind() {
		case reflect.Struct:
			r.section(v, n, key)
		case reflect.Map:
			r.table(v, n, key)
		case reflect.Slice:
			r.list(v, n, key)
		default:
			r.single(v, n, key)
		}
	}
}

func (r *reader) section(v reflect.Value, n *yaml.Node, key string) {
	fields := map[string]reflect.Value{}
	var names []string
	for i := range v.NumField() {
		name := v.Type().Field(i).Tag.Get("yaml")
		if name == "-" {
			continue
		}
		fields[name], names = v.Field(i), append(names, name)
	}
	r.pairs(n, key, "must be a section with keys of its own", func(name string, child *yaml.Node, path string, line *yaml.Node) {
		field, ok := fields[name]
		if !ok {
			hint := didYouMean(name, names)
			if hint == "" {
				hint = didYouMean("."+name, elsewhere(name))
			}
			r.fault(path, line, "unknown key"+hint)
			return
		}
		r.value(field, child, path)
	})
}

func (r *reader) table(v reflect.Value, n *yaml.Node, key string) {
	v.Set(reflect.MakeMap(v.Type()))
	r.pairs(n, key, "must be a section of name: value pairs", func(name string, child *yaml.Node, path string, _ *yaml.Node) {
		e := reflect.New(v.Type().Elem()).Elem()
		r.value(e, child, path)
		v.SetMapIndex(reflect.ValueOf(name), e)
	})
}

// pairs walks a mapping, remembering where each key stands and refusing one that comes twice.
func (r *reader) pairs(n *yaml.Node, key, otherwise string, each func(name string, child *yaml.Node, path string, line *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		r.fault(key, n, otherwise)
		return
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name := n.Content[i]
		if name.Kind != yaml.ScalarNode {
			r.fault(key, name, "holds a key that is not a name")
			continue
		}
		text := name.Value
		if key == "people" {
			text = strings.ToLower(text) // one person, however the address is written
		}
		path := join(key, printable(text))
		if first, twice := seen[text]; twice {
			r.fault(path, name, fmt.Sprintf("is here twice; the first is in line %d", first))
			continue
		}
		seen[text] = name.Line
		r.origins[path] = r.at(name)
		each(text, n.Content[i+1], path, name)
	}
}

func (r *reader) list(v reflect.Value, n *yaml.Node, key string) {
	if n.Kind != yaml.SequenceNode {
		r.fault(key, n, "must be a list such as [first, second]")
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content)))
	for i, child := range n.Content {
		path := item(key, i)
		for child.Kind == yaml.AliasNode {
			child = child.Alias
		}
		r.origins[path] = r.at(child)
		if child.Kind == yaml.ScalarNode && child.ShortTag() == "!!null" {
			r.fault(path, child, "has an empty item")
			continue
		}
		r.value(v.Index(i), child, path)
	}
}

func (r *reader) single(v reflect.Value, n *yaml.Node, key string) {
	if n.Kind != yaml.ScalarNode {
		r.fault(key, n, "must be a single value")
		return
	}
	text := n.Value
	if v.Kind() == reflect.String && r.from == "" {
		var err error
		if text, err = expand(text, r.env); err != nil {
			r.fault(key, n, err.Error())
			return
		}
	}
	if err := setText(v, text); err != nil {
		r.fault(key, n, err.Error())
	}
}

// setText puts what was written into v. Its error says what v takes, and repeats the text only where it is no secret.
func setText(v reflect.Value, text string) error {
	lines := v.Type() == reflect.TypeFor[Text]()
	if strings.ContainsFunc(text, func(c rune) bool { return unicode.IsControl(c) && !(lines && (c == '\n' || c == '\t')) }) {
		return fmt.Errorf("must be one line without control characters")
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Int:
		n, err := strconv.Atoi(text)
		if err != nil {
			return fmt.Errorf("must be a whole number, not %q", printable(text))
		}
		v.SetInt(int64(n))
	case reflect.Float64:
		n, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
			return fmt.Errorf("must be a number, not %q", printable(text))
		}
		v.SetFloat(n)
	case reflect.Bool:
		if text != "true" && text != "false" {
			return fmt.Errorf("must be true or false, not %q", printable(text))
		}
		v.SetBool(text == "true")
	default:
		panic("configuration field of kind " + v.Kind().String()) // a test walks all fields
	}
	return nil
}

// fromEnv puts the variable of key into the Config.
func (r *reader) fromEnv(cfg *Config, key string) {
	r.from = r.overridden[key]
	defer func() { r.from = "" }()
	text := strings.TrimSpace(r.env[r.from])
	at := origin{env: r.from}
	r.origins[key] = at
	v := reflect.ValueOf(cfg).Elem()
	for name := range strings.SplitSeq(key, ".") {
		for i := range v.NumField() {
			if v.Type().Field(i).Tag.Get("yaml") == name {
				v = v.Field(i)
				break
			}
		}
	}
	switch {
	case v.Type() == reflect.TypeFor[Pairs]():
		n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text} // the command line's own form, whatever YAML thinks of its quotes
		if strings.HasPrefix(text, "{") {
			var err error
			if n, err = parseYAML([]byte(text)); err != nil {
				r.add(at, key, "must be pairs such as a=b,c=d, or YAML such as {a: b}")
				return
			}
		}
		r.sheetPairs(v, n, key)
	case v.Kind() == reflect.Slice:
		items := []string{}
		for part := range strings.SplitSeq(text, ",") {
			if part = strings.TrimSpace(part); part != "" {
				items = append(items, part)
			}
		}
		v.Set(reflect.ValueOf(items))
	case v.Type() == reflect.TypeFor[map[string]string]():
		pairs := map[string]string{}
		for part := range strings.SplitSeq(text, ",") {
			a, b, ok := strings.Cut(part, "=")
			if strings.TrimSpace(part) != "" && !ok {
				r.add(at, key, "must be pairs such as a=b,c=d")
			} else if ok {
				pairs[strings.TrimSpace(a)] = strings.TrimSpace(b)
			}
		}
		v.Set(reflect.ValueOf(pairs))
	case v.Kind() == reflect.Map:
		n, err := parseYAML([]byte(text))
		if err != nil {
			r.add(at, key, "must be YAML such as {ann@example.com: {side: sales}}")
			return
		}
		v.SetZero()
		if n != nil {
			r.value(v, n, key)
		}
	default:
		if err := setText(v, text); err != nil {
			r.add(at, key, err.Error())
		}
	}
}

func (r *reader) at(n *yaml.Node) origin {
	if r.from != "" {
		return origin{env: r.from}
	}
	return origin{line: n.Line}
}

func (r *reader) fault(key string, n *yaml.Node, text string) {
	r.add(r.at(n), key, text)
}

var reference = regexp.MustCompile(`\$?\$\{[^}]*\}?`)
var variable = regexp.MustCompile(`^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$`)

// expand replaces ${NAME} by that variable, once: what a variable holds is not looked at again. $${ is "${".
func expand(text string, env map[string]string) (string, error) {
	var failed error
	out := reference.ReplaceAllStringFunc(text, func(ref string) string {
		if strings.HasPrefix(ref, "$$") {
			return ref[1:]
		}
		name := variable.FindStringSubmatch(ref)
		if name == nil {
			failed = fmt.Errorf("holds ${ without the name of an environment variable and }; write $${ for the characters themselves")
			return ""
		}
		value, ok := env[name[1]]
		if !ok {
			failed = fmt.Errorf("the environment variable %s is not set", name[1])
		}
		return value
	})
	return out, failed
}

// elsewhere is the paths of keys that are called name in some section.
func elsewhere(name string) []string {
	var paths []string
	for _, key := range configKeys(reflect.TypeFor[Config](), "") {
		if strings.HasSuffix(key, "."+name) {
			paths = append(paths, key)
		}
	}
	return paths
}

// didYouMean is ", did you mean NEAREST?" where one of names is near enough. A name that begins with "." is looked for as
// the end of a path.
func didYouMean(name string, names []string) string {
	if strings.HasPrefix(name, ".") {
		if len(names) == 0 || len(names) > 3 { // a key of many sections tells nothing
			return ""
		}
		return ", did you mean " + strings.Join(slices.Sorted(slices.Values(names)), " or ") + "?"
	}
	if len(name) > 100 {
		return ""
	}
	best, least := "", 1+max(1, len(name)/4)
	for _, candidate := range slices.Sorted(slices.Values(names)) {
		if d := distance(strings.ToLower(name), strings.ToLower(candidate)); d < least {
			best, least = candidate, d
		}
	}
	if best == "" {
		return ""
	}
	return ", did you mean " + best + "?"
}

// distance is Levenshtein's: how many letters must be put in, left out or changed.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// printable is what may stand in a message of something typed: short, and nothing that moves a terminal.
func printable(s string) string {
	const most = 60
	s = strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) {
			return '?'
		}
		return c
	}, s)
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most]) + "..."
	}
	return s
}
