package main

import (
	"bytes"
	"compress/gzip"
	"database/sql"
	"os"
	"strings"
	"testing"

	"truce"
	"truce/storage"
)

func TestImportTellsBadRowsByLineAndKeepsThem(t *testing.T) {
	s := newShell(t)
	file := s.write("leads.csv",
		"Id,MQL at,Score,Region\na1,2026-03-01,82,EU\na2,2026-03-02,many,EU\na3,2026-03-03,101,EU\n,2026-03-04,,EU\na5,,5,EU\na6,2026-03-06,,\n")
	status, out, errs := s.run("import", "leads", file)
	if status != exitRejected {
		t.Errorf("status %d, want %d", status, exitRejected)
	}
	if want := "6 leads: 2 new, 0 changed, 0 unchanged, 4 rejected\n  rejected, not a number: 2\n  rejected, required value missing: 2\n"; out != want {
		t.Errorf("stdout\n%swant\n%s", out, want)
	}
	for _, want := range []string{"import: line 3, column Score: ", "import: line 4, column Score: ", "import: line 5, column Id: ",
		"import: line 6, column MQL at: "} {
		if strings.Count(errs, want) != 1 {
			t.Errorf("stderr has not one line with %q:\n%s", want, errs)
		}
	}
	if got, want := strings.ReplaceAll(s.read("leads.csv.rejected.csv"), "\r\n", "\n"),
		"Id,MQL at,Score,Region\na2,2026-03-02,many,EU\na3,2026-03-03,101,EU\n,2026-03-04,,EU\na5,,5,EU\n"; got != want {
		t.Errorf("rejects\n%swant\n%s", got, want)
	}
	s.view(func(tx *storage.Tx) error {
		l, err := tx.Lead("a1")
		if l.Score != 82 || l.Attrs["Region"] != "EU" {
			t.Errorf("lead %+v", l)
		}
		return err
	})

	s.write("leads.csv", "id,mql_at\na2,2026-03-02\n")
	if status, _, errs := s.run("import", "leads", file); status != exitOK {
		t.Errorf("a sound file: status %d, %s", status, errs)
	}
	if _, err := os.Stat(s.path("leads.csv.rejected.csv")); err == nil {
		t.Error("the rejects of an earlier import are still there")
	}
}

// TestRejectedRowsThatAPersonMendedAreTheirs is the whole life of such a file: only what is byte for byte as it was written goes.
func TestRejectedRowsThatAPersonMendedAreTheirs(t *testing.T) {
	s := newShell(t)
	file := s.write("x.csv", "id,mql_at\na1,soon\n")
	if status, _, errs := s.run("import", "leads", file); status != exitRejected {
		t.Fatalf("status %d, %s", status, errs)
	}
	const mended = "id,mql_at\na1,2026-03-01\n"
	s.write("x.csv.rejected.csv", mended)
	status, _, errs := s.run("import", "leads", file)
	want := "import: rejected rows are in x.csv.rejected-2.csv; mend them there and import that file the same way\n" +
		"import: x.csv.rejected.csv is not as an import left it, so it is yours and was not touched\n"
	if status != exitRejected || !strings.HasSuffix(errs, want) {
		t.Errorf("status %d, stderr\n%swant at its end\n%s", status, errs, want)
	}
	if got := s.read("x.csv.rejected.csv"); got != mended {
		t.Errorf("the mended file is now %q", got)
	}
	s.run("import", "leads", file) // the second is ours, and is written again
	if _, err := os.Stat(s.path("x.csv.rejected-3.csv")); err == nil || s.read("x.csv.rejected-2.csv") != "id,mql_at\na1,soon\n" {
		t.Error("the second file is not used again")
	}
	s.write("x.csv", "id,mql_at\na2,2026-03-02\n")
	if status, _, errs := s.run("import", "leads", file); status != exitOK {
		t.Errorf("a sound file: status %d, %s", status, errs)
	}
	if got := s.read("x.csv.rejected.csv"); got != mended {
		t.Errorf("a sound import made of the mended file %q", got)
	}

	bad := s.write("y.csv", "id,mql_at\nb1,soon\n")
	notes := s.write("notes.txt", "mine")
	if status, _, errs := s.run("import", "leads", bad, "--rejects", notes); status != exitUsage || s.read("notes.txt") != "mine" ||
		errs != "truce: notes.txt is there already and is not as an import left it: choose another with --rejects, nothing is overwritten\n" {
		t.Errorf("--rejects of somebody's file: status %d, %s", status, errs)
	}
	for range 2 {
		if status, _, errs := s.run("import", "leads", bad, "--rejects", s.path("new.csv")); status != exitRejected {
			t.Errorf("--rejects of a new file, and of our own: status %d, %s", status, errs)
		}
	}
}

