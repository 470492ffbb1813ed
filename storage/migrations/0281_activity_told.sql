-- When the owner of an activity was told what came of a link, or asked for it, on its day.
ALTER TABLE activity_links ADD COLUMN told_at INTEGER;
