-- What the CRM knows besides leads: deals, also those that reps found alone, orders, engagements; and what was imported when.
CREATE TABLE deals (
	id           TEXT PRIMARY KEY,          -- the CRM's, case-sensitive
	account      TEXT NOT NULL DEFAULT '',  -- folded, as leads.account
	account_name TEXT NOT NULL DEFAULT '',
	lead_id      TEXT NOT NULL DEFAULT '',  -- as told; the lead may come later
	name         TEXT NOT NULL DEFAULT '',
	stage        TEXT NOT NULL,             -- as told
	status       TEXT NOT NULL,             -- opportunity, won, lost
	created_at   INTEGER,
	closed_at    INTEGER,
	opened_at    INTEGER NOT NULL,          -- created_at, else closed_at
	amount       INTEGER,
	currency     TEXT NOT NULL DEFAULT '',
	owner        TEXT NOT NULL DEFAULT '',
	product      TEXT NOT NULL DEFAULT '',
	reason       TEXT NOT NULL DEFAULT '',
	told_lead    INTEGER NOT NULL DEFAULT 0, -- its lead is known and has the deal's outcomes
	recorded_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX deals_account ON deals (account, opened_at) WHERE account <> '';
CREATE INDEX deals_lead ON deals (lead_id) WHERE lead_id <> '';
CREATE INDEX deals_untold ON deals (lead_id) WHERE lead_id <> '' AND told_lead = 0;
CREATE INDEX deals_closed ON deals (closed_at) WHERE status <> 'opportunity';

CREATE TABLE orders (
	id           TEXT PRIMARY KEY,
	account      TEXT NOT NULL,
	account_name TEXT NOT NULL DEFAULT '',
	at           INTEGER NOT NULL,
	amount       INTEGER NOT NULL,
	currency     TEXT NOT NULL,
	product      TEXT NOT NULL DEFAULT '',
	recorded_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX orders_account ON orders (account, at);

CREATE TABLE engagements (
	id          TEXT PRIMARY KEY,           -- the source's, else made of what is said
	lead_id     TEXT NOT NULL DEFAULT '',
	email_key   TEXT NOT NULL DEFAULT '',
	at          INTEGER NOT NULL,
	kind        TEXT NOT NULL,
	activity    TEXT NOT NULL DEFAULT '',
	campaign    TEXT NOT NULL DEFAULT '',
	recorded_at INTEGER NOT NULL
) STRICT;
CREATE INDEX engagements_lead ON engagements (lead_id, at) WHERE lead_id <> '';
CREATE INDEX engagements_email ON engagements (email_key, at) WHERE email_key <> '';
CREATE INDEX engagements_at ON engagements (at);

CREATE TABLE imports (
	id        TEXT PRIMARY KEY,
	kind      TEXT NOT NULL,
	origin    TEXT NOT NULL,                -- file, hook
	name      TEXT NOT NULL DEFAULT '',     -- of the file, without its folder
	at        INTEGER NOT NULL,             -- when it ended
	rows      INTEGER NOT NULL,
	added     INTEGER NOT NULL,
	changed   INTEGER NOT NULL,
	unchanged INTEGER NOT NULL,
	rejected  INTEGER NOT NULL,
	complete  INTEGER NOT NULL              -- 0: it was cut off
) STRICT;
CREATE INDEX imports_at ON imports (at);
