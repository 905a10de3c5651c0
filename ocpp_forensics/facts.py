"""What is known of each station at each moment: facts bound to the stations that they bear on.

Reads: fact, dialled, station. Feeds: station_fact (one row per station, fact and stretch) and known
(one row per station and stretch, a column per key), which the signatures ask.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from ocpp_forensics.dsl.catalogue import facts, ocpp_variables
from ocpp_forensics.store import Store
from ocpp_forensics.vocabulary import SQL_TYPES

__all__ = ["bind_facts", "serving_location", "variable_table"]


def variable_table() -> pa.Table:
    """One row per configuration key of OCPP that holds a fact."""
    names = ocpp_variables()
    return pa.table({"variable": list(names), "key": list(names.values())})


def bind_facts(store: Store) -> None:
    """Fill `station_fact` and `known` from all facts.

    A fact about a host binds the stations that dial it, one about a path those whose requests the
    proxy sends there. Of a station whose host or path no log tells, nothing excludes it.
    """
    dialled = _dialled(store)
    bound = [*_by_host(store, dialled), *_by_path(store, dialled)]
    table = {
        "station": pa.array([row[0] for row in bound], pa.string()),
        "host": pa.array([row[1] for row in bound], pa.string()),
        "path": pa.array([row[2] for row in bound], pa.string()),
        "source_id": pa.array([row[3] for row in bound], pa.int64()),
    }
    store.show("bound", pa.table(table))
    store.run_file("session_station_fact")
    store.hide("bound")
    _compare_names(store, dialled)
    store.run_file("session_known")
    store.execute(_wide_sql())


@dataclass(slots=True)
class _Dialled:
    """The hosts and paths that one station asks for."""

    hosts: set[str] = field(default_factory=set)
    paths: set[str] = field(default_factory=set)


def _dialled(store: Store) -> dict[str, _Dialled]:
    found = {row[0]: _Dialled() for row in store.rows("SELECT station FROM station")}
    for station, host, path in store.rows("SELECT station, host, path FROM dialled"):
        if station in found:
            found[station].hosts |= {host} - {None}
            found[station].paths |= {path} - {None}
    return found


_Bound = tuple[str, str | None, str | None, int | None]


def _by_host(store: Store, dialled: Mapping[str, _Dialled]) -> Iterator[_Bound]:
    rows = store.rows("SELECT DISTINCT host FROM fact WHERE scope = 'host'")
    for (host,) in rows:
        for station, asked in dialled.items():
            if host is None or not asked.hosts or any(_serves(host, each) for each in asked.hosts):
                yield station, host, None, None


def _by_path(store: Store, dialled: Mapping[str, _Dialled]) -> Iterator[_Bound]:
    """Each station with the one place in each proxy's configuration that serves it."""
    routes: dict[int, list[tuple[str | None, str | None, bool]]] = {}
    for source_id, host, path, proxied in store.rows(
        "SELECT source_id, host, path, bool_or(key = 'proxy_target') FROM fact "
        "WHERE scope = 'path' GROUP BY ALL ORDER BY ALL"
    ):
        routes.setdefault(source_id, []).append((host, path, proxied))
    for source_id, places in routes.items():
        for station, asked in dialled.items():
            for host, path in sorted(_served(places, asked), key=repr):
                yield station, host, path, source_id


def _served(
    places: Sequence[tuple[str | None, str | None, bool]], asked: _Dialled
) -> set[tuple[str | None, str | None]]:
    """The places that serve a station; without a path, the only one that leads to a backend."""
    hosts = {host for host, _, _ in places}
    if asked.hosts:
        named = [host for host in hosts if host and any(_serves(host, h) for h in asked.hosts)]
        hosts = set(named) or hosts & {None}
    if not asked.paths:
        proxied = {(host, path) for host, path, leads in places if leads and host in hosts}
        return proxied if len(proxied) == 1 else set()
    found = set()
    for host in hosts:
        listed = [path for name, path, _ in places if name == host]
        for wanted in asked.paths:
            location = serving_location(listed, wanted)
            if location is not None:
                found.add((host, location or None))
    return found


def serving_location(locations: Iterable[str | None], path: str) -> str | None:
    """The location of nginx that serves a path; '' is the one for any path, None is none.

    Source: https://nginx.org/en/docs/http/ngx_http_core_module.html#location
    """
    best, best_length, final = None, -1, False
    patterns = []
    for location in locations:
        sign, _, text = (location or "").rpartition(" ")
        if sign in {"~", "~*"}:
            patterns.append((location, text, re.IGNORECASE if sign == "~*" else 0))
        elif sign == "=" and path == text:
            return location
        elif sign != "=" and path.startswith(text) and len(text) > best_length:
            best, best_length, final = location or "", len(text), sign == "^~"
    if not final:
        for location, text, flags in patterns:
            if _found(text, path, flags):
                return location
    return best


def _found(pattern: str, text: str, flags: int = re.IGNORECASE) -> bool:
    """Whether a regular expression of a configuration is found; one that is none never is."""
    try:
        return re.search(pattern, text, flags) is not None
    except re.error:
        return False


def _serves(names: str, host: str) -> bool:
    """Whether one of the names of a server (also *.example.com, .example.com, ~regex) is a host."""
    return any(_is_name(name, host) for name in names.casefold().split())


def _is_name(name: str, host: str) -> bool:
    if name.startswith("~"):
        return _found(name[1:], host)
    if name.startswith("*."):
        return host.endswith(name[1:])
    return host == name.lstrip(".") or (name.startswith(".") and host.endswith(name))


def _compare_names(store: Store, dialled: Mapping[str, _Dialled]) -> None:
    """Set the names of certificates against the hosts that the stations dial."""
    rows = store.rows(
        "SELECT DISTINCT station, value, from_ts, event_id FROM station_fact "
        "WHERE key = 'certificate_names'"
    )
    for station, names, from_ts, event_id in rows:
        hosts = dialled[station].hosts
        if hosts:
            fits = all(_certified(names, host) for host in hosts)
            store.execute(
                "INSERT INTO station_fact VALUES (?, 'certificate_names_host', ?, ?, ?)",
                [station, str(fits).lower(), from_ts, event_id],
            )


def _certified(names: str, host: str) -> bool:
    """Whether a certificate's names cover a host; a star stands for one label (RFC 6125)."""
    fitting = {host, "*." + host.partition(".")[2]}
    return not fitting.isdisjoint(re.findall(r"dns:([^\s,]+)", names.casefold()))


def _wide_sql() -> str:
    """SQL that makes `known`: a column per key, from the moment on at which any of them changes."""
    keys = list(facts().items())
    picked = ", ".join(
        f"any_value(value) FILTER (key = '{name}') AS \"{name}\"" for name, _ in keys
    )
    held = ", ".join(
        f'try_cast(last_value("{name}" IGNORE NULLS) OVER before AS {SQL_TYPES[each.type]}) '
        f'AS "{name}"'
        for name, each in keys
    )
    return f"""
CREATE TABLE known AS
SELECT station, from_ts, {held}
FROM (SELECT station, from_ts, {picked} FROM held_fact GROUP BY ALL)
WINDOW before AS (PARTITION BY station ORDER BY from_ts)
"""
