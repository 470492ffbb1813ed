package intake

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"truce"
	"truce/handlers/intake/sheet"
	"truce/storage"
)

func view(t *testing.T, s *storage.Store, fn func(tx *storage.Tx) error) {
	t.Helper()
	if err := s.View(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

// TestKindsTwiceAreOnce imports a file of every kind twice, then a correction.
func TestKindsTwiceAreOnce(t *testing.T) {
	store := openStore(t)
	for _, tt := range []struct {
		kind     sheet.Kind
		text     string
		added    int
		rejected []string // beginnings of the lines that are told
		nothing  int
		again    string // a correction of the first row
	}{
		{sheet.People, "email,name,side,role,manager,time_zone\nboss@quill.example,Bo,Sales,Sales-Manager;rep,,\nKim@Quill.example,Kim,sales,rep,boss@quill.example,Europe/Berlin\n" +
			"x@quill.example,,,king,,\ny@quill.example,,,,,Mars/Base\n", 2, []string{"line 4, column role: ", "line 5, column time_zone: "}, 0,
			"email,side\nkim@quill.example,marketing\n"},
		{sheet.Accounts, "id,name,domain,Industry,Known_At\n001b,Northfield " +
			"Labs,https://www.north.example,Pharma,\n001B,Else,,Food,2026-01-05\n,Nobody,,,\n001x,X,,,soon\n", 2,
			[]string{"line 4, column id: ", "line 5, column Known_At: "}, 0, "id,Industry,Employees\n001b,Core facility,51-200\n"},
		{sheet.Leads, "id,mql_at,company,email,owner\nl1,2026-02-01,Northfield Labs " +
			"Inc.,pat@north.example,kim@quill.example\nl2,2026-02-20,Northfield Labs,,Somebody\nl3,2025-01-01,Northfield Labs,,\n", 3, nil, 0,
			"id,mql_at,owner\nl1,2026-02-02,kim@quill.example\n"},
		{sheet.Touches, "lead_id,at,kind,by\nl1,2026-02-03 10:00,Call,kim\nl1,2026-02-04,Automatic mail,\nl1,2026-02-05,personal " +
			"mail,kim\nl9,2026-02-05,call,\nl1,2026-02-06,dance,\n", 2,
			[]string{"line 5, column lead_id: there is no lead", "line 6, column kind: "}, 1, ""},
		{sheet.Engagements, "lead_id,email,at,kind,activity\nl1,,2026-01-20,visit,pricing\n,PAT@north.example,2026-01-21,download,paper\nl7,,2026-01-20,visit,\n", 2,
			[]string{"line 4, column lead_id: "}, 0, ""},
		{sheet.Deals, "id,account,lead_id,stage,amount,currency,created_at,closed_at,owner,product\nd1,Northfield Labs GmbH,l1,Closed " +
			"Won,100.50,EUR,2026-02-10,2026-02-28,kim,Kits\n" +
			"d2,Northfield " +
			"labs,,Proposal,,,2026-02-15,2026-09-01,kim,\nd3,Elsewhere,,won,5,,2026-02-15,2026-02-16,,\nd4,Elsewhere,,lost,,,2026-02-15,,,\nd5,Elsewhere,later,lost,,,2026-02-15,2026-02-20,,\n", 3,
			[]string{"line 4, column amount: ", "line 5, column closed_at: the deal is lost"}, 0,
			"id,account,stage,amount,currency,created_at\nd2,Northfield labs,Contract,7,EUR,2026-02-15\n"},
		{sheet.Orders, "id,account,at,amount,currency\no1,Northfield Labs,2026-02-28,100.50,EUR\no2,Northfield Labs,2026-03-28,,EUR\n", 1,
			[]string{"line 3, column amount: "}, 0,
			"id,account,at,amount,currency\no1,Northfield Labs,2026-02-28,90,EUR\n"},
		{sheet.Costs, "source,campaign,at,amount,currency,id\nWebinar,,2026-02,1000,EUR,\nWebinar,,Feb " +
			"2026,1,EUR,\n,Booth,2026-02-03,20.50,EUR,i1\n,Booth,2026-02-03,20.50,EUR,i2\n,,2026-02,1,EUR,\nFair,,2026-13,1,EUR,\nFair,,2026-02,1,,\n", 3,
			[]string{"line 3, column id: another row says the same", "line 6: neither source nor campaign", "line 7, column at: ",
				"line 8, column amount: "}, 0,
			"source,at,amount,currency\nWebinar,2026-02,900,EUR\n"},
		{sheet.Answers, "theme,text,claim,status,owner,approved_by\nToo slow,\"We are fast.\",,approved,kim@quill.example,\nToo slow,Faster " +
			"than X.,competitor,approved,kim@quill.example,kim@quill.example\n" +
			"Price,Worth it.,price,,nobody@quill.example,\nPrice,Worth it.,price,,,\n", 2,
			[]string{"line 3, column approved_by: ", "line 4, column owner: "}, 0,
			"theme,text,status\nToo slow,We are fast.,waiting\n"},
	} {
		t.Run(string(tt.kind), func(t *testing.T) {
			for _, time := range []string{"first", "second"} {
				s, h, err := importText(t, store, tt.kind, tt.text)
				if err != nil {
					t.Fatal(err)
				}
				if time == "first" && s.Added != tt.added || time == "second" && s.Unchanged != tt.added || s.Changed != 0 || s.Nothing != tt.nothing ||
					len(h.lines) != len(tt.rejected) {
					t.Errorf("%s time: %+v %q", time, s, h.lines)
					continue
				}
				for i, want := range tt.rejected {
					if !strings.HasPrefix(h.lines[i], want) {
						t.Errorf("told %q, want %q...", h.lines[i], want)
					}
				}
			}
			if tt.again == "" {
				return
			}
			if s, h, err := importText(t, store, tt.kind, tt.again); err != nil || s.Changed != 1 {
				t.Errorf("a correction: %+v %q, %v", s, h.lines, err)
			}
		})
	}

	t.Run("what came of it", func(t *testing.T) {
		view(t, store, func(tx *storage.Tx) error {
			kim, err := tx.PersonByEmail("kim@quill.example")
			if err != nil {
				return err
			}
			boss, err := tx.PersonByEmail("boss@quill.example")
			if err != nil {
				return err
			}
			if kim.Side != truce.Marketing || kim.ManagerID != boss.ID || !kim.Has(truce.Rep) || !boss.Has(truce.SalesManager, truce.Rep) ||
				boss.Name != "Bo" {
				t.Errorf("kim %+v, boss %+v", kim, boss)
			}
			l1, err := tx.Lead("l1")
			if err != nil {
				return err
			}
			if l1.State != truce.Won || l1.OwnerID != kim.ID {
				t.Errorf("the deal of l1 tells it nothing: %+v", l1)
			}
			deals, err := tx.LeadDeals(l1)
			if err != nil || len(deals) != 2 {
				t.Errorf("l1 belongs to %v, %v", deals, err)
			}
			var joins []string
			err = tx.EachJoin(time.Unix(0, 0), testNow, func(j storage.Join) error {
				joins = append(joins, fmt.Sprint(j.DealID, " ", j.LeadID, " ", j.Direct))
				return nil
			})
			if want := []string{"d1 l1 true", "d1 l2 false", "d2 l1 false", "d2 l2 false"}; err != nil || !slices.Equal(joins, want) {
				t.Errorf("joins %q, %v; want %q: l3 is too old", joins, err, want)
			}
			a, err := tx.LeadAccount(l1, nil)
			if err != nil || a.ID != "001b" || a.Domain != "north.example" || a.Attribute("industry", testNow.Add(-time.Hour)) != "Pharma" ||
				a.Attribute("industry", testNow) != "Core facility" ||
				a.Attribute("employees", testNow.Add(-time.Hour)) != "" {
				t.Errorf("the account of l1 is %+v, %v", a, err)
			}
			if a, err := tx.Account("001B"); err != nil || a.Attribute("industry", time.Date(2026, 1, 4, 0, 0, 0, 0, time.UTC)) != "" ||
				a.Attribute("industry", time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)) != "Food" {
				t.Errorf("an account with known_at is %+v, %v", a, err)
			}
			e, err := tx.LeadEngagements(l1)
			if err != nil || len(e) != 2 {
				t.Errorf("engagements of l1: %v, %v", e, err)
			}
			imports, err := tx.ImportsSince(testNow, testNow.Add(time.Hour))
			if err != nil || len(imports) != 25 || !imports[0].Complete {
				t.Errorf("%d imports noted, %v", len(imports), err)
			}
			return nil
		})
	})

	t.Run("a lead that comes after its deal", func(t *testing.T) {
		if _, _, err := importText(t, store, sheet.Leads, "id,mql_at\nlater,2026-02-01\n"); err != nil {
			t.Fatal(err)
		}
		view(t, store, func(tx *storage.Tx) error {
			l, err := tx.Lead("later")
			if l.State != truce.Lost {
				t.Errorf("%+v", l)
			}
			return err
		})
	})
}

func TestCheckStoresNothing(t *testing.T) {
	store := openStore(t)
	f, err := Open(t.Context(), store, strings.NewReader("id,mql_at,score\na,2026-02-01,1\nb,2026-02-01,x\n"), Options{Kind: sheet.Leads})
	if err != nil {
		t.Fatal(err)
	}
	h := &heard{}
	s, err := f.Check(t.Context(), store, h)
	if err != nil || s.Added != 1 || s.Rejected != 1 || len(h.lines) != 1 {
		t.Errorf("%+v, %v", s, err)
	}
	view(t, store, func(tx *storage.Tx) error {
		if known, err := tx.HasLead("a"); known || err != nil {
			t.Errorf("the lead was stored (%v)", err)
		}
		return nil
	})
}
