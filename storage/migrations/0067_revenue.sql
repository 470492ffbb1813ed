-- What revenue looks up: lost deals and orders by date, and whether a deal was told through its lead's outcomes.
CREATE INDEX outcomes_lost ON outcomes (at) WHERE status = 'lost';
CREATE INDEX outcomes_deal ON outcomes (deal_id) WHERE deal_id <> '';
CREATE INDEX orders_at ON orders (at);
