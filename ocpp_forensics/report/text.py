"""The report for people: one screen that says what to do, then the proof.

Reads: Report. Feeds: `--format text`.
"""

from ocpp_forensics.model import Report
from ocpp_forensics.report.details import add_details
from ocpp_forensics.report.page import Look, Page
from ocpp_forensics.report.screen import add_screen

__all__ = ["render_text"]


def render_text(report: Report, look: Look) -> str:
    """The report as text for a terminal."""
    page = Page(look)
    add_screen(page, report)
    add_details(page, report)
    return page.text()
