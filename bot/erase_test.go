package main

import (
	"os"
	"strings"
	"testing"
)

func TestEraseOnTheCommandLine(t *testing.T) {
	s := newShell(t)
	s.write("leads.csv", "id,mql_at,source,company,name,email,owner\n00Q1,2026-02-02,Webinar,Northfield Labs,Quincy "+
		"Zobel,quincy@buyer.example,rita@quillwater.example\n")
	s.write("people.csv", "email,name,side,role\nrita@quillwater.example,Rita Rehberg,sales,rep\nnora.new@quillwater.example,Nora "+
		"New,sales,rep\nn.new@quillwater.example,Nora New,sales,rep\n")
	for _, args := range [][]string{{"import", "people", s.path("people.csv")}, {"import", "leads", s.path("leads.csv")}} {
		if status, out, errs := s.run(args...); status != exitOK {
			t.Fatalf("%v: status %d, %s%s", args, status, out, errs)
		}
	}
	inFile := func(word string) bool {
		b, err := os.ReadFile(s.path("truce.db"))
		if err != nil {
			t.Fatal(err)
		}
		return strings.Contains(strings.ToLower(string(b)), word)
	}
	for _, step := range []struct {
		args   []string
		status int
		says   string
	}{
		{[]string{"erase", "nobody@example.com"}, exitUsage, "nobody here is"},
		{[]string{"erase", "Nora New"}, exitUsage, "nora.new@quillwater.example"},
		{[]string{"digest", "mine", "--as", "nora"}, exitUsage, "n.new@quillwater.example"},
		{[]string{"erase", "Quincy@buyer.example"}, exitOK, "Would erase who L-1 is"},
		{[]string{"erase", "rita@quillwater.example"}, exitOK, "Would erase P-1, and the words in: leads owned 1"},
	} {
		status, out, errs := s.run(step.args...)
		if status != step.status || !strings.Contains(out+errs, step.says) {
			t.Errorf("%v: status %d, %s%s; want %q", step.args, status, out, errs, step.says)
		}
	}
	if !inFile("zobel") || !inFile("rehberg") {
		t.Fatal("without --yes something was erased")
	}
	for _, step := range [][]string{{"erase", "l-1", "--yes"}, {"erase", "P-1", "--yes"}} {
		if status, out, errs := s.run(step...); status != exitOK || !strings.HasPrefix(out, "Erased ") {
			t.Fatalf("%v: status %d, %s%s", step, status, out, errs)
		}
	}
	for _, word := range []string{"zobel", "quincy", "rehberg", "rita@"} {
		if inFile(word) {
			t.Errorf("%q still stands in the file", word)
		}
	}
	if status, out, errs := s.run("export", "leads"); status != exitOK || !strings.Contains(out, "Northfield Labs") {
		t.Errorf("the lead does not count any more: status %d, %s%s", status, out, errs)
	}
}
