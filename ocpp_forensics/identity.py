"""Which station a line, a connection or a whole log belongs to, and on what basis.

Reads: record, detail, part, source. Feeds: the event table. A station is what OCPP calls the
identity: the last part of the URL it dials. Names of files, hosts and folders are the last resort.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from urllib.parse import unquote

import pyarrow as pa

from ocpp_forensics.model import SourceInfo
from ocpp_forensics.store import Store

__all__ = ["canonical_names", "name_of_path", "name_stations", "own_sources", "station_in_name"]

_NOT_A_STATION = re.compile(
    r"(?i)^(?:-|\*|null|none|undefined|unknown|anonymous|client|clients?|id|ids|uri|url|path|key|name|host|server|charger|station|"
    r"charge-?point|charging-?station|cp|cs|csms|evse|connection|websocket|socket|ws|wss|new|old|the|"
    r"this|peer|backend|gateway|health|healthz|livez|readyz|ready|live|ping|status|metrics|favicon\.ico|"
    r"robots\.txt|index\.html?|login|api|ocpp|ocpp1[.]?6j?|ocpp2[.\d]*|from|to|for|with|lost|closed|it|"
    r"\w*(?:client|server|handler|manager|service|listener|controller|gateway|socket|task)|"
    r"error|warning|info|debug|true|false|message|system|central|session|timeout|heartbeat|link|uplink|downlink|network|net|comms?|rpc|wire|frames?|trace|traffic|transport|tunnel|channel|"
    r"(?:connector|outlet|gun|plug|ppp|wwan|eth|wlan|usb|ttyusb|ttyacm|cdc-wdm|modem|port|worker|"
    r"thread|node|pid|attempt|try|retry|http|ipv|tls)[-_#/]?\d+(?:\.\d+)?|"
    r"(?:en|wl|ww|sl)(?:[os]\d+|p\d+s\d+|x[0-9a-f]+)[a-z0-9]*|"
    r"\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?|v?\d+(?:\.\d+){2,3}|\d)$"
)
_EXTENSION = re.compile(
    r"(?i)\.(?:log|syslog|txt|jsonl?|csv|out|gz|bz2|xz|zst|\d{1,2})$"
    r"|[._-](?:19|20)\d{2}-?\d{2}-?\d{2}(?:[T_-]\d{2,6})?$"
)
_LEAD = re.compile(
    r"(?i)^(?:cp|cs|evse|station|charger|charge-?point|charging-?station|firmware|fw|device|logs?)[-_](?=.*\d)"
)
_OCPP_PATH = re.compile(
    r"(?i)ocpp|/ws|websocket|steve|charg|/cp|/cs|csms|centralsystem|station|evse|/v?1\.?6|/v?2\.?0"
)
_OTHER_PATH = re.compile(r"(?i)\.(?:png|css|js|ico|html?|json|xml|php|txt)$|^/?(?:\.|api/)")


def name_stations(store: Store) -> None:
    """Find every station that is named and one spelling for each; fills `station_name`."""
    store.run_file("identity_raw")
    rows = store.rows("SELECT raw, basis, prefix, lines FROM raw_station ORDER BY ALL")
    names = canonical_names(rows)
    table = pa.table({
        "raw": pa.array(list(names), pa.string()),
        "station": pa.array(list(names.values()), pa.string()),
    })
    store.show("names", table)
    store.execute("CREATE OR REPLACE TEMP TABLE station_name AS SELECT * FROM names")
    store.hide("names")
    store.run_file("identity_claims")


def canonical_names(
    rows: Iterable[tuple[str | None, str, str | None, int]],
) -> dict[str, str]:
    """One spelling for every station: raw spelling -> station.

    Shape: rows of (spelling, basis, path before it, lines). Spellings that differ only by case,
    percent-encoding or a tenant prefix ('1:EV-7') are one station; the most frequent one is kept.
    """
    found = _without_numbers([row for row in rows if row[0]])
    trusted = {
        _clean(raw) for raw, basis, _, _ in found if raw and basis != "path" and _may_be(raw)
    }
    prefixes = {prefix for raw, _, prefix, _ in found if raw and prefix and _clean(raw) in trusted}
    shapes = {_shape(name) for name in trusted}
    counts: dict[str, Counter[str]] = {}
    spellings: dict[str, str] = {}
    for raw, basis, prefix, lines in found:
        if raw is None or not _may_be(raw):
            continue
        alike = _shape(_clean(raw)) in shapes
        if basis == "path" and not (alike or _is_ocpp_path(raw, prefix or "", prefixes, trusted)):
            continue
        name = _without_tenant(_clean(raw), trusted)
        counts.setdefault(name.casefold(), Counter())[name] += lines
        spellings[raw] = name.casefold()
    best = {key: min(names, key=lambda name: (-names[name], name)) for key, names in counts.items()}
    return {raw: best[key] for raw, key in spellings.items()}


def _without_numbers(
    rows: list[tuple[str | None, str, str | None, int]],
) -> list[tuple[str | None, str, str | None, int]]:
    """The same without short bare numbers from words, where other identities are no numbers."""
    numbers = [bool(re.fullmatch(r"\d{1,4}", _clean(raw or "0"))) for raw, *_ in rows]
    if all(numbers):
        return rows
    return [
        row for row, number in zip(rows, numbers, strict=True) if not number or row[1] == "path"
    ]


def _clean(raw: str) -> str:
    return unquote(raw).strip("'\"[](){}<>,; ")


def _may_be(raw: str) -> bool:
    name = _clean(raw)
    return 2 <= len(name) <= 64 and not re.search(r"\s", name) and not _NOT_A_STATION.match(name)


def _is_ocpp_path(raw: str, prefix: str, prefixes: set[str], trusted: set[str]) -> bool:
    if _clean(raw) in trusted or prefix in prefixes:
        return True
    return bool(_OCPP_PATH.search(prefix)) and not _OTHER_PATH.search(prefix + raw)


def _without_tenant(name: str, trusted: set[str]) -> str:
    rest = re.sub(r"^(?:T?\d+|[A-Za-z]\w*):", "", name)
    return rest if rest in trusted else name


def own_sources(
    sources: Iterable[SourceInfo],
    counts: Mapping[int, Mapping[str, int]],
    hosts: Mapping[int, Iterable[str]],
    stations: Iterable[str],
) -> dict[int, tuple[str, str]]:
    """The station that a whole log belongs to, with the basis: source_id -> (station, basis).

    Shape: `counts` gives per source how many lines name each station, `hosts` the host names that
    occur in it. Logs of a CSMS or proxy, and configurations, belong to no station.
    """
    known = sorted(stations)
    owned: dict[int, tuple[str, str]] = {}
    for source in sources:
        if source.kind in {"csms", "proxy", "config"}:
            continue
        found = _owner(
            source, counts.get(source.source_id, {}), hosts.get(source.source_id, ()), known
        )
        if found:
            owned[source.source_id] = found
    owned = _by_folder(sources, owned)
    for source in sources:
        name = name_of_path(source.path)
        if source.kind == "station" and source.source_id not in owned and name:
            owned[source.source_id] = name, "file name, no line names the station"
    if not (known or owned):
        owned = _by_folder(sources, _nameless(sources))
    return owned


def _nameless(sources: Iterable[SourceInfo]) -> dict[int, tuple[str, str]]:
    """Where nothing names any station: each station's log is that of one called like its file."""
    logs = [source for source in sources if source.kind == "station"]
    stems = [_without_extension(source.path.rpartition("/")[2]) for source in logs]
    return {
        source.source_id: (
            stem if stems.count(stem) == 1 else _without_extension(source.path),
            "file name, nothing names the station",
        )
        for source, stem in zip(logs, stems, strict=True)
    }


