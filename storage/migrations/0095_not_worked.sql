-- Which leads were not worked within three business days. Only those handed off since Truce's start are in the index, with all that they are
-- counted by; and when the first touch of all was logged.
CREATE INDEX leads_handed_off ON leads (mql_at, handed_off_at, source, campaign, segment, id, ref) WHERE handed_off_at IS NOT NULL;
CREATE INDEX touches_at ON touches (at);
