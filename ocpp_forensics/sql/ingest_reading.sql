-- Envelopes into `reading`: where the frame stands, what its head says, what is left to look up.
-- Reads: envelope (one row per line). One pass; nothing long is copied for lines with a frame
-- unless its payload matters later.

INSERT INTO reading
WITH behind AS (
    SELECT * EXCLUDE (hay, start), CASE WHEN start > 1 THEN substr(hay, start) ELSE hay END AS plain,
        CASE WHEN contains(plain, '\"') THEN regexp_matches(plain, '\[\s*[2-6]\s*,\s*\\"')
             ELSE false END AS escaped,
        -- A column of a table in quotes, read as plain text: its own quotes stand twice.
        CASE WHEN contains(plain, ',""') THEN regexp_matches(plain, '\[\s*[2-6]\s*,\s*""[^",]')
             ELSE false END AS doubled
    FROM envelope
),
unescaped AS (
    SELECT *,
        CASE WHEN escaped THEN replace(plain, '\"', '"')
             WHEN doubled THEN rtrim(replace(plain, '""', '"'), '"')
             WHEN attrs IS NOT NULL AND NOT contains(plain, '[') THEN
                 CASE WHEN regexp_matches(attrs, '\[\s*[2-6]\s*,\s*\\"')
                      THEN replace(attrs, '\"', '"') ELSE plain END
             ELSE plain END AS hay
    FROM behind
),
placed AS (
    SELECT *,
        strpos(hay, '[2,"') AS call_place,
        CASE WHEN call_place = 0 THEN strpos(hay, '[3,"') END AS result_place,
        CASE WHEN result_place = 0 THEN strpos(hay, '[4,"') END AS error_place,
        CASE WHEN error_place = 0
                  AND regexp_matches(hay, '\[\s*[2-6]\s*,\s*(?:"|[0-9]+\s*,\s*["{])')
             THEN length(regexp_extract(
                 hay, '(?s)^(.*?)\[\s*[2-6]\s*,\s*(?:"|[0-9]+\s*,\s*["{])', 1)) + 1
        END AS odd_place
    FROM unescaped
),
headed AS (
    SELECT * EXCLUDE (call_place, result_place, error_place),
        CASE WHEN call_place > 0 THEN call_place WHEN result_place > 0 THEN result_place
             WHEN error_place > 0 THEN error_place ELSE odd_place END AS place,
        CASE WHEN call_place > 0 THEN 2 WHEN result_place > 0 THEN 3 WHEN error_place > 0 THEN 4
             WHEN odd_place > 0 THEN try_cast(regexp_extract(substr(hay, odd_place, 40), '[2-6]') AS TINYINT)
        END::TINYINT AS ocpp_type,
        CASE WHEN odd_place > 0 THEN regexp_extract(
                 substr(hay, odd_place, 200),
                 '^\[\s*[2-6]\s*,\s*"?([^",]*)"?\s*,\s*(?:"([A-Za-z]+)")?', ['id', 'called'])
             WHEN ocpp_type IS NOT NULL THEN regexp_extract(
                 substr(hay, place, 100), '^\[[2-6],"([^"]*)",(?:"([A-Za-z]+)")?', ['id', 'called'])
        END AS head,
        CASE WHEN ocpp_type IS NULL AND format IS NOT NULL THEN ltrim(plain) END AS body
    FROM placed
),
typed AS (
    SELECT * EXCLUDE (head), head.id AS message_id, nullif(head.called, '') AS ocpp_action,
        CASE WHEN attrs[1] = '{' THEN attrs
             WHEN attrs IS NULL AND body IS NOT NULL AND ends_with(body, '}')
             THEN substr(body, nullif(strpos(body, '{"'), 0))
             WHEN attrs IS NULL AND escaped AND ends_with(plain, '}')
             THEN substr(plain, nullif(strpos(plain, '{"'), 0)) END AS members
    FROM headed
),
checked AS (
    SELECT * EXCLUDE (members),
        -- What loggers put one level down counts like members of the record itself.
        CASE WHEN members IS NULL OR NOT json_valid(members) THEN NULL
             WHEN regexp_matches(members, '"(?:jsonPayload|fields|context|extra|meta|attributes|data)" ?: ?\{')
             THEN json_merge_patch(coalesce(members->'jsonPayload', members->'fields', members->'context',
                 members->'extra', members->'meta', members->'attributes', members->'data'), members)::VARCHAR
             ELSE members END AS structured,
        CASE WHEN contains(hay, '...')
             THEN ocpp_type IS NOT NULL AND NOT json_valid(substr(hay, place))
             ELSE false END AS truncated,
        ocpp_type = 3 AND NOT ends_with(hay, ',{}]') AS answered
    FROM typed
),
worded AS (
    SELECT *,
        CASE WHEN structured IS NOT NULL AND attrs IS NULL
             THEN rtrim(left(body, length(body) - length(structured))) ELSE body END AS plain_sentence,
        -- What went wrong stands in members of its own in structured logs.
        CASE WHEN body IS NULL THEN NULL
             WHEN structured IS NOT NULL THEN nullif(array_to_string(json_extract_string(structured,
                 ['$.err', '$.error', '$.err.message', '$.error.message', '$.cause', '$.exception', '$.detail', '$.why', '$.because', '$.note', '$.sig']), ' '), '')
             WHEN attrs IS NOT NULL THEN regexp_extract(
                 attrs, '(?:^| )(?:err|error|cause|exception|detail|why)=(?:"((?:[^"\\]|\\.)*)"|[^ "]+)', 0)
        END AS trouble,
        CASE WHEN trouble <> '' AND NOT contains(plain_sentence, trouble)
             THEN plain_sentence || ': ' || trouble ELSE plain_sentence END AS sentence
    FROM checked
)
SELECT
    (part_id::BIGINT << 40) | line_no, byte_offset, byte_length, line_count, format IS NOT NULL,
    ts, zone_s, nullif(station, '-'), key_of(nullif(session_key, '-')), ocpp_type, key_of(message_id),
    ocpp_action, truncated,
    CASE WHEN answered THEN CASE WHEN contains(hay, '"currentTime"') THEN
        CASE WHEN line_no < 50000 OR line_no % 16 = 0 OR contains(hay, '"interval"')
        THEN utc_stamp(regexp_extract(hay, '"currentTime"\s*:\s*"([^"]+)"', 1)) END END
        -- Whether it waited at the station is told by how far this is off as a rule: the zone is not needed.
        WHEN ocpp_type = 2 AND ocpp_action = 'MeterValues' THEN try_cast(
            left(ltrim(substr(hay, nullif(strpos(hay, '"timestamp":'), 0) + 12, 24), ' "'), 19) AS TIMESTAMP)
    END,
    CASE WHEN ocpp_type IS NOT NULL
         THEN substr(hay, greatest(1, place - 96), place - greatest(1, place - 96)) END,
    CASE WHEN CASE
             WHEN truncated OR ocpp_type IS NULL THEN false
             WHEN ocpp_type = 2 THEN ocpp_action NOT IN ('Heartbeat', 'MeterValues')
             WHEN ocpp_type = 3 THEN
                 CASE WHEN NOT answered THEN false
                      WHEN contains(hay, '"currentTime"') THEN contains(hay, '"interval"')
                      ELSE regexp_matches(hay,
                          '"(?:status|configurationKey|[gs]etVariableResult|transactionId)"') END
             ELSE true END
         THEN substr(hay, place, 60000) END,
    CASE WHEN format IS NULL OR getvariable('keep_text') THEN text END,
    structured,
    CASE WHEN attrs[1] <> '{' THEN attrs END,
    CASE WHEN sentence IS NOT NULL
         THEN coalesce(logger, program, '') || '|' || template_of(left(sentence, 400)) END,
    left(sentence, 4000), CASE WHEN ts_is_start THEN true END, direction_mark,
    CASE WHEN sentence IS NOT NULL THEN coalesce(logger, program) END, host, client_address,
    client_port, action
FROM worded;
