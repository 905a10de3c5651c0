"""Which rows of the timeline are asked for, as one query with bound values.

Reads: a store with the view `timeline`. Feeds: `ocppdiag timeline`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any

from ocpp_forensics.dsl.complaints import suggestion
from ocpp_forensics.errors import InputError, Problem, Where
from ocpp_forensics.ocpp import FROM_STATION, TO_STATION
from ocpp_forensics.store import Store
from ocpp_forensics.vocabulary import actions

__all__ = ["BRIEF", "FULL", "Choice", "listing"]

BRIEF = "ts, station, source || ':' || line AS place, action, text"
FULL = "* EXCLUDE (source_rank, event_id)"


@dataclass(frozen=True, slots=True)
class Choice:
    """What is wanted: globs of stations and actions, and a stretch of time; none means all."""

    station: str | None = None
    action: str | None = None
    since: str | None = None
    until: str | None = None


def listing(store: Store, choice: Choice, columns: str) -> tuple[str, dict[str, Any]]:
    """SQL and values for the chosen rows in the order of time. Errors: InputError."""
    problems: list[Problem] = []
    values: dict[str, Any] = {
        "since": _moment("since", choice.since, problems),
        "until": _moment("until", choice.until, problems),
    }
    problems.extend(_unknown(store, choice))
    if problems:
        raise InputError(problems)
    values |= {"station": choice.station, "action": choice.action}
    tests = {
        "station": "station GLOB $station",
        "action": "(action GLOB $action OR ocpp_action GLOB $action)",
        "since": "ts >= $since",
        "until": "ts <= $until",
    }
    used = {name: value for name, value in values.items() if value is not None}
    where = " AND ".join(tests[name] for name in used) or "true"
    return f"SELECT {columns} FROM timeline WHERE {where} ORDER BY ts, source_rank, event_id", used  # noqa: S608


def _moment(name: str, text: str | None, problems: list[Problem]) -> datetime | None:
    """A time in UTC without a zone, as the timeline has it."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        hint = "write 2026-05-01T06:30:00Z, 2026-05-01T08:30+02:00 or 2026-05-01 (UTC)"
        where = Where(f"--{name} {text}")
        problems.append(Problem("option-time", f"'{text}' is not a time", where, hint))
        return None
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _unknown(store: Store, choice: Choice) -> Iterator[Problem]:
    """Globs that nothing can fit."""
    stations = [row[0] for row in store.rows("SELECT station FROM station ORDER BY 1")]
    known = {"station": stations, "action": [*actions(), *FROM_STATION, *TO_STATION]}
    for name, word in (("station", choice.station), ("action", choice.action)):
        if word is not None and not any(fnmatchcase(each, word) for each in known[name]):
            near = suggestion(word, known[name])
            hint = near or f"known: {', '.join(known[name][:20])}"
            message = f"no {name} fits '{word}'"
            yield Problem(f"option-{name}", message, Where(f"--{name} {word}"), hint)
