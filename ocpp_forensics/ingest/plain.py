"""Records without a frame: what their sentences, attributes and envelopes mean.

Reads: worded, attribute, the phrasebook. Feeds: plain (what `record` shows of them), detail.
"""

from collections.abc import Sequence

from ocpp_forensics.formats.timestamps import TIME_KINDS
from ocpp_forensics.ingest.attributes import (
    ATTRIBUTE_FIELDS,
    HTTP_ANSWER,
    logger_vantage_sql,
)
from ocpp_forensics.ingest.frames import mark_sql
from ocpp_forensics.phrases.compiler import extract_columns, field_columns, look_up
from ocpp_forensics.phrases.definition import Phrase, load_phrases
from ocpp_forensics.store import Store
from ocpp_forensics.vocabulary import Field, fields

__all__ = ["DETAIL_FIELDS", "read_plain"]

_IN_RECORD = {"station", "session_key", "direction_mark"}
DETAIL_FIELDS = tuple(name for name in fields() if name not in _IN_RECORD)
"""Fields that are columns of `detail`; the others are columns of `record`."""

_SENTENCES = """
SELECT template, split_part(template, '|', 1) AS logger, min(body) AS body
FROM worded GROUP BY template
"""
_MEANING = """
CREATE OR REPLACE TEMP TABLE meaning AS
SELECT template, list(hit ORDER BY hit) AS hits FROM held GROUP BY template
"""


def read_plain(store: Store) -> None:
    """Look the phrases up once per template, then fill the fields of every record."""
    found, held = look_up(load_phrases(), store.arrow(_SENTENCES))
    store.show("held", held)
    store.execute(_MEANING)
    store.hide("held")
    store.execute(_plain_sql(found))
    columns = ", ".join(DETAIL_FIELDS)
    store.execute(
        f"INSERT INTO detail (record_id, vantage, {columns}) "
        f"SELECT record_id, vantage, {columns} FROM plain "
        "WHERE action <> 'log.message' OR telling"
    )


def _plain_sql(found: Sequence[Phrase]) -> str:
    """SQL that fills the temporary table `plain`: one row per record without a frame."""
    filled = field_columns(found)
    columns = ", ".join(
        f"{_field_sql(field, filled.get(field.name))} AS {field.name}"
        for field in fields().values()
        if field.name != "session_key"
    )
    attributes = ", ".join(f"a.{name} AS a_{name}" for name in ATTRIBUTE_FIELDS)
    action = ", ".join(value for value in ("e_action", filled.get("action")) if value)
    session = f", key_of({filled['session_key']})" if "session_key" in filled else ""
    vantage = ", ".join(
        value for value in (logger_vantage_sql("e_logger"), filled.get("vantage")) if value
    )
    return f"""
CREATE OR REPLACE TEMP TABLE plain AS
SELECT * REPLACE (coalesce(duration_s, {_LIVED}) AS duration_s),
    {mark_sql("lower(direction_mark)")} AS mark, {_TELLING} AS telling
FROM (
    SELECT record_id, byte_offset, byte_length, line_count, ts, ts_is_start, zone_s,
        coalesce(session_hash, key_of(a_session_key){session}) AS session_hash,
        coalesce({action}, {HTTP_ANSWER}, 'log.message')::action_name AS action,
        coalesce({vantage}) AS vantage, {columns}
    FROM (
        SELECT * {extract_columns(found)}
        FROM (
            SELECT r.record_id, r.byte_offset, r.byte_length, r.line_count, r.ts, r.ts_is_start,
                r.zone_s, r.body, m.hits, r.session_key AS session_hash, {_ENVELOPE}, {attributes}
            FROM worded AS r
            LEFT JOIN meaning AS m ON r.template = m.template
            LEFT JOIN attribute AS a ON r.record_id = a.record_id
        )
    )
)
"""


_LIVED = f"nullif(greatest(epoch(ts) - epoch({TIME_KINDS['auto'].wall('started')}), 0), 0)"
"""Length of what a line describes where it tells the beginning and its stamp is the end."""

_FROM_ENVELOPE = (
    "client_address", "client_port", "logger", "host", "station", "direction_mark",
)  # fmt: skip
_IDENTITY = {"station", "client_address", "client_port"}
_ENVELOPE = ", ".join(f"r.{name} AS e_{name}" for name in (*_FROM_ENVELOPE, "action"))
_TELLING = " OR ".join(
    f"{name} IS NOT NULL"
    for name in (
        "ws_code",
        "http_status",
        "url",
        "path",
        "interval_s",
        "rtt_ms",
        "detail",
        "boot_reason",
        "apn",
    )
)


def _field_sql(field: Field, from_phrases: str | None) -> str:
    """SQL for one field: the envelope knows best; attributes beat phrases on who it was."""
    envelope = f"nullif(nullif(e_{field.name}, '-'), '')" if field.name in _FROM_ENVELOPE else None
    if envelope and field.sql_type != "VARCHAR":
        envelope = f"try_cast({envelope} AS {field.sql_type})"
    attribute = f"a_{field.name}" if field.name in ATTRIBUTE_FIELDS else None
    named = (attribute, from_phrases) if field.name in _IDENTITY else (from_phrases, attribute)
    sources = [source for source in (envelope, *named) if source]
    return f"coalesce({', '.join(sources)})" if sources else f"NULL::{field.sql_type}"
