-- Every line is accounted for: records, lines that continue them, lines without meaning; lines that
-- another file holds as well are counted apart.
-- Reads: event, duplicate. Fills: part (lines, records, continuation, unparsed, duplicates, twin).

UPDATE part SET lines = part.lines - counted.lines, duplicates = counted.lines, twin = counted.twin
FROM (
    SELECT d.part_id, sum(d.line_count) AS lines, mode(p.path ORDER BY p.path) AS twin
    FROM duplicate AS d JOIN part AS p ON p.part_id = d.kept
    GROUP BY ALL
) AS counted
WHERE part.part_id = counted.part_id;

UPDATE part SET records = counted.records, continuation = counted.lines - counted.records,
    unparsed = part.lines - counted.lines
FROM (
    SELECT p.part_id, count(e.event_id) AS records, coalesce(sum(e.line_count), 0) AS lines
    FROM part AS p LEFT JOIN event AS e ON e.event_id >> 40 = p.part_id
    GROUP BY ALL
) AS counted
WHERE part.part_id = counted.part_id;
