-- A second look reminds its rep as an ordinary lead would: when it did, by the kind of what would be owed. What is under way was never
-- reminded of, and goes on as it was: a zero moment.
ALTER TABLE second_looks ADD COLUMN reminded TEXT NOT NULL DEFAULT '{}';
UPDATE second_looks SET reminded = '{"verdict":"0001-01-01T00:00:00Z","touch":"0001-01-01T00:00:00Z","rating":"0001-01-01T00:00:00Z"}'
	WHERE ended_at IS NULL;
