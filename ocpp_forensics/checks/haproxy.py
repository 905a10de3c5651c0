"""The configuration of HAProxy: where requests go, and what limits and timers hold on the way.

Reads: haproxy.cfg. Feeds: documents. Sections inherit from the `defaults` before them; times
without a unit are milliseconds. Source: https://docs.haproxy.org/2.6/configuration.html
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ocpp_forensics.checks.told import Told, seconds_of

__all__ = ["read_haproxy"]

_SECTION = re.compile(
    r"(?P<kind>global|defaults|frontend|backend|listen)\b\s*(?P<name>\S*)(?P<more>.*)"
)
_OTHER = re.compile(r"[a-z]")
_PATH = re.compile(r"(?:path_beg|path_dir|path)\s+(?:-\S+\s+)*(/\S*)")
_HOST = re.compile(r"hdr(?:_dom|_end|_beg)?\(host\)\s+(?:-\S+\s+)*(\S+)", re.IGNORECASE)
_OCPP = re.compile(r"(?i)ocpp|csms|websocket|\bws|charg|station")


@dataclass(slots=True)
class _Section:
    """One section: its lines as words, with those of the defaults that it follows."""

    kind: str
    name: str
    lines: list[tuple[int, list[str]]] = field(default_factory=list)
    defaults: "_Section | None" = None

    def last(self, *words: str) -> tuple[int, str] | None:
        """Line and value of the last directive that begins with some words, also by default."""
        found = None
        for number, line in self.lines:
            if line[: len(words)] == list(words) and len(line) > len(words):
                found = number, line[len(words)]
        return found or (self.defaults.last(*words) if self.defaults else None)


@dataclass(frozen=True, slots=True)
class _Route:
    """A way from a frontend to a backend, for a path or a host."""

    frontend: _Section
    backend: _Section
    line: int
    host: str | None = None
    path: str | None = None

    @property
    def ocpp(self) -> bool:
        """Whether its names speak of charging stations or WebSockets."""
        names = (self.frontend.name, self.backend.name, self.path or "", self.host or "")
        return any(_OCPP.search(name) for name in names)


def read_haproxy(texts: Mapping[str, str]) -> Iterator[tuple[str, Told]]:
    """The facts in some configuration files, by path."""
    for path, text in texts.items():
        sections = list(_sections(text))
        routes = [route for each in sections for route in _routes(each, sections)]
        for route in _telling(routes):
            for told in (*_timers(route), *_limits(route, sections)):
                yield path, told


def _sections(text: str) -> Iterator[_Section]:
    current: _Section | None = None
    defaults: dict[str, _Section] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        plain = re.sub(r"(?:^|\s)#.*", "", line)
        start = _SECTION.match(plain)
        if start:
            base = re.search(r"\bfrom\s+(\S+)", start["more"])
            current = _Section(start["kind"], start["name"])
            if current.kind != "global":
                current.defaults = defaults.get(base[1] if base else "")
            if current.kind == "defaults":
                defaults[""] = defaults[current.name] = current
            yield current
        elif _OTHER.match(plain):
            current = None  # a section of another kind: peers, resolvers
        elif current is not None and plain.strip():
            current.lines.append((number, plain.split()))


def _routes(section: _Section, sections: Iterable[_Section]) -> Iterator[_Route]:
    """The backends that a frontend sends to, in the order of its rules."""
    first = next((number for number, words in section.lines if words[0] == "server"), None)
    if section.kind == "listen" and first is not None:
        yield _Route(section, section, first)
    if section.kind not in {"frontend", "listen"}:
        return
    backends = {each.name: each for each in sections if each.kind in {"backend", "listen"}}
    tests = _tests(section)
    for number, words in section.lines:
        if len(words) < 2 or words[1] not in backends:
            continue
        if words[0] == "default_backend":
            yield _Route(section, backends[words[1]], number)
        elif words[0] == "use_backend":
            asked = " ".join(tests.get(word, word) for word in words[2:])
            host = " ".join(_HOST.findall(asked)) or None
            for path in _PATH.findall(asked) or [None]:
                yield _Route(section, backends[words[1]], number, host, path)


def _tests(section: _Section) -> dict[str, str]:
    """What each acl of a section asks; several of one name mean either."""
    tests: dict[str, str] = {}
    for _, words in section.lines:
        if words[0] == "acl" and len(words) > 2:
            tests[words[1]] = f"{tests.get(words[1], '')} {' '.join(words[2:])}"
    return tests


def _telling(routes: list[_Route]) -> list[_Route]:
    """Of several routes for the same requests those that speak of charging stations."""
    places: dict[tuple[str | None, str | None], list[_Route]] = {}
    for route in routes:
        places.setdefault((route.host, route.path), []).append(route)
    return [
        route
        for same in places.values()
        for route in ([each for each in same if each.ocpp] or same if len(same) > 1 else same)
    ]


def _timers(route: _Route) -> Iterator[Told]:
    """Where it leads, and the idle limit of an upgraded connection.

    That is `timeout tunnel`, or the shorter one of both sides' where there is none.
    """
    yield _told("proxy_target", route.backend.name, route.line, route)
    tunnel = route.backend.last("timeout", "tunnel") or route.frontend.last("timeout", "tunnel")
    sides = (route.frontend.last("timeout", "client"), route.backend.last("timeout", "server"))
    timed = [
        (seconds, line)
        for line, text in filter(None, [tunnel] if tunnel else sides)
        if (seconds := seconds_of(text, "ms")) is not None
    ]
    if timed:
        seconds, line = min(timed)
        yield _told("proxy_idle_timeout_s", f"{seconds:g}", line, route)


def _limits(route: _Route, sections: Iterable[_Section]) -> Iterator[Told]:
    """The connections that are admitted: by the process, by the frontend, by all servers."""
    process = next((each for each in sections if each.kind == "global"), None)
    limits = [process.last("maxconn") if process else None, route.frontend.last("maxconn")]
    for found in filter(None, limits):
        if found[1].isdigit():
            yield _told("proxy_connection_limit", found[1], found[0], route)
    servers = [(number, words) for number, words in route.backend.lines if words[0] == "server"]
    sizes = [
        int(words[words.index("maxconn") + 1])
        for _, words in servers
        if "maxconn" in words[:-1] and words[words.index("maxconn") + 1].isdigit()
    ]
    if sizes and len(sizes) == len(servers):
        yield _told("proxy_connection_limit", str(sum(sizes)), servers[0][0], route)


def _told(key: str, value: str, line: int, route: _Route) -> Told:
    return Told(key, value, line, "path", "configuration of HAProxy", route.host, route.path)
