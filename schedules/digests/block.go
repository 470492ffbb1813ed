package digests

import (
	"fmt"
	"net/url"
	"reflect"
	"slices"

	"truce/bot/cards"
	"truce/bot/chat"
	"truce/storage"
)

// Block is one matter that digests speak of. It is one file of this package: what it gathers, how it reads on a first screen and
// among all figures (text and HTML are renderings of the same card), what it adds to the JSON, how it is computed, and which
// records its figures lead to. Whatever it does not do it leaves out.
//
// To add one:
//
//  1. write its file: a type for what it gathers, kept in the study by kept, and a variable of type Block;
//  2. add the variable to the lists below where it belongs: a digest's own list for its first screen, allFigures for the rest;
//  3. run go test ./schedules/digests -update, and read what changed in testdata; name its part of the JSON in
//     docs/digest-json.md.
//
// Nothing else knows of it. boughtlater.go is an example that does all of it.
type Block struct {
	// Name is its key in the JSON, and names it in the buttons that lead to its records. It never changes.
	Name string
	// Early blocks are gathered for every study, because headlines and other blocks rest on them; all others for the digests that
	// list them, and with all figures. Early ones take no time worth speaking of.
	Early bool
	// Compares says that the block compares: a new installation leaves it out until its ramp has come to comparisons.
	Compares bool
	// How is each label that its figures stand under, with the one definition of it. "How this is computed" is made of them.
	How []cards.Definition
	// Gather reads what the block says, in the transaction that everything else of the digest is read in. The cohorts of the study
	// are counted already.
	Gather func(Maker, *storage.Tx, *Study) error
	// Card is the block on a first screen; nothing where there is nothing to say.
	Card func(Maker, *Study) []chat.Block
	// Buttons are those it adds below the digest.
	Buttons func(Maker, *Study) []chat.Button
	// Figures is the block among all figures, also in what is printed.
	Figures func(Maker, *Study) []chat.Block
	// Missing is what the block would say and what it needs for it, where it can say nothing.
	Missing func(*Study) (what, needs string)
	// Counts are the figures that it says in sentences, each with the way to what it counts; those of its tables open by their rows.
	Counts func(Maker, *Study) []figure
	// JSON is its part of the report, under its name, by docs/digest-json.md; nil adds nothing.
	JSON func(Maker, *Study) any
	// Rows are the figures of one of its rows, or the records behind one of them: exactly as many as the figure says. Its buttons are made
	// by toRows; where is what they were given.
	Rows func(d Maker, tx *storage.Tx, r Query, where url.Values) (cards.DrillView, error)
}

// The digests, as lists of blocks in the order in which they read.
var (
	firstScreens = map[string][]*Block{
		LeadsDigest: {&sourcesBlock, &changedBlock, &waysBlock, &boughtLaterBlock, &weekBlock, &importedBlock, &heardBlock, &activitiesBlock,
			&secondLookBlock, &owedBlock},
		WeeklyDigest: {&promisesBlock, &charterBlock, &decideBlock, &changedBlock, &stuckBlock, &outcomesBlock, &profileBlock, &endsBlock,
			&activitiesBlock, &taskForceBlock},
		MonthlyDigest: {&sinceBlock, &charterBlock, &weekBlock, &changedBlock, &endsBlock, &activitiesBlock, &secondLookBlock, &decideBlock},
	}
	allFigures = []*Block{&comparedBlock, &weeksBlock, &funnelBlock, &groupsBlock, &promisesBlock, &outcomesBlock, &disputesBlock, &stuckBlock, &wrongBlock,
		&boughtLaterBlock, &secondLookBlock, &highLostBlock,
		&salesBlock, &oddsBlock, &heardBlock, &answersBlock, &costsBlock, &repeatBlock, &icpBlock, &profileBlock, &endsBlock}
)

// blocks are all there are, each once: those of the first screens, then the others.
func blocks() (list []*Block) {
	for _, of := range [][]*Block{firstScreens[LeadsDigest], firstScreens[WeeklyDigest], firstScreens[MonthlyDigest], allFigures} {
		for _, b := range of {
			if !slices.Contains(list, b) {
				list = append(list, b)
			}
		}
	}
	return list
}

