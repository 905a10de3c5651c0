"""What the user knows better than the logs: options of the command line and of bundle.toml.

Reads: texts such as GLOB=ZONE, bundle.toml, the paths of the bundle. Feeds: Options. All mistakes
are reported at once; what the command line says wins.
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ocpp_forensics.bundle import Bundle, rotation_groups
from ocpp_forensics.clock.zones import read_zone, zone_names
from ocpp_forensics.dsl.catalogue import facts
from ocpp_forensics.dsl.complaints import suggestion
from ocpp_forensics.errors import InputError, Problem, Where
from ocpp_forensics.formats.definition import Format, merged
from ocpp_forensics.model import StationReport, Warn
from ocpp_forensics.own_formats import (
    LogFormat,
    format_members,
    from_bundle,
    from_folders,
    from_strings,
    take_apart,
)
from ocpp_forensics.sources import SETTINGS, matching
from ocpp_forensics.timeline import Options

__all__ = ["SETTING_NAMES", "read_options", "unused_links"]

SETTING_NAMES = {
    "tz": "GLOB=ZONE", "format-of": "GLOB=FORMAT", "station-of": "GLOB=STATION",
    "link": "STATION=LINK", "formats": "DIR", "log-format": "[GLOB=]SERVER:STRING",
}  # fmt: skip
"""The settings by name, with what is written on the command line."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """One thing that was said: for which files or station, what, and where it was said."""

    name: str
    key: str
    value: str
    where: Where


def read_options(
    given: Mapping[str, Sequence[str] | None], bundle: Bundle, *, keep_text: bool = False
) -> Options:
    """The options for a bundle; `given` are texts KEY=VALUE by name of the setting.

    Errors: InputError with everything that is wrong on the command line and in bundle.toml.
    """
    problems: list[Problem] = []
    every = [*_from_command_line(given, problems), *_from_files(bundle, problems)]
    own, forced, left_out = _own_formats(every, bundle, problems)
    entries = [each for each in every if each.name not in _OWN]
    entries += [_Entry("format-of", glob, name, _of(every, glob)) for glob, name in forced.items()]
    paths = [member.path for member in bundle.members]
    paths += [path for path, _ in rotation_groups(tuple(paths))]
    for entry in entries:
        problems.extend(_mistakes(entry, paths, [each.id for each in merged(own)]))
    if problems:
        raise InputError(problems)
    said: dict[str, dict[str, str]] = {name: {} for name in SETTING_NAMES}
    for entry in entries:
        said[entry.name].setdefault(entry.key, entry.value)
    zones = {glob: read_zone(zone) for glob, zone in said["tz"].items()}
    return Options(
        formats=said["format-of"],
        stations=said["station-of"],
        zones={glob: zone for glob, zone in zones.items() if zone is not None},
        links=said["link"],
        keep_text=keep_text,
        own_formats=own,
        left_out=left_out,
    )


def _own_formats(
    entries: Sequence[_Entry], bundle: Bundle, problems: list[Problem]
) -> tuple[tuple[Format, ...], dict[str, str], frozenset[str]]:
    """The user's own formats, the globs some are meant for, and files of the bundle they are in."""
    folders = [each for each in entries if each.name == "formats"]
    inside = [each.key for each in folders if each.value]
    outside = [each.key for each in folders if not each.value]
    strings = [LogFormat(e.key, e.value, e.where) for e in entries if e.name == "log-format"]
    made, forced = from_strings(strings, problems)
    formats = [*made, *from_folders(outside, problems)]
    for folder in inside:
        formats += from_bundle(bundle, folder, problems)
    left_out = {path for folder in inside for path in format_members(bundle, folder)}
    return tuple(formats), forced, frozenset(left_out)


def _of(entries: Iterable[_Entry], glob: str) -> Where:
    return next(each.where for each in entries if each.name == "log-format" and each.key == glob)


def _from_command_line(
    given: Mapping[str, Sequence[str] | None], problems: list[Problem]
) -> Iterator[_Entry]:
    for name, texts in given.items():
        for text in texts or ():
            where = Where(f"--{name} {text}")
            if name in _OWN:
                yield _own_entry(name, text, "", where)
                continue
            key, equals, value = text.rpartition("=")
            if equals and key and value:
                yield _Entry(name, key, value, where)
            else:
                message = f"'{text}' is not {SETTING_NAMES[name]}"
                problems.append(Problem("option-shape", message, where, _EXAMPLES[name]))


_OWN = ("formats", "log-format")
"""Settings that bring formats; they are said as a text, or several, in bundle.toml as well."""


