package storage

import (
	"cmp"
	"fmt"
)

// This file is the one catalogue of tables: what each holds of people, and so what happens to it when somebody is erased, when two
// people turn out to be one, when somebody asks what is kept of them, and when a table is exported. A table or a column of text that
// is in no entry fails a test: whoever adds one decides what it says of people.

// table is what the catalogue says of one table. Every column that can hold text is in one of plain, ids, words, owners, buyers,
// within and made. In the statements ?1 is a person's id; in those of join ?2 is the id of the one they turn out to be.
type table struct {
	name string

	plain  string     // columns that say nothing of a person: keys, states, what the CRM says of a lead's work
	ids    []idColumn // columns with a person's id, and nothing else
	words  []words    // columns with what somebody typed
	owners string     // columns with an owner as the CRM says it: mostly an e-mail address
	buyers string     // columns with who a lead is: a name, an address, what else the CRM says of them
	within string     // columns that say who somebody is, or hold ids inside something longer: a key, a list
	made   string     // columns with what was made of people's words: a finished card, JSON, the log

	erase []string // what erasing a person does besides, first: words goes by the ids, which may be gone afterwards
	join  []string // what joining two people does besides, first

	held     []held   // what is shown of it to the person
	exported []record // how it is exported where it is never imported
}

// idColumn is a column that holds a person's id.
type idColumn struct {
	name    string
	erased  string // what erasing does: kept (the id counts on, as nobody's), cleared, null, or gone with its row
	orOwner bool   // it may hold the owner as the CRM says it instead
	once    bool   // a person is there once only: of two rows that become one's, the row that was theirs before stays
}

// What erasing does to a person's id.
const (
	kept    = "kept"
	cleared = "cleared"
	asNull  = "null"
	gone    = "gone"
)

// words is a column with what a person typed, and the column with the id of the one who did.
type words struct{ column, by string }

// held is one kind of record of a person: id or reference, moment, text. ?1 is the person's id.
type held struct{ kind, query string }

// record is how a table is exported that is never imported. Columns that end in _at are moments.
type record struct {
	name    string // of the kind; "" is the table's
	columns []string
	query   string
}