def _without_extension(name: str) -> str:
    while (cut := _EXTENSION.sub("", name)) not in {name, ""}:
        name = cut
    return name


def name_of_path(path: str) -> str | None:
    """The identity that a path itself seems to state: 'logs/cp-EV_7.log.1' gives 'EV_7'.

    The last resort, for a station's log in which no identity stands: the name of the file or else
    of its folder, where it holds a digit.
    """
    for part in reversed(path.split("/")):
        name = _without_extension(part)
        if re.search(r"\d.*[A-Za-z]|[A-Za-z].*\d|\d{4}|^[A-Z]{2,}[-_][A-Z]+$", name):
            name = _LEAD.sub("", name)
            return name if _may_be(name) else None
    return None


def _owner(
    source: SourceInfo, counts: Mapping[str, int], hosts: Iterable[str], known: list[str]
) -> tuple[str, str] | None:
    if source.station:
        return source.station, source.station_basis or "option"
    if counts:
        best = max(counts, key=lambda name: (counts[name], name))
        if counts[best] >= 0.8 * sum(counts.values()):
            return best, "named in its lines"
    by_file = _named_by_file(source, known)
    if by_file:
        return by_file, "file name"
    for host in sorted(hosts):
        by_host = station_in_name(host, known)
        if by_host:
            return by_host, f"host name {host}"
    if len(known) == 1 and not _states_another(source, known[0]):
        return known[0], "the only station of the bundle"
    return None


