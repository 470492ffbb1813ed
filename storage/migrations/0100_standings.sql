-- What a platform said of a user last: whether they are a full member. It is kept for everybody it tells of, also for those who
-- never wrote to us, and outlives restarts: silence of the platform is neither a yes nor a no.
CREATE TABLE standings (
	user_id  TEXT PRIMARY KEY,          -- chat.User.ID
	standing TEXT NOT NULL DEFAULT '',  -- member, guest, outside, left; '' while it has not said
	heard_at INTEGER,                   -- when it said so last
	asked_at INTEGER                    -- when it was last asked, also in vain
) STRICT;
INSERT INTO standings (user_id, standing, heard_at, asked_at)
	SELECT user_id, CASE WHEN gone_at IS NOT NULL THEN 'left' ELSE standing END, coalesce(checked_at, seen_at), checked_at FROM identities
	WHERE standing <> '' OR gone_at IS NOT NULL;
ALTER TABLE identities DROP COLUMN standing;
ALTER TABLE identities DROP COLUMN checked_at;
