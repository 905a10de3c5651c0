-- Which station every record belongs to, as far as its own line or its neighbours tell.
-- Reads: record, tally, plain, detail, part, source, worded, hint, frame_token, station_name (raw, station).

-- A word before frames that differs only by its digits from names of stations that stand there is one as well.
INSERT INTO station_name
WITH token AS (
    SELECT raw, regexp_replace(raw, '[0-9]', '0', 'g') AS make FROM frame_token
    WHERE regexp_matches(raw, '[0-9]') AND regexp_matches(raw, '[A-Za-z]')
    GROUP BY raw HAVING count(*) >= 3
)
SELECT raw, raw FROM token
WHERE raw NOT IN (SELECT raw FROM station_name)
    AND make IN (SELECT t.make FROM token AS t JOIN station_name USING (raw));

-- Grain: one row per record that names a station itself: in the line, a URL or a path.
CREATE OR REPLACE TEMP TABLE named AS
SELECT d.record_id, n.station
FROM detail AS d
JOIN station_name AS n ON n.raw = last_segment(coalesce(d.url, d.path))
WHERE coalesce(d.url, d.path) IS NOT NULL;

-- Grain: one row per record with one member, or one word before its frame, that is a station known
-- by other signs.
CREATE OR REPLACE TEMP TABLE hinted AS
SELECT record_id, min(station) AS station
FROM (
    SELECT record_id, n.station FROM hint JOIN station_name AS n USING (raw)
    UNION ALL
    SELECT record_id, n.station FROM frame_token JOIN station_name AS n USING (raw)
)
GROUP BY ALL HAVING count(DISTINCT station) = 1;

-- Grain: one row per connection id of a source that belongs to exactly one station.
CREATE OR REPLACE TEMP TABLE session_station AS
SELECT source_id, session_key, min(coalesce(n.station, m.station)) AS station
FROM record AS r JOIN part ON part_id = r.record_id >> 40
LEFT JOIN station_name AS n ON n.raw = r.station
LEFT JOIN named AS m ON m.record_id = r.record_id
WHERE session_key IS NOT NULL
GROUP BY ALL HAVING count(DISTINCT coalesce(n.station, m.station)) = 1;

-- Grain: one row per OCPP message of a source whose station some line of that source names.
CREATE OR REPLACE TEMP TABLE message_station AS
SELECT source_id, message_key, min(n.station) AS station
FROM record AS r JOIN part ON part_id = record_id >> 40
JOIN station_name AS n ON n.raw = r.station
WHERE message_key IS NOT NULL AND source_id IN (
    SELECT source_id FROM tally JOIN part USING (part_id)
    WHERE keyed > 0
        AND (station IS NULL OR station NOT IN (SELECT raw FROM station_name))
)
GROUP BY ALL HAVING count(DISTINCT n.station) = 1;

-- Grain: one row per client address and port (null: of all ports) that only ever belong to one
-- station. Several stations may stand behind one address; then the ports tell them apart.
CREATE OR REPLACE TEMP TABLE port_station AS
WITH claim AS (
    SELECT d.client_address, d.client_port, coalesce(n.station, m.station, s.station) AS station
    FROM detail AS d JOIN record AS r USING (record_id)
    JOIN part AS p ON p.part_id = r.record_id >> 40
    LEFT JOIN station_name AS n ON n.raw = r.station
    LEFT JOIN named AS m ON m.record_id = d.record_id
    LEFT JOIN session_station AS s
        ON s.source_id = p.source_id AND s.session_key = r.session_key
    WHERE d.client_address IS NOT NULL AND r.ocpp_type IS NULL
)
SELECT client_address, client_port, min(station) AS station FROM claim
WHERE station IS NOT NULL AND client_port IS NOT NULL
GROUP BY ALL HAVING count(DISTINCT station) = 1
UNION ALL
SELECT client_address, NULL, min(station) FROM claim WHERE station IS NOT NULL
GROUP BY ALL HAVING count(DISTINCT station) = 1;

CREATE OR REPLACE TEMP VIEW address_station AS
SELECT client_address, station FROM port_station WHERE client_port IS NULL;

-- Grain: one row per record without a frame whose line names no station, though perhaps an address or a word in
-- the place of one.
CREATE OR REPLACE TEMP VIEW nameless AS
SELECT * FROM record
WHERE ocpp_type IS NULL AND (station IS NULL OR station NOT IN (SELECT raw FROM station_name));

