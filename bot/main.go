// Truce is a Slack and Microsoft Teams bot that ends the feud between Sales and Marketing. This package is its program:
// one file per command, and app.go, which puts the parts together.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
	_ "time/tzdata" // the company's zone must be known on any machine

	"github.com/alecthomas/kong"

	"truce/bot/chat"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr))
}

// The exit statuses.
const (
	exitOK       = 0
	exitFailed   = 1
	exitUsage    = 2 // usage or configuration
	exitRejected = 3 // done, but rows were rejected
)

// exitError is an error with an exit status of its own.
type exitError struct {
	status int
	err    error
}

func (e *exitError) Error() string { return e.err.Error() }
func (e *exitError) Unwrap() error { return e.err }

// usage is an error in what was typed or configured.
func usage(err error) error { return &exitError{exitUsage, err} }

// program is one run of the command line: everything a command may touch of the world.
type program struct {
	ctx            context.Context
	env            []string
	stdin          io.Reader
	stdout, stderr io.Writer
	now            func() time.Time
	configFile     string
}

type commandLine struct {
	Config string `help:"Configuration file (default: config.yaml, where there is one)." placeholder:"FILE"`

	Run       runCommand       `cmd:"" help:"Run the bot on the platforms that are configured."`
	Demo      demoCommand      `cmd:"" help:"Try Truce in a browser, with no account anywhere."`
	Import    importCommand    `cmd:"" help:"Bring in leads and what became of them, from CSV or JSON files."`
	Sync      syncCommand      `cmd:"" help:"Ask the sources of the configuration for what has changed."`
	Export    exportCommand    `cmd:"" help:"Take everything out again, as CSV or JSON Lines."`
	Reconcile reconcileCommand `cmd:"" help:"Say why Truce and a CRM's list of leads count differently."`
	Backup    backupCommand    `cmd:"" help:"Copy the database into one file, beside a running bot."`
	Restore   restoreCommand   `cmd:"" help:"Make a backup the database, in an empty place."`
	Erase     eraseCommand     `cmd:"" help:"Erase a person, a colleague or a lead, from the database and from chat."`
	Retention retentionCommand `cmd:"" help:"Let go of personal data that is older than the company keeps it."`
	Digest    digestCommand    `cmd:"" help:"Write a report: what became of the leads, who kept which promise."`
	ICP       icpCommand       `cmd:"" name:"icp" help:"Check an ideal customer profile, and what it says of a lead."`
	Charter   charterCommand   `cmd:"" help:"Show the charter, with how each promise was kept."`
	Outcome   outcomeCommand   `cmd:"" help:"Which outcomes customers bought, in their words."`
	Activity  activityCommand  `cmd:"" help:"Hold activities against what they were to bring."`
	Taskforce taskforceCommand `cmd:"" help:"The task force: the agenda of its next meeting, and its meetings for a calendar."`
	Journey   journeyCommand   `cmd:"" help:"The journey map: what is known of each stage, and what is true now; a poster with --format html."`
	Rebuild   rebuildCommand   `cmd:"" help:"Count the sums behind the digests anew."`
	Check     checkCommand     `cmd:"" help:"Check the configuration, without any network."`
	Manifest  manifestCommand  `cmd:"" help:"Make what Slack and Teams need to install the app."`
	Version   versionCommand   `cmd:"" help:"Say which version this is."`
}

const description = `Truce ends the feud between Sales and Marketing, on Slack and Microsoft Teams.

Examples:
  truce demo                                     try it in a browser
  truce check --config config.yaml               is the configuration right?
  truce run --config config.yaml                 run the bot
  truce import leads leads.csv --map id=Lead ID  bring in a CRM's export
  truce digest leads --format text               what became of the leads
`

func run(ctx context.Context, args, env []string, stdin io.Reader, stdout, stderr io.Writer) (status int) {
	cl := commandLine{Manifest: newManifestCommand()}
	p := &program{ctx: ctx, env: env, stdin: stdin, stdout: stdout, stderr: stderr, now: time.Now}
	exited := -1
	parser, err := kong.New(&cl, kong.Name("truce"), kong.Description(description), kong.Writers(stdout, stderr),
		kong.Bind(p, chat.Installer(p.install)),
		kong.Exit(func(code int) { exited = code }), kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}))
	if err != nil {
		fmt.Fprintln(stderr, "truce:", err)
		return exitFailed
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	command, err := parser.Parse(args)
	if exited >= 0 { // --help has been printed
		return exited
	}
	if err != nil {
		fmt.Fprintf(stderr, "truce: %v\nSee: truce --help\n", err)
		return exitUsage
	}
	p.configFile = cl.Config
	err = command.Run(p)
	var coded *exitError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &coded):
		status = coded.status
	default:
		status = exitFailed
	}
	if text := err.Error(); text != "" {
		fmt.Fprintln(stderr, "truce:", text)
	}
	return status
}
