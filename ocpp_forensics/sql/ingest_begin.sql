-- What stands in the records that were read last, before their frames, attributes and phrases are
-- looked up; emptied by ingest_flush.
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

-- Grain: one row per record with a frame, as it stands in `record`.
CREATE OR REPLACE TEMP TABLE framed (
    record_id BIGINT, byte_offset BIGINT, byte_length INTEGER, line_count SMALLINT,
    ts_original TIMESTAMP, zone_s INTEGER, action action_name, station VARCHAR, mark TINYINT,
    ocpp_type TINYINT, ocpp_action VARCHAR, message_key UBIGINT, truncated BOOLEAN,
    session_key UBIGINT, reported_ts TIMESTAMP
);

-- Grain: one row per record without a frame, until its phrases are looked up.
CREATE OR REPLACE TEMP TABLE worded AS
SELECT record_id, byte_offset, byte_length, line_count, ts, ts_is_start, zone_s, session_key,
    template, body, direction_mark, logger, host, station, client_address, client_port, action
FROM reading LIMIT 0;

-- Grain: one row per line that is not blank, of files in a format that several files have.
CREATE OR REPLACE TEMP TABLE line_hash (record_id BIGINT, hash UBIGINT);

-- Grain: one row per part and host name that occurs in it.
CREATE OR REPLACE TEMP TABLE host_name (part_id INTEGER, host VARCHAR);

-- Grain: one row per word before a frame that names no station in a known way.
CREATE OR REPLACE TEMP TABLE frame_token (record_id BIGINT, raw VARCHAR);
