"""A user's own log format, as the configuration of nginx, HAProxy or Apache has it, as a format.

Reads: SERVER:STRING, logformats.toml, logformat.lark. Feeds: the formats of a run. The string
may be the whole directive, or make a line of JSON. Sources: nginx ngx_http_log_module, HAProxy
configuration manual 8.2.6, Apache mod_log_config.
"""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

from lark import Lark, Token, UnexpectedInput

from ocpp_forensics.errors import DefinitionError, Problem, Where
from ocpp_forensics.formats.definition import Format, Layout, Sample, group_names
from ocpp_forensics.formats.mistakes import holes
from ocpp_forensics.resources import read_text

__all__ = ["SERVERS", "compile_log_format", "stated_log_formats"]

SERVERS = ("nginx", "haproxy", "apache")

_DIRECTIVE = re.compile(
    r"\s*(?:log_format\s+\S+|LogFormat|CustomLog\s+\S+|log-format)\s+(?P<rest>.*?);?\s*$", re.DOTALL
)
_STRING = r"""(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""
_STATED = {
    "nginx": rf"^\s*(log_format\s+\S+\s+(?:escape=\w+\s+)?(?:{_STRING}\s*)+;)",
    "haproxy": r"^\s*(log-format\s+\S.*)$",
    "apache": rf"^\s*(LogFormat\s+{_STRING})(?:\s+\w+)?\s*$",
}
"""The directives of a configuration that say what a server's log looks like."""

_QUOTED = re.compile(r"'((?:\\.|[^'\\])*)'|\"((?:\\.|[^\"\\])*)\"")
_IN_QUOTES = r'(?:[^"\\]|\\.)*'
_HELD = "\x00"


@dataclass(frozen=True, slots=True)
class _Piece:
    """A piece of the string: a text, or a variable by its name; `quoted` puts quotes around it."""

    text: str
    name: str = ""
    quoted: bool = False


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(read_text("logformats.toml"))


@cache
def _grammar() -> Lark:
    return Lark(read_text("formats/logformat.lark"), parser="lalr", start=list(SERVERS))


def stated_log_formats(text: str, path: str) -> Iterator[Format]:
    """The log formats that the text of a configuration states.

    One without a time, or with what we cannot read, makes none: its log is read as any other.
    """
    for server, pattern in _STATED.items():
        for number, found in enumerate(re.finditer(pattern, text, re.MULTILINE), 1):
            where = Where(path, text.count("\n", 0, found.start(1)) + 1)
            with suppress(DefinitionError):
                yield compile_log_format(f"{server}:{found[1]}", f"{path}-{number}", where)


def compile_log_format(text: str, number: int | str, where: Where) -> Format:
    """The format that SERVER:STRING means. Errors: DefinitionError with place and remedy."""
    server, colon, string = text.partition(":")
    if not colon or server not in SERVERS:
        hint = (
            f"write SERVER:STRING with one of {', '.join(SERVERS)}, for example {_example('nginx')}"
        )
        raise DefinitionError(
            Problem("log-format-server", f"'{text}' names no server", where, hint)
        )
    pieces = tuple(_pieces(server, _bare(string, server), where))
    times = _table()[server]["time"]
    if not any(piece.name in times for piece in pieces):
        hint = f"add one of {', '.join(_shown(server, name) for name in times)}"
        what = "the log format has no time that can be read: its lines could not be placed"
        raise DefinitionError(Problem("log-format-time", what, where, hint))
    members = _members(pieces)
    made = _json(server, members) if members is not None else _lines(server, pieces)
    title = f"{server} with a log format of the user's own"
    return Format(
        id=f"{server}-own-{number}", title=title, path=f"{where.path}", kind="proxy", own=True,
        time_is=_table()[server]["time_is"], samples=(Sample(string),), **made,
    )  # fmt: skip


def _example(server: str) -> str:
    return str(_table()[server]["example"]).strip()


def _shown(server: str, name: str) -> str:
    return f"${name}" if server == "nginx" else f"%{name}"


def _bare(string: str, server: str) -> str:
    """The string itself, where the whole directive was given: its quoted parts put together."""
    directive = _DIRECTIVE.match(string)
    if directive is None:
        return string
    parts = [one or other for one, other in _QUOTED.findall(directive["rest"])]
    return "".join(parts) or directive["rest"]


def _pieces(server: str, string: str, where: Where) -> Iterator[_Piece]:
    try:
        tokens = _grammar().parse(string, start=server).children
    except UnexpectedInput as error:
        place = max(int(getattr(error, "column", 1)), 1)
        near = string[place - 1 : place + 9]
        message = f"what begins at character {place} of the log format, '{near}', is no variable"
        hint = f"write it as {server} does, for example {_example(server)}"
        raise DefinitionError(Problem("log-format-syntax", message, where, hint)) from error
    all_quoted = False
    for token in tokens:
        text = str(token)
        if not isinstance(token, Token) or not token.type.endswith(("_NAME", "_SAMPLE")):
            yield _Piece("%" if text == "%%" else _unescaped(text, server))
            continue
        flags = re.match(r"%\{([-+,A-Za-z]*)\}", text) if server == "haproxy" else None
        quoted = "+Q" in flags[1] if flags else all_quoted
        name = _name(text, server)
        if server == "haproxy" and name == "o":
            all_quoted = quoted
        else:
            yield _Piece("", name, quoted)


