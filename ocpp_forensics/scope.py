"""Who is affected and who is not: what sets the stations of an incident apart, and how surely.

Reads: station, trait. Feeds: incidents. A trait tells stations apart where those that have it are
affected clearly more often than those known to be without it: Fisher's exact test, one-sided, with
the number of comparisons taken into account (Bonferroni).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import comb

from ocpp_forensics.model import Scope
from ocpp_forensics.sentences import count_of, few
from ocpp_forensics.store import Store

__all__ = ["Share", "chance", "scope_of", "shares_of"]

_SURE = 0.05
_MOSTLY = 0.9
_ENOUGH = 4
"""Affected stations, and others, from which on it is worth saying that nothing tells them apart."""
_PHRASES = {
    "firmware": "with firmware {}",
    "model": "of model {}",
    "vendor": "of vendor {}",
    "carrier": "with carrier {}",
    "link": "on a {} link",
    "subnet": "in the network {}",
    "proxy": "behind the proxy of {}",
    "csms_node": "at the CSMS node of {}",
    "site": "whose identity begins with {}",
}
"""How each trait is said; of equally good ones the first is named."""


@dataclass(frozen=True, slots=True)
class Share:
    """How many stations with and without one value of a trait are affected."""

    trait: str
    value: str
    hit: int
    having: int
    hit_others: int
    others: int
    p: float


def chance(hit: int, having: int, hit_others: int, others: int) -> float:
    """The probability of at least so many hits among those having it, were it all the same."""
    affected = hit + hit_others
    term = comb(having, hit) * comb(others, hit_others) / comb(having + others, affected)
    total = 0.0
    for each in range(hit, min(having, affected) + 1):
        total += term
        term *= (having - each) * (affected - each) / ((each + 1) * (others - affected + each + 1))
    return min(total, 1.0)


def shares_of(
    affected: frozenset[str], traits: Mapping[str, Mapping[str, str]]
) -> tuple[Share, ...]:
    """All comparisons, the most telling first. `traits` has the value by trait and station."""
    found = [
        _share(trait, value, affected, values)
        for trait, values in traits.items()
        for value in sorted({values[station] for station in values if station in affected})
        if len(set(values.values())) > 1
    ]
    order = list(_PHRASES)
    return tuple(sorted(found, key=lambda each: (each.p, order.index(each.trait), each.value)))


def _share(trait: str, value: str, affected: frozenset[str], values: Mapping[str, str]) -> Share:
    having = {station for station in values if values[station] == value}
    others = set(values) - having
    counts = len(having & affected), len(having), len(others & affected), len(others)
    return Share(trait, value, *counts, chance(*counts))


def scope_of(store: Store, stations: Sequence[str]) -> Scope:
    """Who is affected by an incident, and who is not."""
    known = {row[0] for row in store.rows("SELECT station FROM station")}
    affected = frozenset(stations) & known
    traits: dict[str, dict[str, str]] = {}
    for station, trait, value in store.rows("SELECT station, trait, value FROM trait ORDER BY ALL"):
        if station in known:
            traits.setdefault(trait, {})[station] = value
    if len(affected) == len(known) > 1:
        return _plain("all", affected, known, f"all {len(known)} stations")
    share = f"{len(affected)} of {count_of(len(known), 'station')}"
    if len(affected) <= 1:
        return _plain("station", affected, known, share)
    shares = shares_of(affected, traits)
    best = next((each for each in shares if _tells_apart(each, affected, len(shares))), None)
    if best is None:
        few_of_a_kind = min(len(affected), len(known) - len(affected)) < _ENOUGH
        rest = "" if few_of_a_kind else _nothing(shares)
        return _plain("stations", affected, known, share + rest)
    return _told(best, shares, affected, known)


def _tells_apart(share: Share, affected: frozenset[str], tests: int) -> bool:
    """Whether all that have it are affected and nobody else, or surely nearly so."""
    if share.hit < max(2, _MOSTLY * len(affected)) or not share.others:
        return False
    if share.hit == share.having and not share.hit_others:
        return True
    mostly = share.hit >= _MOSTLY * share.having
    return mostly and share.hit_others <= (1 - _MOSTLY) * share.others and share.p * tests < _SURE


def _plain(name: str, affected: Iterable[str], known: Iterable[str], sentence: str) -> Scope:
    hit, total = len(set(affected)), len(set(known))
    return Scope(name, None, sentence, hit, total, 0, 0, None)


def _nothing(shares: Sequence[Share]) -> str:
    """What can be said where nothing sets the affected stations apart."""
    if not shares:
        return ""
    best, tests = shares[0], len(shares)
    if best.p * tests < _SURE:
        return f", mostly those {_phrase(best)}: {_counts(best)} ({_probability(best.p * tests)})"
    seen = {share.trait for share in shares}
    names = ", ".join(each.replace("_", " ") for each in _PHRASES if each in seen)
    return f"; nothing sets them apart ({names} looked at)"


def _told(
    best: Share, shares: Sequence[Share], affected: frozenset[str], known: Iterable[str]
) -> Scope:
    counts = (best.hit, best.having, best.hit_others, best.others)
    alike = [
        _phrase(each)
        for each in shares
        if each is not best and (each.hit, each.having, each.hit_others, each.others) == counts
    ]
    adjusted = min(best.p * len(shares), 1.0)
    sure = _probability(adjusted)
    if adjusted >= _SURE:
        sure += ": so few stations may be chance"
    same = f"; the same holds for those {few(alike, 2)}" if alike else ""
    sentence = f"{_counts(best)} ({sure}){same}"
    return Scope(best.trait, best.value, sentence, *counts, round(adjusted, 6))


def _counts(share: Share) -> str:
    having = count_of(share.having, "station")
    return f"{share.hit} of {having} {_phrase(share)}, {share.hit_others} of {share.others} others"


def _phrase(share: Share) -> str:
    return _PHRASES[share.trait].format(share.value)


def _probability(p: float) -> str:
    return "p < 0.001" if p < 0.001 else f"p = {p:.2g}"
