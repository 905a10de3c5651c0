"""The closed vocabulary of the timeline: event actions and event fields.

Reads: vocabulary.toml. Feeds: formats, phrases, the signature language, the event table.
"""

import tomllib
from dataclasses import dataclass
from functools import cache

from ocpp_forensics.resources import read_text

__all__ = ["SQL_TYPES", "Action", "Field", "actions", "fields"]

SQL_TYPES = {"text": "VARCHAR", "integer": "INTEGER", "number": "DOUBLE", "boolean": "BOOLEAN"}


@dataclass(frozen=True, slots=True)
class Action:
    """One kind of event."""

    name: str
    scope: str
    kinds: tuple[str, ...]
    title: str


@dataclass(frozen=True, slots=True)
class Field:
    """One typed field of an event; `values` is empty where anything may stand."""

    name: str
    type: str
    title: str
    values: tuple[str, ...] = ()

    @property
    def sql_type(self) -> str:
        """The DuckDB type of the column."""
        return SQL_TYPES[self.type]


@cache
def actions() -> dict[str, Action]:
    """All event actions by name."""
    table = tomllib.loads(read_text("vocabulary.toml"))["action"]
    return {
        name: Action(name, entry["scope"], tuple(entry["kind"]), entry["title"])
        for name, entry in table.items()
    }


@cache
def fields() -> dict[str, Field]:
    """All event fields that a format or phrase may fill, by name."""
    table = tomllib.loads(read_text("vocabulary.toml"))["field"]
    return {
        name: Field(name, entry["type"], entry["title"], tuple(entry.get("values", ())))
        for name, entry in table.items()
    }
