package config

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"truce"
	"truce/handlers/intake/sheet"
	"truce/schedules"
)

// Sync is where data of leads is asked for, and when.
type Sync struct {
	Every   string            `yaml:"every"`   // cron line in the company's time zone or "off"
	Overlap string            `yaml:"overlap"` // what the last complete run asked for is asked for again: rows may appear late
	Sources map[string]Source `yaml:"sources"` // by their names
}

// Source is one place that is asked for rows, and how they are read. What is named as an option of truce import means the same.
type Source struct {
	Kind      string       `yaml:"kind"`
	Postgres  truce.Secret `yaml:"postgres"` // a database's address
	Command   []Text       `yaml:"command"`  // or a program and its arguments
	Query     Text         `yaml:"query"`    // of the database
	QueryFile string       `yaml:"query_file"`
	Map       Pairs        `yaml:"map"`
	Set       Pairs        `yaml:"set"`
	Value     Pairs        `yaml:"value"`
	Preset    string       `yaml:"preset"`
	Number    string       `yaml:"number"`
	Date      string       `yaml:"date"`
	Records   string       `yaml:"records"`
	Stream    string       `yaml:"stream"`
	Timeout   string       `yaml:"timeout"` // of a run; "" is DefaultTimeout
}

// DefaultTimeout is how long a run of a source may take where it does not say.
const DefaultTimeout = 30 * time.Minute

// Text is a value that may have several lines.
type Text string

// Pairs are pairs as the command line takes them, here as a YAML mapping or in the command line's own form.
type Pairs []sheet.Pair

// sheetPairs puts a node into Pairs: a mapping, whose values may be mappings of their own (status: {Parked: recycled}), or a=b,c=d.
func (r *reader) sheetPairs(v reflect.Value, n *yaml.Node, key string) {
	text := func(child *yaml.Node, path string) (string, bool) {
		var s string
		before := len(r.faults)
		r.value(reflect.ValueOf(&s).Elem(), child, path)
		return s, len(r.faults) == before
	}
	var list Pairs
	if n.Kind == yaml.ScalarNode {
		s, ok := text(n, key)
		pairs, err := sheet.ParsePairs(s)
		if err != nil {
			r.fault(key, n, err.Error())
		} else if ok {
			list = pairs
		}
		v.Set(reflect.ValueOf(list))
		return
	}
	r.pairs(n, key, "must be a section of name: value pairs, or name=value,name=value",
		func(name string, child *yaml.Node, path string, _ *yaml.Node) {
			if child.Kind != yaml.MappingNode {
				if s, ok := text(child, path); ok {
					list = append(list, sheet.Pair{Key: name, Value: s})
				}
				return
			}
			r.pairs(child, path, "", func(word string, ours *yaml.Node, path string, _ *yaml.Node) {
				if s, ok := text(ours, path); ok {
					list = append(list, sheet.Pair{Key: name + ":" + word, Value: s})
				}
			})
		})
	v.Set(reflect.ValueOf(list))
}

// SyncSchedule is when the sources are asked; the zero Spec where they are not.
func (c Config) SyncSchedule() schedules.Spec {
	spec, _ := parseSchedule(c.Sync.Every, c.Location()) // Load has refused what cannot be read
	return spec
}

// Names are the sources in the order in which they are asked: that of the kinds, then by name.
func (c Sync) Names() []string {
	kinds := sheet.Kinds()
	return slices.SortedFunc(maps.Keys(c.Sources), func(a, b string) int {
		return cmp.Or(cmp.Compare(slices.Index(kinds, c.Sources[a].kind()), slices.Index(kinds, c.Sources[b].kind())), cmp.Compare(a, b))
	})
}

func (s Source) kind() sheet.Kind { return sheet.Kind(strings.ToLower(s.Kind)) }

// OverlapTime is the overlap as a duration.
func (c Sync) OverlapTime() time.Duration {
	d, _ := time.ParseDuration(c.Overlap) // Load has refused what cannot be read
	return d
}

