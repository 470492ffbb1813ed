-- Forms that were opened and not sent: what was typed is filled in the next time.
CREATE TABLE forms (
	person_id TEXT NOT NULL,
	name      TEXT NOT NULL,
	state     TEXT NOT NULL,              -- what the form carries: O-1 of an edit
	opened    TEXT NOT NULL,              -- the form as it was opened, JSON
	typed     TEXT NOT NULL DEFAULT '',   -- the values typed, JSON; '' is nothing
	at        INTEGER NOT NULL,
	PRIMARY KEY (person_id, name, state)
) STRICT, WITHOUT ROWID;
