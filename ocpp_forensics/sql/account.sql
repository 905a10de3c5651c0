-- Every line is accounted for: records, lines that continue them, lines without meaning.
-- Reads: event. Fills: part (records, continuation, unparsed).

UPDATE part SET records = counted.records, continuation = counted.lines - counted.records,
    unparsed = part.lines - counted.lines
FROM (
    SELECT p.part_id, count(e.event_id) AS records, coalesce(sum(e.line_count), 0) AS lines
    FROM part AS p LEFT JOIN event AS e ON e.event_id >> 40 = p.part_id
    GROUP BY ALL
) AS counted
WHERE part.part_id = counted.part_id;