// kept is what a block has gathered, of a type of the block's own: one value for each study, made when it is first asked for.
func kept[T any](s *Study) *T {
	if s.kept == nil {
		s.kept = map[reflect.Type]any{}
	}
	of := reflect.TypeFor[T]()
	if s.kept[of] == nil {
		s.kept[of] = new(T)
	}
	return s.kept[of].(*T)
}

// gather has the blocks of a study read what they say, the early ones first.
func (d Maker) gather(tx *storage.Tx, s *Study) error {
	wanted := func(b *Block) bool {
		return b.Early || slices.Contains(firstScreens[s.Kind], b) || s.whole && slices.Contains(allFigures, b)
	}
	for _, early := range []bool{true, false} {
		for _, b := range blocks() {
			if b.Gather == nil || b.Early != early || !wanted(b) {
				continue
			}
			if err := b.Gather(d, tx, s); err != nil {
				return err
			}
		}
	}
	return nil
}

// summarySentences are the most that a summary says below its list and its decisions: the rest is among all figures.
const summarySentences = 3

// cardBlocks are the blocks of a study's first screen.
func (d Maker) cardBlocks(s *Study) (list []chat.Block, buttons []chat.Button) {
	said, below := 0, false // sentences below the decisions of a summary
	for _, b := range firstScreens[s.Kind] {
		if b.Compares && !s.compares() {
			continue
		}
		if b.Card != nil {
			of := b.Card(d, s)
			if below {
				if of = of[:min(len(of), max(0, summarySentences-said))]; len(of) > 0 {
					said += len(of)
				}
			}
			list = append(list, of...)
		}
		below = below || s.Kind == WeeklyDigest && b == &decideBlock
		if b.Buttons != nil {
			buttons = append(buttons, b.Buttons(d, s)...)
		}
	}
	return list, buttons
}

// figureBlocks are all figures of a whole study.
func (d Maker) figureBlocks(s *Study) (list []chat.Block) {
	var missing, need []string
	for _, b := range allFigures {
		if b.Compares && !s.compares() {
			continue
		}
		if b.Figures != nil {
			list = append(list, b.Figures(d, s)...)
		}
		if b.Missing != nil {
			if what, needs := b.Missing(s); what != "" {
				missing, need = append(missing, what), append(need, needs)
			}
		}
	}
	return append(list, cards.NotMeasured(missing, need)...)
}

// table is a table as a block, unless it is empty.
func table(t chat.Table) []chat.Block {
	if len(t.Rows) == 0 {
		return nil
	}
	return []chat.Block{chat.TableBlock(t)}
}

// toRows is a button that leads to the records behind a figure of the block of a name; more are pairs of names and values for its
// Rows.
func toRows(block, label string, p cards.Period, more ...string) chat.Button {
	return chat.Press(label, "digest.rows", p.Arg(append([]string{"n", block}, more...)...))
}

// rows are the records behind a figure of a block.
func (d Maker) rows(tx *storage.Tx, r Query, where url.Values) (chat.Card, error) {
	if of := map[string]func(*storage.Tx, Query, url.Values) (cards.DrillView, error){indexName: d.index, weekRowsName: d.weekRows,
		tenthRowsName: d.tenthRows}[where.Get("n")]; of != nil {
		v, err := of(tx, r, where) // of a whole study, which no block's own Rows can ask for
		return cards.Drill(v), err
	}
	for _, b := range blocks() {
		if b.Rows != nil && b.Name == where.Get("n") {
			v, err := b.Rows(d, tx, r, where)
			if err != nil {
				return chat.Card{}, fmt.Errorf("list the records of %s: %w", b.Name, err)
			}
			return cards.Drill(v), nil
		}
	}
	return chat.Card{}, errOldButton
}

// How explains the figures of the digests.
func (d Maker) How() chat.Card {
	var list []cards.Definition
	for _, b := range blocks() {
		list = append(list, b.How...)
	}
	return cards.HowComputed(list)
}