-- Grain: one row per record that mentions exactly one known station in its words, by its name or by the
-- address and port of its connection.
CREATE OR REPLACE TEMP TABLE mentioned AS
WITH worded_line AS (
    SELECT r.record_id, b.body
    FROM nameless AS r JOIN worded AS b USING (record_id)
    WHERE r.action NOT IN ('log.message', 'ws.ping', 'ws.pong')
        -- What a program says right before its library refuses somebody, or after it let somebody in.
        OR r.record_id IN (SELECT record_id - 1 FROM nameless WHERE action IN ('http.response', 'csms.rejected', 'csms.rate_limited'))
        OR r.record_id IN (SELECT record_id + 1 FROM nameless WHERE action = 'ws.open')
)
SELECT record_id, min(station) AS station
FROM (
    SELECT record_id, n.station
    FROM (SELECT record_id, unnest(regexp_extract_all(body, '[A-Za-z0-9][A-Za-z0-9*_.-]{2,}')) AS token FROM worded_line)
    JOIN station_name AS n ON n.raw = rtrim(token, '.-')
    UNION ALL
    SELECT record_id, p.station
    FROM (SELECT record_id, unnest(regexp_extract_all(body, '[0-9]{1,3}(?:\.[0-9]{1,3}){3}:[0-9]{2,5}')) AS peer FROM worded_line)
    JOIN port_station AS p ON peer = p.client_address || ':' || p.client_port
)
GROUP BY ALL HAVING count(DISTINCT station) = 1;

-- Grain: one row per handshake line without an identity, behind the request that began it.
CREATE OR REPLACE TEMP TABLE handshaken AS
SELECT later.record_id, request.station
FROM (
    SELECT record_id, record_id >> 40 AS part_id, ts_original
    FROM nameless
    WHERE session_key IS NULL AND action IN (
        'http.response', 'csms.rejected', 'csms.rate_limited', 'ws.open', 'ws.error', 'tls.error',
        'ws.upgrade'
    ) AND record_id NOT IN (SELECT record_id FROM named)
) AS later
ASOF JOIN (
    SELECT r.record_id, r.record_id >> 40 AS part_id, r.ts_original, coalesce(m.station, n.station) AS station
    FROM record AS r LEFT JOIN named AS m USING (record_id) LEFT JOIN station_name AS n ON n.raw = r.station
    WHERE r.action = 'ws.upgrade' AND coalesce(m.station, n.station) IS NOT NULL
) AS request
ON later.part_id = request.part_id AND later.record_id > request.record_id
WHERE later.ts_original - request.ts_original BETWEEN INTERVAL 0 SECOND AND INTERVAL 5 SECOND;

-- Grain: one row per line of a CSMS's library that names nobody: a refusal follows at once on what the program
-- above it says of a station, and an opening is followed by it, where no other opening came right before.
CREATE OR REPLACE TEMP TABLE spoken_for AS
WITH said AS (
    SELECT r.record_id, r.ts, r.action, coalesce(n.station, m.station, t.station) AS station
    FROM plain AS r LEFT JOIN station_name AS n ON n.raw = r.station
    LEFT JOIN named AS m ON m.record_id = r.record_id LEFT JOIN mentioned AS t ON t.record_id = r.record_id
),
own AS (
    SELECT l.record_id, l.ts_original AS ts, l.action = 'ws.open' AS opens
    FROM nameless AS l JOIN part AS p ON p.part_id = l.record_id >> 40
    JOIN source AS s ON s.source_id = p.source_id AND s.kind = 'csms'
    LEFT JOIN detail AS d ON d.record_id = l.record_id
    WHERE l.action IN ('csms.rejected', 'ws.open') OR d.http_status >= 400 OR d.reject_reason IS NOT NULL
)
SELECT o.record_id, w.station
FROM own AS o JOIN said AS w ON w.record_id = o.record_id + CASE WHEN opens THEN 1 ELSE -1 END
LEFT JOIN own AS b ON o.opens AND b.opens AND b.record_id = o.record_id - 1 AND b.ts >= o.ts - INTERVAL 100 MILLISECOND
WHERE w.station IS NOT NULL AND w.action NOT IN ('ws.open', 'ws.close') AND b.record_id IS NULL
    AND abs(epoch(w.ts) - epoch(o.ts)) <= 0.1;

-- Grain: one row per record of a proxy or CSMS that tells only the client's address.
CREATE OR REPLACE TEMP TABLE addressed AS
SELECT r.record_id, coalesce(a.station, b.station) AS station
FROM nameless AS r JOIN detail AS d USING (record_id)
LEFT JOIN address_station AS a USING (client_address)
LEFT JOIN port_station AS b ON b.client_address = d.client_address AND b.client_port = d.client_port
WHERE coalesce(d.path, d.url) IS NULL AND coalesce(a.station, b.station) IS NOT NULL
    AND r.action IN ('tls.error', 'log.message', 'http.response', 'csms.rate_limited', 'csms.rejected', 'ws.close',
                     'tcp.reset', 'tcp.timeout', 'proxy.timeout', 'proxy.backend_error', 'ws.error');