func TestImportOfJSON(t *testing.T) {
	s := newShell(t)
	lines := `{"Lead ID":17,"mql_at":"2026-03-01","score":82.5,"Region":"EU"}
{"Lead ID":"a2","mql_at":1772409600000,"attributes":{"score":"high"},"Industry":"Biotech"}
{"Lead ID":"a3","mql_at":"2026-03-03","score":"many"}
{"Lead ID":"a4","mql_at":"2026-03-03","score":[1]}
`
	args := []string{"--map", "id=Lead ID,segment=Industry", "--number", "eu"}
	file := s.write("leads.jsonl", lines)
	plan := `leads.jsonl: utf-8, JSON Lines
  id             from Lead ID
  mql_at         from mql_at
  score          from score
  segment        from Industry
  kept as attributes: Region, score
Nothing was stored. 4 leads: 2 new, 0 changed, 0 unchanged, 2 rejected
  rejected, not a JSON object of texts and numbers: 1
  rejected, not a number: 1
`
	if status, out, errs := s.run(append([]string{"import", "leads", file, "--dry-run"}, args...)...); status != exitRejected || out != plan {
		t.Errorf("status %d, %s\n%swant\n%s", status, errs, out, plan)
	}
	status, out, errs := s.run(append([]string{"import", "leads", file}, args...)...)
	if status != exitRejected || !strings.HasPrefix(out, "4 leads: 2 new, 0 changed, 0 unchanged, 2 rejected\n") {
		t.Errorf("status %d, %s", status, out)
	}
	for _, want := range []string{`import: line 3, column score: "many"`, "import: line 4, column score: a value is"} {
		if !strings.Contains(errs, want) {
			t.Errorf("no %q in\n%s", want, errs)
		}
	}
	if got, want := s.read("leads.jsonl.rejected.jsonl"), strings.Join(strings.SplitAfter(lines, "\n")[2:], ""); got != want {
		t.Errorf("rejects\n%swant\n%s", got, want)
	}
	s.view(func(tx *storage.Tx) error {
		l, err := tx.Lead("17")
		if err != nil || l.Score != 82.5 || l.Attrs["Region"] != "EU" {
			t.Errorf("%+v, %v", l, err)
		}
		l, err = tx.Lead("a2")
		if err != nil || l.HasScore || l.Attrs["score"] != "high" || l.Segment != "Biotech" ||
			l.MQLAt.Format("2006-01-02 15") != "2026-03-02 00" {
			t.Errorf("%+v, %v", l, err)
		}
		return err
	})
	array := "[" + strings.Join(strings.Split(lines, "\n")[:2], ",\n") + "]"
	var zip bytes.Buffer
	z := gzip.NewWriter(&zip)
	z.Write([]byte(array))
	z.Close()
	if status, out, _ := s.pipe(zip.String(), append([]string{"import", "leads", "-"}, args...)...); status != exitOK ||
		out != "2 leads: 0 new, 0 changed, 2 unchanged, 0 rejected\n" {
		t.Errorf("the same as an array, gzip: status %d, %s", status, out)
	}
	one := s.write("leads.json", `[{"Lead ID":"a2","id":"a2","mql_at":"2026-03-02"},{},{"id":"b2","mql_at":"soon"},{"id":"b3"}]`)
	_, _, errs = s.run("import", "leads", one)
	for _, want := range []string{`import: line 1, item 3, column mql_at: "soon" is not`, "import: line 1, item 4, column mql_at: no mql_at"} {
		if !strings.Contains(errs, want) {
			t.Errorf("no %q in\n%s", want, errs)
		}
	}
	if status, out, errs := s.run("import", "orders", s.write("orders.jsonl", "")); status != exitOK || !strings.HasPrefix(out, "0 orders: ") {
		t.Errorf("an export without rows: status %d, %s%s", status, out, errs)
	}
	if status, out, errs := s.pipe(array, "reconcile", "-", "--map", "id=Lead ID"); status != exitOK ||
		!strings.HasPrefix(out, "2 here, 2 in your file, 2 in both") {
		t.Errorf("reconcile: status %d, %s%s", status, out, errs)
	}
}

