package main

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/bot/web"
	"truce/storage"
)

type outcomeCommand struct {
	Inventory outcomeInventoryCommand `cmd:"" help:"Which outcomes customers bought, in their words, the most named first."`
	Brief     outcomeBriefCommand     `cmd:"" help:"What a case study of an account can be made of, as Markdown."`
}

type outcomeInventoryCommand struct {
	Format string `help:"text, markdown, json or html." enum:"text,markdown,json,html" default:"text"`
	AsOf   string `help:"What was known at the end of a day of the company's zone, or at a moment. Default: now." placeholder:"DATE|TIME"`
}

// Help is shown by "truce outcome inventory --help".
func (outcomeInventoryCommand) Help() string {
	return `Interviews are made in chat: /outcome interview ACCOUNT. Quotes are written only where the customer said that they may be.

Examples:
  truce outcome inventory
  truce outcome inventory --format json --as-of 2026-06-30`
}

// Run writes the inventory. It only reads.
func (c outcomeInventoryCommand) Run(p *program) error {
	return outcomes(p, c.AsOf, func(tx *storage.Tx, asOf time.Time, loc *time.Location, w io.Writer) error {
		data, err := tx.InventoryData()
		if err != nil {
			return err
		}
		inventory := data.Take(asOf)
		card := cards.Inventory(cards.InventoryView{Inventory: inventory, Loc: loc})
		switch c.Format {
		case "json":
			out, err := json.MarshalIndent(newInventoryJSON(inventory, loc), "", "  ")
			if err != nil {
				return fmt.Errorf("write the inventory: %w", err)
			}
			_, err = w.Write(append(out, '\n'))
			return err
		case "markdown":
			_, err = io.WriteString(w, chat.Markdown(card))
		case "html":
			var page []byte
			if page, err = web.Print(card, loc); err == nil {
				_, err = w.Write(page)
			}
		default:
			_, err = io.WriteString(w, chat.PlainText(card, 112))
		}
		return err
	})
}

type outcomeBriefCommand struct {
	Account string `arg:"" help:"The account, as its interviews name it." placeholder:"ACCOUNT"`
	AsOf    string `help:"What was known at the end of a day of the company's zone, or at a moment. Default: now." placeholder:"DATE|TIME"`
}

// Help is shown by "truce outcome brief --help".
func (outcomeBriefCommand) Help() string {
	return `What the customer said is in it only where they said that they may be quoted.

Examples:
  truce outcome brief "Northfield Labs" > northfield.md`
}

// Run writes the brief. It only reads.
func (c outcomeBriefCommand) Run(p *program) error {
	return outcomes(p, c.AsOf, func(tx *storage.Tx, asOf time.Time, loc *time.Location, w io.Writer) error {
		data, err := tx.InventoryData()
		if err != nil {
			return err
		}
		account, list, statements := data.Of(c.Account, asOf)
		if len(list) == 0 {
			return truce.Errorf(truce.NotFound, "there is no finished interview with %q: /outcome interview %s starts one", c.Account, c.Account)
		}
		_, err = io.WriteString(w, chat.Markdown(cards.Brief(cards.BriefView{Account: account, Interviews: list, Statements: statements,
			Loc: loc})))
		return err
	})
}

// outcomes reads the database for a report of a moment.
func outcomes(p *program, asOf string, write func(tx *storage.Tx, asOf time.Time, loc *time.Location, w io.Writer) error) error {
	cfg, err := p.config()
	if err != nil {
		return err
	}
	loc, at := cfg.Location(), p.now().UTC().Truncate(time.Millisecond)
	if asOf != "" {
		if at, err = parseAsOf(asOf, loc); err != nil {
			return usage(fmt.Errorf("--as-of: %w", err))
		}
	}
	log := p.logger(cfg.Log)
	store, end, err := p.look(cfg, log)
	if err != nil {
		return err
	}
	defer end()
	return refused(store.View(p.ctx, func(tx *storage.Tx) error { return write(tx, at, loc, p.stdout) }))
}

