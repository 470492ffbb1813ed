-- "You are one of 6 reps who heard it this month" is counted at each objection: from the index alone.
CREATE INDEX objections_heard ON objections (theme_id, created_at, author_id, account) WHERE undone_at IS NULL;
