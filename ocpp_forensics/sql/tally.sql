-- How often each file says what of whom: far fewer rows than records, for all that only counts.
-- Grain: one row per part and combination. Reads: record, once duplicates are gone; attribute. hinted: a member
-- of the line may name the station; keyed: records with a message id.

CREATE OR REPLACE TEMP TABLE tally AS
SELECT r.record_id >> 40 AS part_id, r.station, mark, ocpp_type, ocpp_action, action,
    a.station_hint IS NOT NULL AS hinted, count(*) AS times, count(message_key) AS keyed
FROM record AS r LEFT JOIN attribute AS a USING (record_id) GROUP BY ALL;
