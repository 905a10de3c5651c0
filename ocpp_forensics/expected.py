"""The expected diagnosis of a bundle: written, read, and compared with the one it gets.

Reads: Report, expected.json. Feeds: `ocppdiag check`. A file holds what is meant to stay: causes of
stations, incidents, advice. What is left out of it is not compared. report/expected.schema.json
describes it.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ocpp_forensics.bundle.names import EXPECTED
from ocpp_forensics.dsl.complaints import suggestion
from ocpp_forensics.errors import DefinitionError, InputError, OcppdiagError, Problem, Where
from ocpp_forensics.model import Difference, Incident, Report

__all__ = [
    "NOTHING_EXPECTED", "SCHEMA", "Expectation", "compare", "expectations", "expected_of",
    "write_expected",
]  # fmt: skip

SCHEMA = "ocppdiag.expected/v1"

Expected = Mapping[str, Any]
"""An expected diagnosis as it stands in its file."""

NOTHING_EXPECTED: Expected = {"stations": {}, "incidents": [], "advice": []}

_INCIDENT: Mapping[str, type] = {
    "cause": str, "symptom": str, "scope": str, "stations": list, "episodes": int,
    "confidence": str, "ambiguous_with": list,
}  # fmt: skip
_ADVICE: Mapping[str, type] = {"id": str, "stations": list}
_MEMBERS: Mapping[str, type] = {
    "schema": str, "bundle": str, "stations": dict, "incidents": list, "advice": list,
}  # fmt: skip
_TYPES = {str: "a text", list: "a list", dict: "an object", int: "a whole number"}


@dataclass(frozen=True, slots=True)
class Expectation:
    """A bundle, the place of its expected diagnosis, and what is there."""

    bundle: Path
    place: Path
    wanted: Expected | None


def expectations(bundles: Sequence[str | Path], *, accept: bool) -> tuple[Expectation, ...]:
    """What is expected of some bundles; with `accept` there may be nothing yet.

    Errors: InputError with all that is wrong, before any bundle is read.
    """
    found: list[Expectation] = []
    problems: list[Problem] = []
    for bundle in dict.fromkeys(map(Path, bundles)):
        try:
            found.append(_expectation(bundle, accept=accept))
        except OcppdiagError as error:
            problems.extend(error.problems)
    if problems:
        raise InputError(problems)
    return tuple(found)


def _expectation(bundle: Path, *, accept: bool) -> Expectation:
    if not bundle.exists():
        raise InputError(Problem("path-missing", f"{bundle} does not exist"))
    place = _place_of(bundle)
    if place.exists():
        return Expectation(bundle, place, _read(place))
    if accept:
        return Expectation(bundle, place, None)
    message = f"{bundle} has no expected diagnosis: there is no {place}"
    hint = "`ocppdiag check --accept` writes what is found now; read it before you keep it"
    raise InputError(Problem("expected-missing", message, help=hint))


def _place_of(bundle: Path) -> Path:
    """Where the expected diagnosis of a bundle is: in a folder, beside anything else.

    A folder may have it beside itself, too, as FOLDER.expected.json.
    """
    beside = bundle.with_name(f"{bundle.name}.{EXPECTED}")
    inside = bundle / EXPECTED
    return inside if bundle.is_dir() and (inside.exists() or not beside.exists()) else beside


def expected_of(report: Report) -> Expected:
    """What a report says, as far as it is meant to stay."""
    return {
        "schema": SCHEMA,
        "bundle": report.bundle,
        "stations": {
            each.id: {found.cause: found.episodes for found in each.causes}
            | ({"unexplained": each.unexplained} if each.unexplained else {})
            for each in report.stations
        },
        "incidents": [_incident(each) for each in report.incidents],
        "advice": [{"id": each.id, "stations": list(each.stations)} for each in report.advice],
    }


def _incident(incident: Incident) -> Expected:
    values = {name: getattr(incident, name) for name in _INCIDENT}
    return {name: list(each) if isinstance(each, tuple) else each for name, each in values.items()}


def write_expected(path: Path, expected: Expected) -> None:
    """Write an expected diagnosis, in one piece. Errors: InputError."""
    draft = path.with_name(f".{path.name}.part")
    try:
        draft.write_text(json.dumps(expected, indent=1, ensure_ascii=True) + "\n", encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        message = f"{path} cannot be written ({error.strerror})"
        raise InputError(Problem("output-failed", message)) from error
    finally:
        draft.unlink(missing_ok=True)


def _read(path: Path) -> Expected:
    """An expected diagnosis. Errors: DefinitionError with everything that is wrong in the file."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path} cannot be read: {error}"
        raise DefinitionError(Problem("expected-unreadable", message)) from error
    except json.JSONDecodeError as error:
        quote = error.doc.split("\n")[error.lineno - 1]
        where = Where(str(path), error.lineno, error.colno, 1, quote)
        raise DefinitionError(Problem("expected-syntax", error.msg, where)) from error
    problems = [
        Problem("expected-shape", message, Where(str(path)), hint)
        for message, hint in _mistakes(found)
    ]
    if problems:
        raise DefinitionError(problems)
    return dict(found)