func TestImportOutcomes(t *testing.T) {
	s := newShell(t)
	leads := s.write("leads.csv", "id,mql_at,source\nA1,2026-03-01, Web  Site \na1,2026-03-02,x\n")
	s.run("import", "leads", leads)
	const head = "lead_id,at,status,rating,rated_at,amount,currency,reason,owner\n"
	rows := []string{
		"A1,2026-02-01,accepted,,,,,,kim",                // before its MQL date
		"A1,2026-03-02,,good,2026-03-02,,,,kim",          // a rating of its own
		"A1,2026-03-09,won,Fair,,1200.50,usd,,kim",       // undated beside a win: hindsight
		"a1,2026-03-09,rejected,,,,,Wrong Person,",       // ids are case-sensitive
		"A2,2026-03-09,won,,,,,,",                        // unknown
		"A1,2026-03-09,,,,,,,",                           // neither status nor rating
		"A1,2026-03-09,won,,,12,,,",                      // an amount without a currency
		"A1,2026-03-09,chosen,,,,,,",                     // no status of ours
		"A1,2026-03-10,opportunity,,,0.0,EUR,,kim",       // a known zero
		"a1,2026-03-10,recycled,,,,,The moon was wrong,", // another reason is kept as it is
	}
	status, out, errs := s.run("import", "outcomes", s.write("outcomes.csv", head+strings.Join(rows, "\n")+"\n"), "--rejects",
		s.path("bad.csv"))
	if status != exitRejected || !strings.HasPrefix(out, "10 outcomes: 6 new, 0 changed, 0 unchanged, 4 rejected\n") {
		t.Errorf("status %d, %s", status, out)
	}
	for _, want := range []string{
		`import: line 6, column lead_id: there is no lead "A2"; import leads first, and mind that ids are case-sensitive`,
		"import: line 7: neither status nor rating", "import: line 8, column amount: ", "import: line 9, column status: ",
	} {
		if !strings.Contains(errs, want) {
			t.Errorf("stderr has no %q:\n%s", want, errs)
		}
	}
	if got := strings.Count(s.read("bad.csv"), "\n"); got != 5 {
		t.Errorf("%d lines of rejects, want 5", got)
	}
	s.view(func(tx *storage.Tx) error {
		l, err := tx.Lead("A1")
		if err != nil {
			return err
		}
		if l.State != truce.Opportunity || l.Source != "Web  Site" || !l.HandedOffAt.IsZero() {
			t.Errorf("A1: %+v", l)
		}
		ratings, err := tx.LeadRatings("A1")
		if err != nil {
			return err
		}
		if len(ratings) != 2 || ratings[0].Hindsight || !ratings[1].Hindsight || ratings[0].Rater != "kim" || ratings[1].Value != truce.Fair {
			t.Errorf("ratings %+v", ratings)
		}
		list, err := tx.LeadOutcomes("A1")
		if err != nil {
			return err
		}
		for _, o := range list {
			switch o.Status {
			case truce.Won:
				if want := (truce.Money{Amount: 120050, Currency: "USD"}); o.Amount != want {
					t.Errorf("won %v, want %v", o.Amount, want)
				}
			case truce.Opportunity:
				if !o.HasAmount || o.Amount.Amount != 0 {
					t.Errorf("0.0 is %+v", o)
				}
			case truce.Accepted:
				if o.HasAmount || !o.At.Before(l.MQLAt) {
					t.Errorf("accepted %+v", o)
				}
			}
		}
		list, err = tx.LeadOutcomes("a1")
		if err == nil && (len(list) != 2 || list[0].Reason != "wrong-person" || list[1].Reason != "The moon was wrong") {
			t.Errorf("a1: %+v", list)
		}
		return err
	})
	if status, out, _ := s.run("import", "outcomes", s.path("outcomes.csv")); status != exitRejected ||
		!strings.HasPrefix(out, "10 outcomes: 0 new, 0 changed, 6 unchanged, 4 rejected\n") {
		t.Errorf("again: status %d, %s", status, out)
	}
}