// inventoryJSON is the inventory: a contract, see docs/outcomes.md.
type inventoryJSON struct {
	AsOf       string                 `json:"as_of"`
	Interviews int                    `json:"interviews"`
	Ideal      customersJSON          `json:"ideal"`
	Lost       customersJSON          `json:"lost"`
	Outcomes   []inventoryOutcomeJSON `json:"outcomes"`
	LostOnly   []inventoryOutcomeJSON `json:"lost_only"`
	Ungrouped  int                    `json:"ungrouped"`
	New        []newOutcomesJSON      `json:"new_by_interview"`
	Heard      bool                   `json:"last_three_named_nothing_new"`
}

type customersJSON struct {
	Customers int   `json:"customers"`
	Aim       []int `json:"aim"` // from, to
}

type shareJSON struct {
	K int `json:"k"`
	N int `json:"n"`
}

type inventoryOutcomeJSON struct {
	ID          string           `json:"id"`
	Name        string           `json:"name"`
	Named       shareJSON        `json:"named"` // by ideal customers
	Lost        shareJSON        `json:"lost"`
	Asked       int              `json:"asked"`
	Rated       int              `json:"rated"`
	Opportunity *opportunityJSON `json:"opportunity"` // null under ten asked
	Quotes      []quoteJSON      `json:"quotes"`      // with consent only
	Statements  []string         `json:"statements"`
}

type opportunityJSON struct {
	Median   float64 `json:"median"`
	Low      float64 `json:"low"`
	High     float64 `json:"high"`
	RankFrom int     `json:"rank_from"`
	RankTo   int     `json:"rank_to"`
	Of       int     `json:"of"`
}

type quoteJSON struct {
	Interview string `json:"interview"`
	Account   string `json:"account"`
	Who       string `json:"who"`
	Role      string `json:"role"`
	Standing  string `json:"standing"`
	Text      string `json:"text"`
}

type newOutcomesJSON struct {
	Interview string `json:"interview"`
	Named     int    `json:"named"`
	New       *int   `json:"new"` // null while an outcome of it is in no group
}

func newInventoryJSON(v truce.Inventory, loc *time.Location) inventoryJSON {
	j := inventoryJSON{AsOf: v.AsOf.In(loc).Format(time.RFC3339), Interviews: v.Interviews,
		Ideal: customersJSON{v.Progress.Ideal, []int{truce.IdealLeast, truce.IdealMost}},
		Lost:  customersJSON{v.Progress.Lost, []int{truce.LostAim, truce.LostAim}}, Ungrouped: len(v.Ungrouped), New: []newOutcomesJSON{},
		Heard: v.Heard()}
	lines := func(list []truce.InventoryLine) []inventoryOutcomeJSON {
		out := []inventoryOutcomeJSON{}
		for _, l := range list {
			o := inventoryOutcomeJSON{ID: l.ID, Name: l.Name, Named: shareJSON{l.Ideal, v.Progress.Ideal}, Lost: shareJSON{l.Lost, v.Progress.Lost},
				Asked: l.Asked, Rated: l.Rated,
				Quotes: []quoteJSON{}, Statements: []string{}}
			if r := l.Opportunity; r != nil {
				o.Opportunity = &opportunityJSON{r.Median, r.Low, r.High, r.From, r.To, r.Of}
			}
			for _, q := range l.Quotes {
				o.Statements = append(o.Statements, q.Statement.String())
				if i := q.Interview; i.Consent && q.Statement.Quote != "" {
					o.Quotes = append(o.Quotes, quoteJSON{i.ID, i.Account, i.Who, i.WhoRole, string(i.Standing), q.Statement.Quote})
				}
			}
			out = append(out, o)
		}
		return out
	}
	j.Outcomes, j.LostOnly = lines(v.Outcomes), lines(v.LostOnly)
	for _, n := range v.News {
		one := newOutcomesJSON{Interview: n.InterviewID, Named: n.Named}
		if fresh := n.New; !n.Waits {
			one.New = &fresh
		}
		j.New = append(j.New, one)
	}
	return j
}
