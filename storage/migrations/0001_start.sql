-- Times are integer milliseconds UTC, money integer minor units with an ISO 4217 currency, ids text made in Go, lists JSON.

CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE counters (name TEXT PRIMARY KEY, n INTEGER NOT NULL) STRICT;

-- People: one row per human, with as many platform identities as they have.
CREATE TABLE people (
	id         TEXT PRIMARY KEY,           -- P-1
	name       TEXT NOT NULL,
	email      TEXT NOT NULL DEFAULT '',   -- verified by a platform, or from the configuration; folded to lower case
	side       TEXT NOT NULL DEFAULT '',   -- sales, marketing or neither
	manager_id TEXT,
	zone       TEXT NOT NULL DEFAULT '',   -- IANA name; '' is the company's
	active     INTEGER NOT NULL DEFAULT 1,
	leave_from INTEGER,
	leave_to   INTEGER,
	created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX people_email ON people (email) WHERE email <> '';

CREATE TABLE identities (
	user_id        TEXT PRIMARY KEY,       -- chat.User.ID
	person_id      TEXT NOT NULL REFERENCES people (id),
	name           TEXT NOT NULL,
	standing       TEXT NOT NULL DEFAULT '',
	seen_at        INTEGER NOT NULL,
	unreachable_at INTEGER
) STRICT;
CREATE INDEX identities_person ON identities (person_id);

CREATE TABLE roles (
	person_id TEXT NOT NULL REFERENCES people (id),
	role      TEXT NOT NULL,               -- rep, marketer, sales manager, marketing manager, sponsor, admin
	source    TEXT NOT NULL,               -- config, group, admin, demo
	at        INTEGER NOT NULL,
	PRIMARY KEY (person_id, role, source)
) STRICT;

CREATE TABLE prefs (person_id TEXT NOT NULL REFERENCES people (id), key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (person_id, key)) STRICT;

-- Leads and what became of them.
CREATE TABLE leads (
	id            TEXT PRIMARY KEY,        -- the CRM's id, case-sensitive
	ref           TEXT NOT NULL UNIQUE,    -- L-1
	mql_at        INTEGER NOT NULL,
	email         TEXT NOT NULL DEFAULT '',
	email_key     TEXT NOT NULL DEFAULT '', -- folded, for look-up; not unique
	name          TEXT NOT NULL DEFAULT '',
	company       TEXT NOT NULL DEFAULT '',
	account       TEXT NOT NULL DEFAULT '', -- folded company or the CRM's account, for joining
	source        TEXT NOT NULL DEFAULT '', -- locked when the lead is created
	campaign      TEXT NOT NULL DEFAULT '',
	segment       TEXT NOT NULL DEFAULT '',
	product       TEXT NOT NULL DEFAULT '',
	score         REAL,                    -- 0 to 100, or unknown
	owner         TEXT NOT NULL DEFAULT '', -- as the CRM says it
	owner_id      TEXT REFERENCES people (id),
	attrs         TEXT NOT NULL DEFAULT '{}',
	handed_off_at INTEGER,                 -- when Sales got it; NULL before Truce's start: no clock
	created_at    INTEGER NOT NULL,
	updated_at    INTEGER NOT NULL,
	-- What follows is computed from outcomes and ratings, in the transaction of each change (see Tx.settleLead).
	state         TEXT NOT NULL DEFAULT '', -- the outcome in force; '' is none yet
	state_at      INTEGER,
	stage         INTEGER NOT NULL DEFAULT 0, -- furthest stage reached: 0 none, 1 accepted, 2 sql, 3 opportunity
	by_silence    INTEGER NOT NULL DEFAULT 0, -- the acceptance in force was nobody's decision
	rating        INTEGER                  -- the rating in force: 3 good, 2 fair, 1 poor
) STRICT;
CREATE INDEX leads_mql ON leads (mql_at);
CREATE INDEX leads_email ON leads (email_key) WHERE email_key <> '';
CREATE INDEX leads_owner ON leads (owner_id, mql_at) WHERE owner_id IS NOT NULL;
CREATE INDEX leads_owner_text ON leads (owner) WHERE owner <> '' AND owner_id IS NULL;

CREATE TABLE outcomes (
	lead_id     TEXT NOT NULL REFERENCES leads (id),
	deal_id     TEXT NOT NULL DEFAULT '',
	status      TEXT NOT NULL,             -- accepted, rejected, sql, opportunity, won, lost, recycled
	at          INTEGER NOT NULL,
	amount      INTEGER,
	currency    TEXT NOT NULL DEFAULT '',
	reason      TEXT NOT NULL DEFAULT '',
	note        TEXT NOT NULL DEFAULT '',
	owner       TEXT NOT NULL DEFAULT '',
	origin      TEXT NOT NULL,             -- import, person, silence, dispute
	person_id   TEXT,
	recorded_at INTEGER NOT NULL,
	PRIMARY KEY (lead_id, deal_id, status)
) STRICT, WITHOUT ROWID;

CREATE TABLE ratings (
	lead_id     TEXT NOT NULL REFERENCES leads (id),
	rater       TEXT NOT NULL,             -- P-1, or the CRM's owner text, or ''
	value       INTEGER NOT NULL,          -- 3 good, 2 fair, 1 poor
	at          INTEGER,                   -- the rating's own date; NULL: undated
	row_at      INTEGER NOT NULL,          -- the date of the row it came in: what as-of goes by where it is undated
	hindsight   INTEGER NOT NULL DEFAULT 0, -- undated, in a row that also closed the lead
	recorded_at INTEGER NOT NULL,
	dated       INTEGER NOT NULL,          -- at; where it is undated -1, in hindsight -2: a rater may rate again later
	PRIMARY KEY (lead_id, rater, dated)
) STRICT, WITHOUT ROWID;

CREATE TABLE touches (
	id          TEXT PRIMARY KEY,
	lead_id     TEXT NOT NULL REFERENCES leads (id),
	at          INTEGER NOT NULL,
	kind        TEXT NOT NULL,             -- call, meeting, mail
	by_whom     TEXT NOT NULL DEFAULT '',
	recorded_at INTEGER NOT NULL
) STRICT;
CREATE INDEX touches_lead ON touches (lead_id, at);

-- Objections and answers.
CREATE TABLE themes (
	id          TEXT PRIMARY KEY,          -- turnaround-time
	name        TEXT NOT NULL,
	state       TEXT NOT NULL DEFAULT 'active', -- active, proposed, merged
	merged_into TEXT,
	created_at  INTEGER NOT NULL
) STRICT;

CREATE TABLE objections (
	id         TEXT PRIMARY KEY,           -- O-1
	theme_id   TEXT NOT NULL DEFAULT '',   -- '' is not decided yet
	confidence REAL NOT NULL DEFAULT 0,    -- of the guess; 1 when a person chose
	text       TEXT NOT NULL,
	stage      TEXT NOT NULL DEFAULT '',
	competitor TEXT NOT NULL DEFAULT '',
	account    TEXT NOT NULL DEFAULT '',
	lead_id    TEXT,
	author_id  TEXT NOT NULL REFERENCES people (id),
	logged_by  TEXT NOT NULL REFERENCES people (id),
	created_at INTEGER NOT NULL,
	edited_at  INTEGER,
	undone_at  INTEGER
) STRICT;
CREATE INDEX objections_theme ON objections (theme_id, created_at);
CREATE INDEX objections_author ON objections (author_id, created_at);
CREATE INDEX objections_created ON objections (created_at);

CREATE TABLE answers (
	id          TEXT PRIMARY KEY,          -- A-1
	theme_id    TEXT NOT NULL,
	version     INTEGER NOT NULL,
	body        TEXT NOT NULL,
	internal    TEXT NOT NULL DEFAULT '',  -- never said to a customer
	proof       TEXT NOT NULL DEFAULT '',
	claim       TEXT NOT NULL DEFAULT 'plain', -- plain, price, competitor, technical, performance, regulatory
	state       TEXT NOT NULL,             -- draft, waiting, approved, replaced, recalled
	owner_id    TEXT NOT NULL,
	credit_id   TEXT NOT NULL DEFAULT '',  -- the rep whose words it came from
	created_at  INTEGER NOT NULL,
	approved_by TEXT NOT NULL DEFAULT '',
	approved_at INTEGER,
	review_at   INTEGER,
	replaces    TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX answers_theme ON answers (theme_id, state);

CREATE TABLE answer_uses (
	answer_id    TEXT NOT NULL,
	objection_id TEXT NOT NULL DEFAULT '',
	person_id    TEXT NOT NULL,
	shown_at     INTEGER NOT NULL,
	helped       INTEGER,                  -- 1 helped, 0 did not, NULL not said
	instead      TEXT NOT NULL DEFAULT '',
	voted_at     INTEGER,
	PRIMARY KEY (answer_id, objection_id, person_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE notes (
	id           TEXT PRIMARY KEY,         -- N-1
	kind         TEXT NOT NULL,            -- resonates, does not resonate, stuck, trend, competitor, win, lead problem, question, objection
	guess        TEXT NOT NULL DEFAULT '',
	text         TEXT NOT NULL,
	account      TEXT NOT NULL DEFAULT '',
	competitor   TEXT NOT NULL DEFAULT '',
	stage        TEXT NOT NULL DEFAULT '',
	lead_id      TEXT,
	author_id    TEXT NOT NULL REFERENCES people (id),
	created_at   INTEGER NOT NULL,
	confirmed_at INTEGER,                  -- NULL is a private draft
	became       TEXT NOT NULL DEFAULT '', -- the objection or dispute it became
	undone_at    INTEGER
) STRICT;
CREATE INDEX notes_author ON notes (author_id, created_at);
CREATE INDEX notes_created ON notes (created_at);

-- Disputes.
CREATE TABLE disputes (
	id           TEXT PRIMARY KEY,         -- D-1
	lead_id      TEXT NOT NULL REFERENCES leads (id),
	source       TEXT NOT NULL,            -- of the lead, for bundles and precedents
	reason       TEXT NOT NULL,
	text         TEXT NOT NULL,
	opener_id    TEXT NOT NULL REFERENCES people (id),
	state        TEXT NOT NULL,            -- open, asked, declined, escalated, sponsor, closed
	outcome      TEXT NOT NULL DEFAULT '', -- upheld, declined, withdrawn, upheld_by_lapse
	opened_at    INTEGER NOT NULL,
	round        INTEGER NOT NULL DEFAULT 1, -- 2 once it was re-opened
	question     TEXT NOT NULL DEFAULT '',
	evidence     TEXT NOT NULL DEFAULT '',
	answer       TEXT NOT NULL DEFAULT '',
	answered_by  TEXT NOT NULL DEFAULT '',
	answered_at  INTEGER,
	escalation   TEXT NOT NULL DEFAULT '',
	closed_at    INTEGER,
	closed_by    TEXT NOT NULL DEFAULT '',
	version      INTEGER NOT NULL DEFAULT 1 -- counts every change, for the second click
) STRICT;
CREATE INDEX disputes_state ON disputes (state, opened_at);
CREATE INDEX disputes_lead ON disputes (lead_id);
CREATE INDEX disputes_alike ON disputes (source, reason, opened_at);
CREATE INDEX disputes_opener ON disputes (opener_id, opened_at);

CREATE TABLE rulings (
	dispute_id TEXT NOT NULL REFERENCES disputes (id),
	round      INTEGER NOT NULL,
	side       TEXT NOT NULL,              -- sales, marketing, sponsor
	person_id  TEXT NOT NULL,
	uphold     INTEGER NOT NULL,
	text       TEXT NOT NULL DEFAULT '',
	at         INTEGER NOT NULL,
	PRIMARY KEY (dispute_id, round, side)
) STRICT, WITHOUT ROWID;

-- Clocks: what somebody owes by when. Kept while they run and afterwards: promises are counted from them.
CREATE TABLE clocks (
	id          TEXT PRIMARY KEY,
	subject     TEXT NOT NULL,             -- D-1, or L-1
	kind        TEXT NOT NULL,             -- answer, evidence, reply, ruling, verdict, touch, rating
	side        TEXT NOT NULL,             -- sales, marketing, sponsor: whose promise it is
	person_id   TEXT NOT NULL DEFAULT '',  -- who owes it, where it is one person
	started_at  INTEGER NOT NULL,
	due_at      INTEGER NOT NULL,          -- moves when the reminder could not be delivered in time
	left_ms     INTEGER NOT NULL DEFAULT 0, -- business time left of a paused clock
	remind_at   INTEGER NOT NULL,
	reminder    TEXT NOT NULL DEFAULT '',  -- the outbox key of the reminder
	stopped_at  INTEGER,
	result      TEXT NOT NULL DEFAULT ''   -- kept, late, lapsed, void, paused; '' is running
) STRICT;
CREATE INDEX clocks_due ON clocks (due_at) WHERE result = '';
CREATE INDEX clocks_remind ON clocks (remind_at) WHERE result = '' AND reminder = '';
CREATE INDEX clocks_subject ON clocks (subject, kind, started_at);
CREATE INDEX clocks_promise ON clocks (side, kind, due_at);

-- Rules: lead definitions that both sides agreed on.
CREATE TABLE rules (
	id         TEXT PRIMARY KEY,           -- R-1
	source     TEXT NOT NULL,
	reason     TEXT NOT NULL,
	text       TEXT NOT NULL,
	state      TEXT NOT NULL,              -- proposed, in force, declined
	proposed_by TEXT NOT NULL,
	proposed_at INTEGER NOT NULL,
	keys       TEXT NOT NULL DEFAULT '{}', -- side -> person id
	in_force_at INTEGER,
	stopped    INTEGER NOT NULL DEFAULT 0
) STRICT;

-- What is done once, sent, and remembered.
CREATE TABLE inbox (event_id TEXT PRIMARY KEY, at INTEGER NOT NULL, reply TEXT NOT NULL DEFAULT '') STRICT, WITHOUT ROWID;
CREATE INDEX inbox_at ON inbox (at);

CREATE TABLE outbox (
	id         TEXT PRIMARY KEY,
	key        TEXT NOT NULL UNIQUE,       -- the same message is written once
	dest       TEXT NOT NULL,              -- person:P-1, channel:disputes, or place:{json}
	subject    TEXT NOT NULL DEFAULT '',   -- rendered at delivery: dispute:D-1, home:P-1
	body       TEXT NOT NULL DEFAULT '',   -- or a finished card
	kind       TEXT NOT NULL,              -- notice, reminder, digest, recap, case, reply: for the silence budget
	person_id  TEXT NOT NULL DEFAULT '',
	at         INTEGER NOT NULL,
	not_before INTEGER NOT NULL,
	attempts   INTEGER NOT NULL DEFAULT 0,
	unclear    INTEGER NOT NULL DEFAULT 0,
	state      TEXT NOT NULL DEFAULT 'waiting', -- waiting, sent, dropped
	sent_at    INTEGER,
	error      TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX outbox_waiting ON outbox (not_before) WHERE state = 'waiting';
CREATE INDEX outbox_dest ON outbox (dest, at) WHERE state = 'waiting';
CREATE INDEX outbox_subject ON outbox (subject) WHERE state = 'waiting' AND subject <> '';
CREATE INDEX outbox_sent ON outbox (person_id, sent_at) WHERE state = 'sent';

-- Where a subject or a message stands, so that it is edited in place.
CREATE TABLE posted (
	subject  TEXT NOT NULL,
	dest     TEXT NOT NULL,
	ref      TEXT NOT NULL,
	at       INTEGER NOT NULL,
	PRIMARY KEY (subject, dest)
) STRICT, WITHOUT ROWID;

CREATE TABLE places (name TEXT PRIMARY KEY, place TEXT NOT NULL, at INTEGER NOT NULL) STRICT; -- conversations the bot is in

CREATE TABLE runs (job TEXT NOT NULL, due INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (job, due)) STRICT, WITHOUT ROWID;

CREATE TABLE digests (
	id         TEXT PRIMARY KEY,           -- G-1
	kind       TEXT NOT NULL,
	person_id  TEXT NOT NULL DEFAULT '',
	from_at    INTEGER NOT NULL,
	to_at      INTEGER NOT NULL,
	as_of      INTEGER NOT NULL,
	figures    TEXT NOT NULL,
	card       TEXT NOT NULL,
	at         INTEGER NOT NULL
) STRICT;
CREATE INDEX digests_kind ON digests (kind, to_at);

CREATE TABLE audit (
	id        TEXT PRIMARY KEY,
	at        INTEGER NOT NULL,
	person_id TEXT NOT NULL DEFAULT '',    -- '' is Truce itself
	network   TEXT NOT NULL DEFAULT '',    -- from where
	action    TEXT NOT NULL,               -- dispute.uphold
	subject   TEXT NOT NULL,
	detail    TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX audit_subject ON audit (subject, at);
CREATE INDEX audit_person ON audit (person_id, at);

CREATE TABLE memory (network TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (network, key)) STRICT, WITHOUT ROWID;
