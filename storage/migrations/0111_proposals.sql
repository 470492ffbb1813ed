-- Proposals: changes of common ground, and the versions of it that came of them.
CREATE TABLE proposals (
	id          TEXT PRIMARY KEY,             -- T-1
	kind        TEXT NOT NULL,
	thing       TEXT NOT NULL DEFAULT '',     -- what of the kind
	title       TEXT NOT NULL,
	was         TEXT NOT NULL DEFAULT '',     -- the payload it differs from, JSON; '' where nothing was in force
	payload     TEXT NOT NULL,                -- JSON, of the kind's own shape
	effect      TEXT NOT NULL DEFAULT '',
	why         TEXT NOT NULL DEFAULT '',
	proposed_by TEXT NOT NULL DEFAULT '',
	at          INTEGER NOT NULL,
	needs       TEXT NOT NULL,                -- sides, JSON
	refused     TEXT NOT NULL DEFAULT 'null', -- sides that said no to the same before, JSON
	from_at     INTEGER,                      -- the day named in it
	base        INTEGER NOT NULL DEFAULT 0,
	version     INTEGER NOT NULL DEFAULT 0,
	state       TEXT NOT NULL,
	alone       INTEGER NOT NULL DEFAULT 0,
	asked_at    INTEGER NOT NULL,
	reminded_at INTEGER,
	sponsor_at  INTEGER,                      -- when it came to the sponsor because nobody had answered
	agreed_at   INTEGER,
	in_force_at INTEGER,
	closed_at   INTEGER,
	closed_by   TEXT NOT NULL DEFAULT '',
	closing     TEXT NOT NULL DEFAULT '',
	counters    TEXT NOT NULL DEFAULT '',
	successor TEXT NOT NULL DEFAULT '',
	reopens     TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX proposals_of ON proposals (kind, thing, in_force_at);
CREATE UNIQUE INDEX proposals_open ON proposals (kind, thing) WHERE state = 'proposed';

CREATE TABLE votes (
	id          TEXT PRIMARY KEY,
	proposal_id TEXT NOT NULL REFERENCES proposals (id),
	side        TEXT NOT NULL,
	person_id   TEXT NOT NULL,
	said        TEXT NOT NULL, -- yes, no, argument
	text        TEXT NOT NULL DEFAULT '',
	at          INTEGER NOT NULL,
	dropped_at  INTEGER        -- it was put on a newer version: what was said of the older one does not count
) STRICT;
CREATE INDEX votes_of ON votes (proposal_id, at);
