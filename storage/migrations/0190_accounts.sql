-- Companies as the CRM keeps them, with every value of every attribute and since when it is known; and what leads said before they
-- were told otherwise. What a profile says of somebody rests on what was known then.
CREATE TABLE accounts (
	id          TEXT PRIMARY KEY,          -- the CRM's, case-sensitive
	name        TEXT NOT NULL DEFAULT '',
	name_key    TEXT NOT NULL DEFAULT '',  -- folded, as leads.account
	domain      TEXT NOT NULL DEFAULT '',  -- folded
	recorded_at INTEGER NOT NULL
) STRICT;
CREATE INDEX accounts_name ON accounts (name_key) WHERE name_key <> '';
CREATE INDEX accounts_domain ON accounts (domain) WHERE domain <> '';

CREATE TABLE account_values (
	account_id  TEXT NOT NULL,
	attribute   TEXT NOT NULL,             -- as the file heads its column
	value       TEXT NOT NULL,
	known_at    INTEGER NOT NULL,          -- 0: it came with the account's first import, known before everything
	recorded_at INTEGER NOT NULL,
	PRIMARY KEY (account_id, attribute, known_at)
) STRICT, WITHOUT ROWID;

CREATE TABLE lead_values (
	lead_id   TEXT NOT NULL,
	attribute TEXT NOT NULL,               -- of a profile: a column that was imported with it, or segment, product, source, campaign, company
	value     TEXT NOT NULL,               -- what it was, '' for nothing
	until_at  INTEGER NOT NULL,            -- since when it is what comes next: a later row, else the lead's own
	PRIMARY KEY (lead_id, attribute, until_at)
) STRICT, WITHOUT ROWID;

-- The account as the CRM tells it, where folding it changes it: an id's case counts.
ALTER TABLE leads ADD COLUMN account_told TEXT NOT NULL DEFAULT '';
