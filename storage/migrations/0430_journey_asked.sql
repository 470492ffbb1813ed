-- What interviews ask because an entry of the journey map is only assumed.
CREATE TABLE journey_asked (
	entry_id  TEXT PRIMARY KEY,           -- J-3
	question  TEXT NOT NULL,
	person_id TEXT NOT NULL,              -- who had it asked
	at        INTEGER NOT NULL,
	ended_at  INTEGER                     -- NULL while it is asked
) STRICT;
