-- What a CRM says of one lead was found by going over all that the CRM says: the older indexes began with less of what is asked for than
-- the keys of the tables, so that SQLite took those.
DROP INDEX crm_keys_lead;
CREATE INDEX crm_keys_lead ON crm_keys (system, lead_id, key);
DROP INDEX crm_links_key;
CREATE INDEX crm_links_key ON crm_links (system, key, type, id);
