CREATE INDEX leads_recycled ON leads (state_at) WHERE state = 'recycled' AND owner_id IS NULL AND handed_off_at IS NOT NULL;
