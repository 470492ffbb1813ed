package slack

// Block Kit's limits, in characters (Unicode code points) where nothing else is said. T: @slack/types 3.2.0; D: stored copies
// of docs.slack.dev; S: slackblocks' limits.json (August 2026); own: ours, where Slack publishes none or shows fewer.
const (
	maxMessageBlocks = 50     // D reference/block-kit/blocks
	maxViewBlocks    = 100    // D reference/block-kit/blocks: modals and home
	maxHeader        = 150    // T
	maxSection       = 3000   // T
	maxContext       = 2000   // own: a context element's text has no published limit
	maxActions       = 25     // T
	maxButtonText    = 75     // T
	maxButtonValue   = 2000   // T
	maxURL           = 3000   // T
	maxActionID      = 255    // S
	maxBlockID       = 255    // T
	maxOptions       = 100    // S; also groups
	maxOptionText    = 75     // S
	maxOptionValue   = 150    // S
	maxRadio         = 10     // T
	maxPlaceholder   = 150    // S
	maxConfirmTitle  = 100    // T
	maxConfirmText   = 300    // T
	maxConfirmButton = 30     // T
	maxViewTitle     = 24     // T; also submit and close
	maxCallbackID    = 255    // T
	maxMetadata      = 3000   // T
	maxLabel         = 2000   // T; also hints
	maxInput         = 3000   // T plain_text_input
	maxTableRows     = 100    // D data-table-block: 2 to 101 rows with the header's
	maxTableColumns  = 20     // D
	maxTableText     = 10_000 // R, T: a table's cells together (S says 20,000 for data_table)
	maxCell          = 300    // own
	maxCharts        = 2      // Slack's validation says so (vercel/chat#696, tried there); not on the block's page
	maxChartTitle    = 50     // D
	maxChartPoints   = 20     // D
	maxChartSeries   = 6      // D (S says 12)
	maxChartLabel    = 20     // D
	maxAxisLabel     = 50     // D
	maxQuote         = 3000   // own: as much as a section holds
	maxText          = 3000   // own: top-level text; Slack recommends 4,000 and cuts at 40,000
	maxTotal         = 12_000 // own: a message's text; Slack refuses long messages with msg_blocks_too_long, limit unpublished
	maxAck           = 20<<10 - 512
)
