-- Outcome interviews with customers, and the inventory of the outcomes they named.
CREATE TABLE interviews (
	id             TEXT PRIMARY KEY,          -- I-1
	account        TEXT NOT NULL,             -- as told
	account_key    TEXT NOT NULL,             -- folded
	segment        TEXT NOT NULL DEFAULT '',
	standing       TEXT NOT NULL,             -- ideal, lost
	who            TEXT NOT NULL DEFAULT '',  -- the one interviewed
	who_email      TEXT NOT NULL DEFAULT '',
	who_role       TEXT NOT NULL DEFAULT '',
	consent        INTEGER NOT NULL DEFAULT 0,
	interviewer_id TEXT NOT NULL REFERENCES people (id),
	state          TEXT NOT NULL,
	place          INTEGER NOT NULL DEFAULT 0, -- of the question that is asked now
	questions      TEXT NOT NULL,              -- as they were when it began
	started_at     INTEGER NOT NULL,
	changed_at     INTEGER NOT NULL,
	finished_at    INTEGER
) STRICT;
CREATE INDEX interviews_interviewer ON interviews (interviewer_id, state);
CREATE INDEX interviews_account ON interviews (account_key);

CREATE TABLE interview_answers (
	interview_id TEXT NOT NULL REFERENCES interviews (id),
	place        INTEGER NOT NULL,           -- of the question; 999: of none
	text         TEXT NOT NULL,
	at           INTEGER NOT NULL,
	PRIMARY KEY (interview_id, place)
) STRICT;

CREATE TABLE outcome_statements (
	id           TEXT PRIMARY KEY,           -- S-1
	interview_id TEXT NOT NULL REFERENCES interviews (id),
	direction    TEXT NOT NULL,
	measure      TEXT NOT NULL,
	object       TEXT NOT NULL,
	circumstance TEXT NOT NULL DEFAULT '',
	quote        TEXT NOT NULL DEFAULT '',
	importance   INTEGER,
	satisfaction INTEGER,
	created_at   INTEGER NOT NULL,
	removed_at   INTEGER
) STRICT;
CREATE INDEX outcome_statements_interview ON outcome_statements (interview_id);

CREATE TABLE inventory_outcomes (
	id          TEXT PRIMARY KEY,            -- OI-1
	merged_into TEXT NOT NULL DEFAULT '',
	merged_at   INTEGER,
	created_at  INTEGER NOT NULL
) STRICT;

-- What people decided of the inventory is added, never changed: it can be said as it was known at any moment.
CREATE TABLE inventory_names (
	seq        INTEGER PRIMARY KEY,
	outcome_id TEXT NOT NULL REFERENCES inventory_outcomes (id),
	name       TEXT NOT NULL,
	named_by   TEXT NOT NULL REFERENCES people (id),
	at         INTEGER NOT NULL
) STRICT;

CREATE TABLE inventory_groupings (
	seq          INTEGER PRIMARY KEY,
	statement_id TEXT NOT NULL REFERENCES outcome_statements (id),
	outcome_id   TEXT NOT NULL REFERENCES inventory_outcomes (id),
	grouped_by   TEXT NOT NULL REFERENCES people (id),
	at           INTEGER NOT NULL
) STRICT;

CREATE TABLE inventory_ratings (
	seq          INTEGER PRIMARY KEY,
	interview_id TEXT NOT NULL REFERENCES interviews (id),
	outcome_id   TEXT NOT NULL REFERENCES inventory_outcomes (id),
	importance   INTEGER,                    -- NULL: asked, and not said
	satisfaction INTEGER,
	at           INTEGER NOT NULL
) STRICT;
