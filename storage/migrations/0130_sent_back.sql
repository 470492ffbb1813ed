-- The leads that somebody sent back at some time, whatever came of them: few of all, and read by every digest of leads.
CREATE INDEX outcomes_sent_back ON outcomes (lead_id, at) WHERE status = 'rejected' AND origin <> 'silence';