def _named_by_file(source: SourceInfo, known: list[str]) -> str | None:
    """The station that the path names; by its number alone only where it states no other one."""
    whole = station_in_name(source.path, known, by_number=False)
    if whole or source.kind == "check":
        return whole
    numbered = station_in_name(source.path, known)
    return None if numbered and _states_another(source, numbered) else numbered


def _states_another(source: SourceInfo, known: str) -> bool:
    """Whether the path of a station's log states an identity of the same make as the known one."""
    name = name_of_path(source.path) if source.kind == "station" else None
    return name is not None and name != known and _shape(name) == _shape(known)


def _shape(name: str) -> str:
    """What identities of one make have in common: 'EV-0007' and 'DC-0031' are 'AA-0000'."""
    return re.sub(r"[a-z]", "a", re.sub(r"[A-Z]", "A", re.sub(r"\d", "0", name)))


def station_in_name(name: str, known: Iterable[str], *, by_number: bool = True) -> str | None:
    """The one known station that a file, folder or host name speaks of, None where unclear.

    'cp-EV_7.log' speaks of 'EV*7'; 'modem-31.log' of 'ES-SEV-0031' if no other station ends in 31,
    unless `by_number` is false.
    """
    plain = _letters(name)
    whole = [
        station for station in known if len(_letters(station)) >= 4 and _letters(station) in plain
    ]
    if whole:
        longest = max(len(_letters(station)) for station in whole)
        best = [station for station in whole if len(_letters(station)) == longest]
        return best[0] if len(best) == 1 else None
    if not by_number:
        return None
    numbers = {int(digits) for digits in re.findall(r"\d+", name)}
    tailed = [station for station in known if _tail_number(station) in numbers]
    return tailed[0] if len(tailed) == 1 else None


def _letters(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.casefold())


def _tail_number(station: str) -> int | None:
    found = re.search(r"(\d+)\D*$", station)
    return int(found[1]) if found else None


def _by_folder(
    sources: Iterable[SourceInfo], owned: dict[int, tuple[str, str]]
) -> dict[int, tuple[str, str]]:
    """Logs without an owner belong to the only station that the others of their folder have."""
    folders: dict[str, set[str]] = {}
    for source in sources:
        if source.source_id in owned:
            folder = source.path.rpartition("/")[0]
            folders.setdefault(folder, set()).add(owned[source.source_id][0])
    for source in sources:
        folder = source.path.rpartition("/")[0]
        shared = folders.get(folder, set())
        alone = len(shared) == 1 and source.kind in {"modem", "os", "station", "check"}
        if source.source_id not in owned and alone and folder:
            owned[source.source_id] = (next(iter(shared)), "the only station of its folder")
    return owned
