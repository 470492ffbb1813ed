-- What is remembered of each lead now says since when it is judged, sent back, won or lost: all sums are built anew when Truce starts.
DELETE FROM meta WHERE key = 'rollup_zone';
