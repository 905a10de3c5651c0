"""How the connections of an incident ended: who hung up, after how long, and whose timer it was.

Reads: incident_episode, lost, known, source formats, the known timers. Feeds: incidents.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from statistics import median
from typing import Any

from ocpp_forensics.attribution import UNEXPLAINED, Group
from ocpp_forensics.clusters import Cluster, clusters_of
from ocpp_forensics.dsl.catalogue import facts
from ocpp_forensics.model import Ending, EndingTimer, Rhythm
from ocpp_forensics.sentences import duration
from ocpp_forensics.store import Store
from ocpp_forensics.timers import (
    Measure,
    Timer,
    matching_timers,
    measures,
    setting_names,
    timers,
)

__all__ = ["ending_of"]

_MOST_NAMED = 3
_NO_CLOSE_FRAME = 1006
"""Source: RFC 6455 section 7.1.5."""
_DAY = 86_400
_SAME_TIME = 180.0
"""Seconds before and after a time of day that still are the same time of day."""

_SENDERS = {
    "csms": "the CSMS sent the close frame",
    "station": "the station sent the close frame",
    "unknown": "a close frame arrived, no log says from whom",
    "nobody": "no side sent a close frame that arrived",
}

_DROPS = """
SELECT l.station, epoch(l.ts) AS at_s, l.initiator, l.code, l.station_code, l.csms_code, l.reason,
    l.path_dead, l.csms_found_late, l.found_late_s, l.silence_s, l.idle_s, l.csms_heard_s, l.age_s,
    l.ping_interval_s
FROM incident_episode AS i JOIN lost AS l ON l.lost_id = i.episode
WHERE i.number = ? AND i.stream = 'lost' ORDER BY l.ts, l.lost_id"""

# Per setting that was in force at the drops: its most frequent value, and where it stands.
_IN_FORCE = """
SELECT k.key, mode(try_cast(f.value AS DOUBLE) ORDER BY f.value) AS seconds,
    mode(p.path || ':' || line_of(f.event_id, p.glued) ORDER BY f.event_id) AS place
