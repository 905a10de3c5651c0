-- Connection attempts and how they ended, as every vantage point saw them.
-- Grain: one row per attempt. Reads: key_event, connection. Units: seconds, UTC.
-- An attempt begins where the station says that it dials; without such a line it is what lies
-- within 1.5 s.

CREATE OR REPLACE TABLE scratch.attempt_signal AS
SELECT k.*, k.action = 'tcp.connect' AS dials
FROM key_event AS k
WHERE station IS NOT NULL AND (
    (kind = 'station' AND action IN ('tcp.connect', 'ws.open', 'http.response', 'tls.error', 'tcp.refused',
        'tcp.timeout', 'tcp.unreachable', 'tcp.reset', 'dns.failure', 'ws.error', 'csms.rejected', 'csms.rate_limited'))
    OR (kind = 'csms' AND action IN ('ws.open', 'http.response', 'csms.rejected', 'csms.rate_limited',
        'tls.error', 'ws.upgrade'))
    OR (kind = 'csms' AND action = 'ws.error' AND reject_reason IS NOT NULL)
    OR (kind = 'csms' AND action = 'csms.duplicate' AND outcome = 'refused')
    OR (kind = 'proxy' AND action IN ('tls.error', 'csms.rate_limited', 'proxy.backend_error'))
    OR (kind = 'proxy' AND action = 'http.response' AND http_status <> 101)
);

CREATE OR REPLACE TABLE scratch.attempt_member AS
WITH dialled AS (
    SELECT s.event_id, d.event_id AS dial_event
    FROM attempt_signal AS s ASOF JOIN (
        SELECT station, ts, event_id FROM attempt_signal WHERE dials
    ) AS d ON s.station = d.station AND s.ts + INTERVAL 1 SECOND >= d.ts
    WHERE s.ts - d.ts <= INTERVAL 90 SECOND
),
lone AS (
    SELECT event_id, station, ts, ord, lag(ts) OVER (PARTITION BY station ORDER BY ord) AS before_ts
    FROM attempt_signal WHERE event_id NOT IN (SELECT event_id FROM dialled)
),
lone_numbered AS (
    SELECT event_id, station, sum(CASE WHEN before_ts IS NULL OR ts - before_ts > INTERVAL 1500 MILLISECOND
        THEN 1 ELSE 0 END) OVER (PARTITION BY station ORDER BY ord) AS number
    FROM lone
),
lone_first AS (SELECT station, number, min(event_id) AS first_event FROM lone_numbered GROUP BY ALL)
SELECT event_id, dial_event AS attempt_event FROM dialled
UNION ALL
SELECT n.event_id, f.first_event FROM lone_numbered AS n JOIN lone_first AS f USING (station, number);

CREATE TABLE attempt AS
WITH seen AS (
    SELECT m.attempt_event, s.station, min(s.ts) AS ts, min(s.ord) AS ord,
        bool_or(s.action = 'ws.open' OR (s.kind = 'csms' AND s.http_status = 101)) AS opened,
        max(s.http_status) FILTER (s.kind = 'station' AND s.http_status <> 101) AS station_status,
        max(s.http_status) FILTER (s.kind = 'proxy' AND s.http_status <> 101) AS proxy_status,
        max(s.http_status) FILTER (s.kind = 'csms' AND s.http_status <> 101) AS csms_status,
        max(s.upstream_status) AS upstream_status,
        coalesce(
            arg_min(s.tls_error, s.ord) FILTER (s.kind = 'station' AND s.tls_error IS NOT NULL AND s.tls_error NOT IN ('unspecified', 'aborted')),
            arg_min(s.tls_error, s.ord) FILTER (s.tls_error IS NOT NULL AND s.tls_error NOT IN ('unspecified', 'aborted')),
            arg_min(s.tls_error, s.ord) FILTER (s.tls_error IS NOT NULL)) AS tls_error,
        coalesce(
            arg_min(s.reject_reason, s.ord) FILTER (s.kind = 'csms' AND s.reject_reason IS NOT NULL),
            arg_min(s.reject_reason, s.ord) FILTER (s.reject_reason IS NOT NULL)) AS reject_reason,
        arg_min(s.backend_trouble, s.ord) FILTER (s.backend_trouble IS NOT NULL) AS backend_trouble,
        arg_min(s.termination, s.ord) FILTER (s.termination IS NOT NULL) AS termination,
        arg_min(s.upstream, s.ord) FILTER (s.upstream IS NOT NULL) AS upstream,
        arg_min(s.path, s.ord) FILTER (s.path IS NOT NULL) AS path,
        arg_min(s.url, s.ord) FILTER (s.url IS NOT NULL) AS url,
        coalesce(arg_min(s.client_address, s.ord) FILTER (s.kind = 'proxy' AND s.client_address IS NOT NULL),
            arg_min(s.client_address, s.ord) FILTER (s.kind = 'csms' AND s.client_address IS NOT NULL)) AS client_address,
        bool_or(s.action = 'tcp.refused') AS refused,
        bool_or(s.action = 'tcp.timeout') AS timed_out,
        bool_or(s.action = 'tcp.unreachable') AS unreachable,
        bool_or(s.action = 'tcp.reset') AS reset,
        bool_or(s.action = 'dns.failure') AS unresolved,
        bool_or(s.action = 'csms.rate_limited') AS limited,
        bool_or(s.action = 'csms.duplicate') AS duplicate,
        coalesce(bool_or(s.detail = 'http-1.0'), false) AS http_1_0,
        -- What the first hop got: the version that all proxies of the path were asked in.
        CASE WHEN bool_and(s.detail IS NOT NULL AND s.detail IN ('http-1.0', 'http-2')) FILTER (s.kind = 'proxy' AND s.action = 'http.response')
             THEN arg_min(s.detail, s.ord) FILTER (s.kind = 'proxy' AND s.action = 'http.response') END AS front_http,
        coalesce(bool_or(s.detail = 'upgrade-header') FILTER (s.kind = 'proxy'), false) AS upgrade_seen,
        bool_or(s.kind = 'station') AS station_saw, bool_or(s.kind = 'csms') AS csms_saw,
        bool_or(s.kind = 'proxy') AS proxy_saw,
        arg_min(s.event_id, (CASE WHEN s.action IN ('tcp.connect', 'ws.upgrade') THEN 2
            WHEN s.kind = 'station' THEN 0 ELSE 1 END, s.ord)) AS event_id,
        bool_and(s.action IN ('tcp.connect', 'ws.upgrade')) AS unknown_end
    FROM attempt_member AS m JOIN attempt_signal AS s USING (event_id)
    GROUP BY ALL
)
SELECT row_number() OVER (ORDER BY ts, station, attempt_event) AS attempt_id, *,
    CASE
        WHEN opened THEN 'open'
        WHEN tls_error IS NOT NULL THEN 'tls'
        WHEN coalesce(station_status, proxy_status, csms_status) IS NOT NULL OR reject_reason IS NOT NULL OR limited THEN 'http'
        WHEN unresolved THEN 'dns'
        WHEN refused OR timed_out OR unreachable OR reset THEN 'tcp'
        ELSE 'unknown'
    END AS stage,
    coalesce(station_status, proxy_status, csms_status) AS http_status
FROM seen
WHERE NOT unknown_end;
