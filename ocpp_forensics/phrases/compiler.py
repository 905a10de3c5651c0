"""Phrases compiled to SQL: which ones a body holds, and what they fill in.

Reads: phrase definitions. Feeds: ingest. A body is matched once per template (digits and ids
masked); the fields are then taken from every line with the few phrases that occur.
"""

from collections.abc import Iterator, Sequence

from ocpp_forensics.formats.compiler import literal
from ocpp_forensics.phrases.definition import Phrase, field_of_group
from ocpp_forensics.vocabulary import fields

__all__ = ["extract_columns", "field_columns", "hits_sql"]


def hits_sql(phrases: Sequence[Phrase], relation: str) -> str:
    """SQL that tells which phrases the bodies hold.

    Shape: one row per row of `relation` (template, body): template, hits (positions in `phrases`,
    most specific first).
    """
    tests = ", ".join(
        f"CASE WHEN {_holds(phrase)} THEN {number} END" for number, phrase in enumerate(phrases)
    )
    return (
        f"SELECT template, list_filter([{tests}], lambda hit: hit IS NOT NULL)::INTEGER[] AS hits "
        f"FROM {relation}"
    )


def _holds(phrase: Phrase) -> str:
    logger = "split_part(template, '|', 1)"
    conditions = [f"regexp_matches(body, {literal(phrase.pattern)})"]
    if phrase.logger:
        conditions.append(f"regexp_matches({logger}, {literal(phrase.logger)})")
    if phrase.not_logger:
        conditions.append(f"NOT regexp_matches({logger}, {literal(phrase.not_logger)})")
    return " AND ".join(conditions)


def extract_columns(phrases: Sequence[Phrase], numbers: Sequence[int]) -> str:
    """Select list with one struct `e<number>` per phrase that has groups and occurs."""
    columns = [
        f"CASE WHEN list_contains(hits, {number}) THEN {_extract(phrases[number])} END AS e{number}"
        for number in numbers
        if phrases[number].names
    ]
    return "".join(f", {column}" for column in columns)


def _extract(phrase: Phrase) -> str:
    names = ", ".join(literal(name) for name in phrase.names)
    return f"regexp_extract(body, {literal(phrase.pattern)}, [{names}])"


def field_columns(phrases: Sequence[Phrase], numbers: Sequence[int]) -> dict[str, str]:
    """SQL for the action, the vantage point and every field, from the phrases that occur.

    What a more specific phrase says wins. Fields that no phrase fills are left out.
    """
    filled: dict[str, list[str]] = {}
    for number in numbers:
        for name, value in _values(phrases[number], number):
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
