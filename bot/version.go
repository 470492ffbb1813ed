package main

import (
	"fmt"
	"regexp"
	"runtime"
	"runtime/debug"
	"time"
)

type versionCommand struct{}

// build is what the program knows of how it was built.
type build struct {
	version string    // "v1.2.3", or of a commit between two releases "v1.2.4-0.20261123110742-f60bc82d1f3a"; "devel" where not known
	commit  string    // "" where not known
	at      time.Time // of the commit; zero where not known
}

// These are stamped by whoever builds, and then hold before what the Go command saw: -ldflags "-X main.version=v1.2.3 -X main.commit=…".
var version, commit string

func thisBuild() build {
	b := build{version: "devel"}
	if info, ok := debug.ReadBuildInfo(); ok {
		b.read(info)
	}
	if version != "" {
		b.version = version
	}
	if commit != "" {
		b.commit = commit
	}
	return b
}

// read takes what the Go command wrote into the program.
func (b *build) read(info *debug.BuildInfo) {
	if info.Main.Version != "" && info.Main.Version != "(devel)" {
		b.version = info.Main.Version
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.commit = s.Value
		case "vcs.time":
			b.at, _ = time.Parse(time.RFC3339, s.Value)
		}
	}
}

// Run prints the version, the commit it was built from where the build knows it, and the Go release.
func (versionCommand) Run(p *program) error {
	b, commit := thisBuild(), ""
	if b.commit != "" {
		commit = " " + b.commit[:min(12, len(b.commit))]
	}
	_, err := fmt.Fprintf(p.stdout, "truce %s%s %s %s/%s\n", b.version, commit, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

var (
	released = regexp.MustCompile(`^v(\d+\.\d+\.\d+)`)
	// packagesSince is the day from which the packages of builds before the first release are counted.
	packagesSince = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
)

// packageVersion is the version as Teams takes it for an app package: three numbers, higher for a newer program. Before the first
// release they come of the commit's time (0, the days since 2020, the minute of the day); a build that knows neither is 0.0.1.
func (b build) packageVersion() string {
	if m := released.FindStringSubmatch(b.version); m != nil && m[1] != "0.0.0" {
		return m[1]
	}
	if at := b.at.UTC(); at.After(packagesSince) {
		return fmt.Sprintf("0.%d.%d", int(at.Sub(packagesSince)/(24*time.Hour)), at.Hour()*60+at.Minute())
	}
	return "0.0.1"
}
