package sheet

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"truce/bot/golden"

	"truce"
)

// The header lines of testdata/presets are put together from the column names that public documentation and code name (see
// hubspot.go, salesforce.go and pipedrive.go); the rows are invented. The golden file beside each says what a preset makes of it:
// the plan, then the values of every row.
func TestPresetsOnRealHeaders(t *testing.T) {
	for _, c := range []struct {
		file   string
		preset string
		kind   Kind
	}{
		{"hubspot-companies.csv", "hubspot", Accounts},
		{"salesforce-accounts-report.csv", "salesforce", Accounts},
		{"pipedrive-organizations.csv", "pipedrive", Accounts},
		{"hubspot-contacts.csv", "hubspot", Leads},
		{"hubspot-contacts.csv", "hubspot", Outcomes},
		{"hubspot-contacts-new.csv", "hubspot", Leads},
		{"hubspot-deals.csv", "hubspot", Outcomes},
		{"hubspot-deals.csv", "hubspot", Deals},
		{"salesforce-leads-report.csv", "salesforce", Leads},
		{"salesforce-leads-report.csv", "salesforce", Outcomes},
		{"salesforce-lead-dataloader.csv", "salesforce", Leads},
		{"salesforce-lead-dataloader.csv", "salesforce", Outcomes},
		{"salesforce-opportunities-report.csv", "salesforce", Deals},
		{"salesforce-opportunity-dataloader.csv", "salesforce", Deals},
		{"salesforce-orders.csv", "salesforce", Orders},
		{"salesforce-tasks.csv", "salesforce", Touches},
		{"salesforce-users.csv", "salesforce", People},
		{"salesforce-campaign-members.csv", "salesforce", Engagements},
		{"pipedrive-deals.csv", "pipedrive", Leads},
		{"pipedrive-deals.csv", "pipedrive", Outcomes},
		{"pipedrive-deals.csv", "pipedrive", Deals},
		{"pipedrive-people.csv", "pipedrive", Leads},
		{"pipedrive-activities.csv", "pipedrive", Touches},
	} {
		t.Run(c.file+"/"+string(c.kind), func(t *testing.T) {
			path := filepath.Join("testdata", "presets", c.file)
			f, err := os.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			r, err := Open(f, Options{})
			if err != nil {
				t.Fatal(err)
			}
			b, err := Bind(r.Header(), c.kind, BindOptions{Preset: c.preset})
			if err != nil {
				t.Fatal(err)
			}
			golden.Check(t, "presets/"+strings.TrimSuffix(filepath.Base(path), ".csv")+"."+string(c.kind)+".golden", describe(t, r, b))
		})
	}
}

// describe shows a binding and what it makes of each row.
func describe(t *testing.T, r *Reader, b *Binding) string {
	t.Helper()
	var out strings.Builder
	for _, l := range b.Plan() {
		out.WriteString(l.Field + " <- " + l.From + "\n")
	}
	for {
		row, err := r.Next()
		if err == io.EOF {
			return out.String()
		}
		if err != nil || row.Bad != nil {
			t.Fatal(err, row.Bad)
		}
		values := map[string]string{}
		for _, l := range b.Plan() {
			if v := b.Source(l.Field).Of(row); v != "" {
				values[l.Field] = v
			}
		}
		text, _ := json.MarshalIndent(values, "", "  ")
		out.Write(append(text, '\n'))
		if bad := b.Missing(row); bad != nil {
			out.WriteString(bad.Error() + "\n")
		}
	}
}

func TestMapOverAPreset(t *testing.T) {
	header := strings.Split("Record ID,First Name,Last Name,Email,HubSpot Score,Create Date,Lead Source", ",")
	b, err := Bind(header, Leads, BindOptions{Preset: "hubspot", Maps: []Pair{{"source", "Lead Source"}, {"score", ""}},
		Sets: []Pair{{"owner", "nobody"}}})
	if err != nil {
		t.Fatal(err)
	}
	want := `id←Record ID mql_at←Create Date email←Email name←First Name + Last Name source←Lead Source owner←"nobody" (--set) | HubSpot Score`
	if got := bound(b); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	row := Row{Fields: []string{"1", "Ann", "", "a@x.com", "250", "2026-01-02", "Fair"}}
	if got := b.Source("name").Of(row); got != "Ann" {
		t.Errorf("a name without a last name: got %q", got)
	}
}

func TestPresetFaults(t *testing.T) {
	for _, c := range []struct {
		preset string
		kind   Kind
		header string
		want   string
	}{
		{"hubspt", Leads, "id", `--preset is one of hubspot, salesforce, pipedrive, truce, not "hubspt".`},
		{"hubspot", Answers, "id", "--preset hubspot knows accounts, leads, touches, deals, outcomes, not answers; name the columns with --map."},
		{"hubspot", Leads, "First Name,Email",
			`The file has no column for id, mql_at. It has: First Name, Email. Name one with --map id=COLUMN.`},
		{"salesforce", Leads, "Lead ID,Email,Email,Create Date",
			`Several columns could be email: #2 "Email" and #3 "Email". Say which: --map email=#2 or --map email=#3.`},
	} {
		_, err := Bind(strings.Split(c.header, ","), c.kind, BindOptions{Preset: c.preset})
		if err == nil || err.Error() != c.want || truce.KindOf(err) != truce.Invalid {
			t.Errorf("%s %s: got\n%v, want\n%s", c.preset, c.kind, err, c.want)
		}
	}
}

func TestEveryPresetFieldIsAFieldOfItsKind(t *testing.T) {
	for _, preset := range Presets() {
		for _, kind := range Kinds() {
			known := map[string]bool{}
			for _, f := range kind.Schema().Fields {
				known[f.Name] = true
			}
			for _, l := range layouts(preset, kind) {
				for field, ways := range l.fields {
					if !known[field] {
						t.Errorf("%s %s: no field %s", preset, kind, field)
					}
					for _, w := range ways {
						for theirs, ours := range w.values {
							if normal(theirs) != theirs {
								t.Errorf("%s %s %s: %q would never be found", preset, kind, field, theirs)
							}
							if field == "status" && ours != "" && ours != NoOutcome {
								if _, err := ParseStatus(ours); err != nil {
									t.Errorf("%s %s: %v", preset, kind, err)
								}
							}
						}
					}
				}
			}
		}
	}
}

func TestSalesforceIDsOfReportsAndDataLoaderAreOne(t *testing.T) {
	for id, want := range map[string]string{
		"001A0000006Vm9r":    "001A0000006Vm9rIAC",
		"001A0000006Vm9rIAC": "001A0000006Vm9rIAC",
		"Northfieldlabsx":    "Northfieldlabsx",
		"00QXX0000001a-b":    "00QXX0000001a-b",
		"":                   "",
	} {
		if got := salesforceID(id); got != want {
			t.Errorf("%s: got %s, want %s", id, got, want)
		}
	}
}
