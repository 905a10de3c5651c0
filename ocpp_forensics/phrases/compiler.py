"""Which phrases sentences hold, and SQL for what they fill in.

Reads: phrase definitions. Feeds: ingest. A body is matched once per template (digits and ids
masked); the fields are then taken from every line with the few phrases that occur.
"""

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from ocpp_forensics.formats.compiler import literal
from ocpp_forensics.phrases.definition import Phrase, field_of_group
from ocpp_forensics.vocabulary import fields

__all__ = ["extract_columns", "field_columns", "look_up"]


def look_up(phrases: Sequence[Phrase], sentences: pa.Table) -> tuple[tuple[Phrase, ...], pa.Table]:
    """The phrases that occur, most specific first, and which of some sentences holds which.

    Shape: `sentences` has body, logger and template; the table that is given has a row for each
    template and phrase that it holds: template, hit (the position of the phrase).
    """
    places = {phrase: pc.indices_nonzero(_holding(phrase, sentences)) for phrase in phrases}
    found = sorted((phrase for phrase in phrases if len(places[phrase])), key=Phrase.rank)
    templates = sentences["template"].combine_chunks()
    rows = [templates.take(places[phrase]) for phrase in found]
    hits = [pa.repeat(pa.scalar(hit, pa.int32()), len(row)) for hit, row in enumerate(rows)]
    return tuple(found), pa.table({
        "template": pa.chunked_array(rows, pa.string()),
        "hit": pa.chunked_array(hits, pa.int32()),
    })


def _holding(phrase: Phrase, sentences: pa.Table) -> pa.ChunkedArray:
    held = pc.match_substring_regex(sentences["body"], phrase.pattern)
    if phrase.logger:
        held = pc.and_(held, pc.match_substring_regex(sentences["logger"], phrase.logger))
    if phrase.not_logger:
        other = pc.match_substring_regex(sentences["logger"], phrase.not_logger)
        held = pc.and_not(held, other)
    return held


def extract_columns(found: Sequence[Phrase]) -> str:
    """Select list with one struct `e<number>` per phrase that has groups."""
    columns = [
        f"CASE WHEN list_contains(hits, {number}) THEN {_extract(phrase)} END AS e{number}"
        for number, phrase in enumerate(found)
        if phrase.names
    ]
    return "".join(f", {column}" for column in columns)


def _extract(phrase: Phrase) -> str:
    names = ", ".join(literal(name) for name in phrase.names)
    return f"regexp_extract(body, {literal(phrase.pattern)}, [{names}])"


def field_columns(found: Sequence[Phrase]) -> dict[str, str]:
    """SQL for the action, the vantage point and every field, from the phrases that occur.

    What a more specific phrase says wins. Fields that no phrase fills are left out.
    """
    filled: dict[str, list[str]] = {}
    for number, phrase in enumerate(found):
        for name, value in _values(phrase, number):
            filled.setdefault(name, []).append(value)
    return {name: f"coalesce({', '.join(values)})" for name, values in filled.items()}


def _values(phrase: Phrase, number: int) -> Iterator[tuple[str, str]]:
    here = f"list_contains(hits, {number})"
    if phrase.action:
        yield "action", f"CASE WHEN {here} THEN {literal(phrase.action)} END"
    if phrase.vantage:
        yield "vantage", f"CASE WHEN {here} THEN {literal(phrase.vantage)} END"
    for group in phrase.names:
        name, factor = field_of_group(group)
        yield name, _typed(name, f"nullif(e{number}.{group}, '')", factor)
    for name, value in phrase.constants:
        constant = literal(value) if isinstance(value, str) else str(value)
        yield name, f"CASE WHEN {here} THEN {constant} END"


def _typed(name: str, text: str, factor: float | None) -> str:
    sql_type = fields()[name].sql_type
    if sql_type == "VARCHAR":
        return text
    cast = f"try_cast({text} AS {sql_type})"
    return f"{cast} * {factor}" if factor is not None else cast
