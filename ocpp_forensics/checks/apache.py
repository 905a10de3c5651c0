"""The configuration of Apache: which path goes to which backend, upgraded or not, and for how long.

Reads: httpd.conf, apache2.conf, files of sites. Feeds: documents. All files of a bundle are one
server's: what stands outside of a virtual host holds in all of them. A tunnel may be quiet for as
long as the longer one of both sides' limits. Source: mod_proxy, ap_proxy_tunnel_create (2.4.47).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ocpp_forensics.checks.told import Told, seconds_of

__all__ = ["read_apache"]

_SECTION = re.compile(r"<(?P<close>/?)(?P<kind>\w+)\s*(?P<args>[^>]*)>")
_PLACES = {"location": "", "locationmatch": "~ "}
_LONGEST_DEFAULT_S = 300.0
"""Timeout is 60 s in the source and 300 s as Debian packages it."""


@dataclass(frozen=True, slots=True)
class _Directive:
    """One directive, in lower case, and where it stands; `place` is the path of its Location."""

    name: str
    args: tuple[str, ...]
    file: str
    line: int
    place: str | None


@dataclass(slots=True)
class _Server:
    """A virtual host, or the main server: its directives in their order."""

    directives: list[_Directive] = field(default_factory=list)

    def named(self, *names: str) -> list[_Directive]:
        return [each for each in self.directives if each.name in names]

    @property
    def host(self) -> str | None:
        """The names of the server without scheme and port."""
        words = [word for each in self.named("servername", "serveralias") for word in each.args]
        return " ".join(re.sub(r"^\w+://|:\d+$", "", word) for word in words) or None


@dataclass(frozen=True, slots=True)
class _Route:
    """A path that goes to a backend; `settings` are those of the ProxyPass itself."""

    directive: _Directive
    path: str
    target: str
    settings: Mapping[str, str]


def read_apache(texts: Mapping[str, str]) -> Iterator[tuple[str, Told]]:
    """The facts in some configuration files, by path."""
    main, hosts = _Server(), list[_Server]()
    for path, text in texts.items():
        _parse(path, text, main, hosts)
    for server in (main, *hosts):
        for route in _routes(server):
            yield from _route(route, server, main)


def _parse(path: str, text: str, main: _Server, hosts: list[_Server]) -> None:
    """Give the directives of a file to the main server, or to the virtual host they stand in."""
    current, places = main, list[str]()
    for number, line in _logical_lines(text):
        section = _SECTION.match(line)
        if section is None:
            name, *args = _words(line)
            place = places[-1] if places else None
            current.directives.append(_Directive(name.lower(), tuple(args), path, number, place))
            continue
        kind = section["kind"].lower()
        if kind == "virtualhost":
            current, places = main if section["close"] else _Server(), []
            hosts += [] if section["close"] else [current]
        elif kind in _PLACES and section["close"]:
            places = places[:-1]
        elif kind in _PLACES:
            sign, *rest = _words(section["args"]) or [""]
            places.append(f"~ {rest[0]}" if sign == "~" and rest else _PLACES[kind] + sign)


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines with something on them, those that a backslash joins as one, by their first number."""
    held, first = "", 0
    for number, line in enumerate(text.splitlines(), start=1):
        first = first if held else number
        held += line.strip()
        if held.endswith("\\"):
            held = held[:-1] + " "
            continue
        if _words(held) and not held.startswith("#"):
            yield first, held
        held = ""


def _words(text: str) -> list[str]:
    return [word.strip("\"'") for word in re.findall(r"\"[^\"]*\"|'[^']*'|\S+", text)]


def _routes(server: _Server) -> Iterator[_Route]:
    for each in server.named("proxypass", "proxypassmatch"):
        args = each.args if each.place is None else (each.place, *each.args)
        if len(args) < 2:
            continue
        matching = each.name == "proxypassmatch" and each.place is None
        settings = dict(word.split("=", 1) for word in args[2:] if "=" in word)
        path = f"~ {args[0]}" if matching else args[0]
        yield _Route(each, path, args[1].removesuffix("!"), settings)


def _route(route: _Route, server: _Server, main: _Server) -> Iterator[tuple[str, Told]]:
    """The facts of one path: where it leads, its idle limit, whether an upgrade gets through."""
    yield _told("proxy_target", route.target, route.directive, route, server)
    if not route.target:
        return
    limit = _idle_limit(route, server, main)
    if limit is not None:
        seconds, directive = limit
        yield _told("proxy_idle_timeout_s", f"{seconds:g}", directive, route, server)
    upgraded = route.settings.get("upgrade", "").lower() in {"websocket", "any"}
    if upgraded or re.match(r"wss?:", route.target):
        yield _told("proxy_passes_upgrade", "true", route.directive, route, server)
    elif not any(_tunnels(each) for each in server.named("rewriterule")):
        yield _told("proxy_passes_upgrade", "false", route.directive, route, server)


def _tunnels(rule: _Directive) -> bool:
    """Whether a rewriting rule sends to a WebSocket backend."""
    return len(rule.args) > 1 and re.match(r"wss?:", rule.args[1]) is not None


def _idle_limit(route: _Route, server: _Server, main: _Server) -> tuple[float, _Directive] | None:
    """The longer one of the limits of both sides; None where a default that counts is open."""
    client = _last(("timeout",), server, main)
    backend = _last(("proxytimeout",), server, main) or client
    own = seconds_of(route.settings.get("timeout", ""), "s")
    if own is not None:
        backend = own, route.directive
    known = [each for each in (client, backend) if each is not None]
    if not known or (client is None and known[0][0] < _LONGEST_DEFAULT_S):
        return None
    return max(known, key=lambda each: each[0])


def _last(names: Iterable[str], *servers: _Server) -> tuple[float, _Directive] | None:
    """The last setting of a time in the first of some servers that has one."""
    for server in servers:
        for each in reversed(server.named(*names)):
            seconds = seconds_of(" ".join(each.args[:1]), "s")
            if seconds is not None:
                return seconds, each
    return None


def _told(
    key: str, value: str, directive: _Directive, route: _Route, server: _Server
) -> tuple[str, Told]:
    basis = "configuration of Apache"
    return directive.file, Told(key, value, directive.line, "path", basis, server.host, route.path)
