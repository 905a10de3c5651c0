"""A JSON report read back: its incidents and its advice, as values.

Reads: JSON that `--format json` wrote. Feeds: `ocppdiag explain`. Members that are not known are
passed over: a newer version may have added them.
"""

import json
from dataclasses import dataclass, fields
from datetime import datetime
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from ocpp_forensics.errors import InputError, Problem
from ocpp_forensics.model import Advice, Incident
from ocpp_forensics.report.json import SCHEMA

__all__ = ["Findings", "read_findings"]


@dataclass(frozen=True, slots=True)
class Findings:
    """What a report found."""

    incidents: tuple[Incident, ...] = ()
    advice: tuple[Advice, ...] = ()


def read_findings(text: str, name: str) -> Findings:
    """The findings of a report. Errors: InputError where the text is none."""
    try:
        found = json.loads(text)
    except ValueError as error:
        raise InputError(_problem(f"{name} is not JSON: {error}")) from error
    if not isinstance(found, dict) or found.get("schema") != SCHEMA:
        raise InputError(_problem(f"{name} is not a report ({SCHEMA})"))
    try:
        made: Findings = _made(Findings, found)
    except (AttributeError, TypeError, ValueError) as error:
        raise InputError(_problem(f"{name} is not a whole report: {error}")) from error
    return made


def _problem(message: str) -> Problem:
    hint = "`ocppdiag analyze --format json --output FILE` writes one, --store keeps one"
    return Problem("report-unreadable", message, help=hint)


def _made(kind: Any, value: Any) -> Any:  # noqa: ANN401  any value of JSON and of the model
    """A value of the model from one of JSON."""
    if get_origin(kind) is tuple:
        return tuple(_made(get_args(kind)[0], each) for each in value)
    if get_origin(kind) is UnionType:
        return None if value is None else _made(get_args(kind)[0], value)
    if kind is datetime:
        return datetime.fromisoformat(value.removesuffix("Z"))
    if not hasattr(kind, "__dataclass_fields__"):
        return "" if kind is str and value is None else value
    types = get_type_hints(kind)
    names = [each.name for each in fields(kind) if each.name in value]
    return kind(**{name: _made(types[name], value[name]) for name in names})
