-- When a promise was due at first: the deadline itself moves when a reminder comes late.
ALTER TABLE clocks ADD COLUMN promised_at INTEGER;
