-- Hash of an id, null where there is none (DuckDB's hash of null is a number).
CREATE OR REPLACE MACRO key_of(id) AS CASE WHEN id IS NOT NULL THEN hash(id) END;

-- What lines of one wording share: numbers and ids become 0. Numbers that are codes stay, for phrases
-- tell them apart: +CEREG: 2, errno 111, (110: .., -0x7200, alert number 48, Type=4, uptime 0,
-- close 1006 (, the status of an access log.
CREATE OR REPLACE MACRO template_of(sentence) AS
    regexp_replace(sentence, '\b[0-9a-fA-F]{2}\b|[0-9a-fA-F]*[0-9][0-9a-fA-F]*', '0', 'g')
    || '|' || array_to_string(regexp_extract_all(sentence,
        '[+^#][A-Z0-9]{3,12}: ?[0-9]{1,3}(?:,[0-9]{1,3}\b)?|\((?:-[0-9]{4,5}|[0-9]{1,3})[:)]|-0x[0-9A-Fa-f]{2,4}\b|(?i:errno|number|fail|connect|x509_v_err|signal|tls_flags|error|code|status|http)(?:\]|:| =|=| |\[){1,2}-?[0-9]{1,4}\b'
        '|HTTP/[0-9.]+" [0-9]{3}\b|HTTP/[0-9.]+\b|<NOSRV> \S+ [0-9]{3}\b| -1 [0-9]{3} | [0-9]{1,3} arn:|\bType=[0-9]\b|(?i:uptime)[=: ]+0\b|\b0 bytes|\b10[01][0-9] \(|\b0\.0\.0\.0\b'), ' ');

-- UTC time of an ISO stamp inside a payload, whatever its offset; null where it is none.
CREATE OR REPLACE MACRO utc_stamp(stamp) AS
    try_cast(stamp AS TIMESTAMP) - to_seconds(CASE
        WHEN regexp_matches(stamp, '[+-][0-9]{2}:?[0-9]{2}$') THEN
            (CASE stamp[-6:][1] WHEN '-' THEN -1 WHEN '+' THEN 1 ELSE CASE stamp[-5:][1] WHEN '-' THEN -1 ELSE 1 END END)
            * (try_cast(replace(regexp_extract(stamp, '[+-]([0-9]{2}:?[0-9]{2})$', 1), ':', '')[1:2] AS INTEGER) * 3600
               + try_cast(replace(regexp_extract(stamp, '[+-]([0-9]{2}:?[0-9]{2})$', 1), ':', '')[3:4] AS INTEGER) * 60)
        ELSE 0 END);

-- UTC by the reference's clock of a stamp, from the zone that it writes (or null) and the columns of
-- clock_shift.
CREATE OR REPLACE MACRO true_time(stamp, written_s, zone_s, shift_us, drift, origin_us) AS
    stamp - to_seconds(coalesce(written_s, zone_s)) - to_microseconds(shift_us
        + (drift * (epoch_us(stamp) - coalesce(written_s, 0)::BIGINT * 1000000 - origin_us))::BIGINT);

-- The line of the file on which a record stands, from its id and the part's `glued`.
CREATE OR REPLACE MACRO line_of(id, glued) AS
    (id & 1099511627775)
    - coalesce(len(list_filter(glued, lambda made: made <= (id & 1099511627775))), 0);

-- The stored timeline. `record` and `detail` are what ingest writes; all else is derived.

-- One row per part: a file of the bundle. `source_id` joins rotated parts of one log; `duplicates`
-- are lines that stand in another part as well, mostly in `twin`: they count there. `glued`: numbers
-- that are no lines of the file, but further records on the line before.
CREATE TABLE part (
    part_id INTEGER PRIMARY KEY, source_id INTEGER, path VARCHAR, sha256 VARCHAR, bytes BIGINT,
    modified TIMESTAMP, format VARCHAR, lines BIGINT, records BIGINT, continuation BIGINT,
    unparsed BIGINT, undecodable BIGINT, duplicates BIGINT, twin VARCHAR, glued BIGINT[]
);

-- One row per log: what it is, whose it is, how its clock runs.
CREATE TABLE source (
    source_id INTEGER PRIMARY KEY, path VARCHAR, kind VARCHAR, kind_basis VARCHAR, format VARCHAR,
    station VARCHAR, station_basis VARCHAR, rank INTEGER
);

-- One row per frame whose payload matters later on (not Heartbeats, MeterValues, empty results).
CREATE TABLE payload (record_id BIGINT, frame VARCHAR);

-- One row per record whose text is kept (only in a store that is kept).
CREATE TABLE line_text (record_id BIGINT, text VARCHAR);

-- One row per template of bodies without a known meaning.
CREATE TABLE unknown_template (part_id INTEGER, template VARCHAR, sample VARCHAR, lines BIGINT);


-- One row per thing that a line says of a station, a host, a path behind a proxy, or the whole fleet.
-- scope: station, host, path or fleet; station, host (names and patterns, null: any) and path (a
-- location of nginx, null: any) say which. value is text, as conditions read it by the key's type;
-- valid_from and valid_to: UTC, null: always; basis: how it is known; source, line: where it stands.
CREATE TABLE fact (
    scope VARCHAR, station VARCHAR, host VARCHAR, path VARCHAR, key VARCHAR, value VARCHAR,
    valid_from TIMESTAMP, valid_to TIMESTAMP, basis VARCHAR, source VARCHAR, line BIGINT,
    source_id INTEGER, event_id BIGINT
);
