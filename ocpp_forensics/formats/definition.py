"""Format files: what they say, read and checked.

A format describes the envelope of a line (time, level, identity, rest). Reads: formats/*.toml.
Feeds: the format compiler and detection. All mistakes of all files are reported at once.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

from ocpp_forensics.errors import DefinitionError, Problem, Where
from ocpp_forensics.formats.timestamps import TIME_KINDS
from ocpp_forensics.resources import data_files
from ocpp_forensics.vocabulary import actions

__all__ = ["ENVELOPE_FIELDS", "KINDS", "Format", "Layout", "Sample", "load_formats", "read_format"]

KINDS = ("csms", "station", "modem", "proxy", "os", "check", "config")
"""The vantage points a source can have."""

ENVELOPE_FIELDS = (
    "ts", "zone", "body", "level", "logger", "program", "host", "station", "session_key",
    "client_address", "client_port", "direction_mark",
)  # fmt: skip
"""What a layout may take out of a line; everything else is found in the body."""

_TYPES = ("lines", "json", "logfmt")
_KEYS = {
    "id", "title", "kind", "type", "wrapper", "time", "time_is", "layout", "sample",
    "not_sample", "requires", "keys", "reference", "set", "attributes",
}  # fmt: skip
_LAYOUT_KEYS = {"pattern", "time", "set"}


@dataclass(frozen=True, slots=True)
class Layout:
    """One shape of a line: a pattern for what stands before the body, and fields it implies."""

    pattern: str
    names: tuple[str, ...]
    time: str
    constants: tuple[tuple[str, str | int], ...] = ()


@dataclass(frozen=True, slots=True)
class Sample:
    """A line with what the format must make of it; `expect` is empty for a counter-sample."""

    line: str
    expect: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Format:
    """The envelope of one kind of log.

    `kind` is empty where the content decides the vantage point. `wrapper` formats carry lines of
    another format in their body; one with `attributes` says more itself. `time_is` tells whether
    the stamp is the end or the start of what the line describes. `keys` (JSON only) name the
    members that hold time, body and fields; a JSON format has one layout without a pattern.
    """

    id: str
    title: str
    path: str
    kind: str = ""
    type: str = "lines"
    wrapper: bool = False
    attributes: bool = False
    time_is: str = "end"
    layouts: tuple[Layout, ...] = ()
    requires: tuple[str, ...] = ()
    keys: tuple[tuple[str, tuple[str, ...]], ...] = ()
    samples: tuple[Sample, ...] = ()
    not_samples: tuple[Sample, ...] = field(default=())


@cache
def load_formats() -> tuple[Format, ...]:
    """All shipped formats in the order of their ids. Errors: DefinitionError with every mistake."""
    return _collect(data_files("formats", ".toml"))


def _collect(paths: Iterable[Path]) -> tuple[Format, ...]:
    formats: list[Format] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            formats.append(read_format(path))
        except DefinitionError as error:
            problems.extend(error.problems)
    if problems:
        raise DefinitionError(problems)
    return tuple(formats)


def read_format(path: Path) -> Format:
    """One format file. Errors: DefinitionError with everything that is wrong with it."""
    text = path.read_text(encoding="utf-8")
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        problem = Problem("format-syntax", str(error), Where(str(path)))
        raise DefinitionError(problem) from error
    problems = tuple(_mistakes(table, path, text))
    if problems:
        raise DefinitionError(problems)
    return _build(table, path)


def _build(table: dict[str, Any], path: Path) -> Format:
    return Format(
        id=table["id"],
        title=table["title"],
        path=str(path),
        kind=table.get("kind", ""),
        type=table.get("type", "lines"),
        wrapper=table.get("wrapper", False),
        attributes=table.get("attributes", False),
        time_is=table.get("time_is", "end"),
        layouts=tuple(_layouts(table)),
        requires=tuple(table.get("requires", ())),
        keys=tuple((name, tuple(paths)) for name, paths in table.get("keys", {}).items()),
        samples=tuple(_sample(entry) for entry in table.get("sample", ())),
        not_samples=tuple(_sample(entry) for entry in table.get("not_sample", ())),
    )


def _layouts(table: dict[str, Any]) -> Iterator[Layout]:
    if table.get("type") == "json":
        yield Layout("", (), "auto", tuple(table.get("set", {}).items()))
    yield from (_layout(entry, table) for entry in table.get("layout", ()))


def _layout(entry: dict[str, Any], table: dict[str, Any]) -> Layout:
    pattern = joined_pattern(entry["pattern"])
    return Layout(
        pattern=pattern,
        names=group_names(pattern),
        time=entry.get("time", table.get("time", "none")),
        constants=tuple(entry.get("set", {}).items()),
    )


def _sample(entry: dict[str, Any]) -> Sample:
    expected = {name: str(value) for name, value in entry.get("expect", {}).items()}
    return Sample(entry["line"], tuple(expected.items()))


def joined_pattern(text: str) -> str:
    """A pattern written over several lines as one: indentation and line ends mean nothing."""
    return "".join(line.strip() for line in text.splitlines())


def group_names(pattern: str) -> tuple[str, ...]:
    """The names of the groups of a pattern in the order in which they stand."""
    groups = re.compile(pattern).groupindex
    return tuple(sorted(groups, key=groups.__getitem__))


def _mistakes(table: dict[str, Any], path: Path, text: str) -> Iterator[Problem]:
    def problem(code: str, message: str, quote: str = "", hint: str | None = None) -> Problem:
        return Problem(code, message, _where(path, text, quote), hint)

    type_ = table.get("type", "lines")
    if table.get("id") != path.stem:
        yield problem("format-id", f"id must be the name of the file, '{path.stem}'", "id")
    hint = f"known keys: {', '.join(sorted(_KEYS))}"
    unknown = sorted(set(table) - _KEYS)
    yield from (problem("format-key", f"unknown key '{name}'", name, hint) for name in unknown)
    if type_ not in _TYPES:
        yield problem("format-type", f"type must be one of {', '.join(_TYPES)}", "type")
    if table.get("kind", "") not in ("", *KINDS):
        yield problem("format-kind", f"kind must be one of {', '.join(KINDS)}", "kind")
    if not table.get("sample"):
        yield problem("format-sample", "a format needs at least one [[sample]]")
    if type_ == "lines" and not table.get("layout"):
        yield problem("format-layout", "a format of lines needs at least one [[layout]]")
    if type_ != "json" and "set" in table:
        yield problem("format-key", "'set' belongs into a [[layout]] here", "set")
    layouts = table.get("layout", ())
    yield from chain(*(_layout_mistakes(entry, table, path, text) for entry in layouts))


def _layout_mistakes(
    entry: dict[str, Any], table: dict[str, Any], path: Path, text: str
) -> Iterator[Problem]:
    pattern = entry.get("pattern", "")
    where = _where(path, text, pattern.strip().splitlines()[0] if pattern.strip() else "layout")
    for name in sorted(set(entry) - _LAYOUT_KEYS):
        yield Problem("format-key", f"unknown key '{name}' in [[layout]]", where)
    kind = entry.get("time", table.get("time", "none"))
    if kind not in TIME_KINDS:
        hint = f"kinds of time: {', '.join(TIME_KINDS)}"
        yield Problem("format-time", f"unknown kind of time '{kind}'", where, hint)
    try:
        compiled = re.compile(joined_pattern(pattern))
    except re.error as error:
        yield Problem("format-pattern", f"not a regular expression: {error}", where)
        return
    if compiled.groups != len(compiled.groupindex):
        yield Problem(
            "format-group", "every group needs a name", where, "write (?:...) or (?P<name>...)"
        )
    named = {*compiled.groupindex, *entry.get("set", {})}
    for name in sorted(named - {*ENVELOPE_FIELDS, "action"}):
        hint = f"fields: {', '.join(ENVELOPE_FIELDS)}"
        yield Problem("format-field", f"unknown field '{name}'", where, hint)
    action = entry.get("set", {}).get("action")
    if action is not None and action not in actions():
        yield Problem("format-action", f"unknown action '{action}'", where)


def _where(path: Path, text: str, quote: str) -> Where:
    for number, line in enumerate(text.splitlines(), start=1):
        if quote and quote.strip() in line:
            column = line.index(quote.strip()) + 1
            return Where(str(path), number, column, len(quote.strip()), line)
    return Where(str(path))
