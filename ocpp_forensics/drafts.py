"""A format file drafted from a log of the user: pattern or keys, and what its samples yield.

Reads: a file of the bundle. Feeds: `ocppdiag formats new`. What is drafted is read and tried on its
own samples before it is given.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ocpp_forensics.bundle import Bundle
from ocpp_forensics.errors import NoInputError, Problem
from ocpp_forensics.formats.definition import read_format
from ocpp_forensics.formats.drafting import draft_layouts, time_kind
from ocpp_forensics.formats.samples import yields
from ocpp_forensics.ingest.attributes import aliases
from ocpp_forensics.lines import LineStats
from ocpp_forensics.records import read_records
from ocpp_forensics.store import Store

__all__ = ["draft_format", "slug"]

_LINES = 2000
_SAMPLES = 3
_LONGEST_SAMPLE = 600
_BODIES = ("message", "msg", "log", "event", "text", "body", "raw", "payload", "description")
_HEAD = """\
# Drafted by `ocppdiag formats new` from {name}. Check what the samples yield, then put the file
# into a folder of your own and say `ocppdiag analyze --formats DIR ...`. The samples are lines of
# your log: replace what must not be passed on.
id = {id}
title = {title}
# kind = "csms"  # or station, proxy, modem, os, where all such logs are of one kind
"""


def slug(name: str) -> str:
    """A name as an id: lower case, hyphens."""
    stem = name.rpartition("/")[2].partition(".")[0]
    return re.sub(r"[^a-z0-9]+", "-", stem.casefold()).strip("-") or "mine"


def draft_format(bundle: Bundle, id_: str) -> str:
    """The text of a format file for the first log of a bundle. Errors: NoInputError."""
    member = bundle.members[0]
    with bundle.open(member) as stream:
        batch = next(read_records(stream, 1, LineStats()), None)
    lines: list[str] = [] if batch is None else batch["text"].slice(0, _LINES).to_pylist()
    head = _HEAD.format(
        name=member.path, id=_quoted(id_), title=_quoted(f"{id_}, a format of our own")
    )
    objects = list(_objects(lines))
    text = _json(objects) if len(objects) > 0.8 * len(lines) else _layouts(lines)
    if not text:
        message = f"no time was found in the first {len(lines)} lines of {member.path}"
        hint = "give a log whose lines carry a date or a time of day"
        raise NoInputError(Problem("no-time", message, help=hint))
    return _with_yields(head + text, id_)


def _objects(lines: Sequence[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    for line in lines:
        if line.startswith("{"):
            try:
                found = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(found, dict):
                yield line, found


def _quoted(text: str) -> str:
    """A text as TOML has it."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _layouts(lines: Sequence[str]) -> str:
    made = draft_layouts(lines)
    text = "".join(
        f"\n[[layout]]\ntime = {_quoted(each.time)}\npattern = '''{each.pattern}'''\n"
        for each in made
    )
    samples = [line for each in made for line in _various(each.lines)]
    return text + _sample_tables(samples) if made else ""


def _various(lines: Sequence[str]) -> list[str]:
    """A few lines that differ in more than their numbers, the short ones first."""
    shapes: dict[str, str] = {}
    for line in lines:
        if len(line) <= _LONGEST_SAMPLE:
            shapes.setdefault(re.sub(r"\W|\d", "", line)[:60], line)
    return list(shapes.values())[:_SAMPLES] or [lines[0]]


def _sample_tables(lines: Sequence[str]) -> str:
    return "".join(f"\n[[sample]]\nline = {_quoted(line)}\n" for line in lines)


def _json(objects: Sequence[tuple[str, dict[str, Any]]]) -> str:
    """Keys for lines of JSON: the member with the time, the one with the words, and who it was."""
    values: dict[str, list[str]] = {}
    for _, members in objects:
        for name, value in _flat(members, ""):
            values.setdefault(name, []).append(value)
    common = {name: found for name, found in values.items() if len(found) > 0.8 * len(objects)}
    times = [name for name, found in values.items() if time_kind(found)]
    timed = sum(any(name in dict(_flat(members, "")) for name in times) for _, members in objects)
    if timed <= 0.8 * len(objects):
        return ""
    texts = [name for name in values if name not in times]
    body = next((name for known in _BODIES for name in texts if name.casefold() == known), None)
    body = body or max(texts, key=lambda name: sum(map(len, values[name])), default=times[0])
    station = _named("station", common)
    keys = {"ts": times, "body": [body], "station": [station] if station else []}
    required = ["|".join(times), *([body] if body in common else [])]
    lines = [
        f"{name} = [{', '.join(map(_quoted, names))}]" for name, names in keys.items() if names
    ]
    head = f'type = "json"\nrequires = {json.dumps(required)}\n\n[keys]\n'
    return head + "\n".join(lines) + "\n" + _sample_tables(_various([line for line, _ in objects]))


def _flat(members: Mapping[str, Any], place: str) -> Iterator[tuple[str, str]]:
    """The members with a plain value, those of inner objects as outer.inner."""
    for name, value in members.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{place}{name}.")
        elif not isinstance(value, list) and value is not None and '"' not in name:
            yield place + name, str(value)


def _named(field: str, members: Mapping[str, object]) -> str | None:
    """The member that attributes.toml knows as a field."""
    known = [re.sub(r"[^a-z0-9]", "", name) for name in aliases()[field]]
    return next((name for name in members if re.sub(r"\W|_", "", name.casefold()) in known), None)


def _with_yields(text: str, id_: str) -> str:
    """The draft with what each sample yields."""
    format_ = read_format(Path(f"{id_}.toml"), text)
    with Store() as store:
        found = yields(store, format_)
    head, *samples = text.split("\n[[sample]]\n")
    expected = [
        "expect = { "
        + ", ".join(f"{name} = {_quoted(value)}" for name, value in each.items())
        + " }\n"
        for each in found
    ]
    return "\n[[sample]]\n".join([
        head,
        *(one.rstrip("\n") + "\n" + two for one, two in zip(samples, expected, strict=True)),
    ])
