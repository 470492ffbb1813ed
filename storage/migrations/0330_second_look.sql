-- Second looks: leads that were sent back, or never qualified, given to another rep without a word of what was said of them. What that rep
-- says stands here alone: nothing of a lead's own figures changes by it.
CREATE TABLE second_looks (
	id         TEXT PRIMARY KEY,           -- S-1
	week       TEXT NOT NULL,              -- its Monday, whose lot drew it
	kind       TEXT NOT NULL,              -- rejected, below
	lead_id    TEXT NOT NULL,
	ref        TEXT NOT NULL,
	person_id  TEXT NOT NULL,
	reason     TEXT NOT NULL DEFAULT '',   -- for which the lead had been sent back
	available  INTEGER NOT NULL,           -- of how many of its kind and week it was drawn
	drawn      INTEGER NOT NULL,           -- how many were drawn of them
	at         INTEGER NOT NULL,
	verdict    TEXT NOT NULL DEFAULT '',   -- accepted, rejected
	verdict_at INTEGER,
	said       TEXT NOT NULL DEFAULT '',   -- the reason of a no
	note       TEXT NOT NULL DEFAULT '',
	rating     INTEGER NOT NULL DEFAULT 0,
	touch      TEXT NOT NULL DEFAULT '',
	touched_at INTEGER,
	ended_at   INTEGER,
	void       INTEGER NOT NULL DEFAULT 0, -- it was not carried through: the lead qualified meanwhile, or the rep left
	knew       TEXT NOT NULL DEFAULT '',   -- yes, no; '' is not answered
	knew_at    INTEGER
) STRICT;
CREATE UNIQUE INDEX second_looks_lead ON second_looks (lead_id);
CREATE INDEX second_looks_person ON second_looks (person_id) WHERE ended_at IS NULL;

-- Leads that the CRM has below its threshold: counted nowhere else.
CREATE TABLE below_leads (
	id       TEXT PRIMARY KEY,
	ref      TEXT NOT NULL UNIQUE,         -- L-12, as any lead's
	told_at  INTEGER NOT NULL,
	email    TEXT NOT NULL DEFAULT '',
	name     TEXT NOT NULL DEFAULT '',
	company  TEXT NOT NULL DEFAULT '',
	account  TEXT NOT NULL DEFAULT '',
	source   TEXT NOT NULL DEFAULT '',
	campaign TEXT NOT NULL DEFAULT '',
	segment  TEXT NOT NULL DEFAULT '',
	product  TEXT NOT NULL DEFAULT '',
	score    REAL,
	owner    TEXT NOT NULL DEFAULT '',
	attrs    TEXT NOT NULL DEFAULT '{}'
) STRICT;

CREATE TABLE below_outcomes (
	lead_id TEXT NOT NULL,
	status  TEXT NOT NULL,
	at      INTEGER NOT NULL,
	PRIMARY KEY (lead_id, status)
) STRICT, WITHOUT ROWID;
