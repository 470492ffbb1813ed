-- Whether a lead is inside the ideal customer profile, as the CRM says it: inside, outside, or '' where it says nothing.
ALTER TABLE leads ADD COLUMN icp_fit TEXT NOT NULL DEFAULT '';
CREATE INDEX leads_icp_fit ON leads (mql_at, icp_fit) WHERE icp_fit <> ''; -- the share of a period is counted from it alone
