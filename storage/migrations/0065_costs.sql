-- What was paid for leads, by source or campaign, for a day or a month of the company's calendar.
CREATE TABLE costs (
	id          TEXT PRIMARY KEY,          -- the source's, else made of source, campaign, date and currency
	source      TEXT NOT NULL DEFAULT '',
	campaign    TEXT NOT NULL DEFAULT '',
	first_day   TEXT NOT NULL,             -- 2026-03-15; of a month its first day
	days        INTEGER NOT NULL,          -- 1, or how many days the month has
	amount      INTEGER NOT NULL,
	currency    TEXT NOT NULL,
	recorded_at INTEGER NOT NULL
) STRICT;
CREATE INDEX costs_day ON costs (first_day);
