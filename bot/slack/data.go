package slack

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	slackgo "github.com/slack-go/slack"

	"truce/bot/chat"
)

// table draws a data_table, or where Slack has none, its rows as a list, or in a fixed-width face where that is narrow enough for a
// phone. What does not fit is cut, said, and behind Table.More.
func (d *drawing) table(t chat.Table) {
	caption := orDots(t.Caption)
	columns := t.Columns[:min(len(t.Columns), maxTableColumns)]
	if len(t.Rows) == 0 || len(columns) == 0 {
		d.paragraph(chat.T(caption, ": nothing to show."))
		return
	}
	var shown int
	var below []chat.Button
	if d.opt.Plain || d.opt.View || d.tables > 0 {
		shown = d.textTable(caption, columns, t.Rows)
		if below = pressable(t.Rows[:shown]); len(below) > 0 {
			d.flat = true
		}
	} else {
		shown = d.dataTable(caption, columns, t.Rows)
	}
	d.tables++
	note := ""
	if shown < len(t.Rows) {
		note = fmt.Sprintf("Showing %d of %d rows.", shown, len(t.Rows))
	}
	if len(columns) < len(t.Columns) {
		note = strings.TrimSpace(note + fmt.Sprintf(" Showing %d of %d columns.", len(columns), len(t.Columns)))
	}
	if note != "" {
		d.add(plainContext(note), note)
	}
	if d.ways {
		d.buttons(below)
	}
	if t.More != nil {
		d.buttons([]chat.Button{*t.More})
	}
}

// pressable are what rows lead to, each named by its row.
func pressable(rows [][]chat.Cell) (list []chat.Button) {
	for _, row := range rows {
		for _, c := range row {
			if c.Button != nil {
				b := *c.Button
				b.Label = cellText(c)
				list = append(list, b)
			}
		}
	}
	return list
}

// cellAt is a row's cell; rows may be short.
func cellAt(row []chat.Cell, i int) chat.Cell {
	if i < len(row) {
		return row[i]
	}
	return chat.Cell{}
}

// cellText is what a cell shows; Slack takes no empty one.
func cellText(c chat.Cell) string {
	if s := chat.Shorten(strings.ReplaceAll(clean(c.Words()), "\n", " "), maxCell); s != "" {
		return s
	}
	return "–"
}

func (d *drawing) dataTable(caption string, columns []chat.Column, rows [][]chat.Cell) (shown int) {
	head := make([]slackgo.DataTableCell, len(columns))
	size := 0
	for i, c := range columns {
		title := chat.Shorten(orDots(c.Title), 100)
		head[i] = slackgo.NewDataTableRawTextCell(title)
		size += utf8.RuneCountInString(title)
	}
	table := [][]slackgo.DataTableCell{head}
	for _, row := range rows[:min(len(rows), maxTableRows)] {
		cells := make([]slackgo.DataTableCell, len(columns))
		n := 0
		for i, c := range columns {
			cell := cellAt(row, i)
			text := cellText(cell)
			n += utf8.RuneCountInString(text)
			switch {
			case cell.Button != nil:
				b := *cell.Button
				b.Label, b.Style, b.Confirm = text, chat.Plainly, ""
				cells[i] = slackgo.NewDataTableActionCell(d.button(b)).WithFallback(slackgo.NewDataTableRawTextCell(text))
			case c.Number && !math.IsNaN(cell.Value) && !math.IsInf(cell.Value, 0) && cell.Text != "":
				cells[i] = slackgo.NewDataTableRawNumberCell(cell.Value).WithText(text)
			default:
				cells[i] = slackgo.NewDataTableRawTextCell(text)
			}
		}
		if size+n > maxTableText && shown > 0 {
			break
		}
		size += n
		table = append(table, cells)
		shown++
	}
	d.blocks = append(d.blocks, &slackgo.DataTableBlock{Type: slackgo.MBTDataTable, Caption: chat.Shorten(caption, maxCell), Rows: table})
	return shown
}

// onPhone is how many fixed-width characters of a line a phone shows; what is longer wraps, and columns are none any more.
const onPhone = 38

