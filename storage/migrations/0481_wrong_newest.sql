-- Rejections that proved wrong are shown the newest first: of two currencies no amount is the greater one.
DROP INDEX leads_wrong;
CREATE INDEX leads_wrong ON leads (mql_at DESC, id) WHERE wrong IS NOT NULL;
