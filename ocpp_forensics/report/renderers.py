"""The formats of a report by name. A new one is one function and one line here.

Reads: Report. Feeds: the command line.
"""

from collections.abc import Callable, Mapping

from ocpp_forensics.model import Report
from ocpp_forensics.report.json import render_json
from ocpp_forensics.report.page import Look
from ocpp_forensics.report.text import render_text

__all__ = ["RENDERERS"]

RENDERERS: Mapping[str, Callable[[Report, Look], str]] = {
    "text": render_text,
    "json": lambda report, _look: render_json(report),
}