// tables are all tables of the database, in the order in which a person reads of them. Those of one thing stand together.
var tables = []table{
	{name: "people",
		plain: "side zone",
		ids:   []idColumn{{name: "id", erased: kept}, {name: "manager_id", erased: asNull}},
		erase: []string{`UPDATE people SET name = 'A former colleague', email = '', zone = '', active = 0, manager_id = NULL, leave_from = NULL,
			leave_to = NULL WHERE id = ?1`},
		// Nobody is their own manager. The row of the other one goes last of all: see Tx.Join.
		join:   []string{`UPDATE people SET manager_id = NULL WHERE manager_id = ?1 AND id = ?2`},
		within: "name email"},

	{name: "objections",
		plain: "id theme_id stage competitor account lead_id",
		ids:   []idColumn{{name: "author_id", erased: kept}, {name: "logged_by", erased: kept}},
		words: []words{{"text", "author_id"}, {"text", "logged_by"}},
		held: []held{{"objections", `SELECT id, created_at, text || CASE WHEN account <> '' THEN ' · ' || account ELSE '' END
			FROM objections WHERE author_id = ?1 OR logged_by = ?1 ORDER BY created_at DESC, id`}},
		exported: []record{{"", []string{"id", "theme", "text", "stage", "competitor", "account", "lead_id", "author", "logged_by", "created_at",
			"edited_at", "undone_at"},
			`SELECT id, theme_id, text, stage, competitor, account, coalesce(lead_id, ''), author_id, logged_by, created_at, edited_at, undone_at
				FROM objections ORDER BY length(id), id`}}},
	{name: "notes",
		plain: "id kind guess account competitor stage lead_id became",
		ids:   []idColumn{{name: "author_id", erased: kept}},
		words: []words{{"text", "author_id"}},
		erase: []string{`DELETE FROM notes WHERE author_id = ?1 AND confirmed_at IS NULL`},
		held:  []held{{"field notes", `SELECT id, created_at, text FROM notes WHERE author_id = ?1 ORDER BY created_at DESC, id`}},
		exported: []record{{"", []string{"id", "kind", "text", "stage", "competitor", "account", "lead_id", "author", "created_at",
			"confirmed_at", "became"},
			`SELECT id, kind, text, stage, competitor, account, coalesce(lead_id, ''), author_id, created_at, confirmed_at, became FROM notes
				WHERE undone_at IS NULL AND confirmed_at IS NOT NULL ORDER BY length(id), id`}}}, // a draft is its author's alone
	{name: "answers",
		plain: "id theme_id claim state replaces",
		ids:   []idColumn{{name: "owner_id", erased: kept}, {name: "credit_id", erased: cleared}, {name: "approved_by", erased: kept}},
		made:  "body internal proof", // one's words, made ready by another: see erase
		// An answer of theirs is not said any more; of one that another approved, theirs are the words that still stand in it.
		erase: []string{
			`UPDATE answers SET body = '` + Erased +
				`', internal = '', proof = '', state = CASE state WHEN 'approved' THEN 'recalled' WHEN 'draft' THEN 'dropped'
				WHEN 'waiting' THEN 'dropped' ELSE state END
				WHERE owner_id = ?1 OR credit_id = ?1 AND (state IN ('draft', 'waiting')
					OR EXISTS (SELECT 1 FROM answer_uses u WHERE u.person_id = ?1 AND u.instead <> '' AND instr(answers.body, u.instead) > 0))`},
		held: []held{{"answers", `SELECT id, created_at, body FROM answers WHERE owner_id = ?1 OR credit_id = ?1 ORDER BY created_at DESC, id`}}},
	{name: "answer_uses",
		plain: "answer_id objection_id",
		ids:   []idColumn{{name: "person_id", erased: kept, once: true}},
		words: []words{{"instead", "person_id"}},
		// A vote stands above having been shown the answer, whosever it is.
		join: []string{`DELETE FROM answer_uses WHERE person_id = ?2 AND helped IS NULL AND EXISTS (SELECT 1 FROM answer_uses o
			WHERE o.person_id = ?1
			AND o.helped IS NOT NULL AND o.answer_id = answer_uses.answer_id AND o.objection_id = answer_uses.objection_id)`},
		held: []held{{"votes on answers", `SELECT answer_id, voted_at, CASE WHEN helped = 1 THEN 'helped' ELSE 'did not help' END || CASE
			WHEN instead <> '' THEN ': ' || instead ELSE '' END
			FROM answer_uses WHERE person_id = ?1 AND helped IS NOT NULL ORDER BY voted_at DESC, answer_id`}}},
	{name: "themes", plain: "id name state merged_into"},
	{name: "requests",
		plain: "id theme_id state answer_id pipeline",
		exported: []record{{"", []string{"id", "theme", "state", "asked_at", "due_at", "closed_at", "answer"},
			`SELECT id, coalesce((SELECT t.name FROM themes t WHERE t.id = theme_id), theme_id), state, asked_at, due_at, closed_at, answer_id
				FROM requests ORDER BY length(id), id`}}},

	{name: "journey_entries",
		plain: "id stage kind",
		ids:   []idColumn{{name: "author_id", erased: kept}, {name: "removed_by", erased: kept}},
		words: []words{{"text", "author_id"}},
		held:  []held{{"map entries", `SELECT id, created_at, text FROM journey_entries WHERE author_id = ?1 ORDER BY created_at DESC, id`}},
		exported: []record{{"", []string{"id", "stage", "kind", "text", "cites", "author", "created_at", "removed_at"},
			`SELECT id, stage, kind, text, coalesce((SELECT group_concat(ref, ' ') FROM (SELECT ref FROM journey_cites c WHERE c.entry_id = e.id
				ORDER BY at, ref)), ''),
				author_id, created_at, removed_at FROM journey_entries e ORDER BY length(id), id`}}},
	{name: "journey_cites", plain: "entry_id ref", ids: []idColumn{{name: "person_id", erased: kept}}},
	{name: "journey_asked",
		plain: "entry_id",
		ids:   []idColumn{{name: "person_id", erased: kept}},
		words: []words{{"question", "person_id"}},
		held: []held{{"questions for interviews", `SELECT entry_id, at, question FROM journey_asked WHERE person_id = ?1
			ORDER BY at DESC, entry_id`}}},
	{name: "journey_stages",
		plain: "id stage exit",
		ids:   []idColumn{{name: "person_id", erased: kept}, {name: "owner_id", erased: cleared}}},

	{name: "disputes",
		plain: "id lead_id source reason state outcome bundle was_outcome",
		ids: []idColumn{{name: "opener_id", erased: kept}, {name: "answered_by", erased: kept}, {name: "closed_by", erased: kept},
			{name: "owner_id", erased: kept},
			{name: "was_answered_by", erased: kept}, {name: "was_closed_by", erased: kept}},
		words: []words{{"text", "opener_id"}, {"evidence", "opener_id"}, {"escalation", "opener_id"}, {"answer", "answered_by"},
			{"question", "answered_by"},
			{"was_answer", "was_answered_by"}, {"was_escalation", "opener_id"}},
		within: "parties",
		// A case may have been given to another since; who wrote what stands in the log, which is erased after this.
		erase: []string{wroteInCase("question"), wroteInCase("evidence"), wroteInCase("escalation"), wroteInCase("answer"),
			`UPDATE disputes SET text = '` + Erased +
				`' WHERE EXISTS (SELECT 1 FROM audit a WHERE a.subject = disputes.id AND a.person_id = ?1 AND a.action = 'dispute.open')`},
		held: []held{
			{"disputes", `SELECT id, opened_at, text FROM disputes WHERE opener_id = ?1 ORDER BY opened_at DESC, id`},
			{"dispute answers", `SELECT id, answered_at, answer FROM disputes WHERE answered_by = ?1 ORDER BY answered_at DESC, id`}},
		exported: []record{{"", []string{"id", "lead_id", "source", "reason", "text", "opener", "state", "outcome", "round", "question",
			"evidence", "answer", "answered_by", "opened_at", "answered_at", "closed_at", "closed_by"},
			`SELECT id, lead_id, source, reason, text, opener_id, state, outcome, round, question, evidence, answer, answered_by, opened_at,
				answered_at, closed_at, closed_by
				FROM disputes ORDER BY length(id), id`}}},
	{name: "rulings",
		plain: "dispute_id side",
		ids:   []idColumn{{name: "person_id", erased: kept}},
		words: []words{{"text", "person_id"}},
		held:  []held{{"rulings", `SELECT dispute_id, at, text FROM rulings WHERE person_id = ?1 ORDER BY at DESC, dispute_id`}}},
	{name: "proposals",
		plain: "id kind thing needs refused state counters successor reopens",
		ids:   []idColumn{{name: "proposed_by", erased: kept}, {name: "closed_by", erased: kept}},
		words: []words{{"why", "proposed_by"}, {"closing", "closed_by"}},
		made:  "title was payload effect", // what both sides agreed on is the company's
		held: []held{{"proposals", `SELECT id, at, title || CASE WHEN why <> '' THEN ': ' || why ELSE '' END FROM proposals
			WHERE proposed_by = ?1 ORDER BY at DESC, id`}},
		exported: []record{{"", []string{"id", "kind", "thing", "title", "was", "payload", "effect", "why", "proposed_by", "proposed_at", "needs",
			"base", "version", "state", "to_sponsor_at", "alone", "agreed_at", "in_force_at", "closed_at", "closed_by", "closing", "counters",
			"successor", "reopens"},
			`SELECT id, kind, thing, title, was, payload, effect, why, proposed_by, at, (SELECT group_concat(value, ' ')
				FROM json_each(needs)), base, version, state, sponsor_at,
				CASE alone WHEN 1 THEN 'yes' ELSE '' END, agreed_at, in_force_at, closed_at, closed_by, closing, counters, successor, reopens
				FROM proposals ORDER BY length(id), id`},
			// who signed is in no export
			{"charter", []string{"version", "in_force_at", "replaced_at", "part", "side", "what", "unit", "start", "since", "target", "by", "text"},
				`SELECT version, in_force_at, closed_at, 'why', '', '', '', NULL, '', NULL, '', json_extract(payload, '$.why') FROM proposals
					WHERE kind = 'charter' AND in_force_at IS NOT NULL
				UNION ALL SELECT version, in_force_at, closed_at, 'goal', '', g.value ->> 'what', g.value ->> 'unit', g.value ->> 'start',
				g.value ->> 'since', g.value ->> 'target', g.value ->> 'by', ''
					FROM proposals, json_each(payload, '$.goals') g WHERE kind = 'charter' AND in_force_at IS NOT NULL
				UNION ALL SELECT version, in_force_at, closed_at, 'promise', g.value ->> 'side', g.value ->> 'what', '', NULL, '', g.value ->> 'target',
				'', ''
					FROM proposals, json_each(payload, '$.promises') g WHERE kind = 'charter' AND in_force_at IS NOT NULL
				ORDER BY 1, 2, 4 DESC`}}},
	{name: "votes",
		plain: "id proposal_id side said",
		ids:   []idColumn{{name: "person_id", erased: kept}},
		words: []words{{"text", "person_id"}},
		held: []held{{"votes", `SELECT proposal_id, at, said || CASE WHEN text <> '' THEN ': ' || text ELSE '' END FROM votes
			WHERE person_id = ?1 ORDER BY at DESC, id`}},
		exported: []record{{"", []string{"proposal", "side", "person", "said", "text", "said_at", "dropped_at"},
			`SELECT proposal_id, side, person_id, said, text, at, dropped_at FROM votes ORDER BY at, id`}}},
	// What somebody thinks of a customer is the company's; whose list it was is forgotten with the person.
	{name: "icp_rounds", plain: "id control", ids: []idColumn{{name: "started_by", erased: kept}}},
	{name: "icp_picks",
		plain: "round_id side account account_key",
		ids:   []idColumn{{name: "person_id", erased: kept, once: true}},
		words: []words{{"reason", "person_id"}},
		held: []held{{"customers named", `SELECT round_id, at, account || ': ' || reason FROM icp_picks WHERE person_id = ?1
			ORDER BY at DESC, best DESC, place`}},
		// what is not open to both sides does not leave the house
		exported: []record{{"", []string{"round", "side", "person", "kind", "place", "account", "reason", "sent_at"},
			`SELECT p.round_id, p.side, p.person_id, CASE p.best WHEN 1 THEN 'best' ELSE 'dead weight' END, p.place, p.account, p.reason, p.at
				FROM icp_picks p JOIN icp_rounds r ON r.id = p.round_id WHERE r.opened_at IS NOT NULL
				ORDER BY length(p.round_id), p.round_id, p.side, p.person_id, p.best DESC, p.place`}}},
	{name: "icp_exceptions",
		plain: "lead_id",
		ids:   []idColumn{{name: "by", erased: kept}},
		words: []words{{"why", "by"}},
		held: []held{{"exceptions declared", `SELECT coalesce(l.ref, e.lead_id), e.at, e.why FROM icp_exceptions e
			LEFT JOIN leads l ON l.id = e.lead_id WHERE e.by = ?1 ORDER BY e.at DESC, e.lead_id`}},
		exported: []record{{"", []string{"lead_id", "why", "declared_by", "declared_at", "until_at"},
			`SELECT lead_id, why, by, at, until_at FROM icp_exceptions ORDER BY at, lead_id`}}},
	// The reason of somebody who cannot sign is shown to the sponsor alone: it is in no export, not even in what is held of the person.
	{name: "signatures",
		ids:   []idColumn{{name: "person_id", erased: kept, once: true}, {name: "answered_by", erased: kept}},
		words: []words{{"reason", "person_id"}, {"answer", "answered_by"}},
		held: []held{{"answers to the charter", `SELECT 'v' || version, coalesce(signed_at, could_not_at), CASE WHEN signed_at IS NULL
			THEN 'could not sign' ELSE 'signed' END
			FROM signatures WHERE person_id = ?1 AND (signed_at IS NOT NULL OR could_not_at IS NOT NULL) ORDER BY version DESC`}}},
	{name: "clocks",
		plain:  "id subject kind side result",
		ids:    []idColumn{{name: "person_id", erased: kept}},
		within: "reminder",
		join:   []string{movesReminder("clocks", "reminder", "")},
		exported: []record{{"promises", []string{"id", "subject", "kind", "side", "person", "started_at", "due_at", "first_due_at", "stopped_at",
			"result"},
			`SELECT id, subject, kind, side, person_id, started_at, due_at, coalesce(promised_at, due_at), stopped_at, CASE result WHEN ''
				THEN 'running' ELSE result END
				FROM clocks ORDER BY due_at, id`}}},

	{name: "ratings",
		plain: "lead_id",
		ids:   []idColumn{{name: "rater", erased: kept, once: true, orOwner: true}},
		held:  []held{{"ratings", `SELECT lead_id, row_at, 'rated ' || value FROM ratings WHERE rater = ?1 ORDER BY row_at DESC, lead_id`}}},
	{name: "outcomes",
		plain:  "lead_id deal_id status currency reason origin",
		ids:    []idColumn{{name: "person_id", erased: kept}},
		words:  []words{{"note", "person_id"}},
		owners: "owner",
		held: []held{{"verdicts", `SELECT lead_id, at, status || CASE WHEN reason <> '' THEN ': ' || reason ELSE '' END
			FROM outcomes WHERE person_id = ?1 ORDER BY at DESC, lead_id`}}},
	{name: "touches",
		plain: "id lead_id kind system",
		ids:   []idColumn{{name: "by_whom", erased: kept, orOwner: true}}},
	{name: "leads",
		plain:  "id ref source campaign segment product state facts icp_fit",
		ids:    []idColumn{{name: "owner_id", erased: asNull}},
		owners: "owner",
		buyers: "email email_key name company account account_told attrs",
		// Whose rating is the owner's is said by the owner: it stays true. Without a rating of theirs the lead is nobody's.
		erase: []string{`UPDATE leads SET owner = CASE WHEN EXISTS (SELECT 1 FROM ratings r WHERE r.lead_id = leads.id
			AND r.rater IN (leads.owner_id, leads.owner)) THEN ?1 ELSE '' END
			WHERE owner_id = ?1`},
		held: []held{{"leads owned", `SELECT ref, handed_off_at, coalesce(nullif(company, ''), name) FROM leads WHERE owner_id = ?1
			ORDER BY mql_at DESC, id`}}},
	// A look is seen by nobody until it is over, in no export either; and whose it was is in none at all.
	{name: "second_looks",
		plain: "id week kind lead_id ref reason verdict said touch reminded knew",
		ids:   []idColumn{{name: "person_id", erased: kept}},
		words: []words{{"note", "person_id"}},
		held: []held{{"second looks", `SELECT ref, ended_at, verdict FROM second_looks WHERE person_id = ?1 AND ended_at IS NOT NULL
			ORDER BY ended_at DESC, id`}},
		exported: []record{{"", []string{"id", "week", "kind", "lead_id", "reason", "available", "drawn", "given_at", "verdict", "verdict_at",
			"said", "rating", "ended_at", "void", "knew"},
			`SELECT id, week, kind, lead_id, reason, available, drawn, at, verdict, verdict_at, said, rating, ended_at, void, knew FROM second_looks
				WHERE ended_at IS NOT NULL ORDER BY length(id), id`}}},
	{name: "below_leads",
		plain:  "id ref source campaign segment product",
		owners: "owner",
		buyers: "email name company account attrs",
		exported: []record{{"", []string{"id", "truce_ref", "mql_at", "qualified", "email", "name", "company", "account", "source", "campaign",
			"segment", "product", "score", "owner"},
			`SELECT id, ref, told_at, 'no', email, name, company, account, source, campaign, segment, product, score, owner FROM below_leads
				ORDER BY id`}}},
	{name: "below_outcomes", plain: "lead_id status"},
	{name: "lead_values", plain: "lead_id attribute", buyers: "value"},
	{name: "accounts", plain: "id id_key name name_key domain"},
	{name: "account_values", plain: "account_id attribute value"},
	{name: "engagements", plain: "id lead_id kind activity campaign", buyers: "email_key"},
	{name: "deals", plain: "id account account_name lead_id stage status currency product reason icp_fit", owners: "owner", buyers: "name"},
	{name: "orders", plain: "id account account_name currency product"},
	{name: "costs", plain: "id source campaign first_day currency"},
	{name: "activities", plain: "id name side kind currency matches motive", owners: "owner"},
	{name: "activity_links", plain: "activity_id what day unit of"},
	{name: "meeting_series", plain: "id name place", ids: []idColumn{{name: "created_by", erased: kept}, {name: "chair", erased: kept}}},
	{name: "meeting_members", plain: "series_id", ids: []idColumn{{name: "person_id", erased: gone, once: true}}},
	{name: "meetings",
		plain: "id series_id",
		ids:   []idColumn{{name: "closed_by", erased: kept}, {name: "cancelled_by", erased: kept}},
		words: []words{{"why", "cancelled_by"}},
		exported: []record{{"", []string{"id", "series", "met_at", "closed_at", "cancelled_at", "why"},
			`SELECT m.id, coalesce((SELECT s.name FROM meeting_series s
				WHERE s.id = m.series_id), m.series_id), m.at, m.closed_at, m.cancelled_at, m.why FROM meetings m ORDER BY m.at, m.id`}}},
	{name: "meeting_presence",
		plain: "meeting_id",
		ids:   []idColumn{{name: "person_id", erased: kept, once: true}},
		held: []held{{"meetings attended", `SELECT meeting_id, at, 'was there' FROM meeting_presence WHERE person_id = ?1
			ORDER BY at DESC, meeting_id`}},
		exported: []record{{"", []string{"meeting", "person", "said_at"}, `SELECT meeting_id, person_id, at FROM meeting_presence
			ORDER BY at, meeting_id, person_id`}}},
	{name: "meeting_items",
		plain: "meeting_id kind ref section evidence mark",
		ids:   []idColumn{{name: "marked_by", erased: kept}},
		words: []words{{"text", "marked_by"}},
		made:  "title why", // of what people added, and of notes that several gave
		erase: []string{`UPDATE meeting_items SET title = '` + Erased +
			`' WHERE kind = 'added' AND ref IN (SELECT id FROM meeting_added WHERE added_by = ?1)`},
		held: []held{{"decisions of meetings", `SELECT meeting_id, marked_at, mark || ': ' || text FROM meeting_items WHERE marked_by = ?1
			AND text <> '' ORDER BY marked_at DESC, meeting_id`}}},
	{name: "meeting_added",
		plain: "id series_id wants kind ref",
		ids:   []idColumn{{name: "added_by", erased: kept}},
		words: []words{{"title", "added_by"}},
		held:  []held{{"items put on agendas", `SELECT id, added_at, title FROM meeting_added WHERE added_by = ?1 ORDER BY added_at DESC, id`}}},
	{name: "meeting_actions",
		plain: "id series_id meeting_id item due",
		ids:   []idColumn{{name: "owner_id", erased: kept}, {name: "created_by", erased: kept}, {name: "closed_by", erased: kept}},
		words: []words{{"title", "created_by"}, {"why", "closed_by"}},
		held: []held{{"actions", `SELECT id, created_at, title FROM meeting_actions WHERE owner_id = ?1 OR created_by = ?1
			ORDER BY created_at DESC, id`}},
		exported: []record{{"", []string{"id", "series_id", "meeting_id", "title", "owner", "due", "created_by", "created_at", "closed_at",
			"closed_by", "dropped", "why"},
			`SELECT id, series_id, meeting_id, title, owner_id, due, created_by, created_at, closed_at, closed_by, dropped, why FROM meeting_actions
				ORDER BY length(id), id`}}},
	{name: "imports", plain: "id kind origin name"},
	{name: "sync_runs", plain: "id source kind why"},
	{name: "sync_waiting", plain: "source kind hash lead_id head", buyers: "row"},
	{name: "lead_merges", plain: "lead_id into_id"},
	{name: "crm_records", plain: "system type id", buyers: "fact"},
	{name: "crm_keys", plain: "system key lead_id"},
	{name: "crm_links", plain: "system type id key"},
	{name: "crm_streams", plain: "system stream cursor"},
	{name: "crm_gone", plain: "lead_id system why"},
	{name: "source_changes", plain: "lead_id system source proposal_id"},
	{name: "crm_written", plain: "system lead_id hash fault"},
	{name: "reconciliations", plain: "id name why"},
	{name: "rollups", plain: "kind name sums"},
	{name: "rollup_days", plain: "what keeper"},
	{name: "thresholds", plain: "id key name value"},
	{name: "people_columns", plain: "name", ids: []idColumn{{name: "decided_by", erased: kept}}},

	// Interviews hold what customers said: the one interviewed is no member, and is erased by Tx.EraseInterviewed.
	{name: "interviews",
		plain:  "id account account_key segment standing state questions",
		ids:    []idColumn{{name: "interviewer_id", erased: kept}},
		buyers: "who who_email who_role",
		held:   []held{{"interviews", `SELECT id, started_at, account FROM interviews WHERE interviewer_id = ?1 ORDER BY started_at DESC, id`}},
		exported: []record{{"", []string{"id", "account", "segment", "standing", "consent", "who", "role", "interviewer", "state", "started_at",
			"finished_at"},
			`SELECT id, account, segment, standing, CASE consent WHEN 1 THEN 'yes' ELSE 'no' END, CASE consent WHEN 1 THEN who
				ELSE '' END, CASE consent WHEN 1 THEN who_role ELSE '' END,
				interviewer_id, state, started_at, finished_at FROM interviews ORDER BY length(id), id`}}},
	{name: "interview_answers",
		plain: "interview_id",
		made:  "text",
		// without consent what was said does not leave the house
		exported: []record{{"", []string{"interview_id", "question", "text", "answered_at"},
			`SELECT a.interview_id, coalesce(json_extract(i.questions, '$[' || a.place || ']'), ''), CASE i.consent WHEN 1 THEN a.text
				ELSE '' END, a.at
				FROM interview_answers a JOIN interviews i ON i.id = a.interview_id ORDER BY length(i.id), i.id, a.place`}}},
	{name: "outcome_statements",
		plain: "id interview_id direction",
		made:  "measure object circumstance quote",
		exported: []record{{"", []string{"id", "interview_id", "direction", "measure", "object", "circumstance", "quote", "importance",
			"satisfaction", "outcome", "created_at"},
			`SELECT s.id, s.interview_id, s.direction, s.measure, s.object, s.circumstance, CASE i.consent WHEN 1 THEN s.quote
				ELSE '' END, s.importance, s.satisfaction,
				coalesce((SELECT g.outcome_id FROM inventory_groupings g WHERE g.statement_id = s.id ORDER BY g.seq DESC LIMIT 1), ''), s.created_at
				FROM outcome_statements s JOIN interviews i ON i.id = s.interview_id WHERE s.removed_at IS NULL ORDER BY length(s.id), s.id`}}},
	{name: "inventory_outcomes",
		plain: "id merged_into",
		exported: []record{{"", []string{"id", "name", "merged_into", "created_at"},
			`SELECT o.id, coalesce((SELECT n.name FROM inventory_names n WHERE n.outcome_id = o.id ORDER BY n.seq DESC
				LIMIT 1), ''), o.merged_into, o.created_at
				FROM inventory_outcomes o ORDER BY length(o.id), o.id`}}},
	{name: "inventory_names", plain: "outcome_id", made: "name", ids: []idColumn{{name: "named_by", erased: kept}}},
	{name: "inventory_groupings", plain: "statement_id outcome_id", ids: []idColumn{{name: "grouped_by", erased: kept}}},
	{name: "inventory_ratings", plain: "interview_id outcome_id"},

	{name: "prefs",
		plain: "key value",
		ids:   []idColumn{{name: "person_id", erased: gone, once: true}},
		held:  []held{{"settings", `SELECT key, NULL, value FROM prefs WHERE person_id = ?1 ORDER BY key`}}},
	{name: "forms",
		plain: "name state",
		ids:   []idColumn{{name: "person_id", erased: gone, once: true}},
		made:  "opened typed",
		held:  []held{{"unsent forms", `SELECT name, at, typed FROM forms WHERE person_id = ?1 AND typed <> '' ORDER BY at DESC, name`}}},
	{name: "standings",
		plain:  "standing",
		within: "user_id",
		erase:  []string{`DELETE FROM standings WHERE user_id IN (SELECT user_id FROM identities WHERE person_id = ?1)`}},
	{name: "identities",
		ids:    []idColumn{{name: "person_id", erased: gone}},
		within: "user_id name",
		held:   []held{{"chat accounts", `SELECT user_id, seen_at, name FROM identities WHERE person_id = ?1 ORDER BY user_id`}}},
	{name: "roles",
		plain: "role source",
		ids:   []idColumn{{name: "person_id", erased: gone, once: true}},
		held:  []held{{"roles", `SELECT role, at, source FROM roles WHERE person_id = ?1 ORDER BY role, source`}}},
	{name: "digests",
		plain: "id kind",
		ids:   []idColumn{{name: "person_id", erased: gone}},
		made:  "figures card headline restated"},
	{name: "audit",
		plain: "id network action",
		ids:   []idColumn{{name: "person_id", erased: kept}},
		erase: []string{
			`UPDATE audit SET detail = CASE WHEN json_valid(detail) AND json_type(detail) = 'object' THEN (SELECT json_group_object(key,
				CASE WHEN type = 'text' AND value <> '' AND lower(key) IN ('text', 'why', 'instead', 'body', 'note', 'name', 'closedname')
				THEN '` + Erased + `'
				WHEN type IN ('true', 'false') THEN json(type) WHEN type IN ('object', 'array') THEN json(value) ELSE value END) FROM json_each(detail)) ELSE '' END
				WHERE person_id = ?1 AND detail <> ''`,
			`UPDATE audit SET detail = '' WHERE subject = ?1`,
		},
		join:   []string{`UPDATE audit SET subject = ?2 WHERE subject = ?1`},
		within: "subject",
		made:   "detail",
		held: []held{{"log entries", `SELECT subject, at, action FROM audit WHERE person_id = ?1
			AND (action NOT LIKE 'secondlook.%' OR EXISTS (SELECT 1 FROM second_looks s WHERE s.id = subject AND s.ended_at IS NOT NULL))
			ORDER BY at DESC, id`}},
		exported: []record{{"", []string{"happened_at", "person", "network", "action", "subject", "detail"},
			// Of a second look nothing is told before it is over.
			`SELECT at, person_id, network, action, subject, detail FROM audit a WHERE action NOT LIKE 'secondlook.%'
				OR EXISTS (SELECT 1 FROM second_looks s WHERE s.id = a.subject AND s.ended_at IS NOT NULL) ORDER BY at, id`}}},

	// Messages: whom they are for, and what they show where that is one person's.
	{name: "outbox",
		plain:  "id kind state",
		ids:    []idColumn{{name: "person_id", erased: kept}},
		within: "key dest subject",
		made:   "body error",
		erase: []string{
			`UPDATE outbox SET state = 'dropped', body = '', error = 'erased' WHERE state = 'waiting' AND (person_id = ?1 OR dest = ` + person1 +
				`)`,
			`UPDATE outbox SET body = '' WHERE state <> 'waiting' AND (person_id = ?1 OR dest = ` + person1 + `)`,
		},
		join: []string{
			`UPDATE outbox SET dest = ` + person2 + ` WHERE dest = ` + person1 + ``,
			movesReminder("outbox", "key", "OR IGNORE"),
			movesReminder("outbox", "subject", ""),
			movesSubject("outbox", ""),
		}},
	{name: "posted",
		within: "subject dest ref",
		erase:  []string{`DELETE FROM posted WHERE dest = ` + person1 + ``},
		join: []string{
			`UPDATE OR IGNORE posted SET dest = ` + person2 + ` WHERE dest = ` + person1 + ``,
			`DELETE FROM posted WHERE dest = ` + person1 + ``,
			movesReminder("posted", "subject", "OR IGNORE"),
			movesSubject("posted", "OR IGNORE"),
			`DELETE FROM posted WHERE ` + ofPerson1 + ` OR ` + remindsPerson1,
		}},
	// Stored replies hold what anybody typed; they are only for repeats.
	{name: "inbox", plain: "event_id", made: "reply", erase: []string{`UPDATE inbox SET reply = '{}'`}},
	{name: "memory", plain: "network", within: "key value"}, // what platforms remember of accounts: see Tx.Erase
	{name: "places", plain: "name place"},
	{name: "runs", plain: "job"},
	{name: "counters", plain: "name"},
	{name: "meta", plain: "key value"},
	{name: "migrations", plain: "name"},
}

