-- Owners as the CRM says them, whatever the case of the letters, for people who turn up later.
CREATE INDEX leads_owner_fold ON leads (lower(owner)) WHERE owner <> '' AND owner_id IS NULL;
