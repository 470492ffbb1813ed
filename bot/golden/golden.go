// Package golden holds what people see against files under testdata, in tests. The files are written anew with -update, which is
// one flag for all packages (make golden); read the diff then as you would read code.
package golden

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Updating reports whether the golden files are being written anew.
func Updating() bool { return *update }

// Check fails the test if got is not what stands in testdata/name, and shows the lines in which they differ.
func Check[T ~string | ~[]byte](t testing.TB, name string, got T) {
	t.Helper()
	path := filepath.Join("testdata", filepath.FromSlash(name))
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal([]byte(got), want) {
		t.Errorf("%s has changed (run with -update and read the diff):\n%s", path, Difference(string(want), string(got)))
	}
}

// JSON is Check for JSON, which is kept short: what fits into a line stands in one.
func JSON(t testing.TB, name string, got []byte) {
	t.Helper()
	var p printer
	if err := p.value(got); err != nil {
		t.Fatalf("%s would not be JSON: %v", name, err)
	}
	p.newLine(0)
	Check(t, name, p.Bytes())
}

// width is where a line of JSON ends, in bytes.
const width = 120

// printer writes JSON.
type printer struct {
	bytes.Buffer
	column int // bytes in the line so far
}

func (p *printer) put(b ...byte) {
	p.Write(b)
	p.column += len(b)
}

func (p *printer) newLine(indent int) {
	p.WriteByte('\n')
	p.Write(bytes.Repeat([]byte(" "), indent))
	p.column = indent
}

// value writes a value: in one line where that fits behind what is there; else each element of a list on a line of its own, and
// the members of an object as far as they fit.
func (p *printer) value(raw json.RawMessage) error {
	var short bytes.Buffer
	if err := json.Compact(&short, raw); err != nil {
		return err
	}
	line := short.Bytes()
	if p.column+len(line) < width || line[0] != '{' && line[0] != '[' {
		p.put(line...)
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(line))
	if _, err := dec.Token(); err != nil {
		return err
	}
	p.put(line[0])
	indent, wrapped := p.column, false
	for first := true; dec.More(); first = false {
		var name []byte
		if line[0] == '{' {
			token, err := dec.Token()
			if err != nil {
				return err
			}
			if name, err = json.Marshal(token); err != nil {
				return err
			}
			name = append(name, ':')
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return err
		}
		long := p.column+len(name)+len(value) >= width
		if !first {
			p.put(',')
			if line[0] == '[' || long || wrapped { // what is wrapped begins a line, so that it stands still when its neighbours change
				p.newLine(indent)
			}
		}
		wrapped = long && (value[0] == '{' || value[0] == '[')
		p.put(name...)
		if err := p.value(value); err != nil {
			return err
		}
	}
	p.put(line[len(line)-1])
	return nil
}
