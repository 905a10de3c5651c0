"""What a signature can speak of: streams, their fields, station facts, spans, causes, owners.

Reads: streams.toml, causes.toml, the vocabulary. Feeds: the checks, the compiler, the tests inside
signature files.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from ocpp_forensics.resources import read_text
from ocpp_forensics.vocabulary import actions, fields

__all__ = [
    "KINDS", "OWNERS", "SEVERITIES", "STATUSES", "SYMPTOMS", "Cause", "Stream", "StreamField",
    "causes", "facts", "ocpp_variables", "spans", "streams",
]  # fmt: skip

SEVERITIES = ("info", "low", "medium", "high", "critical")
STATUSES = ("experimental", "stable")
OWNERS = ("csms", "proxy", "carrier", "station", "site", "operator")
KINDS = ("csms", "proxy", "station", "modem", "os")
SYMPTOMS = (
    "connection_lost", "never_connected", "stuck_station", "fleet_reconnect",
    "application_trouble",
)  # fmt: skip

_TRAFFIC = frozenset({
    "ocpp.call", "ocpp.result", "ocpp.error", "ws.ping", "ws.pong", "log.message",
})  # fmt: skip
_TRAFFIC_FIELDS = ("ocpp_action",)


@dataclass(frozen=True, slots=True)
class StreamField:
    """A typed field; `typical` is its value in tests that state none.

    `ask` is how a fact is got that no log tells: what to send, and HOST for the CSMS's host.
    """

    name: str
    type: str
    title: str
    values: tuple[str, ...] = ()
    typical: str | float | bool | None = None
    ask: str | None = None


@dataclass(frozen=True, slots=True)
class Stream:
    """A kind of rows that a signature can match: an event action or a session table.

    `scope` is fleet where its rows belong to no single station; `episode` the field that groups
    rows to one episode of the symptom; of what is `framed` only OCPP messages tell.
    """

    name: str
    title: str
    table: str
    key: str
    kinds: tuple[str, ...]
    scope: str
    fields: Mapping[str, StreamField]
    symptom: str | None = None
    episode: str | None = None
    framed: bool = False

    @property
    def is_event(self) -> bool:
        """Whether its rows are events of one action, not rows of a session table."""
        return "." in self.name


@dataclass(frozen=True, slots=True)
class Cause:
    """One entry of the closed list of root causes and advice."""

    id: str
    title: str
    advice: bool


@cache
def streams() -> dict[str, Stream]:
    """All streams by name."""
    found = {}
    event_fields = {
        name: StreamField(name, each.type, each.title, each.values)
        for name, each in fields().items()
    }
    for added, title in (("kind", "kind of log"), ("direction", "to_csms or to_station")):
        event_fields[added] = StreamField(added, "text", title)
    traffic_fields = {
        name: event_fields[name] for name in (*_TRAFFIC_FIELDS, "kind", "direction", "station")
    }
    for name, action in actions().items():
        heavy = name in _TRAFFIC
        found[name] = Stream(
            name, action.title, "traffic" if heavy else "key_event", "event_id", action.kinds,
            action.scope, traffic_fields if heavy else event_fields,
            framed=name.startswith("ocpp."),
        )  # fmt: skip
    for name, entry in _definitions().items():
        if name not in ("facts", "span"):
            found[name] = _session_stream(name, entry)
    return found


@cache
def facts() -> dict[str, StreamField]:
    """What is known of a station, by name."""
    return _fields_of(_definitions()["facts"])


@cache
def ocpp_variables() -> dict[str, str]:
    """The fact that each configuration key or variable of OCPP holds; keys in lower case."""
    return {
        variable.lower(): name
        for name, entry in _definitions()["facts"]["field"].items()
        for variable in entry.get("ocpp", ())
    }


@cache
def spans() -> dict[str, str]:
    """Titles of the stretches of time that `while` knows, by the name of their table."""
    return {name: str(entry["title"]) for name, entry in _definitions()["span"].items()}


@cache
def causes() -> dict[str, Cause]:
    """All cause and advice ids."""
    table = tomllib.loads(read_text("causes.toml"))
    return {
        name: Cause(name, title, section == "advice")
        for section in ("cause", "advice")
        for name, title in table[section].items()
    }


@cache
def _definitions() -> dict[str, Any]:
    return tomllib.loads(read_text("dsl/streams.toml"))


def _session_stream(name: str, entry: dict[str, Any]) -> Stream:
    return Stream(
        name,
        str(entry["title"]),
        str(entry["table"]),
        str(entry["key"]),
        tuple(entry["kinds"]),
        str(entry.get("scope", "station")),
        _fields_of(entry) | {"station": StreamField("station", "text", "OCPP identity")},
        entry.get("symptom"),
        entry.get("episode"),
        entry.get("framed", False),
    )


def _fields_of(entry: dict[str, Any]) -> dict[str, StreamField]:
    return {
        name: StreamField(
            name,
            each["type"],
            each["title"],
            tuple(each.get("values", ())),
            each.get("typical"),
            each.get("ask"),
        )
        for name, each in entry["field"].items()
    }
