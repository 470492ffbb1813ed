-- Scores are summed in billionths, no longer in millionths: models give probabilities. The roll-ups are built anew.
DELETE FROM rollups;
DELETE FROM rollup_days;
DELETE FROM meta WHERE key = 'rollup_zone';
