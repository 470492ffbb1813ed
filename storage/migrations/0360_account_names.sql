-- A company is one, by whichever of its names a lead, a deal or an order says it: the CRM's id, what it is called, the domain of its addresses.
ALTER TABLE accounts ADD COLUMN id_key TEXT NOT NULL DEFAULT ''; -- the id, folded, as leads.account and deals.account
UPDATE accounts SET id_key = lower(id);
CREATE INDEX accounts_id_key ON accounts (id_key) WHERE id_key <> '';
DROP INDEX leads_domain; -- of leads that name no account
CREATE INDEX leads_domain ON leads (substr(email_key, instr(email_key, '@') + 1), mql_at) WHERE email_key <> '';
-- Deals that name only an account are looked at once more.
UPDATE deals SET told_account = 0 WHERE account <> '' AND EXISTS (SELECT 1 FROM accounts);