// wroteInCase erases what ?1 wrote in a step of a case.
func wroteInCase(column string) string {
	return fmt.Sprintf(`UPDATE disputes SET %[1]s = '%[2]s' WHERE %[1]s <> '' AND EXISTS (SELECT 1 FROM audit a WHERE a.subject = disputes.id
		AND a.person_id = ?1
		AND json_valid(a.detail) AND json_extract(a.detail, '$.text') = disputes.%[1]s)`, column, Erased)
}

// erasing are the statements that erase ?1, table by table.
func erasing() (list []string) {
	for _, t := range tables {
		list = append(list, t.erase...)
		for _, w := range t.words {
			list = append(list, fmt.Sprintf(`UPDATE %s SET %s = '%s' WHERE %s = ?1 AND %[2]s <> ''`, t.name, w.column, Erased, w.by))
		}
	}
	for _, t := range tables { // the ids last: other tables look people up by them
		for _, c := range t.ids {
			switch c.erased {
			case cleared:
				list = append(list, fmt.Sprintf(`UPDATE %s SET %s = '' WHERE %[2]s = ?1`, t.name, c.name))
			case asNull:
				list = append(list, fmt.Sprintf(`UPDATE %s SET %s = NULL WHERE %[2]s = ?1`, t.name, c.name))
			case gone:
				list = append(list, fmt.Sprintf(`DELETE FROM %s WHERE %s = ?1`, t.name, c.name))
			}
		}
	}
	return list
}