FROM (
    SELECT l.station, l.ts, unnest($keys) AS key
    FROM incident_episode AS i JOIN lost AS l ON l.lost_id = i.episode
    WHERE i.number = $number AND i.stream = 'lost'
) AS k ASOF JOIN held_fact AS f ON f.station = k.station AND f.key = k.key AND k.ts >= f.from_ts
LEFT JOIN part AS p ON p.part_id = f.event_id >> 40
GROUP BY k.key"""

Drop = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Setting:
    """A timer that is set somewhere in the bundle."""

    seconds: float
    place: str | None


@dataclass(frozen=True, slots=True)
class Known:
    """What a length of time is compared with: settings by fact, and the formats of all logs."""

    settings: Mapping[str, Setting]
    formats: Sequence[str]


def ending_of(store: Store, group: Group) -> Ending | None:
    """How the connections of an incident ended; none where it is about something else."""
    drops = store.records(_DROPS, [group.number])
    if not drops:
        return None
    known = _known(store, group)
    rhythms = [rhythm for measure in _wanted(group) for rhythm in _rhythms(measure, drops, known)]
    if group.cause == UNEXPLAINED:
        rhythms = sorted(rhythms, key=lambda each: (-each.drops, each.spread_s / each.seconds))[:1]
    who, sentence = _who(drops)
    return Ending(who, sentence, len(drops), (*rhythms, *_daily(drops)))


def _known(store: Store, group: Group) -> Known:
    formats = store.rows("SELECT DISTINCT format FROM part WHERE format IS NOT NULL ORDER BY 1")
    keys = {name for each in measures() for name in (*each.settings, *each.multiples)}
    rows = store.rows(_IN_FORCE, {"number": group.number, "keys": sorted(keys & set(facts()))})
    settings = {key: Setting(seconds, place) for key, seconds, place in rows if seconds}
    return Known(settings, [row[0] for row in formats])


def _wanted(group: Group) -> tuple[Measure, ...]:
    """The measures that can be the timer of a cause; all of them where the cause is not known."""
    return tuple(
        each for each in measures() if group.cause in each.causes or group.cause == UNEXPLAINED
    )


def _rhythms(measure: Measure, drops: Sequence[Drop], known: Known) -> Iterator[Rhythm]:
    told = [drop for drop in drops if drop[measure.field] is not None]
    values = [drop[measure.field] for drop in told]
    for cluster in clusters_of(values, [drop["at_s"] for drop in told])[:2]:
        if cluster.middle < 5:
            continue
        members = [told[place] for place in cluster.members]
        exact = list(_settings(measure.settings, 1, cluster, members, known))
        timers = [*exact, *_settings(measure.multiples, 3, cluster, members, known)]
        timers += [] if exact else _defaults(measure, cluster, known)
        yield Rhythm(
            measure=measure.name,
            seconds=round(cluster.middle, 2),
            spread_s=round(cluster.spread, 2),
            drops=len(members),
            timers=tuple(timers),
            sentence=_sentence(measure, cluster, len(drops), timers),
        )


def _daily(drops: Sequence[Drop]) -> Iterator[Rhythm]:
    """One time of day at which most of them ended, on three days or more."""
    # The day begins where the longest stretch without drops ends: no cluster lies across it.
    times = sorted(drop["at_s"] % _DAY for drop in drops)
    gaps = [(after - before, after) for before, after in pairwise([*times, times[0] + _DAY])]
    begin = max(gaps)[1]
    into_day = [(drop["at_s"] - begin) % _DAY for drop in drops]
    days = [10 * ((drop["at_s"] - begin) // _DAY) for drop in drops]
    for cluster in clusters_of(into_day, days, lambda _: _SAME_TIME)[:1]:
        if 2 * len(cluster.members) <= len(drops):
            continue
        seconds = (begin + cluster.middle) % _DAY
        count = len({days[place] for place in cluster.members})
        jobs = [each for each in timers() if each.measures == "clock"]
        yield Rhythm(
            measure="time-of-day",
            seconds=round(seconds, 2),
            spread_s=round(cluster.spread, 2),
            drops=len(cluster.members),
            timers=tuple(
                EndingTimer(each.who, each.setting, each.seconds, "default", each.reference)
                for each in jobs
            ),
            sentence=f"{len(cluster.members)} of {len(drops)} drops came at "
            f"{timedelta(seconds=round(seconds))} UTC ± {duration(cluster.spread)}, on {count} "
            f"days: look for {' or '.join(each.who for each in jobs)}",
        )


def _settings(
    names: Sequence[str], most: int, cluster: Cluster, members: Sequence[Drop], known: Known
) -> Iterator[EndingTimer]:
    """Settings found in the bundle of which the length is a multiple, `most` times at most."""
    for name in names:
        setting = known.settings.get(name) or _pace(name, members)
        if setting is None:
            continue
        times = round(cluster.middle / setting.seconds)
        off = abs(cluster.middle - times * setting.seconds)
        if 1 <= times <= most and off <= max(2.0, 0.03 * cluster.middle):
            yield _setting_timer(name, setting, times)


def _pace(name: str, members: Sequence[Drop]) -> Setting | None:
    """A setting that no log tells, measured from the traffic before the drops."""
    told = [drop[name] for drop in members if drop.get(name)]
    return Setting(median(told), None) if told else None


def _setting_timer(name: str, setting: Setting, times: int) -> EndingTimer:
    title = setting_names()[name]
    many = f"{times} times " if times > 1 else ""
    place = f" ({setting.place})" if setting.place else ""
    text = f"{many}the {title} of {duration(setting.seconds)}{place}"
    seconds = times * setting.seconds
    return EndingTimer(title, text, seconds, "bundle", setting.place or "measured")


def _defaults(measure: Measure, cluster: Cluster, known: Known) -> Iterator[EndingTimer]:
    """Known timers; only those of programs that wrote logs of the bundle, if there are such."""
    matching = matching_timers(cluster.middle, measure.compares, measure.roles)
    present = [each for each in matching if _wrote(each, known.formats)]
    basis = "present" if present else "default"
    for each in present or matching:
        yield EndingTimer(each.who, each.setting, each.seconds, basis, each.reference)


def _wrote(timer: Timer, formats: Sequence[str]) -> bool:
    return any(name.startswith(timer.formats) for name in formats)


def _sentence(measure: Measure, cluster: Cluster, total: int, timers: Sequence[EndingTimer]) -> str:
    size = f"{len(cluster.members)} of {total} drops"
    length = f"{cluster.middle:.1f} s ± {cluster.spread:.1f} s"
    if cluster.middle >= 600:
        length = f"{duration(cluster.middle)} ({length})"
    return f"{size} came {length} after {measure.after}{_timer_words(timers)}"


def _timer_words(timers: Sequence[EndingTimer]) -> str:
    own = [each.setting for each in timers if each.basis == "bundle"]
    present = [
        f"{each.who}'s default ({each.setting})" for each in timers if each.basis == "present"
    ]
    known = [f"{each.who} ({each.setting})" for each in timers if each.basis == "default"]
    more = f" and {len(known) - _MOST_NAMED} others" if len(known) > _MOST_NAMED else ""
    words = [f"that is {' and '.join([*own, *present])}"] if own or present else []
    if known:
        names = ", ".join(known[:_MOST_NAMED]) + more
        words.append(f"it is the default of {names}, if such a thing is in the path")
    return ": " + "; ".join(words) if words else ""


def _who(drops: Sequence[Drop]) -> tuple[str, str]:
    """Who hung up in most cases, and how each side saw it."""
    total = len(drops)
    counts = Counter(_sender(drop) for drop in drops)
    who, times = min(counts.items(), key=lambda each: (-each[1], each[0]))
    share = "" if times == total == 1 else f" ({times} of {total})"
    begin = _SENDERS[who]
    if who == "nobody" and _mostly(drops, "path_dead"):
        begin = "each side gave up without having heard the other"
    pieces = [begin + share, *_views(drops), *_lateness(drops)]
    return who, "; ".join(pieces)


def _sender(drop: Drop) -> str:
    sender: str | None = drop["initiator"]
    return sender or ("nobody" if drop["code"] in {None, _NO_CLOSE_FRAME} else "unknown")


def _mostly(drops: Sequence[Drop], name: str) -> bool:
    return 2 * sum(bool(drop[name]) for drop in drops) > len(drops)


def _views(drops: Sequence[Drop]) -> Iterator[str]:
    """The close code as each side saw it, with the reason that is told most."""
    seen = []
    for name, title in (("station_code", "the station saw"), ("csms_code", "the CSMS saw")):
        codes = Counter(drop[name] for drop in drops if drop[name] is not None)
        if codes:
            code, times = min(codes.items(), key=lambda each: (-each[1], each[0]))
            seen.append(f"{title} {code}" + (f" {times} times" if len(codes) > 1 else ""))
    if seen:
        yield ", ".join(seen)
    reasons = Counter(drop["reason"].strip() for drop in drops if drop["reason"])
    if reasons:
        yield f"reason given: {min(reasons, key=lambda each: (-reasons[each], each))}"


def _lateness(drops: Sequence[Drop]) -> Iterator[str]:
    told = [drop for drop in drops if drop["found_late_s"] is not None]
    if not told:
        return
    late = median(drop["found_late_s"] for drop in told)
    if late <= 1.5:
        yield "both sides noticed at once"
    else:
        first = "station" if _mostly(told, "csms_found_late") else "CSMS"
        other = "CSMS" if first == "station" else "station"
        yield f"the {other} noticed {duration(late)} after the {first}"
