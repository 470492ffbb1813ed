-- A deal counts once, at one of the leads that name it; one that names only its account reaches a lead of it; and a close without a
-- time counts as the end of its day.
ALTER TABLE outcomes ADD COLUMN until_at INTEGER;     -- of a close without a time: the last moment of its day
ALTER TABLE outcomes ADD COLUMN elsewhere_at INTEGER; -- of a close: since when another lead's counts for the deal; NULL: this one does
ALTER TABLE deals ADD COLUMN closed_until INTEGER;    -- as outcomes.until_at
ALTER TABLE deals ADD COLUMN told_account INTEGER NOT NULL DEFAULT 0; -- a lead of its account was looked for, and none has come since
CREATE INDEX deals_unplaced ON deals (account) WHERE told_account = 0;
CREATE INDEX outcomes_account ON outcomes (deal_id) WHERE origin = 'account';

UPDATE outcomes AS r SET elsewhere_at = (
	SELECT min(max(q.at, ql.mql_at)) FROM outcomes q JOIN leads ql ON ql.id = q.lead_id JOIN leads rl ON rl.id = r.lead_id LEFT JOIN deals d ON d.id = r.deal_id
	WHERE q.deal_id = r.deal_id AND q.deal_id <> '' AND q.status IN ('won', 'lost') AND q.lead_id <> r.lead_id
	AND (q.status = r.status AND (q.amount IS NULL, q.lead_id <> coalesce(d.lead_id, ''), ql.mql_at, q.lead_id) < (r.amount IS NULL, r.lead_id <> coalesce(d.lead_id, ''), rl.mql_at, r.lead_id)
		OR q.status <> r.status AND ((SELECT max(s.at) FROM outcomes s WHERE s.deal_id = r.deal_id AND s.deal_id <> '' AND s.status = q.status), q.status = 'won')
			> ((SELECT max(s.at) FROM outcomes s WHERE s.deal_id = r.deal_id AND s.deal_id <> '' AND s.status = r.status), r.status = 'won')))
WHERE r.deal_id <> '' AND r.status IN ('won', 'lost');

-- The roll-ups are built anew.
DELETE FROM rollups;
DELETE FROM rollup_days;
DELETE FROM meta WHERE key = 'rollup_zone';
