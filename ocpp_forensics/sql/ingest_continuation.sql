-- Records of the chunk that go on over further lines, each as one text.
-- Grain: one row per record with continuation lines. Reads: reading (this chunk), lines. A record
-- takes at most 500 lines; the text keeps the first 60 and the last 20 of them (stack traces end
-- with the cause).

CREATE OR REPLACE TEMP TABLE continued AS
WITH owned AS (
    SELECT record_id, byte_offset, byte_length, max(CASE WHEN fits THEN record_id END) OVER (
        PARTITION BY record_id >> 40 ORDER BY record_id ROWS UNBOUNDED PRECEDING
    ) AS owner
    FROM reading
    WHERE record_id >> 40 IN (SELECT record_id >> 40 FROM reading WHERE NOT fits)
        AND record_id IN (SELECT (part_id::BIGINT << 40) | line_no FROM lines)
),
spanned AS (
    SELECT *, max(record_id) OVER (PARTITION BY owner) AS last_id
    FROM owned
    WHERE record_id <= owner + 500
)
SELECT (any_value(s.owner) >> 40)::INTEGER AS part_id,
    any_value(s.owner) & 1099511627775 AS line_no, min(s.byte_offset) AS byte_offset,
    (max(s.byte_offset + s.byte_length) - min(s.byte_offset))::INTEGER AS byte_length,
    count(*)::INTEGER AS line_count,
    string_agg(l.text, chr(10) ORDER BY s.record_id) FILTER (
        s.record_id <= s.owner + 60 OR s.record_id > s.last_id - 20
    ) AS text
FROM spanned AS s
JOIN lines AS l ON s.record_id = (l.part_id::BIGINT << 40) | l.line_no
WHERE s.last_id > s.owner
GROUP BY s.owner;
