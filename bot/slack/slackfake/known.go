package slackfake

import (
	"encoding/json"
	"fmt"

	slackgo "github.com/slack-go/slack"
)

// Known is a block's JSON as version 3.2.0 of Slack's published types (npm @slack/types) knows it, and nil for one that they lack:
// data_visualization, which slack-go's Validate holds against Slack's rules. The action_cell of data_table, which they lack too, is
// replaced by its fallback.
func Known(b slackgo.Block) ([]byte, error) {
	if chart, ok := b.(*slackgo.DataVisualizationBlock); ok {
		return nil, chart.Validate()
	}
	if table, ok := b.(*slackgo.DataTableBlock); ok {
		for _, row := range table.Rows {
			for i, c := range row {
				if a, ok := c.(*slackgo.DataTableActionCell); ok {
					row[i] = a.Fallback
				}
			}
		}
	}
	raw, err := json.MarshalIndent(b, "", " ")
	if err != nil {
		return nil, fmt.Errorf("write a block of type %s: %w", b.BlockType(), err)
	}
	return raw, nil
}
