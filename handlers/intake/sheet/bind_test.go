package sheet

import (
	"fmt"
	"strings"
	"testing"

	"truce"
)

func TestParsePairs(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"a=X,b=Y Z", "a→X b→Y Z"},
		{" a = X , b=Y ,", "a→X b→Y"},
		{`a="X, Y",b="say ""hi"""`, `a→X, Y b→say "hi"`},
		{`"a=b"=c`, "a=b→c"},
		{"a=", "a→"},
		{"a=b=c", "a→b=c"},
		{"", ""},
		{"a", "!"},
		{"=x", "!"},
		{`a="x`, "!"},
		{`a="x"y`, "!"},
		{"a=1,b", "!"},
	} {
		pairs, err := ParsePairs(c.text)
		var got []string
		for _, p := range pairs {
			got = append(got, p.Key+"→"+p.Value)
		}
		if err != nil {
			got = []string{"!"}
			if truce.KindOf(err) != truce.Invalid {
				t.Errorf("%q: %v is not a sentence for people", c.text, err)
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%q: got %v, want %s", c.text, got, c.want)
		}
	}
}

// bound tells a binding in one line: each field with its column, then the attributes.
func bound(b *Binding) string {
	var out []string
	for _, l := range b.Plan() {
		out = append(out, l.Field+"←"+l.From)
	}
	return strings.Join(out, " ") + " | " + strings.Join(b.AttributeNames(), ",")
}

func bind(t *testing.T, kind Kind, header, maps, sets string, values ...string) (*Binding, error) {
	t.Helper()
	m, err := ParsePairs(maps)
	if err != nil {
		t.Fatal(err)
	}
	s, err := ParsePairs(sets)
	if err != nil {
		t.Fatal(err)
	}
	v, err := ParsePairs(values...)
	if err != nil {
		t.Fatal(err)
	}
	return Bind(strings.Split(header, ","), kind, BindOptions{Maps: m, Sets: s, Values: v})
}

func TestBind(t *testing.T) {
	for _, c := range []struct {
		name             string
		kind             Kind
		header, map_, to string
		set              string
	}{
		{name: "our own names, case and separators aside", kind: Leads, header: "ID,MQL At,e-mail,Region",
			to: "id←ID mql_at←MQL At email←e-mail | Region"},
		{name: "--map wins, the column it replaces is kept", kind: Leads, header: "id,mql_at,source,origin", map_: "source=origin",
			to: "id←id mql_at←mql_at source←origin | source"},
		{name: "Olist", kind: Leads, header: "mql_id,first_contact_date,landing_page_id,origin",
			map_: "id=mql_id,mql_at=first_contact_date,campaign=landing_page_id,source=origin",
			to:   "id←mql_id mql_at←first_contact_date source←origin campaign←landing_page_id | "},
		{name: "several of ours from one column", kind: Outcomes, header: "mql_id,won_date,seller",
			map_: "lead_id=mql_id,deal_id=mql_id,at=won_date", set: "status=won",
			to: `lead_id←mql_id at←won_date status←"won" (--set) deal_id←mql_id | seller`},
		{name: "--set over a column of that name", kind: Leads, header: "id,mql_at,source", set: "source=Trade show",
			to: `id←id mql_at←mql_at source←"Trade show" (--set) | source`},
		{name: "the exact name of two that are alike", kind: Leads, header: "id,mql_at,Source,source",
			to: "id←id mql_at←mql_at source←source | Source"},
		{name: "duplicates nobody needs", kind: Leads, header: "id,mql_at,Notes,Notes", to: "id←id mql_at←mql_at | Notes,Notes #4"},
		{name: "one of duplicates by its place", kind: Leads, header: "id,mql_at,Source,Source", map_: "source=#4",
			to: "id←id mql_at←mql_at source←Source | Source"},
		{name: "columns without a name", kind: Leads, header: "id,mql_at,,x", to: "id←id mql_at←mql_at | #3,x"},
		{name: "a rating alone", kind: Outcomes, header: "lead_id,at,rating", to: "lead_id←lead_id at←at rating←rating | "},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, err := bind(t, c.kind, c.header, c.map_, c.set)
			if err != nil {
				t.Fatal(err)
			}
			if got := bound(b); got != c.to {
				t.Errorf("got  %s\nwant %s", got, c.to)
			}
		})
	}
}

