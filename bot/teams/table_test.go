package teams_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"truce/bot/chat"
	"truce/bot/teams"
)

// tableOf is a table of so many rows under the named columns, the first cell of each row a button.
func tableOf(rows int, titles ...string) chat.Table {
	t := chat.Table{Caption: "Leads"}
	for i, name := range titles {
		t.Columns = append(t.Columns, chat.Column{Title: strings.TrimSuffix(name, "?"), Number: i > 1, Spare: strings.HasSuffix(name, "?")})
	}
	for r := range rows {
		row := []chat.Cell{{Text: fmt.Sprintf("L-%d", 2000+r), Button: &chat.Button{Label: "Open", Action: "lead.show",
			Arg: fmt.Sprintf("L-%d", 2000+r)}}}
		for range titles[1:] {
			row = append(row, chat.Cell{Text: "Content syndication"})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// drawn is a table's card as Teams gets it.
func drawn(t *testing.T, table chat.Table) (card map[string]any, size int) {
	t.Helper()
	raw, err := teams.RenderCard(chat.Card{Summary: "Leads", Blocks: []chat.Block{chat.TableBlock(table)}})
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &card); err != nil {
		t.Fatal(err)
	}
	return card, len(raw)
}

func TestTablesStandWhereTheyHaveRoom(t *testing.T) {
	for _, c := range []struct {
		name, table, list string
		of                chat.Table
	}{
		{"two columns stand on a phone", "", "", tableOf(3, "Lead", "Source")},
		{"three of long words do not", "atLeast:standard", "atMost:narrow", tableOf(3, "Lead", "Source", "Kind")},
		{"five do only on a wide card", "wide", "atMost:standard", tableOf(3, "Lead", "Source", "Kind", "Rate")},
	} {
		t.Run(c.name, func(t *testing.T) {
			card, _ := drawn(t, c.of)
			table := find(card, "type", "Table")
			if len(table) != 1 {
				t.Fatalf("%d tables", len(table))
			}
			if got, _ := table[0]["targetWidth"].(string); got != c.table {
				t.Errorf("the table stands at %q, want %q", got, c.table)
			}
			lists := find(card, "targetWidth", c.list)
			if c.list != "" && len(lists) != 1 {
				t.Errorf("%d lists at %s", len(lists), c.list)
			}
			if c.list != "" {
				if rows := lists[0]["items"].([]any); len(rows) != 3 {
					t.Errorf("%d rows in the list, want all 3", len(rows))
				}
			}
		})
	}
}

func TestMoreThanFiveColumnsAreOnePressAway(t *testing.T) {
	card, _ := drawn(t, tableOf(2, "Lead", "A?", "B", "C", "D", "E?", "F"))
	tables := find(card, "type", "Table")
	if len(tables) != 2 {
		t.Fatalf("%d tables, want the shown and the rest", len(tables))
	}
	head := func(e map[string]any) (names []string) {
		for _, r := range find(e["rows"].([]any)[0], "type", "TextRun") {
			names = append(names, r["text"].(string))
		}
		return names
	}
	if got := strings.Join(head(tables[0]), " "); strings.Contains(got, "A") || strings.Contains(got, "E") ||
		!strings.HasPrefix(got, "Lead B") {
		t.Errorf("shown are %s, want none of the spare ones", got)
	}
	if got := strings.Join(head(tables[1]), " "); !strings.HasPrefix(got, "Lead A ") || tables[1]["isVisible"] != false {
		t.Errorf("a press away are %s", got)
	}
	toggle := find(card, "type", "Action.ToggleVisibility")
	if len(toggle) != 1 || toggle[0]["title"] != "All columns" {
		t.Fatalf("no button for all columns: %v", toggle)
	}
	for _, id := range toggle[0]["targetElements"].([]any) {
		if hidden := find(card, "id", id.(string)); len(hidden) != 1 || hidden[0]["isVisible"] != false {
			t.Errorf("it shows %v, which is %v", id, hidden)
		}
	}
}

// A list and a table of the same rows are larger than either. Where both have no room, twenty leads of six columns, a page of ours, are a
// list on every screen: each still leads on.
func TestAPageOfRowsIsAllThereAndLeadsOn(t *testing.T) {
	page := tableOf(20, "Lead", "Who", "Source?", "Qualified", "State", "ICP")
	for n := range page.Rows {
		for i, text := range []string{"", "Northfield Labs · Lena Hart", "Content syndication", "17 Nov 2026", "accepted by silence",
			"34 of 60"} {
			if i > 0 {
				page.Rows[n][i].Text = text
			}
		}
	}
	card, size := drawn(t, page)
	pressed := map[string]bool{}
	for _, a := range find(card, "type", "Action.Execute") {
		raw, _ := json.Marshal(a["data"])
		pressed[string(raw)] = true
	}
	if len(pressed) != 20 {
		t.Errorf("%d of 20 rows lead on in %d bytes", len(pressed), size)
	}
	t.Logf("%d bytes", size)
}
