-- Whose lead it was when a case about it was opened ('' is nobody known): that rep is asked first where somebody else opened it.
ALTER TABLE disputes ADD COLUMN owner_id TEXT NOT NULL DEFAULT '';
UPDATE disputes SET owner_id = opener_id WHERE opener_id = (SELECT l.owner_id FROM leads l WHERE l.id = disputes.lead_id);
-- What people had decided when a case was re-opened. It stands where silence ends the case the second time.
ALTER TABLE disputes ADD COLUMN was_outcome TEXT NOT NULL DEFAULT '';
ALTER TABLE disputes ADD COLUMN was_opened_at INTEGER;
ALTER TABLE disputes ADD COLUMN was_answer TEXT NOT NULL DEFAULT '';
ALTER TABLE disputes ADD COLUMN was_answered_by TEXT NOT NULL DEFAULT '';
ALTER TABLE disputes ADD COLUMN was_answered_at INTEGER;
ALTER TABLE disputes ADD COLUMN was_escalation TEXT NOT NULL DEFAULT '';
ALTER TABLE disputes ADD COLUMN was_closed_at INTEGER;
ALTER TABLE disputes ADD COLUMN was_closed_by TEXT NOT NULL DEFAULT '';
ALTER TABLE disputes ADD COLUMN stood INTEGER NOT NULL DEFAULT 0;
-- What silence wrote no longer stands over what somebody said: such leads stand as it was said last, and the sums are built anew.
CREATE TABLE said AS SELECT o.lead_id, o.status, o.at, row_number() OVER (PARTITION BY o.lead_id ORDER BY o.at DESC,
		CASE o.status WHEN 'won' THEN 7 WHEN 'lost' THEN 6 WHEN 'opportunity' THEN 5 WHEN 'sql' THEN 4 WHEN 'accepted' THEN 3 WHEN 'rejected' THEN 2 ELSE 1 END DESC) AS place
	FROM outcomes o JOIN leads l ON l.id = o.lead_id WHERE l.by_silence = 1 AND o.origin <> 'silence';
UPDATE leads SET state = s.status, state_at = s.at, by_silence = 0 FROM said s WHERE s.lead_id = leads.id AND s.place = 1;
DELETE FROM rollups WHERE EXISTS (SELECT 1 FROM said);
DELETE FROM rollup_days WHERE EXISTS (SELECT 1 FROM said);
DELETE FROM meta WHERE key = 'rollup_zone' AND EXISTS (SELECT 1 FROM said);
DROP TABLE said;
