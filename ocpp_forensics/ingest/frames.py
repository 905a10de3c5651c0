"""What stands before a frame: the station it names, and whether it was sent or received.

Reads: frames.toml. Feeds: ingest.
"""

import re
import tomllib
from functools import cache

from ocpp_forensics.formats.compiler import literal
from ocpp_forensics.ingest.attributes import pair_sql
from ocpp_forensics.resources import read_text

__all__ = ["mark_sql", "prefixes_sql"]

SENT, RECEIVED, ARROW_SENT, ARROW_RECEIVED = 1, 2, 3, 4
"""Marks of a frame: a word says who sent it as the writer saw it, an arrow only hints at it."""


_TOKEN = r"[A-Za-z0-9][A-Za-z0-9*_.-]{2,}"


@cache
def _table() -> dict[str, list[str]]:
    return tomllib.loads(read_text("frames.toml"))


def prefixes_sql() -> str:
    """SQL that reads the distinct prefixes of a chunk.

    Shape: one row per distinct `prefix` of `reading`: prefix, station, session, mark, and in
    `tokens` what may be the name of a station where no pattern tells.
    """
    stations = ", ".join(
        f"nullif(regexp_extract(prefix, {literal(pattern)}, 1), '')"
        for pattern in _table()["station"]
    )
    mark = mark_sql(_last_marker("prefix"))
    return (
        f"SELECT prefix, coalesce({stations}) AS station, {mark} AS mark, "
        f"nullif({pair_sql('session_key', 'prefix')}, '') AS session, "
        f"regexp_extract_all(prefix, {literal(_TOKEN)}) AS tokens "
        "FROM (SELECT DISTINCT prefix FROM reading WHERE prefix IS NOT NULL)"
    )


def _last_marker(text: str) -> str:
    markers = sorted([*_table()["sent"], *_table()["received"]], key=len, reverse=True)
    words = "|".join(marker for marker in markers if marker.isalpha())
    arrows = "|".join(re.escape(marker) for marker in markers if not marker.isalpha())
    pattern = rf"(?i)^.*(?:\b({words})\b|({arrows}))"
    return (
        f"lower(concat(regexp_extract({text}, {literal(pattern)}, 1), "
        f"regexp_extract({text}, {literal(pattern)}, 2)))"
    )


def mark_sql(word: str) -> str:
    """SQL for the mark that a word or arrow stands for, null where it tells nothing."""
    branches = []
    for name, by_word, by_arrow in (
        ("sent", SENT, ARROW_SENT), ("received", RECEIVED, ARROW_RECEIVED)
    ):  # fmt: skip
        for mark, alphabetic in ((by_word, True), (by_arrow, False)):
            markers = [each for each in _table()[name] if each.isalpha() is alphabetic]
            listed = ", ".join(map(literal, markers))
            # Not IN: DuckDB makes a join of a long list, over all records for a few words.
            branches.append(f"WHEN list_contains([{listed}], {word}) THEN {mark}")
    return f"CASE WHEN {word} IS NOT NULL THEN CASE {' '.join(branches)} END END"