def _mistakes(found: object) -> Iterator[tuple[str, str | None]]:
    """What is wrong with the content of a file, with a hint."""
    if not isinstance(found, dict) or found.get("schema") != SCHEMA:
        yield f'it does not say "schema": "{SCHEMA}"', "`ocppdiag schema expected` describes it"
        return
    yield from _members(found, _MEMBERS, "")
    stations, incidents, advice = (found.get(name) for name in ("stations", "incidents", "advice"))
    for name, causes in stations.items() if isinstance(stations, dict) else ():
        if not isinstance(causes, dict) or not all(
            each is None or type(each) is int for each in causes.values()
        ):
            yield f"stations, {name}: must be an object of causes with their episodes", None
    for number, each in enumerate(incidents if isinstance(incidents, list) else (), 1):
        yield from _members(each, _INCIDENT, f"incident {number}: ", "cause")
    for number, each in enumerate(advice if isinstance(advice, list) else (), 1):
        yield from _members(each, _ADVICE, f"advice {number}: ", "id")


def _members(
    found: object, known: Mapping[str, type], where: str, needed: str = "schema"
) -> Iterator[tuple[str, str | None]]:
    if not isinstance(found, dict):
        yield f"{where}must be an object", None
        return
    if needed not in found:
        yield f"{where}has no '{needed}'", None
    for name, value in found.items():
        if name not in known:
            hint = suggestion(name, known) or f"allowed: {', '.join(known)}"
            yield f"{where}unknown member '{name}'", hint
        elif type(value) is not known[name]:
            yield f"{where}'{name}' must be {_TYPES[known[name]]}", None


def compare(wanted: Expected, got: Expected) -> tuple[Difference, ...]:
    """What an expected diagnosis and the one of a report do not have in common."""
    differences: list[Difference] = []
    if "incidents" in wanted:
        differences += _compare_lists("incident", wanted["incidents"], got["incidents"])
    if "advice" in wanted:
        differences += _compare_lists("advice", wanted["advice"], got["advice"])
    if "stations" in wanted:
        differences += _compare_stations(wanted["stations"], got["stations"])
    return tuple(differences)


def _compare_lists(
    what: str, wanted: Iterable[Expected], got: Iterable[Expected]
) -> Iterator[Difference]:
    left = list(got)
    for each in wanted:
        found = _counterpart(each, left)
        if found is None:
            yield Difference("gone", what, _title(each), _details(each))
            continue
        left.remove(found)
        changes = tuple(
            f"{_words(name)} {_shown(found[name])}, was {_shown(value)}"
            for name, value in each.items()
            if _comparable(found[name]) != _comparable(value)
        )
        if changes:
            yield Difference("changed", what, _title(each), changes)
    for each in left:
        yield Difference("new", what, _title(each), _details(each))


def _counterpart(wanted: Expected, left: Iterable[Expected]) -> Expected | None:
    """Of what is left, that of the same cause and symptom which shares most stations."""
    same = [
        each
        for each in left
        if _title(each) == _title(wanted)
        and wanted.get("symptom", each.get("symptom")) == each.get("symptom")
    ]
    stations = set(wanted.get("stations", ()))
    return max(same, key=lambda each: len(stations & set(each["stations"])), default=None)


def _title(entry: Expected) -> str:
    return str(entry["cause"] if "cause" in entry else entry["id"])


def _details(entry: Expected) -> tuple[str, ...]:
    """The members of an entry that is there on one side only."""
    return tuple(
        f"{_words(name)} {_shown(value)}"
        for name, value in entry.items()
        if name not in ("cause", "id") and value != []
    )


def _compare_stations(
    wanted: Mapping[str, Expected], got: Mapping[str, Expected]
) -> Iterator[Difference]:
    for station in sorted({*wanted, *got}):
        if station not in got:
            yield Difference("gone", "station", station, ("it is not in the logs any more",))
        elif station not in wanted:
            found = tuple(f"{cause} {count}x" for cause, count in got[station].items())
            yield Difference("new", "station", station, found or ("healthy",))
        else:
            changes = tuple(_cause_changes(wanted[station], got[station]))
            if changes:
                yield Difference("changed", "station", station, changes)


def _cause_changes(wanted: Expected, got: Expected) -> Iterator[str]:
    for cause in dict.fromkeys([*wanted, *got]):
        if cause not in got:
            count = "" if wanted[cause] is None else f" ({wanted[cause]}x)"
            yield f"{cause} gone{count}"
        elif cause not in wanted:
            yield f"{cause} new ({got[cause]}x)"
        elif wanted[cause] is not None and wanted[cause] != got[cause]:
            yield f"{cause} {got[cause]}x, was {wanted[cause]}x"


def _words(name: str) -> str:
    return name.replace("_", " ")


def _comparable(value: object) -> object:
    """Lists of names are sets: their order says nothing."""
    return sorted(map(str, value)) if isinstance(value, list) else value


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return str(value)
