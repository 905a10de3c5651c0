-- Lines of a chunk of which a collector has stamped every one, with the records of several lines put
-- together: the whole text stands on the first line, the others are blank.
-- Grain: one row per line. Reads: lines, unwrapped. What goes on (indented, a closing bracket, part of a
-- stack trace) belongs to the last line of the same writer that does not, if that one begins a record
-- (headed), opens a bracket, or a stack trace follows it. A record takes at most 500 lines.

CREATE OR REPLACE TEMP TABLE woven AS
WITH shaped AS (
    SELECT *, regexp_matches(content, trace_shape()) AS traced,
        traced OR regexp_matches(content, '^(?:\t\s*\S| {2,}\S|[\]})]+[,;]?\s*$)')
        OR regexp_matches(content, '^[A-Za-z_][\w.]*(?:Error|Exception|Exit|Interrupt|Timeout|Closed\w*)(?::|$)')
            AND regexp_matches(lag(content) OVER (PARTITION BY part_id, writer ORDER BY line_no), '^\s+\S') AS goes_on
    FROM unwrapped
),
owned AS (
    SELECT *, last_value(CASE WHEN NOT goes_on THEN line_no END IGNORE NULLS) OVER (
        PARTITION BY part_id, writer ORDER BY line_no) AS owner
    FROM shaped
),
placed AS (
    SELECT *, row_number() OVER (PARTITION BY part_id, owner ORDER BY line_no) - 1 AS place
    FROM owned WHERE owner IS NOT NULL
),
record AS (
    SELECT part_id, owner, string_agg(content, chr(10) ORDER BY line_no) FILTER (place > 0) AS more,
        list(line_no ORDER BY line_no) FILTER (place > 0) AS members,
        coalesce(max(line_no) FILTER (line_no - place = owner), owner) AS last_close
    FROM placed WHERE place < 500
    GROUP BY part_id, owner
    HAVING max(place) > 0 AND (bool_or(headed AND place = 0) OR bool_or(traced)
        OR bool_or(place = 0 AND regexp_matches(content, '[\[{(:,=]\s*$')))
),
member AS (SELECT part_id, unnest(members) AS line_no FROM record)
SELECT l.part_id, l.line_no, l.byte_offset,
    coalesce(e.byte_offset + e.byte_length - l.byte_offset, l.byte_length)::INTEGER AS byte_length,
    CASE WHEN m.line_no IS NOT NULL THEN '' WHEN r.owner IS NULL THEN l.text
         WHEN u.member IS NULL THEN l.text || chr(10) || r.more
         ELSE json_merge_patch(l.text, json_object(u.member, u.content || chr(10) || r.more))::VARCHAR
    END AS text
FROM lines AS l
LEFT JOIN member AS m ON m.part_id = l.part_id AND m.line_no = l.line_no
LEFT JOIN record AS r ON r.part_id = l.part_id AND r.owner = l.line_no
LEFT JOIN unwrapped AS u ON u.part_id = r.part_id AND u.line_no = r.owner
LEFT JOIN lines AS e ON e.part_id = r.part_id AND e.line_no = r.last_close
ORDER BY l.part_id, l.line_no;