def _own_entry(name: str, text: str, folder: str, where: Where) -> _Entry:
    """One of them; `folder` is where the bundle.toml stands that says it, if one does."""
    if name == "log-format":
        return _Entry(name, *take_apart(text), where)
    return _Entry(name, f"{folder}{text.rstrip('/')}", folder and "in the bundle", where)


_EXAMPLES = {
    "tz": "for example --tz 'csms*.log=Europe/Berlin' or --tz '*=+02:00'",
    "format-of": "for example --format-of 'gateway.log=json-lines'",
    "station-of": "for example --station-of 'modem.log=CP001'",
    "link": "for example --link CP001=cellular",
}


def _from_files(bundle: Bundle, problems: list[Problem]) -> Iterator[_Entry]:
    for member in bundle.members:
        if member.path.rpartition("/")[2] == SETTINGS:
            with bundle.open(member) as file:
                text = file.read().decode("utf-8", errors="replace")
            yield from _from_toml(text, member.path, problems)


def _from_toml(text: str, path: str, problems: list[Problem]) -> Iterator[_Entry]:
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+), column (\d+)", str(error))
        place = (int(found[1]), int(found[2])) if found else (None, None)
        problems.append(Problem("settings-syntax", str(error), Where(path, *place)))
        return
    for name, table in tables.items():
        where = _place(text, path, name)
        said = _own_texts(name, table)
        if said is not None:
            folder = f"./{path.rpartition('/')[0]}/".replace("//", "/")
            yield from (_own_entry(name, each, folder, where) for each in said)
            continue
        if name not in SETTING_NAMES:
            hint = suggestion(name, SETTING_NAMES) or f"allowed: {', '.join(SETTING_NAMES)}"
            problems.append(Problem("settings-key", f"unknown key '{name}'", where, hint))
        elif not isinstance(table, dict) or not all(isinstance(v, str) for v in table.values()):
            hint = f'write [{name}] and below it lines such as "modem.log" = "..."'
            problems.append(
                Problem("settings-value", f"'{name}' must be a table of texts", where, hint)
            )
        else:
            for key, value in table.items():
                yield _Entry(name, key, value, _place(text, path, key))


def _own_texts(name: str, value: object) -> list[str] | None:
    """What a setting that brings formats says, None for another one or none of that shape."""
    if name not in _OWN:
        return None
    if name == "log-format" and isinstance(value, dict):
        value = [f"{glob}={text}" for glob, text in value.items()]
    if isinstance(value, str):
        return [value]
    if not isinstance(value, list):
        return None
    texts = [each for each in value if isinstance(each, str)]
    return texts if len(texts) == len(value) else None


def _place(text: str, path: str, word: str) -> Where:
    for number, line in enumerate(text.splitlines(), 1):
        if word in line:
            return Where(path, number, line.index(word) + 1, len(word), line)
    return Where(path)


def _mistakes(entry: _Entry, paths: Sequence[str], formats: Sequence[str]) -> Iterator[Problem]:
    if entry.name != "link" and not any(matching(path, {entry.key: True}) for path in paths):
        message = f"no file of the bundle fits '{entry.key}'"
        files = [*(path.rpartition("/")[2] for path in paths), *paths]
        hint = suggestion(entry.key, files) or f"files: {', '.join(paths[:8])}"
        yield Problem("option-glob", message, entry.where, hint)
    what, known, is_known = _CHECKS.get(entry.name, _NO_CHECK)
    if entry.name == "format-of":
        known, is_known = (lambda: formats), formats.__contains__
    if not is_known(entry.value):
        names = list(known())
        listed = f"known: {', '.join(names)}" if len(names) < 40 else _EXAMPLES[entry.name]
        hint = suggestion(entry.value, names) or listed
        yield Problem(f"option-{what}", f"unknown {what} '{entry.value}'", entry.where, hint)


def _links() -> Iterable[str]:
    return facts()["link"].values


_Check = tuple[str, Callable[[], Iterable[str]], Callable[[str], Any]]
_NO_CHECK: _Check = ("value", list, bool)
_CHECKS: dict[str, _Check] = {
    "tz": ("zone", zone_names, lambda value: read_zone(value) is not None),
    "format-of": ("format", list, bool),
    "link": ("link", _links, lambda value: value in _links()),
}


def unused_links(options: Options, stations: Iterable[StationReport]) -> Iterator[Warn]:
    """Links that were given for stations that no log names."""
    known = {station.id for station in stations}
    for station in options.links:
        if station not in known:
            message = f"a link is given for station {station}, which no log names"
            yield Warn("link-unused", message, None)
