"""The exit code that a report stands for.

Reads: Report. Feeds: the command line.
"""

from ocpp_forensics.dsl.catalogue import SEVERITIES
from ocpp_forensics.model import Report

__all__ = ["FINDING", "INCOMPLETE", "exit_code"]

FINDING, INCOMPLETE = 1, 4


def exit_code(report: Report, fail_on: str) -> int:
    """0; 1 with a finding of severity `fail_on` or worse; 4 where the report is incomplete."""
    bar = SEVERITIES.index(fail_on) if fail_on in SEVERITIES else len(SEVERITIES)
    found = [each.severity for each in report.incidents]
    found += [each.severity for each in report.advice]
    if any(SEVERITIES.index(severity) >= bar for severity in found):
        return FINDING
    return INCOMPLETE if any(each.incomplete for each in report.warnings) else 0
