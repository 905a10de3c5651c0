"""What documents tell: outputs of commands are recognised and read by the rules of their check.

Reads: the text of whole files. Feeds: documents. A file may hold the outputs of several commands.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ocpp_forensics.checks.apache import read_apache
from ocpp_forensics.checks.definition import CONTEXT, Check, Rule
from ocpp_forensics.checks.haproxy import read_haproxy
from ocpp_forensics.checks.nginx import read_nginx
from ocpp_forensics.checks.told import Told

__all__ = ["find_checks", "read_texts"]

_READERS = {"apache": read_apache, "haproxy": read_haproxy, "nginx": read_nginx}
_STAMP = "%b %d %H:%M:%S %Y"


def find_checks(text: str, checks: Iterable[Check]) -> tuple[Check, ...]:
    """The checks whose signs all stand in a text: which outputs it holds."""
    return tuple(each for each in checks if all(sign.search(text) for sign in each.signs))


def read_texts(
    found: Mapping[str, Sequence[Check]], texts: Mapping[str, str]
) -> Iterator[tuple[str, Told]]:
    """What the texts of some files tell, with the path of the file; `found` are their checks.

    Configurations are read together: one may include another.
    """
    for reader, read in _READERS.items():
        wanted = {
            path: texts[path]
            for path, checks in found.items()
            if any(each.reader == reader for each in checks)
        }
        yield from read(wanted)
    for path, checks in found.items():
        for check in checks:
            for told in _by_rules(check, texts[path]):
                yield path, told


@dataclass(slots=True)
class _Output:
    """The output of one command while it is read."""

    host: str | None = None
    used: set[int] = field(default_factory=set)


def _by_rules(check: Check, text: str) -> Iterator[Told]:
    starts = [0, *(found.end() for found in re.finditer("\n", text))]
    hits = [(found.start(), -1, found) for found in _all(check.begin, text)]
    for number, rule in enumerate(check.rules):
        hits += [(_place(found), number, found) for found in _hits(rule, text)]
    output = _Output()
    for place, number, found in sorted(hits, key=lambda hit: hit[:2]):
        if number < 0:
            output = _Output()
            continue
        rule = check.rules[number]
        groups = {name: value for name, value in found.groupdict().items() if value is not None}
        output.host = groups.get("host", output.host)
        if rule.once and number in output.used:
            continue
        output.used.add(number)
        line = _line(starts, place)
        for key, value, since in _values(rule, groups):
            yield Told(key, value, line, check.scope, f"told by {check.title}",
                       host=output.host, valid_from=since)  # fmt: skip


def _place(found: re.Match[str]) -> int:
    """Where the value stands that a pattern has found, or else where the pattern begins."""
    facts = [name for name in found.re.groupindex if name not in CONTEXT and found[name]]
    return min((found.start(name) for name in facts), default=found.start())


def _all(pattern: re.Pattern[str] | None, text: str) -> Iterable[re.Match[str]]:
    return pattern.finditer(text) if pattern else ()


def _hits(rule: Rule, text: str) -> list[re.Match[str]]:
    found = list(rule.pattern.finditer(text))
    if not rule.greatest or not found:
        return found
    return [max(found, key=lambda each: max(map(float, each.groupdict().values())))]


def _values(rule: Rule, groups: Mapping[str, str]) -> Iterator[tuple[str, str, datetime | None]]:
    """Key, value and since when it holds, of all that one place tells."""
    since, until = (_moment(groups[name]) if name in groups else None for name in CONTEXT[1:])
    if (since, until) == (None, None) and not groups.keys().isdisjoint(CONTEXT[1:]):
        return
    for key, value in rule.before.items():
        yield key, value, None
    for key, value in {**groups, **rule.told}.items():
        if key not in CONTEXT:
            yield key, value, since
    if until is not None:
        for key, value in rule.after.items():
            yield key, value, until


def _moment(text: str) -> datetime | None:
    """The time of a certificate's date, Feb 19 16:02:37 2027 GMT; None for what is no date."""
    plain = " ".join(text.removesuffix("GMT").split())
    try:
        return datetime.strptime(plain, _STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None


def _line(starts: Sequence[int], place: int) -> int:
    """The number of the line in which a place of the text stands."""
    low, high = 0, len(starts)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if starts[middle] <= place else (low, middle)
    return low + 1
