-- What either side does, and to what end: each link of its chain with a number and a day.
CREATE TABLE activities (
	id          TEXT PRIMARY KEY,          -- the source's, or A-1
	name        TEXT NOT NULL,
	side        TEXT NOT NULL DEFAULT '',
	kind        TEXT NOT NULL DEFAULT '',
	owner       TEXT NOT NULL DEFAULT '',  -- as told: mostly an address
	amount      INTEGER,                   -- NULL: not known
	currency    TEXT NOT NULL DEFAULT '',
	starts_at   INTEGER,
	ends_at     INTEGER,
	matches     TEXT NOT NULL DEFAULT '[]',
	motive      TEXT NOT NULL DEFAULT '',
	closed_at   INTEGER,
	recorded_at INTEGER NOT NULL
) STRICT;

CREATE TABLE activity_links (
	activity_id TEXT NOT NULL,             -- as told; the activity may come later
	what        TEXT NOT NULL,
	day         TEXT NOT NULL,             -- of the company's calendar
	place       INTEGER NOT NULL,
	unit        TEXT NOT NULL DEFAULT '',
	expected    REAL NOT NULL,
	of          TEXT NOT NULL DEFAULT 'campaign',
	observed    REAL,                      -- what its owner saw, of what is not computed
	recorded_at INTEGER NOT NULL,
	PRIMARY KEY (activity_id, what, day)
) STRICT;
CREATE INDEX activity_links_day ON activity_links (day);