// TestImportOneFileOfEverything imports leads, and what became of them, from one file in somebody's own words.
func TestImportOneFileOfEverything(t *testing.T) {
	s := newShell(t)
	file := s.write("all.csv", `Ref;Angelegt;Punkte;Ergebnis;Am;Urteil;Urteil am
L1;01/03/2026;90;Gewonnen;20/03/2026;Gut;05/03/2026
L2;02/03/2026;20;closed lost;21/03/2026;;
L3;03/03/2026;;;;Schlecht;09/03/2026
L4;04/03/2026;50;;;;
L5;05/03/2026;50;Geparkt;22/03/2026;;
L6;06/03/2026;50;Neu;23/03/2026;;
`)
	if status, _, errs := s.run("import", "leads", file, "--map", "id=Ref,mql_at=Angelegt,score=Punkte", "--date", "dmy"); status != exitOK {
		t.Fatalf("leads: status %d, %s", status, errs)
	}
	args := []string{"import", "outcomes", file, "--date", "dmy", "--map",
		"lead_id=Ref,at=Am,status=Ergebnis,rating=Urteil,rated_at=Urteil am", "--value", "rating:Gut=good,rating:Schlecht=poor"}
	status, out, errs := s.run(args...)
	if status != exitRejected || !strings.Contains(errs, `line 2, column Ergebnis: "Gewonnen" is not one of accepted, `) ||
		!strings.Contains(out, "\n  where a word of yours means one of ours, say so: --value ") {
		t.Errorf("without the words of the status: status %d, %s%s", status, out, errs)
	}
	args = append(args, "--value", "status:gewonnen=won,status:Geparkt=recycled,status:Neu=")
	if status, out, errs = s.run(append(args, "--dry-run")...); status != exitOK ||
		!strings.Contains(out, `from Ergebnis, "Geparkt" is recycled, "gewonnen" is won, "Neu" is open`) ||
		!strings.Contains(out, "from Am, else Urteil am (if no status)") {
		t.Errorf("the plan: status %d, %s%s", status, out, errs)
	}
	status, out, errs = s.run(args...)
	if want := "6 outcomes: 2 new, 0 changed, 2 unchanged, 0 rejected\n"; status != exitOK || !strings.HasPrefix(out, want) ||
		!strings.Contains(out, "2 rows say nothing") {
		t.Errorf("status %d, %s%s", status, out, errs)
	}
	s.view(func(tx *storage.Tx) error {
		for id, want := range map[string]truce.Status{"L1": truce.Won, "L2": truce.Lost, "L3": truce.NoStatus, "L4": truce.NoStatus,
			"L5": truce.Recycled, "L6": truce.NoStatus} {
			if l, err := tx.Lead(id); err != nil || l.State != want {
				t.Errorf("%s is %q, want %q (%v)", id, l.State, want, err)
			}
		}
		ratings, err := tx.LeadRatings("L3")
		if err == nil && (len(ratings) != 1 || ratings[0].Value != truce.Poor || ratings[0].Hindsight || ratings[0].At.IsZero()) {
			t.Errorf("a rating without an outcome: %+v", ratings)
		}
		return err
	})
}

func TestImportTellsWhatLooksLikeAField(t *testing.T) {
	s := newShell(t)
	file := s.write("leads.csv", "id,mql_at,Lead Source,Region\na1,2026-03-01,web,EU\n")
	want := "1 lead: 1 new, 0 changed, 0 unchanged, 0 rejected\n  Lead Source looks like source (say so with --map)\n"
	if status, out, errs := s.run("import", "leads", file); status != exitOK || out != want || errs != "" {
		t.Errorf("status %d, %q, %q, want %q", status, out, errs, want)
	}
	if status, out, _ := s.run("import", "leads", file, "--map", "source=Lead Source"); status != exitOK ||
		!strings.HasPrefix(out, "1 lead: 0 new, 1 changed") {
		t.Errorf("said so: status %d, %q", status, out)
	}
}

