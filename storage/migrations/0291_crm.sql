-- What CRMs said, record by record, as far as Truce makes something of it: so that what follows from it can be found anew when a lead
-- comes, is merged or goes.
CREATE TABLE crm_records (
	system  TEXT NOT NULL,
	type    TEXT NOT NULL,               -- lead, deal, touch, engagement
	id      TEXT NOT NULL,
	fact    TEXT NOT NULL,               -- JSON; of a lead ''
	open    INTEGER NOT NULL DEFAULT 0,  -- 1: a deal that is open
	seen    INTEGER NOT NULL DEFAULT 0,  -- the load of everything that saw it last
	PRIMARY KEY (system, type, id)
) STRICT;
CREATE INDEX crm_records_open ON crm_records (system, id) WHERE open = 1;

-- By which keys leads are spoken of, and by which deals and touches speak of them.
CREATE TABLE crm_keys (
	system  TEXT NOT NULL,
	key     TEXT NOT NULL,
	lead_id TEXT NOT NULL,
	PRIMARY KEY (system, key, lead_id)
) STRICT;
CREATE INDEX crm_keys_lead ON crm_keys (lead_id);
CREATE TABLE crm_links (
	system  TEXT NOT NULL,
	type    TEXT NOT NULL,
	id      TEXT NOT NULL,
	key     TEXT NOT NULL,
	place   INTEGER NOT NULL,            -- a key of a lower place goes before
	PRIMARY KEY (system, type, id, key)
) STRICT;
CREATE INDEX crm_links_key ON crm_links (system, key);

-- How far each stream of a CRM has been read.
CREATE TABLE crm_streams (
	system    TEXT NOT NULL,
	stream    TEXT NOT NULL,
	mark_at   INTEGER,                   -- what changed before has come; NULL: it never came whole
	ended_at  INTEGER,                   -- it last came whole
	began_at  INTEGER,                   -- of the run that is under way: NULL for none
	since_at  INTEGER,
	until_at  INTEGER,
	cursor    TEXT NOT NULL DEFAULT '',  -- where it goes on
	whole     INTEGER NOT NULL DEFAULT 0, -- 1: everything is asked for
	load      INTEGER NOT NULL DEFAULT 0, -- counts the loads of everything
	PRIMARY KEY (system, stream)
) STRICT;

-- Leads that are gone from the CRM and are kept, because people judged or disputed them here; and those that are not kept.
CREATE TABLE crm_gone (
	lead_id TEXT PRIMARY KEY,
	system  TEXT NOT NULL,
	at      INTEGER NOT NULL,
	why     TEXT NOT NULL,               -- deleted, archived, merged, unqualified
	kept    INTEGER NOT NULL
) STRICT;

-- What was written back to a CRM and acknowledged by it.
CREATE TABLE crm_written (
	system  TEXT NOT NULL,
	lead_id TEXT NOT NULL,
	hash    TEXT NOT NULL,               -- of what it was
	at      INTEGER NOT NULL,
	fault   TEXT NOT NULL DEFAULT '',    -- why it was refused: it is not sent again until it differs
	PRIMARY KEY (system, lead_id)
) STRICT;

-- Which CRM a touch is of; '' for a file, a hook and what is told here.
ALTER TABLE touches ADD COLUMN system TEXT NOT NULL DEFAULT '';
