"""The phrasebook: sentences of libraries, proxies and modems with their meaning, read and checked.

Reads: phrases/*.toml. Feeds: the phrase compiler. All mistakes of all files are reported at once.
Patterns may use the word lists of words.toml: `(?&link)` stands for any word of the list `link`.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ocpp_forensics.errors import DefinitionError, Problem, Where
from ocpp_forensics.resources import data_files, read_text
from ocpp_forensics.vocabulary import actions, fields

__all__ = ["SCALED_UNITS", "Phrase", "field_of_group", "load_phrases", "read_phrases"]

SCALED_UNITS = {"_ms": 1e-3, "_us": 1e-6}
"""Ends of group names that stand for a field in seconds (`delay_ms` fills `delay_s`)."""

_KEYS = {
    "id", "match", "action", "set", "vantage", "generic", "sample", "reference", "logger",
    "not_logger",
}  # fmt: skip
_WORDS_FILE = "words.toml"
_WORD_LIST = re.compile(r"\(\?&(\w+)\)")
_GROUP = re.compile(r"\(\?P<(\w+)>")
_VANTAGES = ("csms", "station", "modem", "proxy", "os")


@dataclass(frozen=True, slots=True)
class Phrase:
    """One sentence: a pattern, the event it means, and the fields it fills.

    `vantage` names the kind of source that writes it, where only one does. `logger` must occur in
    the name of the logger or program, `not_logger` must not. `generic` phrases give
    way to all others; among the rest, the one that matches more text of its sample goes first.
    """

    id: str
    pattern: str
    names: tuple[str, ...]
    action: str | None
    constants: tuple[tuple[str, str | int], ...]
    vantage: str | None
    generic: bool
    sample: str
    logger: str | None = None
    not_logger: str | None = None

    def rank(self) -> tuple[bool, int, str]:
        """Where it goes among others, the most specific one first."""
        found = re.search(self.pattern, self.sample)
        return self.generic, -len(found[0] if found else ""), self.id


def field_of_group(group: str) -> tuple[str, float | None]:
    """The field a group fills and the factor to its unit: ('delay_s', 0.001) for 'delay_ms'."""
    if group in fields():
        return group, None
    for end, factor in SCALED_UNITS.items():
        if group.endswith(end):
            return group.removesuffix(end) + "_s", factor
    return group, None


@cache
def load_phrases() -> tuple[Phrase, ...]:
    """All shipped phrases. Their mistakes are told by `read_phrases`, which the tests run."""
    paths = [path for path in data_files("phrases", ".toml") if path.name != _WORDS_FILE]
    return tuple(_build(entry) for path in paths for entry in _entries(path))


def read_phrases(path: Path) -> tuple[Phrase, ...]:
    """The phrases of one file. Errors: DefinitionError with everything that is wrong with it."""
    entries = _entries(path)
    text = path.read_text(encoding="utf-8")
    problems = [problem for entry in entries for problem in _mistakes(entry, path, text)]
    if problems:
        raise DefinitionError(problems)
    return tuple(_build(entry) for entry in entries)


def _entries(path: Path) -> list[dict[str, Any]]:
    """The phrases of one file as they are written, with their word lists written out."""
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8")).get("phrase", [])
    except tomllib.TOMLDecodeError as error:
        raise DefinitionError(Problem("phrase-syntax", str(error), Where(str(path)))) from error
    return [entry | {"match": _expand(entry.get("match", ""))} for entry in entries]


@cache
def _words() -> dict[str, str]:
    """The word lists: name -> alternatives. A list may use those above it."""
    lists: dict[str, str] = {}
    for name, words in tomllib.loads(read_text(f"phrases/{_WORDS_FILE}")).items():
        lists[name] = _WORD_LIST.sub(lambda use: lists[use[1]], f"(?:{'|'.join(words)})")
    return lists


def _expand(pattern: str) -> str:
    """The pattern with its word lists written out; an unknown list is left for `_mistakes`."""
    return _WORD_LIST.sub(lambda use: _words().get(use[1], use[0]), pattern)


def _build(entry: dict[str, Any]) -> Phrase:
    return Phrase(
        id=entry["id"],
        pattern=entry["match"],
        names=tuple(_GROUP.findall(entry["match"])),
        action=entry.get("action"),
        constants=tuple(entry.get("set", {}).items()),
        vantage=entry.get("vantage"),
        generic=entry.get("generic", False),
        sample=entry["sample"],
        logger=entry.get("logger"),
        not_logger=entry.get("not_logger"),
    )


def _mistakes(entry: dict[str, Any], path: Path, text: str) -> Iterator[Problem]:
    name = entry.get("id", "?")
    where = _where(path, text, f'"{name}"')
    missing = [key for key in ("id", "match", "sample") if not entry.get(key)]
    if missing:
        yield Problem("phrase-key", f"phrase '{name}' lacks {' and '.join(missing)}", where)
        return
    for key in sorted(set(entry) - _KEYS):
        hint = f"known keys: {', '.join(sorted(_KEYS))}"
        yield Problem("phrase-key", f"phrase '{name}' has an unknown key '{key}'", where, hint)
    for unknown in _WORD_LIST.findall(entry["match"]):
        hint = f"lists: {', '.join(_words())}"
        yield Problem("phrase-words", f"phrase '{name}': no word list '{unknown}'", where, hint)
    try:
        pattern = re.compile(entry["match"])
    except re.error as error:
        yield Problem("phrase-pattern", f"phrase '{name}': {error}", where)
        return
    if pattern.groups != len(pattern.groupindex):
        hint = "write (?:...) or (?P<name>...)"
        yield Problem("phrase-group", f"phrase '{name}': every group needs a name", where, hint)
    if not pattern.search(entry["sample"]):
        yield Problem("phrase-sample", f"phrase '{name}' does not match its own sample", where)
    yield from _vocabulary_mistakes(entry, pattern, where)


def _vocabulary_mistakes(
    entry: dict[str, Any], pattern: re.Pattern[str], where: Where
) -> Iterator[Problem]:
    name = entry["id"]
    if "action" in entry and entry["action"] not in actions():
        yield Problem("phrase-action", f"phrase '{name}': unknown action {entry['action']}", where)
    if entry.get("vantage") not in (None, *_VANTAGES):
        yield Problem("phrase-vantage", f"phrase '{name}': unknown vantage point", where)
    named = {*(field_of_group(group)[0] for group in pattern.groupindex), *entry.get("set", {})}
    for field in sorted(named - set(fields())):
        hint = f"fields: {', '.join(sorted(fields()))}"
        yield Problem("phrase-field", f"phrase '{name}': unknown field '{field}'", where, hint)
    for field, value in entry.get("set", {}).items():
        allowed = fields()[field].values if field in fields() else ()
        if allowed and value not in allowed:
            hint = f"one of {', '.join(allowed)}"
            message = f"phrase '{name}': {field} cannot be '{value}'"
            yield Problem("phrase-value", message, where, hint)


def _where(path: Path, text: str, quote: str) -> Where:
    for number, line in enumerate(text.splitlines(), start=1):
        if quote in line:
            return Where(str(path), number, line.index(quote) + 1, len(quote), line)
    return Where(str(path))