func TestImportTellsWhichDealsItTakesAsOpen(t *testing.T) {
	s := newShell(t)
	file := s.write("deals.csv", "id,account,stage,created_at,closed_at\nd1,N,Closed "+
		"Won,2026-02-01,2026-03-01\nd2,N,Gewonnen,2026-02-01,2026-03-01\nd3,N,Demo,2026-02-01,\nd4,N,Demo,2026-02-01,\n")
	if status, out, errs := s.run("import", "deals", file); status != exitOK ||
		!strings.Contains(out, "\n  Demo: 2 rows as open (no rule for it); if it means something else: --value \"stage:Demo=won\"\n  Gewonnen: "+
			"1 row as open (no rule for it); if it means something else: --value \"stage:Gewonnen=won\"\n") {
		t.Errorf("status %d, %s%s", status, out, errs)
	}
	if status, out, _ := s.run("import", "deals", file, "--value", "stage:Gewonnen=won"); status != exitOK ||
		!strings.Contains(out, "\n  Demo: 2 rows as open") || strings.Contains(out, "Gewonnen: 1 row as open") {
		t.Errorf("told what it means: status %d, %s", status, out)
	}
}

func TestImportUsage(t *testing.T) {
	s := newShell(t)
	file := s.write("leads.csv", "Lead ID,Created,Lead Source\na1,2026-03-01,web\n")
	for _, tt := range []struct {
		name, stdin string
		args        []string
		status      int
		says        string
	}{
		{"columns that do not match", "", []string{"leads", file}, exitUsage, `"Lead ID" looks like id`},
		{"a kind that does not exist", "", []string{"cheese", file, "--map", "id=Lead ID"}, exitUsage, "no import of"},
		{"a file that is not there", "", []string{"leads", s.path("none.csv")}, exitUsage, "there is no file none.csv"},
		{"pairs that are none", "", []string{"leads", file, "--map", "id"}, exitUsage, "--map"},
		{"an unknown option", "", []string{"leads", file, "--maps", "id=x"}, exitUsage, "--maps"},
		{"names with blanks", "", []string{"leads", file, "--map", "id=Lead ID,mql_at=Created", "--map", "source=Lead Source"}, exitOK, ""},
		{"from standard input", "id,mql_at\na2,2026-03-01\n", []string{"leads", "-"}, exitOK, ""},
		{"no rows", "id,mql_at\n", []string{"leads", "-"}, exitOK, ""},
		{"an empty file", "", []string{"leads", "-"}, exitUsage, "empty"},
		{"rejects over the file itself", "", []string{"leads", file, "--map", "id=Lead ID,mql_at=Created", "--rejects", file}, exitUsage,
			"the file being read"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			status, _, errs := s.pipe(tt.stdin, append([]string{"import"}, tt.args...)...)
			if status != tt.status || !strings.Contains(errs, tt.says) {
				t.Errorf("status %d, want %d; stderr has no %q:\n%s", status, tt.status, tt.says, errs)
			}
		})
	}
}

func TestImportDatesInTheCompanysZoneAndClocksFromItsStart(t *testing.T) {
	s := newShell(t)
	s.env = append(s.env, "TRUCE_TIME_ZONE=America/New_York")
	s.pipe("id,mql_at,handed_off_at\nold,2026-03-01 10:00,\nnew,2100-01-01,\nlater,2026-03-01,2100-01-01 09:00\n", "import", "leads", "-")
	s.view(func(tx *storage.Tx) error {
		for id, want := range map[string][2]string{
			"old": {"2026-03-01T15:00:00Z", "0001-01-01T00:00:00Z"}, "new": {"2100-01-01T05:00:00Z", "2100-01-01T05:00:00Z"},
			"later": {"2026-03-01T05:00:00Z", "2100-01-01T14:00:00Z"},
		} {
			l, err := tx.Lead(id)
			if err != nil {
				return err
			}
			if got := [2]string{l.MQLAt.Format("2006-01-02T15:04:05Z"), l.HandedOffAt.Format("2006-01-02T15:04:05Z")}; got != want {
				t.Errorf("%s: %v, want %v", id, got, want)
			}
		}
		return nil
	})
}

