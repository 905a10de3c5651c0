-- The statements that copy this store into the attached database `kept`.
-- Grain: one row per table, macro and view, in the order in which they are to be run.
SELECT statement
FROM (
    SELECT 1 AS step, table_name AS name, 0 AS place,
        'CREATE TABLE kept."' || table_name || '" AS SELECT * FROM memory."' || table_name || '"' AS statement
    FROM duckdb_tables() WHERE database_name = 'memory' AND NOT internal AND NOT temporary
    UNION ALL
    SELECT 2, '', 0, 'USE kept'
    UNION ALL
    SELECT 3, function_name, 0,
        'CREATE MACRO "' || function_name || '"(' || array_to_string(parameters, ', ') || ') AS ' || macro_definition
    FROM duckdb_functions()
    WHERE database_name = 'memory' AND NOT internal AND function_type = 'macro'
    UNION ALL
    SELECT 4, '', view_oid, sql
    FROM duckdb_views() WHERE database_name = 'memory' AND NOT internal AND NOT temporary
    UNION ALL
    SELECT 5, '', 0, 'USE memory'
)
ORDER BY step, place, name;
