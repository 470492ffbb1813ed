package main

import (
	"testing"
	"time"
)

func TestThePackageVersionRisesWithTheProgram(t *testing.T) {
	day := time.Date(2026, 11, 23, 11, 7, 42, 0, time.UTC)
	for _, c := range []struct {
		name string
		b    build
		want string
	}{
		{"a release", build{version: "v1.2.3", at: day}, "1.2.3"},
		{"after a release", build{version: "v1.2.4-0.20261123110742-f60bc82d1f3a", at: day}, "1.2.4"},
		{"before the first release", build{version: "v0.0.0-20261123110742-f60bc82d1f3a+dirty", at: day}, "0.2518.667"},
		{"a minute later", build{version: "devel", at: day.Add(time.Minute)}, "0.2518.668"},
		{"a day later, at midnight", build{version: "devel", at: time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)}, "0.2519.0"},
		{"said in another zone", build{version: "devel", at: day.In(time.FixedZone("", 14*3600))}, "0.2518.667"},
		{"nothing known", build{version: "devel"}, "0.0.1"},
	} {
		if got := c.b.packageVersion(); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}
