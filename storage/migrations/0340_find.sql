-- Leads are found by what one remembers: the last word of a name or of an account, a first name, a domain, what follows the first dot of an
-- address. An account's beginning and an address's have indexes already. storage/find.go holds the same expressions.
CREATE INDEX leads_surname ON leads (lower(replace(name, rtrim(name, replace(name, ' ', '')), ''))) WHERE name <> '';
CREATE INDEX leads_name ON leads (lower(name)) WHERE name <> '';
CREATE INDEX leads_account_last ON leads (replace(account, rtrim(account, replace(account, ' ', '')), '')) WHERE instr(account, ' ') > 0;
CREATE INDEX leads_at ON leads (substr(email_key, instr(email_key, '@') + 1)) WHERE email_key <> '';
CREATE INDEX leads_local ON leads (substr(email_key, instr(email_key, '.') + 1)) WHERE instr(email_key, '.') BETWEEN 1 AND instr(email_key, '@');
