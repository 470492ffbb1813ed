-- An undated rating is keyed by the date of the row that brought it, below zero: a rater may have rated in two rows.
UPDATE ratings SET dated = -2 * row_at - 1 - hindsight WHERE at IS NULL;
