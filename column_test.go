package truce

import "testing"

func TestColumnsOfPeople(t *testing.T) {
	var known KnownPeople
	for _, n := range []string{"Dana Kim", "ben.ode@acme.example", "Lúcia Ferri", "00545", "Anna van Dyk"} {
		known.Add(n)
	}
	values := func(list ...string) map[string]int {
		m := map[string]int{}
		for _, v := range list {
			m[v]++
		}
		return m
	}
	for _, c := range []struct {
		name   string
		values map[string]int
		own    int
		want   ColumnVerdict
	}{
		{"AE", values("Dana Kim", "Ben Ode", "Lúcia Ferri"), 0, PeopleColumn},
		{"Handled", values("Kim, Dana", "dana kim (AE)", "D. Kim", "Dana K."), 0, PeopleColumn},
		{"Pod", values("Dana", "ben", "Van Dyk, Anna"), 0, PeopleColumn},
		{"Pod", values("Dana Kim; Ben Ode", "Dana Kim / Anna van Dyk", "-"), 0, PeopleColumn},
		{"Code", values("00545", "00545"), 0, PeopleColumn},
		{"Anything", values("x@y.example", "z@y.example", "none"), 0, PeopleColumn},
		{"Full contact", values("Jo March", "Amy March"), 2, PeopleColumn},
		{"Lead Owner", values("North", "South"), 0, PeopleColumn},
		{"sales_rep", nil, 0, PeopleColumn},
		{"AE", values("Jo March", "Amy March"), 0, UnsureColumn},
		{"Pod", values("Jo March", "Anna van Dyk", "Renée O'Neill-Smith", "Jo de la Cruz"), 0, UnsureColumn},
		{"Closer", values("Jo", "Amy"), 0, UnsureColumn},
		{"Qualified by", values("3", "4"), 0, UnsureColumn},
		{"Betreuung", values("张伟", "王芳"), 0, UnsureColumn},
		{"Region", values("EMEA", "APAC", "North", "Dana"), 0, PlainColumn},
		{"Industry", values("Financial Services", "Health Care", "Real Estate", "Software", "Aerospace Defense"), 0, PlainColumn},
		{"Lead type", values("inbound", "outbound"), 0, PlainColumn},
		{"Employees", values("1-10", "11-50", "51-200"), 0, PlainColumn},
		{"Campaign", values("Spring Webinar 2026", "Trade Show Basel"), 0, PlainColumn},
		{"Region", nil, 0, PlainColumn},
	} {
		if got := (Column{c.name, c.values, c.own}).Judge(&known); got != c.want {
			t.Errorf("%s %v: %s, want %s", c.name, c.values, got, c.want)
		}
	}
	if (Column{Name: "Pod", Values: values("Jo March")}).Judge(&KnownPeople{}) != UnsureColumn {
		t.Error("a value that reads like a name is taken for none where nobody is known")
	}
}
