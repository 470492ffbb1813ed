package truce

import (
	"slices"
	"testing"
	"time"
)

func TestAccountsAreFoundByIdThenNameThenDomain(t *testing.T) {
	type account struct{ id, name, domain string }
	accounts := []account{
		{"001xx000003DGbY", "Northfield Labs, Inc.", "northfield.example"},
		{"001xx000003DGby", "Glenrock", "https://www.Glenrock.example/about"},
		{"3", "Eastlake", "shared.example"},
		{"4", "Westlake", "shared.example"},
		{"5", "Gold Coast", "gmail.com"},
		{"6", "Partner", "partner.example"},
		{"7", "Twin", "twin-a.example"},
		{"8", "twin ltd", "twin-b.example"},
	}
	find := func(by AccountKey, key string) (ids []string, err error) {
		for _, a := range accounts {
			if have := []string{a.id, FoldAccount(a.name), FoldDomain(a.domain)}[by]; have == key {
				ids = append(ids, a.id)
			}
		}
		return ids, nil
	}
	for _, c := range []struct{ told, company, email, want string }{
		{"001xx000003DGbY", "", "", "001xx000003DGbY"},
		{"001xx000003DGby", "Northfield Labs", "a@northfield.example", "001xx000003DGby"}, // an id goes before all, its case counts
		{"001XX000003DGBY", "", "", ""},
		{"northfield labs GmbH", "", "", "001xx000003DGbY"},
		{"", "GLENROCK", "a@northfield.example", "001xx000003DGby"},
		{"0061234", "nobody", "Pat@Northfield.Example", "001xx000003DGbY"},
		{"", "", "pat@mail.northfield.example", ""}, // a subdomain is another domain
		{"", "", "pat@shared.example", ""},          // of two accounts
		{"", "", "pat@gmail.com", ""},               // anybody's
		{"", "", "pat@partner.example", ""},         // configured
		{"", "Twin", "", ""},                        // a name of two accounts
		{"", "Twin", "pat@twin-b.example", "8"},     // and the domain tells which
		{"", "", "", ""},
	} {
		got, err := MatchAccount(c.told, c.company, c.email, []string{"partner.example"}, find)
		if err != nil || got != c.want {
			t.Errorf("account %q of %q, %s: %q, %v; want %q", c.told, c.company, c.email, got, err, c.want)
		}
	}
	for _, free := range []string{"gmail.com", "outlook.com", "web.de", "qq.com"} {
		if !slices.Contains(freeMail, free) {
			t.Errorf("%s is not known as free mail", free)
		}
	}
}

func TestAnAttributeIsWhatWasKnownThen(t *testing.T) {
	day := func(d int) time.Time { return time.Date(2026, 3, d, 0, 0, 0, 0, time.UTC) }
	a := Account{ID: "1", Name: "Northfield Labs", Domain: "northfield.example", Values: []Known{
		{"Industry", "Pharma", time.Time{}}, {"Industry", "Core facility", day(10)}, {"employees", "51-200", day(5)}}}
	for _, c := range []struct {
		name string
		at   time.Time
		want string
	}{
		{"industry", day(1), "Pharma"}, {"INDUSTRY", day(9), "Pharma"}, {"industry", day(10), "Core facility"},
		{"industry", day(30), "Core facility"},
		{"Employees", day(4), ""}, {"Employees", day(5), "51-200"}, {"region", day(30), ""}, {"company", day(1), "Northfield Labs"},
		{"domain", day(1), "northfield.example"},
	} {
		if got := a.Attribute(c.name, c.at); got != c.want {
			t.Errorf("%s on %s: %q, want %q", c.name, c.at.Format(time.DateOnly), got, c.want)
		}
	}
}
