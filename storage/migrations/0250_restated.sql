-- What a sent digest was last restated to: its figures as JSON, as a later digest said them; '' is as they were sent.
ALTER TABLE digests ADD COLUMN restated TEXT NOT NULL DEFAULT '';