// joining are the statements that give ?2 what is ?1's. Where both have the same once only, what is left of ?1's is deleted.
func joining() (list []string) {
	for _, t := range tables {
		list = append(list, t.join...)
		for _, c := range t.ids {
			switch {
			case t.name == "people" && c.name == "id":
			case c.once:
				list = append(list, fmt.Sprintf(`UPDATE OR IGNORE %s SET %s = ?2 WHERE %[2]s = ?1`, t.name, c.name),
					fmt.Sprintf(`DELETE FROM %s WHERE %s = ?1`, t.name, c.name))
			default:
				list = append(list, fmt.Sprintf(`UPDATE %s SET %s = ?2 WHERE %[2]s = ?1`, t.name, c.name))
			}
		}
	}
	return list
}

// heldOf are the queries for what is held of a person, by kind, in the order of the catalogue.
var heldOf = func() (list []held) {
	for _, t := range tables {
		list = append(list, t.held...)
	}
	return list
}()

// recordOf is how a kind is exported that is never imported; nil where there is no such kind.
func recordOf(kind string) *record {
	for _, t := range tables {
		for _, r := range t.exported {
			if cmp.Or(r.name, t.name) == kind {
				return &r
			}
		}
	}
	return nil
}

// Records are the kinds that are exported and never imported: what people said to Truce, and what became of it.
func Records() (kinds []string) {
	for _, t := range tables {
		for _, r := range t.exported {
			kinds = append(kinds, cmp.Or(r.name, t.name))
		}
	}
	return kinds
}
