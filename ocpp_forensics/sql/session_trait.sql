-- What stations have in common: the traits by which those that are affected are told from the others.
-- Grain: one row per station and trait; a trait that is not known of a station has no row for it.
-- Reads: station, connection, attempt, key_event, source.
-- subnet: the first 24 bits of the IPv4 address (48 of IPv6) that proxy or CSMS saw most; site: what an
-- identity begins with, before its last part; csms_node, proxy: the log that tells of its connections.

CREATE TABLE trait AS
WITH seen AS (
    SELECT station, client_address AS address FROM connection WHERE client_address IS NOT NULL
    UNION ALL SELECT station, client_address FROM attempt WHERE client_address IS NOT NULL
),
net AS (
    SELECT station, CASE WHEN contains(address, ':') THEN regexp_extract(address, '^((?:[0-9a-f]*:){1,3})', 1) || ':/48'
        ELSE regexp_extract(address, '^(\d+\.\d+\.\d+)\.', 1) || '.0/24' END AS subnet
    FROM seen WHERE contains(address, ':') OR regexp_matches(address, '^\d+\.\d+\.\d+\.\d+$')
),
kept AS (
    SELECT station, 'firmware' AS trait, firmware AS value FROM station
    UNION ALL SELECT station, 'model', model FROM station
    UNION ALL SELECT station, 'vendor', vendor FROM station
    UNION ALL SELECT station, 'link', link FROM station
    UNION ALL SELECT station, 'carrier', mode(carrier ORDER BY carrier) FROM key_event WHERE carrier IS NOT NULL GROUP BY ALL
    UNION ALL SELECT station, 'subnet', mode(subnet ORDER BY subnet) FROM net GROUP BY ALL
    UNION ALL SELECT c.station, 'csms_node', mode(s.path ORDER BY s.path) FROM connection AS c JOIN source AS s ON s.source_id = c.csms_source
    GROUP BY ALL
    UNION ALL SELECT c.station, 'proxy', mode(s.path ORDER BY s.path) FROM connection AS c JOIN source AS s ON s.source_id = c.proxy_source
    GROUP BY ALL
    UNION ALL SELECT station, 'site', nullif(regexp_extract(station, '^(.*[A-Za-z0-9])[^A-Za-z0-9]+[A-Za-z0-9]+$', 1), '')
    FROM station
)
SELECT station, trait, value FROM kept WHERE station IS NOT NULL AND value IS NOT NULL AND value <> '';
