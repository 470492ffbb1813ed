package pull

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os/exec"
	"strings"
	"time"

	"truce"
)

// Command asks a program of the company's: what it writes to its standard output are the rows. No shell reads it.
type Command struct {
	Args []string // the program first
	Env  []string // NAME=value; TRUCE_SINCE is added
}

// stopAfter is how long a program that is told to stop may take.
const stopAfter = 5 * time.Second

// Ask starts the program. Its exit status is known at the end of its output, and other than 0 makes that an error.
func (c Command) Ask(ctx context.Context, since time.Time, log *slog.Logger) (*Rows, error) {
	ctx, stop := context.WithCancel(ctx)
	cmd := exec.CommandContext(ctx, c.Args[0], c.Args[1:]...)
	cmd.Env = append(cmd.Env, c.Env...)
	cmd.Env = append(cmd.Env, "TRUCE_SINCE="+since.UTC().Format(time.RFC3339))
	said := &lines{tell: func(line string) { log.Info("a command of sync says", "line", line) }}
	cmd.Stderr = said
	cmd.WaitDelay = stopAfter
	together(cmd)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		stop()
		return nil, c.failed(err)
	}
	return &Rows{ReadCloser: &output{command: c, ctx: ctx, cmd: cmd, out: out, said: said, stop: stop}}, nil
}

// Try looks whether the program is there. It is not run: what else it does is not known.
func (c Command) Try(context.Context) error {
	if _, err := exec.LookPath(c.Args[0]); err != nil {
		return c.failed(err)
	}
	return nil
}

// failed is why the program brings nothing, for people.
func (c Command) failed(err error) error {
	var status *exec.ExitError
	switch {
	case errors.As(err, &status) && status.ExitCode() >= 0:
		return truce.Errorf(truce.Invalid, "the command %s ended with exit status %d: what it wrote to stderr is in the log", c.Args[0],
			status.ExitCode())
	case errors.As(err, &status):
		return truce.Errorf(truce.Invalid, "the command %s was ended (%s)", c.Args[0], status)
	case errors.Is(err, exec.ErrNotFound):
		return truce.Errorf(truce.Invalid, "there is no program %s: name it with its whole path", c.Args[0])
	}
	return fmt.Errorf("run the command %s: %w", c.Args[0], err)
}

// output is what a program writes; it ends well only where the program does.
type output struct {
	command Command
	ctx     context.Context
	cmd     *exec.Cmd
	out     io.ReadCloser
	said    *lines
	stop    context.CancelFunc
	ended   bool
	err     error // of the end
}

func (o *output) Read(b []byte) (int, error) {
	if o.ended {
		return 0, o.endOf()
	}
	n, err := o.out.Read(b)
	if err == nil || n > 0 {
		return n, nil
	}
	o.end()
	return 0, o.endOf()
}

// endOf is the error at the end of the output.
func (o *output) endOf() error {
	if o.err == nil {
		return io.EOF
	}
	return o.err
}

// end waits for the program, whose output is read or not wanted any more.
func (o *output) end() {
	if o.ended {
		return
	}
	o.ended = true
	if err := o.cmd.Wait(); err != nil {
		if o.err = o.command.failed(err); o.ctx.Err() != nil {
			o.err = context.Cause(o.ctx)
		}
	}
	o.said.end()
	o.stop()
}

// Close stops the program where it still runs. It is no error that nobody wants to read on.
func (o *output) Close() error {
	o.stop()
	o.end()
	return nil
}

// lines tells what is written line by line.
type lines struct {
	tell func(line string)
	held []byte
}

// maxLine is how much of a line is told, in bytes.
const maxLine = 2000

func (l *lines) Write(b []byte) (int, error) {
	l.held = append(l.held, b...)
	for {
		i := bytes.IndexByte(l.held, '\n')
		if i < 0 && len(l.held) <= maxLine {
			return len(b), nil
		}
		if i < 0 {
			i = maxLine - 1
		}
		l.say(l.held[:i+1])
		l.held = l.held[i+1:]
	}
}

func (l *lines) say(line []byte) {
	if text := strings.TrimSpace(string(line)); text != "" {
		l.tell(text)
	}
}

func (l *lines) end() {
	l.say(l.held)
	l.held = nil
}
