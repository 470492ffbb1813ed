-- Lead definition rules are proposals as all common ground is: their history, keys and messages move there.
ALTER TABLE proposals ADD COLUMN stopped INTEGER NOT NULL DEFAULT 0; -- of a rule: cases it has made unnecessary
INSERT INTO proposals (id, kind, thing, title, payload, proposed_by, at, needs, version, state, asked_at, agreed_at, in_force_at, closed_at, closed_by, closing, stopped)
	SELECT r.id, 'rule', r.reason || ' ' || r.source, CASE r.source WHEN '' THEN '' ELSE r.source || ', ' END || replace(r.reason, '-', ' '),
		json_object('source', r.source, 'reason', r.reason, 'outcome', r.outcome, 'text', r.text), r.proposed_by, r.proposed_at, '["sales","marketing"]',
		CASE WHEN r.in_force_at IS NULL THEN 0 ELSE 1 END,
		-- Nobody could propose two for one source and reason; should there be some, the first of them waits on.
		CASE WHEN r.state = 'proposed' AND EXISTS (SELECT 1 FROM rules o WHERE o.state = 'proposed' AND o.source = r.source AND o.reason = r.reason AND (o.proposed_at, o.id) < (r.proposed_at, r.id))
			THEN 'withdrawn' ELSE r.state END,
		CASE r.state WHEN 'proposed' THEN 1000 * unixepoch() ELSE r.proposed_at END, -- the days in which it is to be answered begin with this
		r.in_force_at, r.in_force_at, r.closed_at, r.closed_by, r.why, r.stopped
	FROM rules r;
INSERT INTO votes (id, proposal_id, side, person_id, said, at)
	SELECT r.id || ' ' || k.key, r.id, k.key, k.value, 'yes',
		coalesce((SELECT min(a.at) FROM audit a WHERE a.subject = r.id AND a.action = 'rule.agree' AND a.person_id = k.value), r.in_force_at, r.proposed_at)
	FROM rules r, json_each(r.keys) k WHERE k.value <> '';
UPDATE posted SET subject = 'proposal:' || substr(subject, 6) WHERE subject LIKE 'rule:%';
UPDATE outbox SET subject = 'proposal:' || substr(subject, 6) WHERE subject LIKE 'rule:%';
DROP TABLE rules;