func TestImportOlist(t *testing.T) {
	const dir = "../../shared/data/olist/"
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the Olist data is not here")
	}
	s := newShell(t)
	for range 2 {
		for _, args := range [][]string{
			{"leads", dir + "olist_marketing_qualified_leads_dataset.csv", "--map",
				"id=mql_id,mql_at=first_contact_date,campaign=landing_page_id,source=origin"},
			{"outcomes", dir + "olist_closed_deals_dataset.csv", "--map", "lead_id=mql_id,at=won_date,owner=sr_id,amount=declared_monthly_revenue",
				"--set", "status=won,currency=BRL"},
		} {
			if status, out, errs := s.run(append([]string{"import"}, args...)...); status != exitOK || errs != "" {
				t.Fatalf("status %d, %s%s", status, out, errs)
			}
		}
	}
	want := map[string][2]int{"organic_search": {2296, 271}, "paid_search": {1586, 195}, "social": {1350, 75}, "unknown": {1099, 179},
		"direct_traffic": {499, 56},
		"email":          {493, 15}, "referral": {284, 24}, "other": {150, 4}, "display": {118, 6}, "other_publicities": {65, 3}, "": {60, 14}}
	got := map[string][2]int{}
	db, err := sql.Open("sqlite3", s.path("truce.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(`SELECT source, count(*), sum(state = 'won') FROM leads GROUP BY source`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var source string
		var leads, won int
		if err := rows.Scan(&source, &leads, &won); err != nil {
			t.Fatal(err)
		}
		got[source] = [2]int{leads, won}
	}
	var zeros int
	if err := db.QueryRow(`SELECT count(*) FROM outcomes WHERE amount = 0 AND currency = 'BRL'`).Scan(&zeros); err != nil {
		t.Fatal(err)
	}
	for source, n := range want {
		if got[source] != n {
			t.Errorf("%q: %v leads and deals, want %v", source, got[source], n)
		}
	}
	if len(got) != len(want) || zeros != 797 {
		t.Errorf("%d sources, %d known zeros; want %d and 797", len(got), zeros, len(want))
	}
}

func TestImportDryRunShowsThePlan(t *testing.T) {
	s := newShell(t)
	file := s.write("leads.csv", "id;mql_at;Lead Source;Region;score\na1;01/02/2026;web;EU;1,5\na2;13/02/2026;web;;x\n")
	status, out, errs := s.run("import", "leads", file, "--dry-run", "--date", "dmy", "--number", "eu")
	if want := `leads.csv: utf-8, columns parted by ';'
  id             from id
  mql_at         from mql_at
  score          from score
  kept as attributes: Lead Source, Region
  Lead Source looks like source (say so with --map)
Nothing was stored. 2 leads: 1 new, 0 changed, 0 unchanged, 1 rejected
  rejected, not a number: 1
`; status != exitRejected || out != want {
		t.Errorf("status %d\n%swant\n%s", status, out, want)
	}
	if !strings.HasPrefix(errs, "import: line 3, column score: ") {
		t.Errorf("stderr %s", errs)
	}
	if _, err := os.Stat(s.path("leads.csv.rejected.csv")); err == nil {
		t.Error("a dry run wrote rejects")
	}
	if status, _, errs := s.run("import", "leads", file, "--dry-run"); status != exitRejected || !strings.Contains(errs, "--date dmy") {
		t.Errorf("an order of dates that nobody told: status %d, %s", status, errs)
	}
}

func TestImportOptionsThatCannotBe(t *testing.T) {
	s := newShell(t)
	file := s.write("leads.csv", "id,mql_at\na1,2026-02-01\n")
	for _, args := range [][]string{{"--number", "xx"}, {"--date", "xx"}, {"--encoding", "klingon"}, {"--delimiter", "x"},
		{"--preset", "excel"}} {
		if status, _, errs := s.run(append([]string{"import", "leads", file}, args...)...); status != exitUsage ||
			!strings.Contains(errs, args[0]) {
			t.Errorf("%v: status %d, %s", args, status, errs)
		}
	}
}
