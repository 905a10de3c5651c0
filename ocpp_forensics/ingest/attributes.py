"""Fields that structured logs write as JSON members or key=value pairs.

Reads: attributes.toml (one alias table for all loggers). Feeds: ingest.
"""

import tomllib
from collections.abc import Sequence
from functools import cache
from typing import Any

from ocpp_forensics.formats.compiler import literal
from ocpp_forensics.resources import read_text
from ocpp_forensics.vocabulary import fields

__all__ = ["ATTRIBUTE_FIELDS", "attributes_sql", "logger_vantages"]


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(read_text("attributes.toml"))


@cache
def aliases() -> dict[str, tuple[str, ...]]:
    """The names under which each field is written, in the order in which they count."""
    return {field: tuple(keys) for field, keys in _table()["alias"].items()}


def logger_vantages() -> dict[str, str]:
    """Loggers that only one kind of source has, with that kind."""
    return dict(_table()["vantage"])


ATTRIBUTE_FIELDS = (*(name for name in aliases() if name != "code"), "ws_code", "http_status")
"""Columns of the relation that `attributes_sql` gives, besides record_id."""


def attributes_sql(members: Sequence[str]) -> str:
    """SQL that takes the known attributes out of the records of a chunk.

    Shape: one row per record of `reading` that has any structured part: record_id and
    ATTRIBUTE_FIELDS. `members` are the JSON members that occur; only those are looked for.
    """
    present = set(members)
    paths = [
        (field, key)
        for field, keys in aliases().items()
        for key in keys
        if key.split(".")[0] in present
    ]
    listed = ", ".join(literal(_json_path(key)) for _, key in paths) or "'$'"
    texts = ", ".join(f"{_text(field, paths)} AS {field}" for field in aliases())
    typed = ", ".join(f"{_typed(field)} AS {field}" for field in ATTRIBUTE_FIELDS)
    return (
        f"SELECT record_id, {typed} FROM (SELECT record_id, {texts} FROM ("
        "SELECT record_id, pairs, CASE WHEN structured IS NOT NULL "
        f"THEN json_extract_string(structured, [{listed}]) END AS j "
        "FROM (SELECT record_id, structured, CASE "
        "WHEN attrs IS NOT NULL THEN attrs "
        "WHEN template IS NOT NULL AND contains(body, '=') THEN body END AS pairs FROM reading) "
        "WHERE structured IS NOT NULL OR pairs IS NOT NULL))"
    )


def _json_path(key: str) -> str:
    return "$" + "".join(f'."{part}"' for part in key.split("."))


def _text(field: str, paths: Sequence[tuple[str, str]]) -> str:
    members = [f"j[{number}]" for number, (name, _) in enumerate(paths, start=1) if name == field]
    values = ", ".join(f"nullif(nullif({value}, '-'), '')" for value in (*members, _pair(field)))
    return f"coalesce({values})"


def _pair(field: str) -> str:
    """SQL for the value of a key=value pair, null where there is none."""
    keys = "|".join(key for key in aliases()[field] if "." not in key)
    quoted = rf"""(?:^|[\s,;({{\[])(?:{keys})=["']([^"']*)["']"""
    plain = rf"""(?:^|[\s,;({{\[])(?:{keys})=([^\s,;)}}\]"']+)"""
    return (
        f"CASE WHEN pairs IS NOT NULL THEN concat(regexp_extract(pairs, {literal(quoted)}, 1), "
        f"regexp_extract(pairs, {literal(plain)}, 1)) END"
    )


def _typed(field: str) -> str:
    if field in {"ws_code", "http_status"}:
        low, high = (1000, 4999) if field == "ws_code" else (100, 599)
        number = "try_cast(code AS INTEGER)"
        return f"CASE WHEN {number} BETWEEN {low} AND {high} THEN {number} END"
    sql_type = fields()[field].sql_type
    if sql_type == "VARCHAR":
        return field
    return f"try_cast(nullif(regexp_extract({field}, '^-?[0-9]+(?:\\.[0-9]+)?'), '') AS {sql_type})"
