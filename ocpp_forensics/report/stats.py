"""What a diagnosis took: seconds of every stage, and of every signature, slowest first.

Reads: Report. Feeds: `--stats`.
"""

from collections.abc import Iterator, Mapping

from ocpp_forensics.model import Report

__all__ = ["render_stats"]

_STAGES = {
    "definitions": "signatures read and checked",
    "opening": "files and options found",
    "formats": "formats read",
    "detection": "format of each file found",
    "lines": "lines read and given meaning",
    "stations": "stations named",
    "clocks": "clocks set against each other",
    "sessions": "sessions built",
    "signatures": "signatures matched",
    "incidents": "incidents built",
}


def render_stats(report: Report) -> str:
    """The seconds as text."""
    stages = {_STAGES.get(name, name): spent for name, spent in report.seconds.items()}
    return "".join([
        f"{sum(stages.values()):8.3f} s in all\n",
        *_rows(stages),
        f"{sum(report.signature_seconds.values()):8.3f} s for signatures, slowest first\n",
        *_rows(report.signature_seconds),
    ])


def _rows(seconds: Mapping[str, float]) -> Iterator[str]:
    whole = sum(seconds.values()) or 1.0
    for name in sorted(seconds, key=lambda each: -seconds[each]):
        yield f"{seconds[name]:8.3f} s {seconds[name] / whole:6.1%}  {name}\n"
