-- What became of holding our leads against the CRM's own list; digests say the newest in their footer.
CREATE TABLE reconciliations (
	id      TEXT PRIMARY KEY,
	at      INTEGER NOT NULL,
	name    TEXT NOT NULL,   -- of the file, without its folder; '' came by standard input
	here    INTEGER NOT NULL, -- leads here that qualified in the file's span, or are in the file
	file    INTEGER NOT NULL, -- rows of the file
	both    INTEGER NOT NULL,
	from_at INTEGER,          -- the first MQL date of the file; NULL where no row has one
	to_at   INTEGER,          -- the last
	why     TEXT NOT NULL     -- JSON: how many differ for each reason
) STRICT;
CREATE INDEX reconciliations_at ON reconciliations (at);
CREATE INDEX imports_kind ON imports (kind, at) WHERE complete = 1;
