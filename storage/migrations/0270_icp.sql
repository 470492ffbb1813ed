-- The ideal customer: two lists, unseen by the other side until both are there, and leads that are declared exceptions of the profile.
CREATE TABLE icp_rounds (
	id         TEXT PRIMARY KEY,             -- B-1
	started_by TEXT NOT NULL,
	started_at INTEGER NOT NULL,
	due_at     INTEGER NOT NULL,             -- from then on they are open, also where a list is missing
	opened_at  INTEGER,                      -- both were there, or it was due
	control    TEXT NOT NULL DEFAULT '[]'    -- customers drawn by a lot to stand beside, JSON of their keys
) STRICT;

CREATE TABLE icp_picks (
	round_id    TEXT NOT NULL REFERENCES icp_rounds (id),
	person_id   TEXT NOT NULL,
	side        TEXT NOT NULL,
	best        INTEGER NOT NULL,            -- 1: a best customer, 0: dead weight
	place       INTEGER NOT NULL,            -- from 1, as it was written
	account     TEXT NOT NULL,
	account_key TEXT NOT NULL,               -- folded
	reason      TEXT NOT NULL DEFAULT '',
	at          INTEGER NOT NULL,
	PRIMARY KEY (round_id, person_id, best, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE icp_exceptions (
	lead_id  TEXT PRIMARY KEY,
	why      TEXT NOT NULL,
	by       TEXT NOT NULL,
	at       INTEGER NOT NULL,
	until_at INTEGER NOT NULL
) STRICT;

-- A company's leads that only their address tells of.
CREATE INDEX leads_domain ON leads (substr(email_key, instr(email_key, '@') + 1)) WHERE account = '' AND email_key <> '';
