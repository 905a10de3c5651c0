-- What looks like trouble and is none: it is counted, and is no incident.
-- Grain: one row per kind that occurs. Reads: lost, attempt, failed, connection, replayed, key_event,
-- coverage, incident_episode. count: how often; stations: at which stations, null where at none.

WITH quiet_end AS (
    SELECT station, reset_ordered FROM lost
    WHERE orderly AND NOT EXISTS (
        SELECT 1 FROM incident_episode AS i WHERE i.stream = 'lost' AND i.episode = lost.lost_id)
),
-- Requests that never named a station: a path of a health check, or anything else.
stranger AS (
    SELECT action, event_id, regexp_matches(coalesce(path, ''),
            '(?i)^/(?:$|[a-z0-9_/-]*(?:health|ready|live|alive|status|ping|probe|metrics|version))')
        AND coalesce(http_status < 400, true) OR coalesce(detail = 'probe', false) AS probe
    FROM key_event
    WHERE station IS NULL AND kind IN ('csms', 'proxy') AND action IN ('http.response', 'ws.error', 'tls.error',
        'ws.upgrade', 'csms.rejected') AND coalesce(http_status <> 101, true)
        AND (path IS NOT NULL OR action IN ('ws.error', 'tls.error'))
),
hole AS (
    SELECT kind, source_id, station, count(*) - 1 AS holes FROM coverage GROUP BY ALL
)
SELECT 'planned-reset' AS kind, count(*) AS count, list(DISTINCT station ORDER BY station) AS stations
FROM quiet_end WHERE reset_ordered
UNION ALL
SELECT 'normal-close', count(*), list(DISTINCT station ORDER BY station) FROM quiet_end WHERE NOT reset_ordered
UNION ALL
SELECT 'quick-retry', count(*), list(DISTINCT station ORDER BY station) FROM attempt
WHERE stage <> 'open' AND station IS NOT NULL AND attempt_id NOT IN (SELECT attempt_id FROM failed)
UNION ALL
SELECT 'replayed-message', count(*), list(DISTINCT station ORDER BY station) FROM replayed WHERE kind = 'csms'
UNION ALL
SELECT 'health-probe', count(*), NULL FROM stranger WHERE probe
UNION ALL
SELECT 'stranger', count(*), NULL FROM stranger WHERE NOT probe
UNION ALL
SELECT 'log-hole', sum(holes)::BIGINT, list(DISTINCT station ORDER BY station) FILTER (station IS NOT NULL AND holes > 0)
FROM hole;
