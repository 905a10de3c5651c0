-- Give the stamps of one source that have no year theirs.
-- Reads: new_year. Changes: framed, plain. Variables: first_year (of the first of them).

UPDATE framed SET ts_original = framed.ts_original + to_years((getvariable('first_year') - 1904 + n.years)::INTEGER)
FROM new_year AS n WHERE framed.record_id = n.record_id;

UPDATE plain SET ts = ts + to_years((getvariable('first_year') - 1904 + n.years)::INTEGER)
FROM new_year AS n WHERE plain.record_id = n.record_id;
