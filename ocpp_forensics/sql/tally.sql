-- How often each file says what of whom: far fewer rows than records, for all that only counts.
-- Grain: one row per part and combination. Reads: record, once duplicates are gone. keyed: records with a
-- message id.

CREATE OR REPLACE TEMP TABLE tally AS
SELECT record_id >> 40 AS part_id, station, mark, ocpp_type, ocpp_action, action, count(*) AS times,
    count(message_key) AS keyed
FROM record GROUP BY ALL;
