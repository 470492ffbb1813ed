package main

import (
	"strings"
	"testing"

	"truce"
	"truce/storage"
)

// TestImportTellsWhatItTookForWhat is one file a case: what the summary says besides the counts, and what came of it.
func TestImportTellsWhatItTookForWhat(t *testing.T) {
	const leads = "id,mql_at\nL1,2026-03-01\nL2,2026-03-01\nL3,2026-03-01\nL4,2026-03-01\n"
	for _, c := range []struct {
		name, kind, file string
		args             []string
		status           int
		want             []string // lines of stdout
		not              string
		check            func(tx *storage.Tx) string // "" when it is right
	}{
		{
			"HubSpot's marks go before the names of stages", "deals",
			"Record ID,Deal Stage,Is Closed Won,Is closed lost,Close Date,Create Date,Associated Contact IDs,Amount\n" +
				"d1,Signed,true,false,2026-03-05,2026-03-02,L1,\nd2,Verloren,false,true,2026-03-06,2026-03-02,L2,\nd3,Closed " +
				"Won,false,false,2026-12-01,2026-03-02,L3,\n",
			[]string{"--preset", "hubspot"}, exitOK,
			[]string{"  Signed: 1 row as won (by Is Closed Won)", "  Verloren: 1 row as lost (by Is closed lost)",
				"  Closed Won: 1 row as open (by Is Closed Won + Is closed lost)"}, "no rule",
			leadStates(map[string]truce.Status{"L1": truce.Won, "L2": truce.Lost, "L3": truce.Opportunity}),
		},
		{
			"Salesforce's marks and probability", "deals",
			"Id,StageName,IsClosed,IsWon,Probability,CloseDate,CreatedDate,AccountId\nd1,Closed/Won,true,true,100,2026-03-05,2026-03-02,a\n" +
				"d2,Signed,,,100,2026-03-05,2026-03-02,a\nd3,Tot,,,0,2026-03-05,2026-03-02,a\nd4,Closed Won - New " +
				"Business,,,,2026-03-05,2026-03-02,a\nd5,Gewonnen,,,50,2026-03-05,2026-03-02,a\n" +
				"d6,Parked,false,false,0,2026-03-05,2026-03-02,a\n",
			[]string{"--preset", "salesforce"}, exitOK,
			[]string{"  Signed: 1 row as won (by Probability)", "  Tot: 1 row as lost (by Probability)", "  Closed Won - New Business: 1 row as won",
				"  Closed/Won: 1 row as won (by IsClosed + IsWon)",
				`  Gewonnen: 1 row as open (no rule for it); if it means something else: --value "stage:Gewonnen=won"`,
				"  Parked: 1 row as open (by IsClosed + IsWon)"}, "", nil,
		},
		{
			"a word that a person explains goes before the marks", "deals",
			"Record ID,Deal Stage,Is Closed Won,Is closed lost,Close Date,Create Date,Associated Contact " +
				"IDs\nd1,Signed,false,false,2026-03-05,2026-03-02,L1\n",
			[]string{"--preset", "hubspot", "--value", "stage:Signed=won"}, exitOK, []string{"  Signed: 1 row as won"}, "",
			leadStates(map[string]truce.Status{"L1": truce.Won}),
		},
		{
			"a no beside a lifecycle stage that never goes back, by chosen columns", "outcomes",
			"Record ID,Lifecycle Stage,Lead Status,Date entered Sales Qualified Lead,Last Modified Date\nL1,Sales Qualified " +
				"Lead,Unqualified,2026-03-03,2026-03-09\n" +
				"L2,Customer,Connected,,2026-03-09\nL3,Marketing Qualified Lead,New,,2026-03-09\n",
			[]string{"--preset", "hubspot"}, exitOK,
			[]string{"  Sales Qualified Lead: 1 row as sql", "  Unqualified: 1 row as rejected", "  Customer: 1 row as won",
				"  New: 1 row as nothing yet"}, "Connected",
			leadStates(map[string]truce.Status{"L1": truce.Rejected, "L2": truce.Won, "L3": truce.NoStatus}),
		},
		{
			"HubSpot's stages by their short names", "outcomes",
			"Record ID,Lifecycle Stage,Create Date\nL1,MQL,2026-03-02\nL2,SQL,2026-03-02\n",
			[]string{"--preset", "hubspot"}, exitOK, []string{"2 outcomes: 1 new, 0 changed, 0 unchanged, 0 rejected"}, "",
			leadStates(map[string]truce.Status{"L1": truce.NoStatus, "L2": truce.SQL}),
		},
		{
			"one date column for each stage", "outcomes",
			"lead,amount,won on\nL1,100,2026-03-04\nL2,50,\nL3,,\nL4,,soon\n",
			[]string{"--map", "lead_id=lead,at=won on", "--set", "status=won,currency=USD"}, exitRejected,
			[]string{"4 outcomes: 1 new, 0 changed, 0 unchanged, 1 rejected", "  2 rows are not there yet: their date of this stage is empty"}, "nothing that counts",
			nil,
		},
		{
			"a column of theirs that is called like ours", "outcomes",
			"lead_id,at,status,Rating\nL1,2026-03-04,accepted,Hot\nL2,2026-03-04,accepted,Warm\n", nil, exitOK,
			[]string{"2 outcomes: 2 new, 0 changed, 0 unchanged, 0 rejected",
				`  the column rating is not read as rating: none of its words is one (Hot, Warm); where it is one, say what they mean: --value "rating:Hot=good"`}, "",
			func(tx *storage.Tx) string {
				l, err := tx.Lead("L1")
				if err != nil || l.Attrs["Rating"] != "Hot" {
					return "the column is not kept"
				}
				return ""
			},
		},
		{
			"a column of ours with a scale of theirs", "leads",
			"id,mql_at,Score\nL1,2026-03-04,250\nL2,2026-03-04,900\nL3,2026-03-04,\n", nil, exitRejected,
			[]string{"  2 rows rejected for the column Score, which was read as score by its name: --map score= leaves it out"}, "", nil,
		},
		{
			"a faulty word among ours is a fault", "outcomes",
			"lead_id,at,status,Rating\nL1,2026-03-04,accepted,good\nL2,2026-03-04,accepted,Warm\n", nil, exitRejected,
			[]string{"  rejected, not one of the accepted values: 1"}, "leaves it out", nil,
		},
		{
			"money as exports write it", "deals",
			"id,stage,lead_id,created_at,amount,currency\nd1,Demo,L1,2026-03-02,\"$22,700.00\",USD\nd2,Demo,L2,2026-03-02,19.990000000000002,EUR\nd3,Demo,L3,2026-03-02,£900,USD\n",
			nil, exitRejected,
			[]string{"3 deals: 2 new, 0 changed, 0 unchanged, 1 rejected",
				"  1 amount has more decimals than its currency and was rounded (--exact rejects it instead)"}, "",
			func(tx *storage.Tx) string {
				d, err := tx.Deal("d2")
				if err != nil || d.Amount != (truce.Money{Amount: 1999, Currency: "EUR"}) {
					return d.Amount.String()
				}
				return ""
			},
		},
		{
			"no rounding where it is not wanted", "deals",
			"id,stage,lead_id,created_at,amount,currency\nd1,Demo,L1,2026-03-02,19.995,EUR\n", []string{"--exact"}, exitRejected,
			[]string{"  rejected, not an amount of money: 1"}, "rounded", nil,
		},
		{
			"dates that have not come yet", "leads", "id,MQL at\nM1,2126-03-01\nM2,2026-03-01\n", nil, exitOK,
			[]string{"  MQL at: 1 row has a date that has not come yet, the latest 2126-03-01 in line 2; taken as it stands"}, "", nil,
		},
		{
			"a win in the future", "outcomes", "lead_id,at,status\nL1,2126-03-01,won\nL2,2126-04-01,won\n", nil, exitOK,
			[]string{"  at: 2 rows have a date that has not come yet, the latest 2126-04-01 in line 3; taken as it stands"}, "", nil,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newShell(t)
			s.run("import", "leads", s.write("leads.csv", leads))
			status, out, errs := s.run(append([]string{"import", c.kind, s.write("file.csv", c.file)}, c.args...)...)
			if status != c.status {
				t.Errorf("status %d, want %d: %s", status, c.status, errs)
			}
			for _, want := range c.want {
				if !strings.Contains("\n"+out, "\n"+want+"\n") {
					t.Errorf("no line %q in\n%s%s", want, out, errs)
				}
			}
			if c.not != "" && strings.Contains(out, c.not) {
				t.Errorf("%q is in\n%s", c.not, out)
			}
			if c.check != nil {
				s.view(func(tx *storage.Tx) error {
					if wrong := c.check(tx); wrong != "" {
						t.Error(wrong)
					}
					return nil
				})
			}
		})
	}
}

// leadStates checks how leads stand.
func leadStates(want map[string]truce.Status) func(tx *storage.Tx) string {
	return func(tx *storage.Tx) string {
		var wrong []string
		for id, state := range want {
			if l, err := tx.Lead(id); err != nil || l.State != state {
				wrong = append(wrong, id+" is "+string(l.State)+", want "+string(state))
			}
		}
		return strings.Join(wrong, "; ")
	}
}

// TestADayThatHasNotComeIsTheFilesDay: a date without a time of day is told as it stands in the file, whatever the company's zone.
func TestADayThatHasNotComeIsTheFilesDay(t *testing.T) {
	for _, zone := range []string{"Europe/Berlin", "America/New_York", "Pacific/Auckland"} {
		s := newShell(t)
		s.env = append(s.env, "TRUCE_TIME_ZONE="+zone)
		_, out, errs := s.run("import", "leads", s.write("leads.csv", "id,mql_at\nM1,2126-03-01\nM2,2026-03-01\n"))
		if want := "the latest 2126-03-01 in line 2"; !strings.Contains(out, want) {
			t.Errorf("%s: %s%s lacks %q", zone, out, errs, want)
		}
	}
}
