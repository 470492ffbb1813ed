-- Why a rule in force was retired; when and by whom stand in closed_at and closed_by.
ALTER TABLE rules ADD COLUMN why TEXT NOT NULL DEFAULT '';
CREATE INDEX disputes_closed ON disputes (closed_at) WHERE state = 'closed';