// TimeoutTime is how long a run may take.
func (s Source) TimeoutTime() time.Duration {
	if s.Timeout == "" {
		return DefaultTimeout
	}
	d, _ := time.ParseDuration(s.Timeout) // likewise
	return d
}

// SQL is the query, read from its file where it has one.
func (s Source) SQL() (string, error) {
	if s.QueryFile == "" {
		return string(s.Query), nil
	}
	b, err := os.ReadFile(s.QueryFile)
	if err != nil {
		return "", fmt.Errorf("read the query: %w", err)
	}
	return string(b), nil
}

// fold makes the files of queries those beside the configuration.
func (c *Sync) fold(dir string) {
	for name, s := range c.Sources {
		if s.QueryFile != "" && !filepath.IsAbs(s.QueryFile) {
			s.QueryFile = filepath.Join(dir, s.QueryFile)
		}
		c.Sources[name] = s
	}
}

var sourceName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,59}$`)

func (c Sync) check(loc *time.Location, f *faultList) {
	if _, err := parseSchedule(c.Every, loc); err != nil {
		f.add("sync.every", "%s, or \"off\"", err)
	}
	if d, err := time.ParseDuration(c.Overlap); err != nil || d < 0 || d > 30*24*time.Hour {
		f.add("sync.overlap", "must be a time such as 10m or 1h, at most 720h")
	}
	for _, name := range slices.Sorted(maps.Keys(c.Sources)) {
		key := "sync.sources." + name
		if !sourceName.MatchString(name) || name == "hubspot" || name == "salesforce" {
			f.add(key, "must be named by letters, digits, _ and -, and not hubspot or salesforce")
		}
		c.Sources[name].check(key, f)
	}
}

func (s Source) check(key string, f *faultList) {
	if !slices.Contains(sheet.Kinds(), s.kind()) {
		names := make([]string, len(sheet.Kinds()))
		for i, k := range sheet.Kinds() {
			names[i] = string(k)
		}
		f.add(key+".kind", "must be one of %s", strings.Join(names, ", "))
	}
	switch {
	case s.Postgres == "" && len(s.Command) == 0:
		f.add(key, "needs postgres, a database's address, or command, a program and its arguments")
	case s.Postgres != "" && len(s.Command) > 0:
		f.add(key, "has both postgres and command: a source is one of them")
	case s.Postgres != "" && (s.Query == "") == (s.QueryFile == ""):
		f.add(key, "needs query or query_file, one of them")
	case len(s.Command) > 0 && (s.Query != "" || s.QueryFile != ""):
		f.add(key, "has a query, which belongs to postgres: a command has its own in its arguments")
	case len(s.Command) > 0 && strings.TrimSpace(string(s.Command[0])) == "":
		f.add(key+".command", "must begin with a program")
	}
	if text, err := s.SQL(); err != nil {
		f.add(key+".query_file", "%s", err)
	} else if s.QueryFile != "" && strings.TrimSpace(text) == "" {
		f.add(key+".query_file", "is empty")
	}
	if s.Preset != "" && !slices.Contains(sheet.Presets(), strings.ToLower(s.Preset)) {
		f.add(key+".preset", "must be one of %s", strings.Join(sheet.Presets(), ", "))
	}
	if _, err := truce.ParseNumberFormat(s.Number); err != nil {
		f.add(key+".number", "must be us or eu")
	}
	if _, err := sheet.ParseDateOrder(s.Date); err != nil {
		f.add(key+".date", "must be dmy, mdy, ymd or ms")
	}
	if _, err := sheet.ParseRecords(strings.ToLower(s.Records)); err != nil {
		f.add(key+".records", "must be singer or airbyte")
	}
	if d, err := time.ParseDuration(s.Timeout); s.Timeout != "" && (err != nil || d < time.Second || d > 24*time.Hour) {
		f.add(key+".timeout", "must be a time such as 30m, from 1s to 24h")
	}
}
