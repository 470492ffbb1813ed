-- Rejections that proved wrong, and the highest scores that lost: indexes from which a digest reads the few rows it shows, however
-- many leads there are. Counted is the lead's facts; "w" is in them if a rejection proved wrong: the most it has brought.
ALTER TABLE leads ADD COLUMN wrong INTEGER GENERATED ALWAYS AS (CASE WHEN instr(facts, '"w":') > 0 THEN json_extract(facts, '$.w') END) VIRTUAL;
CREATE INDEX leads_wrong ON leads (wrong DESC, id, mql_at) WHERE wrong IS NOT NULL;
DROP INDEX leads_lost;
CREATE INDEX leads_lost ON leads (score DESC, id, mql_at) WHERE state = 'lost' AND score IS NOT NULL;
DROP INDEX outcomes_rejected;
-- The roll-ups count them by day, too, and lie in the order in which they are read. They are built anew when Truce starts.
DROP TABLE rollups;
CREATE TABLE rollups (
	kind TEXT NOT NULL,     -- total, source, campaign, segment; fault: rejections for a source fault; open: leads by stage, on the day they came there
	day  INTEGER NOT NULL,  -- of the company's calendar, 0 is 1 January 1970
	name TEXT NOT NULL,
	sums BLOB NOT NULL,
	PRIMARY KEY (kind, day, name)
) STRICT, WITHOUT ROWID;
DELETE FROM meta WHERE key = 'rollup_zone';
DELETE FROM rollup_days;
