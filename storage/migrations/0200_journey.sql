-- The journey map: what is known of each stage of the customer's way, what it cites, and what a stage ends with.
CREATE TABLE journey_entries (
	id         TEXT PRIMARY KEY,          -- J-1
	stage      TEXT NOT NULL,             -- the stage's name
	kind       TEXT NOT NULL,             -- question, driver, barrier, helps, content
	text       TEXT NOT NULL,
	author_id  TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	removed_at INTEGER,
	removed_by TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX journey_entries_stage ON journey_entries (stage, kind);

CREATE TABLE journey_cites (
	entry_id  TEXT NOT NULL,
	ref       TEXT NOT NULL,              -- O-12, N-3, A-7, J-2, or a link
	person_id TEXT NOT NULL,
	at        INTEGER NOT NULL,
	PRIMARY KEY (entry_id, ref)
) STRICT;
CREATE INDEX journey_cites_ref ON journey_cites (ref);

-- What was settled of a stage, version by version: the newest by a moment holds.
CREATE TABLE journey_stages (
	id        TEXT PRIMARY KEY,
	stage     TEXT NOT NULL,
	exit      TEXT NOT NULL,
	owner_id  TEXT NOT NULL DEFAULT '',
	person_id TEXT NOT NULL,
	at        INTEGER NOT NULL
) STRICT;
CREATE INDEX journey_stages_at ON journey_stages (stage, at);
