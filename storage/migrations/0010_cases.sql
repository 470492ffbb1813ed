-- Cases: bundles, who is a party, when a case moved last. Leads whose promises have begun. Rules know which way they rule.
ALTER TABLE disputes ADD COLUMN moved_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE disputes ADD COLUMN bundle TEXT NOT NULL DEFAULT '';   -- the first of the cases that get one answer
ALTER TABLE disputes ADD COLUMN parties TEXT NOT NULL DEFAULT '[]'; -- who opened or answered it, in any round
CREATE INDEX disputes_bundle ON disputes (bundle);

ALTER TABLE leads ADD COLUMN clocked INTEGER NOT NULL DEFAULT 0;   -- its promises have begun
CREATE INDEX leads_unclocked ON leads (handed_off_at) WHERE clocked = 0 AND handed_off_at IS NOT NULL AND owner_id IS NOT NULL AND state = '';
CREATE INDEX leads_nobodys ON leads (mql_at) WHERE owner_id IS NULL AND owner = '' AND state = '';

CREATE INDEX clocks_person ON clocks (person_id, kind) WHERE result IN ('', 'paused');
CREATE INDEX clocks_open ON clocks (subject) WHERE result IN ('', 'paused');

ALTER TABLE rules ADD COLUMN outcome TEXT NOT NULL DEFAULT 'upheld';
ALTER TABLE rules ADD COLUMN closed_at INTEGER;
ALTER TABLE rules ADD COLUMN closed_by TEXT NOT NULL DEFAULT '';
CREATE INDEX rules_for ON rules (source, reason);