func TestBindSaysWhatDoesNotFitAndWhatWould(t *testing.T) {
	for _, c := range []struct {
		name              string
		kind              Kind
		header, map_, set string
		value             string
		want              string
	}{
		{name: "missing, with guesses", kind: Leads, header: "Record ID,Lead Source,Create Date,x",
			want: `The file has no column for id, mql_at. It has: Record ID, Lead Source, Create Date, x. "Record ID" looks like id, "Create Date" looks like mql_at, "Lead Source" looks like source; if so, add --map 'id=Record ID' --map 'mql_at=Create Date' --map 'source=Lead Source'.`},
		{name: "missing, without", kind: Outcomes, header: "a,b", map_: "lead_id=a,at=b",
			want: "The file has no column for status or rating. It has: a, b. Name one with --map status=COLUMN."},
		{name: "unknown field", kind: Leads, header: "id,mql_at", map_: "sorce=id",
			want: `--map: leads have no field "sorce". Did you mean source?`},
		{name: "unknown field, without those of our own exports", kind: Leads, header: "id", set: "zzz=1",
			want: `--set: leads have no field "zzz". It has: id, mql_at, email, name, company, source, campaign, score, owner, segment, account, product, icp_fit, qualified, handed_off_at, known_at, merged_ids, merged_into.`},
		{name: "unknown field, nothing near", kind: Orders, header: "id", set: "zzz=1",
			want: `--set: orders have no field "zzz". It has: id, account, at, amount, currency, product.`},
		{name: "unknown column", kind: Leads, header: "id,mql_at,Lead Source", map_: "source=Source",
			want: `--map source: the file has no column "Source". Did you mean "Lead Source"?`},
		{name: "the wrong way round", kind: Leads, header: "mql_id,mql_at", map_: "mql_id=id",
			want: "--map takes our field first: write id=mql_id."},
		{name: "two columns of one name", kind: Leads, header: "id,mql_at,Source,source,SOURCE", map_: "source=SourCe",
			want: `Several columns could be source: #3 "Source" and #4 "source" and #5 "SOURCE". Say which: --map source=#3 or --map source=#4 or --map source=#5.`},
		{name: "two columns of one needed name", kind: Leads, header: "id,id,mql_at",
			want: `Several columns could be id: #1 "id" and #2 "id". Say which: --map id=#1 or --map id=#2.`},
		{name: "place out of range", kind: Leads, header: "id,mql_at", map_: "source=#9",
			want: "--map source=#9: the file has columns #1 to #2."},
		{name: "mapped twice", kind: Leads, header: "id,mql_at,x", map_: "source=x,Source=id",
			want: `--map gives source two columns, "x" and "id"; keep one.`},
		{name: "mapped and set", kind: Leads, header: "id,mql_at,x", map_: "source=x", set: "source=y",
			want: `source has a value already from "x"; drop that or --set source.`},
		{name: "a word without its field", kind: Outcomes, header: "lead_id,at,status", value: "Closed=won",
			want: `--value Closed=won: write FIELD:THEIR WORD=OUR WORD, such as "status:Deal closed=won".`},
		{name: "a word of a field without a column", kind: Outcomes, header: "lead_id,at,status", value: "rating:Gut=good",
			want: "--value: rating comes from no column of the file. Name one with --map rating=COLUMN."},
		{name: "no such kind", kind: "lead", header: "id",
			want: `There is no import of "lead"; it is one of people, accounts, leads, touches, engagements, deals, outcomes, orders, costs, activities, activity_links, answers.`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := bind(t, c.kind, c.header, c.map_, c.set, c.value)
			if err == nil {
				t.Fatal("no error")
			}
			if truce.KindOf(err) != truce.Invalid || err.Error() != c.want {
				t.Errorf("got  %s\nwant %s", err, c.want)
			}
		})
	}
}

// TestSilentRows: a row that says nothing of its lead yet is none; one that leaves a date out is a fault.
func TestSilentRows(t *testing.T) {
	for _, c := range []struct {
		set, row string
		want     bool
	}{
		{"", "L1,,,,", true},
		{"at=2026-03-01", "L1,,,,", true},
		{"currency=USD", "L1,,,,", true},
		{"", ",,,,", false},
		{"", "L1,2026-03-02,,,", false},
		{"", "L1,,won,,", false},
		{"", "L1,,,good,", false},
		{"", "L1,,,,12", false},
		{"rating=good", "L1,,,,", false},
		{"status=won", "L1,,,,", false},
	} {
		header := []string{"lead_id", "at", "status", "rating", "amount"}
		for i, h := range header {
			if name, _, ok := strings.Cut(c.set, "="); ok && name == h {
				header[i] = "other"
			}
		}
		b, err := bind(t, Outcomes, strings.Join(header, ","), "", c.set)
		if err != nil {
			t.Fatal(err)
		}
		if got := b.Silent(Row{Fields: strings.Split(c.row, ",")}); got != c.want {
			t.Errorf("--set %q, %s: silent is %v, want %v", c.set, c.row, got, c.want)
		}
	}
}

func TestValuesOfARow(t *testing.T) {
	b, err := bind(t, Outcomes, "Lead ID,at,Zeta,Alpha", "", "status=won")
	if err != nil {
		t.Fatal(err)
	}
	row := Row{Line: 7, Fields: []string{" L1 ", "2026-01-02", "zü", " \"a\" "}}
	if got := b.Source("lead_id").Of(row); got != "L1" {
		t.Errorf("lead_id: got %q", got)
	}
	if got := b.Source("status").Of(row); got != "won" {
		t.Errorf("status: got %q", got)
	}
	if s := b.Source("owner"); s.Bound() || s.Of(row) != "" {
		t.Errorf("owner is not in the file: got %q", s.Of(row))
	}
	if got := string(b.AppendAttributes(nil, row)); got != `{"Alpha":"\"a\"","Zeta":"zü"}` {
		t.Errorf("attributes: got %s", got)
	}
	if bad := b.Missing(row); bad != nil {
		t.Errorf("nothing is missing: %v", bad)
	}
	row.Fields[0] = "  "
	if bad := b.Missing(row); bad == nil || bad.Error() != "line 7, column Lead ID: no lead_id; every row needs one" {
		t.Errorf("got %v", bad)
	}
	if bad := b.Source("status").Bad(row, faulty(ReasonChoice, "no")); bad.Error() != "line 7, column --set status: no" {
		t.Errorf("got %v", bad)
	}
	var seen []string
	for name, value := range b.Attributes(row) {
		seen = append(seen, fmt.Sprintf("%s=%s", name, value))
	}
	equal(t, seen, []string{`Alpha="a"`, "Zeta=zü"})
}
