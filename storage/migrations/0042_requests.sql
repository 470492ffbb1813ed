-- Questions to Marketing: a theme that enough accounts and reps have raised and nobody has answered.
CREATE TABLE requests (
	id        TEXT PRIMARY KEY,           -- Q-1
	theme_id  TEXT NOT NULL,
	state     TEXT NOT NULL,              -- open, answered, dropped
	asked_at  INTEGER NOT NULL,
	due_at    INTEGER NOT NULL,
	closed_at INTEGER,
	answer_id TEXT NOT NULL DEFAULT '',   -- what answered it
	accounts  INTEGER NOT NULL,           -- in the 30 days before it was asked
	reps      INTEGER NOT NULL,
	times     INTEGER NOT NULL,
	pipeline  TEXT NOT NULL DEFAULT '{}'  -- open amounts at those accounts, minor units by currency
) STRICT;
CREATE UNIQUE INDEX requests_open ON requests (theme_id) WHERE state = 'open';
CREATE INDEX requests_asked ON requests (asked_at);
CREATE INDEX answer_uses_person ON answer_uses (person_id, shown_at);
CREATE INDEX answers_state ON answers (state, created_at);
