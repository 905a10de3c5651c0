"""Check files: how the output of a command is recognised, and which facts its lines tell.

Reads: checks/*.toml. Feeds: the reading of documents. All mistakes of all files are told.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ocpp_forensics.dsl.catalogue import facts
from ocpp_forensics.errors import DefinitionError, Problem, Where
from ocpp_forensics.resources import data_files

__all__ = ["CONTEXT", "Check", "Rule", "Sample", "load_checks", "read_check_file"]

CONTEXT = ("host", "valid_from", "valid_to")
"""Groups of a rule that are no facts: the host that is spoken of, and when something holds."""

_READERS = ("rules", "apache", "haproxy", "nginx")
_SCOPES = ("station", "host", "path", "fleet")
_KINDS = ("check", "config")


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern over the whole text; its groups, and `told`, are facts.

    `before` and `after` are facts that hold before `valid_from` and from `valid_to` on. `once`:
    only the first place of each output counts; `greatest`: only that with the greatest number.
    """

    pattern: re.Pattern[str]
    told: Mapping[str, str]
    before: Mapping[str, str]
    after: Mapping[str, str]
    once: bool
    greatest: bool


@dataclass(frozen=True, slots=True)
class Sample:
    """A text, and the facts in it: key, value, line."""

    text: str
    expect: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True)
class Check:
    """One kind of document: every one of its signs is found in it.

    `timed`: its lines may begin with a time, as those of logs do. `begin` is where the output of
    the next command in the same file begins; `note` is what its sender is told.
    """

    id: str
    title: str
    kind: str
    reader: str
    scope: str
    signs: tuple[re.Pattern[str], ...]
    begin: re.Pattern[str] | None
    timed: bool
    note: str | None
    rules: tuple[Rule, ...]
    samples: tuple[Sample, ...]


@cache
def load_checks() -> tuple[Check, ...]:
    """All shipped checks in the order of their ids. Errors: DefinitionError with every mistake."""
    found: list[Check] = []
    problems: list[Problem] = []
    for path in data_files("checks", ".toml"):
        try:
            found.append(read_check_file(path))
        except DefinitionError as error:
            problems.extend(error.problems)
    if problems:
        raise DefinitionError(problems)
    return tuple(found)


def read_check_file(path: Path) -> Check:
    """One check file. Errors: DefinitionError with everything that is wrong with it."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise DefinitionError(Problem("check-syntax", str(error), Where(str(path)))) from error
    problems = [Problem(code, text, Where(str(path))) for code, text in _mistakes(table)]
    if problems:
        raise DefinitionError(problems)
    begin = table.get("begin")
    return Check(
        id=table["id"],
        title=table["title"],
        kind=table["kind"],
        reader=table.get("reader", "rules"),
        scope=table["scope"],
        signs=tuple(_compiled(sign) for sign in table["signs"]),
        begin=_compiled(begin) if begin else None,
        timed=table.get("timed", False),
        note=table.get("note"),
        rules=tuple(_rule(entry) for entry in table.get("rule", ())),
        samples=tuple(_sample(entry) for entry in table.get("sample", ())),
    )


def _rule(entry: dict[str, Any]) -> Rule:
    return Rule(
        pattern=_compiled(entry["pattern"]),
        told=entry.get("set", {}),
        before=entry.get("before", {}),
        after=entry.get("after", {}),
        once=entry.get("once", False),
        greatest=entry.get("greatest", False),
    )


def _sample(entry: dict[str, Any]) -> Sample:
    expected = tuple((str(key), str(value), int(line)) for key, value, line in entry["expect"])
    return Sample(entry["text"], expected)


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern.strip(), re.MULTILINE)


def _mistakes(table: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name in ("id", "title", "kind", "scope", "signs", "sample"):
        if not table.get(name):
            yield "check-incomplete", f"'{name}' is missing"
    for name, known in (("kind", _KINDS), ("scope", _SCOPES), ("reader", _READERS)):
        if table.get(name, known[0]) not in known:
            yield "check-word", f"'{table[name]}' is no {name}: {', '.join(known)}"
    patterns = [*table.get("signs", ()), table.get("begin", "")]
    for pattern in patterns:
        yield from _pattern_mistakes(pattern)
    for entry in table.get("rule", ()):
        yield from _pattern_mistakes(entry["pattern"])
        for part in ("set", "before", "after"):
            yield from _unknown(entry.get(part, {}))


def _pattern_mistakes(pattern: str) -> Iterator[tuple[str, str]]:
    try:
        groups = _compiled(pattern).groupindex
    except re.error as error:
        yield "check-pattern", f"not a regular expression: {error}: {pattern.strip()}"
        return
    yield from _unknown(name for name in groups if name not in CONTEXT)


def _unknown(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    for name in names:
        if name not in facts():
            yield "check-fact", f"'{name}' is no fact of dsl/streams.toml"
