-- What stands in the records of a bundle, before phrases are looked up.
-- Grain: one row per record; while a chunk is read also one per line that no format fits (`fits` is
-- false). record_id = part_id << 40 | line_no.
-- `frame` is the OCPP frame where its payload matters later; `template` is null where the record
-- holds a frame; the strings behind it are kept for records without one only, `text` for lines that
-- no format fits and where the text of all records is to be kept.

CREATE OR REPLACE TEMP TABLE reading (
    record_id BIGINT, byte_offset BIGINT, byte_length INTEGER, line_count SMALLINT,
    fits BOOLEAN, ts TIMESTAMP, zone_s INTEGER, station VARCHAR, session_key UBIGINT,
    ocpp_type TINYINT, message_key UBIGINT, ocpp_action VARCHAR, truncated BOOLEAN,
    reported_ts TIMESTAMP, prefix VARCHAR, frame VARCHAR, text VARCHAR, structured VARCHAR,
    attrs VARCHAR, template VARCHAR, body VARCHAR, ts_is_start BOOLEAN, direction_mark VARCHAR,
    logger VARCHAR, host VARCHAR, client_address VARCHAR, client_port VARCHAR, action VARCHAR
);
