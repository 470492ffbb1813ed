-- What admins said of columns of which cannot be told whether they hold people: there are no tables of people.
CREATE TABLE people_columns (
	name       TEXT PRIMARY KEY, -- folded, see truce.FoldColumn
	people     INTEGER NOT NULL, -- 1: its values name people
	decided_by TEXT NOT NULL,
	decided_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
