"""Format files: what they say, read and checked.

A format describes the envelope of a line (time, level, identity, rest). Reads: formats/*.toml.
Feeds: the format compiler and detection. All mistakes of all files are reported at once.
"""

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from ocpp_forensics.errors import DefinitionError, InputError, Problem, Where
from ocpp_forensics.formats.mistakes import (
    ENVELOPE_FIELDS,
    KINDS,
    group_names,
    joined_pattern,
    mistakes,
)
from ocpp_forensics.resources import data_files

__all__ = [
    "ENVELOPE_FIELDS", "KINDS", "Format", "Layout", "Sample", "format_files", "group_names",
    "known_formats", "load_formats", "merged", "read_format", "read_formats",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Layout:
    """One shape of a line: a pattern for what stands before the body, and fields it implies.

    `body` puts the body together where its parts stand all over the line: a text in which {name}
    stands for what a group has found.
    """

    pattern: str
    names: tuple[str, ...]
    time: str
    constants: tuple[tuple[str, str | int], ...] = ()
    body: str = ""


@dataclass(frozen=True, slots=True)
class Sample:
    """A line with what the format must make of it; `expect` is empty for a counter-sample."""

    line: str
    expect: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Format:
    """The envelope of one kind of log.

    `kind` is empty where the content decides the vantage point. `wrapper` formats carry lines of
    another format in their body; one with `attributes` says more itself. One that is `alone` is
    that of a file only where no other fits: else its lines go on with those before them.
    `time_is` tells whether the stamp is the end or the start of what the line describes. `keys`
    (JSON only) name the members that hold time, body and fields; a JSON format has one layout
    without a pattern. The user's `own` formats come before the package's.
    """

    id: str
    title: str
    path: str
    kind: str = ""
    type: str = "lines"
    wrapper: bool = False
    attributes: bool = False
    alone: bool = False
    time_is: str = "end"
    layouts: tuple[Layout, ...] = ()
    requires: tuple[str, ...] = ()
    keys: tuple[tuple[str, tuple[str, ...]], ...] = ()
    samples: tuple[Sample, ...] = ()
    not_samples: tuple[Sample, ...] = field(default=())
    own: bool = False
    reference: str = ""


@cache
def load_formats() -> tuple[Format, ...]:
    """All shipped formats in the order of their ids. Errors: DefinitionError with every mistake."""
    return read_formats(data_files("formats", ".toml"))


def merged(own: Iterable[Format]) -> tuple[Format, ...]:
    """The shipped formats and the user's own, of which one takes the place of its namesake."""
    known = {each.id: each for each in load_formats()}
    known |= {each.id: replace(each, own=True) for each in own}
    return tuple(known[name] for name in sorted(known))


def known_formats(folders: Iterable[Path]) -> tuple[Format, ...]:
    """The shipped formats and those in the user's folders. Errors: as `read_formats`."""
    return merged(read_formats(format_files(folders)))


def format_files(folders: Iterable[Path]) -> tuple[Path, ...]:
    """The format files in the user's folders. Errors: InputError where a folder has none."""
    paths: list[Path] = []
    for folder in folders:
        found = sorted(folder.glob("*.toml")) if folder.is_dir() else [folder]
        if not found or not found[0].exists():
            hint = "`ocppdiag formats new --from FILE` drafts one"
            message = f"no format files (*.toml) in {folder}"
            raise InputError(Problem("no-formats", message, help=hint))
        paths += found
    return tuple(paths)


def read_formats(paths: Iterable[Path]) -> tuple[Format, ...]:
    """Several format files. Errors: DefinitionError with the mistakes of all of them."""
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


def read_format(path: Path, text: str | None = None) -> Format:
    """One format file, or its text. Errors: DefinitionError with everything that is wrong."""
    try:
        text = path.read_text(encoding="utf-8") if text is None else text
        table = tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        problem = Problem("format-unreadable", f"cannot be read: {error}", Where(str(path)))
        raise DefinitionError(problem) from error
    except tomllib.TOMLDecodeError as error:
        problem = Problem("format-syntax", str(error), Where(str(path)))
        raise DefinitionError(problem) from error
    problems = tuple(mistakes(table, path, text))
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
        alone=table.get("alone", False),
        time_is=table.get("time_is", "end"),
        layouts=tuple(_layouts(table)),
        reference=table.get("reference", ""),
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
        body=entry.get("body", ""),
    )


def _sample(entry: dict[str, Any]) -> Sample:
    expected = {name: str(value) for name, value in entry.get("expect", {}).items()}
    return Sample(entry["line"], tuple(expected.items()))
