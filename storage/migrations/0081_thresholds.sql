-- The settings that figures rest on, whenever they came to have another value. Rows are only added.
CREATE TABLE thresholds (
	id    TEXT PRIMARY KEY,
	at    INTEGER NOT NULL, -- since when the bot works with it
	key   TEXT NOT NULL,    -- where it is set: promises.icp_share
	name  TEXT NOT NULL,    -- what people call it
	value TEXT NOT NULL     -- as people read it
) STRICT;
CREATE INDEX thresholds_at ON thresholds (at, id);
