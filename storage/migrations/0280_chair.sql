-- Who leads the meetings of a series; '' is nobody in particular.
ALTER TABLE meeting_series ADD COLUMN chair TEXT NOT NULL DEFAULT '';
