-- What the finding of objections looks up: the accounts of leads by their folded name.
CREATE INDEX IF NOT EXISTS leads_account ON leads (account) WHERE account <> '';
