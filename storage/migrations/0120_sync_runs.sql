-- The runs of truce sync: what was asked of which source, since when, and what came.
CREATE TABLE sync_runs (
	id         TEXT PRIMARY KEY,
	source     TEXT NOT NULL,
	kind       TEXT NOT NULL,
	began_at   INTEGER NOT NULL,
	ended_at   INTEGER,                     -- NULL: under way, or killed
	since_at   INTEGER NOT NULL,            -- what changed from then on was asked for
	mark_at    INTEGER,                     -- when it was asked, by the source's own clock where it has one
	complete   INTEGER NOT NULL DEFAULT 0,  -- 1: all that was asked for came
	rows       INTEGER NOT NULL DEFAULT 0,
	added      INTEGER NOT NULL DEFAULT 0,
	changed    INTEGER NOT NULL DEFAULT 0,
	unchanged  INTEGER NOT NULL DEFAULT 0,
	rejected   INTEGER NOT NULL DEFAULT 0,
	why        TEXT NOT NULL DEFAULT ''     -- it is not complete
) STRICT;
CREATE INDEX sync_runs_source ON sync_runs (source, began_at);
