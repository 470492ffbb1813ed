-- Rows of a source that speak of a lead which has not come yet. They are tried again with each run, and let go after a while.
CREATE TABLE sync_waiting (
	source     TEXT NOT NULL,
	kind       TEXT NOT NULL,
	hash       TEXT NOT NULL,     -- of head and row: the same row again waits once
	lead_id    TEXT NOT NULL,     -- whom it waits for
	head       TEXT NOT NULL,     -- the lines above the rows of its file, '' for JSON
	row        TEXT NOT NULL,     -- as it came
	since_at   INTEGER NOT NULL,  -- it came first
	seq        INTEGER NOT NULL,  -- the order in which rows came last
	PRIMARY KEY (source, kind, hash)
) STRICT;
CREATE INDEX sync_waiting_lead ON sync_waiting (lead_id);
CREATE INDEX sync_waiting_seq ON sync_waiting (source, kind, seq);

-- Leads that a CRM has merged into others. What is said of one is said of the other.
CREATE TABLE lead_merges (
	lead_id    TEXT PRIMARY KEY,
	into_id    TEXT NOT NULL,
	at         INTEGER NOT NULL
) STRICT;
CREATE INDEX lead_merges_into ON lead_merges (into_id);
