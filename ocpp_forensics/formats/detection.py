"""Which format each part of a bundle is in, and why.

Reads: sample lines of every part. Feeds: ingest, `ocppdiag formats detect`. The format that fits
most lines wins; where two fit equally many, the one that fits fewer samples of other formats.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

import pyarrow as pa

from ocpp_forensics.formats.compiler import envelope_sql, literal, matches_sql, may_match_sql
from ocpp_forensics.formats.definition import Format
from ocpp_forensics.formats.unwrapping import GOES_ON
from ocpp_forensics.store import Store

__all__ = ["Candidate", "Detection", "FileSurvey", "detect_formats"]

_TIE = 0.97
"""Formats that fit at least this share of what the best one fits compete by specificity."""

_SECOND = 0.02
"""A further format is used as well where it alone fits this share of the lines."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A format with the share of sampled lines (0 to 1) that it fits."""

    format: str
    share: float


@dataclass(frozen=True, slots=True)
class Detection:
    """The formats of one part: of its lines, and of the lines that a wrapper carries.

    `candidates` are in order of merit; `reason` is a sentence for people. `known` is the format
    that fits no more than the time, where a layout was worked out that reads more.
    """

    part_id: int
    outer: tuple[str, ...]
    inner: tuple[str, ...]
    candidates: tuple[Candidate, ...]
    lines: int
    reason: str
    known: str | None = None

    @property
    def format(self) -> str:
        """The name shown for the part: wrapper and content, or 'unknown'."""
        return self.known or " > ".join((self.outer or ("unknown",))[:1] + self.inner[:1])


@dataclass(frozen=True, slots=True)
class FileSurvey:
    """One file: its format, and how far it was understood.

    `second` is the runner-up among the formats; scores are shares of the lines looked at, `timed`,
    `named` and `told` shares of the records, all 0 to 1. `unknown` and `timeless` are lines that
    were not understood, each with how often the like occurs.
    """

    path: str
    kind: str
    format: str
    score: float | None
    second: tuple[str, float] | None
    reason: str
    lines: int
    unparsed: int
    timed: float
    named: float
    told: float
    unknown: tuple[tuple[str, int], ...]
    timeless: tuple[tuple[str, int], ...]


_INSIDE = 0.2
"""A wrapper carries a format where that fits at least this share of the bodies."""

_LAST_RESORT = "generic"
"""The format for any line with a time; it gives way to all others."""

_BROAD = {"json-lines", "logfmt"}
"""Formats for whatever is JSON or logfmt: narrower ones are asked before them."""

_PART = 0.25
"""The share of the lines from which on a narrower format is asked first."""

_LINE_SHAPE = """
CREATE OR REPLACE TEMP TABLE line_shape AS
SELECT part_id, min({text}) AS text, count(*) AS lines
FROM {relation}
WHERE trim({text}) <> ''
GROUP BY part_id, translate(left({text}, 64) || right({text}, 16), '123456789', '000000000')
"""

_Shares = dict[int, tuple[int, dict[frozenset[str], int]]]


def detect_formats(
    store: Store, samples: pa.Table, formats: Sequence[Format], forced: Mapping[int, str]
) -> dict[int, Detection]:
    """Choose the formats of every part from a sample of its lines.

    Shape: `samples` has the columns of LINE_SCHEMA; `forced` maps a part to the id of the format
    the user gave. Parts without lines are not in the result.
    """
    by_id = {each.id: each for each in formats}
    store.show("samples", samples)
    shares = _among_others(
        _shares(store, formats, "samples", "text"), {each.id for each in formats if each.alone}
    )
    outer = _choose(shares, _specificity(store, formats, shares), forced)
    inner = _inside(store, outer, by_id)
    store.hide("samples")
    return {part: _with_inner(detection, inner.get(part)) for part, detection in outer.items()}


def _with_inner(outer: Detection, inner: Detection | None) -> Detection:
    if inner is None or not inner.outer or inner.candidates[0].share < _INSIDE:
        return outer
    reason = f"{outer.reason}; inside it {inner.reason}"
    return Detection(outer.part_id, outer.outer, inner.outer, outer.candidates, outer.lines, reason)


def _inside(
    store: Store,
    outer: Mapping[int, Detection],
    by_id: Mapping[str, Format],
) -> dict[int, Detection]:
    """Detect again on the bodies of wrapped lines."""
    wrappers = {name for each in outer.values() for name in each.outer[:1] if by_id[name].wrapper}
    found: dict[int, Detection] = {}
    for wrapper in sorted(wrappers):
        parts = [part for part, each in outer.items() if each.outer[:1] == (wrapper,)]
        listed = ", ".join(map(str, parts))
        bodies = envelope_sql(
            (by_id[wrapper],),
            (),
            f"(SELECT *, 1 AS line_count FROM samples WHERE part_id IN ({listed}))",
        )
        relation = (
            f"(SELECT part_id, line_no, ltrim(substr(hay, start)) AS text FROM ({bodies}) "
            f"WHERE NOT regexp_matches(substr(hay, start), {literal(f'^ ?{GOES_ON}')}))"
        )
        inner = [each for each in by_id.values() if not each.wrapper and each.id != _LAST_RESORT]
        shares = _shares(store, inner, relation, "text")
        found |= _choose(shares, _specificity(store, tuple(by_id.values()), shares), {})
    return found