def _unescaped(text: str, server: str) -> str:
    if server == "nginx":
        return text
    plain = {"t": "\t", "n": ""}
    return re.sub(r"\\(.)", lambda found: plain.get(found[1], found[1]), text)


def _name(text: str, server: str) -> str:
    """The name of a variable without what does not change its meaning."""
    if server == "nginx":
        return text.strip("${}")
    if server == "haproxy":
        return re.sub(r"^%(?:\{[-+,A-Za-z]*\})?", "", text)
    return re.sub(r"^%[!0-9,]*[<>]?", "", text).replace("{begin:", "{").replace("{end:", "{")


def _known(server: str, name: str) -> tuple[str, str]:
    """The group and the shape of a variable, both empty for one that is not known."""
    group, shape = _table()[server]["variable"].get(name, ("", ""))
    return group, shape


def _lines(server: str, pieces: Sequence[_Piece]) -> dict[str, Any]:
    """A layout for lines of text."""
    pattern, used, time, inside = "", set[str](), "none", False
    for place, piece in enumerate(pieces):
        if not piece.name:
            pattern += _literal(piece.text, optional=pattern.endswith(")?)"))
            inside ^= piece.text.count('"') % 2 == 1
            continue
        times = _table()[server]["time"]
        group, shape = _known(server, piece.name)
        last = place == len(pieces) - 1
        if piece.name in times and "ts" not in used:
            time, part = times[piece.name]
            used.add("ts")
        else:
            part = _shape(shape, inside=inside or piece.quoted, last=last)
            part = f"(?P<{group}>{part})" if group and group not in used else f"(?:{part})"
            used.add(group)
        pattern += f'"{part}"' if piece.quoted else part
    names = group_names(pattern)
    return {"layouts": (Layout(pattern, names, time, _constants(server), _body(server, names)),)}


def _literal(text: str, *, optional: bool) -> str:
    """A text as a pattern; blanks may be more, and none behind what may be missing."""
    parts = re.split(r"([ \t]+)", text)
    blank = r"\s*" if optional else r"\s+"
    made = [(blank if part.isspace() else re.escape(part)) for part in parts if part]
    return "".join([*made[:1], *(part if part != r"\s*" else r"\s+" for part in made[1:])])


def _shape(shape: str, *, inside: bool, last: bool) -> str:
    if shape:
        return shape
    if inside:
        return _IN_QUOTES
    return ".*" if last else ".*?"


def _constants(server: str) -> tuple[tuple[str, str], ...]:
    action = _table()[server].get("action")
    return (("action", action),) if action else ()


def _body(server: str, names: Sequence[str]) -> str:
    """The body as the server's default format has it, from the groups that there are."""
    table: Mapping[str, Any] = _table()[server]
    web = {"status", "request", "uri"} & set(names)
    pieces = table["body"] if web else table.get("plain_body", table["body"])
    return "".join(
        next((each for each in alternatives if set(holes(each)) <= set(names)), "")
        for alternatives in pieces
    )


def _members(pieces: Sequence[_Piece]) -> dict[str, str] | None:
    """The variables of a string that makes a line of JSON, by the place of their member."""
    text, names, inside = "", list[str](), False
    for piece in pieces:
        if piece.name:
            held = f"\\u0000{len(names)}\\u0000"
            text += held if inside and not piece.quoted else f'"{held}"'
            names.append(piece.name)
        else:
            text += piece.text
            inside ^= len(re.findall(r'(?<!\\)"', piece.text)) % 2 == 1
    if not text.lstrip().startswith("{"):
        return None
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return {
        place: names[int(value.strip(_HELD))]
        for place, value in _places(found, "")
        if re.fullmatch(rf"{_HELD}\d+{_HELD}", value)
    }


def _places(value: object, place: str) -> Iterator[tuple[str, str]]:
    """Every text in a JSON value with its place, such as a.b."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _places(inner, f"{place}.{name}" if place else name)
    elif isinstance(value, str):
        yield place, value


def _json(server: str, members: Mapping[str, str]) -> dict[str, Any]:
    """Keys for lines of JSON."""
    times = _table()[server]["time"]
    keys: dict[str, tuple[str, ...]] = {}
    time = "auto"
    for place, name in members.items():
        if name in times and "ts" not in keys:
            keys["ts"], time = (place,), times[name][0]
        elif (group := _known(server, name)[0]) and group not in keys:
            keys[group] = (place,)
    body = _body(server, tuple(keys))
    return {
        "type": "json",
        "keys": tuple(keys.items()),
        "requires": tuple(members)[:6],
        "layouts": (Layout("", (), time, _constants(server), body),),
    }
