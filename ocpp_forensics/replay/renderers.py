"""The formats of a replay by name. A new one is one function and one line here.

Reads: Replay. Feeds: the command line.
"""

from collections.abc import Callable, Iterable, Mapping

from ocpp_forensics.replay.json import csv_pieces, json_pieces
from ocpp_forensics.replay.results import Replay
from ocpp_forensics.replay.text import render_text
from ocpp_forensics.report.page import Look

__all__ = ["RENDERERS"]

RENDERERS: Mapping[str, Callable[[Replay, Look], Iterable[str]]] = {
    "text": lambda replay, look: [render_text(replay, look)],
    "json": lambda replay, _look: json_pieces(replay),
    "csv": lambda replay, _look: csv_pieces(replay),
}
