-- Days whose sums are not right now and are to be counted anew; while there are any, reports go to the leads themselves.
CREATE TABLE rollup_days (
	what    TEXT NOT NULL,               -- leads: by the day they qualified; open: by the day they came to where they stand
	day     INTEGER NOT NULL,
	keeper  TEXT NOT NULL DEFAULT '',    -- the import that holds what is missing and will add it; '' is nobody
	deep    INTEGER NOT NULL DEFAULT 0,  -- what is remembered of each lead is not right either
	changes INTEGER NOT NULL DEFAULT 0,  -- grows with each change of a lead: a count made beside writers holds if it has not
	PRIMARY KEY (what, day)
) STRICT, WITHOUT ROWID;
CREATE INDEX leads_open_since ON leads (state_at, stage) WHERE state IN ('accepted', 'sql', 'opportunity');
-- What an import kept back under the rule before, and lost: all sums are built anew when Truce starts.
DELETE FROM meta WHERE key = 'rollup_zone' AND EXISTS (SELECT 1 FROM meta WHERE key >= 'rollup_missing:' AND key < 'rollup_missing;');
DELETE FROM meta WHERE key >= 'rollup_missing:' AND key < 'rollup_missing;';
