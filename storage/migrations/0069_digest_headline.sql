-- The one sentence of a sent digest, for home pages. Digests sent before have none.
ALTER TABLE digests ADD COLUMN headline TEXT NOT NULL DEFAULT '';
