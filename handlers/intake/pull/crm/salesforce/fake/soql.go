package fake

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// query is a query of SOQL: SELECT fields FROM object WHERE conditions ORDER BY fields LIMIT n.
type query struct {
	fields []string
	object string
	where  func(Record) bool
	order  []string
	limit  int
}

var shape = regexp.MustCompile(`^SELECT (.+?) FROM (\w+)(?: WHERE (.+?))?(?: ORDER BY ([\w, ]+?))?(?: LIMIT (\d+))?$`)

func parse(soql string) (query, error) {
	m := shape.FindStringSubmatch(soql)
	if m == nil {
		return query{}, errors.New("unexpected token: " + soql)
	}
	q := query{object: m[2], where: func(Record) bool { return true }}
	for _, f := range strings.Split(m[1], ",") {
		q.fields = append(q.fields, strings.TrimSpace(f))
	}
	for _, f := range strings.Split(m[4], ",") {
		if f = strings.TrimSpace(f); f != "" {
			q.order = append(q.order, f)
		}
	}
	q.limit, _ = strconv.Atoi(m[5])
	if m[3] == "" {
		return q, nil
	}
	p := &parser{tokens: words.FindAllString(m[3], -1)}
	var err error
	if q.where, err = p.or(); err == nil && len(p.tokens) > 0 {
		err = fmt.Errorf("unexpected token: %s", p.tokens[0])
	}
	return q, err
}

var words = regexp.MustCompile(`'[^']*'|[<>!]=|[<>=(),]|[^\s()',<>=!]+`)

type parser struct{ tokens []string }

func (p *parser) peek() string {
	if len(p.tokens) == 0 {
		return ""
	}
	return p.tokens[0]
}

func (p *parser) next() string {
	t := p.peek()
	if t != "" {
		p.tokens = p.tokens[1:]
	}
	return t
}

func (p *parser) or() (func(Record) bool, error) {
	a, err := p.and()
	for err == nil && p.peek() == "OR" {
		p.next()
		var b func(Record) bool
		if b, err = p.and(); err == nil {
			first := a
			a = func(r Record) bool { return first(r) || b(r) }
		}
	}
	return a, err
}

func (p *parser) and() (func(Record) bool, error) {
	a, err := p.one()
	for err == nil && p.peek() == "AND" {
		p.next()
		var b func(Record) bool
		if b, err = p.one(); err == nil {
			first := a
			a = func(r Record) bool { return first(r) && b(r) }
		}
	}
	return a, err
}

func (p *parser) one() (func(Record) bool, error) {
	if p.peek() == "(" {
		p.next()
		c, err := p.or()
		if err == nil && p.next() != ")" {
			err = errors.New("a parenthesis is not closed")
		}
		return c, err
	}
	field, op := p.next(), p.next()
	if op == "IN" {
		in := map[string]bool{}
		p.next()
		for t := p.next(); t != ")" && t != ""; t = p.next() {
			if t != "," {
				in[strings.Trim(t, "'")] = true
			}
		}
		if len(in) == 0 {
			return nil, errors.New("unexpected token: )")
		}
		return func(r Record) bool { return in[text(r[field])] }, nil
	}
	value := strings.Trim(p.next(), "'")
	return func(r Record) bool {
		c := strings.Compare(ordered(text(r[field])), ordered(value))
		switch op {
		case "=":
			return c == 0
		case ">":
			return c > 0
		case "<":
			return c < 0
		case ">=":
			return c >= 0
		case "<=":
			return c <= 0
		}
		return false
	}, nil
}

func text(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

// ordered writes moments in one form.
func ordered(s string) string {
	for _, form := range []string{"2006-01-02T15:04:05.000-0700", time.RFC3339Nano} {
		if at, err := time.Parse(form, s); err == nil {
			return at.UTC().Format("2006-01-02T15:04:05.000")
		}
	}
	return s
}
