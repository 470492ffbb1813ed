-- What each person said to the charter. The reason of somebody who cannot sign is for the sponsor alone.
CREATE TABLE signatures (
	person_id    TEXT NOT NULL REFERENCES people (id),
	version      INTEGER NOT NULL,          -- of the text: the first that has it
	asked_at     INTEGER NOT NULL,
	reminded_at  INTEGER,
	signed_at    INTEGER,
	could_not_at INTEGER,
	reason       TEXT NOT NULL DEFAULT '',
	answer       TEXT NOT NULL DEFAULT '',  -- the sponsor's, to the person
	answered_by  TEXT NOT NULL DEFAULT '',
	told         INTEGER NOT NULL DEFAULT 0, -- the newest version whose terms they were told of
	PRIMARY KEY (person_id, version)
) STRICT;
