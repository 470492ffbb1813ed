-- Sums of leads by the day they qualified, kept right in the transaction of each change; and what of a lead is in them.
ALTER TABLE leads ADD COLUMN facts TEXT NOT NULL DEFAULT ''; -- '' is a lead of which nothing has become yet
CREATE TABLE rollups (
	kind TEXT NOT NULL,     -- total, source, campaign, segment; open: leads by stage, on the day they came there
	day  INTEGER NOT NULL,  -- of the company's calendar, 0 is 1 January 1970
	name TEXT NOT NULL,
	sums BLOB NOT NULL,
	PRIMARY KEY (kind, day, name)
) STRICT;

CREATE INDEX outcomes_rejected ON outcomes (lead_id, reason, at) WHERE status = 'rejected';
CREATE INDEX leads_lost ON leads (score) WHERE state = 'lost' AND score IS NOT NULL;
