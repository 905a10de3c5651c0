-- Give the stamps in which day and month might be swapped their order.
-- Reads: part. Changes: framed, plain. Variables: by_month (the ids of the sources with the month first).

UPDATE framed SET ts_original = CASE WHEN list_contains(getvariable('by_month'), p.source_id)
    THEN month_first(ts_original) ELSE day_first(ts_original) END
FROM part AS p WHERE p.part_id = framed.record_id >> 40 AND year(ts_original) >= 6000;

UPDATE plain SET ts = CASE WHEN list_contains(getvariable('by_month'), p.source_id)
    THEN month_first(ts) ELSE day_first(ts) END
FROM part AS p WHERE p.part_id = plain.record_id >> 40 AND year(ts) >= 6000;