// textTable shows a table in a fixed-width face, or as a list where its lines are too long for a phone.
func (d *drawing) textTable(caption string, columns []chat.Column, rows [][]chat.Cell) (shown int) {
	d.richText(chat.T(caption), true)
	const widest = 32
	width := make([]int, len(columns))
	line := func(cells []string) string {
		var b strings.Builder
		for i, c := range cells {
			pad := strings.Repeat(" ", max(0, width[i]-utf8.RuneCountInString(c)))
			if columns[i].Number {
				c = pad + c
			} else if i < len(cells)-1 {
				c += pad
			}
			if i > 0 {
				b.WriteString("  ")
			}
			b.WriteString(c)
		}
		return b.String() + "\n"
	}
	head := make([]string, len(columns))
	for i, c := range columns {
		head[i] = chat.Shorten(clean(c.Title), widest)
		width[i] = utf8.RuneCountInString(head[i])
	}
	body := make([][]string, 0, min(len(rows), maxTableRows))
	for _, row := range rows[:min(len(rows), maxTableRows)] {
		cells := make([]string, len(columns))
		for i := range columns {
			cells[i] = chat.Shorten(cellText(cellAt(row, i)), widest)
			width[i] = max(width[i], utf8.RuneCountInString(cells[i]))
		}
		body = append(body, cells)
	}
	whole := 2 * (len(width) - 1)
	for _, w := range width {
		whole += w
	}
	if whole > onPhone {
		return d.rowList(columns, rows)
	}
	text := line(head)
	room := min(maxQuote, d.left)
	for _, cells := range body {
		l := line(cells)
		if utf8.RuneCountInString(text)+utf8.RuneCountInString(l) > room && shown > 0 {
			break
		}
		text += l
		shown++
	}
	d.preformatted(strings.TrimRight(text, "\n"))
	return shown
}

// rowList shows a table's rows one beneath the other: the first cell in bold, then what the others say behind their columns' names.
func (d *drawing) rowList(columns []chat.Column, rows [][]chat.Cell) (shown int) {
	var all []slackgo.RichTextSectionElement
	size, room := 0, min(maxQuote, d.left)
	for _, row := range rows[:min(len(rows), maxTableRows)] {
		first := cellText(cellAt(row, 0))
		var rest strings.Builder
		for i, c := range columns[1:] {
			rest.WriteString(" · ")
			if title := clean(c.Title); title != "" {
				rest.WriteString(title + ": ")
			}
			rest.WriteString(cellText(cellAt(row, i+1)))
		}
		n := utf8.RuneCountInString(first) + utf8.RuneCountInString(rest.String())
		if size+n > room && shown > 0 {
			break
		}
		if shown > 0 {
			first = "\n" + first
		}
		all = append(all, slackgo.NewRichTextSectionTextElement(first, &slackgo.RichTextSectionTextStyle{Bold: true}))
		if said := chat.Shorten(rest.String(), maxSection/2); said != "" {
			all = append(all, slackgo.NewRichTextSectionTextElement(said, nil))
		}
		size += n
		shown++
	}
	d.blocks = append(d.blocks, slackgo.NewRichTextBlock("", slackgo.NewRichTextSection(all...)))
	d.left -= size
	return shown
}

// chart draws a data_visualization; where Slack has none or takes no more in this message, the picture of it that was uploaded,
// else its figures as a table.
func (d *drawing) chart(c chat.Chart) {
	at := d.charts
	d.charts++
	switch file := d.opt.Pictures[at]; {
	case file != "":
		d.blocks = append(d.blocks, slackgo.NewImageBlockSlackFile(&slackgo.SlackFileObject{ID: file}, chat.Shorten(figures(c), 2000), "",
			plain(orDots(c.Title), 2000)))
	case !d.opt.Plain && !d.opt.View && d.natives < maxCharts && d.nativeChart(c):
		d.natives++
	default:
		d.chartTable(c)
	}
	if len(c.Marks) > 0 {
		d.note("Marked at " + strings.Join(c.Words(), " · "))
	}
}

func (d *drawing) note(s string) {
	if s = clean(s); s != "" {
		d.add(plainContext(s), s)
	}
}

