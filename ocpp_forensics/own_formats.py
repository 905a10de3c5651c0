"""Formats that the user brings: folders of format files, and log formats as servers configure them.

Reads: folders, files of the bundle, texts such as nginx:'$remote_addr ...'. Feeds: settings.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ocpp_forensics.bundle import Bundle
from ocpp_forensics.errors import DefinitionError, OcppdiagError, Problem, Where
from ocpp_forensics.formats.definition import Format, format_files, read_format, read_formats
from ocpp_forensics.formats.logformat import SERVERS, compile_log_format

__all__ = [
    "LogFormat",
    "format_members",
    "from_bundle",
    "from_folders",
    "from_strings",
    "take_apart",
]


@dataclass(frozen=True, slots=True)
class LogFormat:
    """A log format as a server's configuration has it, for files that fit a glob (or for any)."""

    glob: str
    text: str
    where: Where


def take_apart(text: str) -> tuple[str, str]:
    """The glob (`*` where none is given) and the rest of [GLOB=]SERVER:STRING."""
    servers = "|".join(SERVERS)
    found = re.match(rf"(?P<glob>[^=]+)=(?=(?:{servers}):)", text)
    return (found["glob"], text[found.end() :]) if found else ("*", text)


def from_folders(folders: Iterable[str], problems: list[Problem]) -> tuple[Format, ...]:
    """The formats in folders of the user; what is wrong with them goes to `problems`."""
    try:
        return read_formats(format_files(map(Path, folders)))
    except OcppdiagError as error:
        problems.extend(error.problems)
        return ()


def format_members(bundle: Bundle, folder: str) -> tuple[str, ...]:
    """The paths of the format files in a folder of the bundle."""
    wanted = PurePosixPath(folder)
    return tuple(
        member.path
        for member in bundle.members
        if PurePosixPath(member.path).parent == wanted and member.path.endswith(".toml")
    )


def from_bundle(bundle: Bundle, folder: str, problems: list[Problem]) -> tuple[Format, ...]:
    """The formats in a folder of the bundle; what is wrong with them goes to `problems`."""
    formats: list[Format] = []
    paths = set(format_members(bundle, folder))
    for member in bundle.members:
        if member.path in paths:
            with bundle.open(member) as file:
                text = file.read().decode("utf-8", errors="replace")
            try:
                formats.append(read_format(Path(member.path), text))
            except DefinitionError as error:
                problems.extend(error.problems)
    return tuple(formats)


def from_strings(
    given: Iterable[LogFormat], problems: list[Problem]
) -> tuple[tuple[Format, ...], dict[str, str]]:
    """The formats that log format strings make, and those that are meant for certain files."""
    formats: list[Format] = []
    forced: dict[str, str] = {}
    for number, each in enumerate(given, 1):
        try:
            made = compile_log_format(each.text, number, each.where)
        except DefinitionError as error:
            problems.extend(error.problems)
            continue
        formats.append(made)
        if each.glob != "*":
            forced[each.glob] = made.id
    return tuple(formats), forced
