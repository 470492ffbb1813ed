-- What these steps make of an empty file. Written by go test ./storage -update; see migrate.go.
-- step 0001_start.sql
-- step 0010_cases.sql
-- step 0011_promised.sql
-- step 0012_recycled.sql
-- step 0013_owners.sql
-- step 0020_reports.sql
-- step 0021_rollups.sql
-- step 0030_deals.sql
-- step 0040_capture.sql
-- step 0041_forms.sql
-- step 0042_requests.sql
-- step 0043_heard.sql
-- step 0050_people.sql
-- step 0060_rollup_days.sql
-- step 0065_costs.sql
-- step 0066_reconciled.sql
-- step 0067_revenue.sql
-- step 0068_rule_retired.sql
-- step 0069_digest_headline.sql
-- step 0070_icp_fit.sql
-- step 0071_doubts.sql
-- step 0080_deal_fit.sql
-- step 0081_thresholds.sql
-- step 0090_rating_keys.sql
-- step 0091_score_billionths.sql
-- step 0095_not_worked.sql
-- step 0100_standings.sql
-- step 0110_decided.sql
-- step 0111_proposals.sql
-- step 0112_signatures.sql
-- step 0120_sync_runs.sql
-- step 0130_sent_back.sql
-- step 0140_marks.sql
-- step 0150_one_deal_one_win.sql
-- step 0180_activities.sql
-- step 0190_accounts.sql
-- step 0200_journey.sql
-- step 0210_taskforce.sql
-- step 0220_interviews.sql
-- step 0240_people_columns.sql
-- step 0250_restated.sql
-- step 0270_icp.sql
-- step 0280_chair.sql
-- step 0281_activity_told.sql
-- step 0290_sync_waiting.sql
-- step 0291_crm.sql
-- step 0330_second_look.sql
-- step 0340_find.sql
-- step 0341_rules.sql
-- step 0360_account_names.sql
-- step 0370_ramp.sql
-- step 0400_second_reminders.sql
-- step 0430_journey_asked.sql
-- step 0460_source_changes.sql
-- step 0471_activity_links_of.sql
-- step 0480_crm_by_lead.sql
-- step 0481_wrong_newest.sql
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE counters (name TEXT PRIMARY KEY, n INTEGER NOT NULL) STRICT;
CREATE TABLE people (
	id         TEXT PRIMARY KEY,           -- P-1
	name       TEXT NOT NULL,
	email      TEXT NOT NULL DEFAULT '',   -- verified by a platform, or from the configuration; folded to lower case
	side       TEXT NOT NULL DEFAULT '',   -- sales, marketing or neither
	manager_id TEXT,
	zone       TEXT NOT NULL DEFAULT '',   -- IANA name; '' is the company's
	active     INTEGER NOT NULL DEFAULT 1,
	leave_from INTEGER,
	leave_to   INTEGER,
	created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX people_email ON people (email) WHERE email <> '';
CREATE TABLE identities (
	user_id        TEXT PRIMARY KEY,       -- chat.User.ID
	person_id      TEXT NOT NULL REFERENCES people (id),
	name           TEXT NOT NULL,
	seen_at        INTEGER NOT NULL,
	unreachable_at INTEGER
, gone_at INTEGER) STRICT;
CREATE INDEX identities_person ON identities (person_id);
CREATE TABLE roles (
	person_id TEXT NOT NULL REFERENCES people (id),
	role      TEXT NOT NULL,               -- rep, marketer, sales manager, marketing manager, sponsor, admin
	source    TEXT NOT NULL,               -- config, group, admin, demo
	at        INTEGER NOT NULL,
	PRIMARY KEY (person_id, role, source)
) STRICT;
CREATE TABLE prefs (person_id TEXT NOT NULL REFERENCES people (id), key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (person_id, key)) STRICT;
CREATE TABLE leads (
	id            TEXT PRIMARY KEY,        -- the CRM's id, case-sensitive
	ref           TEXT NOT NULL UNIQUE,    -- L-1
	mql_at        INTEGER NOT NULL,
	email         TEXT NOT NULL DEFAULT '',
	email_key     TEXT NOT NULL DEFAULT '', -- folded, for look-up; not unique
	name          TEXT NOT NULL DEFAULT '',
	company       TEXT NOT NULL DEFAULT '',
	account       TEXT NOT NULL DEFAULT '', -- folded company or the CRM's account, for joining
	source        TEXT NOT NULL DEFAULT '', -- locked when the lead is created
	campaign      TEXT NOT NULL DEFAULT '',
	segment       TEXT NOT NULL DEFAULT '',
	product       TEXT NOT NULL DEFAULT '',
	score         REAL,                    -- 0 to 100, or unknown
	owner         TEXT NOT NULL DEFAULT '', -- as the CRM says it
	owner_id      TEXT REFERENCES people (id),
	attrs         TEXT NOT NULL DEFAULT '{}',
	handed_off_at INTEGER,                 -- when Sales got it; NULL before Truce's start: no clock
	created_at    INTEGER NOT NULL,
	updated_at    INTEGER NOT NULL,
	-- What follows is computed from outcomes and ratings, in the transaction of each change (see Tx.settleLead).
	state         TEXT NOT NULL DEFAULT '', -- the outcome in force; '' is none yet
	state_at      INTEGER,
	stage         INTEGER NOT NULL DEFAULT 0, -- furthest stage reached: 0 none, 1 accepted, 2 sql, 3 opportunity
	by_silence    INTEGER NOT NULL DEFAULT 0, -- the acceptance in force was nobody's decision
	rating        INTEGER                  -- the rating in force: 3 good, 2 fair, 1 poor
, clocked INTEGER NOT NULL DEFAULT 0, facts TEXT NOT NULL DEFAULT '', icp_fit TEXT NOT NULL DEFAULT '', wrong INTEGER GENERATED ALWAYS AS (CASE WHEN instr(facts, '"w":') > 0 THEN json_extract(facts, '$.w') END) VIRTUAL, account_told TEXT NOT NULL DEFAULT '') STRICT;
CREATE INDEX leads_mql ON leads (mql_at);
CREATE INDEX leads_email ON leads (email_key) WHERE email_key <> '';
CREATE INDEX leads_owner ON leads (owner_id, mql_at) WHERE owner_id IS NOT NULL;
CREATE INDEX leads_owner_text ON leads (owner) WHERE owner <> '' AND owner_id IS NULL;
CREATE TABLE outcomes (
	lead_id     TEXT NOT NULL REFERENCES leads (id),
	deal_id     TEXT NOT NULL DEFAULT '',
	status      TEXT NOT NULL,             -- accepted, rejected, sql, opportunity, won, lost, recycled
	at          INTEGER NOT NULL,
	amount      INTEGER,
	currency    TEXT NOT NULL DEFAULT '',
	reason      TEXT NOT NULL DEFAULT '',
	note        TEXT NOT NULL DEFAULT '',
	owner       TEXT NOT NULL DEFAULT '',
	origin      TEXT NOT NULL,             -- import, person, silence, dispute
	person_id   TEXT,
	recorded_at INTEGER NOT NULL, until_at INTEGER, elsewhere_at INTEGER,
	PRIMARY KEY (lead_id, deal_id, status)
) STRICT, WITHOUT ROWID;
CREATE TABLE ratings (
	lead_id     TEXT NOT NULL REFERENCES leads (id),
	rater       TEXT NOT NULL,             -- P-1, or the CRM's owner text, or ''
	value       INTEGER NOT NULL,          -- 3 good, 2 fair, 1 poor
	at          INTEGER,                   -- the rating's own date; NULL: undated
	row_at      INTEGER NOT NULL,          -- the date of the row it came in: what as-of goes by where it is undated
	hindsight   INTEGER NOT NULL DEFAULT 0, -- undated, in a row that also closed the lead
	recorded_at INTEGER NOT NULL,
	dated       INTEGER NOT NULL,          -- at; where it is undated -1, in hindsight -2: a rater may rate again later
	PRIMARY KEY (lead_id, rater, dated)
) STRICT, WITHOUT ROWID;
CREATE TABLE touches (
	id          TEXT PRIMARY KEY,
	lead_id     TEXT NOT NULL REFERENCES leads (id),
	at          INTEGER NOT NULL,
	kind        TEXT NOT NULL,             -- call, meeting, mail
	by_whom     TEXT NOT NULL DEFAULT '',
	recorded_at INTEGER NOT NULL
, system TEXT NOT NULL DEFAULT '') STRICT;
CREATE INDEX touches_lead ON touches (lead_id, at);
CREATE TABLE themes (
	id          TEXT PRIMARY KEY,          -- turnaround-time
	name        TEXT NOT NULL,
	state       TEXT NOT NULL DEFAULT 'active', -- active, proposed, merged
	merged_into TEXT,
	created_at  INTEGER NOT NULL
) STRICT;
CREATE TABLE objections (
	id         TEXT PRIMARY KEY,           -- O-1
	theme_id   TEXT NOT NULL DEFAULT '',   -- '' is not decided yet
	confidence REAL NOT NULL DEFAULT 0,    -- of the guess; 1 when a person chose
	text       TEXT NOT NULL,
	stage      TEXT NOT NULL DEFAULT '',
	competitor TEXT NOT NULL DEFAULT '',
	account    TEXT NOT NULL DEFAULT '',
	lead_id    TEXT,
	author_id  TEXT NOT NULL REFERENCES people (id),
	logged_by  TEXT NOT NULL REFERENCES people (id),
	created_at INTEGER NOT NULL,
	edited_at  INTEGER,
	undone_at  INTEGER
) STRICT;
CREATE INDEX objections_theme ON objections (theme_id, created_at);
CREATE INDEX objections_author ON objections (author_id, created_at);
CREATE INDEX objections_created ON objections (created_at);
CREATE TABLE answers (
	id          TEXT PRIMARY KEY,          -- A-1
	theme_id    TEXT NOT NULL,
	version     INTEGER NOT NULL,
	body        TEXT NOT NULL,
	internal    TEXT NOT NULL DEFAULT '',  -- never said to a customer
	proof       TEXT NOT NULL DEFAULT '',
	claim       TEXT NOT NULL DEFAULT 'plain', -- plain, price, competitor, technical, performance, regulatory
	state       TEXT NOT NULL,             -- draft, waiting, approved, replaced, recalled
	owner_id    TEXT NOT NULL,
	credit_id   TEXT NOT NULL DEFAULT '',  -- the rep whose words it came from
	created_at  INTEGER NOT NULL,
	approved_by TEXT NOT NULL DEFAULT '',
	approved_at INTEGER,
	review_at   INTEGER,
	replaces    TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX answers_theme ON answers (theme_id, state);
CREATE TABLE answer_uses (
	answer_id    TEXT NOT NULL,
	objection_id TEXT NOT NULL DEFAULT '',
	person_id    TEXT NOT NULL,
	shown_at     INTEGER NOT NULL,
	helped       INTEGER,                  -- 1 helped, 0 did not, NULL not said
	instead      TEXT NOT NULL DEFAULT '',
	voted_at     INTEGER,
	PRIMARY KEY (answer_id, objection_id, person_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE notes (
	id           TEXT PRIMARY KEY,         -- N-1
	kind         TEXT NOT NULL,            -- resonates, does not resonate, stuck, trend, competitor, win, lead problem, question, objection
	guess        TEXT NOT NULL DEFAULT '',
	text         TEXT NOT NULL,
	account      TEXT NOT NULL DEFAULT '',
	competitor   TEXT NOT NULL DEFAULT '',
	stage        TEXT NOT NULL DEFAULT '',
	lead_id      TEXT,
	author_id    TEXT NOT NULL REFERENCES people (id),
	created_at   INTEGER NOT NULL,
	confirmed_at INTEGER,                  -- NULL is a private draft
	became       TEXT NOT NULL DEFAULT '', -- the objection or dispute it became
	undone_at    INTEGER
) STRICT;
CREATE INDEX notes_author ON notes (author_id, created_at);
CREATE INDEX notes_created ON notes (created_at);
CREATE TABLE disputes (
	id           TEXT PRIMARY KEY,         -- D-1
	lead_id      TEXT NOT NULL REFERENCES leads (id),
	source       TEXT NOT NULL,            -- of the lead, for bundles and precedents
	reason       TEXT NOT NULL,
	text         TEXT NOT NULL,
	opener_id    TEXT NOT NULL REFERENCES people (id),
	state        TEXT NOT NULL,            -- open, asked, declined, escalated, sponsor, closed
	outcome      TEXT NOT NULL DEFAULT '', -- upheld, declined, withdrawn, upheld_by_lapse
	opened_at    INTEGER NOT NULL,
	round        INTEGER NOT NULL DEFAULT 1, -- 2 once it was re-opened
	question     TEXT NOT NULL DEFAULT '',
	evidence     TEXT NOT NULL DEFAULT '',
	answer       TEXT NOT NULL DEFAULT '',
	answered_by  TEXT NOT NULL DEFAULT '',
	answered_at  INTEGER,
	escalation   TEXT NOT NULL DEFAULT '',
	closed_at    INTEGER,
	closed_by    TEXT NOT NULL DEFAULT '',
	version      INTEGER NOT NULL DEFAULT 1 -- counts every change, for the second click
, moved_at INTEGER NOT NULL DEFAULT 0, bundle TEXT NOT NULL DEFAULT '', parties TEXT NOT NULL DEFAULT '[]', owner_id TEXT NOT NULL DEFAULT '', was_outcome TEXT NOT NULL DEFAULT '', was_opened_at INTEGER, was_answer TEXT NOT NULL DEFAULT '', was_answered_by TEXT NOT NULL DEFAULT '', was_answered_at INTEGER, was_escalation TEXT NOT NULL DEFAULT '', was_closed_at INTEGER, was_closed_by TEXT NOT NULL DEFAULT '', stood INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE INDEX disputes_state ON disputes (state, opened_at);
CREATE INDEX disputes_lead ON disputes (lead_id);
CREATE INDEX disputes_alike ON disputes (source, reason, opened_at);
CREATE INDEX disputes_opener ON disputes (opener_id, opened_at);
CREATE TABLE rulings (
	dispute_id TEXT NOT NULL REFERENCES disputes (id),
	round      INTEGER NOT NULL,
	side       TEXT NOT NULL,              -- sales, marketing, sponsor
	person_id  TEXT NOT NULL,
	uphold     INTEGER NOT NULL,
	text       TEXT NOT NULL DEFAULT '',
	at         INTEGER NOT NULL,
	PRIMARY KEY (dispute_id, round, side)
) STRICT, WITHOUT ROWID;
CREATE TABLE clocks (
	id          TEXT PRIMARY KEY,
	subject     TEXT NOT NULL,             -- D-1, or L-1
	kind        TEXT NOT NULL,             -- answer, evidence, reply, ruling, verdict, touch, rating
	side        TEXT NOT NULL,             -- sales, marketing, sponsor: whose promise it is
	person_id   TEXT NOT NULL DEFAULT '',  -- who owes it, where it is one person
	started_at  INTEGER NOT NULL,
	due_at      INTEGER NOT NULL,          -- moves when the reminder could not be delivered in time
	left_ms     INTEGER NOT NULL DEFAULT 0, -- business time left of a paused clock
	remind_at   INTEGER NOT NULL,
	reminder    TEXT NOT NULL DEFAULT '',  -- the outbox key of the reminder
	stopped_at  INTEGER,
	result      TEXT NOT NULL DEFAULT ''   -- kept, late, lapsed, void, paused; '' is running
, promised_at INTEGER) STRICT;
CREATE INDEX clocks_due ON clocks (due_at) WHERE result = '';
CREATE INDEX clocks_remind ON clocks (remind_at) WHERE result = '' AND reminder = '';
CREATE INDEX clocks_subject ON clocks (subject, kind, started_at);
CREATE INDEX clocks_promise ON clocks (side, kind, due_at);
CREATE TABLE inbox (event_id TEXT PRIMARY KEY, at INTEGER NOT NULL, reply TEXT NOT NULL DEFAULT '') STRICT, WITHOUT ROWID;
CREATE INDEX inbox_at ON inbox (at);
CREATE TABLE outbox (
	id         TEXT PRIMARY KEY,
	key        TEXT NOT NULL UNIQUE,       -- the same message is written once
	dest       TEXT NOT NULL,              -- person:P-1, channel:disputes, or place:{json}
	subject    TEXT NOT NULL DEFAULT '',   -- rendered at delivery: dispute:D-1, home:P-1
	body       TEXT NOT NULL DEFAULT '',   -- or a finished card
	kind       TEXT NOT NULL,              -- notice, reminder, digest, recap, case, reply: for the silence budget
	person_id  TEXT NOT NULL DEFAULT '',
	at         INTEGER NOT NULL,
	not_before INTEGER NOT NULL,
	attempts   INTEGER NOT NULL DEFAULT 0,
	unclear    INTEGER NOT NULL DEFAULT 0,
	state      TEXT NOT NULL DEFAULT 'waiting', -- waiting, sent, dropped
	sent_at    INTEGER,
	error      TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX outbox_waiting ON outbox (not_before) WHERE state = 'waiting';
CREATE INDEX outbox_dest ON outbox (dest, at) WHERE state = 'waiting';
CREATE INDEX outbox_subject ON outbox (subject) WHERE state = 'waiting' AND subject <> '';
CREATE INDEX outbox_sent ON outbox (person_id, sent_at) WHERE state = 'sent';
CREATE TABLE posted (
	subject  TEXT NOT NULL,
	dest     TEXT NOT NULL,
	ref      TEXT NOT NULL,
	at       INTEGER NOT NULL,
	PRIMARY KEY (subject, dest)
) STRICT, WITHOUT ROWID;
CREATE TABLE places (name TEXT PRIMARY KEY, place TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
CREATE TABLE runs (job TEXT NOT NULL, due INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (job, due)) STRICT, WITHOUT ROWID;
CREATE TABLE digests (
	id         TEXT PRIMARY KEY,           -- G-1
	kind       TEXT NOT NULL,
	person_id  TEXT NOT NULL DEFAULT '',
	from_at    INTEGER NOT NULL,
	to_at      INTEGER NOT NULL,
	as_of      INTEGER NOT NULL,
	figures    TEXT NOT NULL,
	card       TEXT NOT NULL,
	at         INTEGER NOT NULL
, headline TEXT NOT NULL DEFAULT '', restated TEXT NOT NULL DEFAULT '') STRICT;
CREATE INDEX digests_kind ON digests (kind, to_at);
CREATE TABLE audit (
	id        TEXT PRIMARY KEY,
	at        INTEGER NOT NULL,
	person_id TEXT NOT NULL DEFAULT '',    -- '' is Truce itself
	network   TEXT NOT NULL DEFAULT '',    -- from where
	action    TEXT NOT NULL,               -- dispute.uphold
	subject   TEXT NOT NULL,
	detail    TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX audit_subject ON audit (subject, at);
CREATE INDEX audit_person ON audit (person_id, at);
CREATE TABLE memory (network TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (network, key)) STRICT, WITHOUT ROWID;
CREATE INDEX disputes_bundle ON disputes (bundle);
CREATE INDEX leads_unclocked ON leads (handed_off_at) WHERE clocked = 0 AND handed_off_at IS NOT NULL AND owner_id IS NOT NULL AND state = '';
CREATE INDEX leads_nobodys ON leads (mql_at) WHERE owner_id IS NULL AND owner = '' AND state = '';
CREATE INDEX clocks_person ON clocks (person_id, kind) WHERE result IN ('', 'paused');
CREATE INDEX clocks_open ON clocks (subject) WHERE result IN ('', 'paused');
CREATE INDEX leads_recycled ON leads (state_at) WHERE state = 'recycled' AND owner_id IS NULL AND handed_off_at IS NOT NULL;
CREATE INDEX leads_owner_fold ON leads (lower(owner)) WHERE owner <> '' AND owner_id IS NULL;
CREATE INDEX leads_account ON leads (account) WHERE account <> '';
CREATE INDEX outcomes_won ON outcomes (at) WHERE status = 'won';
CREATE TABLE deals (
	id           TEXT PRIMARY KEY,          -- the CRM's, case-sensitive
	account      TEXT NOT NULL DEFAULT '',  -- folded, as leads.account
	account_name TEXT NOT NULL DEFAULT '',
	lead_id      TEXT NOT NULL DEFAULT '',  -- as told; the lead may come later
	name         TEXT NOT NULL DEFAULT '',
	stage        TEXT NOT NULL,             -- as told
	status       TEXT NOT NULL,             -- opportunity, won, lost
	created_at   INTEGER,
	closed_at    INTEGER,
	opened_at    INTEGER NOT NULL,          -- created_at, else closed_at
	amount       INTEGER,
	currency     TEXT NOT NULL DEFAULT '',
	owner        TEXT NOT NULL DEFAULT '',
	product      TEXT NOT NULL DEFAULT '',
	reason       TEXT NOT NULL DEFAULT '',
	told_lead    INTEGER NOT NULL DEFAULT 0, -- its lead is known and has the deal's outcomes
	recorded_at  INTEGER NOT NULL
, icp_fit TEXT NOT NULL DEFAULT '', closed_until INTEGER, told_account INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE INDEX deals_account ON deals (account, opened_at) WHERE account <> '';
CREATE INDEX deals_lead ON deals (lead_id) WHERE lead_id <> '';
CREATE INDEX deals_untold ON deals (lead_id) WHERE lead_id <> '' AND told_lead = 0;
CREATE INDEX deals_closed ON deals (closed_at) WHERE status <> 'opportunity';
CREATE TABLE orders (
	id           TEXT PRIMARY KEY,
	account      TEXT NOT NULL,
	account_name TEXT NOT NULL DEFAULT '',
	at           INTEGER NOT NULL,
	amount       INTEGER NOT NULL,
	currency     TEXT NOT NULL,
	product      TEXT NOT NULL DEFAULT '',
	recorded_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX orders_account ON orders (account, at);
CREATE TABLE engagements (
	id          TEXT PRIMARY KEY,           -- the source's, else made of what is said
	lead_id     TEXT NOT NULL DEFAULT '',
	email_key   TEXT NOT NULL DEFAULT '',
	at          INTEGER NOT NULL,
	kind        TEXT NOT NULL,
	activity    TEXT NOT NULL DEFAULT '',
	campaign    TEXT NOT NULL DEFAULT '',
	recorded_at INTEGER NOT NULL
) STRICT;
CREATE INDEX engagements_lead ON engagements (lead_id, at) WHERE lead_id <> '';
CREATE INDEX engagements_email ON engagements (email_key, at) WHERE email_key <> '';
CREATE INDEX engagements_at ON engagements (at);
CREATE TABLE imports (
	id        TEXT PRIMARY KEY,
	kind      TEXT NOT NULL,
	origin    TEXT NOT NULL,                -- file, hook
	name      TEXT NOT NULL DEFAULT '',     -- of the file, without its folder
	at        INTEGER NOT NULL,             -- when it ended
	rows      INTEGER NOT NULL,
	added     INTEGER NOT NULL,
	changed   INTEGER NOT NULL,
	unchanged INTEGER NOT NULL,
	rejected  INTEGER NOT NULL,
	complete  INTEGER NOT NULL              -- 0: it was cut off
) STRICT;
CREATE INDEX imports_at ON imports (at);
CREATE TABLE forms (
	person_id TEXT NOT NULL,
	name      TEXT NOT NULL,
	state     TEXT NOT NULL,              -- what the form carries: O-1 of an edit
	opened    TEXT NOT NULL,              -- the form as it was opened, JSON
	typed     TEXT NOT NULL DEFAULT '',   -- the values typed, JSON; '' is nothing
	at        INTEGER NOT NULL,
	PRIMARY KEY (person_id, name, state)
) STRICT, WITHOUT ROWID;
CREATE TABLE requests (
	id        TEXT PRIMARY KEY,           -- Q-1
	theme_id  TEXT NOT NULL,
	state     TEXT NOT NULL,              -- open, answered, dropped
	asked_at  INTEGER NOT NULL,
	due_at    INTEGER NOT NULL,
	closed_at INTEGER,
	answer_id TEXT NOT NULL DEFAULT '',   -- what answered it
	accounts  INTEGER NOT NULL,           -- in the 30 days before it was asked
	reps      INTEGER NOT NULL,
	times     INTEGER NOT NULL,
	pipeline  TEXT NOT NULL DEFAULT '{}'  -- open amounts at those accounts, minor units by currency
) STRICT;
CREATE UNIQUE INDEX requests_open ON requests (theme_id) WHERE state = 'open';
CREATE INDEX requests_asked ON requests (asked_at);
CREATE INDEX answer_uses_person ON answer_uses (person_id, shown_at);
CREATE INDEX answers_state ON answers (state, created_at);
CREATE INDEX objections_heard ON objections (theme_id, created_at, author_id, account) WHERE undone_at IS NULL;
CREATE TABLE rollup_days (
	what    TEXT NOT NULL,               -- leads: by the day they qualified; open: by the day they came to where they stand
	day     INTEGER NOT NULL,
	keeper  TEXT NOT NULL DEFAULT '',    -- the import that holds what is missing and will add it; '' is nobody
	deep    INTEGER NOT NULL DEFAULT 0,  -- what is remembered of each lead is not right either
	changes INTEGER NOT NULL DEFAULT 0,  -- grows with each change of a lead: a count made beside writers holds if it has not
	PRIMARY KEY (what, day)
) STRICT, WITHOUT ROWID;
CREATE INDEX leads_open_since ON leads (state_at, stage) WHERE state IN ('accepted', 'sql', 'opportunity');
CREATE TABLE costs (
	id          TEXT PRIMARY KEY,          -- the source's, else made of source, campaign, date and currency
	source      TEXT NOT NULL DEFAULT '',
	campaign    TEXT NOT NULL DEFAULT '',
	first_day   TEXT NOT NULL,             -- 2026-03-15; of a month its first day
	days        INTEGER NOT NULL,          -- 1, or how many days the month has
	amount      INTEGER NOT NULL,
	currency    TEXT NOT NULL,
	recorded_at INTEGER NOT NULL
) STRICT;
CREATE INDEX costs_day ON costs (first_day);
CREATE TABLE reconciliations (
	id      TEXT PRIMARY KEY,
	at      INTEGER NOT NULL,
	name    TEXT NOT NULL,   -- of the file, without its folder; '' came by standard input
	here    INTEGER NOT NULL, -- leads here that qualified in the file's span, or are in the file
	file    INTEGER NOT NULL, -- rows of the file
	both    INTEGER NOT NULL,
	from_at INTEGER,          -- the first MQL date of the file; NULL where no row has one
	to_at   INTEGER,          -- the last
	why     TEXT NOT NULL     -- JSON: how many differ for each reason
) STRICT;
CREATE INDEX reconciliations_at ON reconciliations (at);
CREATE INDEX imports_kind ON imports (kind, at) WHERE complete = 1;
CREATE INDEX outcomes_lost ON outcomes (at) WHERE status = 'lost';
CREATE INDEX outcomes_deal ON outcomes (deal_id) WHERE deal_id <> '';
CREATE INDEX orders_at ON orders (at);
CREATE INDEX disputes_closed ON disputes (closed_at) WHERE state = 'closed';
CREATE INDEX leads_icp_fit ON leads (mql_at, icp_fit) WHERE icp_fit <> '';
CREATE INDEX leads_lost ON leads (score DESC, id, mql_at) WHERE state = 'lost' AND score IS NOT NULL;
CREATE TABLE rollups (
	kind TEXT NOT NULL,     -- total, source, campaign, segment; fault: rejections for a source fault; open: leads by stage, on the day they came there
	day  INTEGER NOT NULL,  -- of the company's calendar, 0 is 1 January 1970
	name TEXT NOT NULL,
	sums BLOB NOT NULL,
	PRIMARY KEY (kind, day, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX deals_icp_fit ON deals (icp_fit) WHERE icp_fit <> '';
CREATE TABLE thresholds (
	id    TEXT PRIMARY KEY,
	at    INTEGER NOT NULL, -- since when the bot works with it
	key   TEXT NOT NULL,    -- where it is set: promises.icp_share
	name  TEXT NOT NULL,    -- what people call it
	value TEXT NOT NULL     -- as people read it
) STRICT;
CREATE INDEX thresholds_at ON thresholds (at, id);
CREATE INDEX leads_handed_off ON leads (mql_at, handed_off_at, source, campaign, segment, id, ref) WHERE handed_off_at IS NOT NULL;
CREATE INDEX touches_at ON touches (at);
CREATE TABLE standings (
	user_id  TEXT PRIMARY KEY,          -- chat.User.ID
	standing TEXT NOT NULL DEFAULT '',  -- member, guest, outside, left; '' while it has not said
	heard_at INTEGER,                   -- when it said so last
	asked_at INTEGER                    -- when it was last asked, also in vain
) STRICT;
CREATE TABLE proposals (
	id          TEXT PRIMARY KEY,             -- T-1
	kind        TEXT NOT NULL,
	thing       TEXT NOT NULL DEFAULT '',     -- what of the kind
	title       TEXT NOT NULL,
	was         TEXT NOT NULL DEFAULT '',     -- the payload it differs from, JSON; '' where nothing was in force
	payload     TEXT NOT NULL,                -- JSON, of the kind's own shape
	effect      TEXT NOT NULL DEFAULT '',
	why         TEXT NOT NULL DEFAULT '',
	proposed_by TEXT NOT NULL DEFAULT '',
	at          INTEGER NOT NULL,
	needs       TEXT NOT NULL,                -- sides, JSON
	refused     TEXT NOT NULL DEFAULT 'null', -- sides that said no to the same before, JSON
	from_at     INTEGER,                      -- the day named in it
	base        INTEGER NOT NULL DEFAULT 0,
	version     INTEGER NOT NULL DEFAULT 0,
	state       TEXT NOT NULL,
	alone       INTEGER NOT NULL DEFAULT 0,
	asked_at    INTEGER NOT NULL,
	reminded_at INTEGER,
	sponsor_at  INTEGER,                      -- when it came to the sponsor because nobody had answered
	agreed_at   INTEGER,
	in_force_at INTEGER,
	closed_at   INTEGER,
	closed_by   TEXT NOT NULL DEFAULT '',
	closing     TEXT NOT NULL DEFAULT '',
	counters    TEXT NOT NULL DEFAULT '',
	successor TEXT NOT NULL DEFAULT '',
	reopens     TEXT NOT NULL DEFAULT ''
, stopped INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE INDEX proposals_of ON proposals (kind, thing, in_force_at);
CREATE UNIQUE INDEX proposals_open ON proposals (kind, thing) WHERE state = 'proposed';
CREATE TABLE votes (
	id          TEXT PRIMARY KEY,
	proposal_id TEXT NOT NULL REFERENCES proposals (id),
	side        TEXT NOT NULL,
	person_id   TEXT NOT NULL,
	said        TEXT NOT NULL, -- yes, no, argument
	text        TEXT NOT NULL DEFAULT '',
	at          INTEGER NOT NULL,
	dropped_at  INTEGER        -- it was put on a newer version: what was said of the older one does not count
) STRICT;
CREATE INDEX votes_of ON votes (proposal_id, at);
CREATE TABLE signatures (
	person_id    TEXT NOT NULL REFERENCES people (id),
	version      INTEGER NOT NULL,          -- of the text: the first that has it
	asked_at     INTEGER NOT NULL,
	reminded_at  INTEGER,
	signed_at    INTEGER,
	could_not_at INTEGER,
	reason       TEXT NOT NULL DEFAULT '',
	answer       TEXT NOT NULL DEFAULT '',  -- the sponsor's, to the person
	answered_by  TEXT NOT NULL DEFAULT '',
	told         INTEGER NOT NULL DEFAULT 0, -- the newest version whose terms they were told of
	PRIMARY KEY (person_id, version)
) STRICT;
CREATE TABLE sync_runs (
	id         TEXT PRIMARY KEY,
	source     TEXT NOT NULL,
	kind       TEXT NOT NULL,
	began_at   INTEGER NOT NULL,
	ended_at   INTEGER,                     -- NULL: under way, or killed
	since_at   INTEGER NOT NULL,            -- what changed from then on was asked for
	mark_at    INTEGER,                     -- when it was asked, by the source's own clock where it has one
	complete   INTEGER NOT NULL DEFAULT 0,  -- 1: all that was asked for came
	rows       INTEGER NOT NULL DEFAULT 0,
	added      INTEGER NOT NULL DEFAULT 0,
	changed    INTEGER NOT NULL DEFAULT 0,
	unchanged  INTEGER NOT NULL DEFAULT 0,
	rejected   INTEGER NOT NULL DEFAULT 0,
	why        TEXT NOT NULL DEFAULT ''     -- it is not complete
) STRICT;
CREATE INDEX sync_runs_source ON sync_runs (source, began_at);
CREATE INDEX outcomes_sent_back ON outcomes (lead_id, at) WHERE status = 'rejected' AND origin <> 'silence';
CREATE INDEX deals_unplaced ON deals (account) WHERE told_account = 0;
CREATE INDEX outcomes_account ON outcomes (deal_id) WHERE origin = 'account';
CREATE TABLE activities (
	id          TEXT PRIMARY KEY,          -- the source's, or A-1
	name        TEXT NOT NULL,
	side        TEXT NOT NULL DEFAULT '',
	kind        TEXT NOT NULL DEFAULT '',
	owner       TEXT NOT NULL DEFAULT '',  -- as told: mostly an address
	amount      INTEGER,                   -- NULL: not known
	currency    TEXT NOT NULL DEFAULT '',
	starts_at   INTEGER,
	ends_at     INTEGER,
	matches     TEXT NOT NULL DEFAULT '[]',
	motive      TEXT NOT NULL DEFAULT '',
	closed_at   INTEGER,
	recorded_at INTEGER NOT NULL
) STRICT;
CREATE TABLE accounts (
	id          TEXT PRIMARY KEY,          -- the CRM's, case-sensitive
	name        TEXT NOT NULL DEFAULT '',
	name_key    TEXT NOT NULL DEFAULT '',  -- folded, as leads.account
	domain      TEXT NOT NULL DEFAULT '',  -- folded
	recorded_at INTEGER NOT NULL
, id_key TEXT NOT NULL DEFAULT '') STRICT;
CREATE INDEX accounts_name ON accounts (name_key) WHERE name_key <> '';
CREATE INDEX accounts_domain ON accounts (domain) WHERE domain <> '';
CREATE TABLE account_values (
	account_id  TEXT NOT NULL,
	attribute   TEXT NOT NULL,             -- as the file heads its column
	value       TEXT NOT NULL,
	known_at    INTEGER NOT NULL,          -- 0: it came with the account's first import, known before everything
	recorded_at INTEGER NOT NULL,
	PRIMARY KEY (account_id, attribute, known_at)
) STRICT, WITHOUT ROWID;
CREATE TABLE lead_values (
	lead_id   TEXT NOT NULL,
	attribute TEXT NOT NULL,               -- of a profile: a column that was imported with it, or segment, product, source, campaign, company
	value     TEXT NOT NULL,               -- what it was, '' for nothing
	until_at  INTEGER NOT NULL,            -- since when it is what comes next: a later row, else the lead's own
	PRIMARY KEY (lead_id, attribute, until_at)
) STRICT, WITHOUT ROWID;
CREATE TABLE journey_entries (
	id         TEXT PRIMARY KEY,          -- J-1
	stage      TEXT NOT NULL,             -- the stage's name
	kind       TEXT NOT NULL,             -- question, driver, barrier, helps, content
	text       TEXT NOT NULL,
	author_id  TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	removed_at INTEGER,
	removed_by TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX journey_entries_stage ON journey_entries (stage, kind);
CREATE TABLE journey_cites (
	entry_id  TEXT NOT NULL,
	ref       TEXT NOT NULL,              -- O-12, N-3, A-7, J-2, or a link
	person_id TEXT NOT NULL,
	at        INTEGER NOT NULL,
	PRIMARY KEY (entry_id, ref)
) STRICT;
CREATE INDEX journey_cites_ref ON journey_cites (ref);
CREATE TABLE journey_stages (
	id        TEXT PRIMARY KEY,
	stage     TEXT NOT NULL,
	exit      TEXT NOT NULL,
	owner_id  TEXT NOT NULL DEFAULT '',
	person_id TEXT NOT NULL,
	at        INTEGER NOT NULL
) STRICT;
CREATE INDEX journey_stages_at ON journey_stages (stage, at);
CREATE TABLE meeting_series (
	id         TEXT PRIMARY KEY,           -- T-1
	name       TEXT NOT NULL,
	monthly    INTEGER NOT NULL DEFAULT 0,
	day        INTEGER NOT NULL,           -- of the week, Sunday is 0
	week       INTEGER NOT NULL DEFAULT 0, -- monthly: the n-th of the month, 5 is the last
	minutes    INTEGER NOT NULL,           -- after midnight, on the company's wall clock
	length     INTEGER NOT NULL,
	place      TEXT NOT NULL DEFAULT '',   -- an outbox destination; '' is each member
	created_by TEXT NOT NULL DEFAULT '',
	created_at INTEGER NOT NULL,
	ended_at   INTEGER
, chair TEXT NOT NULL DEFAULT '') STRICT;
CREATE TABLE meeting_members (series_id TEXT NOT NULL, person_id TEXT NOT NULL, PRIMARY KEY (series_id, person_id)) STRICT, WITHOUT ROWID;
CREATE TABLE meetings (
	id           TEXT PRIMARY KEY,         -- M-1
	series_id    TEXT NOT NULL,
	at           INTEGER NOT NULL,
	posted_at    INTEGER,
	closed_at    INTEGER,
	closed_by    TEXT NOT NULL DEFAULT '', -- '' is by itself
	cancelled_at INTEGER,
	cancelled_by TEXT NOT NULL DEFAULT '',
	why          TEXT NOT NULL DEFAULT '', -- it was cancelled
	version      INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE UNIQUE INDEX meetings_series ON meetings (series_id, at);
CREATE TABLE meeting_items (
	meeting_id TEXT NOT NULL,
	kind       TEXT NOT NULL,
	ref        TEXT NOT NULL,
	section    TEXT NOT NULL,              -- decide, discuss, read
	place      INTEGER NOT NULL,
	title      TEXT NOT NULL,
	why        TEXT NOT NULL,
	evidence   TEXT NOT NULL DEFAULT '[]',
	carried    INTEGER NOT NULL DEFAULT 0,
	mark       TEXT NOT NULL DEFAULT '',   -- discussed, decision, action, next, dropped
	text       TEXT NOT NULL DEFAULT '',   -- the decision, or why it was dropped
	marked_by  TEXT NOT NULL DEFAULT '',
	marked_at  INTEGER,
	PRIMARY KEY (meeting_id, kind, ref)
) STRICT, WITHOUT ROWID;
CREATE TABLE meeting_presence (meeting_id TEXT NOT NULL, person_id TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (meeting_id, person_id)) STRICT, WITHOUT ROWID;
CREATE TABLE meeting_added (
	id        TEXT PRIMARY KEY,            -- I-1
	series_id TEXT NOT NULL,
	wants     TEXT NOT NULL,
	kind      TEXT NOT NULL DEFAULT '',    -- of the record it is about
	ref       TEXT NOT NULL DEFAULT '',
	title     TEXT NOT NULL,
	added_by  TEXT NOT NULL,
	added_at  INTEGER NOT NULL,
	ended_at  INTEGER
) STRICT;
CREATE INDEX meeting_added_open ON meeting_added (series_id) WHERE ended_at IS NULL;
CREATE TABLE meeting_actions (
	id          TEXT PRIMARY KEY,          -- X-1
	series_id   TEXT NOT NULL,
	meeting_id  TEXT NOT NULL DEFAULT '',
	item        TEXT NOT NULL DEFAULT '',  -- kind:ref of what it is about
	title       TEXT NOT NULL,
	owner_id    TEXT NOT NULL,
	due         TEXT NOT NULL,             -- a day of the company's calendar
	created_by  TEXT NOT NULL,
	created_at  INTEGER NOT NULL,
	closed_at   INTEGER,
	closed_by   TEXT NOT NULL DEFAULT '',
	dropped     INTEGER NOT NULL DEFAULT 0,
	why         TEXT NOT NULL DEFAULT '',
	reminded_at INTEGER
) STRICT;
CREATE INDEX meeting_actions_open ON meeting_actions (series_id) WHERE closed_at IS NULL;
CREATE INDEX meeting_actions_owner ON meeting_actions (owner_id) WHERE closed_at IS NULL;
CREATE TABLE interviews (
	id             TEXT PRIMARY KEY,          -- I-1
	account        TEXT NOT NULL,             -- as told
	account_key    TEXT NOT NULL,             -- folded
	segment        TEXT NOT NULL DEFAULT '',
	standing       TEXT NOT NULL,             -- ideal, lost
	who            TEXT NOT NULL DEFAULT '',  -- the one interviewed
	who_email      TEXT NOT NULL DEFAULT '',
	who_role       TEXT NOT NULL DEFAULT '',
	consent        INTEGER NOT NULL DEFAULT 0,
	interviewer_id TEXT NOT NULL REFERENCES people (id),
	state          TEXT NOT NULL,
	place          INTEGER NOT NULL DEFAULT 0, -- of the question that is asked now
	questions      TEXT NOT NULL,              -- as they were when it began
	started_at     INTEGER NOT NULL,
	changed_at     INTEGER NOT NULL,
	finished_at    INTEGER
) STRICT;
CREATE INDEX interviews_interviewer ON interviews (interviewer_id, state);
CREATE INDEX interviews_account ON interviews (account_key);
CREATE TABLE interview_answers (
	interview_id TEXT NOT NULL REFERENCES interviews (id),
	place        INTEGER NOT NULL,           -- of the question; 999: of none
	text         TEXT NOT NULL,
	at           INTEGER NOT NULL,
	PRIMARY KEY (interview_id, place)
) STRICT;
CREATE TABLE outcome_statements (
	id           TEXT PRIMARY KEY,           -- S-1
	interview_id TEXT NOT NULL REFERENCES interviews (id),
	direction    TEXT NOT NULL,
	measure      TEXT NOT NULL,
	object       TEXT NOT NULL,
	circumstance TEXT NOT NULL DEFAULT '',
	quote        TEXT NOT NULL DEFAULT '',
	importance   INTEGER,
	satisfaction INTEGER,
	created_at   INTEGER NOT NULL,
	removed_at   INTEGER
) STRICT;
CREATE INDEX outcome_statements_interview ON outcome_statements (interview_id);
CREATE TABLE inventory_outcomes (
	id          TEXT PRIMARY KEY,            -- OI-1
	merged_into TEXT NOT NULL DEFAULT '',
	merged_at   INTEGER,
	created_at  INTEGER NOT NULL
) STRICT;
CREATE TABLE inventory_names (
	seq        INTEGER PRIMARY KEY,
	outcome_id TEXT NOT NULL REFERENCES inventory_outcomes (id),
	name       TEXT NOT NULL,
	named_by   TEXT NOT NULL REFERENCES people (id),
	at         INTEGER NOT NULL
) STRICT;
CREATE TABLE inventory_groupings (
	seq          INTEGER PRIMARY KEY,
	statement_id TEXT NOT NULL REFERENCES outcome_statements (id),
	outcome_id   TEXT NOT NULL REFERENCES inventory_outcomes (id),
	grouped_by   TEXT NOT NULL REFERENCES people (id),
	at           INTEGER NOT NULL
) STRICT;
CREATE TABLE inventory_ratings (
	seq          INTEGER PRIMARY KEY,
	interview_id TEXT NOT NULL REFERENCES interviews (id),
	outcome_id   TEXT NOT NULL REFERENCES inventory_outcomes (id),
	importance   INTEGER,                    -- NULL: asked, and not said
	satisfaction INTEGER,
	at           INTEGER NOT NULL
) STRICT;
CREATE TABLE people_columns (
	name       TEXT PRIMARY KEY, -- folded, see truce.FoldColumn
	people     INTEGER NOT NULL, -- 1: its values name people
	decided_by TEXT NOT NULL,
	decided_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE icp_rounds (
	id         TEXT PRIMARY KEY,             -- B-1
	started_by TEXT NOT NULL,
	started_at INTEGER NOT NULL,
	due_at     INTEGER NOT NULL,             -- from then on they are open, also where a list is missing
	opened_at  INTEGER,                      -- both were there, or it was due
	control    TEXT NOT NULL DEFAULT '[]'    -- customers drawn by a lot to stand beside, JSON of their keys
) STRICT;
CREATE TABLE icp_picks (
	round_id    TEXT NOT NULL REFERENCES icp_rounds (id),
	person_id   TEXT NOT NULL,
	side        TEXT NOT NULL,
	best        INTEGER NOT NULL,            -- 1: a best customer, 0: dead weight
	place       INTEGER NOT NULL,            -- from 1, as it was written
	account     TEXT NOT NULL,
	account_key TEXT NOT NULL,               -- folded
	reason      TEXT NOT NULL DEFAULT '',
	at          INTEGER NOT NULL,
	PRIMARY KEY (round_id, person_id, best, place)
) STRICT, WITHOUT ROWID;
CREATE TABLE icp_exceptions (
	lead_id  TEXT PRIMARY KEY,
	why      TEXT NOT NULL,
	by       TEXT NOT NULL,
	at       INTEGER NOT NULL,
	until_at INTEGER NOT NULL
) STRICT;
CREATE TABLE sync_waiting (
	source     TEXT NOT NULL,
	kind       TEXT NOT NULL,
	hash       TEXT NOT NULL,     -- of head and row: the same row again waits once
	lead_id    TEXT NOT NULL,     -- whom it waits for
	head       TEXT NOT NULL,     -- the lines above the rows of its file, '' for JSON
	row        TEXT NOT NULL,     -- as it came
	since_at   INTEGER NOT NULL,  -- it came first
	seq        INTEGER NOT NULL,  -- the order in which rows came last
	PRIMARY KEY (source, kind, hash)
) STRICT;
CREATE INDEX sync_waiting_lead ON sync_waiting (lead_id);
CREATE INDEX sync_waiting_seq ON sync_waiting (source, kind, seq);
CREATE TABLE lead_merges (
	lead_id    TEXT PRIMARY KEY,
	into_id    TEXT NOT NULL,
	at         INTEGER NOT NULL
) STRICT;
CREATE INDEX lead_merges_into ON lead_merges (into_id);
CREATE TABLE crm_records (
	system  TEXT NOT NULL,
	type    TEXT NOT NULL,               -- lead, deal, touch, engagement
	id      TEXT NOT NULL,
	fact    TEXT NOT NULL,               -- JSON; of a lead ''
	open    INTEGER NOT NULL DEFAULT 0,  -- 1: a deal that is open
	seen    INTEGER NOT NULL DEFAULT 0,  -- the load of everything that saw it last
	PRIMARY KEY (system, type, id)
) STRICT;
CREATE INDEX crm_records_open ON crm_records (system, id) WHERE open = 1;
CREATE TABLE crm_keys (
	system  TEXT NOT NULL,
	key     TEXT NOT NULL,
	lead_id TEXT NOT NULL,
	PRIMARY KEY (system, key, lead_id)
) STRICT;
CREATE TABLE crm_links (
	system  TEXT NOT NULL,
	type    TEXT NOT NULL,
	id      TEXT NOT NULL,
	key     TEXT NOT NULL,
	place   INTEGER NOT NULL,            -- a key of a lower place goes before
	PRIMARY KEY (system, type, id, key)
) STRICT;
CREATE TABLE crm_streams (
	system    TEXT NOT NULL,
	stream    TEXT NOT NULL,
	mark_at   INTEGER,                   -- what changed before has come; NULL: it never came whole
	ended_at  INTEGER,                   -- it last came whole
	began_at  INTEGER,                   -- of the run that is under way: NULL for none
	since_at  INTEGER,
	until_at  INTEGER,
	cursor    TEXT NOT NULL DEFAULT '',  -- where it goes on
	whole     INTEGER NOT NULL DEFAULT 0, -- 1: everything is asked for
	load      INTEGER NOT NULL DEFAULT 0, -- counts the loads of everything
	PRIMARY KEY (system, stream)
) STRICT;
CREATE TABLE crm_gone (
	lead_id TEXT PRIMARY KEY,
	system  TEXT NOT NULL,
	at      INTEGER NOT NULL,
	why     TEXT NOT NULL,               -- deleted, archived, merged, unqualified
	kept    INTEGER NOT NULL
) STRICT;
CREATE TABLE crm_written (
	system  TEXT NOT NULL,
	lead_id TEXT NOT NULL,
	hash    TEXT NOT NULL,               -- of what it was
	at      INTEGER NOT NULL,
	fault   TEXT NOT NULL DEFAULT '',    -- why it was refused: it is not sent again until it differs
	PRIMARY KEY (system, lead_id)
) STRICT;
CREATE TABLE second_looks (
	id         TEXT PRIMARY KEY,           -- S-1
	week       TEXT NOT NULL,              -- its Monday, whose lot drew it
	kind       TEXT NOT NULL,              -- rejected, below
	lead_id    TEXT NOT NULL,
	ref        TEXT NOT NULL,
	person_id  TEXT NOT NULL,
	reason     TEXT NOT NULL DEFAULT '',   -- for which the lead had been sent back
	available  INTEGER NOT NULL,           -- of how many of its kind and week it was drawn
	drawn      INTEGER NOT NULL,           -- how many were drawn of them
	at         INTEGER NOT NULL,
	verdict    TEXT NOT NULL DEFAULT '',   -- accepted, rejected
	verdict_at INTEGER,
	said       TEXT NOT NULL DEFAULT '',   -- the reason of a no
	note       TEXT NOT NULL DEFAULT '',
	rating     INTEGER NOT NULL DEFAULT 0,
	touch      TEXT NOT NULL DEFAULT '',
	touched_at INTEGER,
	ended_at   INTEGER,
	void       INTEGER NOT NULL DEFAULT 0, -- it was not carried through: the lead qualified meanwhile, or the rep left
	knew       TEXT NOT NULL DEFAULT '',   -- yes, no; '' is not answered
	knew_at    INTEGER
, reminded TEXT NOT NULL DEFAULT '{}') STRICT;
CREATE UNIQUE INDEX second_looks_lead ON second_looks (lead_id);
CREATE INDEX second_looks_person ON second_looks (person_id) WHERE ended_at IS NULL;
CREATE TABLE below_leads (
	id       TEXT PRIMARY KEY,
	ref      TEXT NOT NULL UNIQUE,         -- L-12, as any lead's
	told_at  INTEGER NOT NULL,
	email    TEXT NOT NULL DEFAULT '',
	name     TEXT NOT NULL DEFAULT '',
	company  TEXT NOT NULL DEFAULT '',
	account  TEXT NOT NULL DEFAULT '',
	source   TEXT NOT NULL DEFAULT '',
	campaign TEXT NOT NULL DEFAULT '',
	segment  TEXT NOT NULL DEFAULT '',
	product  TEXT NOT NULL DEFAULT '',
	score    REAL,
	owner    TEXT NOT NULL DEFAULT '',
	attrs    TEXT NOT NULL DEFAULT '{}'
) STRICT;
CREATE TABLE below_outcomes (
	lead_id TEXT NOT NULL,
	status  TEXT NOT NULL,
	at      INTEGER NOT NULL,
	PRIMARY KEY (lead_id, status)
) STRICT, WITHOUT ROWID;
CREATE INDEX leads_surname ON leads (lower(replace(name, rtrim(name, replace(name, ' ', '')), ''))) WHERE name <> '';
CREATE INDEX leads_name ON leads (lower(name)) WHERE name <> '';
CREATE INDEX leads_account_last ON leads (replace(account, rtrim(account, replace(account, ' ', '')), '')) WHERE instr(account, ' ') > 0;
CREATE INDEX leads_at ON leads (substr(email_key, instr(email_key, '@') + 1)) WHERE email_key <> '';
CREATE INDEX leads_local ON leads (substr(email_key, instr(email_key, '.') + 1)) WHERE instr(email_key, '.') BETWEEN 1 AND instr(email_key, '@');
CREATE INDEX accounts_id_key ON accounts (id_key) WHERE id_key <> '';
CREATE INDEX leads_domain ON leads (substr(email_key, instr(email_key, '@') + 1), mql_at) WHERE email_key <> '';
CREATE TABLE journey_asked (
	entry_id  TEXT PRIMARY KEY,           -- J-3
	question  TEXT NOT NULL,
	person_id TEXT NOT NULL,              -- who had it asked
	at        INTEGER NOT NULL,
	ended_at  INTEGER                     -- NULL while it is asked
) STRICT;
CREATE TABLE source_changes (
	lead_id     TEXT PRIMARY KEY,
	system      TEXT NOT NULL,             -- the CRM; '' for rows of a list
	source      TEXT NOT NULL,             -- what it says
	at          INTEGER NOT NULL,          -- since when it was seen
	came        INTEGER NOT NULL,          -- 1: it was so when the lead came, which nobody is asked about
	proposal_id TEXT NOT NULL DEFAULT ''   -- by which both sides were asked
) STRICT;
CREATE TABLE "activity_links" (
	activity_id TEXT NOT NULL,             -- as told; the activity may come later
	what        TEXT NOT NULL,
	day         TEXT NOT NULL,             -- of the company's calendar
	place       INTEGER NOT NULL,          -- in its chain, of one link only
	unit        TEXT NOT NULL DEFAULT '',
	expected    REAL NOT NULL,
	of          TEXT NOT NULL DEFAULT 'campaign',
	observed    REAL,                      -- what its owner saw, of what is not computed
	recorded_at INTEGER NOT NULL,
	told_at     INTEGER,                   -- when its owner was told what came of it, or asked for it
	PRIMARY KEY (activity_id, what, day, of, unit)
) STRICT;
CREATE INDEX activity_links_day ON activity_links (day);
CREATE INDEX crm_keys_lead ON crm_keys (system, lead_id, key);
CREATE INDEX crm_links_key ON crm_links (system, key, type, id);
CREATE INDEX leads_wrong ON leads (mql_at DESC, id) WHERE wrong IS NOT NULL;
