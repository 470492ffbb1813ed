-- A chain may hold on one day what shall come of the leads of a campaign and of those engaged, and revenue in two currencies: one took the
-- other's place.
CREATE TABLE activity_links_now (
	activity_id TEXT NOT NULL,             -- as told; the activity may come later
	what        TEXT NOT NULL,
	day         TEXT NOT NULL,             -- of the company's calendar
	place       INTEGER NOT NULL,          -- in its chain, of one link only
	unit        TEXT NOT NULL DEFAULT '',
	expected    REAL NOT NULL,
	of          TEXT NOT NULL DEFAULT 'campaign',
	observed    REAL,                      -- what its owner saw, of what is not computed
	recorded_at INTEGER NOT NULL,
	told_at     INTEGER,                   -- when its owner was told what came of it, or asked for it
	PRIMARY KEY (activity_id, what, day, of, unit)
) STRICT;
INSERT INTO activity_links_now (activity_id, what, day, place, unit, expected, of, observed, recorded_at, told_at)
	SELECT activity_id, what, day, place, unit, expected, of, observed, recorded_at, told_at FROM activity_links;
DROP TABLE activity_links;
ALTER TABLE activity_links_now RENAME TO activity_links;
CREATE INDEX activity_links_day ON activity_links (day);