def _specificity(store: Store, formats: Sequence[Format], shares: _Shares) -> dict[str, int]:
    """How many samples of other formats each format that occurs fits: fewer is more specific.

    The user's own formats are the most specific ones.
    """
    occurring = {name for _, sets in shares.values() for names in sets for name in names}
    if not occurring:
        return {}
    rows = [(each.id, sample.line) for each in formats for sample in each.samples]
    table = pa.table({"owner": [row[0] for row in rows], "text": [row[1] for row in rows]})
    store.show("format_samples", table)
    counts = ", ".join(
        f"count(*) FILTER (owner <> '{each.id}' AND {may_match_sql(each, 'text')})"
        for each in formats
        if each.id in occurring
    )
    row = store.rows(f"SELECT {counts} FROM format_samples")[0]
    store.hide("format_samples")
    found = dict(zip((each.id for each in formats if each.id in occurring), row, strict=True))
    return found | {each.id: -1 for each in formats if each.own}


def _shares(store: Store, formats: Sequence[Format], relation: str, text: str) -> _Shares:
    """Per part: the number of lines, and how many of them each set of formats fits.

    Lines that look alike (digits aside) at both ends are tested once.
    """
    store.execute(_LINE_SHAPE.format(text=text, relation=relation))
    possible = ", ".join(
        f"coalesce(bool_or({may_match_sql(each, 'text')}), false)" for each in formats
    )
    found = store.rows(f"SELECT {possible} FROM line_shape")[0]
    fitting = [each for each, fits in zip(formats, found, strict=True) if fits]
    tests = ", ".join(matches_sql(each, "text") for each in fitting) or "false"
    rows = store.rows(
        f"SELECT part_id, [{tests}] AS fits, sum(lines)::BIGINT FROM line_shape "
        "GROUP BY ALL ORDER BY ALL"
    )
    shares: _Shares = {}
    for part, fits, count in rows:
        total, sets = shares.get(part, (0, {}))
        names = frozenset(each.id for each, fit in zip(fitting, fits, strict=False) if fit)
        sets[names] = sets.get(names, 0) + count
        shares[part] = (total + count, sets)
    return shares


def _among_others(shares: _Shares, alone: Set[str]) -> _Shares:
    """The same without the formats that stand alone, where others fit a part as well."""
    found = {}
    for part, (total, sets) in shares.items():
        others = sum(count for names, count in sets.items() if names - alone)
        if others < _SECOND * total:
            found[part] = total, sets
            continue
        left: dict[frozenset[str], int] = {}
        for names, count in sets.items():
            left[names - alone] = left.get(names - alone, 0) + count
        found[part] = total, left
    return found


def _choose(
    shares: _Shares, specificity: Mapping[str, int], forced: Mapping[int, str]
) -> dict[int, Detection]:
    return {
        part: _decide(part, total, sets, specificity, forced.get(part))
        for part, (total, sets) in shares.items()
    }


def _decide(
    part: int,
    total: int,
    sets: Mapping[frozenset[str], int],
    specificity: Mapping[str, int],
    forced: str | None,
) -> Detection:
    counts = _counts(sets.items())
    ranked = sorted(
        counts,
        key=lambda name: (
            name == _LAST_RESORT, -_level(counts, name), specificity[name], -counts[name], name
        ),
    )  # fmt: skip
    candidates = tuple(Candidate(name, counts[name] / total) for name in ranked)
    if forced is not None:
        return Detection(part, (forced,), (), candidates, total, "given with --format-of")
    if not ranked:
        return Detection(part, (), (), (), total, f"no known format fits any of {total} lines")
    chosen = [*_narrower(ranked, counts, specificity, total), ranked[0]]
    for name in ranked[1:]:
        alone = sum(
            count for names, count in sets.items() if name in names and not names & {*chosen}
        )
        if alone >= max(2, _SECOND * total):
            chosen.append(name)
    return Detection(part, tuple(chosen), (), candidates, total, _reason(candidates, total))


def _narrower(
    ranked: Sequence[str], counts: Mapping[str, int], specificity: Mapping[str, int], total: int
) -> list[str]:
    """Formats of a good part of the lines of a format that fits nearly any line of its kind."""
    if ranked[0] not in _BROAD:
        return []
    return [
        name
        for name in ranked[1:]
        if counts[name] >= _PART * total and specificity[name] < specificity[ranked[0]]
    ]


def _counts(sets: Iterable[tuple[frozenset[str], int]]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for names, count in sets:
        for name in names:
            counts[name] = counts.get(name, 0) + count
    return counts


def _level(counts: Mapping[str, int], name: str) -> bool:
    """Whether a format fits about as many lines as the best one."""
    return counts[name] >= _TIE * max(counts.values())


def _reason(candidates: Sequence[Candidate], total: int) -> str:
    best = candidates[0]
    text = f"{best.format} fits {best.share:.0%} of {total} lines"
    if len(candidates) == 1:
        return f"{text}, no other format fits"
    second = candidates[1]
    tie = ", which is less specific" if second.share >= _TIE * best.share else ""
    return f"{text}; next is {second.format} with {second.share:.0%}{tie}"
