"""Policy files: TOML, read and checked; every mistake with its line and what is allowed.

Reads: the files given with --policy. Feeds: the engine.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from ocpp_forensics.dsl.complaints import suggestion
from ocpp_forensics.errors import DefinitionError, InputError, Problem, Where
from ocpp_forensics.replay.policy import NUMBERS, Policy, Selector, fits_number

__all__ = ["read_policies", "read_policy"]

_STATUSES = (
    "Available", "Preparing", "Charging", "SuspendedEVSE", "SuspendedEV", "Finishing", "Occupied",
    "Reserved", "Unavailable", "Faulted",
)  # fmt: skip
_ACTIONS = ("hard_reset",)
_KEYS = tuple(each.name for each in fields(Policy) if each.name != "assumed")
_SELECTOR_KEYS = tuple(each.name for each in fields(Selector))
_LONGEST_NAME = 60


def read_policies(paths: Sequence[Path]) -> tuple[Policy, ...]:
    """The policies of some files, the default rule where there are none; no name occurs twice.

    Errors: InputError where a file cannot be read, DefinitionError with every mistake of all.
    """
    policies: list[Policy] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            policies.append(read_policy(path))
        except DefinitionError as error:
            problems.extend(error.problems)
    if problems:
        raise DefinitionError(problems)
    names = [policy.name for policy in policies]
    return tuple(
        replace(policy, name=f"{policy.name} ({number})")
        if names.count(policy.name) > 1
        else policy
        for number, policy in enumerate(policies, 1)
    ) or (Policy(),)


def read_policy(path: Path) -> Policy:
    """One policy file; without a name it has that of the file. Errors: as read_policies."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        message = f"the policy {path} cannot be read ({error})"
        raise InputError(Problem("policy-unreadable", message)) from error
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+), column (\d+)", str(error))
        line, column = (int(found[1]), int(found[2])) if found else (text.count("\n") + 1, 1)
        where = Where(str(path), line, column)
        raise DefinitionError(Problem("policy-syntax", str(error), where)) from error
    problems = tuple(_mistakes(table, _Text(str(path), text.splitlines())))
    if problems:
        raise DefinitionError(problems)
    settings = {"name": path.stem} | table
    for key in ("enable", "disable"):
        settings[key] = tuple(Selector(**entry) for entry in table.get(key, ()))
    settings["statuses"] = tuple(sorted(set(table.get("statuses", Policy().statuses))))
    return Policy(**settings, assumed=() if "grace_s" in table else ("grace_s",))


@dataclass(frozen=True, slots=True)
class _Text:
    """The lines of a policy file, to tell where something stands."""

    path: str
    lines: Sequence[str]

    def where(self, key: str, table: str = "", number: int = 0) -> Where:
        """The place of a key, at the top or in the `number`th table of a name."""
        section, seen = "", -1
        for line_no, line in enumerate(self.lines, 1):
            if header := re.match(r"\s*\[\[?\s*([\w-]+)", line):
                section = header[1]
                seen += section == table
            inside = section == table and (not table or seen == number)
            named = re.match(rf"\s*(?:\[\[?\s*)?([\"']?){re.escape(key)}\1(?![\w-])", line)
            if named and (inside or header):
                return Where(self.path, line_no, named.start(1) + 1, len(key), line)
        return Where(self.path, 1)


def _mistakes(table: Mapping[str, Any], text: _Text) -> Iterator[Problem]:
    for key, value in table.items():
        where = text.where(key)
        if key not in _KEYS:
            yield _unknown(key, _KEYS, where)
        elif key in {"enable", "disable"}:
            yield from _selector_mistakes(key, value, text)
        elif (allowed := _allowed(key, value)) is not None:
            yield Problem(
                "policy-value", f"{value!r} cannot be '{key}'", where, f"allowed: {allowed}"
            )


def _unknown(key: str, known: Sequence[str], where: Where) -> Problem:
    near = suggestion(key, known)
    hint = f"{near} allowed: {', '.join(known)}" if near else f"allowed: {', '.join(known)}"
    return Problem("policy-key", f"unknown key '{key}'", where, hint)


def _allowed(key: str, value: object) -> str | None:
    """What may stand under a key of the top, None where the value is that."""
    if key in NUMBERS:
        return None if fits_number(key, value) else NUMBERS[key]
    if key == "name":
        good = isinstance(value, str) and 0 < len(value) <= _LONGEST_NAME and value.isprintable()
        return None if good else f"a text of up to {_LONGEST_NAME} letters"
    if key == "statuses":
        good = isinstance(value, list) and bool(value) and all(each in _STATUSES for each in value)
        return None if good else f"a list of {', '.join(_STATUSES)}"
    if key == "action":
        return None if value in _ACTIONS else ", ".join(f'"{each}"' for each in _ACTIONS)
    return None if isinstance(value, bool) else "true or false"


def _selector_mistakes(name: str, tables: object, text: _Text) -> Iterator[Problem]:
    if not isinstance(tables, list) or not all(isinstance(each, dict) for each in tables):
        hint = f'write [[{name}]] and below it lines such as model = "EVC-*"'
        yield Problem("policy-table", f"'{name}' must be tables", text.where(name), hint)
        return
    for number, table in enumerate(tables):
        for key, value in table.items():
            where = text.where(key, name, number)
            if key not in _SELECTOR_KEYS:
                yield _unknown(key, _SELECTOR_KEYS, where)
            elif (wrong := _glob_mistake(value)) is not None:
                hint = (
                    "allowed: a text in which * stands for any letters, ? for one, [ab] for a or b"
                )
                yield Problem("policy-glob", f"{value!r} is no glob: {wrong}", where, hint)


def _glob_mistake(value: object) -> str | None:
    if not isinstance(value, str):
        return "it is no text"
    if not value:
        return "it is empty and would fit nothing"
    rest = re.sub(r"\[!?[^\]]+\]", "", value)
    return "a bracket is not closed" if "[" in rest or "]" in rest else None
