-- Facts that the frames and boots tell of a station: what it is and how it is configured.
-- Grain of what is added to fact: one row per station, key and change of its value.
-- Reads: spoken, boot, key_event, event, detail, station, ocpp_variable (variable in lower case, key). A setting that
-- the station refused is none; passwords are no keys and are left out.

-- The output of a check belongs to the station whose files it came with.
UPDATE fact SET station = s.station FROM source AS s
WHERE fact.scope = 'station' AND fact.station IS NULL AND s.source_id = fact.source_id;

INSERT INTO fact
WITH listed AS (
    SELECT station, ts, event_id, kind, ocpp_type, ocpp_action, message_key, frame,
        CASE WHEN ocpp_type = 3 THEN coalesce(frame->'$[2].configurationKey', frame->'$[2].getVariableResult')
             WHEN ocpp_action = 'ChangeConfiguration' THEN json_array(frame->'$[3]')
             WHEN ocpp_action = 'SetVariables' THEN frame->'$[3].setVariableData' END AS entries
    FROM spoken WHERE ocpp_type = 3 OR ocpp_action IN ('ChangeConfiguration', 'SetVariables')
),
-- An answer belongs to the request before it with the same id, which may be seen at several places.
refused AS (
    SELECT r.event_id, a.frame FROM listed AS r JOIN listed AS a
        ON r.ocpp_type = 2 AND a.ocpp_type = 3 AND a.station = r.station AND a.message_key = r.message_key
        AND a.ts BETWEEN r.ts - INTERVAL 1 MINUTE AND r.ts + INTERVAL 5 MINUTE
    WHERE regexp_matches(a.frame, '"(?:Rejected|NotSupported|NotSupportedAttributeType|UnknownComponent|UnknownVariable)"')
),
entry AS (
    SELECT station, ts, event_id, unnest(from_json(entries, '["JSON"]')) AS e,
        CASE WHEN ocpp_type = 2 THEN 'set by ' || ocpp_action ELSE 'told by the station' END AS basis
    FROM listed WHERE entries IS NOT NULL AND event_id NOT IN (SELECT event_id FROM refused)
),
named AS (
    SELECT station, ts, event_id, basis, coalesce(e->>'$.key', e->>'$.variable.name') AS variable,
        coalesce(e->>'$.value', e->>'$.attributeValue') AS value
    FROM entry WHERE coalesce(e->>'$.attributeType', 'Actual') = 'Actual'
),
told AS (
    SELECT n.station, n.ts, n.event_id, v.key, n.value, n.basis
    FROM named AS n JOIN ocpp_variable AS v ON v.variable = lower(n.variable)
    UNION ALL
    SELECT station, ts, event_id, 'heartbeat_interval_s', frame->>'$[2].interval', 'set by BootNotification'
    FROM spoken WHERE ocpp_type = 3 AND frame->>'$[2].status' = 'Accepted'
        AND try_cast(frame->>'$[2].interval' AS DOUBLE) > 0
    UNION ALL
    SELECT station, ts, event_id, 'heartbeat_interval_s', interval_s::VARCHAR, 'told in a log'
    FROM key_event WHERE interval_s > 0 AND station IS NOT NULL
    UNION ALL
    SELECT station, ts, event_id, 'csms_url',
        coalesce(frame->>'$[3].connectionData.ocppCsmsUrl', frame->>'$[3].connectionData.ocppCentralSystemUrl'),
        'set by SetNetworkProfile'
    FROM spoken WHERE ocpp_type = 2 AND ocpp_action = 'SetNetworkProfile'
    UNION ALL
    SELECT e.station, e.ts, e.event_id, 'apn', d.apn, 'told in a log'
    FROM detail AS d JOIN event AS e ON e.event_id = d.record_id
    WHERE d.apn IS NOT NULL AND e.station IS NOT NULL AND e.ts IS NOT NULL
    UNION ALL
    SELECT station, ts, event_id, key, value, 'told by the station'
    FROM boot UNPIVOT (value FOR key IN (vendor, model, firmware, serial))
),
changed AS (
    SELECT * FROM told WHERE value IS NOT NULL
    QUALIFY value IS DISTINCT FROM lag(value) OVER (PARTITION BY station, key ORDER BY ts, event_id)
)
SELECT 'station', c.station, NULL, NULL, c.key, c.value, c.ts,
    lead(c.ts) OVER (PARTITION BY c.station, c.key ORDER BY c.ts, c.event_id), c.basis,
    p.path, line_of(c.event_id, p.glued), p.source_id, c.event_id
FROM changed AS c JOIN part AS p ON p.part_id = c.event_id >> 40;

INSERT INTO fact BY NAME
SELECT 'station' AS scope, station, 'link' AS key, link AS value, 'worked out from the logs' AS basis
FROM station WHERE link IS NOT NULL
UNION ALL
SELECT 'fleet', NULL, 'fleet_size', (SELECT count(*) FROM station)::VARCHAR, 'counted';

-- Where each station dials: hosts (in small letters) and paths of its requests. Behind a proxy the path
-- may be another one: the CSMS's view counts where no other is known.
-- Grain: one row per station, host and path.
CREATE OR REPLACE TABLE scratch.dialled AS
WITH asked AS (
    SELECT DISTINCT e.station, e.kind = 'csms' AS behind,
        lower(nullif(regexp_extract(d.url, '^[a-z]+://(?:[^/@]*@)?(\[[^\]]+\]|[^/:?#]+)', 1), '')) AS host,
        coalesce(nullif(regexp_extract(d.url, '^[a-z]+://[^/?#]+(/[^?#]*)', 1), ''),
            nullif(regexp_extract(d.path, '^[^?#]+'), '')) AS path
    FROM detail AS d JOIN event AS e ON e.event_id = d.record_id
    WHERE e.station IS NOT NULL AND (d.url IS NOT NULL OR d.path IS NOT NULL)
)
SELECT DISTINCT station, host, path FROM asked
QUALIFY behind = min(behind) OVER (PARTITION BY station);
