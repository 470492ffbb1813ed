ALTER TABLE identities ADD COLUMN checked_at INTEGER; -- when the platform was last asked about the account
ALTER TABLE identities ADD COLUMN gone_at INTEGER;    -- since when the platform says it is deactivated
