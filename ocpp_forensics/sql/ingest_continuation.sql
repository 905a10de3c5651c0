-- Records of the chunk that go on over further lines, each as one text.
-- Grain: one row per record with continuation lines. Reads: reading (this chunk), lines. A record
-- takes at most 500 lines; the text keeps the first 60 and the last 20 of them (stack traces end
-- with the cause).

CREATE OR REPLACE TEMP TABLE continued AS
WITH numbered AS (
    -- Every line of the chunk is in `reading`: lines that fit nothing follow each other by number,
    -- and the record they belong to stands right before the first of them.
    SELECT record_id, record_id - row_number() OVER (ORDER BY record_id) AS run
    FROM reading WHERE NOT fits
),
run AS (
    SELECT min(record_id) - 1 AS owner, least(max(record_id), min(record_id) + 499) AS last_id
    FROM numbered GROUP BY run
),
member AS (SELECT owner, last_id, unnest(range(owner, last_id + 1)) AS record_id FROM run)
SELECT (any_value(m.owner) >> 40)::INTEGER AS part_id,
    any_value(m.owner) & 1099511627775 AS line_no, min(l.byte_offset) AS byte_offset,
    (max(l.byte_offset + l.byte_length) FILTER (l.text <> '' OR m.record_id = m.owner)
        - min(l.byte_offset))::INTEGER AS byte_length,
    count(*)::INTEGER AS line_count,
    string_agg(l.text, chr(10) ORDER BY m.record_id) FILTER (
        l.text <> '' AND (m.record_id <= m.owner + 60 OR m.record_id > m.last_id - 20)
    ) AS text
FROM member AS m
JOIN lines AS l ON m.record_id = (l.part_id::BIGINT << 40) | l.line_no
GROUP BY m.owner
HAVING bool_or(m.record_id = m.owner);
