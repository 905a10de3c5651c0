"""How stations come back, as text: one line for each distinct behaviour.

Reads: Report. Feeds: the details of the text report.
"""

from collections.abc import Iterable, Iterator

from ocpp_forensics.model import ReconnectReport, StationReport
from ocpp_forensics.sentences import count_of, duration

__all__ = ["behaviours"]

_IN_STEP = 0.6
_SPREAD = 0.05
"""Less jitter than this is none."""


def behaviours(stations: Iterable[StationReport]) -> list[tuple[str, tuple[str, ...]]]:
    """Each distinct behaviour in words with its stations, the most common first."""
    found: dict[str, list[str]] = {}
    for station in stations:
        if station.reconnect is not None:
            words = "; ".join(_sentences(station.reconnect))
            if words:
                found.setdefault(words, []).append(station.id)
    ordered = sorted(found.items(), key=lambda each: (-len(each[1]), each[0]))
    return [(words, tuple(names)) for words, names in ordered]


def _sentences(behaviour: ReconnectReport) -> Iterator[str]:
    if behaviour.law is not None:
        yield f"retries {_law(behaviour)}{_jitter(behaviour)}{_step(behaviour)}"
    if behaviour.needless:
        yield "sends BootNotification after a mere reconnect"
    if behaviour.never_came:
        yield f"{count_of(behaviour.never_came, 'transaction message')} never came"
    if behaviour.came_late:
        yield "transaction messages come late, after the reconnect"


def _law(behaviour: ReconnectReport) -> str:
    first = _rounded(behaviour.first_s)
    if behaviour.law == "constant":
        return f"every {first}, without back-off"
    cap = f", up to {_rounded(behaviour.cap_s)}" if behaviour.cap_s else ""
    if behaviour.law == "linear":
        return f"after {first}, {_rounded(behaviour.step_s)} more each time{cap}"
    return f"after {first}, {behaviour.growth or 0:.1f} times as long each time{cap}".replace(
        ".0 times", " times"
    )


def _rounded(seconds: float | None) -> str:
    """Two digits of a length of time, so that stations of one behaviour share one line."""
    return duration(float(f"{seconds or 0:.2g}"))


def _jitter(behaviour: ReconnectReport) -> str:
    share = behaviour.jitter_share or 0.0
    return f", +-{round(share, 1):.0%} jitter" if share >= _SPREAD else ", no jitter"


def _step(behaviour: ReconnectReport) -> str:
    return ", in step with others" if (behaviour.in_step_share or 0.0) >= _IN_STEP else ""
