"""What can be wrong with a format file, each mistake with its place and how to mend it.

Reads: the table of a format file and its text. Feeds: format definitions.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ocpp_forensics.errors import Problem, Where
from ocpp_forensics.formats.timestamps import TIME_KINDS
from ocpp_forensics.vocabulary import actions

__all__ = ["ENVELOPE_FIELDS", "KINDS", "group_names", "holes", "joined_pattern", "mistakes"]

KINDS = ("csms", "station", "modem", "proxy", "os", "check", "config")
"""The vantage points a source can have."""

ENVELOPE_FIELDS = (
    "ts", "zone", "body", "level", "logger", "program", "host", "station", "session_key",
    "client_address", "client_port", "direction_mark",
)  # fmt: skip
"""What a layout may take out of a line; everything else is found in the body."""

_TYPES = ("lines", "json", "logfmt")
_SHAPES: Mapping[str, type] = {
    "id": str, "title": str, "kind": str, "type": str, "wrapper": bool, "alone": bool,
    "attributes": bool,
    "time": str, "time_is": str, "layout": list, "sample": list, "not_sample": list,
    "requires": list, "keys": dict, "reference": str, "set": dict,
}  # fmt: skip
_LAYOUT_SHAPES: Mapping[str, type] = {"pattern": str, "time": str, "set": dict, "body": str}
_SAMPLE_SHAPES: Mapping[str, type] = {"line": str, "expect": dict}
_ENTRIES = {"layout": _LAYOUT_SHAPES, "sample": _SAMPLE_SHAPES, "not_sample": _SAMPLE_SHAPES}
_WORDS = {str: "a text", bool: "true or false", list: "a list", dict: "a table"}
_NOT_IN_RE2 = re.compile(r"(?<!\\)\(\?(?:=|!|<=|<!)|(?<!\\)\\[1-9]")
_HOLE = re.compile(r"\{(\w+)\}")


def joined_pattern(text: str) -> str:
    """A pattern written over several lines as one: indentation and line ends mean nothing."""
    return "".join(line.strip() for line in text.splitlines())


def group_names(pattern: str) -> tuple[str, ...]:
    """The names of the groups of a pattern in the order in which they stand."""
    groups = re.compile(pattern).groupindex
    return tuple(sorted(groups, key=groups.__getitem__))


def holes(body: str) -> tuple[str, ...]:
    """The names of the groups that a body is put together from."""
    return tuple(_HOLE.findall(body))


def mistakes(table: dict[str, Any], path: Path, text: str) -> Iterator[Problem]:
    """Everything that is wrong with a format file."""
    file = _File(path, text)
    wrong = tuple(_shapes(table, file))
    yield from wrong or _contents(table, file)


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    text: str

    def problem(self, code: str, message: str, quote: str = "", hint: str | None = None) -> Problem:
        """A problem at the first line that holds the quote."""
        wanted = quote.strip()
        for number, line in enumerate(self.text.splitlines(), start=1):
            if wanted and wanted in line:
                place = Where(str(self.path), number, line.index(wanted) + 1, len(wanted), line)
                return Problem(code, message, place, hint)
        return Problem(code, message, Where(str(self.path)), hint)


def _shapes(table: dict[str, Any], file: _File) -> Iterator[Problem]:
    """Values of the wrong type: nothing else can be judged before they are right."""
    yield from _typed(table, _SHAPES, "", file)
    for name, shapes in _ENTRIES.items():
        entries = table.get(name, ())
        for entry in entries if isinstance(entries, list) else ():
            yield from _entry(entry, shapes, name, file)
    keys = table.get("keys")
    for name, names in keys.items() if isinstance(keys, dict) else ():
        if not isinstance(names, list) or not all(isinstance(each, str) for each in names):
            yield file.problem("format-shape", f"'{name}' must be a list of members", name)


def _entry(entry: object, shapes: Mapping[str, type], name: str, file: _File) -> Iterator[Problem]:
    if not isinstance(entry, dict):
        yield file.problem("format-shape", f"write [[{name}]], each a table", name)
        return
    yield from _typed(entry, shapes, f" in [[{name}]]", file)
    needed = next(iter(shapes))
    if needed not in entry:
        yield file.problem("format-shape", f"a [[{name}]] needs '{needed}'", name)


def _typed(
    entry: dict[str, Any], shapes: Mapping[str, type], place: str, file: _File
) -> Iterator[Problem]:
    hint = f"known keys: {', '.join(sorted(shapes))}"
    for name, value in sorted(entry.items()):
        if name not in shapes:
            yield file.problem("format-key", f"unknown key '{name}'{place}", name, hint)
        elif not isinstance(value, shapes[name]):
            message = f"'{name}'{place} must be {_WORDS[shapes[name]]}"
            yield file.problem("format-shape", message, name)


def _contents(table: dict[str, Any], file: _File) -> Iterator[Problem]:
    type_ = table.get("type", "lines")
    kinds = f"kind must be one of {', '.join(KINDS)}"
    name = f"id must be the name of the file, '{file.path.stem}'"
    checks = (
        (table.get("id") == file.path.stem, "format-id", name, "id"),
        ("title" in table, "format-shape", "a format needs a title", ""),
        (type_ in _TYPES, "format-type", f"type must be one of {', '.join(_TYPES)}", "type"),
        (table.get("kind", "") in ("", *KINDS), "format-kind", kinds, "kind"),
        (table.get("sample"), "format-sample", "a format needs at least one [[sample]]", ""),
        (
            type_ != "lines" or table.get("layout"),
            *("format-layout", "a format of lines needs at least one [[layout]]", ""),
        ),
        (
            type_ != "json" or "body" in table.get("keys", {}),
            *("format-shape", "[keys] must say which member is the body", "keys"),
        ),
        (
            type_ == "json" or "set" not in table,
            *("format-key", "'set' belongs into a [[layout]] here", "set"),
        ),
    )
    yield from (
        file.problem(code, message, quote) for holds, code, message, quote in checks if not holds
    )
    for entry in table.get("layout", ()):
        yield from _layout_mistakes(entry, table, file)


def _layout_mistakes(
    entry: dict[str, Any], table: dict[str, Any], file: _File
) -> Iterator[Problem]:
    pattern = entry["pattern"]
    quote = pattern.strip().splitlines()[0] if pattern.strip() else "layout"
    kind = entry.get("time", table.get("time", "none"))
    if kind not in TIME_KINDS:
        hint = f"kinds of time: {', '.join(TIME_KINDS)}"
        yield file.problem("format-time", f"unknown kind of time '{kind}'", quote, hint)
    try:
        compiled = re.compile(joined_pattern(pattern))
    except re.error as error:
        yield file.problem("format-pattern", f"not a regular expression: {error}", quote)
        return
    if _NOT_IN_RE2.search(pattern):
        what = "patterns have no look-ahead, look-behind or back-reference (they run in RE2)"
        yield file.problem("format-pattern", what, quote)
    if compiled.groups != len(compiled.groupindex):
        hint = "write (?:...) or (?P<name>...)"
        yield file.problem("format-group", "every group needs a name", quote, hint)
    yield from _field_mistakes(entry, set(compiled.groupindex), file)


def _field_mistakes(entry: dict[str, Any], groups: set[str], file: _File) -> Iterator[Problem]:
    body = entry.get("body", "")
    parts = set(holes(body))
    for name in sorted(parts - groups):
        yield file.problem("format-field", f"no group is called '{name}'", body)
    named = {*groups, *entry.get("set", {})} - parts
    for name in sorted(named - {*ENVELOPE_FIELDS, "action"}):
        hint = f"fields: {', '.join(ENVELOPE_FIELDS)}; others only where `body` holds them"
        yield file.problem("format-field", f"unknown field '{name}'", f"<{name}>", hint)
    action = entry.get("set", {}).get("action")
    if action is not None and action not in actions():
        yield file.problem("format-action", f"unknown action '{action}'", str(action))
