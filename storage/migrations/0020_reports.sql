-- What reports look leads up by.
CREATE INDEX leads_account ON leads (account) WHERE account <> '';
CREATE INDEX outcomes_won ON outcomes (at) WHERE status = 'won';