// nativeChart is false where Slack would refuse the chart: Validate of slack-go knows its rules.
func (d *drawing) nativeChart(c chat.Chart) bool {
	n := len(c.Categories)
	from := 0
	if n > maxChartPoints && c.Kind == chat.Line {
		from = n - maxChartPoints // the latest matter
	}
	categories := c.Categories[from:min(n, from+maxChartPoints)]
	labels := distinct(categories, maxChartLabel)
	axis := slackgo.NewDataVisualizationAxisConfig(labels...)
	if u := clean(c.Unit); u != "" {
		axis = axis.WithYLabel(chat.Shorten(u, maxAxisLabel))
	}
	shown := c.Series[:min(len(c.Series), maxChartSeries)]
	names := make([]string, len(shown))
	for i, s := range shown {
		names[i] = s.Name
	}
	names = distinct(names, maxChartLabel)
	series := make([]slackgo.DataVisualizationDataSeries, len(shown))
	for i, s := range shown {
		points := make([]slackgo.DataVisualizationDataPoint, len(labels))
		for j, l := range labels {
			if from+j >= len(s.Values) || math.IsNaN(s.Values[from+j]) || math.IsInf(s.Values[from+j], 0) {
				return false
			}
			points[j] = slackgo.NewDataVisualizationDataPoint(l, s.Values[from+j])
		}
		series[i] = slackgo.NewDataVisualizationDataSeries(names[i], points...)
	}
	var drawn slackgo.DataVisualizationChart = slackgo.NewDataVisualizationBarChart(axis, series...)
	if c.Kind == chat.Line {
		drawn = slackgo.NewDataVisualizationLineChart(axis, series...)
	}
	b := &slackgo.DataVisualizationBlock{Type: slackgo.MBTDataVisualization, Title: chat.Shorten(orDots(c.Title), maxChartTitle), Chart: drawn}
	if b.Validate() != nil {
		return false
	}
	d.blocks = append(d.blocks, b)
	switch {
	case from > 0:
		d.note(fmt.Sprintf("The last %d of %d are drawn.", len(categories), n))
	case len(categories) < n:
		d.note(fmt.Sprintf("The first %d of %d are drawn.", len(categories), n))
	}
	if len(shown) < len(c.Series) {
		d.note(fmt.Sprintf("%d of %d series are drawn.", len(shown), len(c.Series)))
	}
	return true
}

// distinct shortens labels so that they stay different from each other and are never empty.
func distinct(list []string, n int) []string {
	out := make([]string, len(list))
	seen := map[string]bool{}
	for i, s := range list {
		base := orDots(strings.ReplaceAll(s, "\n", " "))
		short := chat.Shorten(base, n)
		for k := 2; seen[short]; k++ {
			mark := " " + strconv.Itoa(k)
			short = chat.Shorten(base, n-len(mark)) + mark
		}
		seen[short] = true
		out[i] = short
	}
	return out
}

// chartTable shows a chart's figures as a table.
func (d *drawing) chartTable(c chat.Chart) {
	t := chat.Table{Caption: orDots(c.Title), Columns: []chat.Column{{Title: " "}}}
	if c.Unit != "" {
		t.Caption += " (" + c.Unit + ")"
	}
	for _, s := range c.Series {
		t.Columns = append(t.Columns, chat.Column{Title: s.Name, Number: true})
	}
	for i, name := range c.Categories {
		row := []chat.Cell{{Text: name}}
		for _, s := range c.Series {
			cell := chat.Cell{}
			if i < len(s.Values) && !math.IsNaN(s.Values[i]) && !math.IsInf(s.Values[i], 0) {
				cell = chat.Cell{Text: strconv.FormatFloat(s.Values[i], 'f', -1, 64), Value: s.Values[i]}
			}
			row = append(row, cell)
		}
		t.Rows = append(t.Rows, row)
	}
	if len(t.Rows) == 0 || len(c.Series) == 0 {
		d.paragraph(chat.T(t.Caption, ": nothing to show."))
		return
	}
	columns := t.Columns[:min(len(t.Columns), maxTableColumns)]
	if shown := d.textTable(t.Caption, columns, t.Rows); shown < len(t.Rows) {
		d.note(fmt.Sprintf("Showing %d of %d.", shown, len(t.Rows)))
	}
}

// figures is a chart in one line, for those who do not see it.
func figures(c chat.Chart) string {
	var b strings.Builder
	b.WriteString(c.Title)
	for _, s := range c.Series {
		b.WriteString("; " + s.Name + ":")
		for i, name := range c.Categories {
			if i < len(s.Values) {
				fmt.Fprintf(&b, " %s %s,", name, strconv.FormatFloat(s.Values[i], 'f', -1, 64))
			}
		}
	}
	return orDots(strings.TrimSuffix(b.String(), ","))
}
