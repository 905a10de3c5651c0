"""Messages whose parts stand in members or columns of their own, put together as OCPP-J frames.

Reads: lines of JSON, columns.toml. Feeds: reading of records, tables. What the parts of a file are
called is learned from its first lines: a member that names an OCPP action beside one with a type of
message or an object as payload.
"""

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from ocpp_forensics.ocpp import FROM_STATION, TO_STATION
from ocpp_forensics.resources import read_text

__all__ = [
    "CALL", "MessageParts", "find_parts", "frame_of", "known_action", "plain_name", "roles",
    "type_of",
]  # fmt: skip

_ACTIONS = frozenset((*FROM_STATION, *TO_STATION, "DataTransfer"))
_TYPES = {
    "2": 2, "call": 2, "request": 2, "req": 2,
    "3": 3, "callresult": 3, "response": 3, "result": 3, "conf": 3, "confirmation": 3,
    "4": 4, "callerror": 4, "error": 4,
}  # fmt: skip
_FRAME = re.compile(r'\[\s*[2-6]\s*,\s*\\+"')
"""A frame as text in a member: it needs no putting together."""
_SAID = re.compile(r"(?:\.?(req|conf)|(Request|Response|Confirmation))$")

_PARTS = ("action", "id", "type", "payload", "error")
_MOST_ASKED = 100_000
_DEEPEST = 3

CALL, RESULT, ERROR = 2, 3, 4

_Path = tuple[str, ...]


@cache
def roles() -> dict[str, list[str]]:
    """The names of columns and members by what they hold."""
    return tomllib.loads(read_text("columns.toml"))


def plain_name(name: str) -> str:
    """The name of a column or member as columns.toml has it."""
    return re.sub(r"[^a-z0-9@]", "", name.casefold())


def known_action(text: str) -> str | None:
    """The OCPP action that a text names: 'Heartbeat' for 'HeartbeatRequest'."""
    name = _SAID.sub("", text.strip())
    return name if name in _ACTIONS else None


def type_of(text: str) -> int | None:
    """The type of message that a text stands for: 2 for 'CALL', 3 for 'response'."""
    return _TYPES.get(re.sub(r"[\s_-]", "", text.casefold()))


def frame_of(kind: int, number: str, name: str, body: str) -> str:
    """The frame of a CALL (2), a result (3) or an error (4); `name` is its action or error code."""
    told = {CALL: f",{json.dumps(name)}", ERROR: f',{json.dumps(name)},""'}.get(kind, "")
    return f"[{kind},{json.dumps(number)}{told},{body}]"


@dataclass(frozen=True, slots=True)
class MessageParts:
    """Where the parts of messages stand in the objects of a file: role -> members, the best first.

    Where no member tells the type, the second message of an id answers the first: `asked`.
    """

    places: dict[str, tuple[_Path, ...]]
    asked: set[str] = field(default_factory=set)

    def together(self, text: str) -> str:
        """A line with the frame that it holds as its first member; any other line as it is."""
        frame = None if _FRAME.search(text) else self.frame(_object(text))
        if frame is None:
            return text
        return f'{{"ocpp_message":{_written(frame)},{text.lstrip()[1:]}'

    def frame(self, members: dict[str, Any]) -> str | None:
        """The frame that an object holds, None where it is no message."""
        whole = next(self._values(members, "frame", list), None)
        if whole is not None:
            return _written(whole) if _is_frame(whole) else None
        said = next(self._values(members, "action", str), "")
        number = str(next(self._values(members, "id", (str, int)), ""))
        name, kind = known_action(said), self._kind(members, said, number)
        if kind is None or not (name if kind == CALL else number):
            return None
        body: Any = next(self._values(members, "payload", (dict, str)), {})
        content = body if isinstance(body, str) else _written(body)
        error = next(self._values(members, "error", str), "")
        told = name or "" if kind == CALL else error
        return frame_of(kind, number, told, content if content.startswith("{") else "{}")

    def _kind(self, members: dict[str, Any], said: str, number: str) -> int | None:
        ending = _SAID.search(said) if known_action(said) else None
        stated = next(self._values(members, "type", (str, int)), ending and ending[0].strip("."))
        if stated is not None:
            return type_of(str(stated))
        if known_action(said) is None or next(self._values(members, "payload", dict), None) is None:
            return None
        if number in self.asked:
            self.asked.remove(number)
            return RESULT
        if len(self.asked) > _MOST_ASKED:
            self.asked.clear()
        self.asked.add(number)
        return CALL

    def _values(
        self, members: dict[str, Any], role: str, kinds: type | tuple[type, ...]
    ) -> Iterator[Any]:
        for path in self.places.get(role, ()):
            value: Any = members
            for name in path:
                value = value.get(name) if isinstance(value, dict) else None
            if isinstance(value, kinds) and value != "":
                yield value


def find_parts(texts: Sequence[str]) -> MessageParts | None:
    """Where the parts of messages stand in the objects of a file, None where they do not."""
    objects = [found for text in texts if not _FRAME.search(text) and (found := _object(text))]
    members = [dict(_flat(found, ())) for found in objects]
    values: dict[_Path, list[Any]] = {}
    for path, value in (item for found in members for item in found.items()):
        values.setdefault(path, []).append(value)
    places = {role: tuple(_named(values, roles()[role])) for role in _PARTS}
    places["type"] = tuple(
        path for path in places["type"] if all(type_of(str(each)) for each in values[path])
    )
    inside = {path[:-1] for path in places["action"]} - {()}
    places["id"] += tuple(path for path in values if path[:-1] in inside and path[-1] == "id")
    places["frame"] = tuple(path for path, found in values.items() if any(map(_is_frame, found)))
    parts = MessageParts(places)
    calls = (parts.frame(found) for found in objects)
    return MessageParts(places) if any(call and call.startswith("[2,") for call in calls) else None


def _named(values: Iterable[_Path], known: Sequence[str]) -> list[_Path]:
    found = [
        (known.index(name), path) for path in values if (name := plain_name(path[-1])) in known
    ]
    return [path for _, path in sorted(found)]


def _object(text: str) -> dict[str, Any]:
    """The object that a line is, an empty one where it is none."""
    try:
        found = json.loads(text) if text.lstrip().startswith("{") else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _flat(members: dict[str, Any], place: _Path) -> Iterator[tuple[_Path, Any]]:
    """All members, those of inner objects as well, by their path."""
    for name, value in members.items():
        yield (*place, name), value
        if isinstance(value, dict) and len(place) < _DEEPEST:
            yield from _flat(value, (*place, name))


def _written(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace").decode()


def _is_frame(value: object) -> bool:
    """Whether a value is a frame as a list, not as text."""
    match value:
        case [2 | 3 | 4, str(), *rest]:
            return bool(rest)
    return False
