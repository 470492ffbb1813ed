-- Leads that their CRM says another source of by now than they came with, which is locked: listed, and proposed where there are two keys.
CREATE TABLE source_changes (
	lead_id     TEXT PRIMARY KEY,
	system      TEXT NOT NULL,             -- the CRM; '' for rows of a list
	source      TEXT NOT NULL,             -- what it says
	at          INTEGER NOT NULL,          -- since when it was seen
	came        INTEGER NOT NULL,          -- 1: it was so when the lead came, which nobody is asked about
	proposal_id TEXT NOT NULL DEFAULT ''   -- by which both sides were asked
) STRICT;
