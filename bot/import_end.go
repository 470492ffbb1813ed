package main

import (
	"bytes"
	"fmt"
	"io"
)

// endReader reads a file whose last line says that it is whole, without that line. A file that ends without it was cut off.
type endReader struct {
	src  io.Reader
	line []byte
	held []byte // read, and not given yet: it may be the last line
	err  error  // of src
	done bool   // held is what is left to give
}

func newEndReader(src io.Reader, line string) *endReader {
	return &endReader{src: src, line: []byte(line)}
}

// Read gives what cannot be the last line.
func (e *endReader) Read(b []byte) (int, error) {
	hold := len(e.line) + len("\n\r\n\n") // the line, its end before, and what may stand behind
	for !e.done {
		if give := len(e.held) - hold; give > 0 {
			n := copy(b, e.held[:give])
			e.held = append(e.held[:0], e.held[n:]...)
			return n, nil
		}
		if e.err != nil {
			e.finish()
			break
		}
		chunk := make([]byte, 32<<10)
		var n int
		n, e.err = e.src.Read(chunk)
		e.held = append(e.held, chunk[:n]...)
	}
	if len(e.held) > 0 {
		n := copy(b, e.held)
		e.held = e.held[n:]
		return n, nil
	}
	return 0, e.err
}

// finish takes the last line off, or says that it is not there.
func (e *endReader) finish() {
	e.done = true
	if e.err != io.EOF {
		return
	}
	rest, found := bytes.CutSuffix(bytes.TrimRight(e.held, "\r\n"), e.line)
	if found && (len(rest) == 0 || bytes.HasSuffix(rest, []byte("\n")) || bytes.HasSuffix(rest, []byte("\r"))) {
		e.held = rest
		return
	}
	e.err = fmt.Errorf("it ends without the line %q: it was cut off", e.line)
}
