"""Fields that structured logs write as JSON members or key=value pairs.

Reads: attributes.toml (one alias table for all loggers). Feeds: ingest.
"""

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from typing import Any

from ocpp_forensics.formats.compiler import literal
from ocpp_forensics.resources import read_text
from ocpp_forensics.vocabulary import fields

__all__ = [
    "ATTRIBUTE_FIELDS", "HTTP_ANSWER", "attribute_columns", "attributes_sql", "logger_vantage_sql",
    "pair_sql",
]  # fmt: skip


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(read_text("attributes.toml"))


@cache
def aliases() -> dict[str, tuple[str, ...]]:
    """The names under which each field is written, in the order in which they count."""
    return {field: tuple(keys) for field, keys in _table()["alias"].items()}


def logger_vantage_sql(logger: str) -> str:
    """SQL for the kind of source that alone has a logger, null for any other logger."""
    kinds = _table()["vantage"].items()
    told = " ".join(f"WHEN {literal(name)} THEN {literal(kind)}" for name, kind in kinds)
    return f"CASE {logger} {told} END"


_OF_CODE = ("ws_code", "http_status")
"""What a bare code may be, by its size."""

ATTRIBUTE_FIELDS = (*(name for name in aliases() if name != "code"), *_OF_CODE)
"""Columns of the relation that `attributes_sql` gives, besides record_id."""

HTTP_ANSWER = (
    "CASE WHEN a_http_status IS NOT NULL AND a_path IS NOT NULL AND a_client_address IS NOT NULL "
    "THEN 'http.response' END"
)
"""SQL for the action of a record that tells path, client and status of a request, in any words."""


def attributes_sql(members: Sequence[str]) -> str:
    """SQL that takes the known attributes out of the records of a chunk.

    Shape: one row per record of `reading` that has any structured part: record_id and
    ATTRIBUTE_FIELDS. `members` are the JSON members that occur; only those are looked for.
    """
    paths = [
        (field, path)
        for field, keys in aliases().items()
        for key in keys
        for path in _places(key, members)
    ]
    listed = ", ".join(literal(path) for _, path in paths) or "'$'"
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


def attribute_columns() -> str:
    """The columns of what `attributes_sql` gives, with their types."""
    return ", ".join(["record_id BIGINT", *(f"{name} {_type(name)}" for name in ATTRIBUTE_FIELDS)])


def _type(field: str) -> str:
    return fields()[field].sql_type if field in fields() else "VARCHAR"


def _places(key: str, members: Sequence[str]) -> list[str]:
    """Where a member stands, however it is spelt: station_id, stationId, station.id."""
    found = [f'$."{member}"' for member in members if _plain(member) == _plain(key)]
    outer, _, inner = key.partition(".")
    nested = [
        f'$."{member}"."{inner}"' for member in members if inner and _plain(member) == _plain(outer)
    ]
    return found + nested


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.casefold())


def _text(field: str, paths: Sequence[tuple[str, str]]) -> str:
    members = [
        # An object is no value: what it holds has paths of its own.
        _scaled(f"CASE WHEN NOT starts_with(j[{number}], '{{') THEN j[{number}] END", path)
        for number, (name, path) in enumerate(paths, start=1)
        if name == field
    ]
    nothing = ("-", "", *_table()["nothing"].get(field, ()))
    values = (*members, f"CASE WHEN pairs IS NOT NULL THEN {pair_sql(field, 'pairs')} END")
    for word in nothing:
        values = tuple(f"nullif({value}, {literal(word)})" for value in values)
    return f"coalesce({', '.join(values)})"


def _scaled(value: str, path: str) -> str:
    """A member in the unit of its field."""
    for key, factor in _table()["scale"].items():
        if path == f'$."{key}"':
            return f"(try_cast({value} AS DOUBLE) * {factor})::VARCHAR"
    return value


def pair_sql(field: str, pairs: str) -> str:
    """SQL for the value of a field among the key=value pairs of a text; empty where it is not."""
    keys = "|".join(dict.fromkeys(_spellings(key) for key in aliases()[field]))
    quoted = rf"""(?i)(?:^|[\s,;({{\[])(?:{keys})=["']([^"']*)["']"""
    plain = rf"""(?i)(?:^|[\s,;({{\[])(?:{keys})=([^\s,;)}}\]"']+)"""
    return (
        f"concat(regexp_extract({pairs}, {literal(quoted)}, 1), "
        f"rtrim(regexp_extract({pairs}, {literal(plain)}, 1), ':'))"
    )


def _spellings(key: str) -> str:
    """A pattern for all spellings of a key: its words with or without a mark between them."""
    return "[._-]?".join(re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+", key))


def _value(field: str) -> str:
    """A text where it looks like a value of the field, in one spelling."""
    value = field
    for word, meaning in _table()["word"].get(field, {}).items():
        value = f"CASE lower({field}) WHEN {literal(word)} THEN {literal(meaning)} ELSE {value} END"
    if field.endswith("address"):
        value = rf"regexp_replace({field}, '^\[?([0-9.]+|[0-9a-fA-F:]+\])(?::[0-9]+)?$', '\1')"
    if field == "path":
        value = r"regexp_replace(path, '^\w+://[^/]*', '')"
    pattern = _table()["value"].get(field)
    return (
        f"CASE WHEN regexp_matches({field}, {literal(pattern)}) THEN {value} END"
        if pattern
        else value
    )


def _typed(field: str) -> str:
    if field in _OF_CODE:
        low, high = (1000, 4999) if field == "ws_code" else (100, 599)
        number = f"try_cast({_value('code')} AS INTEGER)"
        return f"CASE WHEN {number} BETWEEN {low} AND {high} THEN {number} END"
    sql_type = _type(field)
    if sql_type == "VARCHAR" or field in _table()["value"]:
        return f"try_cast({_value(field)} AS {sql_type})"
    return f"try_cast(nullif(regexp_extract({field}, '^-?[0-9]+(?:\\.[0-9]+)?'), '') AS {sql_type})"
