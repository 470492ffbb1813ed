-- The task force: series of meetings, their agendas as they were posted and worked, what people put on them, and actions.
CREATE TABLE meeting_series (
	id         TEXT PRIMARY KEY,           -- T-1
	name       TEXT NOT NULL,
	monthly    INTEGER NOT NULL DEFAULT 0,
	day        INTEGER NOT NULL,           -- of the week, Sunday is 0
	week       INTEGER NOT NULL DEFAULT 0, -- monthly: the n-th of the month, 5 is the last
	minutes    INTEGER NOT NULL,           -- after midnight, on the company's wall clock
	length     INTEGER NOT NULL,
	place      TEXT NOT NULL DEFAULT '',   -- an outbox destination; '' is each member
	created_by TEXT NOT NULL DEFAULT '',
	created_at INTEGER NOT NULL,
	ended_at   INTEGER
) STRICT;

CREATE TABLE meeting_members (series_id TEXT NOT NULL, person_id TEXT NOT NULL, PRIMARY KEY (series_id, person_id)) STRICT, WITHOUT ROWID;

CREATE TABLE meetings (
	id           TEXT PRIMARY KEY,         -- M-1
	series_id    TEXT NOT NULL,
	at           INTEGER NOT NULL,
	posted_at    INTEGER,
	closed_at    INTEGER,
	closed_by    TEXT NOT NULL DEFAULT '', -- '' is by itself
	cancelled_at INTEGER,
	cancelled_by TEXT NOT NULL DEFAULT '',
	why          TEXT NOT NULL DEFAULT '', -- it was cancelled
	version      INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE UNIQUE INDEX meetings_series ON meetings (series_id, at);

CREATE TABLE meeting_items (
	meeting_id TEXT NOT NULL,
	kind       TEXT NOT NULL,
	ref        TEXT NOT NULL,
	section    TEXT NOT NULL,              -- decide, discuss, read
	place      INTEGER NOT NULL,
	title      TEXT NOT NULL,
	why        TEXT NOT NULL,
	evidence   TEXT NOT NULL DEFAULT '[]',
	carried    INTEGER NOT NULL DEFAULT 0,
	mark       TEXT NOT NULL DEFAULT '',   -- discussed, decision, action, next, dropped
	text       TEXT NOT NULL DEFAULT '',   -- the decision, or why it was dropped
	marked_by  TEXT NOT NULL DEFAULT '',
	marked_at  INTEGER,
	PRIMARY KEY (meeting_id, kind, ref)
) STRICT, WITHOUT ROWID;

CREATE TABLE meeting_presence (meeting_id TEXT NOT NULL, person_id TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (meeting_id, person_id)) STRICT, WITHOUT ROWID;

CREATE TABLE meeting_added (
	id        TEXT PRIMARY KEY,            -- I-1
	series_id TEXT NOT NULL,
	wants     TEXT NOT NULL,
	kind      TEXT NOT NULL DEFAULT '',    -- of the record it is about
	ref       TEXT NOT NULL DEFAULT '',
	title     TEXT NOT NULL,
	added_by  TEXT NOT NULL,
	added_at  INTEGER NOT NULL,
	ended_at  INTEGER
) STRICT;
CREATE INDEX meeting_added_open ON meeting_added (series_id) WHERE ended_at IS NULL;

CREATE TABLE meeting_actions (
	id          TEXT PRIMARY KEY,          -- X-1
	series_id   TEXT NOT NULL,
	meeting_id  TEXT NOT NULL DEFAULT '',
	item        TEXT NOT NULL DEFAULT '',  -- kind:ref of what it is about
	title       TEXT NOT NULL,
	owner_id    TEXT NOT NULL,
	due         TEXT NOT NULL,             -- a day of the company's calendar
	created_by  TEXT NOT NULL,
	created_at  INTEGER NOT NULL,
	closed_at   INTEGER,
	closed_by   TEXT NOT NULL DEFAULT '',
	dropped     INTEGER NOT NULL DEFAULT 0,
	why         TEXT NOT NULL DEFAULT '',
	reminded_at INTEGER
) STRICT;
CREATE INDEX meeting_actions_open ON meeting_actions (series_id) WHERE closed_at IS NULL;
CREATE INDEX meeting_actions_owner ON meeting_actions (owner_id) WHERE closed_at IS NULL;
