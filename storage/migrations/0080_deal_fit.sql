-- Whether a deal's account is inside the ideal customer profile, as the CRM says it of the deal: inside, outside, or '' where it says
-- nothing. Deals that reps found alone have no lead to ask.
ALTER TABLE deals ADD COLUMN icp_fit TEXT NOT NULL DEFAULT '';
CREATE INDEX deals_icp_fit ON deals (icp_fit) WHERE icp_fit <> ''; -- whether any says it
