-- An installation that upgrades has a fully passed ramp: what it had been doing goes on.
INSERT INTO meta (key, value) SELECT 'ramp disputes', value FROM meta WHERE key = 'installed_at' AND value <> '';
INSERT INTO meta (key, value) SELECT 'ramp comparisons', value FROM meta WHERE key = 'installed_at' AND value <> '';
