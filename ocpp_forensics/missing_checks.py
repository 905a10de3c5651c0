"""The checks that would decide: what signatures ask of a station and nothing in the bundle tells.

Reads: incident_episode, known, dialled, the library. Feeds: incidents.
"""

from dataclasses import replace

from ocpp_forensics.attribution import UNEXPLAINED, Group
from ocpp_forensics.dsl.catalogue import facts
from ocpp_forensics.dsl.compiler import compile_signature
from ocpp_forensics.dsl.tree import Signature
from ocpp_forensics.findings import Findings, anchor_stream, fact_keys
from ocpp_forensics.model import MissingEvidence
from ocpp_forensics.sentences import few
from ocpp_forensics.store import Store

__all__ = ["missing_checks"]

_POINTS = 8
"""How much a check decides on a cause that fits but for it: like a log on an ambiguous result."""


def missing_checks(found: Findings, group: Group) -> tuple[MissingEvidence, ...]:
    """The outputs and configurations that would bring another cause into play for an incident.

    Those are asked for whose signature fits the incident but for a fact that is not known. A sure
    result asks for nothing.
    """
    if group.confidence == "high":
        return ()
    wanted: dict[str, list[str]] = {}
    for each in found.library.signatures:
        asks = _asks(each) if each.explains == group.symptom else []
        if asks and each.cause != group.cause and _would_fit(found.store, each, group.number):
            for ask in asks:
                wanted.setdefault(ask, []).append(each.cause)
    host = _host(found.store, group)
    return tuple(
        _missing(ask.replace("HOST", host), tuple(dict.fromkeys(causes)), group)
        for ask, causes in wanted.items()
    )


def _asks(signature: Signature) -> list[str]:
    """What tells the facts that a signature demands, one request for each way to get them."""
    keys = fact_keys(signature, signature.given) if signature.given else []
    return list(dict.fromkeys(ask for key in keys if (ask := facts()[key].ask)))


def _would_fit(store: Store, signature: Signature, number: int) -> bool:
    """Whether it matches most episodes of an incident, as far as can be known without its facts."""
    assert signature.given is not None
    keys = fact_keys(signature, signature.given)
    bare = compile_signature(replace(signature, given=None, weights=(), variants=()))
    unknown = " OR ".join(f'k."{key}" IS NULL' for key in keys)
    fitting, all_of_them = store.rows(
        f"SELECT count(DISTINCT e.episode), (SELECT count(DISTINCT (stream, episode)) "
        f"FROM incident_episode WHERE number = $number) FROM ({bare}) AS e "
        "JOIN incident_episode AS i ON i.episode = e.episode AND i.stream = $stream "
        "ASOF LEFT JOIN known AS k ON e.station = k.station AND e.ts >= k.from_ts "
        f"WHERE i.number = $number AND e.known AND ({unknown})",
        {"number": number, "stream": anchor_stream(signature).table},
    )[0]
    return bool(fitting and 2 * fitting >= all_of_them)


def _host(store: Store, group: Group) -> str:
    """The host that most stations of an incident dial."""
    found = store.value(
        "SELECT mode(host ORDER BY host) FROM dialled WHERE station IN (SELECT unnest(?))",
        [list(group.stations)],
    )
    return str(found or "HOST")


def _missing(ask: str, causes: tuple[str, ...], group: Group) -> MissingEvidence:
    aim = f"tell {group.cause} from {few(causes)}"
    if group.cause == UNEXPLAINED:
        aim = f"show or exclude {few(causes)}"
    return MissingEvidence(
        need=ask,
        would_decide=causes,
        kind="check",
        points=_POINTS * len(causes) * group.episodes,
        sentence=f"{ask}, to {aim}",
    )
