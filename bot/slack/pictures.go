package slack

import (
	"context"
	"fmt"
	"math"
	"net/url"
	"strconv"

	"github.com/go-analyze/charts"

	"truce/bot/chat"
)

// The size of a chart's picture, in pixels.
const (
	pictureWidth  = 800
	pictureHeight = 450
)

// pictures uploads a picture of each chart of a card, where files:write was granted; without it, and for those that fail,
// the figures are shown as text.
func (a *Adapter) pictures(ctx context.Context, card chat.Card) map[int]string {
	if !a.me().Scopes["files:write"] {
		return nil
	}
	files := map[int]string{}
	at := 0
	for _, b := range card.Blocks {
		if b.Chart == nil {
			continue
		}
		id, err := a.picture(ctx, *b.Chart)
		if err != nil {
			a.log.Warn("slack: picture of a chart", "card", card.Key, "error", err)
		} else {
			files[at] = id
		}
		at++
	}
	return files
}

// picture uploads one and returns its file id.
func (a *Adapter) picture(ctx context.Context, c chat.Chart) (string, error) {
	data, err := chartPNG(c)
	if err != nil {
		return "", err
	}
	var place struct {
		URL  string `json:"upload_url"`
		File string `json:"file_id"`
	}
	args := url.Values{"filename": {"chart.png"}, "length": {strconv.Itoa(len(data))}, "alt_txt": {chat.Shorten(figures(c), 1000)}}
	if _, err := a.api.get(ctx, "files.getUploadURLExternal", args, &place); err != nil {
		return "", err
	}
	if err := a.api.upload(ctx, place.URL, data); err != nil {
		return "", err
	}
	done := map[string]any{"files": []map[string]string{{"id": place.File, "title": orDots(chat.Shorten(c.Title, maxChartTitle))}}}
	if err := a.api.post(ctx, "files.completeUploadExternal", done, nil); err != nil {
		return "", err
	}
	return place.File, nil
}

// chartPNG draws a chart.
func chartPNG(c chat.Chart) ([]byte, error) {
	if len(c.Categories) == 0 || len(c.Series) == 0 {
		return nil, fmt.Errorf("draw chart %q: it has no figures", c.Title)
	}
	data := make([][]float64, len(c.Series))
	names := make([]string, len(c.Series))
	for i, s := range c.Series {
		names[i] = s.Name
		data[i] = make([]float64, len(c.Categories))
		for j := range c.Categories {
			data[i][j] = charts.GetNullValue()
			if j < len(s.Values) && !math.IsNaN(s.Values[j]) && !math.IsInf(s.Values[j], 0) {
				data[i][j] = s.Values[j]
			}
		}
	}
	p := charts.NewPainter(charts.PainterOptions{OutputFormat: charts.ChartOutputPNG, Width: pictureWidth, Height: pictureHeight})
	title := charts.TitleOption{Text: c.Title}
	legend := charts.LegendOption{SeriesNames: names, Show: charts.Ptr(len(names) > 1)}
	var err error
	if c.Kind == chat.Line {
		opt := charts.NewLineChartOptionWithData(data)
		opt.Title, opt.Legend = title, legend
		opt.XAxis.Labels = distinct(c.Categories, maxChartLabel)
		err = p.LineChart(opt)
	} else {
		opt := charts.NewBarChartOptionWithData(data)
		opt.Horizontal, opt.Title, opt.Legend = true, title, legend
		opt.CategoryAxis.Labels = distinct(c.Categories, maxChartLabel)
		err = p.BarChart(opt)
	}
	if err != nil {
		return nil, fmt.Errorf("draw chart %q: %w", c.Title, err)
	}
	png, err := p.Bytes()
	if err != nil {
		return nil, fmt.Errorf("draw chart %q: %w", c.Title, err)
	}
	return png, nil
}
